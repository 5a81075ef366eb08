package h1

import (
	"bytes"

	"github.com/stepwire/stepwire/core/py"
)

// Response is the receiving side of one exchange. Its operations return
// ErrNeedInput when bytes are missing; see the package comment.
// Python: HTTPResponse.
type Response struct {
	// Debug receives what a debug level above 0 prints, a line at a time
	// without its end; nil: nothing is printed.
	Debug func(line string)

	Status    int    // set by Begin. Python: status
	Reason    string // Python: reason
	Version   int    // 10 or 11. Python: version
	Head      Head   // Python: headers
	Chunked   bool   // Python: chunked
	WillClose bool   // Python: will_close

	conn      *Conn
	transport *Transport
	method    string
	message   string // top of the paths of its spans
	exchange  int
	in        input
	closed    bool
	shut      bool // Close was called
	timedOut  bool

	length    Length
	chunkOpen bool // there is a current chunk; Python's chunk_left is not None
	chunkLeft int
	chunkHuge bool // its size is beyond chunkLeft, which is then the nearest int
	chunk     int  // number of the current chunk, from 0
	chunkAt   chunkStage
	lines     int // lines of the block being read

	head     []byte // the lines of the block being read
	headBase int64  // absolute offset of head[0]
	ends     []int  // where the first lines of head end, each in CRLF
	status   statusLine
	stage    headStage
	interims int
	op       bodyOp

	// A chunked readline that waits for input.
	linePending []byte
	lineAmt     int
	lineAt      lineStage

	watched bool // traced or strict
	spanned int64
	refusal *Error
}

type headStage uint8

const (
	stageStatus headStage = iota
	stageInterim
	stageHeaders
	stageDone
)

// Closed reports whether the response is closed. Python: isclosed.
func (r *Response) Closed() bool { return r.closed }

// Shut reports whether Close was called, here or by the connection. Python:
// the closed attribute.
func (r *Response) Shut() bool { return r.shut }

// Length is how many bytes are left to read. Python: length.
func (r *Response) Length() Length { return r.length }

// Buffered is what has been read from the transport and not taken yet.
func (r *Response) Buffered() []byte {
	if r.closed {
		return nil
	}
	return r.in.buf[r.in.r:r.in.w]
}

// Space is where the next bytes from the transport belong; at most that many
// may be read at once, as bytes read ahead are lost with the response.
func (r *Response) Space() []byte { return r.in.space }

// Fill takes n > 0 bytes that were stored in Space.
func (r *Response) Fill(n int) {
	r.transport.Received += int64(n)
	r.in.fill(n)
}

// FillEOF says that the transport has ended.
func (r *Response) FillEOF() {
	r.in.ended = true
	r.in.fresh = 0
}

// Fail says that the transport failed, which ends the operation in progress;
// what it had gathered is lost. After a timeout the response can no longer be
// read. Python: socket.SocketIO.readinto.
func (r *Response) Fail(timeout bool) {
	r.abandon()
	if timeout {
		r.timedOut = true
	}
}

// abandon ends the operation in progress, as an exception does.
func (r *Response) abandon() {
	r.in.abandon()
	r.op = bodyOp{}
	r.chunkAt = chunkIdle
	r.lines = 0
	r.linePending, r.lineAt = nil, linePeek
}

// raise ends the operation with an exception.
func (r *Response) raise(e *Error) error {
	r.abandon()
	return e
}

// need is what an operation returns when the transport must be read.
func (r *Response) need() error {
	if r.timedOut {
		return r.raise(Raise(ErrOSError, "cannot read from timed out object"))
	}
	return ErrNeedInput
}

func (r *Response) print(parts ...string) {
	line := parts[0]
	for _, p := range parts[1:] {
		line += " " + p
	}
	r.Debug(line)
}

