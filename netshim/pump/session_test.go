package pump

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// fakeSocket is a WebSocket in memory.
type fakeSocket struct {
	in     chan []byte // from the client; closed: the client closed it
	out    chan []byte // to the client
	closed chan struct{}
	once   sync.Once
	code   int
	reason string
}

func newFakeSocket() *fakeSocket {
	return &fakeSocket{in: make(chan []byte, 1024), out: make(chan []byte, 1024), closed: make(chan struct{})}
}

func (f *fakeSocket) Next() (io.Reader, error) {
	select {
	case msg, ok := <-f.in:
		if !ok {
			return nil, ErrClosed
		}
		return bytes.NewReader(msg), nil
	case <-f.closed:
		return nil, io.ErrUnexpectedEOF
	}
}

func (f *fakeSocket) Write(p []byte) error {
	if len(p) == 0 {
		panic("an empty message")
	}
	select {
	case f.out <- bytes.Clone(p):
		return nil
	case <-f.closed:
		return io.ErrClosedPipe
	}
}

func (f *fakeSocket) Close(code int, reason string) {
	f.once.Do(func() {
		f.code, f.reason = code, reason
		close(f.closed)
	})
}

// fakeTarget is a destination in memory.
type fakeTarget struct {
	mu      sync.Mutex
	changed sync.Cond
	got     []byte // from the relay
	give    []byte // to the relay
	fin     bool   // after give
	stopped bool   // interrupted
	shut    bool   // the relay's FIN
	ended   string // "closed" or "reset"
	stuck   bool   // takes nothing
}

func newFakeTarget(give string) *fakeTarget {
	f := &fakeTarget{give: []byte(give)}
	f.changed.L = &f.mu
	return f
}

func (f *fakeTarget) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	f.changed.Broadcast()
}

// wait blocks until a condition holds.
func (f *fakeTarget) wait(ok func() bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !ok() {
		f.changed.Wait()
	}
}

func (f *fakeTarget) Read(take func() []byte, give func()) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case f.stopped || f.ended != "":
			return 0, errors.New("interrupted")
		case len(f.give) > 0:
			take()
			give() // as when it was too early
			n := copy(take(), f.give)
			f.give = f.give[n:]
			return n, nil
		case f.fin:
			return 0, io.EOF
		}
		f.changed.Wait()
	}
}

func (f *fakeTarget) Write(p []byte) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.stuck && f.ended == "" {
		f.changed.Wait()
	}
	if f.ended != "" {
		return 0, io.ErrClosedPipe
	}
	f.got = append(f.got, p...)
	f.changed.Broadcast()
	return len(p), nil
}

func (f *fakeTarget) TryWrite(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stuck {
		return 0, nil
	}
	n := (len(p) + 1) / 2 // some of it
	f.got = append(f.got, p[:n]...)
	f.changed.Broadcast()
	return n, nil
}

func (f *fakeTarget) CloseWrite() error { f.set(func() { f.shut = true }); return nil }
func (f *fakeTarget) Interrupt()        { f.set(func() { f.stopped = true }) }
func (f *fakeTarget) Close()            { f.set(func() { f.ended += "closed" }) }
func (f *fakeTarget) Reset()            { f.set(func() { f.ended += "reset" }) }

// bench is a session with everything around it.
type testBench struct {
	t    *testing.T
	sock *fakeSocket
	pool *Pool
	done chan error
	mu   sync.Mutex
	ends []Result
}

const poolSize = 1 << 20

func newTestBench(t *testing.T, opt wisp.Options, target func(host string) (Target, error)) *testBench {
	b := &testBench{t: t, sock: newFakeSocket(), pool: NewPool(poolSize), done: make(chan error, 1)}
	s := NewSession(b.sock, Config{
		Pool: b.pool,
		Wait: 10 * time.Millisecond,
		Wisp: opt,
		Open: func(ctx context.Context, host string, port int) (Target, error) { return target(host) },
		Done: func(_ uint32, r Result) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.ends = append(b.ends, r)
		},
	})
	go func() { b.done <- s.Run(context.Background()) }()
	return b
}

