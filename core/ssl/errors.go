package ssl

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/stepwire/stepwire/core/h1"
)

// call is a call of CPython's _ssl module: errors name the line it failed at.
type call struct {
	line    string // in _ssl.c of CPython 3.11.7
	timeout string // what its TimeoutError says
}

var (
	callHandshake = call{"1006", "_ssl.c:989: The handshake operation timed out"}
	callRead      = call{"2580", "The read operation timed out"}
	callWrite     = call{"2427", "The write operation timed out"}
)

// raise makes an exception as _ssl.c words it.
func (c call) raise(class *h1.Class, text, party string, cause error) *h1.Error {
	e := h1.Raise(class, text+" (_ssl.c:"+c.line+")")
	e.Party, e.Cause = party, cause
	return e
}

// ended raises what writing gives once the transport is no more.
func (c call) ended(cause error) *h1.Error {
	return c.raise(h1.ErrSSLEOFError, "EOF occurred in violation of protocol", "network", cause)
}

// reason raises an SSLError for a reason of OpenSSL's: "unexpected message".
func (c call) reason(text, party string, cause error) *h1.Error {
	return c.raise(h1.ErrSSLError, reasonText("SSL", text), party, cause)
}

// reasonText is how Python shows an error of an OpenSSL library.
func reasonText(library, text string) string {
	name := strings.ToUpper(strings.NewReplacer(" ", "_", "/", "_").Replace(text))
	return "[" + library + ": " + name + "] " + text
}

// timeoutError is a wait that took too long. It does not end the connection.
type timeoutError struct {
	message string
	cause   error
}

func (e *timeoutError) Error() string   { return e.message }
func (e *timeoutError) Unwrap() error   { return e.cause }
func (e *timeoutError) Timeout() bool   { return true }
func (e *timeoutError) Temporary() bool { return true }

// TimeoutMessage is what the TimeoutError says, for package core.
func (e *timeoutError) TimeoutMessage() string { return e.message }

// isTimeout reports whether a deadline ended a wait. ETIMEDOUT is the transport
// giving up for good.
func isTimeout(err error) bool {
	var timeout net.Error
	return !errors.Is(err, syscall.ETIMEDOUT) && (errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout())
}

// lost reports whether err is the end of the transport by the peer or the
// network between. A relay's failure is not: it keeps its own name.
func lost(err error) bool {
	var named interface{ Party() string }
	if errors.As(err, &named) && named.Party() != "" && named.Party() != "network" && named.Party() != "server" {
		return false
	}
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrUnexpectedEOF)
}

// translate turns a failure of Go's TLS into the exception that OpenSSL's
// counterpart becomes. Those of the transport are left to package core, but for
// what _ssl.c makes of them.
func (c call) translate(err error, transport error) error {
	var raised *h1.Error
	switch {
	case errors.As(err, &raised):
		return raised
	case isTimeout(err):
		return &timeoutError{c.timeout, err}
	}
	if transport != nil && (errors.Is(err, transport) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		switch {
		case c == callWrite && lost(transport):
			return c.ended(err)
		case errors.Is(transport, io.EOF):
			return c.raise(h1.ErrSSLEOFError, "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol", "server", err)
		}
		return transport
	}
	if errors.Is(err, io.EOF) { // close_notify where it makes no sense
		return c.raise(h1.ErrSSLZeroReturnError, "TLS/SSL connection has been closed (EOF)", "server", err)
	}
	var header tls.RecordHeaderError
	if errors.As(err, &header) {
		switch {
		case strings.Contains(header.Msg, "oversized"):
			return c.reason("packet length too long", "server", err)
		case header.RecordHeader[0] >= 20 && header.RecordHeader[0] <= 24 && header.RecordHeader[1] == 3:
			return c.reason("unexpected message", "server", err)
		}
		switch string(header.RecordHeader[:4]) {
		case "GET ", "POST", "HEAD", "PUT ":
			return c.reason("http request", "server", err)
		case "CONN":
			return c.reason("https proxy request", "server", err)
		}
		return c.reason("wrong version number", "server", err)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" {
		if number, ok := alertNumber(op.Err); ok {
			return c.raise(h1.ErrSSLError, alertReason(number), "server", err)
		}
	}
	return c.local(err)
}

