// Package scenario performs conversations written down as data: what a scripted
// peer does, what the client is asked to do, and what CPython's http.client
// observed while doing it. One document runs the same over TCP, inside a page
// and through a relay, and tells the same observations.
package scenario

import (
	"errors"
	"strings"
)

// Version is the format's version, the only one there is.
const Version = 1

// A Doc is one valid scenario document.
type Doc struct {
	Name   string // unique, kebab-case
	About  string // one sentence: what the case teaches
	Peer   []Script
	Client []Step
	Expect *Expect // nil when nothing was recorded

	source Object
}

// A Script is what the peer does on one accepted connection.
type Script []Action

// An Action is one thing the scripted peer does.
type Action struct {
	Kind   string // "recv_head", "recv_until", "recv_n", "send", "sleep_ms", "shutdown_write", "close", "reset", "stop_listening" or "tls"
	Bytes  []byte // of recv_until and send
	N      int    // of recv_n (bytes) and sleep_ms (milliseconds)
	Repeat int    // of send: how often
	Text   string // of tls: the certificate's file name
}

// A Step is one call made on the client.
type Step struct {
	Call     string
	Args     Object
	Response int // index of the response it acts on; -1 the newest
}

// An Expect is what was recorded: an observation per step, the bytes the peer
// got on each connection, and who was observed.
type Expect struct {
	Steps    []Value
	Received []Value
	Oracle   string
}

// Parse reads and checks a scenario document. Its errors name the place.
func Parse(data []byte) (*Doc, error) {
	value, err := ParseValue(data)
	if err != nil {
		return nil, err
	}
	return check(value)
}

// FromValue checks a document that is a JSON value already.
func FromValue(value Value) (*Doc, error) { return check(value) }

// ParseSteps reads a driver's answer, {"steps": [observation, …]}.
func ParseSteps(data []byte) ([]Value, error) {
	value, err := ParseValue(data)
	if err != nil {
		return nil, err
	}
	object, _ := value.(Object)
	steps, _ := object.Get("steps")
	list, ok := steps.([]Value)
	if !ok {
		return nil, errors.New(`expected one JSON object {"steps": [ … ]}, got ` + shown(value))
	}
	for _, step := range list {
		if _, ok := step.(Object); !ok {
			return nil, errors.New("expected an observation, got " + shown(step))
		}
	}
	return list, nil
}

// UsesTLS reports whether the client or the peer of the scenario speaks TLS.
func (d *Doc) UsesTLS() bool {
	for _, step := range d.Client {
		if step.Call == "HTTPSConnection" {
			return true
		}
	}
	for _, script := range d.Peer {
		for _, action := range script {
			if action.Kind == "tls" {
				return true
			}
		}
	}
	return false
}

// Append appends the document in canonical form: pretty JSON in a fixed key
// order, in which whatever fits on a line stays on one.
func (d *Doc) Append(dst []byte) []byte {
	var ordered Object
	for _, name := range documentKeys {
		if value, ok := d.source.Get(name); ok && (name != "expect" || d.Expect != nil) {
			ordered = append(ordered, Member{name, value})
		}
	}
	return append(appendPretty(dst, ordered, "", 0), '\n')
}

const lineWidth = 110

// appendPretty appends value, which starts at column used of a line so indented.
func appendPretty(dst []byte, value Value, indent string, used int) []byte {
	flat := appendSpaced(nil, value, " ", " ")
	var labels []string
	var items []Value
	brackets := "[]"
	switch value := value.(type) {
	case []Value:
		items = value
		labels = make([]string, len(items))
	case Object:
		brackets = "{}"
		for _, member := range value {
			items = append(items, member.Value)
			labels = append(labels, string(appendString(nil, member.Name))+": ")
		}
	}
	if len(items) == 0 || indent != "" && used+len(flat) <= lineWidth {
		return append(dst, flat...)
	}
	inner := indent + "  "
	dst = append(dst, brackets[0])
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '\n'), inner...), labels[i]...)
		dst = appendPretty(dst, item, inner, len(inner)+len(labels[i]))
	}
	return append(append(append(dst, '\n'), indent...), brackets[1])
}

// shown is a value as it appears in an error: its JSON, cut at 60 characters.
func shown(v Value) string {
	text := string(appendSpaced(nil, v, " ", " "))
	if len(text) > 60 {
		return text[:57] + "..."
	}
	return text
}

func quoted(names []string) string {
	return "'" + strings.Join(names, "', '") + "'"
}
