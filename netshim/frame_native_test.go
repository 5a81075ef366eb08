//go:build !js

package netshim

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// A frame of every form of length holds head and body under its mask, whichever
// phase of the key the body begins in.
func TestFrame(t *testing.T) {
	body := make([]byte, 200<<10)
	for i := range body {
		body[i] = byte(i * 7 >> 3)
	}
	for _, headLen := range []int{0, 1, 5, 1027} {
		for _, bodyLen := range []int{0, 1, 3, 120, 121, 126, 1019, 1024, 1025, 1<<16 - 6, 1<<16 - 1, 1 << 16, 128<<10 - 5, len(body)} {
			head, body := bytes.Repeat([]byte("stream"), 200)[:headLen], body[:bodyLen]
			b := newFrame(head, body)
			if b[0] != 0x82 || b[1]&0x80 == 0 {
				t.Fatalf("%d+%d: frame begins % x", headLen, bodyLen, b[:2])
			}
			n, rest := int(b[1]&0x7f), b[2:]
			switch n {
			case 126:
				n, rest = int(binary.BigEndian.Uint16(rest)), rest[2:]
			case 127:
				n, rest = int(binary.BigEndian.Uint64(rest)), rest[8:]
			}
			key, rest := rest[:4], rest[4:]
			if n != len(rest) || n != headLen+bodyLen {
				t.Fatalf("%d+%d: length %d of %d bytes", headLen, bodyLen, n, len(rest))
			}
			got := make([]byte, n)
			for i := range rest {
				got[i] = rest[i] ^ key[i%4]
			}
			if !bytes.Equal(got, append(bytes.Clone(head), body...)) {
				t.Errorf("%d+%d: the content differs", headLen, bodyLen)
			}
			freeFrame(b)
		}
	}
}
