package core

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"sync"
	"syscall"

	"github.com/stepwire/stepwire/core/h1"
)

// HTTPResponse is the response to a request. It is an [io.ReadCloser] and an
// [io.WriterTo]; the calls named after Python's behave exactly as those.
// Python: http.client.HTTPResponse.
type HTTPResponse struct {
	Status     int    // three digits of the status line. Python: status, code
	Reason     string // Python: reason
	Version    int    // 10 for HTTP/1.0, 11 for HTTP/1.1. Python: version
	Chunked    bool   // Python: chunked
	WillClose  bool   // the connection ends with this response. Python: will_close
	DebugLevel int    // Python: debuglevel
	URL        string // set by whoever follows redirects; http.client leaves it unset. Python: url

	conn     *HTTPConnection
	wire     *wire
	engine   h1.Response
	ctx      context.Context // of GetResponse, for Read and WriteTo
	released bool
	message  *HTTPMessage
}

// GetResponse waits for the response to the request that was sent and reads
// its head. Raises ResponseNotReady before a request was sent and while an
// earlier response is unread. Python: HTTPConnection.getresponse.
func (c *HTTPConnection) GetResponse(ctx context.Context) (r *HTTPResponse, err error) {
	if c.engine.Tracer == nil {
		return c.getResponse(ctx)
	}
	t := c.trace("getresponse")
	r, err = c.getResponse(ctx)
	if err != nil {
		t.done(nil, err)
		return nil, err
	}
	t.done(r.summary(), nil)
	return r, nil
}

func (c *HTTPConnection) getResponse(ctx context.Context) (*HTTPResponse, error) {
	r := &HTTPResponse{conn: c, ctx: ctx}
	engine := &r.engine
	if err := c.engine.GetResponse(engine); err != nil {
		return nil, err
	}
	if c.DebugLevel > 0 {
		r.DebugLevel = c.DebugLevel
		engine.Debug = c.print
	}
	w := c.wire
	var err error
	for {
		err = engine.Begin()
		if err != h1.ErrNeedInput {
			break
		}
		if err = c.fill(ctx, w, engine); err != nil {
			break
		}
	}
	if err != nil {
		lost := errors.Is(err, ErrConnectionError)
		if lost {
			c.detach()
		}
		c.engine.Reject(engine, lost)
		return nil, err
	}
	w.retain()
	c.engine.Accept(engine)
	if engine.WillClose { // the response owns the transport now
		c.detach()
	}
	r.Status, r.Reason, r.Version = engine.Status, engine.Reason, engine.Version
	r.Chunked, r.WillClose = engine.Chunked, engine.WillClose
	r.wire = w
	if !engine.WillClose {
		c.held = r
	}
	return r, nil
}

// summary is what the event log shows of the response.
func (r *HTTPResponse) summary() h1.Pairs {
	var length any
	if n, known := r.Length(); known {
		length = n
	}
	return h1.Pairs{
		{Name: "status", Value: r.Status}, {Name: "reason", Value: r.Reason}, {Name: "version", Value: r.Version},
		{Name: "will_close", Value: r.WillClose}, {Name: "length", Value: length},
		{Name: "chunked", Value: r.Chunked}, {Name: "headers", Value: r.engine.Head.Fields},
	}
}

// settle lets go of the transport once the engine has closed the response.
func (r *HTTPResponse) settle() {
	if !r.released && r.engine.Closed() {
		r.released = true
		r.wire.release(r.conn)
	}
}

// Arrived gives what is left of the body, where that has been read from the
// transport whole, and the connection's state once ReadAll will have taken it,
// which then neither waits nor fails. It changes nothing. The body is valid until
// something is read.
func (r *HTTPResponse) Arrived() (body []byte, after h1.State, ok bool) {
	after = r.conn.State()
	if r.engine.Closed() {
		return nil, after, true
	}
	left, known := r.Length()
	body = r.engine.Buffered()
	if !known || r.Chunked || left > int64(len(body)) {
		return nil, after, false
	}
	if state, held := h1.Next(after, h1.InResponseClosed); held {
		after = state
	}
	return body[:left], after, true
}

// run performs a reading call.
func run[T any](ctx context.Context, r *HTTPResponse, operation func() (T, error)) (T, error) {
	v, err := readOn(ctx, r.conn, r.wire, &r.engine, operation)
	r.settle()
	return v, err
}

// traced performs a reading call and reports it.
func traced[T any](r *HTTPResponse, name string, args []h1.Arg, call func() (T, error)) (T, error) {
	t := r.conn.trace(name, args...)
	v, err := call()
	t.done(v, err)
	return v, err
}

func (r *HTTPResponse) tracing() bool { return r.conn.engine.Tracer != nil }

