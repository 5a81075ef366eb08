// Package netshim gives a browser what it lacks: a net.Conn to any host and
// port that a relay allows. Dial opens one through a WebSocket, in a page or
// worker (GOOS=js) and natively alike.
//
// What goes over the WebSocket is described in package wisp. A relay that
// knows this project's extension of Wisp gives byte credits in both
// directions, half-close and confirmed opens; with any other the connection
// works as far as plain Wisp or wsproxy goes, and DialOptions.OnEvent is told
// what is missing.
//
// The connection tells apart how a stream ends: io.EOF only after the
// destination itself closed and every byte of it was delivered; an error that
// unwraps to syscall.ECONNRESET for a reset; an *Error of party "relay" when
// the relay or the WebSocket failed.
package netshim
