package trace

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"

	"github.com/stepwire/stepwire/core/h1"
)

// writer appends JSON. Values are written by hand because an encoder that works
// by reflection would double what a page has to load.
type writer struct{ b []byte }

func (w *writer) open(c byte) { w.b = append(w.b, c) }

// item separates the values of a list or object.
func (w *writer) item() {
	if c := w.b[len(w.b)-1]; c != '[' && c != '{' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) close(c byte) { w.b = append(w.b, c) }

// key writes the name of a member; names need no escapes.
func (w *writer) key(name string) {
	w.item()
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

// The following are called so often that inlining them adds more to what a page
// loads than it saves time.

//go:noinline
func (w *writer) raw(s string) { w.b = append(w.b, s...) }

// num writes a member; before is its key with what separates it.
//
//go:noinline
func (w *writer) num(before string, n int64) {
	w.b = appendInt(append(w.b, before...), n)
}

func (w *writer) flag(before string, v bool) {
	w.b = strconv.AppendBool(append(w.b, before...), v)
}

// token writes a string that needs no escapes; before ends in its first quote.
//
//go:noinline
func (w *writer) token(before, s string) {
	w.b = append(append(append(w.b, before...), s...), '"')
}

func (w *writer) str(before, s string) {
	w.raw(before)
	w.text(s)
}

// text writes a string, its first maxText bytes.
func (w *writer) text(s string) {
	if len(s) > maxText {
		s = s[:maxText]
	}
	w.b = appendQuote(w.b, s)
}

// appendQuote appends a JSON string. What is not UTF-8 becomes U+FFFD, byte by
// byte. It is jsontext.AppendQuote without what else that links into the wasm.
func appendQuote(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			if _, n := utf8.DecodeRuneInString(s[i:]); n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[done:i]...)
		i++
		done = i
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b', '\t', '\n', '\f', '\r':
			b = append(b, '\\', "btn-fr"[c-'\b'])
		default:
			if c >= utf8.RuneSelf {
				b = append(b, "\uFFFD"...)
				break
			}
			const digits = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	b = append(b, s[done:]...)
	return append(b, '"')
}

// appendInt appends a number in decimal digits.
func appendInt(b []byte, n int64) []byte {
	u := uint64(n)
	if n < 0 {
		b = append(b, '-')
		u = -u
	}
	var text [20]byte
	i := len(text)
	for ; u >= 100; u /= 100 {
		i -= 2
		pair := u % 100 * 2
		text[i], text[i+1] = pairs[pair], pairs[pair+1]
	}
	if u >= 10 {
		i--
		text[i] = '0' + byte(u%10)
		u /= 10
	}
	i--
	text[i] = '0' + byte(u)
	return append(b, text[i:]...)
}

// pairs is the numbers of two digits.
const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// appendMillis appends microseconds as milliseconds, without zeros at the end.
func appendMillis(b []byte, micros int64) []byte {
	b = appendInt(b, micros/1000)
	if rest := micros % 1000; rest != 0 {
		b = append(b, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}

// bytes writes the first limit bytes, and how many there were if more.
func (w *writer) bytes(before string, p []byte, limit int) {
	w.raw(before)
	w.data(p, limit)
}

func (w *writer) data(p []byte, limit int) {
	kept := p[:min(len(p), limit)]
	w.b = append(w.b, `{"b64":"`...)
	w.b = base64.StdEncoding.AppendEncode(w.b, kept)
	w.b = append(w.b, '"')
	if len(kept) < len(p) {
		w.num(`,"size":`, int64(len(p)))
	}
	w.b = append(w.b, '}')
}

// value writes an argument or result of a call.
func (w *writer) value(v any) {
	switch v := v.(type) {
	case nil:
		w.raw("null")
	case bool:
		w.b = strconv.AppendBool(w.b, v)
	case int:
		w.b = appendInt(w.b, int64(v))
	case int64:
		w.b = appendInt(w.b, v)
	case string:
		w.text(v)
	case []byte:
		w.data(v, maxResult)
	case [][]byte:
		w.open('[')
		left := maxResult
		for _, p := range v {
			w.item()
			w.data(p, left)
			left = max(0, left-len(p))
		}
		w.close(']')
	case []any:
		w.open('[')
		for _, item := range v {
			w.item()
			w.value(item)
		}
		w.close(']')
	case h1.Pairs:
		w.open('{')
		for _, a := range v {
			w.key(a.Name)
			w.value(a.Value)
		}
		w.close('}')
	case h1.Fields:
		w.open('[')
		for _, a := range v {
			w.field(a.Name, a.Value)
		}
		w.close(']')
	case []h1.Field:
		w.open('[')
		for _, f := range v {
			w.field(f.Name, f.Value)
		}
		w.close(']')
	default:
		w.text("?")
	}
}

// field writes a header field.
func (w *writer) field(name string, value any) {
	w.item()
	w.open('[')
	w.text(name)
	w.item()
	w.value(value)
	w.close(']')
}
