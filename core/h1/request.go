package h1

import (
	"math"
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/core/py"
)

// Authority is what putrequest derives the Host header from.
type Authority struct {
	Host        string
	Port        int
	DefaultPort int // the port that Host does not mention
}

// mark is a span of the buffer of unsent lines.
type mark struct {
	kind  SpanKind
	end   int // it begins where the one before ends
	path  Path
	value string
}

// PutRequest puts the request line, and the Host and Accept-Encoding headers
// unless skipped, into the buffer. An exception after the state has changed
// leaves the request started, as in Python: HTTPConnection.putrequest.
func (c *Conn) PutRequest(method, target string, a Authority, skipHost, skipAcceptEncoding bool) error {
	c.forget()
	if !c.Allowed(InPutRequest) {
		return Raise(ErrCannotSendRequest, c.state.Python())
	}
	c.exchange++
	c.step(InPutRequest)
	if i := controlIndex(method); i >= 0 {
		return Raise(ErrValueError, "method can't contain control characters. "+py.Repr(method)+
			" (found at least "+py.Repr(method[i:i+1])+")")
	}
	c.method = method
	if target == "" {
		target = "/"
	}
	if err := checkTarget(target, "URL"); err != nil {
		return err
	}
	if !py.IsASCII(method) || !py.IsASCII(target) {
		_, err := py.EncodeASCII(method + " " + target + " HTTP/1.1")
		return raiseText(err)
	}
	start := len(c.buffer)
	b := append(c.buffer, method...)
	b = append(b, ' ')
	b = append(b, target...)
	b = append(b, " HTTP/1.1\r\n"...)
	c.buffer = b
	c.fields = 0
	if c.Tracer != nil {
		c.markRequestLine(start, method, target)
	}
	if !skipHost {
		if err := c.putHost(target, a); err != nil {
			return err
		}
	}
	if !skipAcceptEncoding {
		c.putField("Accept-Encoding", "identity")
	}
	return nil
}

// controlIndex finds a character that Python refuses in a method.
func controlIndex(method string) int {
	return strings.IndexFunc(method, func(r rune) bool { return r < ' ' })
}

// checkTarget refuses what Python refuses in a request target and in a host:
// control characters and the space. Python: _validate_path, _validate_host.
func checkTarget(text, what string) error {
	for i := range len(text) {
		if ch := text[i]; ch <= ' ' || ch == 0x7f {
			return Raise(ErrInvalidURL, what+" can't contain control characters. "+py.Repr(text)+
				" (found at least "+py.Repr(text[i:i+1])+")")
		}
	}
	return nil
}

// CheckHost refuses control characters in a host. Python:
// HTTPConnection._validate_host.
func CheckHost(host string) error { return checkTarget(host, "URL") }

// putHost puts the Host header. Python: the middle of putrequest.
func (c *Conn) putHost(target string, a Authority) error {
	if strings.HasPrefix(target, "http") {
		netloc, err := py.URLNetloc(target)
		if err != nil {
			return raiseText(err)
		}
		if netloc != "" {
			host, err := encodeHost(netloc)
			if err != nil {
				return err
			}
			if host, err = stripZone(host); err != nil {
				return err
			}
			return c.putHostField(host, noPort)
		}
	}
	host, err := encodeHost(a.Host)
	if err != nil {
		return err
	}
	if strings.Contains(a.Host, ":") {
		if host, err = stripZone("[" + host + "]"); err != nil {
			return err
		}
	}
	if a.Port != a.DefaultPort {
		return c.putHostField(host, a.Port)
	}
	return c.putHostField(host, noPort)
}

// noPort stands for no port in a Host header; any other number is shown, because
// Python's int() takes negative ones too.
const noPort = math.MinInt

// putHostField puts the Host header.
func (c *Conn) putHostField(host string, port int) error {
	start := len(c.buffer)
	b := append(c.buffer, "Host: "...)
	b = append(b, host...)
	if port != noPort {
		b = strconv.AppendInt(append(b, ':'), int64(port), 10)
	}
	if value := b[start+len("Host: "):]; illegalValue(value) { // a tunnel's host is not checked before
		return Raise(ErrValueError, "Invalid header value "+py.ReprBytes(value))
	}
	c.commitField(b, start, len("Host"))
	return nil
}

// encodeHost gives a host as ASCII, by IDNA where it has other characters.
func encodeHost(host string) (string, error) {
	if py.IsASCII(host) {
		return host, nil
	}
	b, err := py.EncodeIDNA(host)
	if err != nil {
		return "", raiseText(err)
	}
	return string(b), nil
}

// stripZone takes the zone off an IPv6 address in brackets, and what follows
// it. Python: _strip_ipv6_iface.
func stripZone(host string) (string, error) {
	bare, _, found := strings.Cut(host, "%")
	if !found {
		return host, nil
	}
	if !strings.HasPrefix(bare, "[") {
		return "", Raise(ErrAssertionError, py.ReprBytes([]byte(bare)))
	}
	return bare + "]", nil
}

