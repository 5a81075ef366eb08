package relay

import (
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/stepwire/stepwire/netshim"
)

// benchDial opens one connection for a benchmark.
func benchDial(b *testing.B, g *rig, to netip.AddrPort, kind string) net.Conn {
	c, err := netshim.Dial(b.Context(), g.url(""), to.Addr().String(), int(to.Port()), kinds[kind])
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

func BenchmarkDownload(b *testing.B) {
	for kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			g := newRig(b, setup{conf: allowLoopback})
			chunk := pattern(1 << 20)
			c := benchDial(b, g, serveTCP(b, func(c *net.TCPConn) {
				for {
					if _, err := c.Write(chunk); err != nil {
						return
					}
				}
			}), kind)
			buf := make([]byte, 1<<20)
			b.SetBytes(1 << 20)
			for b.Loop() {
				if _, err := io.ReadFull(c, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUpload(b *testing.B) {
	for kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			g := newRig(b, setup{conf: allowLoopback})
			c := benchDial(b, g, serveTCP(b, func(c *net.TCPConn) {
				buf := make([]byte, 1<<20)
				for {
					if _, err := c.Read(buf); err != nil {
						return
					}
				}
			}), kind)
			chunk := pattern(1 << 20)
			b.SetBytes(1 << 20)
			for b.Loop() {
				if _, err := c.Write(chunk); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	for kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			g := newRig(b, setup{conf: allowLoopback})
			c := benchDial(b, g, serveTCP(b, echo), kind)
			buf := make([]byte, 128)
			for b.Loop() {
				if _, err := c.Write(buf); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(c, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
