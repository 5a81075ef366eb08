// Package demo is the origin server that the page's examples talk to: over TCP
// beside the relay, and over a network inside the page where there is none.
//
// It speaks HTTP/1.1 straight onto connections instead of through
// net/http, because what it must send is exact and often wrong on purpose:
// chunk extensions, folded header lines, a body shorter than its
// Content-Length, a reset in the middle. Each endpoint shows one thing and
// sends the same bytes for the same request every time. For that reason no
// response carries a Date field (RFC 9110 §6.6.1 asks for one only of an origin
// server with a clock, and this one claims none).
//
// Requests are read with bounds on everything a peer controls: the head's size
// and the time it may take, the pause between two bytes, the size of a body
// that is kept, the number of connections.
package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// limits bounds what one peer, and all of them together, can take.
type limits struct {
	conns    int           // connections open at once
	head     int           // bytes of a request head, or of a chunk-size line, or of trailers
	body     int           // bytes of a body that an endpoint keeps in memory
	headTime time.Duration // from a request's first byte to the end of its head
	patience time.Duration // for one read or write that makes no progress
	grace    time.Duration // a connection quiet for less is never closed to make room
	linger   time.Duration // how long a closed connection's late bytes are read
}

// defaultLimits is patient: the person at the other end steps through the
// exchange one call at a time and reads in between.
var defaultLimits = limits{
	conns:    512,
	head:     64 << 10,
	body:     1 << 20,
	headTime: 30 * time.Second,
	patience: 5 * time.Minute,
	grace:    10 * time.Second,
	linger:   2 * time.Second,
}

// Server is a running demo origin.
type Server struct {
	listener  net.Listener
	limits    limits
	epoch     time.Time
	authority string // PEM text; empty without TLS

	mu       sync.Mutex
	conns    map[*conn]struct{}
	draining bool
	running  sync.WaitGroup // the accept loop and every connection
}

// failed is told of a connection that a mistake in this package ended. Nobody is
// in the browser: a logger is a third of what the origin weighs there.
var failed = func(cause any, stack []byte) {}

// Serve serves in the background what a listener accepts, until [Server.Close]
// or [Server.Shutdown], which close the listener, too.
func Serve(l net.Listener) *Server { return serve(l, defaultLimits, "") }

func serve(l net.Listener, limits limits, authority string) *Server {
	s := &Server{listener: l, limits: limits, authority: authority, epoch: time.Now(), conns: map[*conn]struct{}{}}
	s.running.Add(1)
	go s.accept()
	return s
}

// Addr is the literal address the server listens on, "host:port".
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops the server at once, cutting every connection.
func (s *Server) Close() error {
	err := s.stop()
	s.mu.Lock()
	for c := range s.conns {
		c.tcp.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
	return err
}

// Shutdown stops accepting, closes the connections that wait for a request,
// and lets the responses under way finish. When ctx ends first, the rest is
// cut and ctx's error returned.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.stop()
	s.mu.Lock()
	for c := range s.conns {
		if c.idle {
			c.tcp.Close()
		}
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return err
	case <-ctx.Done():
		s.Close()
		return fmt.Errorf("demo origin: responses were cut while draining: %w", ctx.Err())
	}
}

// stop ends accepting; a second call is harmless.
func (s *Server) stop() error {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (s *Server) accept() {
	defer s.running.Done()
	pause := time.Duration(0)
	for {
		tcp, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			// Out of descriptors, most likely: give others time to close theirs.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			time.Sleep(pause)
			continue
		}
		pause = 0
		c := &conn{server: s, tcp: tcp, idle: true}
		c.progressed()
		c.in = bufio.NewReaderSize(c, 4<<10)
		c.out = bufio.NewWriterSize(c, 4<<10)
		if !s.admit(c) {
			continue
		}
		go func() {
			defer s.running.Done()
			defer s.forget(c)
			c.serve()
		}()
	}
}

