//go:build js && wasm

package netshim

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"sync"
	"syscall/js"
	"time"

	"github.com/hack-pad/safejs"

	"github.com/stepwire/stepwire/netshim/internal/imported"
)

// Script is the JavaScript that a page or worker should load before the Go
// program; see the file. A program that runs without it evaluates it.
//
//go:embed socket.js
var Script string

const scriptName = "stepwireSocket"

// shim is the object that Script defines.
type shim struct {
	object safejs.Value
	shared safejs.Value
	buffer js.Value // shared.buffer
	size   int      // its length in bytes
}

var theShim struct {
	once sync.Once
	shim
	err error
}

func loadShim() (*shim, error) {
	s := &theShim
	s.once.Do(func() { s.err = s.shim.load() })
	return &s.shim, s.err
}

func (s *shim) load() error {
	global := safejs.Safe(js.Global())
	object, err := global.Get(scriptName)
	if err == nil && object.IsUndefined() {
		// In CSP's eyes this is eval; hosts that care load the file.
		var function, run safejs.Value
		if function, err = global.Get("Function"); err != nil {
			return err
		}
		if run, err = function.New(Script); err != nil {
			return errors.New("netshim: socket.js was not loaded before the Go program, and cannot be evaluated here: " + err.Error())
		}
		if _, err = run.Invoke(); err != nil {
			return err
		}
		object, err = global.Get(scriptName)
	}
	if err != nil {
		return err
	}
	s.object = object
	if s.shared, err = object.Get("shared"); err != nil {
		return err
	}
	return s.refresh()
}

// refresh takes the shared buffer anew: it is replaced when it has to grow.
func (s *shim) refresh() error {
	b, err := s.shared.Get("buffer")
	if err != nil {
		return err
	}
	s.buffer = safejs.Unsafe(b)
	s.size, err = b.Length()
	return err
}

// socket is a Transport over a WebSocket of JavaScript.
type socket struct {
	shim    *shim
	object  js.Value
	id      uint32
	wake    safejs.Func
	signal  chan struct{} // a token when take may have something new
	closed  chan struct{}
	once    sync.Once
	ended   bool // Recv saw the end
	batch   []byte
	rest    []byte // messages of batch not yet returned
	limit   int
	scratch []byte

	mu      sync.Mutex
	drain   func()
	unsent  backlog
	polling bool
}

// retryPlain: a browser fails where an offered subprotocol is not selected,
// and does not say so.
const retryPlain = true

const (
	firstBatch = 64 << 10
	mostBatch  = 512 << 10
)

func newSocket(start func(s *shim, wake safejs.Func) (safejs.Value, error)) (*socket, error) {
	sh, err := loadShim()
	if err != nil {
		return nil, err
	}
	s := &socket{
		shim:   sh,
		signal: make(chan struct{}, 1),
		closed: make(chan struct{}),
		limit:  firstBatch,
		drain:  func() {},
	}
	s.wake, err = safejs.FuncOf(func(safejs.Value, []safejs.Value) any {
		s.woken()
		return nil
	})
	if err != nil {
		return nil, err
	}
	object, err := start(sh, s.wake)
	if err != nil {
		s.wake.Release()
		return nil, err
	}
	s.object = safejs.Unsafe(object)
	s.id = uint32(s.object.Get("id").Int())
	numbered.mu.Lock()
	defer numbered.mu.Unlock()
	numbered.sockets[s.id] = s
	return s, nil
}

// numbered are the sockets that are not closed.
var numbered = struct {
	mu      sync.Mutex
	sockets map[uint32]*socket
}{sockets: map[uint32]*socket{}}

func init() {
	imported.Woken = func(id uint32) {
		numbered.mu.Lock()
		s := numbered.sockets[id]
		numbered.mu.Unlock()
		if s != nil {
			s.woken()
		}
	}
}

