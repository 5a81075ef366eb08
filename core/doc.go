// Package core is Python's http.client for Go: the same classes, calls and
// exceptions under the same names, with CPython 3.11 as the arbiter of what
// they do.
//
// A request travels through [HTTPConnection] (putrequest → PutRequest,
// endheaders → EndHeaders, getresponse → GetResponse …) and comes back as an
// [HTTPResponse]. Keyword arguments of Python are the fields of a trailing
// options struct, of which nil is allowed; what does network I/O takes a
// context first. Python's str is a Go string; its bytes are []byte.
//
// All protocol rules live in package h1; this one adds what blocks: dialling,
// two functions that write and read a [net.Conn], and bodies read from files.
//
// Exceptions are classes: errors.Is(err, core.ErrHTTPException) reads as
// "except HTTPException", and [Describe] gives any error's Python name, bases
// and message.
package core