func (b *testBench) packet() wisp.Packet {
	b.t.Helper()
	select {
	case msg := <-b.sock.out:
		p, err := wisp.Decode(msg)
		if err != nil {
			b.t.Fatal(err)
		}
		return p
	case <-time.After(10 * time.Second):
		b.t.Fatal("no packet")
		panic("unreachable")
	}
}

func (b *testBench) until(typ wisp.Type) wisp.Packet {
	b.t.Helper()
	for {
		if p := b.packet(); p.Type == typ {
			return p
		}
	}
}

// end waits for the session and checks that it gave everything back.
func (b *testBench) end() error {
	b.t.Helper()
	select {
	case err := <-b.done:
		if b.pool.Left() != poolSize {
			b.t.Errorf("%d bytes of buffers are not back", poolSize-b.pool.Left())
		}
		return err
	case <-time.After(10 * time.Second):
		b.t.Fatal("the session does not end")
		return nil
	}
}

func one(f *fakeTarget) func(string) (Target, error) {
	return func(string) (Target, error) { return f, nil }
}

func TestSessionPlain(t *testing.T) {
	f := newFakeTarget("hello")
	b := newTestBench(t, wisp.Options{}, one(f))
	if p := b.packet(); p.Type != wisp.TypeContinue || p.Stream != 0 || p.Count() != 16 {
		t.Fatalf("first %+v", p)
	}
	b.sock.in <- wisp.AppendConnect(nil, 1, "a", 80)
	b.sock.in <- wisp.AppendData(nil, 1, []byte("question"))
	if p := b.until(wisp.TypeData); string(p.Payload) != "hello" {
		t.Errorf("got %q", p.Payload)
	}
	f.wait(func() bool { return string(f.got) == "question" })
	f.set(func() { f.give, f.fin = []byte("bye"), true })
	if p := b.until(wisp.TypeData); string(p.Payload) != "bye" {
		t.Errorf("got %q", p.Payload)
	}
	if p := b.packet(); p.Type != wisp.TypeClose || p.Reason() != wisp.ReasonVoluntary {
		t.Errorf("after the last byte: %+v", p)
	}
	f.wait(func() bool { return f.ended == "closed" })
	close(b.sock.in)
	if err := b.end(); err != nil {
		t.Error(err)
	}
	if len(b.ends) != 1 || b.ends[0].Up != 8 || b.ends[0].Down != 8 || b.ends[0].Reason != wisp.ReasonVoluntary {
		t.Errorf("reported %+v", b.ends)
	}
}

// hello brings up the flow extension with so much credit for the relay.
func (b *testBench) hello(f wisp.Flow) {
	b.t.Helper()
	if p := b.packet(); p.Type != wisp.TypeInfo {
		b.t.Fatalf("first %+v", p)
	}
	b.sock.in <- wisp.AppendInfo(nil, wisp.Info{Major: 2, Extensions: []wisp.Extension{f.Extension()}})
	b.until(wisp.TypeContinue)
}

// A client that grants no credit stops the reading of the target, and bytes go
// out in the sizes it takes.
func TestSessionCredit(t *testing.T) {
	f := newFakeTarget(string(make([]byte, 5000)))
	b := newTestBench(t, wisp.Options{Version2: true}, one(f))
	b.hello(wisp.Flow{Window: 2500, MaxData: 1024})
	b.sock.in <- wisp.AppendConnect(nil, 1, "a", 80)
	if p := b.packet(); p.Type != wisp.TypeCredit || p.Count() != 0 {
		t.Errorf("opened with %+v", p)
	}
	for _, want := range []int{1024, 1024, 452} {
		if p := b.packet(); p.Type != wisp.TypeData || len(p.Payload) != want {
			t.Errorf("%v of %d bytes, want %d", p.Type, len(p.Payload), want)
		}
	}
	f.wait(func() bool { return len(f.give) == 2500 })
	b.sock.in <- wisp.AppendCredit(nil, 1, 100)
	if p := b.packet(); len(p.Payload) != 100 {
		t.Errorf("then %d bytes, want 100", len(p.Payload))
	}
	b.sock.Close(1006, "")
	if err := b.end(); err == nil {
		t.Error("a cut WebSocket ends the session without an error")
	}
	if f.ended != "reset" {
		t.Errorf("the target was %s", f.ended)
	}
}

