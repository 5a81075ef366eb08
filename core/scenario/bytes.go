package scenario

import (
	"encoding/base64"
	"errors"
	"unicode/utf8"
)

// isByteObject reports whether v has the shape of {"latin1": …} or {"b64": …}.
func isByteObject(v Value) bool {
	if _, ok := v.([]byte); ok {
		return true
	}
	object, ok := v.(Object)
	return ok && len(object) == 1 && (object[0].Name == "latin1" || object[0].Name == "b64")
}

// asBytes is the bytes of a byte object, and whether v is one without fault.
func asBytes(v Value) ([]byte, bool) {
	if !isByteObject(v) {
		return nil, false
	}
	data, err := decodeBytes(v)
	return data, err == nil
}

// decodeBytes is the bytes that a byte object stands for.
func decodeBytes(v Value) ([]byte, error) {
	if data, ok := v.([]byte); ok {
		return data, nil
	}
	if !isByteObject(v) {
		return nil, errors.New(`expected {"latin1": …} or {"b64": …}, got ` + shown(v))
	}
	member := v.(Object)[0]
	text, ok := member.Value.(string)
	if !ok {
		return nil, errors.New("bad bytes " + shown(v) + ": " + member.Name + " must be a string")
	}
	if member.Name == "latin1" {
		data, ok := latin1(text)
		if !ok {
			return nil, errors.New("bad bytes " + shown(v) + ": a character above U+00FF")
		}
		return data, nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || hasLineBreak(text) {
		return nil, errors.New("bad bytes " + shown(v) + ": not standard base64 with padding")
	}
	return data, nil
}

// hasLineBreak finds what Go's base64 decoder skips and Python's does not.
func hasLineBreak(text string) bool {
	for i := range len(text) {
		if text[i] == '\n' || text[i] == '\r' {
			return true
		}
	}
	return false
}

// latin1 encodes text in ISO-8859-1, and reports whether all of it fits.
func latin1(text string) ([]byte, bool) {
	data := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff {
			return nil, false
		}
		data = append(data, byte(r))
	}
	return data, true
}

// latin1Text is the text whose characters are the bytes.
func latin1Text(data []byte) string {
	text := make([]byte, 0, len(data))
	for _, b := range data {
		text = utf8.AppendRune(text, rune(b))
	}
	return string(text)
}

// byteObject is the byte object of data: latin1 where at least three quarters of
// the bytes are readable, else b64.
func byteObject(data []byte) Object {
	readable := 0
	for _, b := range data {
		if b >= 32 && b < 127 || b == '\r' || b == '\n' || b == '\t' {
			readable++
		}
	}
	if readable*4 >= len(data)*3 {
		return Object{{"latin1", latin1Text(data)}}
	}
	return Object{{"b64", base64.StdEncoding.EncodeToString(data)}}
}