// ReadAll reads the rest of the body. Raises IncompleteRead when the
// connection ends before the body does. Python: HTTPResponse.read().
func (r *HTTPResponse) ReadAll(ctx context.Context) ([]byte, error) {
	if r.tracing() {
		return traced(r, "read", nil, func() ([]byte, error) { return run(ctx, r, r.engine.Read) })
	}
	return run(ctx, r, r.engine.Read)
}

// ReadAmt reads up to amt bytes of the body, fewer only at its end; a negative
// amt reads to the end of the connection. Python: HTTPResponse.read(amt).
func (r *HTTPResponse) ReadAmt(ctx context.Context, amt int) ([]byte, error) {
	operation := func() ([]byte, error) { return r.engine.ReadAmt(amt) }
	if r.tracing() {
		return traced(r, "read", []h1.Arg{{Name: "amt", Value: amt}}, func() ([]byte, error) { return run(ctx, r, operation) })
	}
	return run(ctx, r, operation)
}

// ReadInto fills p from the body and tells how many bytes it got, fewer than
// len(p) only at the end. Python: HTTPResponse.readinto(b).
func (r *HTTPResponse) ReadInto(ctx context.Context, p []byte) (int, error) {
	if !r.tracing() {
		return r.readInto(ctx, p)
	}
	t := r.conn.trace("readinto", h1.Arg{Name: "n", Value: len(p)})
	n, err := r.readInto(ctx, p)
	t.done(h1.Pairs{{Name: "n", Value: n}, {Name: "bytes", Value: p[:n]}}, err)
	return n, err
}

func (r *HTTPResponse) readInto(ctx context.Context, p []byte) (int, error) {
	for {
		n, err := r.engine.ReadInto(p)
		if err != h1.ErrNeedInput {
			r.settle()
			return n, err
		}
		if err := r.conn.fill(ctx, r.wire, &r.engine); err != nil {
			return 0, err
		}
	}
}

// Read1 reads up to n bytes with at most one read of the transport; what is
// buffered comes first. n < 0: no limit. Python: HTTPResponse.read1.
func (r *HTTPResponse) Read1(ctx context.Context, n int) ([]byte, error) {
	operation := func() ([]byte, error) { return r.engine.Read1(n) }
	if r.tracing() {
		return traced(r, "read1", []h1.Arg{{Name: "n", Value: n}}, func() ([]byte, error) { return run(ctx, r, operation) })
	}
	return run(ctx, r, operation)
}

// Peek shows what comes next without taking it; n is ignored, as in Python.
// Python: HTTPResponse.peek.
func (r *HTTPResponse) Peek(ctx context.Context, n int) ([]byte, error) {
	if r.tracing() {
		return traced(r, "peek", []h1.Arg{{Name: "n", Value: n}}, func() ([]byte, error) { return run(ctx, r, r.engine.Peek) })
	}
	return run(ctx, r, r.engine.Peek)
}

// ReadLine reads a line with its line feed, at most limit bytes; limit < 0: no
// limit. Python: HTTPResponse.readline.
func (r *HTTPResponse) ReadLine(ctx context.Context, limit int) ([]byte, error) {
	operation := func() ([]byte, error) { return r.engine.ReadLine(limit) }
	if r.tracing() {
		return traced(r, "readline", []h1.Arg{{Name: "limit", Value: limit}}, func() ([]byte, error) { return run(ctx, r, operation) })
	}
	return run(ctx, r, operation)
}

// ReadLines reads all lines. Python: HTTPResponse.readlines.
func (r *HTTPResponse) ReadLines(ctx context.Context) ([][]byte, error) {
	if r.tracing() {
		return traced(r, "readlines", nil, func() ([][]byte, error) { return r.readLines(ctx) })
	}
	return r.readLines(ctx)
}

func (r *HTTPResponse) readLines(ctx context.Context) ([][]byte, error) {
	lines := [][]byte{}
	for {
		line, err := run(ctx, r, func() ([]byte, error) { return r.engine.ReadLine(-1) })
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			return lines, nil
		}
		lines = append(lines, line)
	}
}

