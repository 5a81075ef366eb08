package decode

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/core/h1"
)

// Conversation is what went over one transport, as far as it is known.
type Conversation struct {
	Host     string
	Port     int
	TLS      bool // it went over TLS, whose records are not kept
	Sent     []byte
	Received []byte
	Cut      bool // the end of the received stream is not known to be its end

	SentAt, ReceivedAt timeline // of Sent and Received
}

// trace reports the conversation to a tracer, and gives the exceptions that a
// client reading it would have raised.
func (v Conversation) trace(tracer h1.Tracer, clock *clock, number int) []error {
	c := &h1.Conn{}
	for range number { // transports are numbered in the order of opening
		c.Opened()
	}
	p := player{conn: c, tracer: tracer, clock: clock, Conversation: v, sent: v.Sent, received: v.Received, cut: v.Cut}
	p.on()
	if len(v.SentAt) > 0 {
		clock.set(v.SentAt[0].at)
	} else if len(v.ReceivedAt) > 0 {
		clock.set(v.ReceivedAt[0].at)
	}
	c.Emit(&h1.Event{Kind: h1.EventConnect, Phase: "open", Host: v.Host, Port: v.Port})
	if v.TLS {
		c.Emit(&h1.Event{Kind: h1.EventTLSHandshake, Phase: "done"})
	}
	for {
		asked := len(p.sent) > 0
		if asked {
			p.request()
		}
		if len(p.received) == 0 && (!asked || p.ended) || !asked && !p.more() {
			break
		}
		if !asked {
			p.silentRequest("GET")
		}
		if !p.response() {
			break
		}
	}
	p.rest()
	return p.errors
}

// player feeds the two streams of a conversation to an engine.
type player struct {
	Conversation
	conn           *h1.Conn
	tracer         h1.Tracer
	clock          *clock
	sent, received []byte // what has not been read of the streams
	cut            bool
	ended          bool // the end of the received stream was reported
	errors         []error
}

func (p *player) on()        { p.conn.Tracer = p.tracer }
func (p *player) off()       { p.conn.Tracer = nil }
func (p *player) more() bool { return len(p.received) > 0 }

// silentRequest brings the engine to where it expects a response.
func (p *player) silentRequest(method string) {
	p.off()
	defer p.on()
	if p.conn.PutRequest(method, "/", h1.Authority{Host: "-"}, true, true) == nil {
		p.conn.EndHeaders()
	}
}

// request takes one request off the sent stream.
func (p *player) request() {
	head, ok := headOf(p.sent)
	if !ok { // no empty line: nothing that a server would have answered
		p.write(len(p.sent), h1.LayoutRaw)
		p.silentRequest("GET")
		return
	}
	method, layout, same := p.rebuild(p.sent[:head])
	if !same {
		layout = h1.LayoutRaw
	}
	block := p.sent[:head]
	p.write(head, layout)
	p.body(h1.ParseHead(block[bytes.IndexByte(block, '\n')+1:]), method)
}

// headOf measures a head with its empty line.
func headOf(b []byte) (n int, ok bool) {
	for i := 0; ; {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			return 0, false
		}
		line := bytes.TrimSuffix(b[i:i+j], []byte("\r"))
		i += j + 1
		if len(line) == 0 && i > 2 {
			return i, true
		}
	}
}

// rebuild puts the request together again; same: the engine wrote these bytes.
func (p *player) rebuild(head []byte) (method string, layout h1.Layout, same bool) {
	line, block, _ := bytes.Cut(head, []byte("\r\n"))
	method, rest, _ := strings.Cut(string(line), " ")
	target, version, _ := strings.Cut(rest, " ")
	if version != "HTTP/1.1" || p.try(method, target, block) != nil {
		p.conn.Close()
		p.silentRequest(method)
		return method, layout, false
	}
	out, layout, err := p.conn.EndHeaders()
	return method, layout, err == nil && bytes.Equal(out, head)
}

func (p *player) try(method, target string, block []byte) error {
	if err := p.conn.PutRequest(method, target, h1.Authority{Host: "-"}, true, true); err != nil {
		return err
	}
	for _, f := range h1.ParseHead(block).Fields {
		if err := p.conn.PutHeader(f.Name, h1.TextValue(f.Value)); err != nil {
			return err
		}
	}
	return nil
}

// write reports n bytes as sent.
func (p *player) write(n int, layout h1.Layout) {
	data := p.sent[:n]
	if at, ok := p.SentAt.at(len(p.Sent) - len(p.sent) + n - 1); ok {
		p.clock.set(at.at)
	}
	p.sent = p.sent[n:]
	p.conn.Emit(&h1.Event{Kind: h1.EventSend, Start: p.conn.Transport().Sent, Bytes: data})
	p.conn.Wrote(data, n, layout)
}