// span reports a leaf. Leaves come in the order of the stream.
func (r *Response) span(kind SpanKind, start, end int64, path Path, value string) {
	r.spanned = end
	if r.conn.Tracer == nil || end <= start {
		return
	}
	e := r.event(EventSpan, start, end)
	e.Span, e.Path, e.Value = kind, path, value
	r.conn.Tracer.Trace(e)
}

// event begins an event about a range of what was received.
func (r *Response) event(kind EventKind, start, end int64) *Event {
	e := r.conn.Event(kind)
	e.Conn, e.Exchange = r.transport.Number, r.exchange // the connection may have gone on
	e.Dir, e.Start, e.End = Received, start, end
	return e
}

// diag reports a leniency; strict mode refuses errors at the next occasion.
func (r *Response) diag(d *Diagnostic, start, end int64) {
	if r.conn.Tracer != nil {
		e := r.event(EventDiagnostic, start, end)
		e.Diagnostic = d
		r.conn.Tracer.Trace(e)
	}
	if r.conn.Strict && d.Severity == SeverityError && r.refusal == nil {
		r.refusal = Raise(ErrStrict, d.Code+": "+d.Text+" (RFC "+d.Section+")")
		r.refusal.Offset = start
		r.refusal.Section = d.Section
		r.refusal.Code = d.Code
	}
}

// strict returns the refusal that a diagnostic asked for, once.
func (r *Response) strict() error {
	if r.refusal == nil {
		return nil
	}
	err := r.refusal
	r.refusal = nil
	r.closeConn()
	return r.raise(err)
}

// path names a place in this response.
func (r *Response) path(item string, i int, part string) Path {
	return Path{Message: r.message, MessageIndex: -1, Item: item, ItemIndex: i, Part: part}
}

// closeConn ends the response: its buffer and what it had read ahead are gone.
// Python: HTTPResponse._close_conn.
func (r *Response) closeConn() {
	if r.closed {
		return
	}
	r.closed = true
	c := r.conn
	if r.watched {
		r.spillHead()
		if end := r.in.received(); end > r.spanned {
			start := r.spanned
			r.span(SpanDiscarded, start, end, r.path("discarded", -1, ""), "")
			if r.stage == stageDone && r.complete() {
				refusal := r.refusal // the response itself is not to blame
				r.diag(diagAfterMessage, start, end)
				r.refusal = refusal
			}
		}
	}
	if !r.in.busy && c.spareBuf == nil {
		c.spareBuf = r.in.buf
	}
	if c.spareHead == nil {
		c.spareHead, c.spareEnds = r.head[:0], r.ends
	}
	r.head, r.ends = nil, nil
	r.in.base = r.in.received()
	r.in.r, r.in.w = 0, 0
	r.in.buf = nil
	if c.held == r {
		c.step(InResponseClosed)
	}
}

// complete reports whether the body was read to its announced end.
func (r *Response) complete() bool {
	if r.Chunked && r.method != "HEAD" {
		return r.chunkAt == chunkDone
	}
	return r.length.zero()
}

// Close closes the response without reading the rest. Python:
// HTTPResponse.close.
func (r *Response) Close() {
	r.shut = true
	r.closeConn()
	r.abandon()
}

// spillHead gives spans to the lines of a head that was never completed.
func (r *Response) spillHead() {
	if len(r.head) == 0 || r.headBase+int64(len(r.head)) <= r.spanned {
		return
	}
	r.parseBlock(r.message, "header", false)
}

