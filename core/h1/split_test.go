package h1

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// notes records the spans and diagnostics of the received stream.
type notes struct{ lines []string }

func (n *notes) Trace(e *Event) {
	switch e.Kind {
	case EventSpan:
		if e.Span != SpanDiscarded {
			n.lines = append(n.lines, fmt.Sprint(e.Start, "-", e.End, " ", e.Span, " ", e.Path, " ", e.Value))
		}
	case EventDiagnostic:
		if e.Diagnostic != diagAfterMessage {
			n.lines = append(n.lines, fmt.Sprint(e.Start, "-", e.End, " ", e.Diagnostic.Code))
		}
	case EventTransition:
		n.lines = append(n.lines, fmt.Sprint(e.From, " ", e.Input, " ", e.To))
	}
}

// feed runs an operation, giving it input in pieces of at most size bytes.
func feed[T any](r *Response, stream *[]byte, size func() int, operation func() (T, error)) (T, error) {
	for {
		v, err := operation()
		if err != ErrNeedInput {
			return v, err
		}
		if len(*stream) == 0 {
			r.FillEOF()
			continue
		}
		n := copy(r.Space(), (*stream)[:min(len(*stream), max(1, size()))])
		*stream = (*stream)[n:]
		r.Fill(n)
	}
}

// converse reads a response with a sequence of calls and tells all there was to
// see. How bytes arrive must not matter. read1 and peek, and readline of a
// chunked body, which peeks, depend on it by design and are left out.
func converse(method string, stream []byte, calls []byte, strict bool, size func() int) []string {
	n := &notes{}
	c := &Conn{Tracer: n, Strict: strict}
	c.Opened()
	see := func(v any, err error) {
		text := "ok"
		if err != nil {
			text = err.Error()
			if e, ok := err.(*Error); ok {
				text = fmt.Sprintf("%s %q", text, e.Partial)
			}
		}
		n.lines = append(n.lines, fmt.Sprintf("%v %s", v, text))
	}
	if err := c.PutRequest(method, "/", Authority{Host: "a.example", Port: 80, DefaultPort: 80}, false, false); err != nil {
		see(nil, err)
		return n.lines
	}
	head, layout, _ := c.EndHeaders()
	c.Wrote(head, len(head), layout)
	r := new(Response)
	if err := c.GetResponse(r); err != nil {
		see(nil, err)
		return n.lines
	}
	_, err := feed(r, &stream, size, func() (int, error) { return 0, r.Begin() })
	see(r.Head.Fields, err)
	if err != nil {
		c.Reject(r, false)
		return n.lines
	}
	c.Accept(r)
	for _, call := range calls {
		amt := int(call >> 2)
		switch call & 3 {
		case 0:
			see(feed(r, &stream, size, func() ([]byte, error) { return r.ReadAmt(amt) }))
		case 1:
			p := make([]byte, amt*amt*amt) // up to 250 kB: past the buffer
			got, err := feed(r, &stream, size, func() (int, error) { return r.ReadInto(p) })
			see(fmt.Sprintf("%d %q", got, p[:got]), err)
		case 2:
			if r.Chunked {
				continue
			}
			see(feed(r, &stream, size, func() ([]byte, error) { return r.ReadLine(amt - 2) }))
		case 3:
			see(feed(r, &stream, size, r.Read))
		}
	}
	c.Close()
	return n.lines
}

var splitSeeds = []string{
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n3\r\n\nx\n\r\n0\r\nX: y\r\n\r\n",
	"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.0 200\nA : b\r\nFrom x\r\n\r\nrest\nmore",
	"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 9\r\nContent-Length: +3\r\n\r\nabcdefghi",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc",
	"HTTP/2 200\r\n\r\n", "nonsense", "", "HTTP/1.1 204 No\rX: y\r\n\r\n",
	"HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("line\n", 5000),
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" + strings.Repeat("0123456789", 2000) + "\r\n0\r\n\r\n",
}

// FuzzSplits feeds a stream whole, byte by byte and in pieces of changing size.
func FuzzSplits(f *testing.F) {
	for i, s := range splitSeeds {
		f.Add("GET", []byte(s), []byte{3}, byte(i), false)
		f.Add("HEAD", []byte(s), []byte{40, 21, 255, 14, 3}, byte(7*i), true)
		f.Add("GET", []byte(s), []byte{14, 62, 2, 10, 98, 121, 3}, byte(3*i), false)
	}
	f.Fuzz(func(t *testing.T, method string, stream, calls []byte, seed byte, strict bool) {
		if len(calls) > 32 {
			calls = calls[:32]
		}
		whole := converse(method, bytes.Clone(stream), calls, strict, func() int { return len(stream) })
		state := uint32(seed) + 1
		pieces := map[string]func() int{
			"byte by byte": func() int { return 1 },
			"in pieces":    func() int { state = state*1664525 + 1013904223; return int(state>>24)%97 + 1 },
		}
		for name, size := range pieces {
			got := converse(method, bytes.Clone(stream), calls, strict, size)
			for i := range max(len(got), len(whole)) {
				if i >= len(got) || i >= len(whole) || got[i] != whole[i] {
					t.Fatalf("%s: line %d: %.300q, whole: %.300q", name, i, tail(got, i), tail(whole, i))
				}
			}
		}
	})
}

func tail(lines []string, i int) []string { return lines[min(i, len(lines)):min(i+2, len(lines))] }

// FuzzHead checks that the ranges of a header block follow each other and that
// tracing does not change what is parsed.
func FuzzHead(f *testing.F) {
	for _, s := range []string{"A: b\r\n\r\n", "A: b\r\n c\r\n\r\n", " x\r\nA:b\n:z\r\n\n", "From a\r\nB: c\rFrom x\r\n\r\nq", "A : b\r\n\r\n", "é: 1\r\n\r\n", "A:\r\n \r\n\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, block []byte) {
		plain := ParseHead(block)
		n := &ranges{t: t}
		r := &Response{conn: &Conn{Tracer: n}, transport: &Transport{Number: 1}}
		p := headParser{block: block, spans: &headSpans{r: r, message: "response", index: -1, item: "header"}}
		p.parse(true)
		if fmt.Sprint(p.head) != fmt.Sprint(plain) {
			t.Errorf("traced: %q, plain: %q", p.head, plain)
		}
		if n.at != int64(len(block)) {
			t.Errorf("leaves end at %d of %d", n.at, len(block))
		}
	})
}

type ranges struct {
	t  *testing.T
	at int64
}

func (n *ranges) Trace(e *Event) {
	if e.Kind == EventSpan {
		if e.Start != n.at || e.End <= e.Start {
			n.t.Errorf("leaf %s %d–%d after %d", e.Span, e.Start, e.End, n.at)
		}
		n.at = e.End
	}
}
