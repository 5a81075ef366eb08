// Package wisp is the wire contract between a client and a relay: the Wisp
// protocol, versions 1 and 2, and an extension of it for flow control and
// half-close. It does no input or output. Both ends, the native relay and the
// one that runs as a Worker use it.
//
// # Wisp in short
//
// Each binary WebSocket message is one packet: a type (1 byte), a stream id (4
// bytes, little-endian as all numbers) and a payload.
//
//	0x01 CONNECT   client       stream type u8 (1 TCP, 2 UDP), port u16, host
//	0x02 DATA      both         bytes of the stream
//	0x03 CONTINUE  relay        packets u32 that the client may send now
//	0x04 CLOSE     both         reason u8; the stream is over at once
//	0x05 INFO      both         major u8, minor u8, extensions: {id u8, length u32, data}
//
// Version 1 starts with CONTINUE on stream 0 from the relay: the credit of each
// new stream, in packets. Version 2 is asked for by offering any WebSocket
// subprotocol (this package's Subprotocol): the relay sends INFO, the client
// answers INFO, the relay sends CONTINUE on stream 0. A client tells the
// versions apart by the first byte it gets. Only what both INFOs name is used.
//
// Plain Wisp has no flow control from the relay to the client, no half-close,
// and a CONTINUE resets the client's counter, so that the relay cannot know
// exactly what is on its way; packetWindow says how the relay bounds its queue
// all the same.
//
// # The flow extension
//
// Extension id 0xF8, in both INFOs. Its data, the same from either side:
//
//	offset 0  version u8    1; an entry of another version is as if absent
//	offset 1  flags   u8    0; to be ignored
//	offset 2  window  u32   bytes of each stream that the sender of this INFO takes
//	                        before it grants more; less than 2^31
//	offset 6  maxdata u32   the largest payload of a DATA packet that it takes; 1024 or more
//	offset 10 …             to be ignored
//
// Where both sides name it, on every stream:
//
//  1. Credit. Each direction starts with the receiver's window, in bytes of
//     DATA payload. CREDIT (type 0xF8, payload u32) adds to what its receiver
//     may send; counts add up and never reset; the sum may not pass 2^31-1. A
//     receiver grants bytes when its reader took them, not when they came, and
//     should gather: this one grants once a quarter of the window was taken. DATA beyond
//     the credit is an overrun: the stream is closed, with ReasonThrottled by a
//     relay and ReasonClientError by a client. An empty DATA costs nothing.
//     CONTINUE is not used on streams other than 0; the one on stream 0 that
//     ends the handshake carries no meaning.
//  2. Open. When the relay is connected to the destination it sends CREDIT on
//     the stream, of 0 bytes if it has none to add. The first CREDIT from the
//     relay says "connected"; a CLOSE before it says why not. So extension
//     0x05 (stream open confirmation) is implied.
//  3. No waiting. Since the credit is in INFO, a client may send CONNECT and
//     DATA right behind its INFO. A relay that rejects the INFO answers CLOSE
//     on stream 0, and drops the rest.
//  4. Half-close. FIN (type 0xF9, no payload) says that its sender has no more
//     DATA for the stream; all of it went before. The relay sends FIN when the
//     destination has closed its side; on FIN from the client it shuts down
//     its writing side to the destination once the queue is written. DATA or
//     a second FIN after FIN is an error of the session.
//  5. End. CLOSE ends both directions, and its sender takes nothing more on the
//     stream. CLOSE with ReasonVoluntary is orderly: everything before it is
//     still to be delivered, and what its sender had not finished counts as
//     finished. A client sends it when it is done with the stream, also after
//     both FINs; a relay sends it when both directions are finished. With any
//     other reason the stream is aborted: the relay resets the connection to
//     the destination; the client's reader gets an error after the bytes that
//     came before, never an end of file.
//     A client may close the WebSocket right behind its CLOSE: what was queued
//     for the destination is then still written.
//  6. Truncation. A WebSocket that ends while a stream is open, without CLOSE
//     (or FIN, for the direction towards the client), is a failure of the
//     relay: the client's reader gets an error.
//  7. Ids. Packets for a stream that is not open are ignored: CLOSE crosses
//     with what was on its way. Therefore a client does not use an id twice on
//     one WebSocket.
//
// # Strictness
//
// Session treats as the end of the session: a packet that is too short, too long
// for its type, or of a type that is unknown or not negotiated; stream 0
// outside the handshake; INFO that ends inside an extension; packets before or
// after their time. It answers CLOSE on stream 0, and the WebSocket is to be
// closed with 1002. A CONNECT that cannot be served (UDP, port 0, no host, an id
// that is open) and an overrun close that stream only.
//
// # wsproxy
//
// The other convention has no packets: one WebSocket for each connection, whose
// URL ends in host:port, with the connection's bytes as binary messages. The
// relay says how it ended with the WebSocket's close code: 1000 after the
// destination closed and all was delivered, else 4000 plus a Reason.
package wisp
