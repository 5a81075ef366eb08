package h1

import "strconv"

// Limits of http.client and of this port. Python: _MAXLINE, _MAXHEADERS.
const (
	MaxLine    = 65536 // bytes in a status, header, chunk size or trailer line
	MaxHeaders = 100   // lines in a header block, with the empty one
	// MaxInterim bounds the 100 (Continue) responses skipped before a final one.
	MaxInterim = 100
	// MaxTrailers bounds the lines of a trailer section and of the header block
	// of a tunnel's reply, which CPython 3.11 reads without end.
	MaxTrailers = 10000
)

// Transport counts what went over one connection to a server.
type Transport struct {
	Number   int   // from 1, in the order of opening
	Sent     int64 // bytes written
	Received int64 // bytes read
}

// Conn is the request side of a connection: its state, and the lines that
// putrequest and putheader have put into the buffer but endheaders has not
// sent yet. Python: HTTPConnection without its socket.
type Conn struct {
	Tracer Tracer
	Strict bool // refuse what is only diagnosed by default

	state     State
	held      *Response
	transport *Transport
	opened    int // transports opened so far
	exchange  int
	raw       bool // bytes sent without putrequest await their response
	method    string

	buffer []byte // unsent lines, each with its CRLF
	layout []mark // their spans, while traced
	event  Event  // the last one, while traced: it is valid during Trace only
	spans  headSpans
	fields int // header lines put since the request line

	spareBuf  []byte // a response's read buffer, free for the next one
	spareHead []byte
	spareEnds []int
}

// State gives the state of the connection.
func (c *Conn) State() State { return c.state }

// Transport gives the open transport, nil without one.
func (c *Conn) Transport() *Transport { return c.transport }

// Exchange counts the requests that were put.
func (c *Conn) Exchange() int { return c.exchange }

// Buffered counts the bytes that putrequest and putheader have buffered.
func (c *Conn) Buffered() int { return len(c.buffer) }

// Allowed reports whether the table has a row for the input.
func (c *Conn) Allowed(input Input) bool {
	_, ok := Next(c.state, input)
	return ok
}

// step makes the transition; false: the table has no row for it.
func (c *Conn) step(input Input) bool {
	to := next[c.state][input]
	if to == refused {
		return false
	}
	from := c.state
	c.state = to
	if c.Tracer != nil {
		e := c.Event(EventTransition)
		e.From, e.Input, e.To = from, input, to
		c.Tracer.Trace(e)
	}
	return true
}

// Event begins an event, with the numbers of the transport and the exchange.
// There is one for each connection: it is to be emitted before the next begins.
//
//go:noinline
func (c *Conn) Event(kind EventKind) *Event {
	e := &c.event
	if kind != EventSpan || e.Kind != EventSpan { // a span sets all that one has
		*e = Event{Kind: kind}
	}
	e.Conn, e.Exchange = 0, c.exchange
	if c.transport != nil {
		e.Conn = c.transport.Number
	}
	return e
}

// Emit passes an event of another package to the tracer, with the numbers of the
// transport, unless it has one, and of the exchange.
func (c *Conn) Emit(e *Event) {
	if c.Tracer == nil {
		return
	}
	if e.Conn == 0 && c.transport != nil {
		e.Conn = c.transport.Number
	}
	e.Exchange = c.exchange
	c.Tracer.Trace(e)
}

// Opened tells the engine that a transport is open, and returns its counters.
func (c *Conn) Opened() *Transport {
	c.opened++
	c.transport = &Transport{Number: c.opened}
	c.raw = false
	return c.transport
}

// Detach tells the engine that the connection let go of its transport, which a
// response may still be reading. Python: self.sock = None.
func (c *Conn) Detach() { c.transport = nil }

// Close returns to Idle and closes the response that the connection holds. The
// buffered lines stay: they precede the next request. Python:
// HTTPConnection.close.
func (c *Conn) Close() {
	held := c.held
	c.held = nil
	c.step(InClose)
	if held != nil {
		held.Close()
	}
}

// forget drops a held response that has been closed.
func (c *Conn) forget() {
	if c.held != nil && c.held.closed {
		c.held = nil
	}
}

// Legal lists Python's names of the calls that the state allows now, of those
// that a state can refuse. The list is shared: it must not be changed.
func (c *Conn) Legal() []string { return legal[c.state] }

// GetResponse lets r, which is new, read the response to the request that was
// sent. Python: HTTPConnection.getresponse, up to response.begin().
func (c *Conn) GetResponse(r *Response) error {
	c.forget()
	if !c.Allowed(InResponseKeepAlive) {
		return Raise(ErrResponseNotReady, c.state.Python())
	}
	if c.transport == nil {
		return Raise(ErrAttributeError, "'NoneType' object has no attribute 'makefile'")
	}
	c.start(r, "response")
	return nil
}

// start makes a response read the open transport from here on.
func (c *Conn) start(r *Response, message string) {
	if r.conn != nil { // clearing what is clear costs as much as parsing a line
		*r = Response{}
	}
	r.conn, r.transport, r.method, r.message, r.exchange = c, c.transport, c.method, message, c.exchange
	r.in.base = c.transport.Received
	if c.spareBuf != nil {
		r.in.buf, c.spareBuf = c.spareBuf, nil
	} else {
		r.in.buf = make([]byte, bufferSize)
	}
	r.head, c.spareHead = c.spareHead[:0], nil
	r.ends, c.spareEnds = c.spareEnds, nil
	r.spanned = r.in.base
	r.watched = c.Tracer != nil || c.Strict
}

// Accept takes the response whose head has been read. Afterwards the
// connection holds it, unless it will close: then the response owns the
// transport alone and the caller must let go of it. Python: the end of
// getresponse.
func (c *Conn) Accept(r *Response) {
	if r.WillClose {
		c.step(InResponseWillClose)
		return
	}
	c.held = r
	c.step(InResponseKeepAlive)
}

// Reject drops a response whose head could not be read. A connection error
// returns to Idle, and the caller closes the transport; any other failure
// leaves the request sent. Python: the except clauses of getresponse.
func (c *Conn) Reject(r *Response, connectionError bool) {
	if connectionError {
		c.step(InConnectionError)
	} else {
		c.step(InOtherFailure)
	}
	r.Close()
}

func itoa(n int) string { return strconv.Itoa(n) }
