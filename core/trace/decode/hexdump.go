package decode

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// Hex dumps come as "offset: hex  text" with small differences: xxd writes
// "00000000: 4854 5450  HT", hexdump -C "00000000  48 54  |HT|", Wireshark
// "0000   48 54   HT" or the plain digits of its hex stream.

// isHexDump reports text whose first lines are those of a hex dump.
func isHexDump(text []byte) bool {
	if _, err := hexStream(text); err == nil {
		return true
	}
	lines := bytes.SplitN(text, []byte("\n"), 4)
	for _, line := range lines[:min(len(lines), 3)] {
		if line = bytes.TrimRight(line, "\r"); len(line) == 0 {
			continue
		}
		if _, _, ok := hexLine(line, usual); !ok {
			return false
		}
	}
	return true
}

// hexStream reads digits only, as "Copy as Hex Stream" gives them, with blanks
// and breaks allowed.
func hexStream(text []byte) ([]byte, error) {
	digits := bytes.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n':
			return -1
		}
		return r
	}, text)
	if len(digits) == 0 {
		return nil, hex.ErrLength
	}
	out := make([]byte, hex.DecodedLen(len(digits)))
	n, err := hex.Decode(out, digits)
	return out[:n], err
}

// fromHexDump reads a dump; offsets must follow the bytes, and a line of one
// asterisk, for a repeated line, is filled in.
func fromHexDump(text []byte) ([]byte, error) {
	if data, err := hexStream(text); err == nil && !bytes.ContainsRune(bytes.TrimSpace(text), '\n') {
		return data, nil
	}
	var out, last []byte
	repeated := false
	lines := bytes.Split(text, []byte("\n"))
	most := width(lines)
	for n, line := range lines {
		line = bytes.TrimRight(line, "\r")
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if string(bytes.TrimSpace(line)) == "*" {
			repeated = true
			continue
		}
		offset, data, ok := hexLine(line, most)
		if !ok {
			if plain, err := hexStream(text); err == nil {
				return plain, nil
			}
			return nil, fmt.Errorf("line %d: %.60q: expected an offset and bytes in hexadecimal", n+1, line)
		}
		if repeated {
			if len(last) == 0 || offset < int64(len(out)) || offset > MaxInput || (offset-int64(len(out)))%int64(len(last)) != 0 {
				return nil, fmt.Errorf("line %d: offset %x does not follow the repeated line", n+1, offset)
			}
			for int64(len(out)) < offset {
				out = append(out, last...)
			}
			repeated = false
		}
		if offset != int64(len(out)) {
			if plain, err := hexStream(text); err == nil {
				return plain, nil // lines of digits without offsets
			}
			return nil, fmt.Errorf("line %d: offset %x, expected %x", n+1, offset, len(out))
		}
		out = append(out, data...)
		last = data
	}
	return out, nil
}

// usual is how many bytes a line has where nothing says otherwise.
const usual = 16

// width is how many bytes a line has, as the offsets of the first two say: xxd -c
// makes shorter ones and longer ones, of 256 at most.
func width(lines [][]byte) int {
	first := int64(-1)
	for _, line := range lines {
		line = bytes.TrimRight(line, "\r")
		offset, _, ok := hexLine(line, usual)
		switch {
		case len(line) == 0:
		case !ok:
			return usual
		case first < 0:
			first = offset
		case offset-first < 1 || offset-first > 256:
			return usual
		default:
			return int(offset - first)
		}
	}
	return usual
}

// hexLine reads one line: its offset and its bytes, so many at most, without the
// text beside them.
func hexLine(line []byte, most int) (offset int64, data []byte, ok bool) {
	i := 0
	for i < len(line) && hexDigit(line[i]) >= 0 && i < 16 {
		offset = offset<<4 | int64(hexDigit(line[i]))
		i++
	}
	if i < 3 || i == len(line) && i > 8 {
		return 0, nil, false
	}
	rest := line[i:]
	if len(rest) == 0 { // the last line of hexdump -C is an offset alone
		return offset, nil, true
	}
	if rest[0] != ':' && rest[0] != ' ' && rest[0] != '\t' {
		return 0, nil, false
	}
	rest = rest[1:]
	// A gap of blanks after the last byte, or a bar, begins the text.
	for len(data) < most {
		blanks := 0
		for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
			rest = rest[1:]
			blanks++
		}
		if len(rest) < 2 || rest[0] == '|' || blanks >= 3 && len(data) > 0 && len(data) != 8 {
			break
		}
		// Two digits, or groups of four as xxd has them, ended by a blank.
		n := 0
		for n < len(rest) && hexDigit(rest[n]) >= 0 {
			n++
		}
		if n == 0 || n%2 != 0 || n < len(rest) && rest[n] != ' ' && rest[n] != '\t' || n > 32 {
			break
		}
		// xxd puts two blanks before the text, which may look like digits.
		if blanks == 2 && len(data) > 0 && len(data) != 8 {
			break
		}
		chunk := make([]byte, n/2)
		if _, err := hex.Decode(chunk, rest[:n]); err != nil {
			break
		}
		data = append(data, chunk...)
		rest = rest[n:]
	}
	return offset, data, len(data) > 0 || len(bytes.TrimSpace(rest)) == 0
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
