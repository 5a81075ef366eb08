package h1

// bodyOp is the progress of a reading call that is waiting for input.
type bodyOp struct {
	active bool
	out    []byte // read(): pieces gathered so far
	amt    int    // how many bytes are still wanted
	into   []byte // readinto(): what is still to be filled
	total  int    // readinto(): filled so far
	want   int    // the piece being read
	left   int    // what was left of the chunk before it
	last   bool   // it is the final piece of the call
	piece  bool   // a piece is being read
}

// begin starts a call unless it is under way.
func (r *Response) begin() bool {
	if r.op.active {
		return false
	}
	r.op = bodyOp{active: true}
	return true
}

func (r *Response) end() { r.op = bodyOp{} }

// bodySpan reports content that was taken since start.
func (r *Response) bodySpan(start int64) {
	if r.watched {
		r.span(SpanBody, start, r.in.offset(), r.path("body", -1, ""), "")
	}
}

func (r *Response) dataSpan(start int64) {
	if r.watched {
		r.span(SpanChunkData, start, r.in.offset(), r.path("chunk", r.chunk, "data"), "")
	}
}

// fpRead is read(n) of the buffered reader, negative amounts included.
func (r *Response) fpRead(dst []byte, n int) ([]byte, error) {
	var data []byte
	var ok bool
	switch {
	case n == -1:
		data, ok = r.in.readAll(dst)
	case n < -1:
		return nil, r.raise(Raise(ErrValueError, "read length must be non-negative or -1"))
	default:
		data, ok = r.in.read(dst, n)
	}
	if !ok {
		return nil, r.need()
	}
	return data, nil
}

// What Python says of a number that none of its sizes can hold.
const (
	tooLargeForIndex = "cannot fit 'int' into an index-sized integer"
	tooLargeForC     = "Python int too large to convert to C ssize_t"
)

// largestBytes is how much Python's bytes can hold: a C ssize_t less the header
// of the object. What it can hold but finds no memory for is read here, as far as
// it arrives.
const largestBytes = maxLength - 33

// fits refuses to read n bytes at once if no memory could ever hold them; huge: n
// stands for a number beyond int64.
func (r *Response) fits(n int64, huge bool) error {
	switch {
	case huge:
		return r.raise(Raise(ErrOverflowError, tooLargeForIndex))
	case n > largestBytes:
		return r.raise(Raise(ErrOverflowError, "byte string is too large"))
	}
	return nil
}

// announced gives an amount that cannot be read to whom it came from: the class
// would have it the caller's.
func announced(err error) error {
	if e, ok := err.(*Error); ok {
		e.Party = "server"
	}
	return err
}

// Read reads the whole rest of the body. The result belongs to the caller.
// Python: HTTPResponse.read().
func (r *Response) Read() ([]byte, error) {
	if done := r.noBody(); done {
		return []byte{}, nil
	}
	if r.Chunked {
		return r.readChunked(0, false)
	}
	start := r.spanned
	if !r.length.known {
		data, ok := r.in.readAll(nil)
		if !ok {
			return nil, r.need()
		}
		r.bodySpan(start)
		r.closeConn()
		return nonNil(data), nil
	}
	n := r.length.n
	if err := r.fits(n, r.length.big != ""); err != nil {
		return nil, announced(err)
	}
	data, err := r.fpRead(nil, int(n))
	if err != nil {
		return nil, err
	}
	r.bodySpan(start)
	if int64(len(data)) < n {
		e := RaiseIncompleteRead(data, r.length.sub(len(data)).String())
		e.Offset = r.in.offset()
		r.closeConn()
		return nil, r.raise(e)
	}
	r.length = Length{known: true}
	r.closeConn()
	return nonNil(data), nil
}

// noBody answers for a response that has nothing to read, and closes that of a
// HEAD.
func (r *Response) noBody() bool {
	if r.closed {
		return true
	}
	if r.method == "HEAD" {
		r.closeConn()
		return true
	}
	return false
}

// ReadAmt reads up to amt bytes; a negative amt reads to the end of the
// connection. Python: HTTPResponse.read(amt).
func (r *Response) ReadAmt(amt int) ([]byte, error) {
	if done := r.noBody(); done {
		return []byte{}, nil
	}
	if r.Chunked {
		return r.readChunked(amt, true)
	}
	if r.length.known && int64(amt) > r.length.n {
		amt = int(r.length.n)
	}
	if err := r.fits(int64(amt), false); err != nil {
		return nil, err
	}
	start := r.spanned
	data, err := r.fpRead(nil, amt)
	if err != nil {
		return nil, err
	}
	r.bodySpan(start)
	if amt < 0 && r.length.known && r.watched {
		r.diag(diagPastLength, start, r.in.offset())
	}
	r.took(len(data), amt)
	return nonNil(data), r.strict()
}