func TestSessionHalfClose(t *testing.T) {
	f := newFakeTarget("")
	b := newTestBench(t, wisp.Options{Version2: true}, one(f))
	b.hello(wisp.Flow{Window: 1 << 20, MaxData: 1 << 16})
	f.set(func() { f.stuck = true })
	b.sock.in <- wisp.AppendConnect(nil, 1, "a", 80)
	for range 3 {
		b.sock.in <- wisp.AppendData(nil, 1, make([]byte, 20000))
	}
	b.sock.in <- wisp.AppendData(nil, 1, []byte("end"))
	b.sock.in <- wisp.AppendFin(nil, 1)
	f.set(func() { f.fin = true })
	b.until(wisp.TypeFin)
	f.set(func() {
		if f.shut {
			t.Error("FIN overtook the queue")
		}
		f.stuck = false
	})
	if p := b.until(wisp.TypeClose); p.Reason() != wisp.ReasonVoluntary {
		t.Errorf("%+v", p)
	}
	f.mu.Lock()
	if len(f.got) != 60003 || !f.shut {
		t.Errorf("%d bytes, FIN %v", len(f.got), f.shut)
	}
	f.mu.Unlock()
	close(b.sock.in)
	b.end()
	if f.ended != "closed" {
		t.Errorf("the target was %s", f.ended)
	}
}

// One-byte packets for a target that takes nothing cost what their bytes cost.
func TestSessionGathersSmallPackets(t *testing.T) {
	f := newFakeTarget("")
	f.stuck = true
	b := newTestBench(t, wisp.Options{Version2: true}, one(f))
	b.hello(wisp.Flow{Window: 1 << 20, MaxData: 1 << 16})
	b.sock.in <- wisp.AppendConnect(nil, 1, "a", 80)
	const n = 50000
	for range n {
		b.sock.in <- wisp.AppendData(nil, 1, []byte("x"))
	}
	b.sock.in <- wisp.AppendConnect(nil, 2, "b", 80) // comes after all of them
	for p := b.until(wisp.TypeCredit); p.Stream != 2; p = b.until(wisp.TypeCredit) {
	}
	if used := poolSize - b.pool.Left(); used > n+2*Small {
		t.Errorf("%d bytes take %d", n, used)
	}
	b.sock.Close(1006, "")
	b.end()
}

// When the pool is empty, the stream that cannot be queued for ends, not the
// others.
func TestSessionOutOfBuffers(t *testing.T) {
	stuck, fine := newFakeTarget(""), newFakeTarget("")
	stuck.stuck = true
	b := newTestBench(t, wisp.Options{Version2: true, Flow: wisp.Flow{Window: 4 << 20, MaxData: 64 << 10}},
		func(host string) (Target, error) {
			if host == "stuck" {
				return stuck, nil
			}
			return fine, nil
		})
	b.hello(wisp.Flow{Window: 1 << 20, MaxData: 1 << 16})
	b.sock.in <- wisp.AppendConnect(nil, 1, "stuck", 80)
	b.sock.in <- wisp.AppendConnect(nil, 2, "fine", 80)
	for range poolSize/(5000) + 20 {
		b.sock.in <- wisp.AppendData(nil, 1, make([]byte, 5000))
	}
	if p := b.until(wisp.TypeClose); p.Stream != 1 || p.Reason() != wisp.ReasonThrottled {
		t.Errorf("%+v", p)
	}
	b.sock.in <- wisp.AppendData(nil, 2, []byte("still"))
	fine.wait(func() bool { return string(fine.got) == "still" })
	close(b.sock.in)
	b.end()
}