func (s *socket) woken() {
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

// AcceptWebSocket makes a Transport of a WebSocket that exists already, such as
// the server end of a WebSocketPair. Call it before the WebSocket's accept
// method, so that no message is missed; it does not wait for "open".
func AcceptWebSocket(ws safejs.Value) (Transport, error) {
	s, err := newSocket(func(sh *shim, wake safejs.Func) (safejs.Value, error) {
		return sh.object.Call("adopt", ws, wake)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// openWebSocket dials. The error is a *CloseError once the WebSocket was
// tried, and the context's error when that ended first.
func openWebSocket(ctx context.Context, url, subprotocol string, _ *DialOptions) (Transport, error) {
	s, err := newSocket(func(sh *shim, wake safejs.Func) (safejs.Value, error) {
		return sh.object.Call("open", url, subprotocol, wake)
	})
	if err != nil {
		return nil, err
	}
	for {
		if s.object.Get("opened").Bool() && !s.object.Get("closed").Bool() {
			return s, nil
		}
		// take arms the wake-up; before "open" it can only say 0 or the end.
		if n := s.object.Call("take", 0).Int(); n < 0 {
			err := s.closeError()
			s.Close(1000, "")
			return nil, err
		}
		select {
		case <-s.signal:
		case <-ctx.Done():
			s.Close(1000, "")
			return nil, ctx.Err()
		}
	}
}

func (s *socket) closeError() *CloseError {
	e := &CloseError{Code: s.object.Get("code").Int(), Reason: s.object.Get("reason").String()}
	if fault := s.object.Get("fault").String(); fault != "" {
		e.Err = errors.New(fault)
	}
	return e
}

var errLocalClose = &CloseError{Code: 1000, Reason: "closed here"}

func (s *socket) Recv() ([]byte, error) {
	for len(s.rest) == 0 {
		if s.ended {
			return nil, errLocalClose
		}
		n, err := s.fill()
		if err != nil {
			s.ended = true
			return nil, err
		}
		if n == 0 {
			select {
			case <-s.signal:
			case <-s.closed:
			}
		}
	}
	n := binary.LittleEndian.Uint32(s.rest)
	msg := s.rest[4 : 4+n : 4+n]
	s.rest = s.rest[4+n:]
	return msg, nil
}

// fill takes a batch of messages.
func (s *socket) fill() (int, error) {
	select {
	case <-s.closed:
		return 0, errLocalClose
	default:
	}
	n, err := s.take()
	if n <= 0 || err != nil {
		return 0, err
	}
	s.rest = s.batch[:n]
	if n > s.limit/2 && s.limit < mostBatch {
		s.limit *= 2
	}
	return n, nil
}

// take fills the batch and says with how much; 0 is nothing yet.
func (s *socket) take() (int, error) {
	var n int
	if imported.Take != nil {
		n = imported.Take(s.id, s.batch)
		if n < -1 {
			s.grow(-n)
			n = imported.Take(s.id, s.batch)
		}
	} else {
		n = s.object.Call("take", s.limit).Int()
	}
	if n < 0 {
		err := s.closeError()
		s.Close(1000, "")
		return 0, err
	}
	if imported.Take != nil || n == 0 {
		return n, nil
	}
	if n > s.shim.size {
		if err := s.shim.refresh(); err != nil {
			return 0, &CloseError{Code: 1006, Err: err}
		}
	}
	s.grow(n)
	return js.CopyBytesToGo(s.batch[:n], s.shim.buffer), nil
}

// grow makes room for a batch of n bytes.
func (s *socket) grow(n int) {
	if s.batch == nil && n >= keepLen {
		if kept, ok := messages.Get().(*[]byte); ok {
			s.batch = *kept
		}
	}
	if n > len(s.batch) {
		s.batch = make([]byte, max(n, min(s.limit, 4*n)))
	}
}

// keep implements keeper. A batch with more messages in it is needed for those.
func (s *socket) keep(bytes int) []byte {
	if len(s.rest) > 0 || len(s.batch) > 4*bytes {
		return nil
	}
	whole := s.batch
	s.batch = nil
	return whole
}

func (s *socket) Send(head, body []byte) error {
	select {
	case <-s.closed:
		return errLocalClose
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var unsent int
	if imported.Send != nil {
		unsent = imported.Send(s.id, head, body)
	} else {
		s.scratch = append(append(s.scratch[:0], head...), body...)
		if len(s.scratch) > s.shim.size {
			return &CloseError{Code: 1009, Err: errors.New("a message too long to send")}
		}
		js.CopyBytesToJS(s.shim.buffer, s.scratch)
		unsent = s.object.Call("send", len(s.scratch)).Int()
	}
	if unsent < 0 {
		return &CloseError{Code: 1006, Err: errors.New("send after the end")}
	}
	if s.unsent.set(unsent) {
		go s.drain() // it may call back
	}
	if s.unsent.full && !s.polling {
		s.polling = true
		go s.poll()
	}
	return nil
}

// poll waits for the browser to have sent: there is no event for it.
func (s *socket) poll() {
	tick := time.NewTicker(4 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.closed:
		}
		s.mu.Lock()
		drained := s.unsent.set(s.object.Call("unsent").Int())
		if !s.unsent.full {
			s.polling = false
			drain := s.drain
			s.mu.Unlock()
			if drained {
				drain()
			}
			return
		}
		s.mu.Unlock()
	}
}

func (s *socket) Full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unsent.full
}

func (s *socket) OnDrain(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drain = f
}

func (s *socket) Close(code int, reason string) {
	s.once.Do(func() {
		close(s.closed)
		numbered.mu.Lock()
		delete(numbered.sockets, s.id)
		numbered.mu.Unlock()
		// A code or reason that close does not take is a mistake of ours, and
		// throws: the WebSocket is then left to the browser.
		_, _ = safejs.Safe(s.object).Call("close", code, reason)
		s.wake.Release()
	})
}
