//go:build !js

package core_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/trace"
)

// canned answers every request line with the same bytes.
func canned(tb testing.TB, response []byte) string {
	tb.Helper()
	return serve(tb, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(bytes.TrimSpace(line)) > 0 {
				continue
			}
			if _, err := conn.Write(response); err != nil {
				return
			}
		}
	})
}

// BenchmarkGrowth measures one exchange as one thing about it grows; make
// bench-plots draws it. The clients are named after how much of it there is.
func BenchmarkGrowth(b *testing.B) {
	body := func(n int) string {
		return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(n) + "\r\n\r\n" + strings.Repeat("b", n)
	}
	growths := []struct {
		name     string
		sizes    []int
		response func(n int) string
		traced   bool
	}{
		{"fields of the head", []int{1, 3, 10, 30, 95}, func(n int) string {
			var head strings.Builder
			head.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
			for i := range n {
				fmt.Fprintf(&head, "X-Field-%d: a value of some length\r\n", i)
			}
			return head.String() + "\r\n"
		}, false},
		{"bytes of a field", []int{64, 512, 4 << 10, 16 << 10, 60 << 10}, func(n int) string {
			return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: " + strings.Repeat("v", n) + "\r\n\r\n"
		}, false},
		{"chunks of a body of 64 KiB", []int{1, 16, 256, 4096, 16384}, func(n int) string {
			size := 64 << 10 / n
			chunk := strconv.FormatInt(int64(size), 16) + "\r\n" + strings.Repeat("c", size) + "\r\n"
			return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, n) + "0\r\n\r\n"
		}, false},
		{"bytes of a body", []int{1 << 10, 16 << 10, 256 << 10, 4 << 20, 64 << 20}, body, false},
		{"bytes of a traced body", []int{1 << 10, 16 << 10, 256 << 10, 4 << 20, 64 << 20}, body, true},
	}
	for _, g := range growths {
		b.Run(strings.ReplaceAll(g.name, " ", "_"), func(b *testing.B) {
			var clients []client
			for _, n := range g.sizes {
				var tracer h1.Tracer
				log := trace.NewLog(1<<40, nil) // keeps all
				if g.traced {
					tracer = log
				}
				c := connection(b, canned(b, []byte(g.response(n))), tracer)
				clients = append(clients, client{name: strconv.Itoa(n), do: func(times int) {
					for range times {
						consume(b, c)
						log.Reuse(log.Take())
					}
				}})
			}
			for i, took := range turns(b, clients) {
				b.ReportMetric(took[0], clients[i].name+"-ns/op") // what was slower had other work beside it
			}
		})
	}
}

// consume makes one exchange.
func consume(tb testing.TB, c *core.HTTPConnection) {
	tb.Helper()
	ctx := context.Background()
	if err := c.Request(ctx, "GET", "/", nil); err != nil {
		tb.Fatal(err)
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		tb.Fatal(err)
	}
}