// took accounts for n bytes of content that a call got of those it wanted.
// Python: the ends of read(amt) and readinto.
func (r *Response) took(n, wanted int) {
	if n > 0 && n < wanted {
		r.length = r.length.sub(n)
		r.watchShort()
		return
	}
	if n == 0 && wanted != 0 {
		r.watchShort()
		r.closeConn()
	} else if r.length.known {
		if r.length = r.length.sub(n); r.length.zero() {
			r.closeConn()
		}
	}
}

// watchShort reports the end of the stream before the announced end of the body.
func (r *Response) watchShort() {
	if r.watched && r.length.known && r.length.n > 0 {
		r.diag(diagShortBody, r.in.offset(), r.in.offset())
	}
}

// ReadInto fills p with content and tells how much it got. Python:
// HTTPResponse.readinto.
func (r *Response) ReadInto(p []byte) (int, error) {
	if done := r.noBody(); done {
		return 0, nil
	}
	if r.Chunked {
		return r.readIntoChunked(p)
	}
	if r.length.known && int64(len(p)) > r.length.n {
		p = sliceTo(p, r.length.n)
	}
	start := r.spanned
	n, ok := r.in.readInto(p)
	if !ok {
		return 0, r.need()
	}
	r.bodySpan(start)
	r.took(n, len(p))
	return n, r.strict()
}

// sliceTo is Python's p[0:n], in which a negative n counts from the end.
func sliceTo(p []byte, n int64) []byte {
	if n < 0 {
		n = max(0, int64(len(p))+n)
	}
	return p[:min(n, int64(len(p)))]
}

// Read1 reads with at most one read of the transport, none if something is
// buffered; n < 0: no limit. Python: HTTPResponse.read1.
func (r *Response) Read1(n int) ([]byte, error) {
	if r.closed || r.method == "HEAD" {
		return []byte{}, nil
	}
	if r.Chunked {
		return r.read1Chunked(n)
	}
	if r.length.known && (n < 0 || int64(n) > r.length.n) {
		if r.length.big != "" {
			return nil, r.raise(Raise(ErrOverflowError, tooLargeForC))
		}
		n = int(r.length.n)
	}
	start := r.spanned
	data, ok := r.in.read1(n)
	if !ok {
		return nil, r.need()
	}
	r.bodySpan(start)
	r.tookLine(len(data), n != 0)
	return nonNil(data), r.strict()
}

// tookLine is took for read1 and readline, which in Python do not close the
// response at its announced end.
func (r *Response) tookLine(n int, wanted bool) {
	if n == 0 && wanted {
		r.watchShort()
		r.closeConn()
	} else {
		r.length = r.length.sub(n)
	}
}

// Peek shows what a read would give next without taking it. Python:
// HTTPResponse.peek, which ignores its argument.
func (r *Response) Peek() ([]byte, error) {
	if r.closed || r.method == "HEAD" {
		return []byte{}, nil
	}
	data, err := r.peek()
	if err != nil {
		return nil, err
	}
	return append([]byte{}, data...), nil
}

func (r *Response) peek() ([]byte, error) {
	if !r.Chunked {
		data, ok := r.in.peek()
		if !ok {
			return nil, r.need()
		}
		return data, nil
	}
	left, last, err := r.chunkLeftNow()
	if isIncomplete(err) {
		return nil, nil // peek doesn't worry about protocol
	}
	if err != nil || last {
		return nil, err
	}
	if r.chunkHuge {
		return nil, r.raise(Raise(ErrOverflowError, tooLargeForC))
	}
	data, ok := r.in.peek()
	if !ok {
		return nil, r.need()
	}
	if left < 0 {
		return sliceTo(data, int64(left)), nil
	}
	return data[:min(left, len(data))], nil
}

// ReadLine reads a line of content with its LF, at most limit bytes; limit < 0:
// no limit. Python: HTTPResponse.readline.
func (r *Response) ReadLine(limit int) ([]byte, error) {
	if r.closed || r.method == "HEAD" {
		return []byte{}, nil
	}
	if r.Chunked {
		return r.readLineChunked(limit)
	}
	if r.length.known && (limit < 0 || int64(limit) > r.length.n) {
		if r.length.big != "" {
			return nil, r.raise(Raise(ErrOverflowError, tooLargeForIndex))
		}
		limit = int(r.length.n)
	}
	start := r.spanned
	line, ok := r.in.readLine(limit)
	if !ok {
		return nil, r.need()
	}
	line = append([]byte{}, line...)
	r.bodySpan(start)
	r.tookLine(len(line), limit != 0)
	return line, r.strict()
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
