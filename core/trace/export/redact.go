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
	const text = "the recording holds a field %s, which a %s keeps as it is; ask for secrets to have it written all the same"
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Type == "span" && e.Kind == "name" && Secret(e.Value) {
			return fmt.Errorf(text, e.Value, format)
		}
	}
	for _, s := range rec.Streams() {
		if s.Dir == "sent" && cutSecrets(rec, s.Conn) != nil {
			return fmt.Errorf(text, "sent by hand in several pieces, such as Authorization or Cookie", format)
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

// mask overwrites, in the bytes of a stream from offset base on, the values of
// secret fields.
func (o Options) mask(rec *recording.Recording, conn int, dir string, base int64, data []byte) []byte {
	if o.Secrets {
		return data
	}
	masked := data
	hide := func(start, end int64) {
		from, to := max(start-base, 0), min(end-base, int64(len(data)))
		if from < to && &masked[0] == &data[0] {
			masked = bytes.Clone(data)
		}
		for j := from; j < to; j++ {
			masked[j] = '*'
		}
	}
	if dir == "sent" {
		for _, r := range cutSecrets(rec, conn) {
			hide(r[0], r[1])
		}
	}
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
		if hidden != "" {
			hide(e.Start, e.End)
		}
	}
	return masked
}

// content gives a request's content; in what was sent by hand, secrets are
// overwritten.
func (o Options) content(rec *recording.Recording, x *recording.Exchange) []byte {
	if o.Secrets || cutSecrets(rec, x.Conn) == nil {
		return x.Request.Content
	}
	content := []byte{}
	for _, s := range rec.Streams() {
		if s.Conn != x.Conn || s.Dir != "sent" {
			continue
		}
		for i := range rec.Events {
			e := &rec.Events[i]
			if e.Type == "span" && e.Exchange == x.Number && e.Dir == "sent" && (e.Kind == "body" || e.Kind == "chunk-data" || e.Kind == "raw") {
				data, _ := s.Slice(e.Start, e.End) // each of one send, whose end may not have been kept
				content = append(content, o.mask(rec, x.Conn, "sent", e.Start, data)...)
			}
		}
	}
	return content
}
