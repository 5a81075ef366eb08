//go:build js && wasm

package netshim

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"syscall/js"
	"testing"

	"github.com/hack-pad/safejs"

	"github.com/stepwire/stepwire/netshim/internal/imported"
)

// fakeSocket is a WebSocket that the test plays, as one of a WebSocketPair is
// played by its runtime.
type fakeSocket struct {
	js.Value
	sent   []string
	closed []any // code, reason
	unsent int
}

func newFakeSocket(t testing.TB) *fakeSocket {
	f := &fakeSocket{Value: js.Global().Get("EventTarget").New()}
	send := js.FuncOf(func(_ js.Value, args []js.Value) any {
		b := make([]byte, args[0].Length())
		js.CopyBytesToGo(b, args[0])
		f.sent = append(f.sent, string(b))
		f.Set("bufferedAmount", f.unsent)
		return nil
	})
	closing := js.FuncOf(func(_ js.Value, args []js.Value) any {
		for _, a := range args {
			if a.Type() == js.TypeNumber {
				f.closed = append(f.closed, a.Int())
			} else {
				f.closed = append(f.closed, a.String())
			}
		}
		return nil
	})
	t.Cleanup(func() { send.Release(); closing.Release() })
	f.Set("readyState", 1)
	f.Set("bufferedAmount", 0)
	f.Set("send", send)
	f.Set("close", closing)
	return f
}

func (f *fakeSocket) event(name string, fields map[string]any) {
	e := js.Global().Get("Event").New(name)
	js.Global().Get("Object").Call("assign", e, fields)
	f.Call("dispatchEvent", e)
}

func (f *fakeSocket) message(b []byte) {
	a := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(a, b)
	f.event("message", map[string]any{"data": a.Get("buffer")})
}

func (f *fakeSocket) accept(t testing.TB) Transport {
	t.Helper()
	tr, err := AcceptWebSocket(safejs.Safe(f.Value))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close(1000, "") })
	if got := f.Get("binaryType").String(); got != "arraybuffer" {
		t.Errorf("binaryType %q", got)
	}
	return tr
}

func TestSocketQueue(t *testing.T) {
	f := newFakeSocket(t)
	tr := f.accept(t)
	// Sizes around the batch, the shared buffer and above it.
	var want [][]byte
	for i, n := range []int{0, 1, 5, firstBatch - 4, firstBatch, 100, 1 << 20, 3, 3 << 20, mostBatch, 7} {
		b := bytes.Repeat([]byte{byte('a' + i)}, n)
		want = append(want, b)
		f.message(b)
	}
	f.event("close", map[string]any{"code": 4068, "reason": "refused"})
	for i, w := range want {
		got, err := tr.Recv()
		if err != nil || !bytes.Equal(got, w) {
			t.Fatalf("message %d: %d bytes, %v; want %d", i, len(got), err, len(w))
		}
	}
	var ce *CloseError
	if _, err := tr.Recv(); !errors.As(err, &ce) || ce.Code != 4068 || ce.Reason != "refused" {
		t.Errorf("got %v", err)
	}
	if _, err := tr.Recv(); err == nil {
		t.Error("a message after the end")
	}
}

