package h1

import (
	"errors"
	"strconv"
	"syscall"

	"github.com/stepwire/stepwire/core/py"
)

// Class is an exception class. It is itself an error so that
// errors.Is(err, class) reads as Python's "except class".
type Class struct {
	name  string
	bases []error
	names []string // ancestors in method resolution order
}

// Error gives the class's Python name.
func (c *Class) Error() string { return c.name }

// Name gives the class's Python name.
func (c *Class) Name() string { return c.name }

// Unwrap gives the class's bases.
func (c *Class) Unwrap() []error { return c.bases }

// Bases lists the names of the class's ancestors in Python's method
// resolution order, up to and excluding Exception.
func (c *Class) Bases() []string { return append([]string{}, c.names...) }

// newClass makes a class. A base is a *Class, or the syscall.Errno that Python
// raises the class for, so that errors.Is finds it.
func newClass(name string, bases ...error) *Class {
	c := &Class{name: name, bases: bases}
	seen := map[string]bool{}
	add := func(names ...string) {
		for _, n := range names {
			if !seen[n] {
				seen[n] = true
				c.names = append(c.names, n)
			}
		}
	}
	for _, base := range bases {
		if b, ok := base.(*Class); ok {
			add(append([]string{b.name}, b.names...)...)
		}
	}
	return c
}

// Python's built-in classes, as far as http.client raises them.
var (
	ErrValueError             = newClass("ValueError")
	ErrTypeError              = newClass("TypeError")
	ErrAssertionError         = newClass("AssertionError")
	ErrAttributeError         = newClass("AttributeError")
	ErrRuntimeError           = newClass("RuntimeError")
	ErrOverflowError          = newClass("OverflowError", newClass("ArithmeticError"))
	ErrKeyError               = newClass("KeyError", newClass("LookupError"))
	ErrUnicodeError           = newClass("UnicodeError", ErrValueError)
	ErrUnicodeEncodeError     = newClass("UnicodeEncodeError", ErrUnicodeError)
	ErrUnicodeDecodeError     = newClass("UnicodeDecodeError", ErrUnicodeError)
	ErrOSError                = newClass("OSError")
	ErrTimeoutError           = newClass("TimeoutError", ErrOSError)
	ErrBlockingIOError        = newClass("BlockingIOError", ErrOSError)
	ErrPermissionError        = newClass("PermissionError", ErrOSError)
	ErrGaierror               = newClass("gaierror", ErrOSError)
	ErrConnectionError        = newClass("ConnectionError", ErrOSError)
	ErrConnectionResetError   = newClass("ConnectionResetError", ErrConnectionError, syscall.ECONNRESET)
	ErrConnectionRefusedError = newClass("ConnectionRefusedError", ErrConnectionError, syscall.ECONNREFUSED)
	ErrConnectionAbortedError = newClass("ConnectionAbortedError", ErrConnectionError, syscall.ECONNABORTED)
	ErrBrokenPipeError        = newClass("BrokenPipeError", ErrConnectionError, syscall.EPIPE)
	ErrUnsupportedOperation   = newClass("UnsupportedOperation", ErrOSError, ErrValueError)
	ErrFileNotFoundError      = newClass("FileNotFoundError", ErrOSError)

	ErrSSLError                 = newClass("SSLError", ErrOSError)
	ErrSSLCertVerificationError = newClass("SSLCertVerificationError", ErrSSLError, ErrValueError)
	ErrSSLEOFError              = newClass("SSLEOFError", ErrSSLError)
	ErrSSLZeroReturnError       = newClass("SSLZeroReturnError", ErrSSLError)
)

