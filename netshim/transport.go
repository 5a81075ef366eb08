package netshim

import "strconv"

// Transport carries binary messages over one WebSocket. Dial makes its own;
// the interface exists so that the other end of a WebSocket, or a test, can use
// the same connections. Send, Full and Close may be called concurrently with
// each other and with one Recv.
type Transport interface {
	// Send queues one message made of head and body, and keeps neither. It
	// does not block. After the WebSocket closed it gives an error.
	Send(head, body []byte) error
	// Full tells that much is queued and unsent: a writer of data should wait
	// until the function given to OnDrain is called.
	Full() bool
	// OnDrain sets the function called when a transport that was Full no
	// longer is, and when it closes. It is called before the first Send.
	OnDrain(func())
	// Recv waits for the next message, which is valid until the next call.
	// The error at the end is a *CloseError. It ends only by the WebSocket's
	// end or by Close: there is no way to give up one Recv.
	Recv() ([]byte, error)
	// Close starts the closing handshake (RFC 6455 §7.1.2) behind what was
	// queued, and makes Recv end. Code is 1000 or 3000 to 4999, reason at most
	// 123 bytes. Further calls do nothing.
	Close(code int, reason string)
}

// CloseError says how a WebSocket ended.
type CloseError struct {
	Code   int    // RFC 6455 §7.4; 1005 without a code, 1006 without a handshake
	Reason string // what the peer gave with the code
	Err    error  // the failure below, where known
}

func (e *CloseError) Error() string {
	s := "WebSocket closed with code " + strconv.Itoa(e.Code)
	switch e.Code {
	case 1005:
		s = "WebSocket closed without a code"
	case 1006:
		s = "WebSocket broke off"
	}
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

const (
	// fullAt is where a transport calls itself full, in bytes: a browser
	// queues without bound what send is given.
	fullAt = 2 << 20
	// drainedAt is where it no longer does.
	drainedAt = 512 << 10
	// maxMessage bounds a message that arrives, in bytes. Relays send what one
	// read of a socket gave; this leaves room for odd ones.
	maxMessage = 16 << 20
)

// backlog is the bytes that a transport holds unsent. It is full from fullAt
// up until it comes down to drainedAt: whatever is added in between leaves it
// so, or who waits for the drain would not be told.
type backlog struct {
	n    int
	full bool
}

func (b *backlog) add(n int) { b.set(b.n + n) }

// set says how much there is now, and tells whether that ended being full.
func (b *backlog) set(n int) (drained bool) {
	b.n = n
	switch {
	case n >= fullAt:
		b.full = true
	case n <= drainedAt && b.full:
		b.full = false
		return true
	}
	return false
}
