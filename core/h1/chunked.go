package h1

import (
	"bytes"
	"errors"

	"github.com/stepwire/stepwire/core/py"
)

// chunkStage is how far the framing before the next chunk has been read.
type chunkStage uint8

const (
	chunkIdle chunkStage = iota
	chunkToss            // the CRLF after a chunk's data
	chunkSize
	chunkTrailers
	chunkDone
)

func isIncomplete(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Class == ErrIncompleteRead
}

// chunkLeftNow gives what is left of the current chunk, reading up to the next
// one where there is none; last: the body is over. Python:
// HTTPResponse._get_chunk_left.
func (r *Response) chunkLeftNow() (left int, last bool, err error) {
	if r.chunkOpen && r.chunkLeft != 0 {
		return r.chunkLeft, false, nil
	}
	if r.chunkAt == chunkIdle {
		r.chunkAt = chunkSize
		if r.chunkOpen {
			r.chunkAt = chunkToss
		}
	}
	if r.chunkAt == chunkToss {
		if err := r.tossChunkEnd(); err != nil {
			return 0, false, err
		}
		r.chunkAt = chunkSize
	}
	if r.chunkAt == chunkSize {
		size, huge, err := r.readChunkSize()
		if err != nil {
			return 0, false, err
		}
		if size != 0 {
			r.chunkAt = chunkIdle
			r.chunkOpen, r.chunkLeft, r.chunkHuge = true, size, huge
			return size, false, r.strict()
		}
		r.chunkAt = chunkTrailers
		r.startBlock()
		if err := r.strict(); err != nil {
			return 0, false, err
		}
	}
	if err := r.readTrailers(); err != nil {
		return 0, false, err
	}
	r.chunkAt = chunkDone
	r.closeConn()
	r.chunkOpen = false
	return 0, true, r.strict()
}

// stop ends the framing being read with an exception, but not the call.
func (r *Response) stop(e *Error) error {
	r.chunkAt = chunkIdle
	r.in.abandon()
	return e
}

// tossChunkEnd drops the two bytes after a chunk, whatever they are.
func (r *Response) tossChunkEnd() error {
	at := r.in.offset()
	if r.in.busy {
		at = r.in.start
	}
	data, ok := r.in.read(nil, 2)
	if !ok {
		return r.need()
	}
	if r.watched {
		r.span(SpanChunkCRLF, at, at+int64(len(data)), r.path("chunk", r.chunk, "crlf"), "")
		switch {
		case len(data) < 2:
			r.diag(diagTruncatedChunk, at, at+int64(len(data)))
		case string(data) != "\r\n":
			r.diag(diagChunkEnd, at, at+2)
		}
		r.refuseBody()
	}
	if len(data) < 2 {
		e := RaiseIncompleteRead(data, itoa(2-len(data)))
		e.Offset = r.in.offset()
		return r.stop(e)
	}
	r.chunk++
	return nil
}

// readChunkSize reads the line before a chunk; huge: the size is beyond an int.
// Python: HTTPResponse._read_next_chunk_size.
func (r *Response) readChunkSize() (size int, huge bool, err error) {
	line, ok := r.in.readLine(MaxLine + 1)
	if !ok {
		return 0, false, r.need()
	}
	at := r.in.offset() - int64(len(line))
	if len(line) > MaxLine {
		return 0, false, r.tooLong("chunk size")
	}
	digits := line
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		digits = line[:i]
	}
	size, big, err := chunkSizeOf(digits)
	if r.watched {
		r.watchChunkSize(line, digits, at, size, big, err)
	}
	if err != nil {
		r.closeConn()
		e := RaiseIncompleteRead([]byte{}, "")
		e.Offset = at
		return 0, false, r.stop(e)
	}
	return size, big, nil
}

