package pump

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// Config is what a session works with.
type Config struct {
	// Open connects to a destination. Its error may be a [Refusal]; others count
	// as an unreachable host.
	Open func(ctx context.Context, host string, port int) (Target, error)
	Pool *Pool
	// Wait bounds the wait for a buffer when the pool is empty.
	Wait time.Duration
	// Done is called when a stream has ended and all it held is released.
	Done func(stream uint32, r Result)
	// Wisp configures the protocol.
	Wisp wisp.Options
}

// maxMessage is the most that is read from a target at once, in bytes, for a
// client that takes such messages.
const maxMessage = Largest - 4<<10

// maxControl is how many short packets may wait for a client that does not
// read, before its own messages are no longer read.
const maxControl = 256

// A Session serves Wisp on one WebSocket.
type Session struct {
	sock Socket
	cfg  Config
	wisp *wisp.Session

	write sync.Mutex // one message at a time

	mu       sync.Mutex
	streams  map[uint32]*stream // the newest of each id
	quiet    time.Time          // since when there has been no stream
	control  []packet           // replies of the reader, so that it never waits for a write
	sending  bool               // a goroutine is at control
	room     sync.Cond          // control got shorter
	running  sync.WaitGroup     // streams and their helpers
	finished bool
}

// packet is a message with the stream it belongs to, nil for the session.
type packet struct {
	st  *stream
	msg []byte
}

// NewSession prepares a session; Run serves it.
func NewSession(sock Socket, cfg Config) *Session {
	s := &Session{sock: sock, cfg: cfg, wisp: wisp.NewServer(cfg.Wisp), streams: map[uint32]*stream{}, quiet: time.Now()}
	s.room.L = &s.mu
	return s
}

// Run serves until the WebSocket ends and returns once every stream has ended.
// The error tells why it ended, nil for a close by the client in good order.
func (s *Session) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	err := s.receive(ctx)
	orderly := errors.Is(err, ErrClosed)
	s.mu.Lock()
	s.finished = true
	s.room.Broadcast()
	for _, st := range s.streams {
		st.end(orderly, wisp.ReasonNetworkError, err)
	}
	s.mu.Unlock()
	if !orderly {
		cancel()
	}
	s.running.Wait()
	cancel()
	if orderly {
		return nil
	}
	return err
}

// Sweep ends streams on which nothing has moved for idle, and tells how many
// streams there are and since when there has been none.
func (s *Session) Sweep(now time.Time, idle time.Duration) (streams int, quiet time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		if st.connected() && now.Sub(st.moved()) >= idle {
			st.end(false, wisp.ReasonDataTimeout, errIdle)
		}
	}
	return len(s.streams), s.quiet
}

var errIdle = errors.New("nothing moved for too long")

// receive is the reader: it never writes and never waits for one stream's
// target, so that a stream that does not move holds up no other.
func (s *Session) receive(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = crash(r)
			s.sock.Close(1011, "internal error")
		}
	}()
	if err := s.sock.Write(s.wisp.Hello()); err != nil {
		return err
	}
	want := Small // by the last message: most are like the one before
	for {
		r, err := s.sock.Next()
		if errors.Is(err, ErrText) {
			s.sock.Close(1003, "binary messages only")
		}
		if err != nil {
			return err
		}
		buf, n, err := s.readMessage(r, want)
		if err != nil {
			if errors.Is(err, errNoRoom) {
				s.sock.Close(wisp.ReasonThrottled.CloseCode(), err.Error())
			}
			return err
		}
		want = n
		in, err := s.wisp.Receive(buf.B[:n])
		if err != nil {
			s.send(nil, in.Reply)
			s.sock.Close(1002, cut(err.Error()))
			s.cfg.Pool.Put(buf)
			return err
		}
		if !s.take(ctx, in, buf) {
			s.cfg.Pool.Put(buf)
		}
		if in.Kind == wisp.KindGoodbye {
			s.sock.Close(1000, "")
			return fmt.Errorf("%w: %v", ErrClosed, in.Reason)
		}
	}
}

var errNoRoom = errors.New("the relay is out of buffers")

