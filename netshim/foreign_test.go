//go:build !js

package netshim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stepwire/stepwire/netshim/internal/child"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// wispJS starts npm's wisp-js, which knows nothing of this project, and gives
// the URLs of its relays by the version that they speak.
func wispJS(t *testing.T) map[int]string {
	t.Helper()
	dir, wanted := os.LookupEnv("NETSHIM_PEERS")
	if !wanted {
		dir = "peers"
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@mercuryworkshop", "wisp-js")); err != nil {
		if wanted {
			t.Fatalf("NETSHIM_PEERS: %v", err)
		}
		t.Skip("wisp-js is not installed: npm ci --prefix netshim/peers installs it")
	}
	relays := map[int]string{}
	for version, args := range map[int][]string{1: {"1"}, 2: {"2", "mind the gap"}} {
		p, err := child.Start(exec.Command("node", append([]string{filepath.Join(dir, "wisp-js.mjs")}, args...)...))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Kill)
		relays[version] = "ws://" + p.Addr + "/"
	}
	return relays
}

// TestForeignRelay dials loopback through wisp-js. Its wsproxy side is left
// out: version 0.5.0 fails on every message from a client.
func TestForeignRelay(t *testing.T) {
	body := make([]byte, 12<<20)
	rand.New(rand.NewSource(3)).Read(body)
	for version, relay := range wispJS(t) {
		name := fmt.Sprintf("v%d/", version)
		dial := func(t *testing.T, tg *target, serve func(net.Conn)) net.Conn {
			t.Helper()
			go func() {
				c, err := tg.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				serve(c)
			}()
			c, err := Dial(ctxFor(t), relay, tg.host, tg.port, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			return c
		}
		t.Run(name+"download", func(t *testing.T) {
			c := dial(t, newTarget(t), func(c net.Conn) { c.Write(body) })
			got, err := io.ReadAll(c)
			if err != nil || !bytes.Equal(got, body) {
				t.Errorf("read %d bytes, %v; want %d", len(got), err, len(body))
			}
		})
		t.Run(name+"upload", func(t *testing.T) {
			got := make(chan []byte, 1)
			c := dial(t, newTarget(t), func(c net.Conn) {
				b := make([]byte, len(body))
				io.ReadFull(c, b)
				got <- b
				io.WriteString(c, "done")
			})
			if _, err := c.Write(body); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(<-got, body) {
				t.Error("the destination got something else")
			}
			if b, err := io.ReadAll(c); string(b) != "done" || err != nil {
				t.Errorf("read %q, %v", b, err)
			}
		})
		t.Run(name+"echo", func(t *testing.T) {
			c := dial(t, newTarget(t), func(c net.Conn) { io.Copy(c, c) })
			var wg sync.WaitGroup
			wg.Go(func() { c.Write(body) })
			got := make([]byte, len(body))
			if n, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, body) {
				t.Errorf("read %d bytes, %v", n, err)
			}
			wg.Wait()
		})
		t.Run(name+"refused", func(t *testing.T) {
			tg := newTarget(t)
			tg.Close()
			c, err := Dial(ctxFor(t), relay, tg.host, tg.port, nil)
			if err == nil {
				defer c.Close()
				_, err = c.Read(make([]byte, 1))
			}
			// wisp-js gives one reason for all that fails.
			if !errors.Is(err, syscall.ECONNRESET) || !strings.Contains(err.Error(), "does not say which") {
				t.Errorf("got %v for a refused connection", err)
			}
		})
		t.Run(name+"reset", func(t *testing.T) {
			c := dial(t, newTarget(t), func(c net.Conn) {
				c.Write(body[:100_000])
				// Only what has arrived survives a reset.
				io.ReadFull(c, make([]byte, 1))
				c.(*net.TCPConn).SetLinger(0)
			})
			got := make([]byte, 100_000)
			if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, body[:100_000]) {
				t.Fatalf("before the reset: %v", err)
			}
			c.Write([]byte{1})
			// wisp-js tells a reset as a voluntary close.
			if n, err := c.Read(got); err != io.EOF {
				t.Errorf("read %d bytes, %v after a reset", n, err)
			}
		})
		t.Run(name+"negotiated", func(t *testing.T) {
			s, err := OpenSession(ctxFor(t), relay, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			want := wisp.Agreed{Version: version}
			if version == 2 {
				want.MOTD = "mind the gap"
			}
			if got := s.Negotiated(); got != want {
				t.Errorf("negotiated %+v; want %+v", got, want)
			}
		})
	}
}
