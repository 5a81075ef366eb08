package wisp

import (
	"strconv"
	"sync"
)

// Options of a Session. The zero value of a field means its default.
type Options struct {
	// Version2 is, on a server, whether the client offered a subprotocol, and
	// so gets INFO first. On a client it is whether INFO is accepted, that is
	// whether a subprotocol was offered.
	Version2 bool
	// Flow is what this side can take under the flow extension. Default: a
	// window of 1 MiB and packets of 128 KiB less the header.
	Flow Flow
	// NoFlow leaves the flow extension out of the handshake.
	NoFlow bool
	// Packets is, on a server, how many packets a CONTINUE grants to a client
	// without the flow extension. Default 16.
	Packets int
	// PlainMaxData is the largest DATA payload sent to a peer without the
	// flow extension, in bytes. Default 64 KiB.
	PlainMaxData int
	// MaxStreams bounds, on a server, the streams open at once; a CONNECT
	// beyond it is answered with ReasonThrottled. Default 256.
	MaxStreams int
	// MOTD is, on a server, a text for the user sent with INFO.
	MOTD string
}

// DefaultFlow is what a Session announces unless told otherwise: a message
// then fits the 128 KiB that relays read at most.
var DefaultFlow = Flow{Window: 1 << 20, MaxData: 128<<10 - HeaderLen}

func (o Options) withDefaults() Options {
	if o.Flow.Window == 0 {
		o.Flow.Window = DefaultFlow.Window
	}
	if o.Flow.MaxData == 0 {
		o.Flow.MaxData = DefaultFlow.MaxData
	}
	if o.Packets == 0 {
		o.Packets = 16
	}
	if o.PlainMaxData == 0 {
		o.PlainMaxData = 64 << 10
	}
	if o.MaxStreams == 0 {
		o.MaxStreams = 256
	}
	return o
}

// Agreed is the outcome of the handshake.
type Agreed struct {
	Version int  // 1 or 2
	Flow    bool // byte credits both ways, FIN, confirmed opens
	// Peer is what the other side announced with the flow extension.
	Peer Flow
	// Confirms tells that an open stream is confirmed: KindOpened comes.
	Confirms bool
	// MOTD is the relay's text for the user, on a client.
	MOTD string
}

// Kind says what a message meant.
type Kind byte

// Kinds of Input.
const (
	// KindNone: nothing to do but to send Reply.
	KindNone Kind = iota
	// KindReady: the handshake is done; see Session.Agreed. Server: streams may
	// come. Client: Connect may be called.
	KindReady
	// KindOpen: a client asks for the stream Stream to Input.Connect. Answer with
	// Session.Opened or Session.Close.
	KindOpen
	// KindOpened: the relay is connected to the destination of Stream.
	KindOpened
	// KindData: bytes for Stream. Call Consumed when they left the queue.
	KindData
	// KindFin: no more Data follows on Stream; the other direction stays open.
	KindFin
	// KindClosed: the stream is over for Reason, and forgotten. On a server,
	// ReasonVoluntary asks for what is queued to be written to the destination
	// before its connection is closed; anything else is an abort. On a client,
	// ReasonVoluntary is the end of the stream after everything was delivered.
	KindClosed
	// KindRefused: the session itself answered a bad CONNECT or an overrun with the
	// CLOSE in Reply. Text says why. Known tells whether Stream was open, in
	// which case its connection has to be dropped.
	KindRefused
	// KindCredit: more may be sent on Stream; call Allow again.
	KindCredit
	// KindGoodbye: the peer ended the handshake or the session for Reason. Close
	// the WebSocket.
	KindGoodbye
)

// Input is what one message meant.
type Input struct {
	Kind    Kind
	Stream  uint32
	Connect Connect // Open, and Refused as far as it could be read
	Data    []byte  // Data; aliases the message
	Reason  Reason  // Closed, Refused, Goodbye
	Known   bool    // Refused
	Text    string  // Refused: why, for the log
	Reply   []byte  // a message to send at once, or nil
}

// Session is the state of one Wisp connection: handshake, streams, credits. It
// does no input or output: feed it the messages that arrive, send what it
// returns. Messages to send must go out in the order in which the calls that
// gave them were made, for a stream at least. It is safe for concurrent use.
type Session struct {
	mu      sync.Mutex
	server  bool
	opt     Options
	phase   phase
	agreed  Agreed
	packets uint32 // client: initial credit of a stream without flow
	streams map[uint32]*stream
	next    uint32 // client: the next stream id
}

type phase byte

const (
	greeting phase = iota // server: waits for INFO; client: for INFO or CONTINUE
	pending               // client: sent INFO, waits for CONTINUE
	running
	ended
)

