package wisp

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

// Type is the first byte of every packet.
type Type byte

// Packet types. CREDIT and FIN exist only where the flow extension was
// negotiated; see the package comment.
const (
	TypeConnect  Type = 0x01 // client: open a stream
	TypeData     Type = 0x02 // both: bytes of a stream
	TypeContinue Type = 0x03 // server: packets the client may send
	TypeClose    Type = 0x04 // both: the stream is over, and why
	TypeInfo     Type = 0x05 // both: version 2 handshake
	TypeCredit   Type = 0xF8 // both: bytes the peer may send in addition
	TypeFin      Type = 0xF9 // both: no more bytes from this side
)

// String gives the packet's name as the protocol writes it.
func (t Type) String() string {
	switch t {
	case TypeConnect:
		return "CONNECT"
	case TypeData:
		return "DATA"
	case TypeContinue:
		return "CONTINUE"
	case TypeClose:
		return "CLOSE"
	case TypeInfo:
		return "INFO"
	case TypeCredit:
		return "CREDIT"
	case TypeFin:
		return "FIN"
	}
	return "packet of type 0x" + hex(byte(t))
}

// StreamType is the transport that a CONNECT asks for.
type StreamType byte

// Transports of CONNECT. This package serves TCP only.
const (
	TCP StreamType = 0x01
	UDP StreamType = 0x02
)

// HeaderLen is the length of a packet's type and stream id, in bytes.
const HeaderLen = 5

// MaxHostLen bounds a CONNECT's host, in bytes: a DNS name takes at most 253,
// an IPv6 literal with a zone fewer.
const MaxHostLen = 255

// Packet is one decoded message. Payload aliases the message.
type Packet struct {
	Type    Type
	Stream  uint32
	Payload []byte
}

// Error is a violation of the protocol by the peer. The text names what came
// and what was expected.
type Error struct{ Text string }

func (e *Error) Error() string { return "wisp: " + e.Text }

func protocolError(text string) error { return &Error{Text: text} }

// Decode splits one WebSocket message into type, stream and payload, and
// checks that the payload's length suits the type and that stream 0 is used
// only where the protocol uses it. It does not know which types were
// negotiated: Session does.
func Decode(msg []byte) (Packet, error) {
	if len(msg) < HeaderLen {
		return Packet{}, protocolError("a packet of " + strconv.Itoa(len(msg)) + " bytes; a type and a stream id take 5")
	}
	p := Packet{Type: Type(msg[0]), Stream: binary.LittleEndian.Uint32(msg[1:]), Payload: msg[HeaderLen:]}
	n := len(p.Payload)
	var short string
	switch p.Type {
	case TypeConnect:
		if n < 4 {
			short = "type, port and a host"
		}
	case TypeData:
	case TypeContinue, TypeCredit:
		if n != 4 {
			short = "4"
		}
	case TypeClose:
		if n != 1 {
			short = "1"
		}
	case TypeInfo:
		if n < 2 {
			short = "major and minor version"
		}
	case TypeFin:
		if n != 0 {
			short = "0"
		}
	default:
		return Packet{}, protocolError("a packet of unknown type 0x" + hex(msg[0]) + " on stream " + utoa(p.Stream))
	}
	if short != "" {
		return Packet{}, protocolError(p.Type.String() + " with a payload of " + strconv.Itoa(n) + " bytes; expected " + short)
	}
	switch p.Type {
	case TypeConnect, TypeData, TypeCredit, TypeFin:
		if p.Stream == 0 {
			return Packet{}, protocolError(p.Type.String() + " on stream 0, which belongs to the handshake")
		}
	case TypeInfo:
		if p.Stream != 0 {
			return Packet{}, protocolError("INFO on stream " + utoa(p.Stream) + "; expected stream 0")
		}
	}
	return p, nil
}

// Connect is the payload of a CONNECT packet.
type Connect struct {
	Type StreamType
	Port uint16
	Host string
}

// Connect reads the payload of a CONNECT. The error says which field is not
// usable: an unknown transport, port 0, or a host that is empty, too long, not
// UTF-8, or has a space or control character in it.
func (p Packet) Connect() (Connect, error) {
	c := Connect{
		Type: StreamType(p.Payload[0]),
		Port: binary.LittleEndian.Uint16(p.Payload[1:]),
		Host: string(p.Payload[3:]),
	}
	switch {
	case c.Type == UDP:
		return c, protocolError("CONNECT for a UDP stream; only TCP is served")
	case c.Type != TCP:
		return c, protocolError("CONNECT with stream type 0x" + hex(byte(c.Type)) + "; expected 0x01 (TCP)")
	case c.Port == 0:
		return c, protocolError("CONNECT to port 0; expected 1 to 65535")
	}
	return c, CheckHost(c.Host)
}

// CheckHost reports what keeps host from being sent in a CONNECT: it is
// empty, longer than MaxHostLen, not UTF-8, or has a space or a control
// character in it.
func CheckHost(host string) error {
	switch {
	case host == "":
		return protocolError("an empty host")
	case len(host) > MaxHostLen:
		return protocolError("a host of " + strconv.Itoa(len(host)) + " bytes; expected at most " + strconv.Itoa(MaxHostLen))
	case !utf8.ValidString(host):
		return protocolError("a host that is not UTF-8: " + strconv.QuoteToASCII(host))
	}
	for i := 0; i < len(host); i++ {
		if host[i] <= ' ' || host[i] == 0x7F {
			return protocolError("a host with a space or control character: " + strconv.QuoteToASCII(host))
		}
	}
	return nil
}

// Count reads the payload of a CONTINUE (packets) or a CREDIT (bytes).
func (p Packet) Count() uint32 { return binary.LittleEndian.Uint32(p.Payload) }

// Reason reads the payload of a CLOSE.
func (p Packet) Reason() Reason { return Reason(p.Payload[0]) }

// AppendHeader appends the type and stream id of a packet: for DATA, the
// payload follows.
func AppendHeader(dst []byte, t Type, stream uint32) []byte {
	return binary.LittleEndian.AppendUint32(append(dst, byte(t)), stream)
}

// AppendConnect appends a CONNECT packet for a TCP stream.
func AppendConnect(dst []byte, stream uint32, host string, port uint16) []byte {
	dst = append(AppendHeader(dst, TypeConnect, stream), byte(TCP))
	return append(binary.LittleEndian.AppendUint16(dst, port), host...)
}

// AppendData appends a DATA packet.
func AppendData(dst []byte, stream uint32, data []byte) []byte {
	return append(AppendHeader(dst, TypeData, stream), data...)
}

// AppendContinue appends a CONTINUE packet: the client may send n packets.
func AppendContinue(dst []byte, stream uint32, n uint32) []byte {
	return binary.LittleEndian.AppendUint32(AppendHeader(dst, TypeContinue, stream), n)
}

// AppendCredit appends a CREDIT packet: the peer may send n bytes more.
func AppendCredit(dst []byte, stream uint32, n uint32) []byte {
	return binary.LittleEndian.AppendUint32(AppendHeader(dst, TypeCredit, stream), n)
}

// AppendFin appends a FIN packet.
func AppendFin(dst []byte, stream uint32) []byte { return AppendHeader(dst, TypeFin, stream) }

// AppendClose appends a CLOSE packet.
func AppendClose(dst []byte, stream uint32, r Reason) []byte {
	return append(AppendHeader(dst, TypeClose, stream), byte(r))
}

const hexDigits = "0123456789abcdef"

func hex(b byte) string { return string([]byte{hexDigits[b>>4], hexDigits[b&15]}) }

func utoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
