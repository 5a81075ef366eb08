package bridge

import (
	"context"
	"errors"
	"io"
	"iter"
)

// window is how many chunks of a streamed request body are asked for ahead, so
// that the way to the page and back does not bound the speed.
const window = 4

// errBodyFailed ends a call whose body failed in the page, which knows why.
var errBodyFailed = errors.New("the body's stream failed")

// stream is a request body that lives in the page. It is read by one call
// only, chunk by chunk, as that call sends it.
type stream struct {
	id     int
	bridge *Bridge
	call   *call
	chunks chan chunk
	asked  int // chunks asked for and not yet read
	rest   []byte
	err    error
}

type chunk struct {
	data   []byte // nil: the end
	failed bool
	late   *Late // what of it still arrives
}

// open makes the stream for a call's body.
func (b *Bridge) open(id int, call *call) *stream {
	s := &stream{id: id, bridge: b, call: call, chunks: make(chan chunk, window)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.streams[id] = s
	call.body = s
	return s
}

// finish forgets a stream; what the call left of it, the page need not read.
func (b *Bridge) finish(s *stream) {
	b.mu.Lock()
	delete(b.streams, s.id)
	b.mu.Unlock()
	if s.err == nil {
		b.post("stop", s.id)
	}
}

// deliver takes a chunk from the page, which sends one for each asked for.
func (s *stream) deliver(data []byte, failed bool, late *Late) {
	select {
	case s.chunks <- chunk{data, failed, late}:
	default:
	}
}

// next gives the next chunk, or io.EOF.
func (s *stream) next() ([]byte, error) {
	for s.err == nil {
		for ; s.asked < window; s.asked++ {
			s.bridge.post("pull", s.id)
		}
		select {
		case c := <-s.chunks:
			s.asked--
			c.late.All()
			switch {
			case c.failed:
				s.err = errBodyFailed
			case c.data == nil:
				s.err = io.EOF
			case len(c.data) > 0:
				return c.data, nil
			}
		case <-s.call.ctx.Done():
			return nil, context.Cause(s.call.ctx)
		}
	}
	return nil, s.err
}

// streamReader is a stream as a binary file. It is a function for the reason
// that printer is.
type streamReader func(p []byte) (int, error)

func (r streamReader) Read(p []byte) (int, error) { return r(p) }

func (s *stream) read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		data, err := s.next()
		if err != nil {
			return 0, err
		}
		s.rest = data
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// all gives the body as an iterable. One that fails cancels its call, so that
// the end of the iteration cannot pass for the end of the body.
func (s *stream) all(yield func([]byte) bool) {
	for {
		data, err := s.next()
		if err != nil {
			if err != io.EOF {
				s.call.cancel(err)
			}
			return
		}
		if !yield(data) {
			return
		}
	}
}

// iterator gives all as the core takes an iterable.
func (s *stream) iterator() iter.Seq[[]byte] { return s.all }
