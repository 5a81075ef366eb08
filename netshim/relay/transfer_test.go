package relay

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim"
)

// allowLoopback is the policy of most tests.
const allowLoopback = "allow 127.0.0.0/8:*\nallow [::1]:*\n"

func TestDownload(t *testing.T) {
	data := pattern(4<<20 + 123)
	eachKind(t, func(t *testing.T, kind string, dial func(*rig, netip.AddrPort) net.Conn) {
		g := newRig(t, setup{conf: allowLoopback})
		to := serveTCP(t, func(c *net.TCPConn) { c.Write(data) })
		got, err := io.ReadAll(dial(g, to))
		if err != nil || sum(got) != sum(data) {
			t.Errorf("%d of %d bytes, %v", len(got), len(data), err)
		}
	})
}

// io.Copy takes what arrived without a copy, and ends as Read would.
func TestCopy(t *testing.T) {
	data := pattern(5<<20 + 123)
	eachKind(t, func(t *testing.T, _ string, dial func(*rig, netip.AddrPort) net.Conn) {
		g := newRig(t, setup{conf: allowLoopback})
		end := make(chan bool)
		c := dial(g, serveTCP(t, func(c *net.TCPConn) {
			c.Write(data[:100]) // less than is worth a buffer of its own
			c.Write(data[100:])
			<-end
		}))
		var got bytes.Buffer
		for got.Len() < len(data) {
			c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			if _, err := io.Copy(&got, c); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("before the end: %v", err)
			}
		}
		if sum(got.Bytes()) != sum(data) {
			t.Errorf("other bytes: %d of %d", got.Len(), len(data))
		}
		c.SetReadDeadline(time.Time{})
		close(end)
		if n, err := io.Copy(io.Discard, c); n != 0 || err != nil {
			t.Errorf("at the end: %d bytes, %v", n, err)
		}

		resets := serveTCP(t, func(c *net.TCPConn) {
			c.Read(make([]byte, 1))
			c.SetLinger(0)
		})
		c = dial(g, resets)
		c.Write([]byte("a"))
		if n, err := io.Copy(io.Discard, c); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("at a reset: %d bytes, %v", n, err)
		}
		full := errors.New("full")
		few := serveTCP(t, func(c *net.TCPConn) { c.Write(data[:10]) })
		if n, err := io.Copy(failing{full}, dial(g, few)); n != 0 || err != full {
			t.Errorf("to a writer that fails: %d bytes, %v", n, err)
		}
	})
}

// failing is a writer that takes nothing.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestUpload(t *testing.T) {
	data := pattern(4<<20 + 123)
	eachKind(t, func(t *testing.T, kind string, dial func(*rig, netip.AddrPort) net.Conn) {
		g := newRig(t, setup{conf: allowLoopback})
		got := make(chan []byte, 1)
		to := serveTCP(t, func(c *net.TCPConn) {
			all, _ := io.ReadAll(io.LimitReader(c, int64(len(data))))
			got <- all
			c.Write([]byte("ok"))
		})
		c := dial(g, to)
		if _, err := c.Write(data); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(c)
		if err != nil || string(answer) != "ok" {
			t.Errorf("answer %q, %v", answer, err)
		}
		if all := <-got; sum(all) != sum(data) {
			t.Errorf("%d of %d bytes", len(all), len(data))
		}
	})
}

// Both directions at once, in pieces of all sizes.
func TestBothWays(t *testing.T) {
	data := pattern(2 << 20)
	eachKind(t, func(t *testing.T, kind string, dial func(*rig, netip.AddrPort) net.Conn) {
		g := newRig(t, setup{conf: allowLoopback})
		c := dial(g, serveTCP(t, echo))
		var wg sync.WaitGroup
		wg.Go(func() {
			for p, n := data, 1; len(p) > 0; n = n*3 + 1 {
				n = min(n, len(p), 1<<20)
				if _, err := c.Write(p[:n]); err != nil {
					t.Error(err)
					return
				}
				p = p[n:]
			}
		})
		got := make([]byte, len(data))
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, data) {
			t.Errorf("echo differs: %v", err)
		}
		wg.Wait()
	})
}

// A half-close reaches the target, and what it says after that comes back.
func TestHalfClose(t *testing.T) {
	g := newRig(t, setup{conf: allowLoopback})
	to := serveTCP(t, func(c *net.TCPConn) {
		all, _ := io.ReadAll(c)
		c.Write(append([]byte("got "), all...))
	})
	c, err := netshim.Dial(t.Context(), g.url(""), to.Addr().String(), int(to.Port()), kinds["wisp"])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write([]byte("question"))
	if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil || string(answer) != "got question" {
		t.Errorf("answer %q, %v", answer, err)
	}
}

// The target's FIN leaves the client's direction open.
func TestTargetHalfClose(t *testing.T) {
	g := newRig(t, setup{conf: allowLoopback})
	data := pattern(2 << 20)
	got := make(chan string, 1)
	to := serveTCP(t, func(c *net.TCPConn) {
		c.CloseWrite()
		all, _ := io.ReadAll(c)
		got <- sum(all)
	})
	c, err := netshim.Dial(t.Context(), g.url(""), to.Addr().String(), int(to.Port()), kinds["wisp"])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d, %v", n, err)
	}
	if _, err := c.Write(data); err != nil {
		t.Fatal(err)
	}
	c.(interface{ CloseWrite() error }).CloseWrite()
	if s := <-got; s != sum(data) {
		t.Error("what was sent after the target's FIN is not what arrived")
	}
}

// A reset by the target is an error at the client, after the bytes before it.
func TestTargetReset(t *testing.T) {
	eachKind(t, func(t *testing.T, kind string, dial func(*rig, netip.AddrPort) net.Conn) {
		g := newRig(t, setup{conf: allowLoopback})
		read := make(chan bool)
		to := serveTCP(t, func(c *net.TCPConn) {
			c.Write([]byte("half"))
			<-read
			c.SetLinger(0)
		})
		c := dial(g, to)
		buf := make([]byte, 4)
		if _, err := io.ReadFull(c, buf); err != nil {
			t.Fatal(err)
		}
		close(read)
		if _, err := c.Read(buf); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read after the reset: %v", err)
		}
		g.logged(`"reason":"network error"`)
	})
}

func TestRefused(t *testing.T) {
	l := listen(t)
	to := netip.MustParseAddrPort(l.Addr().String())
	l.Close()
	for kind, opts := range kinds {
		t.Run(kind, func(t *testing.T) {
			g := newRig(t, setup{conf: allowLoopback})
			c, err := netshim.Dial(t.Context(), g.url(""), to.Addr().String(), int(to.Port()), opts)
			if err == nil {
				defer c.Close()
				_, err = c.Read(make([]byte, 1))
			}
			if !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("got %v", err)
			}
		})
	}
}
