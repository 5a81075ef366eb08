package h1

// Tracer receives what happens, in order. The event and all it points to are
// valid only during the call.
type Tracer interface {
	Trace(e *Event)
}

// EventKind tells which fields of an Event are set.
type EventKind uint8

// The kinds of events. Those from the engine come first; package core adds
// the calls and what its two I/O functions do.
const (
	EventTransition     EventKind = iota // From, Input, To
	EventBuffer                          // Span, Path, Bytes, Size: bytes put into the buffer of unsent lines; no Bytes: it was emptied
	EventSpan                            // Dir, Start, End, Span, Path, Value
	EventDiagnostic                      // Dir, Start, End, Diagnostic
	EventCall                            // Call, Name, Args
	EventReturn                          // Call, Name, Result or Err, State, Legal, Printed
	EventConnect                         // Phase, Host, Port, Err
	EventSend                            // Start, Bytes, Err
	EventRecv                            // Start, Bytes, EOF or Err
	EventClosed                          // the client closed the transport
	EventRelay                           // Name, Value: what the transport itself reports
	EventTLSHandshake                    // Phase, Args, Err: what client and server agreed on
	EventTLSCertificate                  // Args: a certificate of the server's chain
	EventTLSRecord                       // Dir, Start, Bytes, Args: a record as it went over the transport
)

var eventNames = [...]string{
	"transition", "buffer", "span", "diagnostic", "call", "return",
	"connect", "send", "recv", "closed", "relay",
	"tls-handshake", "tls-certificate", "tls-record",
}

// String gives the event's type in the log.
func (k EventKind) String() string { return eventNames[k] }

// Direction tells the two streams of a connection apart.
type Direction uint8

// The two streams.
const (
	Sent Direction = iota
	Received
)

// String gives "sent" or "received".
func (d Direction) String() string {
	if d == Sent {
		return "sent"
	}
	return "received"
}

// SpanKind names what a leaf range of bytes is.
type SpanKind string

// The leaf kinds. Every byte of a stream belongs to exactly one leaf.
const (
	SpanMethod     SpanKind = "method"      // RFC 9112 section 3.1
	SpanTarget     SpanKind = "target"      // RFC 9112 section 3.2
	SpanVersion    SpanKind = "version"     // RFC 9112 section 2.3
	SpanSP         SpanKind = "sp"          // blank between the parts of a first line
	SpanStatusCode SpanKind = "status-code" // RFC 9112 section 4
	SpanReason     SpanKind = "reason"      // RFC 9112 section 4
	SpanCRLF       SpanKind = "crlf"        // end of a line
	SpanName       SpanKind = "name"        // RFC 9112 section 5
	SpanColon      SpanKind = "colon"       // RFC 9112 section 5
	SpanOWS        SpanKind = "ows"         // optional whitespace, RFC 9110 section 5.6.3
	SpanValue      SpanKind = "value"       // RFC 9110 section 5.5
	SpanFold       SpanKind = "fold"        // obs-fold, RFC 9112 section 5.2
	SpanHeadEnd    SpanKind = "head-end"    // the empty line
	SpanJunk       SpanKind = "junk"        // bytes of a head that the parser drops
	SpanChunkSize  SpanKind = "chunk-size"  // RFC 9112 section 7.1
	SpanChunkExt   SpanKind = "chunk-ext"   // RFC 9112 section 7.1.1
	SpanChunkData  SpanKind = "chunk-data"  // RFC 9112 section 7.1
	SpanChunkCRLF  SpanKind = "chunk-crlf"  // the CRLF around a chunk
	SpanLastChunk  SpanKind = "last-chunk"  // the size line of the last chunk
	SpanTrailerEnd SpanKind = "trailer-end" // the empty line that ends a chunked body
	SpanBody       SpanKind = "body"        // content without chunked coding
	SpanRaw        SpanKind = "raw"         // bytes that the caller sent on its own
	SpanDiscarded  SpanKind = "discarded"   // read ahead and lost with the response's buffer
)

// Path says where in a message a span belongs: response › header[3] › value.
type Path struct {
	Message      string // "request", "response", "interim", "tunnel-request", "tunnel-response"
	MessageIndex int    // -1: not counted
	Item         string // "status-line", "header", "chunk", "trailer", "body"…; empty: none
	ItemIndex    int    // -1: not counted
	Part         string // "value", …; empty: the item itself
}

// Event is one thing that happened.
type Event struct {
	Kind     EventKind
	Conn     int // number of the transport, from 1; 0 before any
	Exchange int // number of the putrequest, from 1; 0 before any

	From  State // transition
	Input Input
	To    State

	Dir        Direction // span, diagnostic
	Start, End int64     // half-open, absolute in the stream of its transport; under TLS that is the plaintext, but for records
	Span       SpanKind
	Path       Path
	Value      string // what the parser took from the span

	Bytes []byte // buffer, send, recv, tls-record
	Size  int    // buffer: bytes now unsent
	EOF   bool   // recv: the peer ended its stream

	Diagnostic *Diagnostic

	Call    int    // call, return: number of the call, from 1
	Name    string // its Python name
	Args    []Arg  // of the call; under TLS, members of the event
	Result  any
	Err     error
	State   State
	Legal   []string
	Printed string // what a debug level above 0 printed during the call

	Phase string // connect: "start", "open", "failed"; tls-handshake: "start", "done", "failed"
	Host  string
	Port  int
}

// Arg is an argument of a call, under its Python name.
type Arg struct {
	Name  string
	Value any
}

// Pairs is an argument or result made of named parts.
type Pairs []Arg

// Fields is an argument or result made of header fields, in order.
type Fields []Arg
