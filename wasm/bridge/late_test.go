package bridge

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/stepwire/stepwire/core"
)

// TestLateConn: what is there is sent at once, the rest as it arrives, and bytes
// from elsewhere are not waited for.
func TestLateConn(t *testing.T) {
	memory := make([]byte, 100)
	late := NewLate(memory)
	body := memory[10:90]
	near, far := net.Pipe()
	defer near.Close()
	conn := lateConn{near, func() *Late { return late }}
	expect := func(want []byte) {
		t.Helper()
		got := make([]byte, len(want))
		if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	}
	done := make(chan error, 1)
	write := func(p []byte) {
		go func() {
			n, err := conn.Write(p)
			if err == nil && n != len(p) {
				err = io.ErrShortWrite
			}
			done <- err
		}()
	}

	write([]byte("head"))
	expect([]byte("head"))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	write(body)
	for _, there := range []int{10, 11, 50, 89, 100} {
		before := min(max(late.there, 10), 90)
		for i := late.there; i < there; i++ {
			memory[i] = byte(i)
		}
		if all := late.Arrived(there); all != (there == 100) {
			t.Errorf("%d of 100 bytes are all: %v", there, all)
		}
		expect(memory[before:min(there, 90)])
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	late = NewLate(memory)
	write(body)
	late.Arrived(20)
	expect(memory[10:20])
	near.Close()
	late.Arrived(100)
	if err := <-done; err != io.ErrClosedPipe {
		t.Errorf("a write on a closed transport: %v", err)
	}
}

// TestBeginsLate: only a body that nothing looks at is sent before it is there.
func TestBeginsLate(t *testing.T) {
	body := make([]byte, 10)
	request := list{"POST", "/", []any{}, body, false}
	plain := func() *connection { return untracedConnection(t) }
	for what, begins := range map[string]bool{
		"plain": true, "secure": false, "traced": false, "debug": false,
	} {
		c := plain()
		switch what {
		case "secure":
			c.plain = false
		case "traced":
			c.log = &eventLog{}
		case "debug":
			c.http.SetDebugLevel(1)
		}
		if got := c.beginsLate("request", request); got != begins {
			t.Errorf("%s: %v", what, got)
		}
	}
	for what, args := range map[string]list{
		"a text":       {"POST", "/", []any{}, "body", false},
		"a file":       {"POST", "/", []any{}, Object{{"file", body}}, false},
		"chunked":      {"POST", "/", []any{}, body, true},
		"header bytes": {"POST", "/", []any{[]any{"A", body}}, body, false},
	} {
		if plain().beginsLate("request", args) {
			t.Errorf("%s begins", what)
		}
	}
	if c := plain(); !c.beginsLate("send", list{body}) || c.beginsLate("endHeaders", list{body}) {
		t.Error("of the other calls only send begins")
	}
}

func untracedConnection(t *testing.T) *connection {
	t.Helper()
	http, err := core.NewHTTPConnection("example.org", nil)
	if err != nil {
		t.Fatal(err)
	}
	return &connection{http: http, plain: true}
}
