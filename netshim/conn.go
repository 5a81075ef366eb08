package netshim

import (
	"io"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// Conn is a connection to a destination behind a relay. It is a full net.Conn:
// a deadline ends the calls it is for, not the connection, and loses no byte.
type Conn struct {
	host   string
	port   int
	link   link
	local  Addr
	remote Addr

	writing sync.Mutex // one Write at a time, in the order of the calls

	mu       sync.Mutex
	opened   chan struct{} // closed when the destination is connected, or rerr is set
	isOpen   bool
	in       queue
	into     []byte   // of a Read that waits: what arrives is copied there; nil: none waits
	got      int      // bytes copied there
	rerr     error    // what follows in: io.EOF, or nil while more may come
	rfail    *failure // what follows in instead, when it is not the end
	wfail    *failure // why nothing can be written any more
	closed   bool
	shut     bool // CloseWrite was called
	starved  bool // a Write waits for the link
	readable sync.Cond
	writable sync.Cond
	room     sync.Cond // the queue is no longer too long for its link
	rdl, wdl deadline
}

// link is how a Conn's bytes travel: as a stream of a session, or as a
// WebSocket's messages. Its methods are called with Conn.mu held, but for
// release.
type link interface {
	// write sends a part of p, as one message, and says how long it was; 0
	// means to wait until Conn.writable is signalled.
	write(p []byte) (int, error)
	// consumed tells that n bytes were read.
	consumed(n int)
	// finish ends this side's direction, or says that it cannot.
	finish() error
	// close ends the connection.
	close()
	// release gives up what carried the connection, where it did nothing else.
	release()
}

func newConn(host string, port int, network, relay string) *Conn {
	c := &Conn{
		host: host, port: port,
		opened: make(chan struct{}),
		local:  Addr{network, relay},
		remote: Addr{network, net.JoinHostPort(host, strconv.Itoa(port))},
	}
	c.readable.L, c.writable.L, c.room.L = &c.mu, &c.mu, &c.mu
	c.rdl.cond, c.wdl.cond = &c.readable, &c.writable
	return c
}

// Addr is an end of a Conn. The remote end is the destination as it was dialed:
// the relay resolves names. The local end is the relay, without path.
type Addr struct{ network, text string }

// Network is "wisp" or "wsproxy".
func (a Addr) Network() string { return a.network }

// String gives host:port of the destination, or scheme and host of the relay.
func (a Addr) String() string { return a.text }

// LocalAddr gives the relay's address.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr gives the destination as it was dialed.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

func (c *Conn) fail(f *failure, op string) error { return f.during(op, c.host, c.port) }

// Read reads what arrived. It gives io.EOF only after the destination closed
// and all it sent was read.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.fail(failClosed, "read")
		case c.rdl.expired:
			return 0, c.fail(failLate, "read")
		case len(p) == 0:
			return 0, nil
		case c.in.n > 0:
			n := c.in.read(p)
			c.link.consumed(n)
			c.room.Broadcast()
			return n, nil
		case c.rfail != nil:
			return 0, c.fail(c.rfail, "read")
		case c.rerr != nil:
			return 0, c.rerr
		}
		if n := c.await(p); n > 0 {
			c.link.consumed(n)
			return n, nil
		}
	}
}

// await waits for something to have changed. What arrives meanwhile it has
// copied to p, without the detour over the queue: it says how much.
func (c *Conn) await(p []byte) (n int) {
	mine := c.into == nil
	if mine {
		c.into, c.got = p, 0
	}
	c.readable.Wait()
	if mine {
		n = c.got
		c.into = nil
	}
	return n
}

// WriteTo writes what arrives to w, up to the end, from where it arrived: it
// spares the copy that Read makes. It is what [io.Copy] uses.
func (c *Conn) WriteTo(w io.Writer) (total int64, err error) {
	for {
		p, err := c.next()
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		n, err := w.Write(p.b)
		total += int64(n)
		if err == nil && n < len(p.b) {
			err = io.ErrShortWrite
		}
		c.taken(p)
		if err != nil {
			return total, err
		}
	}
}

// next waits for bytes and takes the first of them out of the queue.
func (c *Conn) next() (part, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return part{}, c.fail(failClosed, "read")
		case c.rdl.expired:
			return part{}, c.fail(failLate, "read")
		case c.in.n > 0:
			return c.in.pop(), nil
		case c.rfail != nil:
			return part{}, c.fail(c.rfail, "read")
		case c.rerr != nil:
			return part{}, c.rerr
		}
		c.readable.Wait()
	}
}

// taken tells that what next gave is used up.
func (c *Conn) taken(p part) {
	n := len(p.b)
	p.free()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.link.consumed(n)
		c.room.Broadcast()
	}
}

// Buffered counts the bytes that arrived and were not read: a Read of no more
// does not wait.
func (c *Conn) Buffered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in.n
}

