package scenario

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/stepwire/stepwire/core"
)

// A Network is a loopback of its own inside the process, for a page, where
// there are no sockets: connections behave as TCP's do on Linux, in what they
// buffer, refuse, half-close and reset. The zero Network is ready.
type Network struct {
	mu        sync.Mutex
	listeners map[int]*Listener
	lastPort  int
}

// loopback is the network's only address.
const loopback = "127.0.0.1"

// firstPort is where ports begin that the system would give out itself.
const firstPort = 32768

func (n *Network) nextPort() int {
	n.lastPort = max(firstPort, n.lastPort+1)
	return n.lastPort
}

// Listen opens a listener on a free port.
func (n *Network) Listen() (*Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := &Listener{network: n, port: n.nextPort(), changed: make(chan struct{})}
	if n.listeners == nil {
		n.listeners = map[int]*Listener{}
	}
	n.listeners[l.port] = l
	return l, nil
}

// Dial connects to a listener of the network; it is a core.CreateConnection.
// Errors are those that a system's socket calls give.
func (n *Network) Dial(_ context.Context, host string, port int, source *core.SourceAddress) (net.Conn, error) {
	host, port, err := core.ParseAddress(host, port)
	if err != nil {
		return nil, err
	}
	if source, err = source.For(host); err != nil {
		return nil, err
	}
	remote := tcpAddr(loopback, port)
	failed := func(call string, err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: remote, Err: os.NewSyscallError(call, err)}
	}
	if !strings.EqualFold(host, "localhost") {
		addr, err := netip.ParseAddr(host)
		switch {
		case err != nil:
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{
				Err: "no such host", Name: host, IsNotFound: true}}
		case !addr.Unmap().IsLoopback() && !addr.IsUnspecified():
			return failed("connect", syscall.ENETUNREACH)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	local := tcpAddr(loopback, 0)
	if source != nil {
		addr, err := netip.ParseAddr(source.Host)
		if source.Host != "" && source.Host != "localhost" && (err != nil || !addr.IsLoopback() && !addr.IsUnspecified()) {
			return failed("bind", syscall.EADDRNOTAVAIL)
		}
		local.Port = source.Port
	}
	if local.Port == 0 {
		local.Port = n.nextPort()
	}
	l := n.listeners[port]
	if l == nil {
		return failed("connect", syscall.ECONNREFUSED)
	}
	client, server := newPair(local, remote)
	l.backlog = append(l.backlog, server)
	l.wake()
	return client, nil
}

func tcpAddr(ip string, port int) *net.TCPAddr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), uint16(port)))
}

// A Listener accepts a Network's connections. It is a net.Listener with
// deadlines, as net.TCPListener is.
type Listener struct {
	network  *Network
	port     int
	backlog  []net.Conn    // the rest is guarded by network.mu
	changed  chan struct{} // closed and replaced when something below or the backlog changes
	closed   bool
	deadline time.Time
}

func (l *Listener) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Accept waits for the next connection. One that was made before the deadline
// is given out after it, too.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		l.network.mu.Lock()
		if len(l.backlog) > 0 && !l.closed {
			conn := l.backlog[0]
			l.backlog = l.backlog[1:]
			l.network.mu.Unlock()
			return conn, nil
		}
		if l.closed || expired(l.deadline) {
			err := os.ErrDeadlineExceeded
			if l.closed {
				err = net.ErrClosed
			}
			l.network.mu.Unlock()
			return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: err}
		}
		changed, deadline := l.changed, l.deadline
		l.network.mu.Unlock()
		await(changed, deadline)
	}
}

// SetDeadline bounds present and future calls of Accept; zero means none.
func (l *Listener) SetDeadline(t time.Time) error {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	l.deadline = t
	l.wake()
	return nil
}

