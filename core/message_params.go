package core

import (
	"strings"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// ParamValue is the value of a header parameter. One written by the rules of
// RFC 2231 carries its character set and language: Python gives a tuple then.
type ParamValue struct {
	Value string
	// Extended marks an RFC 2231 value: Python's (charset, language, value).
	Extended bool
	// Charset and Language are its first two parts.
	Charset, Language string
	// Unlabelled marks an extended value that named neither: both None.
	Unlabelled bool
}

// PlainParam is an ordinary parameter value.
func PlainParam(value string) ParamValue { return ParamValue{Value: value} }

// ExtendedParam is a value to be written by RFC 2231. charset is US-ASCII,
// ISO-8859-1 or UTF-8 by any of Python's names for it.
func ExtendedParam(charset, language, value string) ParamValue {
	return ParamValue{Value: value, Extended: true, Charset: charset, Language: language}
}

// Param is one parameter of a header value. The first that GetParams gives is
// the value before the parameters, with an empty Value.
type Param struct {
	Name  string
	Value ParamValue
	// Bare leaves out the value: Python's None in add_header.
	Bare bool
}

// ParamOptions are the keyword arguments of the parameter calls; a nil pointer
// is all defaults.
type ParamOptions struct {
	// Header is the field to use. Empty: Content-Type. Python: header
	Header string
	// KeepQuotes leaves quotes as they are. Python: unquote=False, requote=False
	KeepQuotes bool
	// Charset and Language, if Charset is not empty, make set_param write the
	// value by RFC 2231. Python: charset, language
	Charset, Language string
	// Replace changes the field in its place. Python: replace
	Replace bool
}

func (o *ParamOptions) header(def string) string {
	if o == nil || o.Header == "" {
		return def
	}
	return o.Header
}

func (o *ParamOptions) quotes() bool { return o == nil || !o.KeepQuotes }

// AddHeader appends a field whose value is value and the parameters, with the
// underscores of their names turned into hyphens. A parameter that is not ASCII
// is written by RFC 2231, as UTF-8 unless it is an [ExtendedParam], which fails
// when its character set is unknown or cannot hold it. Python: add_header
func (m *HTTPMessage) AddHeader(name, value string, params ...Param) error {
	parts := []string{value}
	for _, p := range params {
		key := strings.ReplaceAll(p.Name, "_", "-")
		if p.Bare {
			parts = append(parts, key)
			continue
		}
		text, err := formatParam(key, p.Value, true)
		if err != nil {
			return err
		}
		parts = append(parts, text)
	}
	m.Set(name, strings.Join(parts, "; "))
	return nil
}

// formatParam writes one parameter. Python: email.message._formatparam
func formatParam(name string, v ParamValue, quote bool) (string, error) {
	if v.Extended {
		text, err := encodeRFC2231(v)
		return name + "*=" + text, err
	}
	if v.Value == "" {
		return name, nil
	}
	if !py.IsASCII(v.Value) {
		text, err := encodeRFC2231(ExtendedParam("utf-8", "", v.Value))
		return name + "*=" + text, err
	}
	if quote || strings.ContainsAny(v.Value, ` ()<>@,;:\"/[]?=`) {
		return name + `="` + quoteText(v.Value) + `"`, nil
	}
	return name + "=" + v.Value, nil
}

// quoteText escapes for a quoted string. Python: email.utils.quote
func quoteText(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`)
}

// unquoteText takes off quotes or angle brackets. Python: email.utils.unquote
func unquoteText(s string) string {
	if len(s) > 1 {
		if s[0] == '"' && s[len(s)-1] == '"' {
			return strings.ReplaceAll(strings.ReplaceAll(s[1:len(s)-1], `\\`, `\`), `\"`, `"`)
		}
		if s[0] == '<' && s[len(s)-1] == '>' {
			return s[1 : len(s)-1]
		}
	}
	return s
}

// splitParams cuts a value at the semicolons outside quotes. Python:
// email.message._parseparam
func splitParams(s string) []string {
	var list []string
	for {
		end := strings.IndexByte(s, ';')
		// Quotes are counted from the start for each candidate in Python; here
		// the counts go on.
		quotes, counted := 0, 0
		for end > 0 {
			quotes += countQuotes(s, counted, end)
			counted = end
			if quotes%2 == 0 {
				break
			}
			next := strings.IndexByte(s[end+1:], ';')
			if next < 0 {
				end = -1
				break
			}
			end += 1 + next
		}
		if end < 0 {
			end = len(s)
		}
		f := s[:end]
		if name, value, ok := strings.Cut(f, "="); ok {
			f = py.Lower(py.Strip(name)) + "=" + py.Strip(value)
		}
		list = append(list, py.Strip(f))
		if end == len(s) {
			return list
		}
		s = s[end+1:]
	}
}

// countQuotes counts the double quotes of s[i:j] that have no backslash before
// them.
func countQuotes(s string, i, j int) int {
	n := 0
	for ; i < j; i++ {
		if s[i] == '"' && (i == 0 || s[i-1] != '\\') {
			n++
		}
	}
	return n
}

// rawParams gives the parameters of a field with their quotes.
// Python: _get_params_preserve
func (m *HTTPMessage) rawParams(header string) ([]Param, bool) {
	value, ok := m.Get(header)
	if !ok {
		return nil, false
	}
	var params []Param
	for _, p := range splitParams(value) {
		name, val, _ := strings.Cut(p, "=")
		params = append(params, Param{Name: py.Strip(name), Value: PlainParam(py.Strip(val))})
	}
	return decodeParams(params), true
}

// GetParams lists the parameters of a field, the value before them first; ok is
// false without the field. Python: get_params
func (m *HTTPMessage) GetParams(opts *ParamOptions) (params []Param, ok bool) {
	params, ok = m.rawParams(opts.header("content-type"))
	if opts.quotes() {
		for i := range params {
			params[i].Value.Value = unquoteText(params[i].Value.Value)
		}
	}
	return params, ok
}

// GetParam is the value of one parameter of a field. Python: get_param
func (m *HTTPMessage) GetParam(param string, opts *ParamOptions) (value ParamValue, ok bool) {
	params, _ := m.rawParams(opts.header("content-type"))
	for _, p := range params {
		if sameName(p.Name, param) {
			if opts.quotes() {
				p.Value.Value = unquoteText(p.Value.Value)
			}
			return p.Value, true
		}
	}
	return ParamValue{}, false
}

// SetParam sets one parameter of a field, which moves to the end unless Replace
// is set; a missing Content-Type becomes text/plain. With Replace a missing
// field is a KeyError. Python: set_param
func (m *HTTPMessage) SetParam(param string, value ParamValue, opts *ParamOptions) error {
	header := opts.header("Content-Type")
	if opts != nil && opts.Charset != "" && !value.Extended {
		value = ExtendedParam(opts.Charset, opts.Language, value.Value)
	}
	old, had := m.Get(header)
	text := old
	if !had && sameName(header, "content-type") {
		text = "text/plain"
	}
	quote := opts.quotes()
	current, ok := m.GetParam(param, &ParamOptions{Header: header})
	if !ok || current.Value == "" && !current.Extended {
		added, err := formatParam(param, value, quote)
		if err != nil {
			return err
		}
		if text != "" {
			text += "; "
		}
		text += added
	} else {
		text = ""
		params, _ := m.GetParams(&ParamOptions{Header: header, KeepQuotes: !quote})
		for _, p := range params {
			if sameName(p.Name, param) {
				p = Param{Name: param, Value: value}
			}
			part, err := formatParam(p.Name, p.Value, quote)
			if err != nil {
				return err
			}
			if text != "" {
				text += "; "
			}
			text += part
		}
	}
	switch {
	case had && text == old:
		return nil
	case opts != nil && opts.Replace:
		return m.ReplaceHeader(header, text)
	}
	m.Delete(header)
	m.Set(header, text)
	return nil
}

// DelParam removes one parameter of a field. Python: del_param
func (m *HTTPMessage) DelParam(param string, opts *ParamOptions) error {
	header := opts.header("content-type")
	old, ok := m.Get(header)
	if !ok {
		return nil
	}
	params, _ := m.GetParams(&ParamOptions{Header: header, KeepQuotes: !opts.quotes()})
	text := ""
	for _, p := range params {
		if sameName(p.Name, param) {
			continue
		}
		part, err := formatParam(p.Name, p.Value, opts.quotes())
		if err != nil {
			return err
		}
		if text != "" {
			text += "; "
		}
		text += part
	}
	if text != old {
		m.Delete(header)
		m.Set(header, text)
	}
	return nil
}

// SetType changes the type a field names and keeps its parameters. ctype must
// have one slash, else it is a ValueError. Python: set_type
func (m *HTTPMessage) SetType(ctype string, opts *ParamOptions) error {
	if strings.Count(ctype, "/") != 1 {
		return h1.Raise(h1.ErrValueError, "")
	}
	header := opts.header("Content-Type")
	if sameName(header, "content-type") {
		m.Delete("mime-version")
		m.Set("MIME-Version", "1.0")
	}
	if !m.Contains(header) {
		m.Set(header, ctype)
		return nil
	}
	keep := &ParamOptions{Header: header, KeepQuotes: !opts.quotes()}
	params, _ := m.GetParams(keep)
	m.Delete(header)
	m.Set(header, ctype)
	for _, p := range params[1:] {
		if err := m.SetParam(p.Name, p.Value, keep); err != nil {
			return err
		}
	}
	return nil
}
