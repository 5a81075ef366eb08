//go:build js && wasm

package main

import (
	"errors"
	"fmt"
	"io"
	"time"
	"unsafe"

	"github.com/stepwire/stepwire/netshim/pump"
)

// socket is the client's WebSocket as [pump.Socket].
type socket struct {
	wire *wire
	ours bool // the relay closes
}

// Next implements [pump.Socket].
func (s *socket) Next() (io.Reader, error) {
	for {
		switch n := wireNext(); n {
		case nothing:
			<-s.wire.client
		case text:
			return nil, pump.ErrText
		case ended:
			return nil, s.end()
		default:
			return &message{int(n)}, nil
		}
	}
}

// end says how the WebSocket ended.
func (s *socket) end() error {
	code := 1006
	if v, err := s.wire.object.Call("closeCode"); err == nil {
		code, _ = v.Int()
	}
	err := fmt.Errorf("websocket closed: %d %s", code, s.wire.text("closeFault"))
	if !s.ours && (code == 1000 || code == 1001 || code == 1005) {
		return fmt.Errorf("%w: %w", pump.ErrClosed, err)
	}
	return err
}

// message reads the WebSocket's next message.
type message struct{ left int }

// Read moves bytes from the message straight to p.
func (m *message) Read(p []byte) (int, error) {
	if m.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	n := int(wireReceive(unsafe.Pointer(&p[0]), int32(len(p))))
	m.left -= n
	return n, nil
}

var errSend = errors.New("the websocket does not send any more")

// maxUnsent is how many bytes the platform may hold for the client before the
// relay waits. Only clients without credit reach it.
const maxUnsent = 4 << 20

// Write implements [pump.Socket]. There is no event for the platform having
// sent, so that waiting is polling.
func (s *socket) Write(p []byte) error {
	unsent := wireSend(unsafe.Pointer(&p[0]), int32(len(p)))
	for unsent > maxUnsent {
		time.Sleep(5 * time.Millisecond)
		unsent = wireUnsent()
	}
	if unsent < 0 {
		return errSend
	}
	return nil
}

// Close implements [pump.Socket].
func (s *socket) Close(code int, reason string) {
	if s.ours {
		return
	}
	s.ours = true
	s.wire.do("close", code, reason)
}

// release closes, where nobody did, and waits for the client's answer, within
// wire.mjs's bound: a program that has ended cannot be called any more.
func (s *socket) release() {
	s.Close(1000, "")
	for wireNext() != ended {
		<-s.wire.client
	}
}
