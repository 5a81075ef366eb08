//go:build !js

package core_test

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os/exec"
	"strconv"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/trace"
)

// Each benchmark runs this client beside its peers, and beside CPython where
// python3 is found; "make bench" takes ratios within a round of all of them.

//go:embed testdata/bench.py
var benchProgram string

// cpython is the client that does what testdata/bench.py calls by that name;
// none where python3 was not found.
func cpython(b *testing.B, what, address string, size int) []client {
	b.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		b.Log("python3 was not found")
		return nil
	}
	cmd := exec.Command(python, "-c", benchProgram, what, address, strconv.Itoa(size))
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	c := client{name: "cpython", do: func(n int) {
		fmt.Fprintln(in, n)
		if !lines.Scan() || lines.Text() != strconv.Itoa(n) {
			b.Fatalf("python3 answered %q to %d", lines.Text(), n)
		}
	}}
	if size > 1024 {
		c.bytes = int64(size)
	}
	return []client{c}
}

const benchHead = "HTTP/1.1 200 OK\r\n" +
	"Date: Sat, 21 Nov 2026 10:00:00 GMT\r\nServer: nginx/1.22.1\r\nContent-Type: text/html; charset=utf-8\r\n" +
	"Content-Length: 1024\r\nLast-Modified: Fri, 20 Nov 2026 09:00:00 GMT\r\nConnection: keep-alive\r\n" +
	"ETag: \"655b1f2a-400\"\r\nVary: Accept-Encoding\r\nCache-Control: max-age=3600, public\r\n" +
	"Strict-Transport-Security: max-age=63072000\r\nX-Content-Type-Options: nosniff\r\nAccept-Ranges: bytes\r\n\r\n"

// origin serves keep-alive connections with a body of n bytes for /n, without
// any library: the peers must not wait for the server.
func origin(tb testing.TB) string {
	tb.Helper()
	return serve(tb, answer)
}

// serve plays a server on every connection to the address that it gives.
func serve(tb testing.TB, play func(net.Conn)) (address string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				play(conn)
			}()
		}
	}()
	return l.Addr().String()
}

var benchBody = bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB

func answer(conn net.Conn) {
	r := bufio.NewReaderSize(conn, 64<<10)
	var out []byte
	for {
		size, length := 0, 0
		for first := true; ; first = false {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if first {
				_, target, _ := bytes.Cut(line, []byte(" "))
				target, _, _ = bytes.Cut(target, []byte(" "))
				size, _ = strconv.Atoi(string(bytes.TrimPrefix(target, []byte("/"))))
			}
			if name, value, ok := bytes.Cut(line, []byte(":")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
				length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
			}
			if len(bytes.TrimSpace(line)) == 0 {
				break
			}
		}
		if _, err := r.Discard(length); err != nil {
			return
		}
		out = append(out[:0], "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "...)
		out = strconv.AppendInt(out, int64(size), 10)
		out = append(out, "\r\n\r\n"...)
		n := min(size, len(benchBody))
		out = append(out, benchBody[:n]...)
		if _, err := conn.Write(out); err != nil {
			return
		}
		for size -= n; size > 0; size -= n {
			n = min(size, len(benchBody))
			if _, err := conn.Write(benchBody[:n]); err != nil {
				return
			}
		}
	}
}

func BenchmarkHeadParse(b *testing.B) {
	head := []byte(benchHead)
	c, r := requested(b), new(h1.Response)
	in := bytes.NewReader(head)
	buf := bufio.NewReader(in)
	again := func() {
		in.Reset(head)
		buf.Reset(in)
	}
	var fast fasthttp.ResponseHeader
	compare(b,
		client{name: "stepwire", do: func(n int) {
			for range n {
				readHead(b, c, r, head)
				if r.Status != 200 || len(r.Head.Fields) != 12 {
					b.Fatal(r.Status, len(r.Head.Fields))
				}
				c.Reject(r, false) // which leaves the request sent, for the next one
			}
		}},
		client{name: "textproto", do: func(n int) {
			for range n {
				again()
				r := textproto.NewReader(buf)
				if _, err := r.ReadLine(); err != nil {
					b.Fatal(err)
				}
				if _, err := r.ReadMIMEHeader(); err != nil {
					b.Fatal(err)
				}
			}
		}},
		client{name: "nethttp", do: func(n int) {
			for range n {
				again()
				if _, err := http.ReadResponse(buf, nil); err != nil {
					b.Fatal(err)
				}
			}
		}},
		client{name: "fasthttp", do: func(n int) {
			for range n {
				again()
				fast.Reset()
				if err := fast.Read(buf); err != nil {
					b.Fatal(err)
				}
				for range fast.All() {
				}
			}
		}},
	)
}

var authority = h1.Authority{Host: "a.example", Port: 80, DefaultPort: 80}

// requested is an engine that waits for a response.
func requested(tb testing.TB) *h1.Conn {
	tb.Helper()
	c := &h1.Conn{}
	c.Opened()
	if err := c.PutRequest("GET", "/", authority, false, false); err != nil {
		tb.Fatal(err)
	}
	if _, _, err := c.EndHeaders(); err != nil {
		tb.Fatal(err)
	}
	return c
}

// readHead gives the engine a head, all at once.
func readHead(tb testing.TB, c *h1.Conn, r *h1.Response, head []byte) {
	if err := c.GetResponse(r); err != nil {
		tb.Fatal(err)
	}
	for {
		err := r.Begin()
		if err == nil {
			return
		}
		if err != h1.ErrNeedInput {
			tb.Fatal(err)
		}
		r.Fill(copy(r.Space(), head))
	}
}