// admit registers c. When the server is full, the connection that has been
// quiet for longest makes room, so that holding connections open (a
// slow-loris) does not keep others out.
func (s *Server) admit(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		c.tcp.Close()
		return false
	}
	if len(s.conns) >= s.limits.conns {
		quietest := c
		for other := range s.conns {
			if other.progress.Load() < quietest.progress.Load() {
				quietest = other
			}
		}
		if quietest == c || c.progress.Load()-quietest.progress.Load() < int64(s.limits.grace) {
			c.tcp.SetWriteDeadline(time.Now().Add(time.Second))
			io.WriteString(c.tcp, plain("503 Service Unavailable", "Connection: close\r\n",
				"Every connection of this demo origin is busy. Try again in a moment.\n"))
			c.tcp.Close()
			return false
		}
		quietest.tcp.Close()
		delete(s.conns, quietest)
	}
	s.conns[c] = struct{}{}
	s.running.Add(1)
	return true
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// conn is one TCP connection; its Read and Write set the deadlines.
type conn struct {
	server   *Server
	tcp      net.Conn
	in       *bufio.Reader
	out      *bufio.Writer
	served   int          // requests answered so far
	headEnd  time.Time    // absolute deadline while a head is being read, else zero
	progress atomic.Int64 // when bytes last moved, in nanoseconds since the server's epoch
	idle     bool         // waits for a request; guarded by server.mu
}

func (c *conn) progressed() { c.progress.Store(int64(time.Since(c.server.epoch))) }

func (c *conn) Read(p []byte) (int, error) {
	deadline := time.Now().Add(c.server.limits.patience)
	if !c.headEnd.IsZero() && c.headEnd.Before(deadline) {
		deadline = c.headEnd
	}
	if err := c.tcp.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := c.tcp.Read(p)
	if n > 0 {
		c.progressed()
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	if err := c.tcp.SetWriteDeadline(time.Now().Add(c.server.limits.patience)); err != nil {
		return 0, err
	}
	n, err := c.tcp.Write(p)
	if n > 0 {
		c.progressed()
	}
	return n, err
}

// setIdle says whether the connection waits for its peer with nothing under
// way; it reports false when the server is draining and the wait must not
// begin.
func (c *conn) setIdle(idle bool) bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.idle = idle
	return !idle || !c.server.draining
}

// serve answers requests in order until one ends the connection.
func (c *conn) serve() {
	defer c.tcp.Close()
	defer func() {
		if cause := recover(); cause != nil {
			failed(cause, debug.Stack())
		}
	}()
	for {
		if !c.setIdle(true) {
			return
		}
		if _, err := c.in.Peek(1); err != nil {
			return
		}
		c.setIdle(false)

		c.headEnd = time.Now().Add(c.server.limits.headTime)
		raw, err := readHead(c.in, c.server.limits.head)
		c.headEnd = time.Time{}
		if err != nil {
			if f := (*fault)(nil); errors.As(err, &f) {
				c.out.WriteString(f.response())
				c.hangUp()
			}
			return
		}
		c.served++
		x := &exchange{conn: c, req: parseHead(raw)}
		x.body = newBodyReader(c.in, x.req, c.server.limits.head)
		x.body.before = x.sendContinue
		x.serve()
		if x.after == reset {
			c.reset()
			return
		}
		if x.after == keep && x.finishBody() {
			if c.out.Flush() != nil {
				return
			}
			continue
		}
		c.hangUp()
		return
	}
}

// reset ends the transport without a goodbye of any kind.
func (c *conn) reset() {
	transport := c.tcp
	if secure, ok := transport.(interface{ NetConn() net.Conn }); ok {
		transport = secure.NetConn()
	}
	if tcp, ok := transport.(interface{ SetLinger(seconds int) error }); ok {
		tcp.SetLinger(0) // close sends RST
	}
	transport.Close()
}

// hangUp closes so that the peer gets all that was sent: closing with unread
// bytes would make the kernel send a reset, which can overtake the response
// (RFC 9112 §9.6).
func (c *conn) hangUp() {
	if c.out.Flush() != nil {
		return
	}
	half, ok := c.tcp.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.tcp.SetReadDeadline(time.Now().Add(c.server.limits.linger))
	io.CopyN(io.Discard, c.tcp, 256<<10)
}