func TestSessionRefusal(t *testing.T) {
	b := newTestBench(t, wisp.Options{}, func(host string) (Target, error) {
		switch host {
		case "blocked":
			return nil, &Refusal{wisp.ReasonBlocked, errors.New("no")}
		case "panic":
			panic("boom")
		}
		return nil, errors.New("nowhere")
	})
	for i, c := range []struct {
		host string
		want wisp.Reason
	}{{"blocked", wisp.ReasonBlocked}, {"nowhere", wisp.ReasonUnreachable}, {"panic", wisp.ReasonUnspecified}} {
		b.sock.in <- wisp.AppendConnect(nil, uint32(i+1), c.host, 80)
		if p := b.until(wisp.TypeClose); p.Reason() != c.want {
			t.Errorf("%s: %v, want %v", c.host, p.Reason(), c.want)
		}
	}
	b.sock.in <- []byte{1}
	if p := b.until(wisp.TypeClose); p.Stream != 0 {
		t.Errorf("%+v", p)
	}
	if err := b.end(); err == nil || b.sock.code != 1002 || len(b.sock.reason) == 0 || len(b.sock.reason) > 123 {
		t.Errorf("%v, %d %q", err, b.sock.code, b.sock.reason)
	}
}

// Whatever packets come, in whatever order, the session ends when the WebSocket
// does, every target is ended once, and every buffer is back.
func FuzzSession(f *testing.F) {
	connect := wisp.AppendConnect(nil, 1, "a", 80)
	frame := func(msgs ...[]byte) (all []byte) {
		for _, m := range msgs {
			all = append(append(all, byte(len(m))), m...)
		}
		return all
	}
	f.Add(false, frame(connect, wisp.AppendData(nil, 1, []byte("hi")), wisp.AppendClose(nil, 1, wisp.ReasonVoluntary), connect))
	f.Add(false, frame(connect, connect, wisp.AppendData(nil, 1, []byte("hi"))))
	info := wisp.AppendInfo(nil, wisp.Info{Major: 2, Extensions: []wisp.Extension{wisp.Flow{Window: 9, MaxData: 1024}.Extension()}})
	f.Add(true, frame(info, connect, wisp.AppendData(nil, 1, []byte("hi")), wisp.AppendFin(nil, 1), wisp.AppendCredit(nil, 1, 99)))
	f.Add(true, frame(info, connect, wisp.AppendFin(nil, 1), wisp.AppendFin(nil, 1)))
	f.Add(true, frame(wisp.AppendClose(nil, 0, wisp.ReasonIncompatible)))
	f.Fuzz(func(t *testing.T, version2 bool, data []byte) {
		if len(data) > 1<<12 {
			return
		}
		var mu sync.Mutex
		var targets []*fakeTarget
		b := newTestBench(t, wisp.Options{Version2: version2}, func(host string) (Target, error) {
			if len(host)%3 == 2 {
				return nil, errors.New("nowhere")
			}
			mu.Lock()
			defer mu.Unlock()
			target := newFakeTarget("some bytes")
			target.fin = len(targets)%2 == 0
			targets = append(targets, target)
			return target, nil
		})
		go func() { // a client that reads
			for {
				select {
				case <-b.sock.out:
				case <-b.sock.closed:
					return
				}
			}
		}()
		for len(data) > 0 {
			n := min(int(data[0]), len(data)-1)
			select {
			case b.sock.in <- data[1 : 1+n]:
			case <-b.sock.closed:
			}
			data = data[1+n:]
		}
		close(b.sock.in)
		b.end()
		b.sock.Close(1000, "")
		for _, target := range targets {
			if target.ended != "closed" && target.ended != "reset" {
				t.Errorf("a target's end: %q", target.ended)
			}
		}
	})
}
