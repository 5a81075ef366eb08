package relay

import (
	"net"
	"net/netip"
	"sync"

	"github.com/stepwire/stepwire/netshim/policy"
)

// spare is how many TCP connections there may be beyond WebSockets: pages being
// loaded, handshakes under way. spareClient is the same for one client.
const (
	spare       = 1024
	spareClient = 64
)

// Limit bounds the TCP connections that a listener hands out, in all and by
// client, so that connections which never become a WebSocket are bounded too.
// One too many is closed at once. The rules are the relay's.
func (r *Relay) Limit(l net.Listener) net.Listener {
	unpaceListener(l)
	return &limited{Listener: l, relay: r, clients: map[netip.Prefix]int{}}
}

type limited struct {
	net.Listener
	relay *Relay

	mu      sync.Mutex
	all     int
	clients map[netip.Prefix]int
}

// Accept implements [net.Listener].
func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		key, counted := l.key(conn)
		if l.enter(key, counted) {
			return &place{Conn: conn, leave: sync.OnceFunc(func() { l.leave(key, counted) })}, nil
		}
		l.relay.metrics.turned.Inc()
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // no TIME_WAIT for it either
		}
		conn.Close()
	}
}

// key is whom a connection counts for; a trusted proxy's are many clients'.
func (l *limited) key(conn net.Conn) (key netip.Prefix, counted bool) {
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Prefix{}, false
	}
	addr := peer.Addr().Unmap().WithZone("")
	for _, p := range l.relay.rules.Load().Settings.TrustedProxies {
		if p.Contains(addr) {
			return netip.Prefix{}, false
		}
	}
	return policy.QuotaKey(addr), true
}

func (l *limited) enter(key netip.Prefix, counted bool) bool {
	limits := l.relay.rules.Load().limits
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= limits.Connections+spare || counted && l.clients[key] >= limits.PerClient+spareClient {
		return false
	}
	l.all++
	if counted {
		l.clients[key]++
	}
	return true
}

func (l *limited) leave(key netip.Prefix, counted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if !counted {
		return
	}
	if l.clients[key]--; l.clients[key] == 0 {
		delete(l.clients, key)
	}
}

// place gives its place back when it is closed.
type place struct {
	net.Conn
	leave func()
}

func (c *place) Close() error {
	err := c.Conn.Close()
	c.leave()
	return err
}
