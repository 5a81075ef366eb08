package netshim

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// Parties that an Error may name.
const (
	PartyCaller  = "caller"  // the call was wrong
	PartyNetwork = "network" // the destination or the way to it
	PartyRelay   = "relay"   // the relay or the way to it
)

// ErrDenied is in the chain of an error by which the relay refused a
// destination or a further connection.
var ErrDenied = errors.New("refused by the relay")

// ErrRelay is in the chain of an error that came about because the relay could
// not be reached or does not work as agreed.
var ErrRelay = errors.New("the relay failed")

// Error is a failed operation on a connection. What it unwraps to says what a
// native connection would have said: syscall.ECONNREFUSED, ECONNRESET,
// ETIMEDOUT, EPIPE, *net.DNSError, os.ErrDeadlineExceeded, net.ErrClosed,
// context errors; for the relay's own failures ErrDenied, ErrRelay, or
// io.ErrUnexpectedEOF with ECONNRESET. It is never io.EOF.
type Error struct {
	Op     string      // "dial", "read", "write" or "close"
	Host   string      // the destination
	Port   int         //
	Reason wisp.Reason // what the relay gave, 0 if it gave none
	Text   string      // a sentence without the operation
	party  string
	causes []error
}

// Error implements error.
func (e *Error) Error() string {
	to := e.Op
	if e.Host != "" {
		to += " " + net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
	}
	return to + ": " + e.Text
}

// Unwrap gives the causes.
func (e *Error) Unwrap() []error { return e.causes }

// Party says who is at fault: PartyCaller, PartyNetwork or PartyRelay.
func (e *Error) Party() string { return e.party }

// Timeout implements net.Error.
func (e *Error) Timeout() bool {
	for _, c := range e.causes {
		if t, ok := c.(interface{ Timeout() bool }); ok && t.Timeout() {
			return true
		}
	}
	return false
}

// Temporary implements net.Error: a deadline can be moved.
func (e *Error) Temporary() bool { return e.Timeout() }

var _ net.Error = (*Error)(nil)

// failure is why a connection ended, before it is known which call is told.
type failure struct {
	reason wisp.Reason
	text   string
	party  string
	causes []error
}

func (f *failure) during(op, host string, port int) *Error {
	return &Error{Op: op, Host: host, Port: port, Reason: f.reason, Text: f.text, party: f.party, causes: f.causes}
}

func relayFailure(text string, causes ...error) *failure {
	return &failure{text: text, party: PartyRelay, causes: causes}
}

var (
	failClosed = &failure{text: "use of closed network connection", party: PartyCaller, causes: []error{net.ErrClosed}}
	failLate   = &failure{text: "i/o timeout", party: PartyNetwork, causes: []error{os.ErrDeadlineExceeded}}
	failPipe   = &failure{text: "broken pipe: the destination has closed the connection", party: PartyNetwork, causes: []error{syscall.EPIPE}}
	failShut   = &failure{text: "write after CloseWrite", party: PartyCaller, causes: []error{syscall.EPIPE}}
)

// reasonFailure says what a close reason of the relay means for the
// connection to host. opened tells whether the destination may have been
// connected by then.
func reasonFailure(r wisp.Reason, host string, port int) *failure {
	f := &failure{reason: r, party: PartyNetwork}
	dest := net.JoinHostPort(host, strconv.Itoa(port))
	switch r {
	case wisp.ReasonVoluntary:
		f.text = "closed before it was open"
		f.causes = []error{syscall.ECONNRESET}
	case wisp.ReasonNetworkError:
		f.text = "connection reset by peer"
		f.causes = []error{syscall.ECONNRESET}
	case wisp.ReasonUnreachable:
		if isLiteral(host) {
			f.text = "no route to host"
			f.causes = []error{syscall.EHOSTUNREACH}
			break
		}
		dns := &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		f.text = dns.Error()
		f.causes = []error{dns}
	case wisp.ReasonTimeout:
		f.text = "connection timed out"
		f.causes = []error{syscall.ETIMEDOUT, os.ErrDeadlineExceeded}
	case wisp.ReasonRefused:
		f.text = "connection refused"
		f.causes = []error{syscall.ECONNREFUSED}
	case wisp.ReasonDataTimeout:
		f.text = "the relay closed the connection: nothing moved for too long"
		f.causes = []error{syscall.ETIMEDOUT, os.ErrDeadlineExceeded}
	case wisp.ReasonInvalid:
		f.party = PartyRelay
		f.text = "the relay does not take " + dest + " for a destination: check host and port"
		f.causes = []error{ErrDenied, syscall.EINVAL}
	case wisp.ReasonBlocked:
		f.party = PartyRelay
		f.text = "the relay's policy does not allow " + dest + ": allow it where the relay is started (--allow " + dest + "), or use a relay that does"
		f.causes = []error{ErrDenied}
	case wisp.ReasonThrottled:
		f.party = PartyRelay
		f.text = "the relay refuses more connections or data for now: close some, or try again later"
		f.causes = []error{ErrDenied}
	case wisp.ReasonBadPassword, wisp.ReasonBadSignature, wisp.ReasonNeedsPassword:
		f.party = PartyRelay
		f.text = "the relay wants a login (" + r.String() + "): use a relay URL that carries its token"
		f.causes = []error{ErrDenied}
	default:
		f.party = PartyRelay
		f.text = "the relay closed the connection: " + r.String()
		f.causes = []error{ErrRelay, syscall.ECONNRESET}
	}
	return f
}

// lostFailure is the end of the WebSocket under an open connection.
func lostFailure(err error) *failure {
	f := relayFailure("the connection to the relay was lost: "+err.Error(), io.ErrUnexpectedEOF, syscall.ECONNRESET)
	var ce *CloseError
	if errors.As(err, &ce) && ce.Code == 1001 {
		f.text = "the relay is shutting down: connect again when it is back"
	}
	return f
}

// unreachableFailure is a WebSocket that did not open. detail may be empty: a
// browser does not say why. dest is what the relay may have refused instead, or
// empty.
func unreachableFailure(relay, dest, detail string) *failure {
	text := "cannot reach the relay at " + relay
	if detail != "" {
		text += ": " + detail
	}
	text += "; is it running, and does it accept this page's origin"
	if dest != "" {
		text += " and the destination " + dest
	}
	return relayFailure(text+"?", ErrRelay)
}

// contextFailure is a dial that its context ended.
func contextFailure(err error) *failure {
	if errors.Is(err, context.DeadlineExceeded) {
		return &failure{text: "i/o timeout", party: PartyNetwork, causes: []error{os.ErrDeadlineExceeded, err}}
	}
	return &failure{text: "canceled", party: PartyCaller, causes: []error{err}}
}

// isLiteral tells whether host is an address rather than a name. It need not
// be exact, and net/netip is a large part of what a page loads.
func isLiteral(host string) bool {
	return strings.Contains(host, ":") || strings.Trim(host, "0123456789.") == ""
}
