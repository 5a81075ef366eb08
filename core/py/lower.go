package py

import "unicode"

// Lower is s.lower(). Python: str.lower
func Lower(s string) string {
	i := 0
	for i < len(s) && s[i] < 0x80 && (s[i] < 'A' || s[i] > 'Z') {
		i++
	}
	if i == len(s) {
		return s
	}
	out := append(make([]byte, 0, len(s)), s[:i]...)
	for i < len(s) {
		if c := s[i]; c < 0x80 {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
			i++
			continue
		}
		r, n := decodeRune(s[i:])
		switch {
		case r == 0x130: // the one lower case mapping of two characters
			out = append(out, "i\u0307"...)
		case r == 0x3A3 && endsWord(s[:i], s[i+n:]):
			out = append(out, "ς"...)
		default:
			if l := lowerRune(r); l != r {
				out = appendRune(out, l)
			} else {
				out = append(out, s[i:i+n]...)
			}
		}
		i += n
	}
	return string(out)
}

// lowerRune is the simple mapping; letters newer than Unicode 14.0 have none.
func lowerRune(r rune) rune {
	l := unicode.ToLower(r)
	if l != r && !IsPrintable(r) {
		return r
	}
	return l
}

// endsWord reports whether a capital sigma between before and after is the
// last letter of a word (Unicode 3.13, Final_Sigma).
func endsWord(before, after string) bool {
	for before != "" {
		r, n := decodeLastRune(before)
		if !caseIgnorable.contains(r) {
			if !cased.contains(r) {
				return false
			}
			break
		}
		before = before[:len(before)-n]
	}
	if before == "" {
		return false
	}
	for after != "" {
		r, n := decodeRune(after)
		if !caseIgnorable.contains(r) {
			return !cased.contains(r)
		}
		after = after[n:]
	}
	return true
}
