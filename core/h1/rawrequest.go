package h1

import (
	"bytes"
	"strconv"
	"strings"
)

// PutRaw lays out bytes that the caller is about to send on its own where a
// request could begin: what in them has the form of a request gets its spans, and
// what departs from that form a diagnostic. They are an exchange of their own;
// what is sent before its response is begun belongs to it, and is not looked at.
func (c *Conn) PutRaw(data []byte) Layout {
	if c.Tracer == nil || c.state != Idle || c.raw {
		return LayoutRaw
	}
	c.raw = true
	c.exchange++
	p := rawRequest{conn: c, data: data, item: "header"}
	if c.transport != nil {
		p.base = c.transport.Sent
	}
	p.request()
	return Layout{kind: layoutHead, end: len(data), marks: p.marks}
}

// BeginResponse lets r, which is new, read what comes over the transport from here
// on, whatever the state, as the response to a request with the method. Python:
// HTTPResponse(sock, method=method).
func (c *Conn) BeginResponse(r *Response, method string) error {
	if c.transport == nil {
		return Raise(ErrAttributeError, "'NoneType' object has no attribute 'makefile'")
	}
	c.start(r, "response")
	r.method = method
	c.raw = false
	return nil
}

// rawRequest reads the form of a request from bytes, as far as they have it.
type rawRequest struct {
	conn  *Conn
	data  []byte
	base  int64 // where they will stand in the stream
	marks []mark
	at    int // end of the last mark

	version          string
	item             string // "header" or "trailer"
	fields           int
	hosts            int
	lengths          []rawValue
	coding           string // the last one
	host, codingAt   [2]int
	endOfRequestLine int
}

type rawValue struct {
	text       string
	start, end int
}

// mark gives the bytes up to end a span.
func (p *rawRequest) mark(kind SpanKind, end int, item string, index int, part, value string) {
	if end > p.at {
		p.marks = append(p.marks, mark{kind, end, Path{"request", -1, item, index, part}, value})
		p.at = end
	}
}

func (p *rawRequest) diag(d *Diagnostic, start, end int) {
	e := p.conn.Event(EventDiagnostic)
	e.Dir, e.Start, e.End, e.Diagnostic = Sent, p.base+int64(start), p.base+int64(end), d
	p.conn.Tracer.Trace(e)
}

// line finds the line at i: the end of its content, and of its line break.
func (p *rawRequest) line(i int) (content, end int, ended bool) {
	j := bytes.IndexByte(p.data[i:], '\n')
	if j < 0 {
		return len(p.data), len(p.data), false
	}
	content, end = i+j, i+j+1
	if content > i && p.data[content-1] == '\r' {
		content--
	}
	return content, end, true
}

// lineEnd looks at what no line should have: a bare CR inside, a bare LF at its end.
func (p *rawRequest) lineEnd(i, content, end int) {
	if j := bytes.IndexByte(p.data[i:content], '\r'); j >= 0 {
		p.diag(diagSentBareCR, i+j, i+j+1)
	}
	if end-content == 1 {
		p.diag(diagBareLF, content, end)
	}
}

func (p *rawRequest) request() {
	i := 0
	for i < len(p.data) {
		content, end, ended := p.line(i)
		if !ended || content > i {
			break
		}
		p.mark(SpanJunk, end, "junk", -1, "", "")
		p.diag(diagSentBlankLine, i, end)
		i = end
	}
	i = p.requestLine(i)
	p.endOfRequestLine = i
	i, ended := p.block(i, SpanHeadEnd, "head-end")
	if !ended {
		p.diag(diagSentUnfinished, max(0, len(p.data)-1), len(p.data))
		return
	}
	p.host11()
	if i = p.content(i); i < len(p.data) {
		p.diag(diagSentAfter, i, len(p.data))
	}
}

