//go:build !js

package netshim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
	"golang.org/x/net/nettest"
)

// testServer serves the relays of the tests: /relay/KIND/, see servePlaces.
type testServer struct {
	*places
	url string // of /relay/
}

func newServer(t testing.TB) *testServer {
	t.Helper()
	checkLeaks(t)
	mux := http.NewServeMux()
	p := servePlaces(mux)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return &testServer{p, "ws" + strings.TrimPrefix(srv.URL, "http") + "/relay/"}
}

// checkLeaks sees, after all other cleanups, that the goroutines that the test
// started have ended.
func checkLeaks(t testing.TB) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		for deadline := time.Now().Add(30 * time.Second); ; {
			if n := runtime.NumGoroutine(); n <= before {
				return
			} else if time.Now().After(deadline) {
				buf := make([]byte, 1<<20)
				t.Errorf("%d goroutines where %d were before:\n%s", n, before, buf[:runtime.Stack(buf, true)])
				return
			}
			<-time.After(5 * time.Millisecond)
		}
	})
}

var kinds = []struct {
	name string
	opts DialOptions
}{
	{"v1", DialOptions{}},
	{"v2", DialOptions{}},
	{"flow", DialOptions{}},
	{"nosub", DialOptions{}},
	{"wsproxy", DialOptions{Convention: WSProxy}},
}

func (s *testServer) dial(t testing.TB, kind, host string, port int) net.Conn {
	t.Helper()
	var o DialOptions
	if kind == "wsproxy" {
		o.Convention = WSProxy
	}
	c, err := Dial(ctxFor(t), s.url+kind+"/", host, port, &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestConnOverWebSocket(t *testing.T) {
	s := newServer(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			port := 0
			nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
				port++
				c1, c2 := s.dial(t, k.name, "pair", port), s.dial(t, k.name, "pair", port)
				return c1, c2, func() { c1.Close(); c2.Close() }, nil
			})
		})
	}
}

// TestConnThroughRelay goes through this project's relay.
func TestConnThroughRelay(t *testing.T) {
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	defer srv.Close()
	mountRelay(t, mux, srv.URL)
	for _, o := range []DialOptions{{}, {NoFlow: true}, {Convention: WSProxy}} {
		o.Origin = srv.URL
		t.Run(fmt.Sprintf("convention %d, no flow %v", o.Convention, o.NoFlow), func(t *testing.T) {
			nettest.TestConn(t, pipe(t, func(host string, port int) (net.Conn, error) {
				return Dial(ctxFor(t), srv.URL+"/real/", host, port, &o)
			}))
		})
	}
}

func TestConnInSession(t *testing.T) {
	srv := newServer(t)
	for _, kind := range []string{"v1", "flow"} {
		t.Run(kind, func(t *testing.T) {
			s, err := OpenSession(ctxFor(t), srv.url+kind+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			nettest.TestConn(t, pipe(t, func(host string, port int) (net.Conn, error) {
				return s.Dial(ctxFor(t), "127.0.0.1.tcp", port)
			}))
		})
	}
}

func TestReasons(t *testing.T) {
	s := newServer(t)
	for _, e := range reasonErrors {
		// A relay that confirms opens: Dial says it.
		for _, kind := range []string{"v2", "flow"} {
			t.Run(kind+"/"+e.name, func(t *testing.T) {
				c, err := Dial(ctxFor(t), s.url+kind+"/", e.host, int(e.reason), nil)
				if err == nil {
					c.Close()
				}
				e.check(t, err)
			})
		}
		if e.reason == wisp.ReasonVoluntary {
			continue // io.EOF where nothing is confirmed
		}
		// One that does not: the first Read does.
		for _, kind := range []string{"v1", "wsproxy"} {
			t.Run(kind+"/"+e.name, func(t *testing.T) {
				c := s.dial(t, kind, e.host, int(e.reason))
				_, err := c.Read(make([]byte, 1))
				e.says = strings.TrimPrefix(e.says, "dial ")
				e.check(t, err)
			})
		}
	}
}

func TestRelayDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, conv := range []Convention{Wisp, WSProxy} {
		_, err = Dial(ctxFor(t), "ws://"+l.Addr().String()+"/secret/", "a", 1, &DialOptions{Convention: conv})
		checkRelayError(t, err, ErrRelay)
		for _, want := range []string{"cannot reach the relay at ws://" + l.Addr().String(), "is it running"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q holds the relay's path", err)
		}
	}
}

func TestRelayRefusesHandshake(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	_, err := Dial(ctxFor(t), srv.URL+"/relay/", "a", 1, nil)
	checkRelayError(t, err, ErrRelay)
	if !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("%q does not say 404", err)
	}
}

