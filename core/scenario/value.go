package scenario

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Value is one JSON value of a scenario: nil, bool, string, [Number], []Value,
// [Object], or, where the program itself made it, []byte. Bytes are written as
// the format's byte objects.
type Value = any

// A Number is a JSON number as it was written. JSON numbers have no size, and
// neither have Python's integers, so nothing is lost by keeping the digits.
type Number string

// Int is the number of a Go integer.
func Int(n int64) Number { return Number(strconv.FormatInt(n, 10)) }

// IsInt tells an integer from a number with a fraction or an exponent, as
// Python's json module does: 1.0 and 1e3 are floats.
func (n Number) IsInt() bool { return n != "" && !strings.ContainsAny(string(n), ".eE") }

// Int64 is the integer, and whether n is one and fits.
func (n Number) Int64() (int64, bool) {
	if !n.IsInt() {
		return 0, false
	}
	v, err := strconv.ParseInt(string(n), 10, 64)
	return v, err == nil
}

// Float is the nearest float64.
func (n Number) Float() float64 {
	v, err := strconv.ParseFloat(string(n), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return math.NaN()
	}
	return v
}

// A Member is one name and value of an [Object].
type Member struct {
	Name  string
	Value Value
}

// An Object is a JSON object in the order it was written. Of a repeated name
// the last value counts, in the first one's place, as in a Python dict.
type Object []Member

// Get is the member's value, and whether there is one.
func (o Object) Get(name string) (Value, bool) {
	for i := range o {
		if o[i].Name == name {
			return o[i].Value, true
		}
	}
	return nil, false
}

func (o Object) set(name string, value Value) Object {
	for i := range o {
		if o[i].Name == name {
			o[i].Value = value
			return o
		}
	}
	return append(o, Member{name, value})
}

// ParseValue reads the one JSON value that data is. As Python's json.load it
// takes repeated names and escaped lone surrogates (as U+FFFD) but no invalid
// UTF-8; unlike it, no NaN or Infinity.
func ParseValue(data []byte) (Value, error) {
	if at := invalidUTF8(data); at >= 0 {
		return nil, errors.New("invalid UTF-8 at byte " + strconv.Itoa(at))
	}
	in := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	value, err := readValue(in)
	if err != nil {
		return nil, jsonError(err)
	}
	if _, err := in.ReadToken(); err == nil {
		return nil, errors.New("not JSON: more text after the value, at byte " + strconv.FormatInt(in.InputOffset(), 10))
	} else if err != io.EOF {
		return nil, jsonError(err)
	}
	return value, nil
}

func jsonError(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not JSON: the text ends too early")
	}
	return errors.New("not JSON: " + strings.TrimPrefix(err.Error(), "jsontext: "))
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return -1
}

func readValue(in *jsontext.Decoder) (Value, error) {
	token, err := in.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return token.String(), nil
	case '0':
		return Number(token.String()), nil
	case '[':
		list := []Value{}
		for in.PeekKind() != ']' {
			item, err := readValue(in)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err := in.ReadToken()
		return list, err
	default:
		object := Object{}
		for in.PeekKind() != '}' {
			name, err := in.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			value, err := readValue(in)
			if err != nil {
				return nil, err
			}
			object = object.set(key, value)
		}
		_, err := in.ReadToken()
		return object, err
	}
}

// AppendValue appends v as JSON, on one line with no blanks.
func AppendValue(dst []byte, v Value) []byte {
	return appendSpaced(dst, v, "", "")
}

// appendSpaced appends v on one line, with these texts after commas and colons.
func appendSpaced(dst []byte, v Value, comma, colon string) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return appendString(dst, v)
	case Number:
		return append(dst, v...)
	case []byte:
		return appendSpaced(dst, byteObject(v), comma, colon)
	case []Value:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(append(dst, ','), comma...)
			}
			dst = appendSpaced(dst, item, comma, colon)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		for i, member := range v {
			if i > 0 {
				dst = append(append(dst, ','), comma...)
			}
			dst = append(append(appendString(dst, member.Name), ':'), colon...)
			dst = appendSpaced(dst, member.Value, comma, colon)
		}
		return append(dst, '}')
	}
	panic("scenario: not a JSON value")
}

// appendString quotes s in ASCII, as Python's json.dumps does.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	unit := func(dst []byte, u rune) []byte {
		return append(dst, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
	}
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\r':
			dst = append(dst, '\\', 'r')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case r == '\b':
			dst = append(dst, '\\', 'b')
		case r == '\f':
			dst = append(dst, '\\', 'f')
		case r >= 0x20 && r < 0x7f:
			dst = append(dst, byte(r))
		case r > 0xffff:
			r -= 0x10000
			dst = unit(unit(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			dst = unit(dst, r)
		}
	}
	return append(dst, '"')
}

// equal reports whether two values mean the same: byte objects by their bytes
// whichever form they are in, objects whatever their order, numbers by value.
func equal(a, b Value) bool {
	if data, ok := asBytes(a); ok {
		other, ok := asBytes(b)
		return ok && bytes.Equal(data, other)
	}
	switch a := a.(type) {
	case Number:
		b, ok := b.(Number)
		return ok && equalNumbers(a, b)
	case []Value:
		b, ok := b.([]Value)
		return ok && slices.EqualFunc(a, b, equal)
	case Object:
		b, ok := b.(Object)
		if _, isBytes := asBytes(b); !ok || isBytes || len(a) != len(b) {
			return false
		}
		for _, member := range a {
			if other, ok := b.Get(member.Name); !ok || !equal(member.Value, other) {
				return false
			}
		}
		return true
	case nil, bool, string:
		switch b.(type) {
		case nil, bool, string:
			return a == b
		}
	}
	return false
}

func equalNumbers(a, b Number) bool {
	if !a.IsInt() || !b.IsInt() {
		return a.Float() == b.Float()
	}
	return a == b || a.zero() && b.zero()
}

func (n Number) zero() bool { return n == "0" || n == "-0" }