func (p *rawRequest) requestLine(i int) int {
	if i == len(p.data) {
		return i
	}
	content, end, _ := p.line(i)
	defer p.lineEnd(i, content, end)
	part := func(kind SpanKind, stop int, name string) {
		text := ""
		if kind != SpanSP && kind != SpanCRLF {
			text = string(p.data[p.at:stop])
		}
		p.mark(kind, stop, "request-line", -1, name, text)
	}
	line := p.data[i:content]
	method := bytes.IndexByte(line, ' ')
	if method < 0 {
		p.diag(diagSentRequestLine, i, content)
		p.mark(SpanJunk, end, "junk", -1, "", "")
		return end
	}
	target := len(line)
	if last := bytes.LastIndexByte(line, ' '); last > method && bytes.HasPrefix(line[last+1:], []byte("HTTP/")) {
		target = last
		p.version = string(line[last+1:])
	}
	part(SpanMethod, i+method, "method")
	part(SpanSP, i+method+1, "sp")
	part(SpanTarget, i+target, "target")
	if p.version != "" {
		part(SpanSP, i+target+1, "sp")
		part(SpanVersion, content, "version")
	}
	part(SpanCRLF, end, "crlf")
	if text := line[min(method+1, target):target]; p.version == "" || len(text) == 0 || bytes.ContainsAny(text, " \t") {
		p.diag(diagSentRequestLine, i, content)
	}
	if !isToken(line[:method]) {
		p.diag(diagSentMethod, i, i+max(method, 1))
	}
	if p.version != "" && p.version != "HTTP/1.1" && p.version != "HTTP/1.0" {
		p.diag(diagSentVersion, i+target+1, content)
	}
	return end
}

