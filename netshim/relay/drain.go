package relay

import (
	"context"
	"time"
)

// Draining tells whether the relay takes no more clients.
func (r *Relay) Draining() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.draining
}

// checkEmpty marks the end of the last link of a relay that drains; r.mu is held.
func (r *Relay) checkEmpty() {
	if !r.draining || len(r.links) > 0 || r.pending > 0 {
		return
	}
	select {
	case <-r.empty:
	default:
		close(r.empty)
	}
}

// closing is how long a client may take to answer the closing handshake of a
// relay that drains.
const closing = 2 * time.Second

// Drain ends the relay. New clients are refused at once; WebSockets without a
// stream are closed with 1001; the others have until grace is over, or ctx is,
// and are closed then, and cut when that takes too long. It returns when
// everything is released, with how many WebSockets had to be closed while in
// use. [http.Server.Shutdown] knows nothing of them.
func (r *Relay) Drain(ctx context.Context, grace time.Duration) (closed int) {
	r.mu.Lock()
	again := r.draining
	r.draining = true
	r.checkEmpty()
	r.mu.Unlock()
	if again {
		<-r.swept
		return 0
	}
	defer func() {
		close(r.stop)
		<-r.swept
	}()

	over := time.NewTimer(grace)
	defer over.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for waiting := true; waiting; {
		r.endLinks(false)
		select {
		case <-r.empty:
			return 0
		case <-over.C:
			waiting = false
		case <-ctx.Done():
			waiting = false
		case <-look.C: // a link in use may have become free
		}
	}
	closed = r.endLinks(true)
	cut := time.NewTimer(closing)
	defer cut.Stop()
	select {
	case <-r.empty:
		return closed
	case <-cut.C:
	}
	for { // a handshake may have become a link just now
		for _, l := range r.all() {
			l.sock.kill()
		}
		select {
		case <-r.empty:
			return closed
		case <-look.C:
		}
	}
}

// endLinks closes links, those in use only if told so, and tells how many it
// found.
func (r *Relay) endLinks(used bool) (n int) {
	for _, l := range r.all() {
		// Nothing is ever idle for so long: this only counts.
		streams, _ := l.session.Sweep(time.Time{}, time.Hour)
		if streams == 0 || used {
			n++
			r.end(l, errDrained, func() { l.sock.Close(1001, errDrained.Error()) })
		}
	}
	return n
}