// chunkSizeOf reads a size with what follows it on its line. Python: int(line, 16).
func chunkSizeOf(b []byte) (size int, big bool, err error) {
	n := len(b)
	if n > 2 && n <= 17 && b[n-2] == '\r' && b[n-1] == '\n' {
		v := 0
		for _, c := range b[:n-2] {
			switch {
			case c >= '0' && c <= '9':
				v = v<<4 | int(c-'0')
			case c >= 'a' && c <= 'f':
				v = v<<4 | int(c-'a'+10)
			case c >= 'A' && c <= 'F':
				v = v<<4 | int(c-'A'+10)
			default:
				goto slow
			}
		}
		return v, false, nil
	}
slow:
	v, big, err := py.IntBytes(b, 16)
	return int(v), big, err
}

// readTrailers drops the trailer section. Python:
// HTTPResponse._read_and_discard_trailer.
func (r *Response) readTrailers() error {
	for {
		line, ok := r.in.readLine(MaxLine + 1)
		if !ok {
			return r.need()
		}
		if len(line) > MaxLine {
			return r.tooLong("trailer line")
		}
		if r.watched {
			r.head = append(r.head, line...)
		}
		if isBlankLine(line) {
			break
		}
		if r.lines++; r.lines > MaxTrailers {
			return r.raise(Raise(ErrHTTPException, "got more than "+itoa(MaxTrailers)+" trailer lines"))
		}
	}
	r.lines = 0
	if r.watched {
		r.watchTrailers()
		r.head = r.head[:0]
	}
	return nil
}

// safeRead reads a piece of a chunk whole. Python: HTTPResponse._safe_read.
func (r *Response) safeRead(dst []byte, n int) ([]byte, error) {
	had := len(dst)
	start := r.spanned
	data, err := r.fpRead(dst, n)
	if err != nil {
		return nil, err
	}
	r.dataSpan(start)
	if len(data)-had < n {
		r.truncated()
		e := RaiseIncompleteRead(nil, "")
		e.Offset = r.in.offset()
		return data[:had], e
	}
	return data, nil
}

func (r *Response) truncated() {
	if r.watched {
		r.diag(diagTruncatedChunk, r.in.offset(), r.in.offset())
		r.refusal = nil // it is refused anyway
	}
}

// readChunked gathers whole pieces; limited: up to amt bytes. Python:
// HTTPResponse._read_chunked.
func (r *Response) readChunked(amt int, limited bool) ([]byte, error) {
	if r.begin() {
		r.op.amt = amt
	}
	o := &r.op
	for {
		if !o.piece {
			left, last, err := r.chunkLeftNow()
			if isIncomplete(err) {
				return nil, r.incomplete(err, o.out)
			}
			if err != nil {
				return nil, err
			}
			if last {
				break
			}
			o.last = limited && o.amt <= left
			o.want, o.left = left, left
			if o.last {
				o.want = o.amt
			} else if err := r.fits(int64(left), r.chunkHuge); err != nil {
				return nil, announced(err)
			}
			o.piece = true
		}
		out, err := r.safeRead(o.out, o.want)
		if isIncomplete(err) {
			return nil, r.incomplete(err, out)
		}
		if err != nil && !o.last {
			err = announced(err)
		}
		if err != nil {
			return nil, err
		}
		o.out, o.piece = out, false
		if o.last {
			if r.chunkLeft = o.left - o.want; r.chunkLeft < o.left && o.want < 0 { // -1 makes more of it
				r.chunkLeft, r.chunkHuge = o.left, true
			}
			break
		}
		o.amt -= o.left
		r.chunkLeft = 0
	}
	out := nonNil(o.out)
	r.end()
	return out, nil
}

// incomplete raises the call's own IncompleteRead for one of its parts.
func (r *Response) incomplete(cause error, partial []byte) error {
	e := RaiseIncompleteRead(nonNil(partial), "")
	var of *Error
	if errors.As(cause, &of) {
		e.Offset = of.Offset
	}
	return r.raise(e)
}

