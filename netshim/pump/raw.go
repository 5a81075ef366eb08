package pump

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// A Raw serves the wsproxy convention: one WebSocket for one target, binary
// messages as its bytes. There is no credit: what one side does not take, the
// other is not read for.
type Raw struct {
	sock    Socket
	cfg     Config
	started time.Time
	cancel  context.CancelFunc // ends the opening
	opened  chan struct{}      // closed when the opening has ended, well or not

	up, down, last atomic.Int64

	order  sync.Mutex // writing to the target; before mu
	early  []byte     // the client's bytes from before there was a target
	failed error      // the target takes no more

	mu     sync.Mutex
	target Target  // nil until connected
	ending *ending // nil while live
}

// earlyRoom is how many bytes of a client are kept while its target is being
// connected to. A client that sends more is not read until then.
const earlyRoom = 64 << 10

// NewRaw prepares a session; Run serves it. Of the configuration it uses Pool.
func NewRaw(sock Socket, cfg Config) *Raw {
	r := &Raw{sock: sock, cfg: cfg, started: time.Now(), opened: make(chan struct{})}
	r.touch()
	return r
}

func (r *Raw) touch() { r.last.Store(time.Now().UnixNano()) }

// Run connects to the target with open and serves until either side ends. The
// client is read meanwhile, so that its leaving ends the opening.
func (r *Raw) Run(ctx context.Context, open func(context.Context) (Target, error)) Result {
	ctx, r.cancel = context.WithCancel(ctx)
	defer r.cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.recover()
		if target := r.open(ctx, open); target != nil {
			r.finish(r.downstream(target))
		}
	}()
	func() {
		defer r.recover()
		r.upstream()
	}()
	<-done
	switch {
	case r.target == nil:
	case r.ending.orderly:
		r.target.Close()
	default:
		r.target.Reset()
	}
	return Result{Reason: r.ending.reason, Err: r.ending.err, Up: r.up.Load(), Down: r.down.Load(), Duration: time.Since(r.started)}
}

// open connects, and hands over what the client has sent meanwhile.
func (r *Raw) open(ctx context.Context, open func(context.Context) (Target, error)) Target {
	defer close(r.opened)
	target, err := open(ctx)
	if err != nil {
		r.end(false, reasonOf(err, wisp.ReasonUnreachable), err)
		return nil
	}
	r.touch()
	r.order.Lock()
	defer r.order.Unlock()
	r.mu.Lock()
	r.target = target
	if r.ending != nil {
		target.Interrupt()
	}
	r.mu.Unlock()
	r.write(target, r.early)
	r.early = nil
	return target
}

// Sweep ends the session when nothing has moved for idle.
func (r *Raw) Sweep(now time.Time, idle time.Duration) (streams int, quiet time.Time) {
	if now.Sub(time.Unix(0, r.last.Load())) >= idle {
		r.end(false, wisp.ReasonDataTimeout, errIdle)
	}
	return 1, time.Time{}
}

// end decides how the session ends; the first call counts.
func (r *Raw) end(orderly bool, reason wisp.Reason, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending != nil {
		return
	}
	r.ending = &ending{orderly, reason, err}
	text := ""
	if reason != wisp.ReasonVoluntary {
		text = reason.String()
	}
	r.sock.Close(reason.CloseCode(), text)
	r.cancel()
	if r.target != nil {
		r.target.Interrupt()
	}
}

func (r *Raw) recover() {
	if v := recover(); v != nil {
		r.end(false, wisp.ReasonUnspecified, crash(v))
	}
}

// finish turns the end of the target's bytes into the end of the session. Its
// FIN has come and all before it is sent, so that 1000 is the truth.
func (r *Raw) finish(err error) {
	if err == io.EOF {
		r.end(true, wisp.ReasonVoluntary, nil)
		return
	}
	r.end(false, reasonOf(err, wisp.ReasonNetworkError), err)
}

// upstream carries messages to the target.
func (r *Raw) upstream() {
	want := Small // by the last message: most are like the one before
	for {
		msg, err := r.sock.Next()
		if errors.Is(err, ErrText) {
			r.sock.Close(1003, "binary messages only")
		}
		if errors.Is(err, ErrClosed) {
			r.end(true, wisp.ReasonVoluntary, nil)
			return
		}
		if err == nil {
			buf := r.cfg.Pool.Get(want)
			want, err = r.copyMessage(msg, buf.B)
			r.cfg.Pool.Put(buf)
		}
		if err != nil {
			r.end(false, wisp.ReasonNetworkError, fmt.Errorf("client: %w", err))
			return
		}
	}
}

// copyMessage delivers one message in pieces of at most buf, and tells its size.
func (r *Raw) copyMessage(msg io.Reader, buf []byte) (size int, err error) {
	for err == nil {
		var n int
		n, err = fill(msg, buf)
		size += n
		r.deliver(buf[:n])
	}
	if err == io.EOF {
		err = nil
	}
	return size, err
}

// deliver gives bytes to the target, or keeps them until there is one.
func (r *Raw) deliver(p []byte) {
	r.order.Lock()
	defer r.order.Unlock()
	if r.connected() == nil {
		if len(r.early)+len(p) <= earlyRoom {
			r.early = append(r.early, p...)
			return
		}
		r.order.Unlock()
		<-r.opened
		r.order.Lock()
	}
	if target := r.connected(); target != nil {
		r.write(target, p)
	}
}

func (r *Raw) connected() Target {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.target
}

// write writes to the target. One that takes no more may have answered before,
// so the rest is dropped and the other direction says how it ended.
func (r *Raw) write(target Target, p []byte) {
	if r.failed != nil || len(p) == 0 {
		return
	}
	var n int
	n, r.failed = target.Write(p)
	r.up.Add(int64(n))
	r.touch()
	if reason := reasonOf(r.failed, 0); reason != 0 {
		r.end(false, reason, r.failed)
	}
}

// fill reads until buf is full or the reader ends.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var m int
		m, err = r.Read(buf[n:])
		n += m
	}
	return n, err
}

// downstream carries the target's bytes to the client.
func (r *Raw) downstream(target Target) error {
	c := carrier{pool: r.cfg.Pool, sock: r.sock, target: target}
	want := Small
	for first := true; ; first = false {
		n, err := c.read(want, 0)
		if n > 0 {
			err = r.send(&c, first)
			r.down.Add(int64(n))
			r.touch()
		}
		c.free()
		if err != nil {
			return err
		}
		want = resize(want, n, c.room)
	}
}

// send sends what was read as a message. Emscripten's socket layer swallows a
// first message of its own "port" announcement's form, so such bytes go in two.
func (r *Raw) send(c *carrier, first bool) error {
	if p := c.bytes(); first && len(p) == 10 && string(p[:8]) == "\xff\xff\xff\xffport" {
		if err := r.sock.Write(p[:5]); err != nil {
			return err
		}
		return r.sock.Write(p[5:])
	}
	return c.write(nil)
}
