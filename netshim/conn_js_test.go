//go:build js && wasm

package netshim

import (
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"golang.org/x/net/nettest"
)

// browserRelay is where TestInBrowser serves its relays to the tests that it
// runs in a browser.
func browserRelay(t testing.TB, name string) string {
	t.Helper()
	base := os.Getenv("NETSHIM_RELAY")
	if base == "" {
		t.Skip("needs the relay and the browser of TestInBrowser")
	}
	return base + name + "/"
}

var pairs atomic.Int32

// pairPipe dials twice: the relay connects both connections to each other.
func pairPipe(t *testing.T, dial func(host string, port int) (net.Conn, error)) nettest.MakePipe {
	return func() (net.Conn, net.Conn, func(), error) {
		port := int(pairs.Add(1))
		c1, err := dial("pair", port)
		if err != nil {
			return nil, nil, nil, err
		}
		c2, err := dial("pair", port)
		if err != nil {
			return nil, nil, nil, err
		}
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	}
}

func TestBrowserConn(t *testing.T) {
	for _, name := range []string{"v1", "v2", "flow", "nosub", "wsproxy"} {
		t.Run(name, func(t *testing.T) {
			relay := browserRelay(t, name)
			var o DialOptions
			if name == "wsproxy" {
				o.Convention = WSProxy
			}
			nettest.TestConn(t, pairPipe(t, func(host string, port int) (net.Conn, error) {
				return Dial(ctxFor(t), relay, host, port, &o)
			}))
		})
	}
}

func TestBrowserSession(t *testing.T) {
	s, err := OpenSession(ctxFor(t), browserRelay(t, "flow"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	nettest.TestConn(t, pairPipe(t, func(host string, port int) (net.Conn, error) {
		return s.Dial(ctxFor(t), host, port)
	}))
}

func TestBrowserErrors(t *testing.T) {
	for _, name := range []string{"flow", "v2"} {
		for _, e := range reasonErrors {
			t.Run(name+"/"+e.name, func(t *testing.T) {
				c, err := Dial(ctxFor(t), browserRelay(t, name), e.host, int(e.reason), nil)
				if err == nil {
					c.Close()
				}
				e.check(t, err)
			})
		}
	}
	t.Run("down", func(t *testing.T) {
		_, err := Dial(ctxFor(t), "ws://127.0.0.1:9/", "a", 1, nil)
		checkRelayError(t, err, ErrRelay)
	})
}

func TestBrowserTruncation(t *testing.T) {
	for _, name := range []string{"flow", "v1", "wsproxy"} {
		t.Run(name, func(t *testing.T) {
			var o DialOptions
			if name == "wsproxy" {
				o.Convention = WSProxy
			}
			checkTruncation(t, func() (net.Conn, error) {
				return Dial(ctxFor(t), browserRelay(t, name), "cut", 1, &o)
			})
		})
	}
}

// TestBrowserMemory reads a little of an endless answer and sees that the rest
// is held back.
func TestBrowserMemory(t *testing.T) {
	checkHeldBack(t, func() (net.Conn, error) {
		return Dial(ctxFor(t), browserRelay(t, "flow"), "flood", 1, nil)
	}, func() int64 {
		c, err := Dial(ctxFor(t), browserRelay(t, "flow"), "flooded", 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return readNumber(t, c)
	})
}

func benchConn(b *testing.B, host string) net.Conn {
	c, err := Dial(ctxFor(b), browserRelay(b, "flow"), host, 1, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

func BenchmarkBrowserDownload(b *testing.B) {
	c := benchConn(b, "flood")
	buf := make([]byte, 64<<10)
	b.SetBytes(1 << 20)
	for b.Loop() {
		for left := 1 << 20; left > 0; {
			n, err := c.Read(buf[:min(left, len(buf))])
			if err != nil {
				b.Fatal(err)
			}
			left -= n
		}
	}
}

func BenchmarkBrowserUpload(b *testing.B) {
	c := benchConn(b, "sink")
	buf := make([]byte, 1<<20)
	b.SetBytes(1 << 20)
	for b.Loop() {
		if _, err := c.Write(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBrowserRoundTrip(b *testing.B) {
	for _, size := range []int{64, 1200} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			c := benchConn(b, "echo")
			buf := make([]byte, size)
			for b.Loop() {
				if _, err := c.Write(buf); err != nil {
					b.Fatal(err)
				}
				for n := 0; n < len(buf); {
					m, err := c.Read(buf[n:])
					if err != nil {
						b.Fatal(err)
					}
					n += m
				}
			}
		})
	}
}

func BenchmarkBrowserDial(b *testing.B) {
	for b.Loop() {
		c, err := Dial(ctxFor(b), browserRelay(b, "flow"), "echo", 1, nil)
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
