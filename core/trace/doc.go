// Package trace keeps the event log of a connection: an append-only list of
// what the engine and the calls reported, as versioned JSON, one object an
// event.
//
// Every object has "type", "seq" (from 0, without gaps) and "t" (milliseconds
// since the log began; transition, buffer, span and diagnostic follow at once from
// a call or transfer and have its time); "conn" is the number of the transport and "exchange"
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
//	tls-handshake    phase "start": server_hostname, verify, check_hostname, alpn
//	                 phase "done": version, cipher_suite, group, server_name, alpn, verified
//	                 phase "failed": error
//	tls-certificate  index, sent, subject, issuer, names, not_before, not_after, serial,
//	                 authority, self_signed, key, signature, sha256, der
//	tls-record       dir, offset, size, bytes, dropped, content, outer, version, protected,
//	                 parts, plaintext | inner, messages | inner, alert | problem
//
// Under TLS, send, recv, span and diagnostic are about the plaintext that HTTP
// sees, with its offsets. The records are what goes over the transport: their
// offsets are those of the transport's own stream and partition it. A record's
// "content" is what it truly carries ("application_data", "handshake", "alert",
// "change_cipher_spec"; "incomplete" and "not-tls" for bytes that make no
// record) and "outer" what it claims to whoever has no key; "parts" lists the
// names and sizes it consists of. Application data has the range of the
// plaintext stream that it carried, as "plaintext" {start, end}: the spans in
// that range are what the record protected. Handshake and alerts have their
// plaintext as "inner" bytes, and "messages" lists each message with the range
// of it that is in this record, and where it ends, its "details". Both streams
// of a tunnel begin with the proxy's CONNECT in the clear, so that records and
// plaintext begin at the same offset there. "sent" tells a certificate that
// the server sent from the authority in the client's own store. No secrets are
// in a log.
//
// Only so many bytes of each stream are kept; "size" is the true length and
// "dropped" counts what is missing from "bytes", so offsets stay true. Only so
// many spans, diagnostics, transfers and records are kept, too; "omitted", of any
// event, counts those that would have stood before it. Transfers beyond are told
// of as one, without their bytes, before the next event that is kept: a stream is
// always told of to its end, and its records may have holes.
package trace
