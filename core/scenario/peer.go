package scenario

import (
	"bytes"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// A DeadlineListener is a net.Listener whose Accept can be bounded, as that of
// *net.TCPListener and of *Listener.
type DeadlineListener interface {
	net.Listener
	SetDeadline(time.Time) error
}

// drainTime is how long the peer looks for one more connection made before it
// stopped listening; they are in the backlog already, so none has to be waited
// for.
const drainTime = 2 * time.Millisecond

// PeerOptions is what a scenario's actions may need from outside.
type PeerOptions struct {
	// Certificate is the PEM file, certificate and key, that a tls action names.
	Certificate func(name string) ([]byte, error)
	// Grace is how long Stop waits for connections that the client left open; 3 s if zero.
	Grace time.Duration
}

// A Peer plays a scenario's connections. With no scripted connection it does not
// listen at all; connections past the scripted ones are accepted and only read.
type Peer struct {
	Host string
	Port int

	scripts  []Script
	options  PeerOptions
	listener DeadlineListener
	accepted chan struct{} // closed when nothing more is accepted
	stopping chan struct{}
	closing  sync.Once

	mu    sync.Mutex
	conns []*peerConn
}

// StartPeer plays the scripts on connections to l, which it owns from here on.
func StartPeer(scripts []Script, l DeadlineListener, options *PeerOptions) *Peer {
	p := &Peer{scripts: scripts, listener: l, accepted: make(chan struct{}), stopping: make(chan struct{})}
	p.Host, p.Port = splitAddress(l.Addr())
	if options != nil {
		p.options = *options
	}
	if len(scripts) == 0 {
		p.closing.Do(func() { l.Close() })
		close(p.accepted)
		return p
	}
	go p.accept()
	return p
}

func (p *Peer) accept() {
	defer close(p.accepted)
	draining := false
	for {
		if draining {
			// Set here, right before Accept: on a busy machine a deadline that
			// another goroutine set has passed before this one runs, and Accept
			// then fails whatever the backlog holds.
			p.listener.SetDeadline(time.Now().Add(drainTime))
		}
		conn, err := p.listener.Accept()
		if !draining && errors.Is(err, os.ErrDeadlineExceeded) {
			draining = true
			continue
		}
		if err != nil {
			p.listener.Close()
			return
		}
		p.mu.Lock()
		var script Script
		if len(p.conns) < len(p.scripts) {
			script = p.scripts[len(p.conns)]
		}
		c := &peerConn{peer: p, conn: conn, raw: conn, done: make(chan struct{})}
		p.conns = append(p.conns, c)
		p.mu.Unlock()
		go c.run(script)
	}
}

// stopListening refuses connections from here on. Those made before still count.
func (p *Peer) stopListening() {
	p.closing.Do(func() { p.listener.SetDeadline(time.Now()) }) // wakes Accept
	<-p.accepted
}

// Stop ends the peer, once the client is gone, and returns what each connection
// received, in the order in which they were accepted.
func (p *Peer) Stop() [][]byte {
	close(p.stopping)
	p.stopListening()
	grace := p.options.Grace
	if grace == 0 {
		grace = 3 * time.Second
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	p.mu.Lock()
	conns := p.conns
	p.mu.Unlock()
	received := make([][]byte, len(conns))
	for i, c := range conns {
		select {
		case <-c.done:
		case <-late.C:
			late.Reset(0)
			c.raw.Close()
			<-c.done
		}
		received[i] = c.received
	}
	return received
}

// errHangup ends a script whose client closed while bytes were still awaited.
var errHangup = errors.New("the client closed")

// peerConn is one accepted connection: its script, then reading until the client
// closes.
type peerConn struct {
	peer     *Peer
	raw      net.Conn // the transport
	conn     net.Conn // what the script reads and writes: the transport, or TLS over it
	received []byte   // all of it; read by others once done is closed
	used     int      // how much of it the script has consumed
	buffer   [16 << 10]byte
	done     chan struct{}
}

func (c *peerConn) run(script Script) {
	defer close(c.done)
	defer func() { c.raw.Close() }()
	for _, action := range script {
		if c.perform(action) != nil {
			return
		}
	}
	for c.more() == nil {
	}
}

func (c *peerConn) more() error {
	n, err := c.conn.Read(c.buffer[:])
	c.received = append(c.received, c.buffer[:n]...)
	if n > 0 {
		return nil
	}
	if err == nil {
		err = errHangup
	}
	return err
}

var endOfHead = []byte("\r\n\r\n")

func (c *peerConn) perform(action Action) error {
	switch action.Kind {
	case "recv_head":
		return c.receiveUntil(endOfHead)
	case "recv_until":
		return c.receiveUntil(action.Bytes)
	case "recv_n":
		for len(c.received) < c.used+action.N {
			if err := c.more(); err != nil {
				return err
			}
		}
		c.used += action.N
	case "send":
		for range action.Repeat {
			if _, err := c.conn.Write(action.Bytes); err != nil {
				return err
			}
		}
	case "sleep_ms":
		timer := time.NewTimer(time.Duration(action.N) * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.peer.stopping:
		}
	case "shutdown_write":
		half, ok := c.raw.(interface{ CloseWrite() error })
		if !ok {
			return errors.ErrUnsupported
		}
		return half.CloseWrite()
	case "close":
		c.raw.Close()
	case "reset":
		if conn, ok := c.raw.(interface{ SetLinger(int) error }); ok {
			conn.SetLinger(0)
		}
		c.raw.Close()
	case "stop_listening":
		c.peer.stopListening()
	case "tls":
		return c.startTLS(action.Text)
	}
	return nil
}

func (c *peerConn) receiveUntil(mark []byte) error {
	from := max(0, c.used)
	for {
		if at := bytes.Index(c.received[from:], mark); at >= 0 {
			c.used = from + at + len(mark)
			return nil
		}
		from = max(from, len(c.received)-len(mark)+1)
		if err := c.more(); err != nil {
			return err
		}
	}
}

// serveTLS makes a TLS server's connection of a transport; nil where this build
// has no TLS.
var serveTLS func(conn net.Conn, certificate []byte) (net.Conn, error)

func (c *peerConn) startTLS(name string) error {
	if serveTLS == nil || c.peer.options.Certificate == nil {
		return errors.ErrUnsupported
	}
	pem, err := c.peer.options.Certificate(name)
	if err != nil {
		return err
	}
	conn, err := serveTLS(c.conn, pem)
	if err == nil {
		c.conn = conn
	}
	return err
}

// CertificatesIn finds certificates as files of a folder.
func CertificatesIn(folder string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) { return os.ReadFile(folder + string(os.PathSeparator) + name) }
}