// Write sends p. It returns when the last of p is queued in the WebSocket and
// covered by the relay's credit, where the relay gives credit.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	done := 0
	for {
		switch {
		case c.closed:
			return done, c.fail(failClosed, "write")
		case c.wdl.expired:
			return done, c.fail(failLate, "write")
		case c.shut:
			return done, c.fail(failShut, "write")
		case c.wfail != nil:
			return done, c.fail(c.wfail, "write")
		case done == len(p):
			return done, nil
		}
		n, err := c.link.write(p[done:])
		if err != nil {
			return done, c.fail(lostFailure(err), "write")
		}
		if done += n; n == 0 {
			c.starved = true
			c.room.Broadcast()
			c.writable.Wait()
			c.starved = false
		}
	}
}

// ErrNoHalfClose is what CloseWrite unwraps to where the relay knows no
// half-close.
var ErrNoHalfClose error = syscall.EOPNOTSUPP

// CloseWrite tells the destination that nothing more is written; reading goes
// on. It needs a relay with the flow extension (package wisp): with another it
// does nothing but give an error that unwraps to ErrNoHalfClose.
func (c *Conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return c.fail(failClosed, "close")
	case c.shut:
		return nil
	case c.wfail != nil:
		return c.fail(c.wfail, "close")
	}
	if err := c.link.finish(); err != nil {
		return c.fail(&failure{text: err.Error(), party: PartyRelay, causes: []error{err}}, "close")
	}
	c.shut = true
	c.writable.Broadcast()
	return nil
}

// Close ends the connection and the calls that wait on it. What was written is
// still delivered.
func (c *Conn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.fail(failClosed, "close")
	}
	c.closed = true
	c.link.close()
	c.in.drop()
	c.rdl.stop()
	c.wdl.stop()
	c.wake()
	c.mu.Unlock()
	c.link.release()
	return nil
}

func (c *Conn) wake() {
	c.readable.Broadcast()
	c.writable.Broadcast()
	c.room.Broadcast()
}

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.setDeadline(t, &c.rdl, &c.wdl)
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.setDeadline(t, &c.rdl)
}

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.setDeadline(t, &c.wdl)
}

func (c *Conn) setDeadline(t time.Time, ds ...*deadline) error {
	if c.closed {
		return c.fail(failClosed, "set deadline")
	}
	for _, d := range ds {
		d.set(t)
	}
	return nil
}

// deadline is a point in time for one direction. It is guarded by the lock of
// its condition.
type deadline struct {
	cond    *sync.Cond
	timer   *time.Timer
	expired bool
	count   int // of calls to set, so that a timer knows it was replaced
}

func (d *deadline) stop() {
	d.count++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

func (d *deadline) set(t time.Time) {
	d.stop()
	d.expired = false
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		d.expired = true
		d.cond.Broadcast()
		return
	}
	count := d.count
	d.timer = time.AfterFunc(left, func() {
		d.cond.L.Lock()
		defer d.cond.L.Unlock()
		if d.count == count {
			d.expired = true
			d.cond.Broadcast()
		}
	})
}

// The rest is called by what reads the WebSocket.

// open tells that the destination is connected.
func (c *Conn) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isOpen = true
	c.settle()
}

// credit tells that more may be written.
func (c *Conn) credit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writable.Broadcast()
}

// A keeper is a Transport that can give away the buffer of the message that its
// Recv returned last: nil when that is too large for so few bytes.
type keeper interface{ keep(bytes int) []byte }

// keepLen is how many bytes are worth a buffer of their own.
const keepLen = 32 << 10

// deliver queues bytes that arrived as, or in, the last message of t, and says
// how many wait.
func (c *Conn) deliver(p []byte, t Transport) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.rerr != nil || c.rfail != nil {
		return 0
	}
	defer c.readable.Broadcast()
	if k, ok := t.(keeper); ok && len(p) >= keepLen {
		if whole := k.keep(len(p)); whole != nil {
			c.in.adopt(p, whole)
			return c.in.n
		}
	}
	if c.into != nil && c.in.n == 0 {
		n := copy(c.into[c.got:], p)
		c.got += n
		p = p[n:]
	}
	c.in.write(p)
	return c.in.n
}

// waitRoom waits until at most n bytes are queued. With heed it gives up when
// a Write waits: its credit may come behind what is not read.
func (c *Conn) waitRoom(n int, heed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.in.n > n && !c.closed && !(heed && c.starved) {
		c.room.Wait()
	}
}

// eof tells that the destination closed its side. both says that the stream is
// over, so that nothing can be written either.
func (c *Conn) eof(both bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rerr == nil && c.rfail == nil {
		c.rerr = io.EOF
	}
	if both && c.wfail == nil {
		c.wfail = failPipe
	}
	c.settle()
}

// end tells that the connection broke. What the destination had ended before
// stays ended well.
func (c *Conn) end(f *failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rerr == nil && c.rfail == nil {
		c.rfail = f
	}
	if c.wfail == nil {
		c.wfail = f
	}
	c.settle()
}

// settle wakes all who wait, Dial included.
func (c *Conn) settle() {
	select {
	case <-c.opened:
	default:
		close(c.opened)
	}
	c.wake()
}

// dialed says, after opened was closed, how the dial went.
func (c *Conn) dialed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.isOpen || c.rerr != nil:
		return nil
	case c.rfail != nil:
		return c.fail(c.rfail, "dial")
	}
	return c.fail(reasonFailure(wisp.ReasonUnspecified, c.host, c.port), "dial")
}