// Close stops listening; connections that nobody accepted are reset.
func (l *Listener) Close() error {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	if l.closed {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	l.closed = true
	delete(l.network.listeners, l.port)
	for _, conn := range l.backlog {
		conn.(*pairConn).abort()
	}
	l.backlog = nil
	l.wake()
	return nil
}

// Addr is the listener's address, a *net.TCPAddr.
func (l *Listener) Addr() net.Addr { return tcpAddr(loopback, l.port) }

func expired(deadline time.Time) bool { return !deadline.IsZero() && !time.Now().Before(deadline) }

// await waits for a change or a deadline, whichever is first.
func await(changed <-chan struct{}, deadline time.Time) {
	if deadline.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

// pairBuffer bounds what one direction of a connection holds unread.
const pairBuffer = 256 << 10

// pair is the two ends of one connection; its lock guards both.
type pair struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced at every change
	ends    [2]pairEnd
}

// pairEnd is one end's socket.
type pairEnd struct {
	unread         []byte
	fin            bool  // the other end finished sending
	fault          error // a reset that arrived and was not told yet
	broken         bool  // nothing that is sent arrives any more
	shut           bool  // this end finished sending
	closed, linger bool  // linger: closing finishes in the usual way, not by a reset
	read, write    time.Time
}

// pairConn is one end as a net.Conn.
type pairConn struct {
	*pair
	side          int
	local, remote net.Addr
}

func newPair(client, server net.Addr) (a, b *pairConn) {
	p := &pair{changed: make(chan struct{})}
	p.ends[0].linger, p.ends[1].linger = true, true
	return &pairConn{p, 0, client, server}, &pairConn{p, 1, server, client}
}

func (p *pair) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (c *pairConn) ends() (own, other *pairEnd) { return &c.pair.ends[c.side], &c.pair.ends[1-c.side] }

func (c *pairConn) fail(op string, err error) error {
	if _, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError(op, err)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// attempt repeats try, under the lock, until it is done, and waits for a change
// between.
func (c *pairConn) attempt(op string, deadline *time.Time, try func() (done bool, err error)) error {
	for {
		c.mu.Lock()
		own, _ := c.ends()
		var done bool
		var err error
		switch {
		case own.closed:
			err = net.ErrClosed
		case expired(*deadline):
			err = os.ErrDeadlineExceeded
		default:
			done, err = try()
		}
		changed, until := c.changed, *deadline
		c.mu.Unlock()
		switch {
		case err == io.EOF:
			return err
		case err != nil:
			return c.fail(op, err)
		case done:
			return nil
		}
		await(changed, until)
	}
}

// Read takes what has arrived. After a reset that is first what arrived before
// it, then the reset once, then the end.
func (c *pairConn) Read(p []byte) (n int, err error) {
	own, _ := c.ends()
	err = c.attempt("read", &own.read, func() (bool, error) {
		switch {
		case len(p) == 0:
			return true, nil
		case len(own.unread) > 0:
			n = copy(p, own.unread)
			if own.unread = own.unread[n:]; len(own.unread) == 0 {
				own.unread = nil
			}
			c.wake()
			return true, nil
		case own.fin:
			return true, io.EOF
		case own.fault != nil:
			fault := own.fault
			own.fault, own.fin = nil, true
			return true, fault
		}
		return false, nil
	})
	return n, err
}

// Write sends p; what fits the other end's buffer arrives there at once and
// together. The first write to an end that is gone seems to succeed.
func (c *pairConn) Write(p []byte) (n int, err error) {
	own, other := c.ends()
	err = c.attempt("write", &own.write, func() (bool, error) {
		switch {
		case own.shut:
			return true, syscall.EPIPE
		case own.fault != nil:
			fault := own.fault
			own.fault, own.fin = nil, true
			return true, fault
		case own.broken:
			return true, syscall.EPIPE
		case other.closed:
			own.broken = true
			n = len(p)
			return true, nil
		}
		room := min(len(p)-n, pairBuffer-len(other.unread))
		if room > 0 {
			other.unread = append(other.unread, p[n:n+room]...)
			n += room
			c.wake()
		}
		return n == len(p), nil
	})
	return n, err
}

// Close ends the connection: with a reset if data is left unread or lingering is
// off, else in the usual way.
func (c *pairConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	own, other := c.ends()
	if own.closed {
		return c.fail("close", net.ErrClosed)
	}
	own.closed = true
	if !own.linger || len(own.unread) > 0 {
		other.broken = true
		if !other.fin {
			other.fault = syscall.ECONNRESET
		}
	} else {
		other.fin = true
	}
	own.unread = nil
	c.wake()
	return nil
}

func (c *pairConn) abort() {
	c.SetLinger(0)
	c.Close()
}

// CloseWrite finishes sending; the other end reads the end of the stream.
func (c *pairConn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	own, other := c.ends()
	switch {
	case own.closed:
		return c.fail("close", net.ErrClosed)
	case own.broken:
		return c.fail("shutdown", syscall.ENOTCONN)
	}
	own.shut, other.fin = true, true
	c.wake()
	return nil
}

// Settle waits until pause has passed and the other end has read all that was
// sent, so that it gets what is sent next by a read of its own. It fails when
// nothing can arrive there any more, and at the deadline of a Write.
func (c *pairConn) Settle(pause time.Duration) error {
	due := time.Now().Add(pause)
	for {
		c.mu.Lock()
		own, other := c.ends()
		unread, gone := len(other.unread) > 0, other.closed || own.broken
		closed, changed, until := own.closed, c.changed, own.write
		c.mu.Unlock()
		switch {
		case closed:
			return c.fail("write", net.ErrClosed)
		case gone:
			return c.fail("write", syscall.EPIPE)
		case expired(until):
			return c.fail("write", os.ErrDeadlineExceeded)
		case !unread && expired(due):
			return nil
		}
		if !unread && (until.IsZero() || due.Before(until)) {
			until = due
		}
		await(changed, until)
	}
}

// SetLinger with 0 makes Close reset the connection, as SO_LINGER does; any
// other number of seconds restores the usual way.
func (c *pairConn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	own, _ := c.ends()
	own.linger = seconds != 0
	return nil
}

func (c *pairConn) LocalAddr() net.Addr  { return c.local }
func (c *pairConn) RemoteAddr() net.Addr { return c.remote }

func (c *pairConn) SetDeadline(t time.Time) error      { return c.setDeadlines(&t, &t) }
func (c *pairConn) SetReadDeadline(t time.Time) error  { return c.setDeadlines(&t, nil) }
func (c *pairConn) SetWriteDeadline(t time.Time) error { return c.setDeadlines(nil, &t) }

func (c *pairConn) setDeadlines(read, write *time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	own, _ := c.ends()
	if own.closed {
		return c.fail("set", net.ErrClosed)
	}
	if read != nil {
		own.read = *read
	}
	if write != nil {
		own.write = *write
	}
	c.wake()
	return nil
}