func connection(tb testing.TB, address string, tracer h1.Tracer) *core.HTTPConnection {
	tb.Helper()
	c, err := core.NewHTTPConnection(address, &core.HTTPConnectionOptions{Tracer: tracer})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

func get(tb testing.TB, c *core.HTTPConnection, target string, body []byte) int {
	ctx := context.Background()
	if err := c.Request(ctx, "GET", target, nil); err != nil {
		tb.Fatal(err)
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	n, err := io.ReadFull(r, body)
	if err != nil && err != io.ErrUnexpectedEOF {
		tb.Fatal(err)
	}
	return n
}

// netHTTP is net/http's client.
func netHTTP(b *testing.B) *http.Client {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	b.Cleanup(client.CloseIdleConnections)
	return client
}

// BenchmarkGet fetches 1 KiB over a kept-alive loopback connection.
func BenchmarkGet(b *testing.B) {
	address := origin(b)
	body := make([]byte, 1024)
	plain := connection(b, address, nil)
	log := trace.NewLog(0, nil)
	traced := connection(b, address, log)
	standard := netHTTP(b)
	fast := &fasthttp.HostClient{Addr: address}
	b.Cleanup(fast.CloseIdleConnections)
	var req fasthttp.Request
	var res fasthttp.Response
	req.SetRequestURI("http://" + address + "/1024")
	compare(b, append([]client{
		{name: "stepwire", do: func(n int) {
			for range n {
				if n := get(b, plain, "/1024", body); n != 1024 {
					b.Fatal(n)
				}
			}
		}},
		{name: "stepwire-traced", do: func(n int) {
			for range n {
				get(b, traced, "/1024", body)
				log.Reuse(log.Take()) // as a page's client does
			}
		}},
		{name: "fasthttp", do: func(n int) {
			for range n {
				if err := fast.Do(&req, &res); err != nil {
					b.Fatal(err)
				}
				copy(body, res.Body())
			}
		}},
		{name: "nethttp", do: func(n int) {
			for range n {
				r, err := standard.Get("http://" + address + "/1024")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(r.Body, body); err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
		}},
	}, cpython(b, "get", address, 1024)...)...)
}

// BenchmarkDownload fetches 64 MiB.
func BenchmarkDownload(b *testing.B) {
	const size = 64 << 20
	address := origin(b)
	plain := connection(b, address, nil)
	log := trace.NewLog(0, nil)
	traced := connection(b, address, log)
	standard := netHTTP(b)
	compare(b, append([]client{
		{name: "stepwire", bytes: size, do: func(n int) {
			for range n {
				download(b, plain, size)
			}
		}},
		{name: "stepwire-traced", bytes: size, do: func(n int) {
			for range n {
				download(b, traced, size)
				log.Reuse(log.Take())
			}
		}},
		{name: "nethttp", bytes: size, do: func(n int) {
			for range n {
				r, err := standard.Get("http://" + address + "/" + strconv.Itoa(size))
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, r.Body); n != size || err != nil {
					b.Fatal(n, err)
				}
				r.Body.Close()
			}
		}},
	}, cpython(b, "download", address, size)...)...)
}

func download(tb testing.TB, c *core.HTTPConnection, size int64) {
	tb.Helper()
	ctx := context.Background()
	if err := c.Request(ctx, "GET", "/"+strconv.FormatInt(size, 10), nil); err != nil {
		tb.Fatal(err)
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); n != size || err != nil {
		tb.Fatal(n, err)
	}
}

// BenchmarkUpload sends 16 MiB.
func BenchmarkUpload(b *testing.B) {
	const size = 16 << 20
	address := origin(b)
	body := make([]byte, size)
	plain := connection(b, address, nil)
	standard := netHTTP(b)
	ctx := context.Background()
	compare(b, append([]client{
		{name: "stepwire", bytes: size, do: func(n int) {
			for range n {
				if err := plain.Request(ctx, "POST", "/0", &core.RequestOptions{Body: body}); err != nil {
					b.Fatal(err)
				}
				r, err := plain.GetResponse(ctx)
				if err != nil {
					b.Fatal(err)
				}
				r.ReadAll(ctx)
			}
		}},
		{name: "nethttp", bytes: size, do: func(n int) {
			for range n {
				r, err := standard.Post("http://"+address+"/0", "application/octet-stream", bytes.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
		}},
	}, cpython(b, "upload", address, size)...)...)
}

// The head of a response makes the text of its fields and their list.
func TestUntracedHeadAllocates(t *testing.T) {
	c := requested(t)
	r := new(h1.Response)
	if n := testing.AllocsPerRun(200, func() {
		readHead(t, c, r, []byte(benchHead))
		c.Reject(r, false)
	}); n > 3 {
		t.Errorf("the head of a response makes %v objects, want at most 3", n)
	}
}

// An untraced GET makes a small, constant number of objects.
func TestUntracedGetAllocates(t *testing.T) {
	address := origin(t)
	c := connection(t, address, nil)
	body := make([]byte, 1024)
	get(t, c, "/1024", body)
	if n := testing.AllocsPerRun(200, func() { get(t, c, "/1024", body) }); n > 5 {
		t.Errorf("an untraced GET makes %v objects, want at most 5", n)
	}
}