// block reads field lines up to the empty one.
func (p *rawRequest) block(i int, endKind SpanKind, endItem string) (int, bool) {
	for i < len(p.data) {
		content, end, ended := p.line(i)
		if ended && content == i {
			p.mark(endKind, end, endItem, -1, "", "")
			p.lineEnd(i, content, end)
			return end, true
		}
		p.field(i, content, end)
		p.lineEnd(i, content, end)
		i = end
	}
	return i, false
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' }

func (p *rawRequest) field(i, content, end int) {
	line := p.data[i:content]
	blank := 0
	for blank < len(line) && isBlank(line[blank]) {
		blank++
	}
	if blank > 0 && p.fields > 0 {
		p.mark(SpanFold, i+blank, p.item, p.fields-1, "fold", "")
		p.mark(SpanValue, content, p.item, p.fields-1, "value", string(line[blank:]))
		p.mark(SpanCRLF, end, p.item, p.fields-1, "crlf", "")
		p.diag(diagSentFold, i, content)
		return
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 || blank > 0 {
		p.mark(SpanJunk, end, "junk", -1, "", "")
		p.diag(diagSentNoColon, i, content)
		return
	}
	index := p.fields
	p.fields++
	name := bytes.TrimRight(line[:colon], " \t")
	start, stop := colon+1, len(line)
	for start < stop && isBlank(line[start]) {
		start++
	}
	for stop > start && isBlank(line[stop-1]) {
		stop--
	}
	value := string(line[start:stop])
	p.mark(SpanName, i+len(name), p.item, index, "name", string(name))
	p.mark(SpanOWS, i+colon, p.item, index, "ows", "")
	p.mark(SpanColon, i+colon+1, p.item, index, "colon", "")
	p.mark(SpanOWS, i+start, p.item, index, "ows", "")
	p.mark(SpanValue, i+stop, p.item, index, "value", value)
	p.mark(SpanOWS, content, p.item, index, "ows", "")
	p.mark(SpanCRLF, end, p.item, index, "crlf", "")
	if len(name) < colon {
		p.diag(diagSentBlank, i+len(name), i+colon)
	}
	if !isToken(name) {
		p.diag(diagSentName, i, i+max(1, len(name)))
	}
	for j, ch := range line[start:stop] {
		if ch < ' ' && ch != '\t' && ch != '\r' || ch == 0x7f {
			p.diag(diagSentControl, i+start+j, i+start+j+1)
			break
		}
	}
	if p.item == "header" {
		p.framing(strings.ToLower(string(name)), rawValue{value, i + start, i + stop}, [2]int{i, content})
	}
}

// framing keeps the fields that say where the content ends, and Host.
func (p *rawRequest) framing(name string, value rawValue, line [2]int) {
	switch name {
	case "host":
		p.hosts++
		p.host = line
	case "content-length":
		p.lengths = append(p.lengths, value)
	case "transfer-encoding":
		p.coding = value.text[strings.LastIndexByte(value.text, ',')+1:]
		p.codingAt = line
	}
}

// host11 holds a request of HTTP/1.1 to its one Host.
func (p *rawRequest) host11() {
	switch {
	case p.version != "HTTP/1.1" || p.hosts == 1:
	case p.hosts == 0:
		p.diag(diagSentHost, 0, p.endOfRequestLine)
	default:
		p.diag(diagSentHost, p.host[0], p.host[1])
	}
}

// content reads what follows the head, and gives its end.
func (p *rawRequest) content(i int) int {
	if p.codingAt[1] > 0 {
		if len(p.lengths) > 0 {
			p.diag(diagSentLengthAndCoding, p.codingAt[0], p.codingAt[1])
		}
		if strings.EqualFold(strings.Trim(p.coding, " \t"), "chunked") {
			return p.chunks(i)
		}
		p.diag(diagSentCoding, p.codingAt[0], p.codingAt[1])
		return len(p.data)
	}
	if len(p.lengths) == 0 {
		return i
	}
	first := p.lengths[0]
	n, err := strconv.ParseUint(first.text, 10, 62)
	for _, l := range p.lengths {
		if err != nil || l.text != first.text {
			p.diag(diagSentLength, l.start, max(l.end, l.start+1))
			return len(p.data)
		}
	}
	if have := uint64(len(p.data) - i); n > have {
		p.diag(diagSentShort, first.start, first.end)
		n = have
	}
	p.mark(SpanBody, i+int(n), "body", -1, "", "")
	return i + int(n)
}

// chunks reads chunked coding. RFC 9112 section 7.1.
func (p *rawRequest) chunks(i int) int {
	for {
		n := bytes.Index(p.data[i:], []byte("\r\n"))
		if n < 0 {
			p.diag(diagSentChunk, max(0, min(i, len(p.data)-1)), len(p.data))
			return len(p.data)
		}
		digits, _, _ := bytes.Cut(p.data[i:i+n], []byte(";"))
		size, err := strconv.ParseUint(string(digits), 16, 62)
		if err != nil {
			p.diag(diagSentChunk, i, i+max(n, 1))
			return len(p.data)
		}
		kind := SpanChunkSize
		if size == 0 {
			kind = SpanLastChunk
		}
		p.mark(kind, i+len(digits), "chunk", -1, "size", string(digits))
		p.mark(SpanChunkExt, i+n, "chunk", -1, "ext", "")
		p.mark(SpanChunkCRLF, i+n+2, "chunk", -1, "crlf", "")
		i += n + 2
		if size == 0 {
			p.item, p.fields = "trailer", 0
			i, ended := p.block(i, SpanTrailerEnd, "trailer-end")
			if !ended {
				p.diag(diagSentChunk, max(0, len(p.data)-1), len(p.data))
			}
			return i
		}
		if have := uint64(len(p.data) - i); size > have {
			p.mark(SpanChunkData, len(p.data), "chunk", -1, "data", "")
			p.diag(diagSentChunk, max(0, len(p.data)-1), len(p.data))
			return len(p.data)
		}
		p.mark(SpanChunkData, i+int(size), "chunk", -1, "data", "")
		i += int(size)
		if !bytes.HasPrefix(p.data[i:], []byte("\r\n")) {
			p.diag(diagSentChunk, min(i, len(p.data)-1), min(i+1, len(p.data)))
			return len(p.data)
		}
		p.mark(SpanChunkCRLF, i+2, "chunk", -1, "crlf", "")
		i += 2
	}
}
