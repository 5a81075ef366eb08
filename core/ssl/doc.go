// Package ssl is as much of Python's module ssl as http.client needs: the
// context of HTTPS connections, and their sockets. TLS itself is Go's.
//
// Importing it, if only for its effect, gives core.NewHTTPSConnection its
// default context:
//
//	import _ "github.com/stepwire/stepwire/core/ssl"
//
// Errors have the classes and the messages of CPython 3.11 over OpenSSL 3.0,
// the line numbers of _ssl.c included.
//
// What differs from CPython, always:
//
//   - TLS 1.2 and 1.3 only, with the cipher suites that have forward secrecy
//     and authenticated encryption. Python's default also offers DHE and CBC
//     suites of TLS 1.2, which Go's TLS has not, or only with SHA-1.
//   - A certificate's common name is never taken for a host name, as RFC 9110
//     section 4.3.4 asks; it must have the name as a subject alternative name.
//   - Post-handshake authentication (RFC 8446 section 4.6.2), which http.client
//     offers, does not exist in Go's TLS: it is not offered, and a server that
//     asks all the same ends the connection.
//   - Keys that are encrypted with a password are not read.
//   - Whatever is wrong with a certificate, the server is told bad_certificate
//     (alert 42), where OpenSSL tells the reason: certificate_expired (45),
//     unknown_ca (48) and so on. The exception here has the reason.
//   - After a write that timed out, the connection cannot be written to again:
//     part of a record may be with the server. Every later send raises the same
//     error; what was received can still be read.
//   - Closing sends close_notify, as RFC 8446 section 6.1 asks and CPython's
//     close does not.
package ssl
