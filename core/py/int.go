package py

import "math"

// MaxStrDigits is how many decimal digits int(str) accepts.
// Python: sys.get_int_max_str_digits
const MaxStrDigits = 4300

// Int is int(s) of a str. A value outside int64 sets big and gives the nearest
// int64. The error is a [*ValueError]. Time is linear in len(s).
// Python: int
func Int(s string) (v int64, big bool, err error) {
	if v, ok := smallDecimal(s); ok {
		return v, false, nil
	}
	v, big, digits, st := parseInt(asciiDigits(s), 10)
	switch st {
	case intTooLong:
		return 0, false, tooManyDigits(digits)
	case intBad:
		return 0, false, badLiteral(10, ReprPrefix(s, 200))
	}
	return v, big, nil
}

// IntBytes is int(b, base) of a bytes object, for base 10 or 16. The results
// are as for [Int]. The digit limit is for base 10 only.
// Python: int
func IntBytes(b []byte, base int) (v int64, big bool, err error) {
	v, big, digits, st := parseInt(b, base)
	switch st {
	case intTooLong:
		return 0, false, tooManyDigits(digits)
	case intBad:
		return 0, false, badLiteral(base, Prefix(ReprBytes(b[:min(len(b), 200)]), 200))
	}
	return v, big, nil
}

func tooManyDigits(digits int) error {
	b := append([]byte(nil), "Exceeds the limit ("...)
	b = appendInt(b, MaxStrDigits)
	b = append(b, " digits) for integer string conversion: value has "...)
	b = appendInt(b, digits)
	b = append(b, " digits; use sys.set_int_max_str_digits() to increase the limit"...)
	return &ValueError{string(b)}
}

func badLiteral(base int, repr string) error {
	b := append([]byte(nil), "invalid literal for int() with base "...)
	b = appendInt(b, base)
	b = append(b, ": "...)
	return &ValueError{string(append(b, repr...))}
}

// smallDecimal takes the ordinary case: up to 18 plain digits.
func smallDecimal(s string) (int64, bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	var v int64
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + int64(d)
	}
	return v, true
}

// asciiDigits maps the digits and white space of every script to ASCII. As in
// CPython, an all-ASCII string stays as it is (so U+001C to U+001F are not
// white space here), and anything else becomes '?' and ends the text.
func asciiDigits(s string) []byte {
	if IsASCII(s) {
		return []byte(s)
	}
	out := make([]byte, 0, len(s))
	for s != "" {
		r, n := decodeRune(s)
		s = s[n:]
		if r < 0x7F {
			out = append(out, byte(r))
		} else if IsSpace(r) {
			out = append(out, ' ')
		} else if d := decimal(r); d >= 0 {
			out = append(out, '0'+byte(d))
		} else {
			return append(out, '?')
		}
	}
	return out
}

type intStatus uint8

const (
	intOK intStatus = iota
	intBad
	intTooLong
)

// parseInt reads white space, sign, 0x for base 16, digits with single
// underscores between them, white space. The digit limit is for base 10 and is
// checked before what follows the digits, as CPython does.
func parseInt(b []byte, base int) (v int64, big bool, digits int, st intStatus) {
	i := 0
	for i < len(b) && isCSpace(b[i]) {
		i++
	}
	neg := false
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		neg = b[i] == '-'
		i++
	}
	if base == 16 && i+1 < len(b) && b[i] == '0' && b[i+1]|0x20 == 'x' {
		i += 2
		if i < len(b) && b[i] == '_' {
			i++
		}
	}
	var u uint64
	prev := byte('_')
	for ; i < len(b); i++ {
		c := b[i]
		if c == '_' {
			if prev == '_' {
				return 0, false, 0, intBad
			}
			prev = c
			continue
		}
		d := hexValue(c)
		if d >= base {
			break
		}
		digits++
		prev = c
		if u > (math.MaxUint64-uint64(d))/uint64(base) {
			big = true
		} else {
			u = u*uint64(base) + uint64(d)
		}
	}
	if prev == '_' {
		return 0, false, 0, intBad
	}
	if base == 10 && digits > MaxStrDigits {
		return 0, false, digits, intTooLong
	}
	for i < len(b) && isCSpace(b[i]) {
		i++
	}
	if i < len(b) {
		return 0, false, 0, intBad
	}
	switch {
	case !neg && (big || u > math.MaxInt64):
		return math.MaxInt64, true, digits, intOK
	case neg && (big || u > 1<<63):
		return math.MinInt64, true, digits, intOK
	case neg:
		return int64(-u), false, digits, intOK
	}
	return int64(u), false, digits, intOK
}

// isCSpace is the C library's isspace, which int uses on bytes.
func isCSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// hexValue is the value of a hexadecimal digit, or 255.
func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 255
}