type stream struct {
	opened bool
	finIn  bool
	finOut bool
	send   sendWindow
	bytes  byteWindow
	plain  packetWindow
}

// NewServer starts the relay's side.
func NewServer(o Options) *Session {
	s := &Session{server: true, opt: o.withDefaults(), streams: map[uint32]*stream{}}
	if !o.Version2 {
		s.phase = running
		s.agreed = Agreed{Version: 1}
	}
	return s
}

// NewClient starts the client's side.
func NewClient(o Options) *Session {
	return &Session{opt: o.withDefaults(), streams: map[uint32]*stream{}, next: 1}
}

// Hello is the message that a server sends first: CONTINUE for version 1, INFO
// for version 2. A client sends nothing before it has received: nil.
func (s *Session) Hello() []byte {
	switch {
	case !s.server:
		return nil
	case s.opt.Version2:
		return AppendInfo(nil, s.info())
	}
	return AppendContinue(nil, 0, uint32(s.opt.Packets))
}

func (s *Session) info() Info {
	i := Info{Major: 2}
	if s.server {
		i.Extensions = append(i.Extensions, Extension{ID: ExtOpenConfirm})
		if s.opt.MOTD != "" {
			i.Extensions = append(i.Extensions, Extension{ID: ExtMOTD, Data: []byte(s.opt.MOTD)})
		}
	} else {
		i.Extensions = append(i.Extensions, Extension{ID: ExtMOTD}, Extension{ID: ExtOpenConfirm})
	}
	if !s.opt.NoFlow {
		i.Extensions = append(i.Extensions, s.opt.Flow.Extension())
	}
	return i
}

// Agreed gives the outcome of the handshake, once KindReady has come. For a version
// 1 server that is from the start.
func (s *Session) Agreed() Agreed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agreed
}

// Len is the number of open streams.
func (s *Session) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.streams)
}

// Receive takes one binary message. An error is a violation that leaves
// nothing to trust: send Input.Reply, which is a CLOSE on stream 0, and close
// the WebSocket with code 1002.
func (s *Session) Receive(msg []byte) (Input, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.receive(msg)
	if err != nil {
		s.phase = ended
		reason := ReasonUnspecified
		if in.Reason != 0 {
			reason = in.Reason
		}
		return Input{Reason: reason, Reply: AppendClose(nil, 0, reason)}, err
	}
	return in, nil
}

func (s *Session) receive(msg []byte) (Input, error) {
	if s.phase == ended {
		return Input{}, protocolError("a message after the end of the session")
	}
	p, err := Decode(msg)
	if err != nil {
		return Input{}, err
	}
	if s.phase != running || p.Stream == 0 {
		return s.handshake(p)
	}
	st := s.streams[p.Stream]
	switch p.Type {
	case TypeConnect:
		if !s.server {
			return Input{}, unexpected(p, "from a relay")
		}
		return s.connect(p, st), nil
	case TypeContinue:
		if s.server || s.agreed.Flow {
			return Input{}, unexpected(p, "here")
		}
	case TypeCredit, TypeFin:
		if !s.agreed.Flow {
			return Input{}, unexpected(p, "without the flow extension")
		}
	}
	if st == nil {
		// The stream was closed from here while this was on its way.
		return Input{}, nil
	}
	in := Input{Stream: p.Stream}
	switch p.Type {
	case TypeData:
		return s.data(p, st)
	case TypeContinue:
		in.Kind = KindCredit
		st.send.avail = int64(p.Count())
		if !st.opened {
			st.opened, in.Kind = true, KindOpened
		}
	case TypeCredit:
		in.Kind = KindCredit
		if err := st.send.add(p.Count()); err != nil {
			return Input{}, err
		}
		if !st.opened && !s.server {
			st.opened, in.Kind = true, KindOpened
		}
	case TypeFin:
		if st.finIn {
			return Input{}, unexpected(p, "a second time")
		}
		in.Kind = KindFin
		st.finIn = true
	case TypeClose:
		in.Kind, in.Reason = KindClosed, p.Reason()
		delete(s.streams, p.Stream)
	}
	return in, nil
}

func unexpected(p Packet, where string) error {
	return protocolError(p.Type.String() + " on stream " + utoa(p.Stream) + " is not expected " + where)
}

