package demo

import (
	"fmt"
	"io"
	"net"
	"testing"
)

// BenchmarkBytes is the ceiling that the demo origin sets for a client.
func BenchmarkBytes(b *testing.B) {
	s, err := Start(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const n = 64 << 20
	b.SetBytes(n)
	buf := make([]byte, 512<<10)
	for b.Loop() {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(c, "GET /bytes?n=%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", n)
		total := 0
		for err == nil {
			var k int
			k, err = c.Read(buf)
			total += k
		}
		if err != io.EOF || total < n {
			b.Fatal(total, err)
		}
		c.Close()
	}
}

func BenchmarkContent(b *testing.B) {
	block := make([]byte, blockSize)
	b.SetBytes(blockSize)
	for b.Loop() {
		Content(block, 7*blockSize)
	}
}