// local translates what Go's TLS refuses itself.
func (c call) local(err error) error {
	text := err.Error()
	for _, known := range localReasons {
		if strings.Contains(text, known[0]) {
			return c.reason(known[1], "server", err)
		}
	}
	// OpenSSL words what is left in a hundred ways, and Go as helpfully.
	text = strings.TrimPrefix(strings.TrimPrefix(text, "local error: "), "tls: ")
	return c.raise(h1.ErrSSLError, "[SSL] "+text, "server", err)
}

// localReasons gives OpenSSL's reason for what a message of Go's TLS contains.
var localReasons = [...][2]string{
	{"bad record MAC", "decryption failed or bad record mac"},
	{"no supported versions satisfy", "no protocols available"},
	{"unsupported protocol version", "unsupported protocol"},
	{"oversized", "packet length too long"},
	{"record overflow", "packet length too long"},
	{"unexpected message", "unexpected message"},
	{"unexpected handshake message", "unexpected message"},
	{"error decoding message", "length mismatch"},
	{"unmarshal", "length mismatch"},
	{"unconfigured cipher suite", "wrong cipher returned"},
	{"invalid signature", "bad signature"},
	{"incorrect renegotiation", "unsafe legacy renegotiation disabled"},
	{"unsupported extension", "bad extension"},
}

// alertNumber finds the number of an alert in the error Go's TLS makes of one:
// its type is not exported, its text is.
func alertNumber(err error) (uint8, bool) {
	for n := range 256 {
		if tls.AlertError(n).Error() == err.Error() {
			return uint8(n), true
		}
	}
	return 0, false
}

// alerts are the alerts of RFC 8446 section 6 and of earlier versions that
// OpenSSL has a text for, without its prefix. Those that _ssl.c of CPython 3.11
// has no name for are marked.
var alerts = map[uint8]struct {
	text    string
	unnamed bool
}{
	10: {"sslv3 alert unexpected message", false}, 20: {"sslv3 alert bad record mac", false},
	21: {"tlsv1 alert decryption failed", false}, 22: {"tlsv1 alert record overflow", false},
	30: {"sslv3 alert decompression failure", false}, 40: {"sslv3 alert handshake failure", false},
	41: {"sslv3 alert no certificate", false}, 42: {"sslv3 alert bad certificate", false},
	43: {"sslv3 alert unsupported certificate", false}, 44: {"sslv3 alert certificate revoked", false},
	45: {"sslv3 alert certificate expired", false}, 46: {"sslv3 alert certificate unknown", false},
	47: {"sslv3 alert illegal parameter", false}, 48: {"tlsv1 alert unknown ca", false},
	49: {"tlsv1 alert access denied", false}, 50: {"tlsv1 alert decode error", false},
	51: {"tlsv1 alert decrypt error", false}, 60: {"tlsv1 alert export restriction", false},
	70: {"tlsv1 alert protocol version", false}, 71: {"tlsv1 alert insufficient security", false},
	80: {"tlsv1 alert internal error", false}, 86: {"tlsv1 alert inappropriate fallback", false},
	90: {"tlsv1 alert user cancelled", false}, 100: {"tlsv1 alert no renegotiation", false},
	109: {"tlsv13 alert missing extension", false}, 110: {"tlsv1 unsupported extension", false},
	111: {"tlsv1 certificate unobtainable", false}, 112: {"tlsv1 unrecognized name", false},
	113: {"tlsv1 bad certificate status response", false}, 114: {"tlsv1 bad certificate hash value", false},
	115: {"tlsv1 alert unknown psk identity", true}, 116: {"tlsv13 alert certificate required", false},
	120: {"tlsv1 alert no application protocol", true},
}

// alertReason is what Python shows of an alert that the peer sent.
func alertReason(number uint8) string {
	alert, ok := alerts[number]
	switch {
	case !ok:
		return "[SSL] unknown error"
	case alert.unnamed:
		return "[SSL] " + alert.text
	}
	return reasonText("SSL", alert.text)
}