// handshake takes what comes on stream 0 or before the session runs.
func (s *Session) handshake(p Packet) (Input, error) {
	switch {
	case p.Type == TypeClose && p.Stream == 0:
		s.phase = ended
		return Input{Kind: KindGoodbye, Reason: p.Reason()}, nil
	case s.server && s.phase == greeting && p.Type == TypeInfo:
		return s.clientInfo(p)
	case !s.server && s.phase == greeting && p.Type == TypeInfo:
		return s.serverInfo(p)
	case !s.server && s.phase == greeting && p.Type == TypeContinue && p.Stream == 0:
		s.agreed = Agreed{Version: 1}
		return s.ready(p), nil
	case !s.server && s.phase == pending && p.Type == TypeContinue && p.Stream == 0:
		return s.ready(p), nil
	case !s.server && s.phase == running && p.Type == TypeContinue:
		// The end of the version 2 handshake, for a client that did not wait;
		// or a new default, which binds streams opened from now on.
		s.packets = p.Count()
		return Input{}, nil
	}
	if s.phase == running {
		return Input{}, unexpected(p, "after the handshake")
	}
	return Input{}, unexpected(p, "during the handshake")
}

func (s *Session) ready(p Packet) Input {
	s.phase = running
	s.packets = p.Count()
	return Input{Kind: KindReady}
}

func (s *Session) clientInfo(p Packet) (Input, error) {
	if err := s.agree(p); err != nil {
		return Input{Reason: ReasonIncompatible}, err
	}
	s.phase = running
	return Input{Kind: KindReady, Reply: AppendContinue(nil, 0, uint32(s.opt.Packets))}, nil
}

func (s *Session) serverInfo(p Packet) (Input, error) {
	if !s.opt.Version2 {
		return Input{}, protocolError("INFO from the relay although no subprotocol was offered; expected CONTINUE")
	}
	if err := s.agree(p); err != nil {
		return Input{Reason: ReasonIncompatible}, err
	}
	in := Input{Reply: AppendInfo(nil, s.info())}
	s.phase = pending
	if s.agreed.Flow {
		// Credits are known: a relay with the flow extension takes CONNECT
		// right behind INFO, which saves a round trip.
		s.phase = running
		in.Kind = KindReady
	}
	return in, nil
}

// agree compares the peer's INFO with what this side supports.
func (s *Session) agree(p Packet) error {
	i, err := p.Info()
	if err != nil {
		return err
	}
	if i.Major < 2 {
		return protocolError("INFO for version " + strconv.Itoa(int(i.Major)) + "; expected 2")
	}
	s.agreed = Agreed{Version: 2}
	if e, ok := i.Find(ExtMOTD); ok && !s.server {
		s.agreed.MOTD = string(e.Data)
	}
	_, s.agreed.Confirms = i.Find(ExtOpenConfirm)
	if e, ok := i.Find(ExtFlow); ok && !s.opt.NoFlow {
		f, known, err := parseFlow(e)
		if err != nil {
			return err
		}
		if known {
			s.agreed.Flow, s.agreed.Peer, s.agreed.Confirms = true, f, true
		}
	}
	return nil
}

func (s *Session) newStream() *stream {
	st := &stream{}
	switch {
	case s.agreed.Flow:
		w := int64(s.opt.Flow.Window)
		st.bytes = byteWindow{size: w, allowed: w}
		st.send = sendWindow{unit: inBytes, avail: int64(s.agreed.Peer.Window)}
	case s.server:
		n := int64(s.opt.Packets)
		st.plain = packetWindow{size: n, limit: n}
	default:
		st.send = sendWindow{unit: inPackets, avail: int64(s.packets)}
	}
	return st
}

// connect answers a client's CONNECT.
func (s *Session) connect(p Packet, old *stream) Input {
	in := Input{Kind: KindOpen, Stream: p.Stream}
	c, err := p.Connect()
	in.Connect = c
	switch {
	case old != nil:
		// Two streams of one id cannot be told apart: neither survives.
		in.Known = true
		in.Reason, in.Text = ReasonInvalid, "CONNECT for stream "+utoa(p.Stream)+", which is open"
	case err != nil:
		in.Reason, in.Text = ReasonInvalid, err.Error()
	case len(s.streams) >= s.opt.MaxStreams:
		in.Reason, in.Text = ReasonThrottled, "more than "+strconv.Itoa(s.opt.MaxStreams)+" streams on one WebSocket"
	default:
		s.streams[p.Stream] = s.newStream()
		return in
	}
	in.Kind = KindRefused
	in.Reply = AppendClose(nil, p.Stream, in.Reason)
	delete(s.streams, p.Stream)
	return in
}

