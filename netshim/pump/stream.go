package pump

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// A stream is one TCP connection of a session. Its own goroutine (serve) opens
// the target, carries the target's bytes to the client and alone ends both; the
// session's reader hands it the client's bytes.
type stream struct {
	id      uint32
	started time.Time
	cancel  context.CancelFunc // ends the opening
	woken   chan struct{}      // credit came, or the stream is to end

	up, down, last atomic.Int64 // bytes, bytes, Unix nanoseconds

	mu       sync.Mutex
	changed  sync.Cond // flushing, queue, upDone or ended
	target   Target    // nil until connected
	queue    []piece   // the client's bytes that the target has not taken
	flushing bool      // a goroutine is at the queue
	gone     bool      // the protocol has forgotten it; its id may be another's
	upFin    bool      // the client has no more
	upDone   bool      // the target has been told so, or takes no more
	ended    *ending   // nil while live
	settled  bool      // nothing may be queued any more
}

// piece is bytes on their way to the target.
type piece struct {
	buf      *Buffer
	from, to int
}

// ending is why a stream is to end.
type ending struct {
	orderly bool // what the client sent before still goes to the target
	reason  wisp.Reason
	err     error
}

func newStream(id uint32, cancel context.CancelFunc) *stream {
	st := &stream{id: id, started: time.Now(), cancel: cancel, woken: make(chan struct{}, 1)}
	st.changed.L = &st.mu
	st.touch()
	return st
}

func (st *stream) touch() { st.last.Store(time.Now().UnixNano()) }

func (st *stream) moved() time.Time { return time.Unix(0, st.last.Load()) }

func (st *stream) connected() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.target != nil
}

func (st *stream) wake() {
	select {
	case st.woken <- struct{}{}:
	default:
	}
}

// end asks for the end of the stream; the first call decides how.
func (st *stream) end(orderly bool, reason wisp.Reason, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.ended != nil {
		return
	}
	st.ended = &ending{orderly, reason, err}
	if st.target != nil {
		st.target.Interrupt()
	}
	if !orderly || st.target == nil && len(st.queue) == 0 {
		st.cancel()
	}
	st.changed.Broadcast()
	st.wake()
}

func (st *stream) ending() *ending {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.ended
}

// ask calls the protocol on behalf of a stream, unless the protocol has
// forgotten it: a client may use its id for another by then.
func (st *stream) ask(call func() []byte) []byte {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.gone {
		return nil
	}
	return call()
}

func (st *stream) forgotten() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.gone
}

// serve is the life of a stream.
func (s *Session) serve(ctx context.Context, st *stream, c wisp.Connect) {
	var res Result
	var target Target
	defer func() {
		if r := recover(); r != nil {
			res.Reason, res.Err = wisp.ReasonUnspecified, crash(r)
			if target != nil {
				target.Reset()
			}
		}
		s.settle(st, res)
	}()
	target, err := s.cfg.Open(ctx, c.Host, int(c.Port))
	if err != nil {
		res.Reason, res.Err = reasonOf(err, wisp.ReasonUnreachable), err
		return
	}
	st.mu.Lock()
	st.target = target
	ended := st.ended
	s.kick(st)
	st.mu.Unlock()
	st.touch()
	if ended == nil {
		err = s.send(st, st.ask(func() []byte { return s.wisp.Opened(st.id) }))
		if err == nil {
			err = s.downstream(st, target)
		}
	}
	res = s.conclude(st, target, err)
}

// settle tells the client, releases what the stream holds, and reports.
func (s *Session) settle(st *stream, res Result) {
	st.end(false, res.Reason, res.Err) // a flush that is under way stops
	s.send(st, st.ask(func() []byte { return s.wisp.Close(st.id, res.Reason) }))
	s.forget(st)
	st.mu.Lock()
	for st.flushing {
		st.changed.Wait()
	}
	for _, p := range st.queue {
		s.cfg.Pool.Put(p.buf)
	}
	st.queue, st.settled = nil, true
	st.mu.Unlock()
	res.Up, res.Down, res.Duration = st.up.Load(), st.down.Load(), time.Since(st.started)
	if s.cfg.Done != nil {
		s.cfg.Done(st.id, res)
	}
}

