package h1

import (
	"errors"
	"slices"
	"strconv"
	"syscall"

	"github.com/stepwire/stepwire/core/py"
)

// Class is an exception class. It is itself an error so that
// errors.Is(err, class) reads as Python's "except class".
type Class struct {
	name string
	// bases are classes, and the syscall.Errno that Python raises the class for,
	// so that errors.Is finds it.
	bases []error
}

// Error gives the class's Python name.
func (c *Class) Error() string { return c.name }

// Name gives the class's Python name.
func (c *Class) Name() string { return c.name }

// Unwrap gives the class's bases.
func (c *Class) Unwrap() []error { return c.bases }

// Bases lists the names of the class's ancestors in Python's method
// resolution order, up to and excluding Exception.
func (c *Class) Bases() []string { return c.appendBases([]string{}) }

func (c *Class) appendBases(names []string) []string {
	for _, base := range c.bases {
		if b, ok := base.(*Class); ok {
			if !slices.Contains(names, b.name) {
				names = append(names, b.name)
			}
			names = b.appendBases(names)
		}
	}
	return names
}

// The classes are laid out by the linker, as long as they are written as
// literals: making them at the start was 20 kB of wasm.

// Python's built-in classes, as far as http.client raises them.
var (
	ErrValueError             = &Class{name: "ValueError"}
	ErrTypeError              = &Class{name: "TypeError"}
	ErrAssertionError         = &Class{name: "AssertionError"}
	ErrAttributeError         = &Class{name: "AttributeError"}
	ErrRuntimeError           = &Class{name: "RuntimeError"}
	ErrOverflowError          = &Class{name: "OverflowError", bases: []error{&Class{name: "ArithmeticError"}}}
	ErrKeyError               = &Class{name: "KeyError", bases: []error{&Class{name: "LookupError"}}}
	ErrUnicodeError           = &Class{name: "UnicodeError", bases: []error{ErrValueError}}
	ErrUnicodeEncodeError     = &Class{name: "UnicodeEncodeError", bases: []error{ErrUnicodeError}}
	ErrUnicodeDecodeError     = &Class{name: "UnicodeDecodeError", bases: []error{ErrUnicodeError}}
	ErrOSError                = &Class{name: "OSError"}
	ErrTimeoutError           = &Class{name: "TimeoutError", bases: []error{ErrOSError}}
	ErrBlockingIOError        = &Class{name: "BlockingIOError", bases: []error{ErrOSError}}
	ErrPermissionError        = &Class{name: "PermissionError", bases: []error{ErrOSError}}
	ErrGaierror               = &Class{name: "gaierror", bases: []error{ErrOSError}}
	ErrConnectionError        = &Class{name: "ConnectionError", bases: []error{ErrOSError}}
	ErrConnectionResetError   = &Class{name: "ConnectionResetError", bases: []error{ErrConnectionError, syscall.ECONNRESET}}
	ErrConnectionRefusedError = &Class{name: "ConnectionRefusedError", bases: []error{ErrConnectionError, syscall.ECONNREFUSED}}
	ErrConnectionAbortedError = &Class{name: "ConnectionAbortedError", bases: []error{ErrConnectionError, syscall.ECONNABORTED}}
	ErrBrokenPipeError        = &Class{name: "BrokenPipeError", bases: []error{ErrConnectionError, syscall.EPIPE}}
	ErrUnsupportedOperation   = &Class{name: "UnsupportedOperation", bases: []error{ErrOSError, ErrValueError}}
	ErrFileNotFoundError      = &Class{name: "FileNotFoundError", bases: []error{ErrOSError}}

	ErrSSLError                 = &Class{name: "SSLError", bases: []error{ErrOSError}}
	ErrSSLCertVerificationError = &Class{name: "SSLCertVerificationError", bases: []error{ErrSSLError, ErrValueError}}
	ErrSSLEOFError              = &Class{name: "SSLEOFError", bases: []error{ErrSSLError}}
	ErrSSLZeroReturnError       = &Class{name: "SSLZeroReturnError", bases: []error{ErrSSLError}}
)

// The classes of http.client. Each comment gives its Python name.
var (
	// ErrHTTPException is the base of the others. Python: HTTPException, error.
	ErrHTTPException = &Class{name: "HTTPException"}
	// ErrNotConnected is raised without a connection when auto_open is off. Python: NotConnected.
	ErrNotConnected = &Class{name: "NotConnected", bases: []error{ErrHTTPException}}
	// ErrInvalidURL is raised for a port that is not a number and for control characters in a host or target. Python: InvalidURL.
	ErrInvalidURL = &Class{name: "InvalidURL", bases: []error{ErrHTTPException}}
	// ErrUnknownProtocol is raised for a version other than HTTP/1.x. Python: UnknownProtocol.
	ErrUnknownProtocol = &Class{name: "UnknownProtocol", bases: []error{ErrHTTPException}}
	// ErrUnknownTransferEncoding is never raised by http.client itself. Python: UnknownTransferEncoding.
	ErrUnknownTransferEncoding = &Class{name: "UnknownTransferEncoding", bases: []error{ErrHTTPException}}
	// ErrUnimplementedFileMode is never raised by http.client itself. Python: UnimplementedFileMode.
	ErrUnimplementedFileMode = &Class{name: "UnimplementedFileMode", bases: []error{ErrHTTPException}}
	// ErrIncompleteRead is raised when a body ends early. Python: IncompleteRead.
	ErrIncompleteRead = &Class{name: "IncompleteRead", bases: []error{ErrHTTPException}}
	// ErrImproperConnectionState is the base of the three refusals. Python: ImproperConnectionState.
	ErrImproperConnectionState = &Class{name: "ImproperConnectionState", bases: []error{ErrHTTPException}}
	// ErrCannotSendRequest refuses putrequest. Python: CannotSendRequest.
	ErrCannotSendRequest = &Class{name: "CannotSendRequest", bases: []error{ErrImproperConnectionState}}
	// ErrCannotSendHeader refuses putheader and endheaders. Python: CannotSendHeader.
	ErrCannotSendHeader = &Class{name: "CannotSendHeader", bases: []error{ErrImproperConnectionState}}
	// ErrResponseNotReady refuses getresponse. Python: ResponseNotReady.
	ErrResponseNotReady = &Class{name: "ResponseNotReady", bases: []error{ErrImproperConnectionState}}
	// ErrBadStatusLine is raised for a status line that cannot be understood. Python: BadStatusLine.
	ErrBadStatusLine = &Class{name: "BadStatusLine", bases: []error{ErrHTTPException}}
	// ErrLineTooLong is raised for a line over 65,536 bytes. Python: LineTooLong.
	ErrLineTooLong = &Class{name: "LineTooLong", bases: []error{ErrHTTPException}}
	// ErrRemoteDisconnected is raised when the connection ends before a status line. Python: RemoteDisconnected.
	ErrRemoteDisconnected = &Class{name: "RemoteDisconnected", bases: []error{ErrConnectionResetError, ErrBadStatusLine}}
	// ErrStrict is raised in strict mode where the default would only emit a
	// diagnostic of severity error. It has no counterpart in Python.
	ErrStrict = &Class{name: "StrictError", bases: []error{ErrHTTPException}}
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
