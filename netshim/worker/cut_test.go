//go:build !js

package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core"
)

// partial is what arrives of each body below.
const partial = "some of the body"

// startCutting serves responses that end before they should: it sends the head
// for the path asked for and a part of the body, and once a further byte of the
// client says that those arrived, it closes or resets.
func startCutting(t *testing.T) string {
	t.Helper()
	heads := map[string]struct {
		head  string
		reset bool
	}{
		"/length-closed":  {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", false},
		"/length-reset":   {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", true},
		"/chunked-closed": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n", false},
		"/until-closed":   {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", false},
		"/until-reset":    {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", true},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(time.Minute))
				r := bufio.NewReader(c)
				req, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				cut := heads[req.URL.Path]
				io.WriteString(c, cut.head+partial)
				r.ReadByte()
				if cut.reset {
					c.(*net.TCPConn).SetLinger(0)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// A target that is cut inside a body is told from one that has ended: by the
// relay, and so by http.client's exceptions.
func TestCut(t *testing.T) {
	addr := startCutting(t)
	w := startWorker(t, map[string]string{"ALLOW": addr})
	for _, c := range conventions {
		t.Run(c.name, func(t *testing.T) {
			for path, want := range map[string]error{
				"/length-closed":  core.ErrIncompleteRead,
				"/length-reset":   core.ErrConnectionResetError,
				"/chunked-closed": core.ErrIncompleteRead,
				"/until-closed":   nil, // its end is the body's end
				"/until-reset":    core.ErrConnectionResetError,
			} {
				t.Run(path[1:], func(t *testing.T) {
					wire := w.open(t, c, addr)
					got, err := cutBody(t, wire, addr, path)
					if !errors.Is(err, want) {
						t.Errorf("%v, want %v", err, want)
					}
					if want == nil && got != partial {
						t.Errorf("the body is %q", got)
					}
				})
			}
		})
	}
}

// cutBody asks for path and reads the body, of which the server holds back the
// end until the client says that it has the beginning.
func cutBody(t *testing.T, wire net.Conn, addr, path string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := core.NewHTTPConnection(addr, &core.HTTPConnectionOptions{
		CreateConnection: func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) { return wire, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Request(ctx, "GET", path, nil); err != nil {
		t.Fatal(err)
	}
	res, err := conn.GetResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first, err := res.ReadAmt(ctx, len(partial))
	if err != nil || string(first) != partial {
		t.Fatalf("%q, %v", first, err)
	}
	if _, err := io.WriteString(wire, "!"); err != nil {
		t.Fatal(err)
	}
	rest, err := res.ReadAll(ctx)
	return string(first) + string(rest), err
}
