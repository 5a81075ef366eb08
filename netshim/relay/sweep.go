package relay

import (
	"errors"
	"time"
)

// Why the relay ends a link by itself.
var (
	errLifetime = errors.New("the connection reached its lifetime")
	errUnused   = errors.New("no stream for too long")
	errDrained  = errors.New("the relay is draining")
)

// sweepEvery is how often deadlines are looked at, unless one is so short that
// it needs more. One goroutine looks at all links: a timer for every deadline
// of every link would cost more than what it guards.
func sweepEvery(r *rules) time.Duration {
	l := r.limits
	least := min(l.WriteTimeout, l.PingInterval, l.IdleTimeout, l.Lifetime)
	return min(max(least/4, time.Millisecond), time.Second)
}

func (r *Relay) sweep() {
	defer close(r.swept)
	timer := time.NewTimer(sweepEvery(r.rules.Load()))
	defer timer.Stop()
	for {
		select {
		case <-r.stop:
			return
		case now := <-timer.C:
			r.places.sweep(now)
			for _, l := range r.all() {
				r.look(l, now)
			}
			timer.Reset(sweepEvery(r.rules.Load()))
		}
	}
}

// all is a copy, so that no link is looked at under the lock.
func (r *Relay) all() []*link {
	r.mu.Lock()
	defer r.mu.Unlock()
	links := make([]*link, 0, len(r.links))
	for l := range r.links {
		links = append(links, l)
	}
	return links
}

func (r *Relay) look(l *link, now time.Time) {
	limits := l.rules.limits
	if err := l.sock.check(now, limits.PingInterval); err != nil {
		r.end(l, err, func() { l.sock.kill() })
		return
	}
	if now.Sub(l.started) >= limits.Lifetime {
		r.end(l, errLifetime, func() { l.sock.Close(1001, errLifetime.Error()) })
		return
	}
	streams, quiet := l.session.Sweep(now, limits.IdleTimeout)
	if streams == 0 && now.Sub(quiet) >= limits.IdleTimeout {
		r.end(l, errUnused, func() { l.sock.Close(1001, errUnused.Error()) })
	}
}

// end notes why and ends a link.
func (r *Relay) end(l *link, why error, how func()) {
	r.mu.Lock()
	if l.why == nil {
		l.why = why
	}
	r.mu.Unlock()
	how()
}
