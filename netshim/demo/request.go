package demo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// field is one header line.
type field struct{ name, value string }

// request is a parsed request head.
type request struct {
	method string
	target string
	path   string
	query  url.Values
	http10 bool
	fields []field
	raw    []byte // the head as received, blank line included
	fault  *fault // what is wrong with it, nil when nothing is

	length  int64 // of the body; 0 without one, meaningless when chunked
	chunked bool
	expects bool // Expect: 100-continue
	closing bool // the connection ends after this exchange
}

// fault is a request that cannot be answered as asked.
type fault struct {
	status  string // such as "400 Bad Request"
	text    string // one sentence for the person who made the request
	framing bool   // the end of the request is unknown
}

func (f *fault) Error() string { return f.status + ": " + f.text }

// response is the fault as an HTTP response; the connection ends with it.
func (f *fault) response() string {
	return plain(f.status, "Connection: close\r\n", f.text+"\n")
}

func badRequest(format string, args ...any) *fault {
	return &fault{status: "400 Bad Request", text: fmt.Sprintf(format, args...)}
}

func badFraming(format string, args ...any) *fault {
	f := badRequest(format, args...)
	f.framing = true
	return f
}

// readLine reads up to and including LF, appending to buf, which must not grow
// beyond limit bytes.
func readLine(in *bufio.Reader, buf []byte, limit int) ([]byte, error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(buf)+len(part) > limit {
			return buf, errTooLong
		}
		buf = append(buf, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return buf, err
		}
	}
}

var errTooLong = errors.New("line too long")

// readHead reads one request head, from the request line through the blank
// line. Empty lines before it are skipped (RFC 9112 §2.2). A head above limit
// bytes is a *fault; other errors are the connection's.
func readHead(in *bufio.Reader, limit int) ([]byte, error) {
	var head []byte
	skipped := 0
	for {
		start := len(head)
		var err error
		head, err = readLine(in, head, limit)
		if errors.Is(err, errTooLong) {
			return nil, &fault{status: "431 Request Header Fields Too Large", framing: true,
				text: fmt.Sprintf("The request head is longer than %d bytes.", limit)}
		}
		if err != nil {
			return nil, err
		}
		if len(trimEOL(head[start:])) > 0 {
			continue
		}
		if start > 0 {
			return head, nil
		}
		if skipped++; skipped > 8 {
			return nil, badFraming("More than 8 empty lines came before a request line.")
		}
		head = head[:0]
	}
}

func trimEOL(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

// parseHead reads the parts of a head that readHead returned. It always
// returns a request: what it could not make sense of is its fault, so that the
// echo can still show a malformed request to the person who made it.
func parseHead(raw []byte) *request {
	r := &request{raw: raw}
	lines := bytes.Split(raw, []byte("\n"))
	r.parseRequestLine(string(trimEOL(lines[0])))
	for _, line := range lines[1:] {
		line := string(trimEOL(line))
		if line == "" {
			break
		}
		name, value, found := strings.Cut(line, ":")
		switch {
		case line[0] == ' ' || line[0] == '\t':
			// http.client itself writes values of several parts this way.
			if len(r.fields) == 0 {
				r.blame(badRequest("The first header line starts with white space: %q.", line))
				continue
			}
			last := &r.fields[len(r.fields)-1]
			last.value = strings.TrimRight(last.value, " \t") + " " + strings.Trim(line, " \t")
		case !found:
			r.blame(badRequest("A header line has no colon: %q.", line))
		case !isToken(name):
			r.blame(badRequest("A header name is no token (RFC 9110 §5.6.2): %q.", name))
		default:
			r.fields = append(r.fields, field{name, strings.Trim(value, " \t")})
		}
	}
	r.parseConnection()
	r.parseFraming()
	return r
}

// blame keeps the first fault, or the first that loses the request's end.
func (r *request) blame(f *fault) {
	if r.fault == nil || f.framing && !r.fault.framing {
		r.fault = f
	}
}

func (r *request) parseRequestLine(line string) {
	parts := strings.Fields(line)
	version := "HTTP/1.1"
	if len(parts) != 3 || strings.Join(parts, " ") != line {
		r.blame(badRequest("The request line must be method, target and version with one space between: %q.", line))
	}
	if len(parts) > 0 {
		r.method = parts[0]
	}
	if len(parts) > 1 {
		r.target = parts[1]
	}
	if len(parts) > 2 {
		version = parts[len(parts)-1]
	}
	if !isToken(r.method) {
		r.blame(badRequest("The method is no token (RFC 9110 §5.6.2): %q.", r.method))
	}
	switch version {
	case "HTTP/1.1":
	case "HTTP/1.0":
		r.http10 = true
	default:
		r.closing = true
		r.blame(&fault{status: "505 HTTP Version Not Supported", framing: true,
			text: fmt.Sprintf("This origin speaks HTTP/1.1 and HTTP/1.0, not %q.", version)})
	}
	r.parseTarget()
}

// parseTarget takes the path and query out of an origin-form or absolute-form
// target (RFC 9112 §3.2).
func (r *request) parseTarget() {
	target := r.target
	if _, rest, absolute := strings.Cut(target, "://"); absolute && !strings.HasPrefix(target, "/") {
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			rest, slash = "/", 0
		}
		target = rest[slash:]
	}
	if target == "*" && r.method == "OPTIONS" {
		r.path = "*"
		return
	}
	if !strings.HasPrefix(target, "/") {
		r.blame(badRequest("The request target must start with a slash: %q.", r.target))
		return
	}
	path, query, _ := strings.Cut(target, "?")
	r.path = path
	values, err := url.ParseQuery(query)
	if err != nil {
		r.blame(badRequest("The query cannot be read: %v.", err))
	}
	r.query = values
}

