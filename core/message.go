package core

import (
	"iter"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// HeaderField is one name and value pair, as Python's (name, value) tuple.
type HeaderField = h1.Field

// Defect is something the header parser noticed, under the name of Python's
// class in email.errors.
type Defect = h1.Defect

// HTTPMessage is a header block, and the text after it if there was any. Order,
// case and duplicates of the fields are kept; names match in any case. The
// zero value is an empty message. Python: HTTPMessage (an email.message.Message
// under the compat32 policy).
type HTTPMessage struct {
	// Defects lists what the parser noticed, in Python's order.
	// Python: defects
	Defects []Defect

	fields      []HeaderField
	unixFrom    string
	defaultType string // empty: text/plain
	payload     string
	hasPayload  bool
	parts       []*HTTPMessage // of a message/* or multipart/* payload
}

// NewHTTPMessage makes an empty message. Python: HTTPMessage
func NewHTTPMessage() *HTTPMessage { return &HTTPMessage{} }

// Len is the number of fields, duplicates included. Python: __len__
func (m *HTTPMessage) Len() int { return len(m.fields) }

// index finds the first field of that name from i on, or -1.
func (m *HTTPMessage) index(name string, i int) int {
	for ; i < len(m.fields); i++ {
		if sameName(m.fields[i].Name, name) {
			return i
		}
	}
	return -1
}

// sameName compares names as Python does, by their lower case.
func sameName(a, b string) bool {
	if a == b {
		return true
	}
	if py.IsASCII(a) && py.IsASCII(b) {
		if len(a) != len(b) {
			return false
		}
		for i := range len(a) {
			x, y := a[i], b[i]
			if x != y && (x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z') {
				return false
			}
		}
		return true
	}
	return py.Lower(a) == py.Lower(b)
}

// Get is the value of the first field of that name; ok is false without one,
// where Python gives None or the default. Python: get, __getitem__
func (m *HTTPMessage) Get(name string) (value string, ok bool) {
	if i := m.index(name, 0); i >= 0 {
		return m.fields[i].Value, true
	}
	return "", false
}

// GetAll lists the values of every field of that name, nil without one.
// Python: get_all
func (m *HTTPMessage) GetAll(name string) []string {
	var values []string
	for i := m.index(name, 0); i >= 0; i = m.index(name, i+1) {
		values = append(values, m.fields[i].Value)
	}
	return values
}

// Contains reports whether there is a field of that name. Python: __contains__
func (m *HTTPMessage) Contains(name string) bool { return m.index(name, 0) >= 0 }

// Keys lists the names in order, duplicates included. Python: keys
func (m *HTTPMessage) Keys() []string {
	names := make([]string, len(m.fields))
	for i := range m.fields {
		names[i] = m.fields[i].Name
	}
	return names
}

// Values lists the values in order. Python: values
func (m *HTTPMessage) Values() []string {
	values := make([]string, len(m.fields))
	for i := range m.fields {
		values[i] = m.fields[i].Value
	}
	return values
}

// Items lists the fields in order. Python: items, raw_items
func (m *HTTPMessage) Items() []HeaderField {
	return append(make([]HeaderField, 0, len(m.fields)), m.fields...)
}

// All ranges over the fields in order. Python: __iter__ (which gives names
// alone)
func (m *HTTPMessage) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := range m.fields {
			if !yield(m.fields[i].Name, m.fields[i].Value) {
				return
			}
		}
	}
}

// Set appends a field; it does not replace one of the same name.
// Python: __setitem__, set_raw
func (m *HTTPMessage) Set(name, value string) {
	m.fields = append(m.fields, HeaderField{Name: name, Value: value})
}

// Delete removes every field of that name; there need not be one.
// Python: __delitem__
func (m *HTTPMessage) Delete(name string) {
	var kept []HeaderField
	for _, f := range m.fields {
		if !sameName(f.Name, name) {
			kept = append(kept, f)
		}
	}
	m.fields = kept
}

// ReplaceHeader changes the value of the first field of that name, whose place
// and case stay. Without one it fails with KeyError. Python: replace_header
func (m *HTTPMessage) ReplaceHeader(name, value string) error {
	i := m.index(name, 0)
	if i < 0 {
		return h1.Raise(h1.ErrKeyError, py.Repr(py.Lower(name)))
	}
	m.fields[i].Value = value
	return nil
}

// GetAllMatchingHeaders lists the names that begin with name and a colon, and
// the indented ones after them. Names hold no colon in a parsed message, so it
// gives nothing there; Python's is the same. Python: getallmatchingheaders
func (m *HTTPMessage) GetAllMatchingHeaders(name string) []string {
	prefix := py.Lower(name) + ":"
	n := py.Len(prefix)
	lines := []string{}
	hit := false
	for _, f := range m.fields {
		switch line := f.Name; {
		case py.Lower(py.Prefix(line, n)) == prefix:
			hit = true
		case line == "" || py.LStrip(line) == line:
			hit = false
		}
		if hit {
			lines = append(lines, f.Name)
		}
	}
	return lines
}

// SetUnixFrom stores the "From " line that stands before the fields; an empty
// one is none. Python: set_unixfrom
func (m *HTTPMessage) SetUnixFrom(line string) { m.unixFrom = line }

// GetUnixFrom is the "From " line before the fields, if there was one.
// Python: get_unixfrom
func (m *HTTPMessage) GetUnixFrom() (line string, ok bool) { return m.unixFrom, m.unixFrom != "" }

// SetPayload makes text the payload. Python: set_payload
func (m *HTTPMessage) SetPayload(text string) { m.payload, m.hasPayload, m.parts = text, true, nil }

// GetPayload is the text after the fields, which for a response is what the
// header parser could not take for a field, most often nothing. ok is false
// when there is no text: a new message, or one made of parts.
// Python: get_payload
func (m *HTTPMessage) GetPayload() (text string, ok bool) { return m.payload, m.hasPayload }

// Attach adds a part; a text payload is in the way and gives TypeError.
// Python: attach
func (m *HTTPMessage) Attach(part *HTTPMessage) error {
	if m.hasPayload {
		return h1.Raise(h1.ErrTypeError, "Attach is not valid on a message with a non-multipart payload")
	}
	m.parts = append(m.parts, part)
	return nil
}

// Parts lists the messages inside this one. Python: get_payload of a message
// for which is_multipart is true
func (m *HTTPMessage) Parts() []*HTTPMessage { return append([]*HTTPMessage(nil), m.parts...) }

// IsMultipart reports whether the message is made of parts, as it is after
// Content-Type: message/http. Python: is_multipart
func (m *HTTPMessage) IsMultipart() bool { return len(m.parts) > 0 }

// Walk gives the message and every part inside it, depth first. Python: walk
func (m *HTTPMessage) Walk() iter.Seq[*HTTPMessage] {
	return func(yield func(*HTTPMessage) bool) { m.walk(yield) }
}

func (m *HTTPMessage) walk(yield func(*HTTPMessage) bool) bool {
	if !yield(m) {
		return false
	}
	for _, part := range m.parts {
		if !part.walk(yield) {
			return false
		}
	}
	return true
}
