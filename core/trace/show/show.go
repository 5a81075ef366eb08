// Package show tells a recording in a terminal: each call with the states around
// it, the bytes it moved with what they are, what the engine noticed, and how it
// ended.
package show

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/stepwire/stepwire/core/py"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// Options says how to tell it.
type Options struct {
	Color bool // with ANSI escapes
	Hex   bool // the bytes in hexadecimal besides
}

// maxShown is how many bytes of one leaf are shown.
const maxShown = 64

// The colours, of which none carries a meaning that the text does not.
const (
	plain  = "\x1b[0m"
	bold   = "\x1b[1m"
	faint  = "\x1b[2m"
	blue   = "\x1b[34m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
)

type printer struct {
	b       bytes.Buffer
	opts    Options
	streams map[string]*recording.Stream
	state   string
}

// Text writes the recording.
func Text(w io.Writer, rec *recording.Recording, opts Options) error {
	p := printer{opts: opts, streams: map[string]*recording.Stream{}}
	for _, s := range rec.Streams() {
		p.streams[key(s.Conn, s.Dir)] = s
	}
	for i := range rec.Events {
		p.event(&rec.Events[i])
	}
	_, err := w.Write(p.b.Bytes())
	return err
}

func key(conn int, dir string) string { return fmt.Sprint(conn, " ", dir) }

func (p *printer) color(c, text string) string {
	if !p.opts.Color {
		return text
	}
	return c + text + plain
}

func (p *printer) line(format string, args ...any) {
	fmt.Fprintf(&p.b, format+"\n", args...)
}

func (p *printer) event(e *recording.Event) {
	if e.Omitted > 0 {
		p.line("    %d more events are not in the log", e.Omitted)
	}
	switch e.Type {
	case "call":
		p.state = e.State
		p.line("%s %s", p.color(bold, e.Name+"("+arguments(e.Args)+")"), p.color(faint, "in "+e.State))
	case "transition":
		var t struct{ From, Input, To string }
		if json.Unmarshal(e.Raw, &t) == nil {
			p.line("  %s: %s → %s", t.Input, t.From, p.color(bold, t.To))
		}
	case "connect":
		switch e.Phase {
		case "start":
			p.line("  connecting to %s port %d", e.Host, e.Port)
		case "open":
			p.line("  connected: transport %d", e.Conn)
		default:
			p.line("  %s", p.color(red, "not connected: "+exception(e.Error)))
		}
	case "send", "recv":
		p.moved(e)
	case "span":
		p.leaf(e)
	case "diagnostic":
		var d struct{ Code, Severity, RFC, Text string }
		if json.Unmarshal(e.Raw, &d) == nil {
			c := yellow
			if d.Severity == "error" {
				c = red
			}
			p.line("  %s %s (RFC %s)", p.color(c, "! "+d.Severity+" "+d.Code+":"), d.Text, d.RFC)
		}
	case "tls-handshake":
		var t struct {
			Phase       string
			Version     string
			CipherSuite string `json:"cipher_suite"`
			ServerName  string `json:"server_name"`
			ALPN        string
		}
		if json.Unmarshal(e.Raw, &t) != nil || t.Phase != "done" {
			break
		}
		if t.Version == "" { // of what was decoded nothing else is known
			p.line("  over TLS")
		} else {
			p.line("  TLS: %s, %s, server name %q, ALPN %q", t.Version, t.CipherSuite, t.ServerName, t.ALPN)
		}
	case "closed":
		p.line("  transport %d closed", e.Conn)
	case "return":
		p.returned(e)
	}
}

// moved tells that bytes went over the transport.
func (p *printer) moved(e *recording.Event) {
	arrow, word, c := "→", "sent", blue
	if e.Type == "recv" {
		arrow, word, c = "←", "received", yellow
	}
	if e.Size > 0 {
		p.line("  %s", p.color(c, fmt.Sprintf("%s %s %d bytes (%d–%d)", arrow, word, e.Size, e.Offset, e.Offset+e.Size-1)))
	}
	if e.Dropped > 0 {
		p.line("    %d of them are not in the log", e.Dropped)
	}
	if e.EOF {
		p.line("  %s", p.color(c, arrow+" end of the stream"))
	}
	if e.Error != nil {
		p.line("  %s", p.color(red, arrow+" "+exception(e.Error)))
	}
}

// leaf shows a range of bytes with its name.
func (p *printer) leaf(e *recording.Event) {
	s := p.streams[key(e.Conn, e.Dir)]
	if s == nil {
		return
	}
	data, complete := s.Slice(e.Start, min(e.End, e.Start+maxShown))
	text := py.ReprBytes(data)
	text = text[2 : len(text)-1]
	if e.Kind == "sp" || e.Kind == "ows" {
		text = strings.ReplaceAll(text, " ", "␠")
	}
	if e.End-e.Start > maxShown {
		text += fmt.Sprintf("… (%d bytes)", e.End-e.Start)
	} else if !complete {
		text += " (not kept)"
	}
	p.line("    %s %-11s %s", p.color(faint, fmt.Sprintf("%04x", e.Start)), e.Kind, text)
	if p.opts.Hex {
		for i := 0; i < len(data); i += 16 {
			p.line("         % x", data[i:min(i+16, len(data))])
		}
	}
}

// returned tells how a call ended.
func (p *printer) returned(e *recording.Event) {
	for line := range strings.Lines(e.Stdout) {
		p.line("  | %s", strings.TrimSuffix(line, "\n"))
	}
	if e.Error != nil {
		p.line("  %s", p.color(red, "raised "+exception(e.Error)))
		return
	}
	if result := summary(e.Result); result != "" {
		p.line("  returned %s", result)
	}
	p.b.WriteByte('\n')
}

func exception(err *recording.Error) string {
	if err == nil {
		return "an error"
	}
	text := err.Name
	if err.Message != "" {
		text += ": " + err.Message
	}
	return text + " (" + err.Party + ")"
}

// summary shows a result: bytes as Python writes them, an object as the log
// does.
func summary(raw json.RawMessage) string {
	var b struct {
		B64  *[]byte `json:"b64"`
		Size int     `json:"size"`
	}
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &b) == nil && b.B64 != nil:
		n := max(b.Size, len(*b.B64))
		if n > maxShown {
			return fmt.Sprintf("%d bytes", n)
		}
		return py.ReprBytes(*b.B64)
	}
	return string(raw)
}

// arguments shows the arguments of a call on one line.
func arguments(raw json.RawMessage) string {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	var parts []string
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			break
		}
		text := string(value)
		if s := summary(value); s != "" && value[0] == '{' {
			text = s
		}
		if len(text) > 200 {
			text = text[:200] + "…"
		}
		parts = append(parts, fmt.Sprint(name, "=", text))
	}
	return strings.Join(parts, ", ")
}
