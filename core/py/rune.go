package py

import (
	"strconv"
	"unicode/utf8"
)

// decodeRune gives the first code point of s and the bytes it takes, reading
// surrogates and stray bytes as the package comment says. s must not be empty.
func decodeRune(s string) (rune, int) {
	if s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	if r != utf8.RuneError || size != 1 {
		return r, size
	}
	if len(s) >= 3 && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80 {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return 0xDC00 + rune(s[0]), 1
}

// appendRune is the inverse of decodeRune for every code point.
func appendRune(b []byte, r rune) []byte {
	if r >= 0xD800 && r <= 0xDFFF {
		return append(b, 0xED, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(b, r)
}

// runeAt gives the code point at index i, counted in code points.
func runeAt(s string, i int) (rune, bool) {
	for i >= 0 && s != "" {
		r, n := decodeRune(s)
		if i == 0 {
			return r, true
		}
		s = s[n:]
		i--
	}
	return 0, false
}

// Len is the number of code points. Python: len
func Len(s string) int {
	n := 0
	for s != "" {
		_, size := decodeRune(s)
		s = s[size:]
		n++
	}
	return n
}

// Prefix is s cut after at most n code points, as s[:n].
func Prefix(s string, n int) string {
	if len(s) <= n {
		return s
	}
	i := 0
	for n > 0 && i < len(s) {
		_, size := decodeRune(s[i:])
		i += size
		n--
	}
	return s[:i]
}

// Slice is s[start:end] with both counted in code points, 0 <= start <= end.
func Slice(s string, start, end int) string {
	s = Prefix(s, end)
	return s[len(Prefix(s, start)):]
}

// IsASCII reports whether s holds only U+0000 to U+007F. Python: str.isascii
func IsASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// IsSpace reports whether r is white space to str.isspace, str.split and
// str.strip. Python: str.isspace
func IsSpace(r rune) bool {
	switch {
	case r < 0x80:
		return r == ' ' || r >= '\t' && r <= '\r' || r >= 0x1C && r <= 0x1F
	case r < 0x1680:
		return r == 0x85 || r == 0xA0
	}
	return r == 0x1680 || r >= 0x2000 && r <= 0x200A || r == 0x2028 || r == 0x2029 ||
		r == 0x202F || r == 0x205F || r == 0x3000
}

// IsPrintable reports whether repr shows r as itself. Python: str.isprintable
func IsPrintable(r rune) bool {
	if r < 0x7F {
		return r >= ' '
	}
	return printable.contains(r)
}

// decimal is the value of a decimal digit of any script, or -1.
func decimal(r rune) int {
	if r < 0x80 {
		if r >= '0' && r <= '9' {
			return int(r - '0')
		}
		return -1
	}
	lo, hi := 0, len(digitZeros)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if rune(digitZeros[mid]) <= r {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo > 0 {
		if d := r - rune(digitZeros[lo-1]); d < 10 {
			return int(d)
		}
	}
	return -1
}

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }

// appendHex adds v in lower case, at least width digits.
func appendHex(b []byte, v uint32, width int) []byte {
	const digits = "0123456789abcdef"
	for shift := 4 * (width - 1); shift >= 0; shift -= 4 {
		b = append(b, digits[v>>uint(shift)&15])
	}
	return b
}
