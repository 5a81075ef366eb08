// Package permalink packs a conversation, a step in it and a range of bytes into
// the fragment of a page's address, and unpacks it from there.
//
// The fragment is "#v1." and the base64url, without padding, of a raw DEFLATE
// stream of a JSON object: see [Link]. It never leaves the browser by itself,
// and opening one never sends anything. Secrets and bodies are left out unless
// asked for. A fragment is hostile input: its sizes are capped, and unknown
// members are refused.
package permalink

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stepwire/stepwire/core/trace/export"
	"github.com/stepwire/stepwire/core/trace/recording"
)

const (
	// Prefix begins the fragment of this version.
	Prefix = "#v1."
	// MaxFragment is how long a fragment may be to be opened, in bytes.
	MaxFragment = 64 << 10
	// MaxInflated is how large its JSON may be, in bytes.
	MaxInflated = 1 << 20
	// Comfortable is how long a fragment may be to be passed on as a link, in
	// bytes; beyond it a file serves better.
	Comfortable = 8 << 10
	// MaxCalls is how many calls a link may hold.
	MaxCalls = 1000
)

// Link is what a permalink holds.
type Link struct {
	Title string   `json:"title,omitempty"`
	Host  string   `json:"host,omitempty"`
	Port  *int     `json:"port,omitempty"`
	TLS   bool     `json:"tls,omitempty"`
	Demo  string   `json:"demo,omitempty"` // id of a demonstration; without a host, of the server beside the page
	Line  *Line    `json:"line,omitempty"` // to a server in the page
	Calls []Call   `json:"calls,omitempty"`
	Step  int      `json:"step,omitempty"` // calls made at the moment shown
	Range *Range   `json:"range,omitempty"`
	Left  []string `json:"left,omitempty"` // what was left out: "secrets", "bodies"
}

// Line is what befalls the bytes that a server in the page sends, on each of its
// connections; zero and nil: nothing.
type Line struct {
	PieceSize  int64  `json:"pieceSize,omitempty"`  // bytes that arrive together at most
	PauseMs    int64  `json:"pauseMs,omitempty"`    // before each piece, milliseconds
	CutAfter   *int64 `json:"cutAfter,omitempty"`   // bytes after which the connection ends,
	ResetAfter *int64 `json:"resetAfter,omitempty"` // or is reset
	SpoilAt    int64  `json:"spoilAt,omitempty"`    // offset of the first byte to flip a bit of
	SpoilSize  int64  `json:"spoilSize,omitempty"`  // and how many there are
}

// Call is a call under its Python name, its arguments as in the event log.
type Call struct {
	Name string          `json:"name"`
	Args json.RawMessage `json:"args,omitempty"`
}

// Range is a range of bytes of one transport, half-open.
type Range struct {
	Conn  int    `json:"conn"`
	Dir   string `json:"dir"` // "sent" or "received"
	Start int64  `json:"start"`
	End   int64  `json:"end"`
}

