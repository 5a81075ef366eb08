package netshim

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"

	"github.com/stepwire/stepwire/netshim/wisp"
)

const (
	// pauseAt is how much a lone stream without flow control may queue, in
	// bytes, before the WebSocket is no longer read: natively, TCP then holds
	// the relay.
	pauseAt = 4 << 20
	// floodAt is how much such a stream may queue where the WebSocket has to be
	// read on, for other streams or for the credit of a Write, before it is
	// given up.
	floodAt = 64 << 20
)

// clientFlow is what a client announces: its window, and messages as large as the
// relay likes.
var clientFlow = wisp.Flow{Window: clientWindow(), MaxData: 1<<20 - wisp.HeaderLen}

// clientWindow keeps a fast path full at some 80 ms. Natively it is also more than
// the kernel holds of a connection within one machine, so that TCP, which costs
// nothing, and not the next credit is what a relay waits for there.
func clientWindow() uint32 {
	if runtime.GOOS == "js" {
		return 4 << 20 // of the page's memory
	}
	return 8 << 20
}

// Session is one WebSocket to a relay that carries any number of connections,
// each a Wisp stream.
type Session struct {
	relay  relayURL
	opts   DialOptions
	t      Transport
	wisp   *wisp.Session
	ready  chan struct{} // closed after the handshake, or when lost is set
	single bool          // the session lives for one Conn

	mu    sync.Mutex
	conns map[uint32]*Conn
	lost  *failure
	shut  bool // Close was called
}

// OpenSession opens a WebSocket to the relay and negotiates. ctx bounds that,
// not what follows. A wsproxy relay knows no sessions.
func OpenSession(ctx context.Context, relay string, opts *DialOptions) (*Session, error) {
	d, err := prepare(relay, opts)
	if err != nil {
		return nil, err.during("dial", "", 0)
	}
	if d.convention == WSProxy {
		f := &failure{text: "the wsproxy convention carries one connection on a WebSocket", party: PartyCaller, causes: []error{errors.ErrUnsupported}}
		return nil, f.during("dial", "", 0)
	}
	s, err := openSession(ctx, d)
	if err != nil {
		return nil, err.during("dial", "", 0)
	}
	return s, nil
}

// NewSession negotiates over a Transport that is open: one that was made with
// something else than this package's dialer. version2 tells whether a
// subprotocol was offered to the relay. It is used up even by a failure.
func NewSession(ctx context.Context, t Transport, version2 bool, opts *DialOptions) (*Session, error) {
	d := dial{convention: Wisp, relay: relayURL{name: "transport"}}
	if opts != nil {
		d.DialOptions = *opts
	}
	s, err := startSession(ctx, d, t, version2)
	if err != nil {
		return nil, err.during("dial", "", 0)
	}
	return s, nil
}

func openSession(ctx context.Context, d dial) (*Session, *failure) {
	t, version2, fail := openTransport(ctx, d)
	if fail != nil {
		return nil, fail
	}
	return startSession(ctx, d, t, version2)
}

func startSession(ctx context.Context, d dial, t Transport, version2 bool) (*Session, *failure) {
	s := &Session{
		relay: d.relay,
		opts:  d.DialOptions,
		t:     t,
		wisp: wisp.NewClient(wisp.Options{
			Version2: version2,
			Flow:     clientFlow,
			NoFlow:   d.NoFlow,
		}),
		ready: make(chan struct{}),
		conns: map[uint32]*Conn{},
	}
	t.OnDrain(s.drained)
	go s.run()
	select {
	case <-s.ready:
	case <-ctx.Done():
		s.Close()
		return nil, contextFailure(ctx.Err())
	}
	s.mu.Lock()
	lost := s.lost
	s.mu.Unlock()
	if lost != nil {
		return nil, lost
	}
	s.report(version2)
	return s, nil
}

