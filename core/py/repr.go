package py

// Repr is repr(s) of a str. Python: repr
func Repr(s string) string { return string(AppendRepr(nil, s)) }

// AppendRepr adds repr(s) of a str to b.
func AppendRepr(b []byte, s string) []byte { return appendRepr(b, s, -1) }

// ReprPrefix is the first max code points of repr(s), as "%.20r" has it.
func ReprPrefix(s string, max int) string {
	return Prefix(string(appendRepr(nil, s, max)), max)
}

// appendRepr writes at most the first limit characters of s when limit is not
// negative; the quote is chosen over all of s either way.
func appendRepr(b []byte, s string, limit int) []byte {
	quote := quoteFor(s)
	b = append(b, quote)
	for s != "" && limit != 0 {
		limit--
		if c := s[0]; c >= ' ' && c < 0x7F {
			if c == quote || c == '\\' {
				b = append(b, '\\')
			}
			b = append(b, c)
			s = s[1:]
			continue
		}
		r, n := decodeRune(s)
		switch {
		case r == '\t':
			b = append(b, '\\', 't')
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case IsPrintable(r):
			b = append(b, s[:n]...)
		default:
			b = appendEscape(b, r)
		}
		s = s[n:]
	}
	return append(b, quote)
}

// ReprBytes is repr(p) of a bytes object. Python: repr
func ReprBytes(p []byte) string { return string(AppendReprBytes(nil, p)) }

// AppendReprBytes adds repr(p) of a bytes object to b.
func AppendReprBytes(b, p []byte) []byte {
	quote := quoteFor(p)
	b = append(b, 'b', quote)
	for _, c := range p {
		switch {
		case c == quote || c == '\\':
			b = append(b, '\\', c)
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c < ' ' || c >= 0x7F:
			b = append(b, '\\', 'x')
			b = appendHex(b, uint32(c), 2)
		default:
			b = append(b, c)
		}
	}
	return append(b, quote)
}

// ReprBytesList is repr of a list of bytes objects.
func ReprBytesList(list [][]byte) string { return string(AppendReprBytesList(nil, list)) }

// AppendReprBytesList adds repr of a list of bytes objects to b.
func AppendReprBytesList(b []byte, list [][]byte) []byte {
	b = append(b, '[')
	for i, p := range list {
		if i > 0 {
			b = append(b, ',', ' ')
		}
		b = AppendReprBytes(b, p)
	}
	return append(b, ']')
}

// ReprList is repr of a list of str.
func ReprList(list []string) string {
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',', ' ')
		}
		b = AppendRepr(b, s)
	}
	return string(append(b, ']'))
}

// quoteFor picks double quotes only for text with single quotes and no double
// ones.
func quoteFor[T string | []byte](s T) byte {
	single := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return '\''
		case '\'':
			single = true
		}
	}
	if single {
		return '"'
	}
	return '\''
}

// appendEscape adds r as \xNN, \uNNNN or \UNNNNNNNN, the shortest that fits.
func appendEscape(b []byte, r rune) []byte {
	switch {
	case r < 0x100:
		return appendHex(append(b, '\\', 'x'), uint32(r), 2)
	case r < 0x10000:
		return appendHex(append(b, '\\', 'u'), uint32(r), 4)
	}
	return appendHex(append(b, '\\', 'U'), uint32(r), 8)
}
