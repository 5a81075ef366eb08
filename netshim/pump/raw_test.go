package pump

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// runRaw serves a target over a fake WebSocket.
func runRaw(sock *fakeSocket, open func(context.Context) (Target, error)) chan Result {
	done := make(chan Result, 1)
	r := NewRaw(sock, Config{Pool: NewPool(poolSize)})
	go func() { done <- r.Run(context.Background(), open) }()
	return done
}

func TestRawKeepsEarlyBytesInOrder(t *testing.T) {
	sock, f := newFakeSocket(), newFakeTarget("")
	connect := make(chan struct{})
	done := runRaw(sock, func(context.Context) (Target, error) { <-connect; return f, nil })
	for _, s := range []string{"a", "b", "c"} {
		sock.in <- []byte(s)
	}
	for len(sock.in) > 0 { // all are read before the target is there
		runtime.Gosched()
	}
	close(connect)
	sock.in <- []byte("d")
	f.wait(func() bool { return string(f.got) == "abcd" })
	f.set(func() { f.fin = true })
	if res := <-done; res.Reason != wisp.ReasonVoluntary || res.Up != 4 || sock.code != 1000 || f.ended != "closed" {
		t.Errorf("%+v, code %d, target %s", res, sock.code, f.ended)
	}
}

func TestRawEnds(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		sock := newFakeSocket()
		res := <-runRaw(sock, func(context.Context) (Target, error) {
			return nil, &Refusal{wisp.ReasonRefused, errors.New("refused")}
		})
		if res.Reason != wisp.ReasonRefused || sock.code != 4068 {
			t.Errorf("%+v, code %d", res, sock.code)
		}
	})
	t.Run("client leaves while connecting", func(t *testing.T) {
		sock := newFakeSocket()
		close(sock.in)
		<-runRaw(sock, func(ctx context.Context) (Target, error) { <-ctx.Done(); return nil, ctx.Err() })
	})
	t.Run("client breaks off", func(t *testing.T) {
		sock, f := newFakeSocket(), newFakeTarget("x")
		done := runRaw(sock, func(context.Context) (Target, error) { return f, nil })
		<-sock.out
		sock.Close(1006, "")
		if res := <-done; res.Reason != wisp.ReasonNetworkError || f.ended != "reset" {
			t.Errorf("%+v, target %s", res, f.ended)
		}
	})
	t.Run("panic", func(t *testing.T) {
		sock := newFakeSocket()
		res := <-runRaw(sock, func(context.Context) (Target, error) { panic("boom") })
		var crash *Crash
		if !errors.As(res.Err, &crash) || sock.code != 4001 {
			t.Errorf("%+v, code %d", res, sock.code)
		}
	})
}

// What emscripten would swallow goes out in two.
func TestRawSplitsTheAnnouncement(t *testing.T) {
	sock, f := newFakeSocket(), newFakeTarget("\xff\xff\xff\xffport\x1f\x90")
	done := runRaw(sock, func(context.Context) (Target, error) { return f, nil })
	a, b := <-sock.out, <-sock.out
	if len(a) != 5 || string(a)+string(b) != "\xff\xff\xff\xffport\x1f\x90" {
		t.Errorf("%q, %q", a, b)
	}
	f.set(func() { f.fin = true })
	<-done
}
