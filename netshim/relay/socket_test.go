package relay

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Messages of every form of length arrive whole while pings, which the library
// writes, go between them; after the close frame nothing is written.
func TestSocketFrames(t *testing.T) {
	sizes := []int{1, 125, 126, 127, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 20}
	const rounds = 20
	refused := make(chan error, 1)
	serve := func(w http.ResponseWriter, r *http.Request) {
		s, err := accept(w, r, nil, pace{time.Minute, minRate})
		if err != nil {
			t.Error(err)
			return
		}
		if plain := r.TLS == nil; (s.tcp.plain != nil) != plain {
			t.Errorf("plain TCP: %v", !plain)
		}
		data := pattern(1 << 20)
		var done atomic.Bool
		var pings, writes sync.WaitGroup
		go s.Next() // the pongs
		pings.Go(func() {
			for !done.Load() {
				if err := s.ws.Ping(context.Background()); err != nil {
					t.Error(err)
					return
				}
			}
		})
		writes.Go(func() {
			for range rounds {
				for _, n := range sizes {
					if err := s.Write(data[:n]); err != nil {
						t.Error(err)
					}
				}
			}
		})
		writes.Wait()
		done.Store(true)
		pings.Wait()
		s.Close(1000, "")
		s.closed.Wait()
		refused <- s.Write(data[:1])
	}
	for name, start := range map[string]func(http.Handler) *httptest.Server{"tcp": httptest.NewServer, "tls": httptest.NewTLSServer} {
		t.Run(name, func(t *testing.T) {
			server := start(http.HandlerFunc(serve))
			defer server.Close()
			ws, _, err := websocket.Dial(t.Context(), strings.Replace(server.URL, "http", "ws", 1), &websocket.DialOptions{HTTPClient: server.Client()})
			if err != nil {
				t.Fatal(err)
			}
			defer ws.CloseNow()
			ws.SetReadLimit(1 << 21)
			data := pattern(1 << 20)
			for i := range rounds * len(sizes) {
				typ, got, err := ws.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if want := data[:sizes[i%len(sizes)]]; typ != websocket.MessageBinary || string(got) != string(want) {
					t.Fatalf("message %d: %d bytes of %v, want %d", i, len(got), typ, len(want))
				}
			}
			if _, _, err := ws.Read(t.Context()); websocket.CloseStatus(err) != 1000 {
				t.Errorf("the end: %v", err)
			}
			if <-refused == nil {
				t.Error("a message after the close frame")
			}
		})
	}
}
