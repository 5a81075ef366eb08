package bridge

import (
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/trace"
)

// eventLog posts a connection's event log to the page, in batches: what is
// pending when a call ends, and what is pending when the client comes to rest.
type eventLog struct {
	*trace.Log
	connection *connection
	wake       chan struct{}
}

func newEventLog(c *connection, limit int64) *eventLog {
	l := &eventLog{connection: c, wake: make(chan struct{}, 1)}
	l.Log = trace.NewLog(limit, func() {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	})
	go l.run()
	return l
}

// run flushes what happens while a call waits.
func (l *eventLog) run() {
	for {
		select {
		case <-l.wake:
			l.flush(false)
		case <-l.connection.ctx.Done():
			return
		}
	}
}

func (l *eventLog) flush(more bool) {
	l.connection.bridge.posts.Lock()
	defer l.connection.bridge.posts.Unlock()
	// Taken and posted in one, or two batches could change places.
	if events := l.Take(); events != nil {
		l.connection.bridge.config.Post([]any{"trace", l.connection.handle, events}, more)
		l.Reuse(events)
	}
}

// relay logs what the relay does.
func (l *eventLog) relay(what, detail string) {
	l.Trace(&h1.Event{Kind: h1.EventRelay, Name: what, Value: detail})
}
