package py

import "unicode/utf8"

// EncodeLatin1 is s.encode("latin-1"). Python: str.encode
func EncodeLatin1(s string) ([]byte, *UnicodeEncodeError) {
	return encodeBelow(s, 0x100, "latin-1", "ordinal not in range(256)")
}

// EncodeASCII is s.encode("ascii"). Python: str.encode
func EncodeASCII(s string) ([]byte, *UnicodeEncodeError) {
	return encodeBelow(s, 0x80, "ascii", "ordinal not in range(128)")
}

// encodeBelow writes each code point as one byte. The error covers the first
// run of characters that do not fit.
func encodeBelow(s string, limit rune, encoding, reason string) ([]byte, *UnicodeEncodeError) {
	out := make([]byte, 0, len(s))
	for rest := s; rest != ""; {
		r, n := decodeRune(rest)
		if r < limit {
			out = append(out, byte(r))
			rest = rest[n:]
			continue
		}
		start := len(out)
		end := start
		for rest != "" {
			r, n := decodeRune(rest)
			if r < limit {
				break
			}
			end++
			rest = rest[n:]
		}
		return nil, &UnicodeEncodeError{encoding, s, start, end, reason}
	}
	return out, nil
}

// DecodeLatin1 is b.decode("latin-1"), which cannot fail. Python: bytes.decode
func DecodeLatin1(b []byte) string {
	high := 0
	for _, c := range b {
		if c >= utf8.RuneSelf {
			high++
		}
	}
	if high == 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b)+high)
	for _, c := range b {
		if c < utf8.RuneSelf {
			out = append(out, c)
		} else {
			out = append(out, 0xC0|c>>6, 0x80|c&0x3F)
		}
	}
	return string(out)
}

// DecodeUTF8 is b.decode("utf-8"). Python: bytes.decode
func DecodeUTF8(b []byte) (string, *UnicodeDecodeError) {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			end, reason := utf8Fault(b, i)
			return "", &UnicodeDecodeError{"utf-8", b, i, end, reason}
		}
		i += n
	}
	return string(b), nil
}

// utf8Fault names what is wrong with the sequence at b[i] and where the part
// that could still have been right ends.
func utf8Fault(b []byte, i int) (end int, reason string) {
	lead := b[i]
	var need int // continuation bytes
	lo, hi := byte(0x80), byte(0xBF)
	switch {
	case lead < 0xC2 || lead > 0xF4:
		return i + 1, "invalid start byte"
	case lead < 0xE0:
		need = 1
	case lead < 0xF0:
		need = 2
		if lead == 0xE0 {
			lo = 0xA0
		} else if lead == 0xED {
			hi = 0x9F
		}
	default:
		need = 3
		if lead == 0xF0 {
			lo = 0x90
		} else if lead == 0xF4 {
			hi = 0x8F
		}
	}
	for k := 1; k <= need; k++ {
		if i+k == len(b) {
			return len(b), "unexpected end of data"
		}
		if c := b[i+k]; c < lo || c > hi {
			return i + k, "invalid continuation byte"
		}
		lo, hi = 0x80, 0xBF
	}
	return i + 1, "invalid start byte"
}
