package core

import (
	"sort"
	"strings"

	"github.com/stepwire/stepwire/core/py"
)

// decodeParams joins the continuations of RFC 2231 §3 and takes apart its
// extended values (§4). Joined ones go to the end. The first parameter stays as
// it is. Python: email.utils.decode_params
func decodeParams(params []Param) []Param {
	out := params[:1:1]
	type piece struct {
		num     int64 // -1: none
		text    string
		encoded bool
	}
	var names []string
	pieces := map[string][]piece{}
	for _, p := range params[1:] {
		encoded := strings.HasSuffix(p.Name, "*")
		text := unquoteText(p.Value.Value)
		if name, num, ok := cutContinuation(p.Name); ok {
			if pieces[name] == nil {
				names = append(names, name)
			}
			pieces[name] = append(pieces[name], piece{num, text, encoded})
			continue
		}
		out = append(out, Param{Name: p.Name, Value: PlainParam(`"` + quoteText(text) + `"`)})
	}
	for _, name := range names {
		list := pieces[name]
		sort.SliceStable(list, func(i, j int) bool {
			a, b := list[i], list[j]
			switch {
			case a.num != b.num:
				return a.num < b.num
			case a.text != b.text:
				return a.text < b.text
			}
			return !a.encoded && b.encoded
		})
		var b strings.Builder
		extended := false
		for _, p := range list {
			if p.encoded {
				p.text = unquotePercent(p.text)
				extended = true
			}
			b.WriteString(p.text)
		}
		v := ParamValue{Value: quoteText(b.String()), Extended: extended}
		if extended {
			if parts := strings.SplitN(v.Value, "'", 3); len(parts) == 3 {
				v.Charset, v.Language, v.Value = parts[0], parts[1], parts[2]
			} else {
				v.Unlabelled = true
			}
		}
		v.Value = `"` + v.Value + `"`
		out = append(out, Param{Name: name, Value: v})
	}
	return out
}

// cutContinuation splits "name*", "name*0" and "name*0*".
func cutContinuation(s string) (name string, num int64, ok bool) {
	name, rest, found := strings.Cut(s, "*")
	if !found || name == "" {
		return "", 0, false
	}
	for i := range len(name) {
		if c := name[i]; !isAlnum(c) && c != '_' {
			return "", 0, false
		}
	}
	if rest == "" {
		return name, -1, true
	}
	rest = strings.TrimSuffix(rest, "*")
	if rest == "" || strings.Trim(rest, "0123456789") != "" {
		return "", 0, false
	}
	num, _, err := py.Int(rest)
	return name, num, err == nil
}

func isAlnum(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' }

// unquotePercent decodes %XX to the character of that number.
// Python: urllib.parse.unquote with Latin-1
func unquotePercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := hexDigit(s[i+1]), hexDigit(s[i+2]); hi < 16 && lo < 16 {
				b.WriteRune(rune(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// encodeRFC2231 writes an extended value. Python: email.utils.encode_rfc2231
func encodeRFC2231(v ParamValue) (string, error) {
	charset := v.Charset
	if charset == "" {
		charset = "ascii"
	}
	raw, err := encodeCharset(v.Value, charset)
	if err != nil {
		return "", err
	}
	var b []byte
	for _, c := range raw {
		if isAlnum(c) || c == '_' || c == '.' || c == '-' || c == '~' {
			b = append(b, c)
		} else {
			b = append(b, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	if v.Unlabelled {
		return string(b), nil
	}
	return v.Charset + "'" + v.Language + "'" + string(b), nil
}

// collapse makes one string of a parameter value.
// Python: email.utils.collapse_rfc2231_value
func (v ParamValue) collapse() string {
	if !v.Extended {
		return unquoteText(v.Value)
	}
	charset := v.Charset
	if v.Unlabelled {
		charset = "us-ascii"
	}
	if text, err := decodeCharset(rawUnicodeEscape(v.Value), charset, true); err == nil {
		return text
	}
	return unquoteText(v.Value)
}

// String gives the value as text, decoded by its character set where that is
// US-ASCII, ISO-8859-1 or UTF-8. Python: email.utils.collapse_rfc2231_value
func (v ParamValue) String() string { return v.collapse() }
