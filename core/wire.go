package core

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"syscall"
	"time"

	"github.com/stepwire/stepwire/core/h1"
)

// wire is an open transport, shared by the connection and the responses that
// read it: it closes when the last of them lets go, as a Python socket does
// whose makefile is still open.
type wire struct {
	conn     net.Conn
	counts   *h1.Transport
	timeout  *time.Duration
	refs     int
	deadline bool // a deadline is set on conn
	lost     bool // a read or write told that the peer has reset it
}

// open opens a transport.
func (c *HTTPConnection) open(ctx context.Context) error {
	if c.wire != nil { // as in Python, an open socket is dropped for the new one
		c.detach()
	}
	if c.engine.Tracer != nil {
		c.engine.Emit(&h1.Event{Kind: h1.EventConnect, Phase: "start", Host: c.Host, Port: c.Port})
	}
	conn, err := c.dial(ctx)
	if err != nil {
		err = transportError(ctx, err)
		if c.engine.Tracer != nil {
			c.engine.Emit(&h1.Event{Kind: h1.EventConnect, Phase: "failed", Host: c.Host, Port: c.Port, Err: err})
		}
		return err
	}
	c.wire = &wire{conn: conn, counts: c.engine.Opened(), timeout: c.Timeout, refs: 1}
	if c.engine.Tracer != nil {
		c.engine.Emit(&h1.Event{Kind: h1.EventConnect, Phase: "open", Host: c.Host, Port: c.Port})
	}
	return nil
}

func (c *HTTPConnection) dial(ctx context.Context) (net.Conn, error) {
	if c.Timeout != nil {
		switch *c.Timeout {
		case unfitFloat:
			return nil, h1.Raise(h1.ErrOverflowError, "timestamp out of range for platform time_t")
		case unfitInt:
			return nil, h1.Raise(h1.ErrOverflowError, "timestamp too large to convert to C _PyTime_t")
		}
		if *c.Timeout < 0 {
			return nil, h1.Raise(ErrValueError, "Timeout value out of range")
		}
		if *c.Timeout == 0 {
			return nil, c.dialWithoutWaiting(ctx)
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, shortestWait(*c.Timeout))
		defer cancel()
	}
	return c.create(ctx, c.Host, c.Port, c.SourceAddress)
}

// What stands for seconds that fit no Duration, by the type they have in Python.
const (
	unfitFloat time.Duration = math.MaxInt64
	unfitInt   time.Duration = math.MaxInt64 - 1
)

// Seconds is a timeout given as a Python number, a float or an int. With one that
// is too large or too small, connecting raises OverflowError as in Python.
func Seconds(n float64, isInt bool) time.Duration {
	switch nanoseconds := n * float64(time.Second); {
	case nanoseconds < math.MaxInt64 && nanoseconds > math.MinInt64:
		return time.Duration(nanoseconds)
	case isInt:
		return unfitInt
	}
	return unfitFloat
}

// shortestWait is a timeout as Python's waits take it: they count in
// milliseconds and round up.
func shortestWait(timeout time.Duration) time.Duration { return max(timeout, time.Millisecond) }

// startLimit bounds an attempt to connect whose outcome is not waited for.
const startLimit = 200 * time.Millisecond

// dialWithoutWaiting is what a timeout of zero means: the connection is begun and
// given up at once, unless its target cannot be resolved.
func (c *HTTPConnection) dialWithoutWaiting(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	conn, err := c.create(ctx, c.Host, c.Port, c.SourceAddress)
	if err == nil {
		conn.Close()
	}
	var dns *net.DNSError
	var raised *h1.Error
	if errors.As(err, &dns) || errors.As(err, &raised) {
		return err
	}
	return h1.Raise(h1.ErrBlockingIOError, "[Errno 115] Operation now in progress")
}

// retain counts one more reader of the transport.
func (w *wire) retain() { w.refs++ }

