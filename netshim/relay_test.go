package netshim

import (
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"syscall"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// testRelay is the least relay that keeps to package wisp's contract: one
// Transport, any destination that dial gives.
type testRelay struct {
	t    Transport
	w    *wisp.Session
	dial func(host string, port int) (net.Conn, error)

	mu      sync.Mutex
	streams map[uint32]*testStream
	wg      sync.WaitGroup
}

type testStream struct {
	r    *testRelay
	id   uint32
	conn net.Conn

	mu      sync.Mutex
	cond    sync.Cond
	in      queue
	inEnd   bool // FIN or CLOSE Voluntary came
	gone    bool // no more for the client
	inDone  bool
	outDone bool
}

// serveTest runs a relay until the transport ends.
func serveTest(t Transport, o wisp.Options, dial func(string, int) (net.Conn, error)) {
	r := &testRelay{t: t, w: wisp.NewServer(o), dial: dial, streams: map[uint32]*testStream{}}
	t.OnDrain(func() { r.each((*testStream).poke) })
	_ = t.Send(r.w.Hello(), nil)
	for {
		msg, err := t.Recv()
		if err != nil {
			break
		}
		in, err := r.w.Receive(msg)
		if in.Reply != nil {
			_ = t.Send(in.Reply, nil)
		}
		if err != nil || in.Kind == wisp.KindGoodbye {
			t.Close(4002, "protocol error")
			break
		}
		r.handle(in)
	}
	t.Close(1000, "")
	r.each((*testStream).lost)
	r.wg.Wait()
}

func (r *testRelay) each(f func(*testStream)) {
	r.mu.Lock()
	var all []*testStream
	for _, s := range r.streams {
		all = append(all, s)
	}
	r.mu.Unlock()
	for _, s := range all {
		f(s)
	}
}

func (r *testRelay) handle(in wisp.Input) {
	if in.Kind == wisp.KindOpen {
		s := &testStream{r: r, id: in.Stream}
		s.cond.L = &s.mu
		r.mu.Lock()
		r.streams[in.Stream] = s
		r.mu.Unlock()
		r.wg.Go(func() { s.open(in.Connect) })
		return
	}
	r.mu.Lock()
	s := r.streams[in.Stream]
	r.mu.Unlock()
	if s == nil {
		return
	}
	switch in.Kind {
	case wisp.KindData:
		s.mu.Lock()
		s.in.write(in.Data)
		s.mu.Unlock()
		s.poke()
	case wisp.KindFin:
		s.end(false)
	case wisp.KindCredit:
		s.poke()
	case wisp.KindClosed:
		if in.Reason == wisp.ReasonVoluntary {
			s.end(true)
		} else {
			s.abort()
		}
	case wisp.KindRefused:
		s.abort()
	}
}

func (s *testStream) poke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cond.Broadcast()
}

func (s *testStream) end(gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inEnd = true
	s.gone = s.gone || gone
	s.cond.Broadcast()
}

func (s *testStream) abort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inEnd, s.gone = true, true
	s.in.drop()
	if c, ok := s.conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	if s.conn != nil {
		s.conn.Close()
	}
	s.cond.Broadcast()
}

// lost tells that the WebSocket is gone. A stream that the client closed in
// order is still written out.
func (s *testStream) lost() {
	s.mu.Lock()
	ended := s.gone
	s.mu.Unlock()
	if !ended {
		s.abort()
	}
}

func (s *testStream) send(p []byte) {
	if p != nil {
		_ = s.r.t.Send(p, nil)
	}
}

func (s *testStream) open(c wisp.Connect) {
	conn, err := s.r.dial(c.Host, int(c.Port))
	if err != nil {
		s.send(s.r.w.Close(s.id, reasonOf(err)))
		return
	}
	s.mu.Lock()
	s.conn = conn
	gone := s.gone && s.in.n == 0
	s.mu.Unlock()
	if gone {
		conn.Close()
		return
	}
	s.send(s.r.w.Opened(s.id))
	s.r.wg.Go(s.down)
	s.up()
}

