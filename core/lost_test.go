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
// relay may, and takes whatever is sent until it refuses.
type stubborn struct {
	net.Conn
	io.Reader
	written int
	refusal error
}

func (c *stubborn) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err == io.EOF {
		err = syscall.ECONNRESET
	}
	return n, err
}

func (c *stubborn) Write(p []byte) (int, error) {
	if c.refusal != nil {
		return 0, c.refusal
	}
	c.written += len(p)
	return len(p), nil
}

func (c *stubborn) Close() error { return nil }

// over is a connection over a transport.
func over(t *testing.T, transport net.Conn) *core.HTTPConnection {
	t.Helper()
	c, err := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{
		CreateConnection: func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) { return transport, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A system tells of a reset once; then there is an end, and nobody to send to.
func TestResetsAreToldOnce(t *testing.T) {
	ctx := context.Background()
	transport := &stubborn{Reader: strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")}
	c := over(t, transport)
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

// A reset that sending told of is not told again: reading gives what came before
// it, then the end.
func TestResetsToldToWritersAreNotToldToReaders(t *testing.T) {
	ctx := context.Background()
	transport := &stubborn{Reader: strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}
	c := over(t, transport)
	request := func(want error) {
		t.Helper()
		if err := c.Request(ctx, "GET", "/", nil); !errors.Is(err, want) {
			t.Fatalf("requesting gives %v, want %v", err, want)
		}
	}
	request(nil)
	transport.refusal = syscall.ECONNRESET
	if err := c.Send(ctx, []byte("more")); !errors.Is(err, core.ErrConnectionResetError) {
		t.Errorf("sending %v, want ConnectionResetError", err)
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := r.ReadAll(ctx); string(body) != "hello" || err != nil {
		t.Errorf("what came before: %q, %v", body, err)
	}
	request(h1.ErrBrokenPipeError)
	if _, err := c.GetResponse(ctx); !errors.Is(err, core.ErrRemoteDisconnected) {
		t.Errorf("then %v, want RemoteDisconnected", err)
	}
}
