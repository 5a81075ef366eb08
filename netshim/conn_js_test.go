//go:build js && wasm

package netshim

import (
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"syscall/js"
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
	browserRelay(t, "") // or skip
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
	t.Run("wsproxy/denied", func(t *testing.T) {
		_, err := Dial(ctxFor(t), os.Getenv("NETSHIM_REAL"), "127.0.0.2", 9, &DialOptions{Convention: WSProxy})
		checkRelayError(t, err, ErrDenied)
		if !strings.Contains(err.Error(), "--allow 127.0.0.2:9") {
			t.Errorf("%q does not say what to allow", err)
		}
	})
	t.Run("bad URL", func(t *testing.T) {
		_, err := Dial(ctxFor(t), "ws://[/", "a", 1, nil)
		checkRelayError(t, err, ErrRelay)
		if !strings.Contains(err.Error(), "is invalid") {
			t.Errorf("%q does not say what the browser said", err)
		}
	})
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

// dialReal dials a place through this project's own relay.
func dialReal(t testing.TB, place string, o *DialOptions) net.Conn {
	t.Helper()
	relay := os.Getenv("NETSHIM_REAL")
	if relay == "" {
		t.Skip("needs the relay and the browser of TestInBrowser")
	}
	for entry := range strings.FieldsSeq(os.Getenv("NETSHIM_PORTS")) {
		if name, port, _ := strings.Cut(entry, ":"); name == place {
			n, err := strconv.Atoi(port)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Dial(ctxFor(t), relay, "127.0.0.1", n, o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			return c
		}
	}
	t.Fatalf("no place %q", place)
	return nil
}

// TestBrowserReal goes through this project's relay.
func TestBrowserReal(t *testing.T) {
	for _, conv := range []Convention{Wisp, WSProxy} {
		o := &DialOptions{Convention: conv}
		c := dialReal(t, "both", o)
		if _, err := c.Write(make([]byte, bothTakes)); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, c); n != bothSends || err != nil {
			t.Errorf("read %d, %v; want %d", n, err, bothSends)
		}
		c = dialReal(t, "reset", o)
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v; want ECONNRESET", err)
		}
	}
	c := dialReal(t, "echo", nil)
	if _, err := io.WriteString(c, "and back"); err != nil {
		t.Fatal(err)
	}
	if err := c.(*Conn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(c); string(b) != "and back" || err != nil {
		t.Errorf("read %q, %v", b, err)
	}
}

func BenchmarkBrowserDownload(b *testing.B) {
	for _, conv := range []Convention{Wisp, WSProxy} {
		b.Run(convName(conv), func(b *testing.B) {
			c := dialReal(b, "flood", &DialOptions{Convention: conv})
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
		})
	}
}

func convName(c Convention) string {
	if c == WSProxy {
		return "wsproxy"
	}
	return "wisp"
}

// BenchmarkBrowserPlain is what a page gets without Go: the same relay, and a
// listener that counts bytes.
func BenchmarkBrowserPlain(b *testing.B) {
	var port string
	for entry := range strings.FieldsSeq(os.Getenv("NETSHIM_PORTS")) {
		if p, ok := strings.CutPrefix(entry, "flood:"); ok {
			port = p
		}
	}
	done := make(chan struct{})
	ready := js.FuncOf(func(js.Value, []js.Value) any {
		close(done)
		return nil
	})
	defer ready.Release()
	b.SetBytes(1 << 20)
	b.ResetTimer()
	js.Global().Call("plainDownload", os.Getenv("NETSHIM_REAL")+"127.0.0.1:"+port, b.N<<20, ready)
	<-done
}

func BenchmarkBrowserUpload(b *testing.B) {
	for _, conv := range []Convention{Wisp, WSProxy} {
		b.Run(convName(conv), func(b *testing.B) {
			c := dialReal(b, "sink", &DialOptions{Convention: conv})
			buf := make([]byte, 1<<20)
			b.SetBytes(1 << 20)
			for b.Loop() {
				if _, err := c.Write(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBrowserRoundTrip(b *testing.B) {
	for _, size := range []int{64, 1200} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			c := dialReal(b, "echo", nil)
			buf := make([]byte, size)
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

func BenchmarkBrowserDial(b *testing.B) {
	for b.Loop() {
		dialReal(b, "echo", nil).Close()
	}
}