// Lines iterates over the lines of the body; it ends at the body's end or with
// an error. Python: iteration over an HTTPResponse.
func (r *HTTPResponse) Lines(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			line, err := r.ReadLine(ctx, -1)
			if err == nil && len(line) == 0 {
				return
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// Read reads content into p, with the context of GetResponse. It is Go's
// reader: it reports the end as [io.EOF], and unlike Python's readinto a body
// that ends before its announced length as IncompleteRead.
func (r *HTTPResponse) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := r.readInto(r.ctx, p)
	if n > 0 || err != nil {
		return n, err
	}
	if rest := r.engine.Length(); !r.Chunked && rest.Known() && rest.Int64() > 0 && !r.engine.Shut() {
		return 0, h1.RaiseIncompleteRead([]byte{}, rest.String())
	}
	return 0, io.EOF
}

// copyBuffers are what WriteTo reads into: enough to spare system calls.
var copyBuffers = sync.Pool{New: func() any { return new([256 << 10]byte) }}

// WriteTo writes the rest of the body to w, with the context of GetResponse.
func (r *HTTPResponse) WriteTo(w io.Writer) (total int64, err error) {
	buf := copyBuffers.Get().(*[256 << 10]byte)
	defer copyBuffers.Put(buf)
	for {
		n, err := r.Read(buf[:])
		if n > 0 {
			written, werr := w.Write(buf[:n])
			total += int64(written)
			if werr != nil {
				return total, werr
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// Close closes the response without reading the rest. Python:
// HTTPResponse.close.
func (r *HTTPResponse) Close() error {
	if r.tracing() {
		t := r.conn.trace("response_close")
		defer t.done(nil, nil)
	}
	r.engine.Close()
	r.settle()
	return nil
}

// Closed reports whether Close was called, on the response or on the connection
// that held it. Python: HTTPResponse.closed.
func (r *HTTPResponse) Closed() bool { return r.engine.Shut() }

// IsClosed reports whether the response is closed: read to its end, or by
// Close. Python: HTTPResponse.isclosed.
func (r *HTTPResponse) IsClosed() bool { return r.engine.Closed() }

// Length is how many bytes of the body are left; unknown for a chunked or
// close-delimited one. Python: HTTPResponse.length.
func (r *HTTPResponse) Length() (n int64, known bool) {
	l := r.engine.Length()
	return l.Int64(), l.Known()
}

// LengthText is Length in decimal digits, exact however large; empty when
// unknown. Python: HTTPResponse.length.
func (r *HTTPResponse) LengthText() string { return r.engine.Length().String() }

// Msg gives the headers as a message. Python: HTTPResponse.msg.
func (r *HTTPResponse) Msg() *HTTPMessage {
	if r.message == nil {
		h := &r.engine.Head
		r.message = newHTTPMessage(h.Fields, h.Defects, h.UnixFrom, h.Payload)
	}
	return r.message
}

// Headers gives the headers as a message. Python: HTTPResponse.headers.
func (r *HTTPResponse) Headers() *HTTPMessage { return r.Msg() }

// Info gives the headers as a message. Python: HTTPResponse.info.
func (r *HTTPResponse) Info() *HTTPMessage { return r.Msg() }

// GetURL gives the URL of the page, where somebody has set it. Python:
// HTTPResponse.geturl.
func (r *HTTPResponse) GetURL() string { return r.URL }

// GetCode gives the status code. Python: HTTPResponse.getcode.
func (r *HTTPResponse) GetCode() int { return r.Status }

// GetHeader gives the value of a header, the values of a repeated one joined by
// ", ". Python: HTTPResponse.getheader(name).
func (r *HTTPResponse) GetHeader(name string) (value string, ok bool) {
	fields := r.engine.Head.Fields
	if r.message != nil { // which may have been changed
		values := r.message.GetAll(name)
		return strings.Join(values, ", "), len(values) > 0
	}
	for i := range fields {
		if !h1.SameName(fields[i].Name, name) {
			continue
		}
		if !ok {
			value, ok = fields[i].Value, true
		} else {
			value += ", " + fields[i].Value
		}
	}
	return value, ok
}

// GetHeaderDefault is GetHeader with a default: a list of strings is joined by
// ", ", anything else is given back as it is. Python: HTTPResponse.getheader.
func (r *HTTPResponse) GetHeaderDefault(name string, def any) any {
	if value, ok := r.GetHeader(name); ok {
		return value
	}
	if list, ok := def.([]string); ok {
		return strings.Join(list, ", ")
	}
	return def
}

// GetHeaders lists the headers as received: order, case and duplicates kept.
// Python: HTTPResponse.getheaders.
func (r *HTTPResponse) GetHeaders() []h1.Field {
	if r.message != nil {
		return r.message.Items()
	}
	return append([]h1.Field{}, r.engine.Head.Fields...)
}

// Fileno gives the descriptor of the transport, where it has one. Python:
// HTTPResponse.fileno.
func (r *HTTPResponse) Fileno() (fd uintptr, err error) {
	if r.engine.Closed() {
		return 0, h1.Raise(h1.ErrAttributeError, "'NoneType' object has no attribute 'fileno'")
	}
	if s, ok := r.wire.conn.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil && raw.Control(func(f uintptr) { fd = f }) == nil {
			return fd, nil
		}
	}
	return 0, h1.Raise(h1.ErrUnsupportedOperation, "fileno")
}