// readMessage reads r to its end into a buffer, which it takes only when the
// first bytes are there.
func (s *Session) readMessage(r io.Reader, want int) (*Buffer, int, error) {
	buf := s.cfg.Pool.Get(want)
	n := 0
	for {
		if n == len(buf.B) {
			bigger := s.cfg.Pool.Wait(n+1, s.cfg.Wait)
			if bigger == nil {
				s.cfg.Pool.Put(buf)
				return nil, 0, errNoRoom
			}
			copy(bigger.B, buf.B)
			s.cfg.Pool.Put(buf)
			buf = bigger
		}
		m, err := r.Read(buf.B[n:])
		n += m
		if err == io.EOF {
			return buf, n, nil
		}
		if err != nil {
			s.cfg.Pool.Put(buf)
			return nil, 0, err
		}
	}
}

// take acts on one input and tells whether it kept the buffer.
func (s *Session) take(ctx context.Context, in wisp.Input, buf *Buffer) (kept bool) {
	st := s.stream(in.Stream)
	s.reply(nil, in.Reply)
	switch in.Kind {
	case wisp.KindOpen:
		s.open(ctx, in.Stream, in.Connect)
	case wisp.KindData:
		if st != nil {
			return s.up(st, in.Data, buf)
		}
	case wisp.KindFin:
		if st != nil {
			s.upFin(st)
		}
	case wisp.KindCredit:
		if st != nil {
			st.wake()
		}
	case wisp.KindClosed:
		if st != nil {
			s.forget(st)
			st.end(in.Reason == wisp.ReasonVoluntary, in.Reason, errors.New("closed by the client"))
		}
	case wisp.KindRefused:
		if in.Known && st != nil {
			s.forget(st)
			st.end(false, in.Reason, errors.New(in.Text))
		} else if s.cfg.Done != nil {
			s.cfg.Done(in.Stream, Result{Reason: in.Reason, Err: errors.New(in.Text)})
		}
	}
	return false
}

func (s *Session) stream(id uint32) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams[id]
}

// forget drops a stream that the protocol has dropped.
func (s *Session) forget(st *stream) {
	st.mu.Lock()
	st.gone = true
	st.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[st.id] == st {
		delete(s.streams, st.id)
		if len(s.streams) == 0 {
			s.quiet = time.Now()
		}
	}
}

func (s *Session) open(ctx context.Context, id uint32, c wisp.Connect) {
	ctx, cancel := context.WithCancel(ctx)
	st := newStream(id, cancel)
	s.mu.Lock()
	s.streams[id] = st
	s.mu.Unlock()
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		defer cancel()
		s.serve(ctx, st, c)
	}()
}

// reply queues a message of the reader. It waits only when so many are queued
// that the client must have stopped reading.
func (s *Session) reply(st *stream, msg []byte) {
	if msg == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.control) >= maxControl && !s.finished {
		s.room.Wait()
	}
	s.control = append(s.control, packet{st, msg})
	if !s.sending {
		s.sending = true
		s.running.Add(1)
		go s.sendControl()
	}
}

func (s *Session) sendControl() {
	defer s.running.Done()
	for {
		s.mu.Lock()
		batch := s.control
		s.control = nil
		s.sending = len(batch) > 0
		s.room.Broadcast()
		s.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		for _, p := range batch {
			if s.send(p.st, p.msg) != nil {
				break // the reader finds out too
			}
		}
	}
}

// send writes one message, unless it is for a stream that is forgotten.
func (s *Session) send(st *stream, msg []byte) error {
	if msg == nil {
		return nil
	}
	return s.sendFrom(st, func() error { return s.sock.Write(msg) })
}

func (s *Session) sendFrom(st *stream, write func() error) error {
	s.write.Lock()
	defer s.write.Unlock()
	if st != nil && st.forgotten() {
		return nil
	}
	return write()
}

// crash is the error of a recovered panic; its text is for the log.
func crash(r any) error { return &Crash{Value: r, Stack: debug.Stack()} }

// A Crash is the error of a stream or a session that panicked.
type Crash struct {
	Value any
	Stack []byte
}

func (c *Crash) Error() string { return fmt.Sprintf("internal error: %v", c.Value) }
