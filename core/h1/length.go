package h1

import (
	"strconv"

	"github.com/stepwire/stepwire/core/py"
)

// Length is how many bytes of a body are left: Python's unbounded int or None.
// Reading past the announced length makes it negative, as in Python.
type Length struct {
	known bool
	n     int64
	big   string // decimal digits where the number does not fit n, which is then its low cap
}

// maxLength stands for lengths beyond int64 in comparisons.
const maxLength = 1<<63 - 1

// Known reports whether there is a length; Python's None is not known.
func (l Length) Known() bool { return l.known }

// Int64 gives the length, the largest int64 where it is larger.
func (l Length) Int64() int64 { return l.n }

// String gives the length in decimal digits, empty when it is not known.
func (l Length) String() string {
	switch {
	case !l.known:
		return ""
	case l.big != "":
		return l.big
	}
	return strconv.FormatInt(l.n, 10)
}

// zero reports whether nothing is left.
func (l Length) zero() bool { return l.known && l.n == 0 }

// sub takes n bytes off. Only memory bounds n, so a length beyond int64 stays
// beyond it for longer than anybody can read.
func (l Length) sub(n int) Length {
	if !l.known {
		return l
	}
	if l.big == "" {
		l.n -= int64(n)
		return l
	}
	l.big = subtractDecimal(l.big, n)
	if v, big, err := py.Int(l.big); err == nil && !big {
		l.n, l.big = v, ""
	}
	return l
}

// parseLength reads a Content-Length as Python's int() does; what int() refuses
// and negative numbers give an unknown length.
func parseLength(text string) Length {
	v, big, err := py.Int(text)
	if err != nil || (v < 0) {
		return Length{}
	}
	if big {
		return Length{known: true, n: maxLength, big: decimalDigits(text)}
	}
	return Length{known: true, n: v}
}

// decimalDigits keeps the digits of an integer literal that py.Int accepted.
// Header text is ISO-8859-1, whose only decimal digits are ASCII.
func decimalDigits(text string) string {
	digits := make([]byte, 0, len(text))
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' && (c != '0' || len(digits) > 0) {
			digits = append(digits, c)
		}
	}
	return string(digits)
}

// subtractDecimal takes n ≥ 0 off a larger number in decimal digits.
func subtractDecimal(digits string, n int) string {
	out := []byte(digits)
	for i := len(out) - 1; i >= 0 && n > 0; i-- {
		d := int(out[i]-'0') - n%10
		n /= 10
		if d < 0 {
			d += 10
			n++
		}
		out[i] = '0' + byte(d)
	}
	for len(out) > 1 && out[0] == '0' {
		out = out[1:]
	}
	return string(out)
}