// Encode packs a link into a fragment.
func Encode(l *Link) (string, error) {
	if err := l.check(); err != nil {
		return "", err
	}
	data, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	if len(data) > MaxInflated {
		return "", fmt.Errorf("permalink: %d bytes of JSON, at most %d fit", len(data), MaxInflated)
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(data); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	fragment := Prefix + base64.RawURLEncoding.EncodeToString(b.Bytes())
	if len(fragment) > MaxFragment {
		return "", fmt.Errorf("permalink: %d bytes, at most %d can be opened; save a file instead", len(fragment), MaxFragment)
	}
	return fragment, nil
}

// Decode unpacks a fragment, with or without its number sign.
func Decode(fragment string) (*Link, error) {
	if len(fragment) > MaxFragment {
		return nil, fmt.Errorf("permalink: %d bytes, expected at most %d", len(fragment), MaxFragment)
	}
	text := strings.TrimPrefix(fragment, "#")
	packed, ok := strings.CutPrefix(text, Prefix[1:])
	if !ok {
		version, _, _ := strings.Cut(text, ".")
		return nil, fmt.Errorf("permalink: begins with %.12q; this program reads %q", version, Prefix)
	}
	compressed, err := base64.RawURLEncoding.DecodeString(packed)
	if err != nil {
		return nil, fmt.Errorf("permalink: not base64url: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(compressed)), MaxInflated+1))
	if err != nil {
		return nil, fmt.Errorf("permalink: not a DEFLATE stream, or a cut one: %w", err)
	}
	if len(data) > MaxInflated {
		return nil, fmt.Errorf("permalink: inflates to more than %d bytes", MaxInflated)
	}
	var l Link
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return nil, fmt.Errorf("permalink: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("permalink: more than one JSON value")
	}
	return &l, l.check()
}

// check holds a link to its limits.
func (l *Link) check() error {
	switch {
	case len(l.Calls) > MaxCalls:
		return fmt.Errorf("permalink: %d calls, at most %d fit", len(l.Calls), MaxCalls)
	case l.Step < 0 || l.Step > len(l.Calls):
		return fmt.Errorf("permalink: step %d of %d", l.Step, len(l.Calls))
	case l.Port != nil && (*l.Port < 0 || *l.Port > 65535):
		return fmt.Errorf("permalink: port %d, expected 0 to 65535", *l.Port)
	}
	for i, c := range l.Calls {
		if c.Name == "" {
			return fmt.Errorf("permalink: call %d has no name", i)
		}
	}
	if r := l.Range; r != nil {
		if r.Dir != "sent" && r.Dir != "received" || r.Conn < 1 || r.Start < 0 || r.End < r.Start {
			return fmt.Errorf("permalink: there is no range %d–%d of the bytes %q on transport %d", r.Start, r.End, r.Dir, r.Conn)
		}
	}
	if l.Line != nil {
		return l.Line.check()
	}
	return nil
}

// check refuses numbers that a page could not act on, in a link made by hand.
func (l *Line) check() error {
	for _, n := range []struct {
		name  string
		value *int64
		most  int64
	}{
		{"pieceSize", &l.PieceSize, 1 << 20}, {"pauseMs", &l.PauseMs, 60_000},
		{"cutAfter", l.CutAfter, 1 << 40}, {"resetAfter", l.ResetAfter, 1 << 40},
		{"spoilAt", &l.SpoilAt, 1 << 40}, {"spoilSize", &l.SpoilSize, 1 << 40},
	} {
		if n.value != nil && (*n.value < 0 || *n.value > n.most) {
			return fmt.Errorf("permalink: line.%s %d, expected 0 to %d", n.name, *n.value, n.most)
		}
	}
	if l.CutAfter != nil && l.ResetAfter != nil {
		return errors.New("permalink: line has both cutAfter and resetAfter; a connection ends once")
	}
	return nil
}

// Options says what a link of a recording keeps.
type Options struct {
	Secrets bool // the values of Authorization, Cookie, Set-Cookie and Proxy-Authorization
	Bodies  bool // the bodies of requests
}

// FromRecording makes a link to the end of a recording's conversation.
func FromRecording(rec *recording.Recording, opts Options) (*Link, error) {
	l := &Link{}
	left := map[string]bool{}
	var lines export.SecretLines
	for i := range rec.Events {
		e := &rec.Events[i]
		switch {
		case e.Type == "connect" && l.Host == "":
			port := e.Port
			l.Host, l.Port = e.Host, &port
		case strings.HasPrefix(e.Type, "tls"):
			l.TLS = true
		case e.Type == "call":
			lines.Called(e.Name)
			args, err := opts.args(e.Name, e.Args, &lines, left)
			if err != nil {
				return nil, fmt.Errorf("permalink: event %d: %w", i, err)
			}
			l.Calls = append(l.Calls, Call{e.Name, args})
		}
	}
	l.Step = len(l.Calls)
	for _, what := range []string{"secrets", "bodies"} {
		if left[what] {
			l.Left = append(l.Left, what)
		}
	}
	return l, l.check()
}

// args leaves out of a call's arguments what a link must not carry; lines is what
// was sent by hand before.
func (o Options) args(name string, raw json.RawMessage, lines *export.SecretLines, left map[string]bool) (json.RawMessage, error) {
	var args map[string]json.RawMessage
	if err := json.Unmarshal(raw, &args); err != nil {
		return nil, err
	}
	if !o.Bodies {
		for _, body := range []string{"body", "message_body", "data"} {
			if _, ok := args[body]; ok {
				left["bodies"] = true
				delete(args, body)
			}
		}
	}
	if !o.Secrets {
		if data, ok := args["data"]; ok && name == "send" {
			if redacted, found := redactSent(data, lines); found {
				left["secrets"] = true
				args["data"] = redacted
			}
		}
		var header string
		json.Unmarshal(args["header"], &header) // absent in other calls
		if name == "putheader" && export.Secret(header) {
			left["secrets"] = true
			args["values"] = json.RawMessage(`["` + export.Redacted + `"]`)
		}
		var headers [][2]json.RawMessage
		if raw, ok := args["headers"]; ok {
			if err := json.Unmarshal(raw, &headers); err != nil {
				return nil, err
			}
			for i := range headers {
				var name string
				if err := json.Unmarshal(headers[i][0], &name); err != nil {
					return nil, err
				}
				if export.Secret(name) {
					left["secrets"] = true
					headers[i][1] = json.RawMessage(`"` + export.Redacted + `"`)
				}
			}
			packed, err := json.Marshal(headers)
			if err != nil {
				return nil, err
			}
			args["headers"] = packed
		}
	}
	if len(args) == 0 {
		return nil, nil
	}
	return json.Marshal(args)
}

// redactSent leaves secret values out of the bytes, or the list of bytes, that a
// send was given; a file's content is not in its arguments.
func redactSent(data json.RawMessage, lines *export.SecretLines) (redacted json.RawMessage, found bool) {
	type piece struct {
		B64 []byte `json:"b64"`
	}
	var sent struct {
		piece
		Iterable []piece `json:"iterable"`
	}
	if json.Unmarshal(data, &sent) != nil {
		return data, false
	}
	sent.B64, found = lines.Redact(sent.B64)
	for i := range sent.Iterable {
		hidden := false
		sent.Iterable[i].B64, hidden = lines.Redact(sent.Iterable[i].B64)
		found = found || hidden
	}
	switch {
	case !found:
		return data, false
	case sent.Iterable != nil:
		redacted, _ = json.Marshal(struct {
			Iterable []piece `json:"iterable"`
		}{sent.Iterable})
	default:
		redacted, _ = json.Marshal(sent.piece)
	}
	return redacted, true
}
