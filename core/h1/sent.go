package h1

import (
	"bytes"
	"strconv"
)

// Layout says what the bytes handed out for sending are, so that they get
// their spans once they are sent.
type Layout struct {
	kind  layoutKind
	end   int
	marks []mark
}

type layoutKind uint8

const (
	layoutRaw layoutKind = iota
	layoutHead
	layoutBody
	layoutChunk
	layoutLastChunk
	layoutTunnel
)

// Layouts of what is sent besides the head.
var (
	LayoutRaw       = Layout{kind: layoutRaw}  // bytes that the caller sends on its own
	LayoutBody      = Layout{kind: layoutBody} // content without chunked coding
	LayoutChunk     = Layout{kind: layoutChunk}
	LayoutLastChunk = Layout{kind: layoutLastChunk}
)

// LastChunk ends a chunked body. RFC 9112 section 7.1.
const LastChunk = "0\r\n\r\n"

// AppendChunk appends data in chunked coding. RFC 9112 section 7.1.
func AppendChunk(b, data []byte) []byte {
	for _, ch := range strconv.AppendUint(nil, uint64(len(data)), 16) {
		if ch >= 'a' {
			ch -= 'a' - 'A'
		}
		b = append(b, ch)
	}
	b = append(b, "\r\n"...)
	b = append(b, data...)
	return append(b, "\r\n"...)
}

// buffered reports a line that was put into the buffer.
func (c *Conn) buffered(kind SpanKind, start int, path Path) {
	e := c.Event(EventBuffer)
	e.Span, e.Path, e.Bytes, e.Size = kind, path, c.buffer[start:], len(c.buffer)
	c.Tracer.Trace(e)
}

func (c *Conn) addMark(kind SpanKind, end int, path Path, value string) {
	begin := 0
	if n := len(c.layout); n > 0 {
		begin = c.layout[n-1].end
	}
	if end > begin {
		c.layout = append(c.layout, mark{kind, end, path, value})
	}
}

func (c *Conn) markRequestLine(start int, method, target string) {
	part := func(p string) Path { return Path{"request", -1, "request-line", -1, p} }
	end := start + len(method)
	c.addMark(SpanMethod, end, part("method"), method)
	c.addMark(SpanSP, end+1, part("sp"), "")
	end += 1 + len(target)
	c.addMark(SpanTarget, end, part("target"), target)
	c.addMark(SpanSP, end+1, part("sp"), "")
	end += 1 + len("HTTP/1.1")
	c.addMark(SpanVersion, end, part("version"), "HTTP/1.1")
	c.addMark(SpanCRLF, end+2, part("crlf"), "")
	c.buffered("request-line", start, part(""))
	if !isToken(method) {
		c.sentDiag(diagSentMethod)
	}
}

// markField marks the line that begins at start.
func (c *Conn) markField(start, nameLen int) {
	part := func(p string) Path { return Path{"request", -1, "header", c.fields, p} }
	line := c.buffer[start:]
	all := string(line)
	c.addMark(SpanName, start+nameLen, part("name"), all[:nameLen])
	c.addMark(SpanColon, start+nameLen+1, part("colon"), "")
	c.addMark(SpanOWS, start+nameLen+2, part("ows"), "")
	end := len(line) - 2
	text := all[nameLen+2 : end]
	for i := nameLen + 2; i < end; {
		stop := end
		if n := bytes.IndexAny(line[i:end], "\r\n"); n >= 0 {
			stop = i + n
		}
		c.addMark(SpanValue, start+stop, part("value"), text)
		text = ""
		i = stop
		for i < end && (line[i] == '\r' || line[i] == '\n' || line[i] == ' ' || line[i] == '\t') {
			i++
		}
		c.addMark(SpanFold, start+i, part("fold"), "")
		if i > stop {
			c.sentDiag(diagSentFold)
		}
	}
	c.addMark(SpanCRLF, start+len(line), part("crlf"), "")
	c.buffered("header", start, part(""))
	if !isToken(line[:nameLen]) {
		c.sentDiag(diagSentName)
	}
	for _, ch := range line[nameLen+2 : end] {
		if ch < ' ' && ch != '\t' && ch != '\r' && ch != '\n' || ch == 0x7f {
			c.sentDiag(diagSentControl)
			break
		}
	}
}

// sentDiag reports a leniency in what was just buffered; its offsets are those
// the bytes will have when they are the next to be sent.
func (c *Conn) sentDiag(d *Diagnostic) {
	m := c.layout[len(c.layout)-1]
	var base int64
	if c.transport != nil {
		base = c.transport.Sent
	}
	e := c.Event(EventDiagnostic)
	e.Dir, e.Start, e.End, e.Diagnostic = Sent, base, base+int64(m.end), d
	c.Tracer.Trace(e)
}

// Wrote tells the engine that the first n bytes of data went out over the
// transport, and gives them their spans.
func (c *Conn) Wrote(data []byte, n int, l Layout) {
	t := c.transport
	if t == nil || n == 0 {
		return
	}
	base := t.Sent
	t.Sent += int64(n)
	if c.Tracer == nil {
		return
	}
	at := 0
	leaf := func(kind SpanKind, end int, path Path, value string) {
		if end = min(end, n); end > at {
			e := c.Event(EventSpan)
			e.Dir, e.Start, e.End = Sent, base+int64(at), base+int64(end)
			e.Span, e.Path, e.Value = kind, path, value
			c.Tracer.Trace(e)
			at = end
		}
	}
	item := func(item, part string) Path { return Path{"request", -1, item, -1, part} }
	switch l.kind {
	case layoutHead, layoutTunnel:
		for _, m := range l.marks {
			leaf(m.kind, m.end, m.path, m.value)
		}
	case layoutBody:
		leaf(SpanBody, n, item("body", ""), "")
	case layoutChunk:
		size := bytes.IndexByte(data, '\r')
		leaf(SpanChunkSize, size, item("chunk", "size"), string(data[:size]))
		leaf(SpanChunkCRLF, size+2, item("chunk", "crlf"), "")
		leaf(SpanChunkData, len(data)-2, item("chunk", "data"), "")
		leaf(SpanChunkCRLF, len(data), item("chunk", "crlf"), "")
	case layoutLastChunk:
		leaf(SpanLastChunk, 1, item("chunk", "size"), "0")
		leaf(SpanChunkCRLF, 3, item("chunk", "crlf"), "")
		leaf(SpanTrailerEnd, 5, item("trailer-end", ""), "")
	}
	leaf(SpanRaw, n, item("raw", ""), "")
}