// Begin reads the head, skipping 100 (Continue) responses. Python:
// HTTPResponse.begin.
func (r *Response) Begin() error {
	for {
		switch r.stage {
		case stageStatus:
			if err := r.readStatus(); err != nil {
				return err
			}
			if r.status.code == 100 {
				r.stage = stageInterim
			} else {
				r.stage = stageHeaders
			}
			r.startBlock()
		case stageInterim:
			if err := r.readBlock(MaxHeaders); err != nil {
				return err
			}
			if r.Debug != nil {
				r.print("headers:", py.ReprBytesList(splitLines(r.head)))
			}
			if r.watched {
				r.parseBlock("interim", "header", false)
				if err := r.strict(); err != nil {
					return err
				}
			}
			if r.interims++; r.interims > MaxInterim {
				return r.raise(Raise(ErrHTTPException, "got more than "+itoa(MaxInterim)+" interim responses"))
			}
			r.stage = stageStatus
		case stageHeaders:
			// Python settles the version between the status line and the headers.
			if err := r.settleVersion(); err != nil {
				return err
			}
			if err := r.readBlock(MaxHeaders); err != nil {
				return err
			}
			r.parseBlock(r.message, "header", true)
			r.stage = stageDone
			r.settle()
			return r.strict()
		case stageDone:
			return nil
		}
	}
}

// BeginTunnel reads the reply to a CONNECT; refused reports any status but 200,
// whose reply is not read further. Python: HTTPConnection._tunnel.
func (r *Response) BeginTunnel() (refused bool, err error) {
	if r.stage == stageStatus {
		if err := r.readStatus(); err != nil {
			return false, err
		}
		r.Status, r.Reason = r.status.code, r.status.reason
		if r.Status != 200 {
			return true, nil
		}
		r.stage = stageHeaders
		r.startBlock()
	}
	for {
		line, ok := r.in.readLine(MaxLine + 1)
		if !ok {
			return false, r.need()
		}
		if len(line) > MaxLine {
			return false, r.tooLong("header line")
		}
		if r.watched {
			r.head = append(r.head, line...)
		}
		if isBlankLine(line) {
			break
		}
		if r.Debug != nil {
			text, err := py.DecodeUTF8(line)
			if err != nil {
				return false, r.raise(raiseText(err))
			}
			r.print("header:", text)
		}
		if r.lines++; r.lines > MaxTrailers {
			return false, r.raise(Raise(ErrHTTPException, "got more than "+itoa(MaxTrailers)+" header lines"))
		}
	}
	r.lines = 0
	if r.watched {
		r.parseBlock(r.message, "header", false)
	}
	return false, r.strict()
}

// startBlock begins to gather a header block.
func (r *Response) startBlock() {
	r.head = r.head[:0]
	r.headBase = r.in.offset()
	r.lines, r.ends = 0, r.ends[:0]
}

// readBlock gathers header lines up to the empty one or the end of the stream.
// Python: _read_headers.
func (r *Response) readBlock(limit int) error {
	for {
		ended := r.takeLines(limit)
		if !ended && r.lines <= limit {
			line, ok := r.in.readLine(MaxLine + 1)
			if !ok {
				return r.need()
			}
			if len(line) > MaxLine {
				r.lines = 0
				return r.tooLong("header line")
			}
			r.head = append(r.head, line...)
			r.lines++
			ended = isBlankLine(line)
		}
		if r.lines > limit {
			e := Raise(ErrHTTPException, "got more than "+itoa(limit)+" headers")
			e.Offset = r.headBase + int64(bytes.LastIndexByte(r.head[:len(r.head)-1], '\n')+1)
			return r.raise(e)
		}
		if ended {
			r.lines = 0
			return nil
		}
	}
}

// takeLines gathers the lines that the buffer has whole, up to the one that ends
// the block or is one too many.
func (r *Response) takeLines(limit int) (ended bool) {
	in := &r.in
	if in.busy {
		return false
	}
	start, end := in.r, in.r
	lines, ends := r.lines, r.ends
	for !ended && lines <= limit {
		n := bytes.IndexByte(in.buf[end:in.w], '\n')
		if n < 0 {
			break
		}
		line := in.buf[end : end+n+1]
		end += n + 1
		if n > 0 && line[n-1] == '\r' && len(ends) == lines {
			ends = append(ends, len(r.head)+end-start)
		}
		lines++
		ended = isBlankLine(line)
	}
	r.lines, r.ends = lines, ends
	r.head = append(r.head, in.buf[start:end]...)
	in.r = end
	return ended
}