func TestTruncation(t *testing.T) {
	s := newServer(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			checkTruncation(t, func() (net.Conn, error) { return s.dial(t, k.name, "cut", 1), nil })
		})
	}
}

func TestReset(t *testing.T) {
	s := newServer(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			c := s.dial(t, k.name, "reset", 1)
			b := make([]byte, 5)
			if _, err := io.ReadFull(c, b); err != nil || string(b) != "hello" {
				t.Fatalf("read %q, %v", b, err)
			}
			if _, err := c.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			_, err := c.Read(b)
			var ne *Error
			if !errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || !errors.As(err, &ne) || ne.Party() != PartyNetwork {
				t.Errorf("got %v; want ECONNRESET of the network", err)
			}
		})
	}
}

func TestHalfClose(t *testing.T) {
	s := newServer(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			c := s.dial(t, k.name, "fin", 1)
			b, err := io.ReadAll(c)
			if err != nil || string(b) != "hello" {
				t.Fatalf("read %q, %v; want an orderly end after hello", b, err)
			}
			if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("read %d, %v; want io.EOF again", n, err)
			}
			cw := c.(interface{ CloseWrite() error })
			if k.name != "flow" {
				if err := cw.CloseWrite(); !errors.Is(err, ErrNoHalfClose) && !errors.Is(err, syscall.EPIPE) {
					t.Errorf("CloseWrite gave %v; want ErrNoHalfClose or EPIPE", err)
				}
				return
			}
			// The destination closed its side; ours still works.
			if _, err := io.WriteString(c, "late"); err != nil {
				t.Fatal(err)
			}
			if err := cw.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if got := <-s.late; string(got) != "late" {
				t.Errorf("the destination read %q", got)
			}
			if _, err := io.WriteString(c, "x"); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("write after CloseWrite gave %v; want EPIPE", err)
			}
		})
	}
}

// TestHalfCloseFirst sends a request, ends its side and reads the echo.
func TestHalfCloseFirst(t *testing.T) {
	s := newServer(t)
	c := s.dial(t, "flow", "echo", 1)
	want := make([]byte, 3<<20)
	rand.New(rand.NewSource(1)).Read(want)
	go func() {
		c.Write(want)
		c.(*Conn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("read %d bytes, %v; want the %d that were sent", len(got), err, len(want))
	}
}

// TestDeadlinesLoseNothing reads an echo in tiny, expiring slices of time.
func TestDeadlinesLoseNothing(t *testing.T) {
	s := newServer(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			c := s.dial(t, k.name, "echo", 1)
			want := make([]byte, 2<<20)
			rand.New(rand.NewSource(2)).Read(want)
			var wg sync.WaitGroup
			wg.Go(func() {
				for p := want; len(p) > 0; {
					c.SetWriteDeadline(time.Now().Add(200 * time.Microsecond))
					n, err := c.Write(p)
					p = p[n:]
					if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
						t.Error(err)
						return
					}
				}
			})
			got := make([]byte, 0, len(want))
			late := 0
			buf := make([]byte, 7000)
			for len(got) < len(want) {
				c.SetReadDeadline(time.Now().Add(100 * time.Microsecond))
				n, err := c.Read(buf)
				got = append(got, buf[:n]...)
				if errors.Is(err, os.ErrDeadlineExceeded) {
					late++
				} else if err != nil {
					t.Fatal(err)
				}
			}
			wg.Wait()
			if !bytes.Equal(got, want) {
				t.Error("the echo differs")
			}
			t.Logf("%d reads timed out", late)
		})
	}
}

// TestWriteWhileUnread writes much before it reads what has come meanwhile: the
// credit for the one comes behind the other.
func TestWriteWhileUnread(t *testing.T) {
	s := newServer(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			c := s.dial(t, k.name, "both", 1)
			if _, err := c.Write(make([]byte, bothTakes)); err != nil {
				t.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, c); n != bothSends || err != nil {
				t.Errorf("read %d, %v; want %d", n, err, bothSends)
			}
		})
	}
}

func TestHeldBack(t *testing.T) {
	s := newServer(t)
	checkHeldBack(t, func() (net.Conn, error) { return s.dial(t, "flow", "flood", 1), nil }, func() int64 {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.sent
	})
}

// TestStreamsInOneWebSocket runs echoes of many sizes at once while one stream
// is not read.
func TestStreamsInOneWebSocket(t *testing.T) {
	srv := newServer(t)
	s, err := OpenSession(ctxFor(t), srv.url+"flow/", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Dial(ctxFor(t), "flood", 1); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			c, err := s.Dial(ctxFor(t), "echo", 1)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			want := make([]byte, 1+i*90_001)
			rand.New(rand.NewSource(int64(i))).Read(want)
			go func() {
				c.Write(want)
				c.CloseWrite()
			}()
			got, err := io.ReadAll(c)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("stream %d: read %d bytes, %v; want %d", i, len(got), err, len(want))
			}
		})
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Dial(ctxFor(t), "echo", 1); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial on a closed session gave %v", err)
	}
}

