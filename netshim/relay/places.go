package relay

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/stepwire/stepwire/netshim/policy"
)

// places counts what the caps bound.
type places struct {
	mu                      sync.Mutex
	sockets, streams, dials int
	clients                 map[netip.Prefix]*client
}

// client is what one quota key has taken.
type client struct {
	sockets int
	tokens  float64 // handshakes left
	at      time.Time
}

// Why a WebSocket or a stream is turned away.
var (
	errHandshakes = errors.New("too many handshakes a second from one client")
	errPerClient  = errors.New("too many connections from one client")
	errSockets    = errors.New("too many connections")
	errStreams    = errors.New("too many streams")
)

// socket takes a place for a WebSocket; free gives it back.
func (p *places) socket(l policy.Limits, key netip.Prefix, now time.Time) (free func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.clients[key]
	rate := float64(l.HandshakeRate)
	if c == nil {
		c = &client{tokens: rate, at: now}
		p.clients[key] = c
	}
	c.tokens = min(rate, c.tokens+rate*now.Sub(c.at).Seconds())
	c.at = now
	switch {
	case c.tokens < 1:
		return nil, errHandshakes
	case c.sockets >= l.PerClient:
		return nil, errPerClient
	case p.sockets >= l.Connections:
		return nil, errSockets
	}
	c.tokens--
	c.sockets++
	p.sockets++
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		c.sockets--
		p.sockets--
	}), nil
}

// stream takes a place for a stream.
func (p *places) stream(l policy.Limits) (free func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.streams >= l.Streams {
		return nil, errStreams
	}
	p.streams++
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.streams--
	}), nil
}

// dial takes a place for a dial, which dialed gives back.
func (p *places) dial(l policy.Limits) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dials >= l.Dials {
		return false
	}
	p.dials++
	return true
}

func (p *places) dialed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dials--
}

// sweep forgets clients that a new one would be like.
func (p *places) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, c := range p.clients {
		if c.sockets == 0 && now.Sub(c.at) > time.Second {
			delete(p.clients, key)
		}
	}
}

// taken tells what is taken now.
func (p *places) taken() (sockets, streams, dials int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sockets, p.streams, p.dials
}