// tooLong raises LineTooLong about the line just read.
func (r *Response) tooLong(what string) error {
	e := Raise(ErrLineTooLong, "got more than "+itoa(MaxLine)+" bytes when reading "+what)
	e.Offset = r.in.offset() - int64(MaxLine) - 1
	return r.raise(e)
}

// isBlankLine reports what ends a block: an empty line, or the end of the stream.
func isBlankLine(line []byte) bool {
	switch len(line) {
	case 0:
		return true
	case 1:
		return line[0] == '\n'
	case 2:
		return line[0] == '\r' && line[1] == '\n'
	}
	return false
}

// splitLines cuts a block into its lines, the last one empty at an early end.
func splitLines(block []byte) (lines [][]byte) {
	start := 0
	for i, c := range block {
		if c == '\n' {
			lines = append(lines, block[start:i+1])
			start = i + 1
		}
	}
	if start < len(block) {
		lines = append(lines, block[start:])
	}
	if n := len(lines); n == 0 || !isBlankLine(lines[n-1]) {
		lines = append(lines, nil)
	}
	return lines
}

// parseBlock parses the gathered block; keep: it is the response's own.
func (r *Response) parseBlock(message, item string, keep bool) {
	p := headParser{block: r.head}
	if n := len(r.ends); n > 0 && r.ends[n-1] == len(r.head) && bytes.Count(r.head, []byte{'\r'}) == n {
		p.ends = r.ends
	}
	if r.watched {
		index := -1
		if message == "interim" {
			index = r.interims
		}
		p.spans = r.watch(message, index, item)
	}
	p.parse(keep)
	if keep {
		r.Head = p.head
	}
	if !r.watched {
		return
	}
	end := len(r.head)
	if !r.closed && (end == 0 || !endsBlank(r.head)) && item == "header" {
		p.spans.diag(diagEOFInHead, end, end)
	}
	switch {
	case item == "trailer" || r.closed:
	case message == "interim":
		r.diagnoseFraming(p.spans, p.head.Fields, 100)
	case message == "tunnel-response":
		r.diagnoseTunnel(p.spans, p.head.Fields)
	default:
		r.diagnoseFraming(p.spans, p.head.Fields, r.Status)
	}
}

// endsBlank reports whether a block ends with its empty line.
func endsBlank(block []byte) bool {
	n := len(block)
	if n == 0 || block[n-1] != '\n' {
		return false
	}
	if n > 1 && block[n-2] == '\r' {
		n--
	}
	return n == 1 || block[n-2] == '\n'
}

// settle decides the framing. Python: HTTPResponse.begin, after parse_headers.
func (r *Response) settle() {
	if r.Debug != nil {
		for _, f := range r.Head.Fields {
			r.print("header:", f.Name+":", f.Value)
		}
	}
	coding, _ := r.Head.Get("Transfer-Encoding")
	r.Chunked = equalFold(coding, "chunked")
	r.WillClose = r.checkClose()
	if !r.Chunked {
		if text, _ := r.Head.Get("Content-Length"); text != "" {
			r.length = parseLength(text)
		}
	}
	if r.noContent() || r.method == "HEAD" {
		r.length = Length{known: true}
	}
	if !r.WillClose && !r.Chunked && !r.length.known {
		r.WillClose = true
	}
}

// noContent reports a status whose responses have no content.
func (r *Response) noContent() bool {
	return r.Status == 204 || r.Status == 304 || r.Status >= 100 && r.Status < 200
}

// checkClose decides whether the connection ends with this response. Python:
// HTTPResponse._check_close.
func (r *Response) checkClose() bool {
	connection, _ := r.Head.Get("Connection")
	if r.Version == 11 {
		return containsFold(connection, "close")
	}
	if v, _ := r.Head.Get("Keep-Alive"); v != "" {
		return false
	}
	if containsFold(connection, "keep-alive") {
		return false
	}
	proxy, _ := r.Head.Get("Proxy-Connection")
	return !containsFold(proxy, "keep-alive")
}