// report tells what was negotiated, and what is missing.
func (s *Session) report(version2 bool) {
	a := s.wisp.Agreed()
	switch {
	case a.Flow:
		s.event(EventNegotiated, "Wisp 2 with byte credits both ways, half-close and confirmed opens")
	case a.Confirms:
		s.event(EventNegotiated, "Wisp 2 with confirmed opens")
	default:
		s.event(EventNegotiated, "Wisp "+strconv.Itoa(a.Version))
	}
	if !a.Flow {
		missing := "The relay does not know the flow extension: no half-close, and what it sends is not held back when nobody reads."
		if !a.Confirms {
			missing += " It does not confirm connections either: a refused one shows at the first read. It may tell a reset as an orderly end."
		}
		s.event(EventFallback, missing)
	}
	if a.MOTD != "" {
		s.event(EventMOTD, a.MOTD)
	}
}

func (s *Session) event(what, detail string) {
	if s.opts.OnEvent != nil {
		s.opts.OnEvent(Event{What: what, Detail: detail})
	}
}

// Negotiated says what both sides speak.
func (s *Session) Negotiated() wisp.Agreed { return s.wisp.Agreed() }

// Dial opens a connection through the session. ctx bounds the dial only.
func (s *Session) Dial(ctx context.Context, host string, port int) (*Conn, error) {
	if f := checkDestination(host, port); f != nil {
		return nil, f.during("dial", host, port)
	}
	c := newConn(host, port, "wisp", s.relay.name)
	id, fail := s.connect(c)
	if fail != nil {
		return nil, fail.during("dial", host, port)
	}
	name := "Stream " + strconv.FormatUint(uint64(id), 10) + " to " + c.remote.text
	s.event(EventStream, name+": asked for")
	if !s.wisp.Agreed().Confirms {
		return c, nil
	}
	select {
	case <-c.opened:
	case <-ctx.Done():
		c.Close()
		return nil, contextFailure(ctx.Err()).during("dial", host, port)
	}
	if err := c.dialed(); err != nil {
		c.Close()
		s.event(EventStream, name+": "+err.Error())
		return nil, err
	}
	s.event(EventStream, name+": open")
	return c, nil
}

// connect registers c before CONNECT goes out, so that no answer is missed.
func (s *Session) connect(c *Conn) (uint32, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.shut:
		return 0, failClosed
	case s.lost != nil:
		return 0, s.lost
	}
	id, packet, err := s.wisp.Connect(c.host, c.port)
	if err != nil {
		return 0, &failure{text: err.Error(), party: PartyCaller, causes: []error{err}}
	}
	c.link = &stream{s: s, id: id, c: c}
	s.conns[id] = c
	if err := s.t.Send(packet, nil); err != nil {
		delete(s.conns, id)
		return 0, lostFailure(err)
	}
	return id, nil
}

// Close ends the session and every connection on it.
func (s *Session) Close() error {
	s.mu.Lock()
	if s.shut {
		s.mu.Unlock()
		return nil
	}
	s.shut = true
	s.mu.Unlock()
	s.drop(failClosed)
	s.t.Close(1000, "")
	return nil
}

// drop ends all connections because of f.
func (s *Session) drop(f *failure) {
	s.mu.Lock()
	if s.lost == nil {
		s.lost = f
	}
	conns := s.conns
	s.conns = nil
	s.mu.Unlock()
	for _, c := range conns {
		c.end(f)
	}
}

func (s *Session) conn(id uint32) *Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns[id]
}

func (s *Session) forget(id uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, id)
}

func (s *Session) drained() {
	s.mu.Lock()
	conns := make([]*Conn, 0, len(s.conns))
	for _, c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	for _, c := range conns {
		c.credit()
	}
}

// run reads the WebSocket until its end.
func (s *Session) run() {
	f := s.receive()
	s.drop(f)
	s.t.Close(1000, "")
	s.settle()
	s.mu.Lock()
	shut := s.shut
	s.mu.Unlock()
	if !shut {
		s.event(EventWebSocket, "Closed: "+f.text)
	}
}

func (s *Session) settle() {
	select {
	case <-s.ready:
	default:
		close(s.ready)
	}
}

// receive handles messages until one ends the session, and says why it ended.
func (s *Session) receive() *failure {
	for {
		msg, err := s.t.Recv()
		if err != nil {
			return lostFailure(err)
		}
		in, err := s.wisp.Receive(msg)
		if in.Reply != nil {
			if err := s.t.Send(in.Reply, nil); err != nil {
				return lostFailure(err)
			}
		}
		if err != nil {
			s.t.Close(4002, err.Error()[:min(len(err.Error()), 123)])
			return relayFailure("the relay does not keep to the protocol: "+err.Error(), ErrRelay, err)
		}
		if f := s.handle(in); f != nil {
			return f
		}
	}
}

