package relay

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/stepwire/stepwire/netshim/pump"
)

// readLimit is the largest message that is read, in bytes. libcurl.js sends up
// to 65,541.
const readLimit = 128 << 10

// minRate is how fast a peer must take what is written to it, in bytes a
// second, after the write timeout.
const minRate = 16 << 10

// pace is how long writes may take.
type pace struct {
	timeout time.Duration
	rate    int // bytes a second
}

func (p pace) limit(n int) time.Duration {
	return p.timeout + time.Duration(n)*time.Second/time.Duration(p.rate)
}

// socket is the client's WebSocket as the pump sees it, and what the sweeper
// needs to know of it.
type socket struct {
	ws   *websocket.Conn
	tcp  *tapped
	pace pace

	writeBy atomic.Int64 // Unix nanoseconds by which the write under way must be done; 0: none
	pinged  atomic.Bool  // since the last sign of life

	once   sync.Once
	closed sync.WaitGroup // the closing handshake
	ours   atomic.Bool    // the relay closes
}

// accept answers the handshake.
func accept(w http.ResponseWriter, r *http.Request, subprotocols []string, pace pace) (*socket, error) {
	s := &socket{pace: pace}
	hijacker := &hijacker{ResponseWriter: w}
	ws, err := websocket.Accept(hijacker, r, &websocket.AcceptOptions{
		Subprotocols:       subprotocols,
		InsecureSkipVerify: true, // the origin was checked against the policy
		CompressionMode:    websocket.CompressionDisabled,
		OnPongReceived:     func(context.Context, []byte) { s.pinged.Store(false) },
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(readLimit)
	s.ws, s.tcp = ws, hijacker.conn
	return s, nil
}

// Next implements [pump.Socket].
func (s *socket) Next() (io.Reader, error) {
	typ, r, err := s.ws.Reader(context.Background())
	switch {
	case err == nil && typ == websocket.MessageText:
		return nil, pump.ErrText
	case err == nil:
		return r, nil
	}
	if !s.ours.Load() {
		switch websocket.CloseStatus(err) {
		case websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusNoStatusRcvd:
			return nil, fmt.Errorf("%w: %w", pump.ErrClosed, err)
		}
	}
	return nil, err
}

// Write implements [pump.Socket].
func (s *socket) Write(p []byte) error {
	s.writeBy.Store(time.Now().Add(s.pace.limit(len(p))).UnixNano())
	var err error
	if s.tcp.plain != nil {
		err = s.tcp.message(p)
	} else {
		err = s.ws.Write(context.Background(), websocket.MessageBinary, p)
	}
	s.writeBy.Store(0)
	if err == nil {
		s.tcp.touch()
	}
	return err
}

// Close implements [pump.Socket].
func (s *socket) Close(code int, reason string) {
	s.once.Do(func() {
		s.ours.Store(true)
		s.closed.Add(1)
		go func() {
			defer s.closed.Done()
			s.ws.Close(websocket.StatusCode(code), reason)
		}()
	})
}

// kill ends the connection under the WebSocket, also while a write or the
// closing handshake is stuck.
func (s *socket) kill() {
	s.ours.Store(true)
	s.tcp.Close()
}

// release frees what is left after both sides have ended.
func (s *socket) release() {
	s.Close(1001, "")
	s.closed.Wait()
}

// errNoPong and errSlow are why the sweeper kills a connection.
var (
	errNoPong = errors.New("no answer to a ping")
	errSlow   = errors.New("the client does not take what is written to it")
)

// check looks for signs of life and says why to kill the connection, if so.
func (s *socket) check(now time.Time, interval time.Duration) error {
	if by := s.writeBy.Load(); by != 0 {
		if now.UnixNano() > by {
			return errSlow
		}
		return nil
	}
	quiet := now.Sub(s.tcp.moved())
	if quiet < interval {
		s.pinged.Store(false)
		return nil
	}
	if quiet >= 2*interval && s.pinged.Load() {
		return errNoPong
	}
	if !s.pinged.Swap(true) {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), interval)
			defer cancel()
			s.ws.Ping(ctx) // the pong counts as movement; its absence is seen here next time
		}()
	}
	return nil
}

// hijacker lets the relay keep the TCP connection that a WebSocket library
// takes over.
type hijacker struct {
	http.ResponseWriter
	conn *tapped
}

// Hijack implements [http.Hijacker].
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = &tapped{Conn: conn, plain: plainTCP(conn)}
	h.conn.touch()
	rw.Writer.Reset(h.conn) // else it would go past the lock there
	return h.conn, rw, nil
}

// tapped notes when bytes last came, or went, over a connection. Where that is
// plain TCP it also writes messages, each in one system call: the library takes
// two, of which the first is 4 KiB and wakes the client for nothing. Control
// frames remain the library's; each is one Write.
type tapped struct {
	net.Conn
	last  atomic.Int64 // Unix nanoseconds
	plain *net.TCPConn // nil: the library writes the messages

	writing sync.Mutex // a frame at a time
	closing bool       // the close frame has gone out
	head    [10]byte
	parts   [2][]byte
}

func (t *tapped) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if n > 0 {
		t.touch()
	}
	return n, err
}

// opClose is the opcode of a close frame (RFC 6455 §5.5.1).
const opClose = 8

// Write writes a control frame, or what is no frame: the answer to the handshake.
func (t *tapped) Write(p []byte) (int, error) {
	if t.plain == nil {
		return t.Conn.Write(p)
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	if len(p) > 0 && p[0] == 0x80|opClose {
		t.closing = true
	}
	return t.Conn.Write(p)
}

// message writes one binary message as one frame (RFC 6455 §5.2), unmasked as
// all of a server's.
func (t *tapped) message(p []byte) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.closing {
		return net.ErrClosed
	}
	t.parts = [2][]byte{frameHead(t.head[:0], len(p)), p}
	parts := net.Buffers(t.parts[:])
	_, err := parts.WriteTo(t.plain)
	t.parts[1] = nil
	return err
}

// frameHead appends the head of a final binary frame with n bytes of payload.
func frameHead(b []byte, n int) []byte {
	b = append(b, 0x80|byte(websocket.MessageBinary))
	switch {
	case n < 126:
		return append(b, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
}

// plainTCP is the TCP connection that conn writes to without changing anything,
// or nil.
func plainTCP(conn net.Conn) *net.TCPConn {
	if p, ok := conn.(*place); ok {
		conn = p.Conn
	}
	tcp, _ := conn.(*net.TCPConn)
	return tcp
}

func (t *tapped) touch() { t.last.Store(time.Now().UnixNano()) }

func (t *tapped) moved() time.Time { return time.Unix(0, t.last.Load()) }
