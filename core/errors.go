package core

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"

	"github.com/stepwire/stepwire/core/h1"
)

// The exception classes of http.client; errors.Is(err, class) reads as Python's
// "except class".
var (
	ErrHTTPException           = h1.ErrHTTPException           // Python: HTTPException
	ErrNotConnected            = h1.ErrNotConnected            // Python: NotConnected
	ErrInvalidURL              = h1.ErrInvalidURL              // Python: InvalidURL
	ErrUnknownProtocol         = h1.ErrUnknownProtocol         // Python: UnknownProtocol
	ErrUnknownTransferEncoding = h1.ErrUnknownTransferEncoding // Python: UnknownTransferEncoding
	ErrUnimplementedFileMode   = h1.ErrUnimplementedFileMode   // Python: UnimplementedFileMode
	ErrIncompleteRead          = h1.ErrIncompleteRead          // Python: IncompleteRead
	ErrImproperConnectionState = h1.ErrImproperConnectionState // Python: ImproperConnectionState
	ErrCannotSendRequest       = h1.ErrCannotSendRequest       // Python: CannotSendRequest
	ErrCannotSendHeader        = h1.ErrCannotSendHeader        // Python: CannotSendHeader
	ErrResponseNotReady        = h1.ErrResponseNotReady        // Python: ResponseNotReady
	ErrBadStatusLine           = h1.ErrBadStatusLine           // Python: BadStatusLine
	ErrLineTooLong             = h1.ErrLineTooLong             // Python: LineTooLong
	ErrRemoteDisconnected      = h1.ErrRemoteDisconnected      // Python: RemoteDisconnected
	ErrStrict                  = h1.ErrStrict                  // strict mode only; not in Python
)

// The built-in classes of Python that the calls raise besides.
var (
	ErrValueError             = h1.ErrValueError
	ErrTypeError              = h1.ErrTypeError
	ErrOSError                = h1.ErrOSError
	ErrTimeoutError           = h1.ErrTimeoutError
	ErrConnectionError        = h1.ErrConnectionError
	ErrConnectionResetError   = h1.ErrConnectionResetError
	ErrConnectionRefusedError = h1.ErrConnectionRefusedError
	ErrGaierror               = h1.ErrGaierror // Python: socket.gaierror
)

// The classes of module ssl, for connections over TLS.
var (
	ErrSSLError                 = h1.ErrSSLError                 // Python: ssl.SSLError
	ErrSSLCertVerificationError = h1.ErrSSLCertVerificationError // Python: ssl.SSLCertVerificationError
	ErrSSLEOFError              = h1.ErrSSLEOFError              // Python: ssl.SSLEOFError
	ErrSSLZeroReturnError       = h1.ErrSSLZeroReturnError       // Python: ssl.SSLZeroReturnError
)

// Error is any exception, for errors.As: its message, offset and what its
// class carries (Line, Version, Partial, Expected).
type Error = h1.Error

// ErrorInfo is Python's view of an error.
type ErrorInfo struct {
	Name     string   // class
	Bases    []string // ancestors in method resolution order, excluding Exception
	Message  string   // str(exception)
	Partial  []byte   // IncompleteRead
	Expected *int64   // IncompleteRead; nil: None; the largest int64 if there is more
	Digits   string   // IncompleteRead: Expected in digits, which have no limit; empty: None
	Offset   int64    // of the failing bytes in the received stream; -1: none
	Party    string   // at fault: "caller", "server", "network" or "relay"
	Code     string   // StrictError: the diagnostic that it refuses, such as "obs-fold"
	Section  string   // StrictError: RFC number and section, such as "9112 §5.2"
}