// values are the combined list members of every field called name.
func (r *request) values(name string) []string {
	var members []string
	for _, f := range r.fields {
		if strings.EqualFold(f.name, name) {
			for member := range strings.SplitSeq(f.value, ",") {
				members = append(members, strings.Trim(member, " \t"))
			}
		}
	}
	return members
}

func (r *request) get(name string) string {
	for _, f := range r.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

func (r *request) parseConnection() {
	keepAlive := false
	for _, option := range r.values("Connection") {
		keepAlive = keepAlive || strings.EqualFold(option, "keep-alive")
		r.closing = r.closing || strings.EqualFold(option, "close")
	}
	if r.http10 && !keepAlive {
		r.closing = true
	}
	for _, expectation := range r.values("Expect") {
		r.expects = r.expects || !r.http10 && strings.EqualFold(expectation, "100-continue")
	}
}

// parseFraming finds where the request ends (RFC 9112 §6.3). A head from which
// two readers could draw two ends is refused.
func (r *request) parseFraming() {
	codings := r.values("Transfer-Encoding")
	lengths := r.values("Content-Length")
	if len(codings) > 0 {
		switch {
		case r.http10:
			r.blame(badFraming("HTTP/1.0 has no Transfer-Encoding."))
		case len(lengths) > 0:
			r.blame(badFraming("The request has both Transfer-Encoding and Content-Length, so its end is ambiguous."))
		case len(codings) != 1 || !strings.EqualFold(codings[0], "chunked"):
			r.blame(badFraming("The only transfer coding understood here is chunked, not %q.", strings.Join(codings, ", ")))
		default:
			r.chunked = true
		}
		return
	}
	for i, text := range lengths {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || text[0] == '+' || text[0] == '-' {
			r.blame(badFraming("Content-Length must be a decimal number of bytes: %q.", text))
			return
		}
		if i > 0 && n != r.length {
			r.blame(badFraming("Two Content-Length values disagree: %q.", strings.Join(lengths, ", ")))
			return
		}
		r.length = n
	}
}

// isToken reports whether s is a token (RFC 9110 §5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}

// bodyReader yields a request body without its framing. Its errors are a
// *fault when the framing is malformed and the connection's otherwise.
type bodyReader struct {
	in      *bufio.Reader
	before  func() error // called once, before the first byte is awaited
	left    int64        // of the body, or of the current chunk
	chunked bool
	inChunk bool // a chunk's data, and then its CRLF, come next
	limit   int  // bytes of one framing line, and of all trailers
	keep    *bytes.Buffer
	err     error
}

func newBodyReader(in *bufio.Reader, r *request, limit int) *bodyReader {
	b := &bodyReader{in: in, left: r.length, chunked: r.chunked, limit: limit}
	if !r.chunked && r.length == 0 {
		b.err = io.EOF
	}
	return b
}

// ended reports whether the whole body has been read.
func (b *bodyReader) ended() bool { return b.err == io.EOF }

// record copies every wire byte read from now on, framing included, to buf.
func (b *bodyReader) record(buf *bytes.Buffer) { b.keep = buf }

func (b *bodyReader) kept(p []byte) {
	if b.keep != nil {
		b.keep.Write(p)
	}
}

func (b *bodyReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.before != nil {
		before := b.before
		b.before = nil
		if b.err = before(); b.err != nil {
			return 0, b.err
		}
	}
	if len(p) == 0 {
		return 0, nil
	}
	if b.chunked && !b.inChunk {
		if b.err = b.nextChunk(); b.err != nil {
			return 0, b.err
		}
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.in.Read(p)
	b.kept(p[:n])
	b.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	if b.err == nil && b.left == 0 {
		b.err = b.endOfData()
	}
	if n > 0 {
		return n, nil // the error waits for the next call
	}
	return 0, b.err
}

func (b *bodyReader) line() ([]byte, error) {
	line, err := readLine(b.in, nil, b.limit)
	if errors.Is(err, errTooLong) {
		return nil, badFraming("A chunk-size line or trailer is longer than %d bytes.", b.limit)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	b.kept(line)
	return trimEOL(line), err
}

// nextChunk reads a chunk-size line, and for the last chunk the trailers; it
// returns io.EOF at the end of the body.
func (b *bodyReader) nextChunk() error {
	line, err := b.line()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(string(line), ";")
	size = strings.TrimRight(size, " \t")
	n, err := strconv.ParseInt(size, 16, 64)
	if err != nil || size[0] == '+' || size[0] == '-' {
		return badFraming("A chunk size must be hexadecimal: %q.", size)
	}
	if n > 0 {
		b.left, b.inChunk = n, true
		return nil
	}
	total := 0
	for {
		line, err := b.line()
		if err != nil {
			return err
		}
		if len(line) == 0 {
			return io.EOF
		}
		if total += len(line); total > b.limit {
			return badFraming("The trailers are longer than %d bytes.", b.limit)
		}
	}
}

// endOfData is called with the body, or one chunk's data, read whole.
func (b *bodyReader) endOfData() error {
	if !b.chunked {
		return io.EOF
	}
	b.inChunk = false
	line, err := b.line()
	if err == nil && len(line) > 0 {
		err = badFraming("A chunk is not followed by CRLF but by %q.", line)
	}
	return err
}
