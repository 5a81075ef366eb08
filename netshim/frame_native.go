//go:build !js

package netshim

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/coder/websocket"
)

// wire is what a WebSocket's bytes go over. The library writes a message to it
// in pieces of 4 KiB, each a system call; so messages go past the library, whole,
// and only control frames remain the library's. Each of those is one Write.
type wire struct {
	io.ReadWriteCloser

	mu      sync.Mutex // a frame at a time
	closing bool       // the close frame has gone out
}

// opClose is the opcode of a close frame (RFC 6455 §5.5.1).
const opClose = 8

// Write writes a control frame.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(p) > 0 && p[0] == 0x80|opClose {
		w.closing = true
	}
	return w.ReadWriteCloser.Write(p)
}

// message writes the frame of a message.
func (w *wire) message(frame []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing {
		return net.ErrClosed
	}
	_, err := w.ReadWriteCloser.Write(frame)
	return err
}

// tap is an [http.RoundTripper] that keeps what the last answer was upgraded to.
type tap struct{ wire *wire }

func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	t.wire = nil
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if rwc, ok := resp.Body.(io.ReadWriteCloser); ok {
		t.wire = &wire{ReadWriteCloser: rwc}
		resp.Body = t.wire
	}
	return resp, nil
}

// frameHead is the longest head of a frame: two bytes, a length, a masking key.
const frameHead = 2 + 8 + 4

const (
	pooledFrom  = 48 << 10  // a frame as long as this has a buffer from the pool,
	pooledFrame = 132 << 10 // of this size
)

var frames = sync.Pool{New: func() any { return new([pooledFrame]byte) }}

// newFrame makes the frame of a client's binary message (RFC 6455 §5.2).
func newFrame(head, body []byte) []byte {
	n := len(head) + len(body)
	var b []byte
	if most := frameHead + n; most >= pooledFrom && most <= pooledFrame {
		b = frames.Get().(*[pooledFrame]byte)[:0]
	} else {
		b = make([]byte, 0, most)
	}
	b = append(b, 0x80|byte(websocket.MessageBinary))
	const masked = 0x80
	switch {
	case n < 126:
		b = append(b, masked|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, masked|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|127), uint64(n))
	}
	var key [4]byte
	rand.Read(key[:])
	b = append(b, key[:]...)
	start := len(b)
	b = b[:start+n]
	maskInto(b[start:], head, body, key)
	return b
}

// freeFrame takes back a frame that was written.
func freeFrame(b []byte) {
	if cap(b) == pooledFrame {
		frames.Put((*[pooledFrame]byte)(b[:pooledFrame]))
	}
}

// maskInto copies head and body to dst, masked (RFC 6455 §5.3).
func maskInto(dst, head, body []byte, key [4]byte) {
	// The key over and over, and once more, so that it can be begun anywhere.
	var keys [1024 + 4]byte
	word := binary.LittleEndian.Uint32(key[:])
	for i := 0; i < min(len(keys), len(dst)+4); i += 4 {
		binary.LittleEndian.PutUint32(keys[i:], word)
	}
	at := 0
	for _, p := range [...][]byte{head, body} {
		for phase := at % 4; len(p) > 0; {
			n := subtle.XORBytes(dst[at:], p, keys[phase:][:min(len(p), 1024)])
			at += n
			p = p[n:]
		}
	}
}
