package scenario

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// ledger checks, event by event, that the leaves of each stream follow each
// other without gap or overlap and that they cover all that went over it; and
// under TLS, that the records do so with the transport's streams, and what they
// carried with those that HTTP sees.
type ledger struct {
	t       *testing.T
	moved   map[[2]int]int64 // bytes sent or received, by transport and direction
	covered map[[2]int]int64 // end of the last leaf
	records map[[2]int]int64 // end of the last record
	carried map[[2]int]int64 // end of the plaintext that records carried
}

func newLedger(t *testing.T) *ledger {
	return &ledger{t, map[[2]int]int64{}, map[[2]int]int64{}, map[[2]int]int64{}, map[[2]int]int64{}}
}

func (l *ledger) Trace(e *h1.Event) {
	key := [2]int{e.Conn, int(e.Dir)}
	switch e.Kind {
	case h1.EventSend:
		l.advance([2]int{e.Conn, int(h1.Sent)}, e)
	case h1.EventRecv:
		l.advance([2]int{e.Conn, int(h1.Received)}, e)
	case h1.EventTLSRecord:
		l.record(key, e)
	case h1.EventSpan:
		if e.Start != l.covered[key] || e.End <= e.Start {
			l.t.Errorf("transport %d, %v: leaf %s %d–%d after one that ends at %d", e.Conn, e.Dir, e.Span, e.Start, e.End, l.covered[key])
		}
		if e.End > l.moved[key] {
			l.t.Errorf("transport %d, %v: leaf %s ends at %d of %d bytes", e.Conn, e.Dir, e.Span, e.End, l.moved[key])
		}
		l.covered[key] = e.End
	}
}

func (l *ledger) advance(key [2]int, e *h1.Event) {
	if e.Start != l.moved[key] {
		l.t.Errorf("transport %v: %d bytes at offset %d, want %d", key, len(e.Bytes), e.Start, l.moved[key])
	}
	l.moved[key] += int64(len(e.Bytes))
	if end, secure := l.carried[key]; secure && l.moved[key] > end {
		l.t.Errorf("transport %v: %d bytes of plaintext, of which records carried %d", key, l.moved[key], end)
	}
}

func (l *ledger) record(key [2]int, e *h1.Event) {
	if _, begun := l.records[key]; !begun { // both begin where the plain stream ends
		l.records[key], l.carried[key] = l.moved[key], l.moved[key]
	}
	if e.Start != l.records[key] || len(e.Bytes) == 0 {
		l.t.Errorf("transport %v: record of %d bytes at %d, want %d", key, len(e.Bytes), e.Start, l.records[key])
	}
	l.records[key] += int64(len(e.Bytes))
	parts, whole := 0, false
	for _, a := range e.Args {
		switch a.Name {
		case "parts":
			whole = true
			for _, p := range a.Value.([]any) {
				parts += p.([]any)[1].(int)
			}
		case "plaintext":
			p := a.Value.(h1.Pairs)
			if p[0].Value != l.carried[key] {
				l.t.Errorf("transport %v: record carries plaintext from %v, want %d", key, p[0].Value, l.carried[key])
			}
			l.carried[key] = p[1].Value.(int64)
		}
	}
	if whole && parts != len(e.Bytes) {
		l.t.Errorf("transport %v: record of %d bytes has parts of %d", key, len(e.Bytes), parts)
	}
}

// end checks what must hold once all is closed.
func (l *ledger) end() {
	for key, n := range l.moved {
		if l.covered[key] != n {
			l.t.Errorf("transport %d, %v: leaves cover %d of %d bytes", key[0], h1.Direction(key[1]), l.covered[key], n)
		}
	}
	for key, n := range l.carried {
		if key[1] == int(h1.Sent) && n != l.moved[key] {
			l.t.Errorf("transport %d: records carried %d of %d bytes sent", key[0], n, l.moved[key])
		}
	}
}

// compare compares with what went over the transports.
func (l *ledger) compare(transports []*counted) {
	for i, c := range transports {
		for d, want := range []int64{c.sent.Load(), c.received.Load()} {
			key := [2]int{i + 1, d}
			got, secure := l.records[key]
			if !secure {
				got = l.moved[key]
			}
			if got != want {
				l.t.Errorf("transport %d, %v: the log has %d of %d bytes", key[0], h1.Direction(d), got, want)
			}
		}
	}
}

// counted counts what goes over a transport.
type counted struct {
	net.Conn
	sent, received atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

// Every byte of both streams belongs to exactly one leaf once all is closed;
// under TLS every byte of the transport belongs to exactly one record.
func TestLeavesPartitionBothStreams(t *testing.T) {
	for name, data := range corpusFiles(t) {
		doc, err := Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Run(name, func(t *testing.T) {
			schedule(t, doc)
			certs := certificates()
			l, dial := ways[1].open(t)
			seen := newLedger(t)
			var transports []*counted
			_, err := doc.Play(l, &PeerOptions{Certificate: CertificatesIn(certs)}, func(host string, port int) ([]Value, error) {
				steps, err := doc.RunClient(context.Background(), RunOptions{
					Host: host, Port: port, Certificates: certs, Tracer: seen,
					CreateConnection: func(ctx context.Context, host string, port int, source *core.SourceAddress) (net.Conn, error) {
						conn, err := dial(ctx, host, port, source)
						if err != nil {
							return nil, err
						}
						c := &counted{Conn: conn}
						transports = append(transports, c)
						return c, nil
					}})
				return Values(steps), err
			})
			if err != nil {
				t.Fatal(err)
			}
			seen.end()
			if connections(doc) == 1 { // a further one numbers its transports anew
				seen.compare(transports)
			}
		})
	}
}

// connections counts the constructors that a scenario calls.
func connections(doc *Doc) (n int) {
	for _, step := range doc.Client {
		if step.Call == "HTTPConnection" || step.Call == "HTTPSConnection" {
			n++
		}
	}
	return n
}
