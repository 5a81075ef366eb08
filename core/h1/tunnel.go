package h1

import (
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/core/py"
)

// TunnelField is a header of a CONNECT request.
type TunnelField struct {
	Name  string
	Value Value
}

// text gives the value as Python's f-string does.
func (v Value) tunnelText() string {
	if v.kind == valueBytes {
		return py.ReprBytes(v.bytes)
	}
	return v.text
}

// Connect makes the CONNECT request that opens a tunnel through a proxy.
// Control characters in the host and in the headers are refused, as later
// CPythons do. Python: HTTPConnection._tunnel.
func (c *Conn) Connect(host string, port int, fields []TunnelField) ([]byte, Layout, error) {
	if hasControl([]byte(host)) || strings.Contains(host, "\t") {
		return nil, Layout{}, Raise(ErrValueError, "Tunnel host can't contain control characters "+py.Repr(host))
	}
	if !py.IsASCII(host) {
		_, err := py.EncodeASCII(host)
		return nil, Layout{}, raiseText(err)
	}
	b := append([]byte("CONNECT "), host...)
	b = append(b, ':')
	b = strconv.AppendInt(b, int64(port), 10)
	b = append(b, " HTTP/1.0\r\n"...)
	l := Layout{kind: layoutTunnel}
	add := func(kind SpanKind, end int, item string, index int, part, value string) {
		if c.Tracer != nil {
			l.marks = append(l.marks, mark{kind, end, Path{"tunnel-request", -1, item, index, part}, value})
		}
	}
	n := len("CONNECT")
	add(SpanMethod, n, "request-line", -1, "method", "CONNECT")
	add(SpanSP, n+1, "request-line", -1, "sp", "")
	n = len(b) - len(" HTTP/1.0\r\n")
	add(SpanTarget, n, "request-line", -1, "target", string(b[8:n]))
	add(SpanSP, n+1, "request-line", -1, "sp", "")
	add(SpanVersion, len(b)-2, "request-line", -1, "version", "HTTP/1.0")
	add(SpanCRLF, len(b), "request-line", -1, "crlf", "")
	for i, f := range fields {
		value := f.Value.tunnelText()
		line, err := py.EncodeLatin1(f.Name + ": " + value + "\r\n")
		if err != nil {
			return nil, Layout{}, raiseText(err)
		}
		name, err := py.EncodeLatin1(f.Name)
		if err != nil {
			return nil, Layout{}, raiseText(err)
		}
		if hasControl(name) {
			return nil, Layout{}, Raise(ErrValueError, "Invalid header name "+py.ReprBytes(name))
		}
		if v := line[len(name)+2 : len(line)-2]; hasControl(v) {
			return nil, Layout{}, Raise(ErrValueError, "Invalid header value "+py.ReprBytes(v))
		}
		at := len(b)
		b = append(b, line...)
		add(SpanName, at+len(name), "header", i, "name", f.Name)
		add(SpanColon, at+len(name)+1, "header", i, "colon", "")
		add(SpanOWS, at+len(name)+2, "header", i, "ows", "")
		add(SpanValue, len(b)-2, "header", i, "value", value)
		add(SpanCRLF, len(b), "header", i, "crlf", "")
	}
	b = append(b, "\r\n"...)
	add(SpanHeadEnd, len(b), "head-end", -1, "", "")
	return b, l, nil
}

// TunnelResponse begins the reply to a CONNECT.
func (c *Conn) TunnelResponse() *Response {
	r := new(Response)
	c.start(r, "tunnel-response")
	return r
}