// Value is a header value: text, a number or bytes.
type Value struct {
	text  string
	bytes []byte
	kind  valueKind
}

type valueKind uint8

const (
	valueText valueKind = iota
	valueBytes
)

// TextValue is a value given as a str, sent in ISO-8859-1.
func TextValue(s string) Value { return Value{text: s} }

// IntValue is a value given as an int, sent in decimal.
func IntValue(n int) Value { return Value{text: strconv.Itoa(n)} }

// BytesValue is a value given as bytes, sent as they are.
func BytesValue(b []byte) Value { return Value{bytes: b, kind: valueBytes} }

// encode gives the value as sent.
func (v Value) encode() ([]byte, error) {
	if v.kind == valueBytes {
		return v.bytes, nil
	}
	b, err := py.EncodeLatin1(v.text)
	if err != nil {
		return nil, raiseText(err)
	}
	return b, nil
}

// PutHeader puts a header line into the buffer; several values make a folded
// one. Python: HTTPConnection.putheader.
func (c *Conn) PutHeader(name string, values ...Value) error {
	if !c.Allowed(InPutHeader) {
		return Raise(ErrCannotSendHeader, "")
	}
	if !py.IsASCII(name) {
		_, err := py.EncodeASCII(name)
		return raiseText(err)
	}
	if !legalName(name) {
		return Raise(ErrValueError, "Invalid header name "+py.ReprBytes([]byte(name)))
	}
	start := len(c.buffer)
	b := append(c.buffer, name...)
	b = append(b, ": "...)
	for i, v := range values {
		if i > 0 {
			b = append(b, "\r\n\t"...)
		}
		value, err := v.encode()
		if err != nil {
			return err
		}
		if illegalValue(value) {
			return Raise(ErrValueError, "Invalid header value "+py.ReprBytes(value))
		}
		b = append(b, value...)
	}
	c.commitField(b, start, len(name))
	return nil
}

// commitField takes b, which ends in a header line without its CRLF, for the
// buffer.
func (c *Conn) commitField(b []byte, start, nameLen int) {
	c.buffer = append(b, "\r\n"...)
	c.step(InPutHeader)
	if c.Tracer != nil {
		c.markField(start, nameLen)
	}
	c.fields++
}

// putField puts a header of the engine's own, which needs no checks.
func (c *Conn) putField(name, value string) {
	start := len(c.buffer)
	b := append(c.buffer, name...)
	b = append(b, ": "...)
	c.commitField(append(b, value...), start, len(name))
}

// legalName is Python's _is_legal_header_name: [^:\s][^:\r\n]*
func legalName(name string) bool {
	if name == "" || name[0] == ' ' || name[0] >= '\t' && name[0] <= '\r' {
		return false
	}
	return !strings.ContainsAny(name, ":\r\n")
}

// illegalValue is Python's _is_illegal_header_value: a line break that no
// blank follows.
func illegalValue(value []byte) bool {
	blank := func(i int, more byte) bool {
		return i < len(value) && (value[i] == ' ' || value[i] == '\t' || more != 0 && value[i] == more)
	}
	for i, ch := range value {
		switch {
		case ch == '\n' && !blank(i+1, 0), ch == '\r' && !blank(i+1, '\n'):
			return true
		}
	}
	return false
}

// EndHeaders ends the head and gives the bytes to send, and what they are; both
// are valid until the next call. Python: HTTPConnection.endheaders, _send_output.
func (c *Conn) EndHeaders() (head []byte, layout Layout, err error) {
	if !c.Allowed(InEndHeaders) {
		return nil, Layout{}, Raise(ErrCannotSendHeader, "")
	}
	c.step(InEndHeaders)
	head = append(c.buffer, "\r\n"...)
	c.buffer = head[:0]
	layout = Layout{kind: layoutHead, end: len(head)}
	if c.Tracer != nil {
		layout.marks = append(c.layout, mark{SpanHeadEnd, len(head), Path{"request", -1, "head-end", -1, ""}, ""})
		c.layout = layout.marks[:0]
		c.Tracer.Trace(c.Event(EventBuffer))
	}
	return head, layout, nil
}

// Framing is how the body of a request is announced when its caller has set
// neither Content-Length nor Transfer-Encoding.
type Framing uint8

// The framings. Python: _send_request.
const (
	FramingNone Framing = iota
	FramingLength
	FramingChunked
)

// BodyFraming decides it; size is -1 for a body of unknown size. Python:
// HTTPConnection._get_content_length, _send_request.
func BodyFraming(method string, hasBody bool, size int) (framing Framing, length int) {
	switch {
	case !hasBody:
		// The method went into the request line, so it is ASCII.
		if equalFold(method, "PATCH") || equalFold(method, "POST") || equalFold(method, "PUT") {
			return FramingLength, 0
		}
		return FramingNone, 0
	case size < 0:
		return FramingChunked, 0
	}
	return FramingLength, size
}

// NameIs compares header names in any case, as request does for the names that
// turn its automatic headers off. Python: str.lower.
func NameIs(name, lower string) bool { return py.Lower(name) == lower }
