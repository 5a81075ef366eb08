// Package trace keeps the event log of a connection: an append-only list of
// what the engine and the calls reported, as versioned JSON, one object an
// event.
//
// Every object has "type", "seq" (from 0, without gaps) and "t" (milliseconds
// since the log began); "conn" is the number of the transport and "exchange"
// that of the request, from 1, absent before the first. Bytes are objects with
// one key, "b64" (standard base64). Offsets are absolute in the stream of
// their transport, ranges half-open. The types and their fields:
//
//	call        call, name, args
//	return      call, name, result | error, state, unread, legal, stdout
//	transition  from, input, to
//	buffer      kind, path, bytes, size        (no bytes: the buffer was emptied)
//	connect     phase, host, port, error
//	send, recv  offset, size, bytes, dropped, eof, error
//	span        dir, start, end, kind, path, value
//	diagnostic  dir, start, end, code, severity, rfc, text
//	closed
//	relay       what, detail
//
// Only so many bytes of each stream are kept; "size" is the true length and
// "dropped" counts what is missing from "bytes", so offsets stay true.
package trace