// TestSocketWakes: Go is called once for many messages, and never after Close.
func TestSocketWakes(t *testing.T) {
	f := newFakeSocket(t)
	calls := 0
	var s *socket
	s, err := newSocket(func(sh *shim, wake safejs.Func) (safejs.Value, error) {
		count := js.FuncOf(func(js.Value, []js.Value) any {
			calls++
			safejs.Unsafe(wake.Value()).Invoke()
			return nil
		})
		t.Cleanup(count.Release)
		return sh.object.Call("adopt", f.Value, count)
	})
	if err != nil {
		t.Fatal(err)
	}
	if woken := imported.Woken; imported.Take != nil {
		imported.Woken = func(id uint32) {
			calls++
			woken(id)
		}
		t.Cleanup(func() { imported.Woken = woken })
	}
	for range 100 {
		f.message([]byte("x"))
	}
	for range 100 {
		if _, err := s.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 1 {
		t.Errorf("%d calls for 100 messages", calls)
	}
	done := make(chan error)
	go func() {
		_, err := s.Recv()
		done <- err
	}()
	s.Close(1000, "")
	if err := <-done; err == nil {
		t.Error("Recv goes on after Close")
	}
	before := calls
	f.message([]byte("late"))
	f.event("close", map[string]any{"code": 1000, "reason": ""})
	if calls != before {
		t.Error("Go was called after Close")
	}
	if err := s.Send([]byte("x"), nil); err == nil {
		t.Error("Send after Close")
	}
}

func TestSocketText(t *testing.T) {
	f := newFakeSocket(t)
	tr := f.accept(t)
	f.event("message", map[string]any{"data": "words"})
	var ce *CloseError
	if _, err := tr.Recv(); !errors.As(err, &ce) || ce.Code != 1003 || !strings.Contains(err.Error(), "text message; expected binary") {
		t.Errorf("got %v", err)
	}
	if len(f.closed) == 0 || f.closed[0] != 4003 {
		t.Errorf("closed with %v", f.closed)
	}
}

func TestSocketSend(t *testing.T) {
	f := newFakeSocket(t)
	tr := f.accept(t)
	drained := make(chan struct{}, 1)
	tr.OnDrain(func() { drained <- struct{}{} })
	if err := tr.Send([]byte("head,"), []byte("body")); err != nil {
		t.Fatal(err)
	}
	if tr.Full() {
		t.Error("full with nothing unsent")
	}
	f.unsent = fullAt
	if err := tr.Send(nil, []byte("more")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.sent, "|"); got != "head,body|more" {
		t.Errorf("sent %q", got)
	}
	if !tr.Full() {
		t.Error("not full")
	}
	f.Set("bufferedAmount", 0)
	<-drained
	if tr.Full() {
		t.Error("still full")
	}
	f.Set("readyState", 2)
	if err := tr.Send(nil, []byte("x")); err == nil {
		t.Error("Send on a WebSocket that closes")
	}
}

func TestNoWebSocket(t *testing.T) {
	keep := js.Global().Get("WebSocket")
	js.Global().Delete("WebSocket")
	defer func() {
		if !keep.IsUndefined() {
			js.Global().Set("WebSocket", keep)
		}
	}()
	_, err := Dial(ctxFor(t), "ws://127.0.0.1/", "a", 1, nil)
	checkRelayError(t, err, ErrRelay)
	if !strings.Contains(err.Error(), "there is no WebSocket here") {
		t.Errorf("got %v", err)
	}
}

// BenchmarkSocket is the cost of the way in, from the WebSocket's event to the
// reader of a Conn, and of the way out, without a network.
func BenchmarkSocket(b *testing.B) {
	for _, size := range []int{64, 4 << 10, 64 << 10, 512 << 10} {
		b.Run("in/"+strconv.Itoa(size), func(b *testing.B) {
			f := newFakeSocket(b)
			c := newConn("a", 1, "wsproxy", "")
			l := &proxied{t: f.accept(b), c: c}
			c.link = l
			go l.run()
			a := js.Global().Get("Uint8Array").New(size)
			js.Global().Set("benchMessage", js.Global().Get("Function").New("f", "b", "n",
				`for (let i = 0; i < n; i++) { const e = new Event("message"); e.data = b.slice().buffer; f.dispatchEvent(e); }`))
			buf := make([]byte, size)
			const burst = 8
			b.SetBytes(int64(size))
			b.ResetTimer()
			for i := 0; i < b.N; i += burst {
				js.Global().Call("benchMessage", f.Value, a, burst)
				for range burst {
					if _, err := io.ReadFull(c, buf); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.StopTimer()
			c.Close()
		})
		b.Run("out/"+strconv.Itoa(size), func(b *testing.B) {
			f := newFakeSocket(b)
			f.Set("send", js.Global().Get("Function").New("b", ""))
			t := f.accept(b)
			buf := make([]byte, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				if err := t.Send(nil, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