// conclude ends the target after the reading of it ended with err.
func (s *Session) conclude(st *stream, target Target, err error) Result {
	e := st.ending()
	switch {
	case e == nil && err == io.EOF:
		// Everything was sent before this, so it says so truthfully.
		if err := s.send(st, st.ask(func() []byte { return s.wisp.Finish(st.id) })); err != nil {
			target.Reset()
			return Result{Reason: wisp.ReasonNetworkError, Err: err}
		}
		e = s.awaitUp(st)
		if e == nil || e.orderly {
			target.Close()
			return Result{Reason: wisp.ReasonVoluntary}
		}
	case e == nil:
		target.Reset()
		return Result{Reason: reasonOf(err, wisp.ReasonNetworkError), Err: err}
	case e.orderly:
		s.awaitUp(st)
		target.Close()
		return Result{Reason: wisp.ReasonVoluntary}
	}
	target.Reset()
	return Result{Reason: e.reason, Err: e.err}
}

// awaitUp waits for the client's direction: until the target has been given all
// and the client has said that this is all, or the stream is to end. Without
// half-close the target's end is the stream's, and only the queue counts.
func (s *Session) awaitUp(st *stream) *ending {
	half := s.wisp.Agreed().Flow
	st.mu.Lock()
	defer st.mu.Unlock()
	for {
		e := st.ended
		flushed := st.upDone || len(st.queue) == 0 && !st.flushing
		switch {
		case e != nil && !e.orderly:
			return e
		case st.upDone, flushed && (e != nil || !half):
			return e
		}
		st.changed.Wait()
	}
}

// downstream carries the target's bytes to the client until either ends.
// Credit comes first, so that a client that does not read stops the target.
func (s *Session) downstream(st *stream, target Target) error {
	c := carrier{pool: s.cfg.Pool, sock: s.sock, target: target}
	head := wisp.AppendHeader(nil, wisp.TypeData, st.id)
	want := Small - wisp.HeaderLen
	for {
		granted := 0
		st.ask(func() []byte {
			granted = s.wisp.Allow(st.id, want)
			return nil
		})
		if granted == 0 {
			if st.ending() != nil {
				return errEnded
			}
			<-st.woken
			continue
		}
		n, err := c.read(granted, len(head))
		if n < granted {
			st.ask(func() []byte {
				s.wisp.Return(st.id, granted-n)
				return nil
			})
		}
		if n > 0 {
			err = s.sendFrom(st, func() error { return c.write(head) })
			st.down.Add(int64(n))
			st.touch()
		}
		c.free()
		if err != nil {
			return err
		}
		want = resize(want, n, c.room)
	}
}

var errEnded = errors.New("ended")

// resize finds the next size to read: larger after a full buffer, smaller after
// one that was mostly empty.
func resize(want, n, room int) int {
	switch {
	case n == room:
		return min(4*want, maxMessage)
	case n < want/8:
		return max(want/4, Small-wisp.HeaderLen)
	}
	return want
}

// up takes bytes from the client. When nothing is queued and the target takes
// them now, that is all; else they are queued, and buf is kept where its size is
// worth it.
func (s *Session) up(st *stream, data []byte, buf *Buffer) (kept bool) {
	st.touch()
	st.mu.Lock()
	n := 0
	if st.target != nil && !st.flushing && len(st.queue) == 0 && !st.upDone {
		var err error
		n, err = st.target.TryWrite(data)
		st.up.Add(int64(n))
		s.upFailed(st, err)
	}
	if st.upDone || st.ended != nil {
		// Nobody takes it. The client still gets its credit back, so that it can
		// reach the point where it learns of the end.
		st.mu.Unlock()
		s.reply(st, s.wisp.Consumed(st.id, len(data)))
		return false
	}
	st.mu.Unlock()
	if n > 0 {
		s.reply(st, s.wisp.Consumed(st.id, n))
	}
	if n == len(data) {
		return false
	}
	return s.enqueue(st, piece{buf, wisp.HeaderLen + n, wisp.HeaderLen + len(data)})
}

