package core_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// Bytes sent by hand get their response in any state, read as the reply to the
// method that is named.
func TestBeginResponse(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		method, answer, body string
		raised               error
	}{
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", nil},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "", nil},
		{"G?T", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 1\r\n\r\n!", "!", nil},
		{"GET", "oops\r\n", "", core.ErrBadStatusLine},
	} {
		c, server := piped(t, nil)
		go func() {
			takeRequest(t, server)
			io.WriteString(server, test.answer)
		}()
		if err := c.Send(ctx, []byte("any bytes at all")); err != nil {
			t.Fatal(err)
		}
		r, err := c.BeginResponse(ctx, test.method)
		if !errors.Is(err, test.raised) {
			t.Fatalf("%q: %v, want %v", test.answer, err, test.raised)
		}
		if err == nil {
			if body, err := r.ReadAll(ctx); string(body) != test.body || err != nil {
				t.Errorf("%q: body %q, %v; want %q", test.answer, body, err, test.body)
			}
		}
		if c.State() != h1.Idle {
			t.Errorf("%q: the state became %v", test.answer, c.State())
		}
		// The connection still has its transport, and lets go of it when it is closed.
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := server.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("%q: the server reads %v after close, want EOF", test.answer, err)
		}
	}
}

func TestBeginResponseWithoutATransport(t *testing.T) {
	c, _ := piped(t, nil)
	if _, err := c.BeginResponse(context.Background(), "GET"); !errors.Is(err, h1.ErrAttributeError) {
		t.Errorf("got %v, want an AttributeError", err)
	}
}

type tracerFunc func(*h1.Event)

func (f tracerFunc) Trace(e *h1.Event) { f(e) }

// Two exchanges by hand on one connection are two in the log.
func TestBeginResponseIsLogged(t *testing.T) {
	ctx := context.Background()
	client, server := net.Pipe()
	defer server.Close()
	var got []string
	c, err := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{
		CreateConnection: func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) { return client, nil },
		Tracer: tracerFunc(func(e *h1.Event) {
			switch e.Kind {
			case h1.EventSpan:
				if e.Span == h1.SpanMethod || e.Span == h1.SpanStatusCode {
					got = append(got, fmt.Sprint(e.Exchange, e.Span))
				}
			case h1.EventCall, h1.EventReturn:
				got = append(got, fmt.Sprint(e.Exchange, e.Name))
			}
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		go func() {
			takeRequest(t, server)
			io.WriteString(server, "HTTP/1.1 204 No Content\r\n\r\n")
		}()
		if err := c.Send(ctx, []byte("GET / HTTP/1.0\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		if _, err := c.BeginResponse(ctx, "GET"); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"0send", "1method", "1send", "1begin", "1status-code", "1begin", "1send", "2method", "2send", "2begin", "2status-code", "2begin"}
	if !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q", got, want)
	}
}