// body takes the content of a request off the sent stream.
func (p *player) body(head h1.Head, method string) {
	if coding, _ := head.Get("Transfer-Encoding"); strings.EqualFold(coding, "chunked") {
		for len(p.sent) > 0 {
			n, last := chunkOf(p.sent)
			switch {
			case n < 0: // not chunked coding after all
				p.write(len(p.sent), h1.LayoutRaw)
				return
			case last && n == len(h1.LastChunk):
				p.write(n, h1.LayoutLastChunk)
			case last:
				p.write(n, h1.LayoutRaw)
			default:
				p.write(n, h1.LayoutChunk)
			}
			if last {
				return
			}
		}
		return
	}
	text, _ := head.Get("Content-Length")
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n > 0 {
		p.write(min(n, len(p.sent)), h1.LayoutBody)
	}
}

// chunkOf measures a chunk with its framing, or the last one with its trailers;
// -1 where there is none.
func chunkOf(b []byte) (n int, last bool) {
	line, _, ok := bytes.Cut(b, []byte("\r\n"))
	if !ok {
		return -1, false
	}
	digits, _, _ := bytes.Cut(line, []byte(";"))
	size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
	if err != nil {
		return -1, false
	}
	if size == 0 {
		end := bytes.Index(b, []byte("\r\n\r\n"))
		if end < 0 {
			return -1, false
		}
		return end + 4, true
	}
	n = len(line) + 2 + int(size) + 2
	if n > len(b) || string(b[n-2:n]) != "\r\n" || len(digits) != len(line) {
		return -1, false
	}
	return n, false
}

// response reads a response off the received stream; false: nothing can follow.
func (p *player) response() bool {
	r := new(h1.Response)
	if err := p.conn.GetResponse(r); err != nil {
		return false
	}
	if err := p.feed(r, r.Begin); err != nil {
		p.conn.Reject(r, false)
		return false
	}
	p.conn.Accept(r)
	err := p.feed(r, func() error { _, err := r.Read(); return err })
	closes := r.WillClose
	r.Close()
	return err == nil && !closes
}

// feed gives an operation the input it asks for.
func (p *player) feed(r *h1.Response, operation func() error) error {
	for {
		err := operation()
		if err != h1.ErrNeedInput {
			if err != nil {
				p.errors = append(p.errors, err)
			}
			return err
		}
		if len(p.received) == 0 {
			p.end()
			r.FillEOF()
			continue
		}
		// One message never takes bytes of the next: a capture holds what the
		// client got, however much of it arrived at once.
		n := copy(r.Space(), p.received[:min(len(p.received), p.step(r), p.arrived())])
		p.conn.Emit(&h1.Event{Kind: h1.EventRecv, Start: p.conn.Transport().Received, Bytes: p.received[:n]})
		p.received = p.received[n:]
		r.Fill(n)
	}
}

// arrived sets the clock to when the next bytes arrived, and says how many came
// together.
func (p *player) arrived() int {
	offset := len(p.Received) - len(p.received)
	next, ok := p.ReceivedAt.at(offset)
	if !ok {
		return len(p.received)
	}
	p.clock.set(next.at)
	return next.end - offset
}

// step is how many bytes may be given at once without reading ahead of the
// message.
func (p *player) step(r *h1.Response) int {
	n, line := r.Wants()
	if line {
		if i := bytes.IndexByte(p.received, '\n'); i >= 0 {
			return i + 1
		}
	}
	if n == 0 || n > int64(len(p.received)) {
		return len(p.received)
	}
	return int(n)
}

// end reports the end of the received stream.
func (p *player) end() {
	if !p.ended {
		p.ended = true
		if !p.cut {
			p.conn.Emit(&h1.Event{Kind: h1.EventRecv, Start: p.conn.Transport().Received, EOF: true})
		}
	}
}

// rest reports what no message was found in.
func (p *player) rest() {
	if len(p.sent) > 0 {
		p.write(len(p.sent), h1.LayoutRaw)
	}
	t := p.conn.Transport()
	if n := len(p.received); n > 0 {
		p.arrived()
		p.conn.Emit(&h1.Event{Kind: h1.EventRecv, Start: t.Received, Bytes: p.received})
		p.conn.Emit(&h1.Event{Kind: h1.EventSpan, Dir: h1.Received, Start: t.Received, End: t.Received + int64(n),
			Span: h1.SpanJunk, Path: h1.Path{Message: "response", MessageIndex: -1, Item: "junk", ItemIndex: -1}})
		t.Received += int64(n)
	}
	p.end()
}