// enqueue queues the end of a message. A large message's buffer goes into the
// queue as it is; small ones are gathered, so that a flood of one-byte packets
// costs no more than its bytes.
func (s *Session) enqueue(st *stream, p piece) (kept bool) {
	data := p.buf.B[p.from:p.to]
	if len(data) > Small/2 && p.buf.charged > 0 {
		s.push(st, p)
		return true
	}
	for len(data) > 0 {
		st.mu.Lock()
		if k := len(st.queue) - 1; k >= 0 && len(st.queue[k].buf.B) == Small && st.queue[k].to < Small {
			p := &st.queue[k]
			n := copy(p.buf.B[p.to:], data)
			p.to += n
			data = data[n:]
			st.mu.Unlock()
			continue
		}
		st.mu.Unlock()
		fresh := s.cfg.Pool.Wait(Small, s.cfg.Wait)
		if fresh == nil {
			st.end(false, wisp.ReasonThrottled, errNoRoom)
			return false
		}
		n := copy(fresh.B, data)
		data = data[n:]
		s.push(st, piece{fresh, 0, n})
	}
	return false
}

func (s *Session) push(st *stream, p piece) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.settled {
		s.cfg.Pool.Put(p.buf)
		return
	}
	st.queue = append(st.queue, p)
	s.kick(st)
}

// upFin is the client's FIN.
func (s *Session) upFin(st *stream) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.upFin = true
	s.kick(st)
}

// kick starts the flush goroutine if there is work for it; st.mu is held.
func (s *Session) kick(st *stream) {
	if st.target == nil || st.flushing || st.settled || len(st.queue) == 0 && (!st.upFin || st.upDone) {
		return
	}
	st.flushing = true
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		s.flush(st)
	}()
}

// flush writes the queue to the target, then its FIN if the client has sent
// one.
func (s *Session) flush(st *stream) {
	defer func() {
		if r := recover(); r != nil {
			st.end(false, wisp.ReasonUnspecified, crash(r))
		}
		st.mu.Lock()
		st.flushing = false
		st.changed.Broadcast()
		st.mu.Unlock()
	}()
	for {
		st.mu.Lock()
		aborted := st.ended != nil && !st.ended.orderly
		if len(st.queue) == 0 || aborted {
			if st.upFin && !st.upDone && !aborted {
				st.upDone = true
				st.target.CloseWrite()
			}
			st.flushing = false // under the same lock as the look at the queue
			st.changed.Broadcast()
			st.mu.Unlock()
			return
		}
		p := st.queue[0]
		st.queue[0] = piece{}
		st.queue = st.queue[1:]
		if len(st.queue) == 0 {
			st.queue = nil
		}
		dead := st.upDone
		st.mu.Unlock()
		if !dead {
			n, err := st.target.Write(p.buf.B[p.from:p.to])
			st.up.Add(int64(n))
			st.touch()
			st.mu.Lock()
			s.upFailed(st, err)
			st.mu.Unlock()
		}
		s.cfg.Pool.Put(p.buf)
		s.send(st, st.ask(func() []byte { return s.wisp.Consumed(st.id, p.to-p.from) }))
	}
}

// upFailed notes an error of writing to the target; st.mu is held. A target
// that is stuck ends the stream. One that is gone may have sent an answer
// first, which the reading side still delivers before it meets the end.
func (s *Session) upFailed(st *stream, err error) {
	if err == nil {
		return
	}
	st.upDone = true
	st.changed.Broadcast()
	if reason := reasonOf(err, 0); reason != 0 {
		st.ended = &ending{false, reason, err}
		st.target.Interrupt()
		st.wake()
	}
}