func (s *Session) handle(in wisp.Input) *failure {
	switch in.Kind {
	case wisp.KindNone:
		return nil
	case wisp.KindReady:
		s.settle()
		return nil
	case wisp.KindGoodbye:
		return reasonFailure(in.Reason, "", 0)
	}
	c := s.conn(in.Stream)
	if c == nil {
		return nil
	}
	switch in.Kind {
	case wisp.KindOpened:
		c.open()
	case wisp.KindCredit:
		c.credit()
	case wisp.KindData:
		s.deliver(c, in)
	case wisp.KindFin:
		c.eof(false)
	case wisp.KindRefused:
		s.forget(in.Stream)
		c.end(relayFailure("the relay does not keep to the protocol: "+in.Text, ErrRelay))
	case wisp.KindClosed:
		s.forget(in.Stream)
		s.closed(c, in)
	}
	return nil
}

func (s *Session) closed(c *Conn, in wisp.Input) {
	select {
	case <-c.opened:
	default:
		if in.Reason == wisp.ReasonVoluntary && s.wisp.Agreed().Confirms {
			c.end(reasonFailure(in.Reason, c.host, c.port))
			return
		}
	}
	f := reasonFailure(in.Reason, c.host, c.port)
	switch {
	case in.Reason == wisp.ReasonVoluntary:
		c.eof(true)
	case in.Reason == wisp.ReasonNetworkError && !s.wisp.Agreed().Confirms:
		f.text = "the destination could not be reached, or reset the connection: the relay does not say which"
		c.end(f)
	default:
		c.end(f)
	}
	s.event(EventStream, "Stream "+strconv.FormatUint(uint64(in.Stream), 10)+" to "+c.remote.text+": closed by the relay: "+in.Reason.String())
}

func (s *Session) deliver(c *Conn, in wisp.Input) {
	n := c.deliver(in.Data, s.t)
	switch {
	case s.wisp.Agreed().Flow:
	case n > floodAt:
		s.forget(in.Stream)
		if p := s.wisp.Close(in.Stream, wisp.ReasonClientError); p != nil {
			_ = s.t.Send(p, nil) // a WebSocket that is gone shows at Recv
		}
		c.end(relayFailure("more than 64 MiB arrived unread, and the relay cannot hold it back: read before writing more, or use one WebSocket for this connection", ErrRelay))
	case s.single && n > pauseAt:
		c.waitRoom(pauseAt, true)
	}
}

// stream is the link of a Conn that is a Wisp stream.
type stream struct {
	s    *Session
	id   uint32
	c    *Conn
	head []byte
}

func (l *stream) write(p []byte) (int, error) {
	if l.s.t.Full() {
		return 0, nil
	}
	n := l.s.wisp.Allow(l.id, len(p))
	if n == 0 {
		return 0, nil
	}
	l.head = wisp.AppendHeader(l.head[:0], wisp.TypeData, l.id)
	return n, l.s.t.Send(l.head, p[:n])
}

func (l *stream) consumed(n int) {
	if p := l.s.wisp.Consumed(l.id, n); p != nil {
		_ = l.s.t.Send(p, nil) // a WebSocket that is gone shows at Recv
	}
}

var errNoHalfClose = &noHalfClose{}

type noHalfClose struct{}

func (*noHalfClose) Error() string { return "the relay knows no half-close" }
func (*noHalfClose) Unwrap() error { return ErrNoHalfClose }

func (l *stream) finish() error {
	if !l.s.wisp.Agreed().Flow {
		return errNoHalfClose
	}
	if p := l.s.wisp.Finish(l.id); p != nil {
		return l.s.t.Send(p, nil)
	}
	return nil
}

func (l *stream) close() {
	if p := l.s.wisp.Close(l.id, wisp.ReasonVoluntary); p != nil {
		_ = l.s.t.Send(p, nil) // nothing to close where it fails
	}
}

func (l *stream) release() {
	l.s.forget(l.id)
	if l.s.single {
		l.s.Close()
	}
}
