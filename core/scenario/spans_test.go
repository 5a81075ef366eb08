package scenario

import (
	"context"
	"testing"

	"github.com/stepwire/stepwire/core/h1"
)

// ledger checks, event by event, that the leaves of each stream follow each
// other without gap or overlap and that they cover all that went over it.
type ledger struct {
	t       *testing.T
	moved   map[[2]int]int64 // bytes sent or received, by transport and direction
	covered map[[2]int]int64 // end of the last leaf
}

func (l *ledger) Trace(e *h1.Event) {
	key := [2]int{e.Conn, int(e.Dir)}
	switch e.Kind {
	case h1.EventSend:
		l.advance([2]int{e.Conn, int(h1.Sent)}, e)
	case h1.EventRecv:
		l.advance([2]int{e.Conn, int(h1.Received)}, e)
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
}

// Every byte of both streams belongs to exactly one leaf once all is closed.
func TestLeavesPartitionBothStreams(t *testing.T) {
	for name, data := range corpusFiles(t) {
		doc, err := Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if httpsCases[name] {
			continue // the streams of a transport over TLS are those inside it
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, dial := ways[1].open(t)
			seen := &ledger{t: t, moved: map[[2]int]int64{}, covered: map[[2]int]int64{}}
			_, err := doc.Play(l, nil, func(host string, port int) ([]Value, error) {
				steps, err := doc.RunClient(context.Background(), RunOptions{
					Host: host, Port: port, CreateConnection: dial, Tracer: seen})
				return Values(steps), err
			})
			if err != nil {
				t.Fatal(err)
			}
			for key, n := range seen.moved {
				if seen.covered[key] != n {
					t.Errorf("transport %d, %v: leaves cover %d of %d bytes", key[0], h1.Direction(key[1]), seen.covered[key], n)
				}
			}
		})
	}
}