func (s *Session) data(p Packet, st *stream) (Input, error) {
	in := Input{Kind: KindData, Stream: p.Stream, Data: p.Payload}
	n := len(p.Payload)
	switch {
	case st.finIn:
		return Input{}, unexpected(p, "after FIN")
	case s.agreed.Flow && n > int(s.opt.Flow.MaxData):
		return Input{}, protocolError("DATA of " + strconv.Itoa(n) + " bytes; at most " + utoa(s.opt.Flow.MaxData) + " were announced")
	case s.agreed.Flow && !st.bytes.receive(n):
		return s.overrun(p, "bytes"), nil
	case !s.agreed.Flow && s.server && !st.plain.receive(n):
		return s.overrun(p, "packets"), nil
	case n == 0:
		in.Kind = KindNone
		in.Reply = s.credit(p.Stream, st, 0)
	}
	return in, nil
}

func (s *Session) overrun(p Packet, what string) Input {
	delete(s.streams, p.Stream)
	reason := ReasonThrottled
	if !s.server {
		reason = ReasonClientError
	}
	return Input{
		Kind: KindRefused, Stream: p.Stream, Known: true, Reason: reason,
		Text:  "DATA on stream " + utoa(p.Stream) + " beyond its credit of " + what,
		Reply: AppendClose(nil, p.Stream, reason),
	}
}

// Connect opens a stream, on a client after KindReady: it gives the stream's id
// and the CONNECT to send. Data may be sent at once. An error says what is
// wrong with host or port; nothing was opened then.
func (s *Session) Connect(host string, port int) (uint32, []byte, error) {
	if err := CheckHost(host); err != nil {
		return 0, nil, err
	}
	if port < 1 || port > 65535 {
		return 0, nil, protocolError("port " + strconv.Itoa(port) + "; expected 1 to 65535")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != running {
		return 0, nil, protocolError("the session does not take streams")
	}
	for s.next == 0 || s.streams[s.next] != nil {
		s.next++
	}
	id := s.next
	s.next++
	s.streams[id] = s.newStream()
	return id, AppendConnect(nil, id, host, uint16(port)), nil
}

// Opened gives the message by which a server confirms that the destination of
// the stream is connected; nil where that was not negotiated.
func (s *Session) Opened(id uint32) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[id]
	if st == nil || st.opened || !s.agreed.Confirms {
		return nil
	}
	st.opened = true
	if s.agreed.Flow {
		return AppendCredit(nil, id, 0)
	}
	// The count resets the client's, so it is the whole window; what the
	// client sent meanwhile is covered as for any CONTINUE.
	st.plain.limit += st.plain.size
	return AppendContinue(nil, id, uint32(st.plain.size))
}

// Allow reserves credit for one DATA packet with a payload of up to want
// bytes, and says how many to send now. 0 means to wait for KindCredit (KindOpened may bring credit, too), or that the
// stream is gone or finished.
func (s *Session) Allow(id uint32, want int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[id]
	if st == nil || st.finOut || want <= 0 {
		return 0
	}
	most := s.opt.PlainMaxData
	if s.agreed.Flow {
		most = int(min(s.agreed.Peer.MaxData, 1<<30))
	}
	return st.send.take(want, most)
}

// Return gives back credit that Allow reserved for the stream and that was not
// used: n of the bytes it granted. Plain packets cannot be returned in part.
func (s *Session) Return(id uint32, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.streams[id]; st != nil && st.send.unit == inBytes {
		st.send.avail += int64(n)
	}
}

// Consumed tells that n bytes of the stream's Data left the receiver's queue.
// It gives the credit to send, or nil.
func (s *Session) Consumed(id uint32, n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[id]
	if st == nil || st.finIn {
		return nil
	}
	return s.credit(id, st, n)
}

func (s *Session) credit(id uint32, st *stream, n int) []byte {
	switch {
	case s.agreed.Flow:
		if g := st.bytes.consume(n); g > 0 {
			return AppendCredit(nil, id, g)
		}
	case s.server:
		if g := st.plain.consume(n); g > 0 {
			return AppendContinue(nil, id, g)
		}
	}
	return nil
}

// Finish tells that this side has no more bytes for the stream and that all
// were sent. With the flow extension it gives FIN, and the stream stays until
// Close. Without, there is no half-close: a server gives CLOSE ReasonVoluntary and
// the stream is forgotten, a client gives nil and nothing happens.
func (s *Session) Finish(id uint32) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[id]
	switch {
	case st == nil || st.finOut:
		return nil
	case s.agreed.Flow:
		st.finOut = true
		return AppendFin(nil, id)
	case s.server:
		delete(s.streams, id)
		return AppendClose(nil, id, ReasonVoluntary)
	}
	return nil
}

// Close forgets the stream and gives the CLOSE to send, or nil when the peer
// has closed it already.
func (s *Session) Close(id uint32, r Reason) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[id] == nil {
		return nil
	}
	delete(s.streams, id)
	return AppendClose(nil, id, r)
}
