package core

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepwire/stepwire/core/py"
)

// The character sets that header parameters are converted by. Python has
// hundreds; to these calls every other one is unknown, which Python's own
// callers handle by giving the text as it stands.
type charset int

const (
	charsetUnknown charset = iota
	charsetASCII
	charsetLatin1
	charsetUTF8
)

// charsetOf finds a character set by any of Python's names for it.
// Python: encodings.normalize_encoding and encodings.aliases
func charsetOf(name string) charset {
	var b strings.Builder
	gap := false
	for i := range len(name) {
		c := name[i]
		if !isAlnum(c) && c != '.' {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteByte(c)
	}
	switch strings.ToLower(b.String()) {
	case "ascii", "646", "ansi_x3.4_1968", "ansi_x3_4_1968", "ansi_x3.4_1986", "cp367", "csascii",
		"ibm367", "iso646_us", "iso_646.irv_1991", "iso_ir_6", "us", "us_ascii":
		return charsetASCII
	case "latin_1", "8859", "cp819", "csisolatin1", "ibm819", "iso8859", "iso8859_1", "iso_8859_1",
		"iso_8859_1_1987", "iso_ir_100", "l1", "latin", "latin1":
		return charsetLatin1
	case "utf_8", "u8", "utf", "utf8", "utf8_ucs2", "utf8_ucs4", "cp65001":
		return charsetUTF8
	}
	return charsetUnknown
}

func unknownCharset(name string) error {
	return &py.LookupError{Message: "unknown encoding: " + name}
}

func encodeCharset(s, name string) ([]byte, error) {
	switch charsetOf(name) {
	case charsetASCII:
		b, err := py.EncodeASCII(s)
		if err != nil {
			return nil, err
		}
		return b, nil
	case charsetLatin1:
		b, err := py.EncodeLatin1(s)
		if err != nil {
			return nil, err
		}
		return b, nil
	case charsetUTF8:
		return []byte(s), nil
	}
	return nil, unknownCharset(name)
}

// decodeCharset converts b. With replace, what cannot be becomes U+FFFD; an
// unknown character set is an error either way.
func decodeCharset(b []byte, name string, replace bool) (string, error) {
	switch charsetOf(name) {
	case charsetASCII:
		var out strings.Builder
		for i, c := range b {
			switch {
			case c < utf8.RuneSelf:
				out.WriteByte(c)
			case replace:
				out.WriteRune(utf8.RuneError)
			default:
				return "", &py.UnicodeDecodeError{Encoding: "ascii", Object: b, Start: i, End: i + 1,
					Reason: "ordinal not in range(128)"}
			}
		}
		return out.String(), nil
	case charsetLatin1:
		return py.DecodeLatin1(b), nil
	case charsetUTF8:
		var out strings.Builder
		for {
			s, err := py.DecodeUTF8(b)
			if err == nil {
				out.WriteString(s)
				return out.String(), nil
			}
			if !replace {
				return "", err
			}
			out.Write(b[:err.Start])
			out.WriteRune(utf8.RuneError)
			b = b[err.End:]
		}
	}
	return "", unknownCharset(name)
}

// rawUnicodeEscape writes Latin-1 characters as bytes and others as \uXXXX or
// \UXXXXXXXX. Python: the raw-unicode-escape codec
func rawUnicodeEscape(s string) []byte {
	var b []byte
	for _, r := range s {
		switch {
		case r < 0x100:
			b = append(b, byte(r))
		case r < 0x10000:
			b = append(b, '\\', 'u')
			b = appendPadded(b, r, 4)
		default:
			b = append(b, '\\', 'U')
			b = appendPadded(b, r, 8)
		}
	}
	return b
}

func appendPadded(b []byte, r rune, width int) []byte {
	digits := strconv.FormatInt(int64(r), 16)
	for range width - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}