func reasonOf(err error) wisp.Reason {
	var dns *net.DNSError
	var r wisp.Reason
	switch {
	case errors.As(err, &dns):
		r = wisp.ReasonUnreachable
	case errors.Is(err, syscall.ECONNREFUSED):
		r = wisp.ReasonRefused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		r = wisp.ReasonNetworkError
	case errors.As(err, new(wispReason)):
		var w wispReason
		errors.As(err, &w)
		r = wisp.Reason(w)
	default:
		r = wisp.ReasonUnspecified
	}
	return r
}

// wispReason is an error that makes the relay give that reason.
type wispReason wisp.Reason

func (r wispReason) Error() string { return "reason " + strconv.Itoa(int(r)) }

// up writes what the client sent to the destination.
func (s *testStream) up() {
	buf := make([]byte, 32<<10)
	for {
		s.mu.Lock()
		for s.in.n == 0 && !s.inEnd {
			s.cond.Wait()
		}
		n := s.in.read(buf)
		gone := s.gone
		s.mu.Unlock()
		if n == 0 {
			if cw, ok := s.conn.(interface{ CloseWrite() error }); ok && !gone {
				cw.CloseWrite()
			}
			s.done(true, gone)
			return
		}
		if _, err := s.conn.Write(buf[:n]); err != nil {
			s.send(s.r.w.Close(s.id, reasonOf(err)))
			s.abort()
			return
		}
		s.send(s.r.w.Consumed(s.id, n))
	}
}

// down reads the destination as the client's credit allows.
func (s *testStream) down() {
	buf := make([]byte, 32<<10)
	for {
		s.mu.Lock()
		n := 0
		for !s.gone {
			if !s.r.t.Full() {
				if n = s.r.w.Allow(s.id, len(buf)); n > 0 {
					break
				}
			}
			s.cond.Wait()
		}
		gone := s.gone
		s.mu.Unlock()
		if gone {
			s.done(false, true)
			return
		}
		m, err := s.conn.Read(buf[:n])
		s.r.w.Return(s.id, n-m)
		if m > 0 {
			_ = s.r.t.Send(wisp.AppendHeader(nil, wisp.TypeData, s.id), buf[:m])
		}
		switch {
		case err == io.EOF:
			s.send(s.r.w.Finish(s.id))
			s.done(false, false)
			return
		case err != nil:
			s.send(s.r.w.Close(s.id, reasonOf(err)))
			s.abort()
			return
		}
	}
}

func (s *testStream) done(in, close bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in {
		s.inDone = true
	} else {
		s.outDone = true
	}
	if (s.inDone && s.outDone) || (close && s.inDone) {
		s.send(s.r.w.Close(s.id, wisp.ReasonVoluntary))
		s.conn.Close()
		s.r.mu.Lock()
		delete(s.r.streams, s.id)
		s.r.mu.Unlock()
	}
}

// serveProxy runs the wsproxy convention until either side ends.
func serveProxy(t Transport, dest string, dial func(string, int) (net.Conn, error)) {
	host, p, _ := net.SplitHostPort(dest)
	port, _ := strconv.Atoi(p)
	conn, err := dial(host, port)
	if err != nil {
		t.Close(reasonOf(err).CloseCode(), "")
		return
	}
	var wg sync.WaitGroup
	var room sync.Cond
	room.L = new(sync.Mutex)
	t.OnDrain(func() {
		room.L.Lock()
		defer room.L.Unlock()
		room.Broadcast()
	})
	wg.Go(func() {
		defer conn.Close()
		for {
			msg, err := t.Recv()
			if err != nil {
				return
			}
			if _, err := conn.Write(msg); err != nil {
				t.Close(reasonOf(err).CloseCode(), "")
				return
			}
		}
	})
	buf := make([]byte, 32<<10)
	for {
		n, err := conn.Read(buf)
		if n > 0 && t.Send(nil, buf[:n]) != nil {
			break
		}
		if err == io.EOF {
			t.Close(1000, "")
			break
		}
		if err != nil {
			t.Close(reasonOf(err).CloseCode(), "")
			break
		}
		room.L.Lock()
		for t.Full() {
			room.Wait()
		}
		room.L.Unlock()
	}
	wg.Wait()
}
