package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stepwire/stepwire/core/trace/recording"
)

// Curl writes each exchange as a curl command for a POSIX shell that sends the
// same request: the headers that curl adds by itself are turned off unless they
// were sent.
func Curl(w io.Writer, rec *recording.Recording, opts Options) error {
	var b strings.Builder
	for _, x := range rec.Exchanges() {
		if x.Request.Method == "" {
			continue
		}
		if x.Request.Partial {
			return fmt.Errorf("export: the log kept only a part of the body of request %d; record with a larger limit", x.Number)
		}
		if byHand(rec, x) {
			return fmt.Errorf("export: request %d has a form that curl does not write; export Python or the raw bytes instead", x.Number)
		}
		opts.curl(&b, rec, x)
	}
	if b.Len() == 0 {
		return errors.New("export: no request was sent in this recording")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// byHand reports a request that the caller wrote byte by byte, and not as the
// standard has it.
func byHand(rec *recording.Recording, x *recording.Exchange) bool {
	for i := range rec.Events {
		e := &rec.Events[i]
		if e.Exchange != x.Number || e.Dir != "sent" {
			continue
		}
		var d struct{ Severity string }
		if e.Type == "diagnostic" && json.Unmarshal(e.Raw, &d) == nil && d.Severity == "error" {
			return true
		}
	}
	return false
}

func (o Options) curl(b *strings.Builder, rec *recording.Recording, x *recording.Exchange) {
	m := &x.Request
	if m.Length > 0 {
		b.WriteString(printf(o.content(rec, x)) + " | ")
	}
	b.WriteString("curl --http1.1 --raw --globoff --path-as-is")
	switch {
	case m.Method == "HEAD" && m.Length == 0:
		b.WriteString(" --head")
	case m.Method != "GET" || m.Length > 0:
		b.WriteString(" --request " + quote(m.Method))
	}
	if m.Length > 0 {
		b.WriteString(" --data-binary @-")
	}
	if strings.HasPrefix(m.Target, "/") {
		// curl would rewrite some targets; this one is sent as it was.
		if strings.ContainsAny(m.Target, "#\\[]{}|^`<>\"") {
			b.WriteString(" --request-target " + quote(m.Target))
		}
	} else {
		b.WriteString(" --request-target " + quote(m.Target))
	}
	has := map[string]bool{}
	for _, f := range m.Fields {
		has[strings.ToLower(f.Name)] = true
		v := o.value(f)
		switch {
		case v == "": // a colon would remove the header
			b.WriteString(" \\\n  --header " + quote(f.Name+";"))
		default:
			b.WriteString(" \\\n  --header " + quote(f.Name+": "+v))
		}
	}
	automatic := []string{"Host", "User-Agent", "Accept"}
	if m.Length > 0 {
		automatic = append(automatic, "Content-Type", "Content-Length", "Expect")
	}
	for _, name := range automatic {
		if !has[strings.ToLower(name)] {
			b.WriteString(" \\\n  --header " + quote(name+":"))
		}
	}
	b.WriteString(" \\\n  " + quote(o.curlURL(x)) + "\n")
}

// curlURL is where to connect, which a Host header may not tell.
func (o Options) curlURL(x *recording.Exchange) string {
	scheme := "http"
	if x.TLS {
		scheme = "https"
	}
	host := x.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	target := x.Request.Target
	if !strings.HasPrefix(target, "/") {
		target = "/"
	}
	return fmt.Sprintf("%s://%s:%d%s", scheme, host, x.Port, target)
}

// quote makes a word of a POSIX shell.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// printf writes bytes by the shell's own printf, in octal where they are not
// plain.
func printf(data []byte) string {
	var b strings.Builder
	b.WriteString("printf '")
	for _, c := range data {
		switch {
		case c == '%':
			b.WriteString("%%")
		case c == '\\' || c == '\'' || c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}
