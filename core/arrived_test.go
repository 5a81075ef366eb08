package core_test

import (
	"context"
	"net"
	"testing"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// counted counts the reads of a transport.
type counted struct {
	net.Conn
	reads int
}

func (c *counted) Read(p []byte) (int, error) {
	c.reads++
	return c.Conn.Read(p)
}

// What Arrived tells is what ReadAll gives, without reading the transport, and the
// state after it.
func TestArrived(t *testing.T) {
	for name, c := range map[string]struct {
		method, response, body string
		arrived                bool
		after                  h1.State
	}{
		"kept alive":        {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", "body", true, h1.Idle},
		"more behind":       {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodymore", "body", true, h1.Idle},
		"closing":           {"GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody", "body", true, h1.Idle},
		"of a HEAD":         {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "", true, h1.Idle},
		"empty":             {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true, h1.Idle},
		"without content":   {"GET", "HTTP/1.1 204 No Content\r\n\r\n", "", true, h1.Idle},
		"in part":           {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody", "", false, 0},
		"chunked":           {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", "", false, 0},
		"to the end":        {"GET", "HTTP/1.1 200 OK\r\n\r\nbody", "", false, 0},
		"chunked of a HEAD": {"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			near, far := net.Pipe()
			defer far.Close()
			transport := &counted{Conn: near}
			go func() {
				far.Read(make([]byte, 4096))
				far.Write([]byte(c.response))
			}()
			ctx := context.Background()
			conn, err := core.NewHTTPConnection("x", &core.HTTPConnectionOptions{
				CreateConnection: func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) { return transport, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.Request(ctx, c.method, "/", nil); err != nil {
				t.Fatal(err)
			}
			r, err := conn.GetResponse(ctx)
			if err != nil {
				t.Fatal(err)
			}
			before := conn.State()
			body, after, ok := r.Arrived()
			if ok != c.arrived || ok && (string(body) != c.body || after != c.after) {
				t.Fatalf("Arrived gives %q, %v, %v", body, after, ok)
			}
			if conn.State() != before {
				t.Errorf("Arrived changed the state from %v to %v", before, conn.State())
			}
			if !ok {
				return
			}
			reads := transport.reads
			data, err := r.ReadAll(ctx)
			if err != nil || string(data) != c.body || conn.State() != after || transport.reads != reads {
				t.Errorf("ReadAll gives %q, %v in %v after %d reads", data, err, conn.State(), transport.reads-reads)
			}
			if body, after, ok := r.Arrived(); !ok || len(body) != 0 || after != conn.State() {
				t.Errorf("at the end Arrived gives %q, %v, %v", body, after, ok)
			}
		})
	}
}
