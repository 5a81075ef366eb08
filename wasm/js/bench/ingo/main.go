//go:build js && wasm

// Command ingo measures the client where a Go program in a Worker uses it: the
// body stays in Go. Its arguments are the relay's URL and the origin's host and
// port; it defines measure(what, n) in JavaScript.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"syscall/js"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/netshim"
	_ "github.com/stepwire/stepwire/netshim/imports"
)

func main() {
	port, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	c, err := core.NewHTTPConnection(os.Args[2], &core.HTTPConnectionOptions{
		Port: &port,
		CreateConnection: func(ctx context.Context, host string, port int, _ *core.SourceAddress) (net.Conn, error) {
			return netshim.Dial(ctx, os.Args[1], host, port, nil)
		},
	})
	if err != nil {
		panic(err)
	}
	m := &meter{connection: c, buffer: make([]byte, 1<<20)}
	js.Global().Set("measure", js.FuncOf(func(_ js.Value, args []js.Value) any {
		what, n := args[0].String(), args[1].Int()
		return js.Global().Get("Promise").New(js.FuncOf(func(_ js.Value, settle []js.Value) any {
			go func() {
				result, err := m.measure(what, n)
				if err != nil {
					settle[1].Invoke(what + ": " + err.Error())
					return
				}
				settle[0].Invoke(js.ValueOf(result))
			}()
			return nil
		}))
	}))
	js.Global().Get("started").Invoke()
	select {}
}

type meter struct {
	connection *core.HTTPConnection
	buffer     []byte
	upload     []byte
}

// measure gives times in ms.
func (m *meter) measure(what string, n int) (map[string]any, error) {
	start := time.Now()
	switch what {
	case "latency":
		all := make([]float64, n)
		for i := range all {
			one := time.Now()
			if err := m.exchange("GET", "/bytes?n=1024", nil, 1024); err != nil {
				return nil, err
			}
			all[i] = float64(time.Since(one)) / 1e6
		}
		total := time.Since(start).Seconds()
		slices.Sort(all)
		return map[string]any{"rate": float64(n) / total, "p50": all[n/2], "p99": all[n*99/100]}, nil
	case "download":
		if err := m.exchange("GET", "/bytes?n="+strconv.Itoa(n), nil, n); err != nil {
			return nil, err
		}
	case "upload":
		if len(m.upload) != n {
			m.upload = make([]byte, n)
			start = time.Now()
		}
		if err := m.exchange("POST", "/upload", m.upload, len(strconv.Itoa(n))); err != nil {
			return nil, err
		}
	}
	return map[string]any{"ms": float64(time.Since(start)) / 1e6}, nil
}

// exchange sends a request and reads a body of want bytes.
func (m *meter) exchange(method, target string, body []byte, want int) error {
	ctx := context.Background()
	options := &core.RequestOptions{}
	if body != nil {
		options.Body = body
	}
	if err := m.connection.Request(ctx, method, target, options); err != nil {
		return err
	}
	r, err := m.connection.GetResponse(ctx)
	if err != nil {
		return err
	}
	got, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, m.buffer)
	if err == nil && got != int64(want) {
		err = fmt.Errorf("%d bytes, want %d", got, want)
	}
	return err
}
