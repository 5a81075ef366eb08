//go:build !js

package netshim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// retryPlain: a native client sees whether a subprotocol was selected.
const retryPlain = false

// linger is how long a closed transport may take to send what is queued and
// to finish the closing handshake.
const linger = 5 * time.Second

// flushWait is how much of that Close itself waits for, so that a program
// that exits right after Close does not lose what it wrote.
const flushWait = time.Second

// socket is a Transport over coder/websocket.
type socket struct {
	ws      *websocket.Conn
	wire    *wire           // below it; nil: the library writes the messages
	ctx     context.Context // ends the connection; never a single read or write
	cancel  context.CancelFunc
	buf     []byte
	flushed chan struct{} // closed when the writer has nothing more to do

	mu     sync.Mutex
	more   sync.Cond // the writer waits for work
	out    [][]byte
	queued backlog // of out, and what is being written
	drain  func()
	closed bool // by Close
	failed bool // a write failed: nothing more goes out
	code   int
	reason string
}

// NewTransport makes a Transport of a native WebSocket, either end.
func NewTransport(ws *websocket.Conn) Transport { return newSocket(ws, nil) }

func newSocket(ws *websocket.Conn, wire *wire) *socket {
	ws.SetReadLimit(maxMessage)
	s := &socket{ws: ws, wire: wire, flushed: make(chan struct{}), drain: func() {}}
	s.more.L = &s.mu
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if wire != nil {
		context.AfterFunc(s.ctx, func() { wire.Close() }) // also in the middle of a frame
	}
	go s.write()
	return s
}

// openWebSocket dials. The error is a *CloseError once the relay was tried,
// and the context's error when that ended first.
func openWebSocket(ctx context.Context, relay, subprotocol string, opts *DialOptions) (Transport, error) {
	below := &tap{}
	o := &websocket.DialOptions{CompressionMode: websocket.CompressionDisabled, HTTPClient: &http.Client{Transport: below}}
	if subprotocol != "" {
		o.Subprotocols = []string{subprotocol}
	}
	if opts.Origin != "" {
		o.HTTPHeader = http.Header{"Origin": {opts.Origin}}
	}
	ws, resp, err := websocket.Dial(ctx, relay, o)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
			err = errors.New("it answered the WebSocket handshake with " + strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode))
		}
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // without the URL, which may hold a token
		}
		return nil, &CloseError{Code: 1006, Err: err}
	}
	return newSocket(ws, below.wire), nil
}

func (s *socket) Recv() ([]byte, error) {
	kind, r, err := s.ws.Reader(s.ctx)
	if err != nil {
		return nil, s.end(err)
	}
	if kind != websocket.MessageBinary {
		s.Close(4003, "a text message; expected binary")
		return nil, &CloseError{Code: 1003, Err: errors.New("a text message; expected binary")}
	}
	if s.buf == nil {
		if kept, ok := messages.Get().(*[]byte); ok {
			s.buf = *kept
		}
	}
	s.buf = s.buf[:0]
	for {
		if len(s.buf) == cap(s.buf) {
			s.buf = append(s.buf, make([]byte, max(4096, cap(s.buf)))...)[:len(s.buf)]
		}
		n, err := r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if err == io.EOF {
			return s.buf, nil
		}
		if err != nil {
			return nil, s.end(err)
		}
	}
}

// keep implements keeper.
func (s *socket) keep(bytes int) []byte {
	if cap(s.buf) > 4*bytes {
		return nil
	}
	whole := s.buf
	s.buf = nil
	return whole
}

// end says how the WebSocket ended, and stops the writer.
func (s *socket) end(err error) error {
	s.Close(1000, "")
	var ce websocket.CloseError
	if errors.As(err, &ce) {
		return &CloseError{Code: int(ce.Code), Reason: ce.Reason}
	}
	return &CloseError{Code: 1006, Err: err}
}

func (s *socket) Send(head, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.failed {
		return &CloseError{Code: 1006, Err: errors.New("send after the end")}
	}
	var msg []byte
	if s.wire != nil {
		msg = newFrame(head, body)
	} else {
		msg = append(append(make([]byte, 0, len(head)+len(body)), head...), body...)
	}
	s.out = append(s.out, msg)
	s.queued.add(len(msg))
	s.more.Signal()
	return nil
}

// write sends what is queued, then closes.
func (s *socket) write() {
	s.mu.Lock()
	for {
		for len(s.out) == 0 && !s.closed {
			s.more.Wait()
		}
		if len(s.out) == 0 || s.failed {
			break
		}
		msg := s.out[0]
		s.out[0] = nil
		s.out = s.out[1:]
		s.mu.Unlock()
		n := len(msg)
		err := s.writeOut(msg)
		s.mu.Lock()
		left := s.queued.n - n
		if err != nil {
			s.failed = true
			s.out, left = nil, 0
		}
		if s.queued.set(left) {
			drain := s.drain
			s.mu.Unlock()
			drain()
			s.mu.Lock()
		}
	}
	code, reason := s.code, s.reason
	s.mu.Unlock()
	close(s.flushed)
	s.ws.Close(websocket.StatusCode(code), reason)
	s.cancel()
}

// writeOut writes what Send made, which is not to be used after.
func (s *socket) writeOut(msg []byte) error {
	if s.wire == nil {
		return s.ws.Write(s.ctx, websocket.MessageBinary, msg)
	}
	defer freeFrame(msg)
	return s.wire.message(msg)
}

func (s *socket) Full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queued.full
}

func (s *socket) OnDrain(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drain = f
}

func (s *socket) Close(code int, reason string) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed, s.code, s.reason = true, code, reason
	s.more.Signal()
	s.mu.Unlock()
	kill := time.AfterFunc(linger, s.cancel)
	context.AfterFunc(s.ctx, func() { kill.Stop() })
	select {
	case <-s.flushed:
	case <-time.After(flushWait):
	}
}
