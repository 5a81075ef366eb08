// Package pump moves bytes between a client's WebSocket and the TCP
// connections it asked for. It is the part that the native relay and the
// Worker relay share: it knows neither HTTP nor a WebSocket library, only
// [Socket] and [Target].
//
// Memory is bounded. What is queued towards a target is bounded by the credit
// of its stream; all buffers larger than 16 KiB together are bounded by a
// [Pool]; a buffer is taken only once there is something to put into it, so
// that a quiet stream holds none.
package pump

import (
	"errors"
	"io"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// A Socket is the relay's end of a WebSocket.
type Socket interface {
	// Next waits for a message and gives its content, which must be read to its
	// end before the next call. [ErrText] stands for a text message; any other
	// error means that nothing more will come.
	Next() (io.Reader, error)
	// Write sends one binary message. The pump never calls it concurrently and
	// never with an empty message.
	Write(p []byte) error
	// Close starts the closing handshake with a code and a reason of at most 123
	// bytes, and returns without waiting for its end. Only the first call counts.
	Close(code int, reason string)
}

// A Splicer is a Socket that bytes of a target can reach without passing through
// the memory of this process.
type Splicer interface {
	// Splice is the way from t, or nil where there is none.
	Splice(t Target) Splice
}

// A Splice is a way from a Target to a Socket. Read and Write are used like the
// target's Read and the socket's Write, and in their stead.
type Splice interface {
	// Read waits for bytes and takes at most so many of them out of the target.
	// Once there are some it calls take, and gives [ErrNoSplice], having taken
	// nothing, when that says no or it has no means of its own. It calls give
	// when that turns out to have been too early. An error comes with 0 bytes;
	// io.EOF is the target's FIN.
	Read(most int, take func() bool, give func()) (int, error)
	// Write sends head and what was read as one binary message.
	Write(head []byte) error
	// Drop forgets what was read and not written.
	Drop()
}

// ErrNoSplice says that a splice is not possible now.
var ErrNoSplice = errors.New("no splice")

// ErrText is what Next gives for a text message.
var ErrText = errors.New("a text message")

// ErrClosed may be wrapped by an error of Next to say that the client closed the
// WebSocket in good order, so that its streams are to be finished and not reset.
var ErrClosed = errors.New("closed by the client")

// A Target is a connection to a destination. One goroutine reads while another
// writes; the rest may come from any.
type Target interface {
	// Read waits for bytes and calls take for the buffer to put them in. While it
	// waits it holds none: it calls give when a buffer turns out to be too early.
	// An error comes with 0 bytes; io.EOF is the target's FIN.
	Read(take func() []byte, give func()) (int, error)
	// Write writes all of p or fails; it fails with a timeout when the target
	// does not take it in time.
	Write(p []byte) (int, error)
	// TryWrite writes what can be written without waiting, maybe nothing.
	TryWrite(p []byte) (int, error)
	// CloseWrite sends FIN.
	CloseWrite() error
	// Interrupt makes a Read that waits, and every later one, fail.
	Interrupt()
	// Close ends the connection in good order: what was written arrives. It may
	// wait for the target's FIN, within a bound.
	Close()
	// Reset ends the connection so that the target sees a reset.
	Reset()
}

// Result is how a stream ended.
type Result struct {
	Reason   wisp.Reason   // as told, or as it would have been, to the client
	Err      error         // the cause, for the log; nil for an orderly end
	Up, Down int64         // bytes written to the target, and sent to the client
	Duration time.Duration // since the client asked for it
}

// Refusal is an error with the reason to give to the client.
type Refusal struct {
	Reason wisp.Reason
	Err    error
}

func (r *Refusal) Error() string { return r.Err.Error() }

func (r *Refusal) Unwrap() error { return r.Err }

// reasonOf is the reason that err carries, else def.
func reasonOf(err error, def wisp.Reason) wisp.Reason {
	if err == nil {
		return def
	}
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return wisp.ReasonDataTimeout
	}
	return def
}

// cut keeps a close reason within what a close frame holds (RFC 6455 §5.5).
func cut(s string) string {
	if len(s) > 120 {
		s = s[:120]
	}
	return s
}
