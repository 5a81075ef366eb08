package core_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core"
)

// piped makes a connection to a server that is told what to answer.
func piped(t *testing.T, timeout *time.Duration) (*core.HTTPConnection, net.Conn) {
	t.Helper()
	client, server := net.Pipe()
	t.Cleanup(func() { server.Close() })
	c, err := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{Timeout: timeout,
		CreateConnection: func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) { return client, nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, server
}

// takeRequest takes a request off the server's end.
func takeRequest(t *testing.T, server net.Conn) {
	t.Helper()
	buf := make([]byte, 4096)
	if _, err := server.Read(buf); err != nil {
		t.Error(err)
	}
}

// A cancelled wait ends at once, harms nothing, and the next call goes on.
func TestCancellingUnblocksOneCall(t *testing.T) {
	c, server := piped(t, nil)
	go takeRequest(t, server)
	if err := c.Request(context.Background(), "GET", "/", nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go cancel()
	_, err := c.GetResponse(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("getresponse: %v, want %v", err, context.Canceled)
	}
	if info := core.Describe(err); info.Party != "caller" {
		t.Errorf("a cancelled call is the fault of the %s, want caller", info.Party)
	}
	go io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	r, err := c.GetResponse(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if body, err := r.ReadAll(context.Background()); string(body) != "hello" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
}

// A timeout bounds each wait, not the call: a server that goes on sending in
// time is never cut off.
func TestTimeoutsAreForEachWait(t *testing.T) {
	timeout := 200 * time.Millisecond
	r, err := slowHead(t, timeout)
	for errors.Is(err, core.ErrTimeoutError) && timeout < 10*time.Second { // the machine may have stood still
		timeout *= 4
		r, err = slowHead(t, timeout)
	}
	if err != nil {
		t.Fatalf("with a timeout of %v: %v", timeout, err)
	}
	ctx := context.Background()
	_, err = r.ReadAmt(ctx, 1)
	if !errors.Is(err, core.ErrTimeoutError) {
		t.Errorf("read: %v, want a TimeoutError", err)
	}
	_, err = r.ReadAmt(ctx, 1)
	if info := core.Describe(err); info.Name != "OSError" || info.Message != "cannot read from timed out object" {
		t.Errorf("read after a timeout: %+v", info)
	}
}

// slowHead gets a response whose head takes longer than the timeout, byte by byte.
func slowHead(t *testing.T, timeout time.Duration) (*core.HTTPResponse, error) {
	t.Helper()
	c, server := piped(t, &timeout)
	go func() {
		takeRequest(t, server)
		tick := time.NewTicker(timeout / 4)
		defer tick.Stop()
		for _, b := range "HTTP/1.1 200 OK\r\n" {
			<-tick.C
			if _, err := io.WriteString(server, string(b)); err != nil {
				return
			}
		}
		io.WriteString(server, "\r\n")
	}()
	if err := c.Request(context.Background(), "GET", "/", nil); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r, err := c.GetResponse(context.Background())
	if err == nil && time.Since(began) < timeout {
		t.Errorf("the head came within one timeout, which shows nothing")
	}
	if err != nil {
		server.Close()
	}
	return r, err
}

// Of two contexts that end, only the call's own matters.
func TestAnEndedContextDoesNotReachTheNextCall(t *testing.T) {
	for range 200 {
		c, server := piped(t, nil)
		go func() {
			takeRequest(t, server)
			io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
			io.WriteString(server, "hello")
		}()
		if err := c.Request(context.Background(), "GET", "/", nil); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		r, err := c.GetResponse(ctx)
		if errors.Is(err, context.Canceled) { // the race was lost; that is fine
			r, err = c.GetResponse(context.Background())
		}
		if err != nil {
			t.Fatal(err)
		}
		if body, err := r.ReadAll(context.Background()); string(body) != "hello" || err != nil {
			t.Fatalf("%q, %v", body, err)
		}
		c.Close()
	}
}