// The classes of http.client. Each comment gives its Python name.
var (
	// ErrHTTPException is the base of the others. Python: HTTPException, error.
	ErrHTTPException = newClass("HTTPException")
	// ErrNotConnected is raised without a connection when auto_open is off. Python: NotConnected.
	ErrNotConnected = newClass("NotConnected", ErrHTTPException)
	// ErrInvalidURL is raised for a port that is not a number and for control characters in a host or target. Python: InvalidURL.
	ErrInvalidURL = newClass("InvalidURL", ErrHTTPException)
	// ErrUnknownProtocol is raised for a version other than HTTP/1.x. Python: UnknownProtocol.
	ErrUnknownProtocol = newClass("UnknownProtocol", ErrHTTPException)
	// ErrUnknownTransferEncoding is never raised by http.client itself. Python: UnknownTransferEncoding.
	ErrUnknownTransferEncoding = newClass("UnknownTransferEncoding", ErrHTTPException)
	// ErrUnimplementedFileMode is never raised by http.client itself. Python: UnimplementedFileMode.
	ErrUnimplementedFileMode = newClass("UnimplementedFileMode", ErrHTTPException)
	// ErrIncompleteRead is raised when a body ends early. Python: IncompleteRead.
	ErrIncompleteRead = newClass("IncompleteRead", ErrHTTPException)
	// ErrImproperConnectionState is the base of the three refusals. Python: ImproperConnectionState.
	ErrImproperConnectionState = newClass("ImproperConnectionState", ErrHTTPException)
	// ErrCannotSendRequest refuses putrequest. Python: CannotSendRequest.
	ErrCannotSendRequest = newClass("CannotSendRequest", ErrImproperConnectionState)
	// ErrCannotSendHeader refuses putheader and endheaders. Python: CannotSendHeader.
	ErrCannotSendHeader = newClass("CannotSendHeader", ErrImproperConnectionState)
	// ErrResponseNotReady refuses getresponse. Python: ResponseNotReady.
	ErrResponseNotReady = newClass("ResponseNotReady", ErrImproperConnectionState)
	// ErrBadStatusLine is raised for a status line that cannot be understood. Python: BadStatusLine.
	ErrBadStatusLine = newClass("BadStatusLine", ErrHTTPException)
	// ErrLineTooLong is raised for a line over 65,536 bytes. Python: LineTooLong.
	ErrLineTooLong = newClass("LineTooLong", ErrHTTPException)
	// ErrRemoteDisconnected is raised when the connection ends before a status line. Python: RemoteDisconnected.
	ErrRemoteDisconnected = newClass("RemoteDisconnected", ErrConnectionResetError, ErrBadStatusLine)
	// ErrStrict is raised in strict mode where the default would only emit a
	// diagnostic of severity error. It has no counterpart in Python.
	ErrStrict = newClass("StrictError", ErrHTTPException)
)

// ClassOfErrno gives the OSError subclass that Python raises for an errno,
// ErrOSError itself where there is none of its own (PEP 3151).
func ClassOfErrno(errno syscall.Errno) *Class {
	switch errno {
	case syscall.ECONNRESET:
		return ErrConnectionResetError
	case syscall.ECONNREFUSED:
		return ErrConnectionRefusedError
	case syscall.ECONNABORTED:
		return ErrConnectionAbortedError
	case syscall.EPIPE:
		return ErrBrokenPipeError
	case syscall.ETIMEDOUT:
		return ErrTimeoutError
	case syscall.EAGAIN, syscall.EINPROGRESS, syscall.EALREADY:
		return ErrBlockingIOError
	case syscall.EACCES, syscall.EPERM:
		return ErrPermissionError
	}
	return ErrOSError
}

// Error is an exception that the engine raised.
type Error struct {
	Class   *Class
	Message string // Python's str(exception)
	// Offset is the absolute offset of the failing bytes in the received
	// stream, -1 where the error has none.
	Offset int64
	// Line is the offending line of a BadStatusLine. Python: line.
	Line string
	// Version is what an UnknownProtocol found. Python: version.
	Version string
	// Partial is what an IncompleteRead had read. Python: partial.
	Partial []byte
	// Expected is how many bytes an IncompleteRead still expected, as decimal
	// digits; empty for Python's None. Python: expected.
	Expected string
	// Section is the RFC section that a StrictError stands on.
	Section string
	// Code is the diagnostic that a StrictError refuses.
	Code string
	// Party is who is at fault, where the class does not tell.
	Party string
	// Cause is the text conversion failure behind the exception, if any.
	Cause error
}

// Error gives the class and the message.
func (e *Error) Error() string {
	switch {
	case e.Class == ErrIncompleteRead:
		return e.Message
	case e.Message == "":
		return e.Class.name
	}
	return e.Class.name + ": " + e.Message
}

// Unwrap gives the class, whose own Unwrap leads to its bases, and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause != nil {
		return []error{e.Class, e.Cause}
	}
	return []error{e.Class}
}

// Raise makes an exception of a class with Python's message.
func Raise(class *Class, message string) *Error {
	return &Error{Class: class, Message: message, Offset: -1}
}

// raiseText turns a text conversion failure into its exception.
func raiseText(err error) *Error {
	class := ErrValueError
	switch err.(type) {
	case *py.UnicodeEncodeError:
		class = ErrUnicodeEncodeError
	case *py.UnicodeDecodeError:
		class = ErrUnicodeDecodeError
	case *py.UnicodeError:
		class = ErrUnicodeError
	}
	return &Error{Class: class, Message: err.Error(), Offset: -1, Cause: err}
}

// RaiseIncompleteRead makes an IncompleteRead; expected is empty for None.
func RaiseIncompleteRead(partial []byte, expected string) *Error {
	message := "IncompleteRead(" + strconv.Itoa(len(partial)) + " bytes read"
	if expected != "" {
		message += ", " + expected + " more expected"
	}
	return &Error{Class: ErrIncompleteRead, Message: message + ")", Offset: -1, Partial: partial, Expected: expected}
}

// ErrNeedInput is returned by an operation that cannot go on before more bytes
// are filled in. It never leaves package core.
var ErrNeedInput = errors.New("h1: more input needed")