// readIntoChunked fills p from whole and partial chunks. Python:
// HTTPResponse._readinto_chunked.
func (r *Response) readIntoChunked(p []byte) (int, error) {
	if r.begin() {
		r.op.into = p
	}
	o := &r.op
	for {
		if !o.piece {
			left, last, err := r.chunkLeftNow()
			if isIncomplete(err) {
				return 0, r.incomplete(err, append([]byte{}, p[:o.total]...))
			}
			if err != nil {
				return 0, err
			}
			if last {
				break
			}
			o.last = len(o.into) <= left
			o.want, o.left = len(o.into), left
			if !o.last {
				o.want = len(sliceTo(o.into, int64(left)))
			}
			o.piece = true
		}
		start := r.spanned
		n, ok := r.in.readInto(o.into[:o.want])
		if !ok {
			return 0, r.need()
		}
		r.dataSpan(start)
		if n < o.want {
			r.truncated()
			e := RaiseIncompleteRead(nil, "")
			e.Offset = r.in.offset()
			return 0, r.incomplete(e, append([]byte{}, p[:o.total]...))
		}
		o.into = o.into[n:]
		o.total += n
		o.piece = false
		if o.last {
			r.chunkLeft = o.left - n
			break
		}
		r.chunkLeft = 0
	}
	total := o.total
	r.end()
	return total, nil
}

// read1Chunked gives a part of one chunk. Python: HTTPResponse._read1_chunked.
func (r *Response) read1Chunked(n int) ([]byte, error) {
	left, last, err := r.chunkLeftNow()
	if err != nil {
		return nil, err
	}
	if last || n == 0 {
		return []byte{}, nil
	}
	if n < 0 || n > left {
		if r.chunkHuge {
			return nil, r.raise(Raise(ErrOverflowError, tooLargeForC))
		}
		n = left
	}
	start := r.spanned
	data, ok := r.in.read1(n)
	if !ok {
		return nil, r.need()
	}
	r.dataSpan(start)
	r.chunkLeft -= len(data)
	if len(data) == 0 {
		r.truncated()
		e := RaiseIncompleteRead([]byte{}, "")
		e.Offset = r.in.offset()
		return nil, r.raise(e)
	}
	return data, nil
}

type lineStage uint8

const (
	linePeek lineStage = iota
	lineRead
)

// readLineChunked reads a line by peeking and reading, a chunk at a time; the
// limit bounds each step, as in Python: io.IOBase.readline.
func (r *Response) readLineChunked(limit int) ([]byte, error) {
	line := r.linePending
	r.linePending = nil
	for limit < 0 || len(line) < limit {
		if r.lineAt == linePeek {
			ahead, err := r.lineAhead(limit)
			if err != nil {
				return nil, r.keepLine(line, err)
			}
			r.lineAmt, r.lineAt = ahead, lineRead
		}
		piece, err := r.ReadAmt(r.lineAmt)
		if err != nil {
			return nil, r.keepLine(line, err)
		}
		r.lineAt = linePeek
		line = append(line, piece...)
		if len(piece) == 0 || line[len(line)-1] == '\n' {
			break
		}
	}
	return nonNil(line), nil
}

// keepLine keeps the line while it waits for input, and drops it on failure.
func (r *Response) keepLine(line []byte, err error) error {
	if err == ErrNeedInput {
		r.linePending = nonNil(line)
	} else {
		r.lineAt = linePeek
	}
	return err
}

// lineAhead counts the bytes of the line that a peek shows; 1 when it shows none.
func (r *Response) lineAhead(limit int) (int, error) {
	if r.closed {
		return 1, nil
	}
	ahead, err := r.peek()
	if err != nil || len(ahead) == 0 {
		return 1, err
	}
	n := len(ahead)
	if limit >= 0 {
		n = min(n, limit)
	}
	if i := bytes.IndexByte(ahead[:n], '\n'); i >= 0 {
		n = i + 1
	}
	return n, nil
}
