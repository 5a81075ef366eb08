package bridge

import (
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// arriving reads ahead without bound and tells how much waits, as a transport
// through the relay does.
type arriving struct {
	net.Conn
	mu      sync.Mutex
	changed *sync.Cond
	data    []byte
	err     error
}

func arrive(conn net.Conn) *arriving {
	a := &arriving{Conn: conn}
	a.changed = sync.NewCond(&a.mu)
	go func() {
		p := make([]byte, 64<<10)
		for {
			n, err := conn.Read(p)
			a.mu.Lock()
			a.data, a.err = append(a.data, p[:n]...), err
			a.changed.Broadcast()
			a.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *arriving) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.data) == 0 && a.err == nil {
		a.changed.Wait()
	}
	n := copy(p, a.data)
	a.data = a.data[n:]
	if n == 0 {
		return 0, a.err
	}
	return n, nil
}

func (a *arriving) Buffered() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.data)
}

// wait waits until n bytes have arrived.
func (a *arriving) wait(t *testing.T, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	late := time.AfterFunc(20*time.Second, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.err = io.ErrUnexpectedEOF
		a.changed.Broadcast()
	})
	defer late.Stop()
	for len(a.data) < n {
		if a.err != nil {
			t.Fatalf("%d of %d bytes arrived: %v", len(a.data), n, a.err)
		}
		a.changed.Wait()
	}
}

// What has arrived is handed out in large pieces, over TLS, too.
func TestBodyChunksAreLarge(t *testing.T) {
	const size, asked = 1 << 20, 512 << 10
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1048576")
		w.Write(make([]byte, size))
	})
	for _, secure := range []bool{false, true} {
		p := newPage(t)
		var transport *arriving
		p.bridge.config.Dial = func(_ context.Context, host string, port int, _ func(what, detail string)) (net.Conn, error) {
			conn, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.ParseIP(host), Port: port})
			if err != nil {
				return nil, err
			}
			transport = arrive(conn)
			return transport, nil
		}
		server := httptest.NewUnstartedServer(handler)
		if secure {
			server.StartTLS()
			certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
			args := https(server.Listener.Addr().String(), Object{{"caData", certificate}})
			args[8] = nil // untraced
			p.ok(1, "httpsConnection", args...)
		} else {
			server.Start()
			p.connect(1, server.Listener.Addr().String())
		}
		defer server.Close()
		p.ok(1, "request", "GET", "/")
		p.ok(1, "getResponse", 2)
		transport.wait(t, size-(64<<10)) // less what was read with the head
		total, first := 0, 0
		for {
			chunk := p.ok(2, "bodyChunk", asked).([]byte)
			if first == 0 {
				first = len(chunk)
			}
			if total += len(chunk); len(chunk) == 0 {
				break
			}
		}
		if first != asked || total != size {
			t.Errorf("TLS %v: the first chunk has %d bytes of %d, all have %d of %d", secure, first, asked, total, size)
		}
	}
}
