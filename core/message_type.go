package core

import (
	"strings"

	"github.com/stepwire/stepwire/core/py"
)

// beforeParams is the value before the parameters, in lower case.
func beforeParams(value string) string {
	value, _, _ = strings.Cut(value, ";")
	return py.Lower(py.Strip(value))
}

// GetContentType is the media type in lower case without its parameters: the
// default type without a Content-Type, text/plain when it has not one slash.
// Python: get_content_type
func (m *HTTPMessage) GetContentType() string {
	value, ok := m.Get("content-type")
	if !ok {
		return m.GetDefaultType()
	}
	ctype := beforeParams(value)
	if strings.Count(ctype, "/") != 1 {
		return "text/plain"
	}
	return ctype
}

// GetContentMaintype is the part of the type before the slash.
// Python: get_content_maintype
func (m *HTTPMessage) GetContentMaintype() string {
	main, _, _ := strings.Cut(m.GetContentType(), "/")
	return main
}

// GetContentSubtype is the part of the type after the slash. Python's fails
// with IndexError for a default type without one; this gives an empty string.
// Python: get_content_subtype
func (m *HTTPMessage) GetContentSubtype() string {
	_, sub, _ := strings.Cut(m.GetContentType(), "/")
	sub, _, _ = strings.Cut(sub, "/")
	return sub
}

// GetDefaultType is the type of a message without a Content-Type.
// Python: get_default_type
func (m *HTTPMessage) GetDefaultType() string {
	if m.defaultType == "" {
		return "text/plain"
	}
	return m.defaultType
}

// SetDefaultType changes the default type; empty is text/plain.
// Python: set_default_type
func (m *HTTPMessage) SetDefaultType(ctype string) { m.defaultType = ctype }

// GetContentCharset is the charset parameter of Content-Type in lower case, if
// it is there and ASCII. Python: get_content_charset
func (m *HTTPMessage) GetContentCharset() (charset string, ok bool) {
	v, ok := m.GetParam("charset", nil)
	if !ok {
		return "", false
	}
	text := v.Value
	if v.Extended {
		name := v.Charset
		if name == "" {
			name = "us-ascii"
		}
		if decoded, err := decodeCharset(rawUnicodeEscape(text), name, false); err == nil {
			text = decoded
		}
	}
	if !py.IsASCII(text) {
		return "", false
	}
	return py.Lower(text), true
}

// GetCharsets lists the character set of the message and of each part inside
// it, empty for those without one. Python: get_charsets
func (m *HTTPMessage) GetCharsets() []string {
	var list []string
	for part := range m.Walk() {
		charset, _ := part.GetContentCharset()
		list = append(list, charset)
	}
	return list
}

// GetBoundary is the boundary parameter of Content-Type. Python: get_boundary
func (m *HTTPMessage) GetBoundary() (boundary string, ok bool) {
	v, ok := m.GetParam("boundary", nil)
	return py.RStrip(v.collapse()), ok
}

// SetBoundary sets the boundary parameter in its place in Content-Type; without
// that field it is a HeaderParseError. Python: set_boundary
func (m *HTTPMessage) SetBoundary(boundary string) error {
	params, ok := m.rawParams("content-type")
	if !ok {
		return &HeaderParseError{"No Content-Type header found"}
	}
	quoted := PlainParam(`"` + boundary + `"`)
	found := false
	for i := range params {
		if sameName(params[i].Name, "boundary") {
			params[i] = Param{Name: "boundary", Value: quoted}
			found = true
		}
	}
	if !found {
		params = append(params, Param{Name: "boundary", Value: quoted})
	}
	var parts []string
	for _, p := range params {
		switch v := p.Value; {
		case v.Extended:
			parts = append(parts, p.Name+"="+v.repr())
		case v.Value == "":
			parts = append(parts, p.Name)
		default:
			parts = append(parts, p.Name+"="+v.Value)
		}
	}
	value := strings.Join(parts, "; ")
	for i := range m.fields {
		if sameName(m.fields[i].Name, "content-type") {
			m.fields[i].Value = value
		}
	}
	return nil
}

// repr is how Python writes the tuple, which set_boundary puts in the field.
func (v ParamValue) repr() string {
	labels := py.Repr(v.Charset) + ", " + py.Repr(v.Language)
	if v.Unlabelled {
		labels = "None, None"
	}
	return "(" + labels + ", " + py.Repr(v.Value) + ")"
}

// GetFilename is the filename parameter of Content-Disposition, or else the
// name parameter of Content-Type. Python: get_filename
func (m *HTTPMessage) GetFilename() (name string, ok bool) {
	v, ok := m.GetParam("filename", &ParamOptions{Header: "content-disposition"})
	if !ok {
		v, ok = m.GetParam("name", nil)
	}
	return py.Strip(v.collapse()), ok
}

// GetContentDisposition is the value of Content-Disposition in lower case
// without its parameters. Python: get_content_disposition
func (m *HTTPMessage) GetContentDisposition() (disposition string, ok bool) {
	value, ok := m.Get("content-disposition")
	return beforeParams(value), ok
}

// HeaderParseError refuses a header operation.
// Python: email.errors.HeaderParseError
type HeaderParseError struct{ Message string }

func (e *HeaderParseError) Error() string { return e.Message }

// Classes names the exception class and its ancestors up to and excluding
// Exception.
func (e *HeaderParseError) Classes() []string {
	return []string{"HeaderParseError", "MessageParseError", "MessageError"}
}
