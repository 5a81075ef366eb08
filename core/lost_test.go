package core_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// stubborn is a transport that tells of a reset at every read, as one behind a
// relay may, and takes whatever is sent.
type stubborn struct {
	net.Conn
	io.Reader
	written int
}

func (c *stubborn) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err == io.EOF {
		err = syscall.ECONNRESET
	}
	return n, err
}

func (c *stubborn) Write(p []byte) (int, error) { c.written += len(p); return len(p), nil }
func (c *stubborn) Close() error                { return nil }

// A system tells of a reset once; then there is an end, and nobody to send to.
func TestResetsAreToldOnce(t *testing.T) {
	ctx := context.Background()
	transport := &stubborn{Reader: strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")}
	c, err := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{
		CreateConnection: func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) { return transport, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Request(ctx, "GET", "/", nil); err != nil {
		t.Fatal(err)
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadAll(ctx); !errors.Is(err, core.ErrConnectionResetError) {
		t.Errorf("first %v, want ConnectionResetError", err)
	}
	sent := transport.written
	if err := c.Send(ctx, []byte("more")); !errors.Is(err, h1.ErrBrokenPipeError) || transport.written != sent {
		t.Errorf("sending %v, want BrokenPipeError", err)
	}
	if _, err := r.ReadAll(ctx); !errors.Is(err, core.ErrIncompleteRead) {
		t.Errorf("then %v, want IncompleteRead", err)
	}
}