// release counts one less, and closes the transport after the last.
func (w *wire) release(c *HTTPConnection) {
	if w.refs--; w.refs > 0 {
		return
	}
	w.conn.Close()
	if c.engine.Tracer != nil {
		c.engine.Emit(&h1.Event{Kind: h1.EventClosed, Conn: w.counts.Number})
	}
}

// guard lets a cancelled context end one operation on the transport, and sets
// the deadline of the connection's timeout. The function it returns undoes it.
func (w *wire) guard(ctx context.Context) (undo func() bool) {
	switch {
	case w.timeout != nil:
		w.conn.SetDeadline(time.Now().Add(shortestWait(*w.timeout)))
		w.deadline = true
	case w.deadline:
		w.conn.SetDeadline(time.Time{})
		w.deadline = false
	}
	if ctx.Done() == nil {
		return nil
	}
	expired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		w.conn.SetDeadline(time.Unix(1, 0))
		close(expired)
	})
	return func() bool {
		if stop() {
			return true
		}
		<-expired // or its deadline would fall upon the next operation
		return false
	}
}

// write sends all of data: the one place where bytes leave. Python:
// socket.sendall.
func (c *HTTPConnection) write(ctx context.Context, data []byte, layout h1.Layout) error {
	if len(data) == 0 {
		return nil
	}
	if ctx.Err() != nil { // a write that need not wait would go through
		return transportError(ctx, context.Cause(ctx))
	}
	w := c.wire
	undo := w.guard(ctx)
	n, err := 0, error(syscall.EPIPE)
	if !w.lost {
		n, err = w.conn.Write(data)
	}
	if undo != nil && !undo() {
		w.deadline = true // the context has set one
	}
	if err != nil {
		err = transportError(ctx, err)
		if errors.Is(err, ErrConnectionResetError) {
			w.lost = true
		}
	}
	if c.engine.Tracer != nil {
		e := c.engine.Event(h1.EventSend)
		e.Start, e.Bytes, e.Err = w.counts.Sent, data[:n], err
		c.engine.Emit(e)
	}
	c.engine.Wrote(data, n, layout)
	return err
}

// fill reads once from the transport into the response's engine: the one place
// where bytes come in. Python: socket.SocketIO.readinto.
func (c *HTTPConnection) fill(ctx context.Context, w *wire, r *h1.Response) error {
	undo := w.guard(ctx)
	n, err := w.conn.Read(r.Space())
	if w.lost && err != nil {
		err = io.EOF // a system tells of a reset once; not every transport is one's
	}
	if undo != nil && !undo() {
		w.deadline = true
	}
	if n > 0 {
		if c.engine.Tracer != nil {
			e := c.received(w)
			e.Bytes = r.Space()[:n]
			c.engine.Emit(e)
		}
		r.Fill(n)
		return nil
	}
	if errors.Is(err, io.EOF) {
		if c.engine.Tracer != nil {
			e := c.received(w)
			e.EOF = true
			c.engine.Emit(e)
		}
		r.FillEOF()
		return nil
	}
	if err == nil { // allowed by io.Reader, though discouraged: ask again
		return nil
	}
	err = transportError(ctx, err)
	if c.engine.Tracer != nil {
		e := c.received(w)
		e.Err = err
		c.engine.Emit(e)
	}
	w.lost = errors.Is(err, ErrConnectionResetError)
	r.Fail(errors.Is(err, ErrTimeoutError))
	return err
}

// received begins the event of a read.
func (c *HTTPConnection) received(w *wire) *h1.Event {
	e := c.engine.Event(h1.EventRecv)
	e.Conn, e.Start = w.counts.Number, w.counts.Received // the connection may have let go of it
	return e
}

// readOn runs an engine operation to its end, reading the transport whenever
// it needs input.
func readOn[T any](ctx context.Context, c *HTTPConnection, w *wire, r *h1.Response, operation func() (T, error)) (T, error) {
	for {
		v, err := operation()
		if err != h1.ErrNeedInput {
			return v, err
		}
		if err := c.fill(ctx, w, r); err != nil {
			var none T
			return none, err
		}
	}
}
