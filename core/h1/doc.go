// Package h1 is the client side of HTTP/1.1 as CPython 3.11's http.client
// speaks it, without any I/O: it never blocks, dials or reads a clock.
//
// A [Conn] is the request side: the six-state machine and the buffer of
// unsent request lines. A [Response] is the receiving side of one exchange,
// with its own read buffer of 8192 bytes, as every response has in Python.
// Operations that need bytes which have not arrived return [ErrNeedInput];
// the caller then reads at most len(Space()) bytes into [Response.Space],
// reports them with [Response.Fill] (or [Response.FillEOF]), and calls the
// same operation with the same arguments again, which goes on where it was.
//
// With a [Tracer] the engine reports every transition, every byte range it
// wrote or took, and every leniency it granted. Without one it reports
// nothing and pays nothing.
package h1
