package export

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/stepwire/stepwire/core/trace/recording"
)

// Options says how to export.
type Options struct {
	// Secrets keeps the values of Authorization, Cookie, Set-Cookie and
	// Proxy-Authorization, and writes the keys of TLS sessions.
	Secrets bool
}

// Redacted stands for a value that was left out.
const Redacted = "REDACTED"

// Secret reports a field whose value is left out.
func Secret(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	return false
}

// Unchanged refuses a format that keeps every byte as it was, where there are
// secrets among them and they were not asked for.
func (o Options) Unchanged(rec *recording.Recording, format string) error {
	if o.Secrets {
		return nil
	}
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Type == "span" && e.Kind == "name" && Secret(e.Value) {
			return fmt.Errorf("the recording holds a field %s, which a %s keeps as it is; ask for secrets to have it written all the same", e.Value, format)
		}
	}
	return nil
}

// value gives the value to show for a field.
func (o Options) value(f recording.Field) string {
	if !o.Secrets && Secret(f.Name) {
		return Redacted
	}
	return f.Value
}

// RedactLines gives bytes that a caller sends on its own without the values of
// secret fields: those of whole lines, wherever they stand.
func RedactLines(data []byte) (redacted []byte, found bool) {
	var out []byte
	for line := range bytes.SplitAfterSeq(data, []byte("\n")) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !Secret(string(bytes.TrimRight(name, " \t"))) {
			out = append(out, line...)
			continue
		}
		found = true
		end := value[len(bytes.TrimRight(value, "\r\n")):]
		out = append(append(append(append(out, name...), ": "...), Redacted...), end...)
	}
	return out, found
}

// mask overwrites, in the bytes of a stream from offset base on, the values of
// secret fields.
func (o Options) mask(rec *recording.Recording, conn int, dir string, base int64, data []byte) []byte {
	if o.Secrets {
		return data
	}
	masked := data
	hidden := ""
	for i := range rec.Events {
		e := &rec.Events[i]
		if e.Type != "span" || e.Conn != conn || e.Dir != dir {
			continue
		}
		switch e.Kind {
		case "name":
			hidden = ""
			if Secret(e.Value) {
				hidden = e.Value
			}
			continue
		case "value":
		default:
			continue
		}
		from, to := max(e.Start-base, 0), min(e.End-base, int64(len(data)))
		if hidden == "" || from >= to {
			continue
		}
		if &masked[0] == &data[0] {
			masked = bytes.Clone(data)
		}
		for j := from; j < to; j++ {
			masked[j] = '*'
		}
	}
	return masked
}