// Describe gives Python's view of any error that a call returned.
func Describe(err error) ErrorInfo {
	info := ErrorInfo{Name: "Exception", Message: err.Error(), Offset: -1, Party: partyOf(err)}
	var e *h1.Error
	if !errors.As(err, &e) {
		var text interface{ Classes() []string }
		if errors.As(err, &text) {
			classes := text.Classes()
			info.Name, info.Bases = classes[0], classes[1:]
		}
		if errors.Is(err, context.Canceled) {
			info.Name, info.Party = "CancelledError", "caller"
		}
		return info
	}
	info.Name, info.Bases, info.Message, info.Offset = e.Class.Name(), e.Class.Bases(), e.Message, e.Offset
	info.Partial, info.Digits = e.Partial, e.Expected
	info.Code, info.Section = e.Code, e.Section
	if e.Expected != "" {
		n, err := strconv.ParseInt(e.Expected, 10, 64)
		if err != nil { // beyond int64: its cap
			n = 1<<63 - 1
		}
		info.Expected = &n
	}
	return info
}

// partyOf says who is at fault.
func partyOf(err error) string {
	var named interface{ Party() string }
	if errors.As(err, &named) {
		if p := named.Party(); p != "" {
			return p
		}
	}
	var e *h1.Error
	switch {
	case !errors.As(err, &e):
		return "caller"
	case e.Party != "":
		return e.Party
	case errors.Is(err, ErrIncompleteRead), errors.Is(err, ErrBadStatusLine), errors.Is(err, ErrLineTooLong),
		errors.Is(err, ErrUnknownProtocol), errors.Is(err, ErrStrict), e.Class == ErrHTTPException:
		return "server"
	case errors.Is(err, ErrOSError):
		return "network"
	}
	return "caller"
}

// errnos are the errors of the system that a connection can meet, with Linux's
// numbers and texts, which Python's messages show.
var errnos = []struct {
	errno  syscall.Errno
	number string
	text   string
}{
	{syscall.ECONNRESET, "104", "Connection reset by peer"},
	{syscall.ECONNREFUSED, "111", "Connection refused"},
	{syscall.EPIPE, "32", "Broken pipe"},
	{syscall.ECONNABORTED, "103", "Software caused connection abort"},
	{syscall.ETIMEDOUT, "110", "Connection timed out"},
	{syscall.EHOSTUNREACH, "113", "No route to host"},
	{syscall.ENETUNREACH, "101", "Network is unreachable"},
	{syscall.EADDRNOTAVAIL, "99", "Cannot assign requested address"},
	{syscall.EADDRINUSE, "98", "Address already in use"},
	{syscall.EACCES, "13", "Permission denied"},
	{syscall.EMFILE, "24", "Too many open files"},
}

// transportError turns what a transport returned into its exception. The
// original stays reachable with errors.Is and errors.As.
func transportError(ctx context.Context, err error) error {
	var raised *h1.Error
	if errors.As(err, &raised) {
		return err
	}
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		return context.Cause(ctx)
	}
	raise := func(class *h1.Class, message string) error {
		e := h1.Raise(class, message)
		e.Cause = err
		return e
	}
	if err == net.ErrClosed || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) {
		return raise(h1.ErrOSError, "[Errno 9] Bad file descriptor")
	}
	for _, e := range errnos {
		if errors.Is(err, e.errno) {
			return raise(h1.ClassOfErrno(e.errno), "[Errno "+e.number+"] "+e.text)
		}
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		if dns.IsTemporary && !dns.IsNotFound {
			return raiseGai("-3", "Temporary failure in name resolution", err)
		}
		return raiseGai("-2", "Name or service not known", err)
	}
	var worded interface{ TimeoutMessage() string }
	if errors.As(err, &worded) {
		return raise(ErrTimeoutError, worded.TimeoutMessage())
	}
	var timeout net.Error
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout() {
		return raise(ErrTimeoutError, "timed out")
	}
	return raise(h1.ErrOSError, err.Error())
}

// raiseGai raises a failure of name resolution. Python: socket.gaierror.
func raiseGai(number, text string, cause error) error {
	e := h1.Raise(ErrGaierror, "[Errno "+number+"] "+text)
	e.Cause = cause
	return e
}
