package py

// NextField is the first run of non-space characters of s and what follows the
// white space after it, as one step of str.split(None). ok is false when s
// holds only white space. rest keeps its trailing white space.
func NextField(s string) (field, rest string, ok bool) {
	s = LStrip(s)
	if s == "" {
		return "", "", false
	}
	end := 0
	for end < len(s) {
		r, n := decodeRune(s[end:])
		if IsSpace(r) {
			break
		}
		end += n
	}
	return s[:end], LStrip(s[end:]), true
}

// SplitSpace is s.split(None, max); a negative max is no limit.
// Python: str.split
func SplitSpace(s string, max int) []string {
	var out []string
	for max < 0 || len(out) < max {
		field, rest, ok := NextField(s)
		if !ok {
			return out
		}
		out, s = append(out, field), rest
	}
	if s = LStrip(s); s != "" {
		out = append(out, s)
	}
	return out
}

// Strip is s.strip(). Python: str.strip
func Strip(s string) string { return RStrip(LStrip(s)) }

// LStrip is s.lstrip(). Python: str.lstrip
func LStrip(s string) string {
	for s != "" {
		r, n := decodeRune(s)
		if !IsSpace(r) {
			break
		}
		s = s[n:]
	}
	return s
}

// RStrip is s.rstrip(). Python: str.rstrip
func RStrip(s string) string {
	for s != "" {
		r, n := decodeLastRune(s)
		if !IsSpace(r) {
			break
		}
		s = s[:len(s)-n]
	}
	return s
}

// decodeLastRune is decodeRune from the end. s must not be empty.
func decodeLastRune(s string) (rune, int) {
	for n := min(4, len(s)); n > 1; n-- {
		if r, size := decodeRune(s[len(s)-n:]); size == n {
			return r, n
		}
	}
	return decodeRune(s[len(s)-1:])
}

// SplitLines is s.splitlines(keepends). Lines end at CR LF, at either alone,
// and at every other boundary Python knows, form feeds and U+0085 among them.
// Python: str.splitlines
func SplitLines(s string, keepEnds bool) []string {
	var out []string
	start := 0
	for i := 0; i < len(s); {
		r, n := decodeRune(s[i:])
		if !isLineEnd(r) {
			i += n
			continue
		}
		end := i
		i += n
		if r == '\r' && i < len(s) && s[i] == '\n' {
			i++
		}
		if keepEnds {
			end = i
		}
		out = append(out, s[start:end])
		start = i
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

func isLineEnd(r rune) bool {
	return r >= '\n' && r <= '\r' || r >= 0x1C && r <= 0x1E ||
		r == 0x85 || r == 0x2028 || r == 0x2029
}