func TestEvents(t *testing.T) {
	s := newServer(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			var mu sync.Mutex
			var got []string
			o := k.opts
			o.OnEvent = func(e Event) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, e.What+": "+e.Detail)
			}
			c, err := Dial(ctxFor(t), s.url+k.name+"/", "echo", 1, &o)
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
			mu.Lock()
			defer mu.Unlock()
			all := strings.Join(got, "\n")
			want := map[string][]string{
				"v1":      {"negotiated: Wisp 1", "fallback: The relay does not know the flow", "does not confirm"},
				"nosub":   {"negotiated: Wisp 1", "fallback: The relay does not know the flow"},
				"v2":      {"negotiated: Wisp 2 with confirmed opens", "fallback: ", "motd: mind the gap"},
				"flow":    {"websocket: Open to ws://127.0.0.1", "wisp-v2 offered", "negotiated: Wisp 2 with byte credits", "stream: Stream 1 to echo:1: open"},
				"wsproxy": {"negotiated: wsproxy", "fallback: The wsproxy convention has no half-close"},
			}[k.name]
			for _, w := range want {
				if !strings.Contains(all, w) {
					t.Errorf("no event says %q:\n%s", w, all)
				}
			}
			if k.name == "flow" && strings.Contains(all, EventFallback) {
				t.Errorf("a fallback where nothing is missing:\n%s", all)
			}
			if strings.Contains(all, "/relay/") {
				t.Errorf("events hold the relay's path:\n%s", all)
			}
		})
	}
}

// TestRelayEnds: what the relay says at its own end reaches the connections.
func TestRelayEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(relay *memory)
		is   error
		says string
	}{
		{"shutdown", func(m *memory) { m.Close(1001, "") }, io.ErrUnexpectedEOF, "shutting down: connect again"},
		{"orderly close under a stream", func(m *memory) { m.Close(1000, "") }, io.ErrUnexpectedEOF, "was lost"},
		{"broken", func(m *memory) { m.cut() }, io.ErrUnexpectedEOF, "was lost: WebSocket broke off"},
		{"goodbye", func(m *memory) { m.Send(wisp.AppendClose(nil, 0, wisp.ReasonThrottled), nil) }, ErrDenied, "try again later"},
		{"nonsense", func(m *memory) { m.Send([]byte{9, 9}, nil) }, ErrRelay, "does not keep to the protocol: wisp: a packet of 2 bytes"},
		{"overrun", func(m *memory) {
			for range clientFlow.Window/clientFlow.MaxData + 1 {
				m.Send(wisp.AppendData(nil, 1, make([]byte, clientFlow.MaxData)), nil)
			}
		}, ErrRelay, "beyond its credit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkLeaks(t)
			a, b := newMemory()
			defer b.Close(1000, "")
			go serveTest(b, wisp.Options{Version2: true}, newPlaces().dialer(nil))
			s, err := NewSession(ctxFor(t), a, true, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			conn, err := s.Dial(ctxFor(t), "echo", 1)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			c.end(b)
			// Reading would give the overrun credit.
			conn.mu.Lock()
			for conn.rfail == nil {
				conn.readable.Wait()
			}
			conn.mu.Unlock()
			_, err = io.Copy(io.Discard, conn)
			checkRelayError(t, err, c.is)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
		})
	}
}

// silent is a relay that says nothing.
func silent(t *testing.T) *memory {
	a, b := newMemory()
	t.Cleanup(func() { b.Close(1000, "") })
	return a
}

func TestDialContext(t *testing.T) {
	t.Run("handshake", func(t *testing.T) {
		checkLeaks(t)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := NewSession(ctx, silent(t), true, nil)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("late", func(t *testing.T) {
		checkLeaks(t)
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		_, err := NewSession(ctx, silent(t), true, nil)
		if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("open", func(t *testing.T) {
		checkLeaks(t)
		a, b := newMemory()
		stop := make(chan struct{})
		defer close(stop)
		go serveTest(b, wisp.Options{Version2: true}, func(string, int) (net.Conn, error) {
			<-stop
			return nil, syscall.ECONNREFUSED
		})
		s, err := NewSession(ctxFor(t), a, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if _, err = s.Dial(ctx, "a", 1); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("websocket", func(t *testing.T) {
		checkLeaks(t)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if _, err := Dial(ctx, "ws://"+l.Addr().String(), "a", 1, nil); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
