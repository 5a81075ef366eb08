package trace

import (
	"sync"
	"time"

	"github.com/stepwire/stepwire/core/h1"
)

// Version is the version of the log's format.
const Version = 1

// DefaultLimit is how many bytes of each direction a log keeps.
const DefaultLimit = 1 << 20

// ciphertext tells a transport's streams from those that TLS carries inside.
const ciphertext h1.Direction = 2

// maxResult is how many bytes of a call's argument or result a log keeps: the
// bytes of the streams are in their own events.
const maxResult = 64 << 10

// maxSpare is the largest room that a log keeps for events to come, in bytes.
const maxSpare = 64 << 10

// bytesADetail is how many bytes of the limit make room for one span or
// diagnostic, and minDetails how many there is always room for. Ordinary heads
// have a span for every five bytes, chunks of one byte have one for every two.
const (
	bytesADetail = 4
	minDetails   = 1 << 12
)

// bytesATransfer is the same for transfers and records: what arrives a few bytes
// at a time for long has more of them than anybody looks at.
const bytesATransfer = 64

// maxText is how much of a name, value or message a log keeps, in bytes.
const maxText = 64 << 10

// Log writes events as JSON objects, one after another, into chunks that are
// handed on. It is an [h1.Tracer] and safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	began   time.Time
	now     int64 // of the last event that is not the engine's, in microseconds since then
	seq     int
	stamp   stamp   // of the last event
	members []byte  // what it is as JSON
	place   h1.Path // of the last span, without its part
	within  []byte  // what it is as JSON
	limit   int64
	kept    [4]int64 // by direction, and by direction beneath TLS
	results int64    // bytes kept of what calls returned
	details int64    // spans and diagnostics kept
	moved   int64    // transfers and records kept
	omitted int64    // of all those, since the last event: there was no room
	held    h1.Event // the transfers that there was no room for, as one, if its Size is not 0
	pending []byte
	wake    func()
	clock   func() time.Duration // nil: the time since the log began
}

// NewLog begins a log that keeps limit bytes of each direction, as many of what
// calls return, and spans, diagnostics and transfers in proportion; 0 stands for
// [DefaultLimit]. wake, if not nil, is called when events are pending that were
// not before; it must not call the log.
func NewLog(limit int64, wake func()) *Log {
	if limit == 0 {
		limit = DefaultLimit
	}
	return &Log{began: time.Now(), limit: limit, wake: wake}
}

// SetClock has the log take its times from now, the time since the log began,
// instead of the present: for what happened earlier. It comes before any event.
func (l *Log) SetClock(now func() time.Duration) { l.clock = now }

// time gives an event its time, in microseconds since the log began. What the
// engine reports it does at once after a call or a transfer, and has its time.
func (l *Log) time(kind h1.EventKind) int64 {
	switch {
	case kind <= h1.EventDiagnostic && l.seq > 0:
	case l.clock != nil:
		l.now = l.clock().Microseconds()
	default:
		l.now = time.Since(l.began).Microseconds()
	}
	return max(0, l.now)
}

// Trace adds an event.
func (l *Log) Trace(e *h1.Event) {
	l.mu.Lock()
	first := len(l.pending) == 0
	if l.room(e) {
		if l.held.Size > 0 {
			l.add(&l.held)
			l.held.Size = 0
		}
		l.add(e)
	}
	first = first && len(l.pending) > 0
	l.mu.Unlock()
	if first && l.wake != nil {
		l.wake()
	}
}

// room decides whether an event is kept. Those that are not are counted, and
// transfers held until the next that is kept, which they come before as one: how
// long a stream is, is always told.
func (l *Log) room(e *h1.Event) bool {
	kept, each := &l.details, int64(bytesADetail)
	switch e.Kind {
	case h1.EventSpan, h1.EventDiagnostic:
	case h1.EventSend, h1.EventRecv, h1.EventTLSRecord:
		kept, each = &l.moved, bytesATransfer
	default:
		return true
	}
	if *kept < max(l.limit/each, minDetails) || e.EOF || e.Err != nil {
		*kept++
		return true
	}
	switch {
	case each == bytesADetail || e.Kind == h1.EventTLSRecord:
		l.omitted++
	case l.held.Size == 0:
		l.held = *e
		l.held.Bytes, l.held.Size = nil, len(e.Bytes)
	case l.held.Kind != e.Kind || l.held.Conn != e.Conn:
		return true
	default:
		l.omitted++
		l.held.Size += len(e.Bytes)
	}
	return false
}

// add writes an event.
func (l *Log) add(e *h1.Event) {
	if len(l.pending) > 0 {
		l.pending = append(l.pending, '\n')
	}
	w := writer{b: l.pending}
	l.encode(&w, e)
	l.pending = w.b
	l.seq++
}

// Take hands over the events that have not been taken: JSON objects separated
// by line feeds, nil when there are none.
func (l *Log) Take() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) == 0 {
		return nil
	}
	b := l.pending
	l.pending = nil
	return b
}

// Reuse gives back what Take handed over, for the events to come.
func (l *Log) Reuse(taken []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pending == nil && cap(taken) <= maxSpare {
		l.pending = taken[:0]
	}
}

// keep decides how many of n bytes of a direction are still kept.
func (l *Log) keep(d h1.Direction, n int) int {
	room := l.limit - l.kept[d]
	k := int(min(int64(n), max(room, 0)))
	l.kept[d] += int64(k)
	return k
}
