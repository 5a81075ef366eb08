package core

import (
	"context"

	"github.com/stepwire/stepwire/core/h1"
)

// Header is a header to send. The value is a string, an int or a []byte.
type Header struct {
	Name  string
	Value any
}

// headerValue takes a value of one of the kinds that putheader takes.
func headerValue(value any) (h1.Value, error) {
	switch v := value.(type) {
	case string:
		return h1.TextValue(v), nil
	case int:
		return h1.IntValue(v), nil
	case []byte:
		return h1.BytesValue(v), nil
	}
	return h1.Value{}, h1.Raise(ErrTypeError, "expected string or bytes-like object, got "+typeName(value))
}

// PutRequestOptions are the optional arguments of [HTTPConnection.PutRequest].
type PutRequestOptions struct {
	SkipHost           bool // no automatic Host header. Python: skip_host
	SkipAcceptEncoding bool // no automatic Accept-Encoding header. Python: skip_accept_encoding
}

// PutRequest begins a request: the first call of one, once the connection is
// ready for it. Nothing is sent before EndHeaders.
// Python: HTTPConnection.putrequest.
func (c *HTTPConnection) PutRequest(method, url string, opts *PutRequestOptions) (err error) {
	if opts == nil {
		opts = &PutRequestOptions{}
	}
	if c.engine.Tracer != nil {
		t := c.trace("putrequest", h1.Arg{Name: "method", Value: method}, h1.Arg{Name: "url", Value: url},
			flagArg("skip_host", opts.SkipHost), flagArg("skip_accept_encoding", opts.SkipAcceptEncoding))
		defer func() { t.done(nil, err) }()
	}
	return c.putRequest(method, url, opts.SkipHost, opts.SkipAcceptEncoding)
}

func (c *HTTPConnection) putRequest(method, url string, skipHost, skipAcceptEncoding bool) error {
	a := h1.Authority{Host: c.Host, Port: c.Port, DefaultPort: c.defaultPort}
	if c.tunnelHost != "" {
		a.Host, a.Port = c.tunnelHost, c.tunnelPort
	}
	return c.engine.PutRequest(method, url, a, skipHost, skipAcceptEncoding)
}

// PutHeader adds a header line to the request; several values are sent as one
// folded line. A value is a string (sent in ISO-8859-1), an int or a []byte.
// Python: HTTPConnection.putheader.
func (c *HTTPConnection) PutHeader(header string, values ...any) (err error) {
	if c.engine.Tracer != nil {
		t := c.trace("putheader", h1.Arg{Name: "header", Value: header}, h1.Arg{Name: "values", Value: values})
		defer func() { t.done(nil, err) }()
	}
	return c.putHeader(header, values...)
}

func (c *HTTPConnection) putHeader(header string, values ...any) error {
	var few [1]h1.Value
	list := few[:0]
	for _, value := range values {
		v, err := headerValue(value)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	return c.engine.PutHeader(header, list...)
}

// EndHeadersOptions are the optional arguments of [HTTPConnection.EndHeaders].
type EndHeadersOptions struct {
	MessageBody   any  // see [RequestOptions]. Python: message_body
	EncodeChunked bool // send the body in chunked coding. Python: encode_chunked
}

// EndHeaders sends the buffered head, and the body if there is one.
// Python: HTTPConnection.endheaders.
func (c *HTTPConnection) EndHeaders(ctx context.Context, opts *EndHeadersOptions) (err error) {
	if opts == nil {
		opts = &EndHeadersOptions{}
	}
	if c.engine.Tracer != nil {
		t := c.trace("endheaders", bodyArg("message_body", opts.MessageBody), flagArg("encode_chunked", opts.EncodeChunked))
		defer func() { t.done(nil, err) }()
	}
	b, err := bodyOf(opts.MessageBody)
	if err != nil {
		return err
	}
	return c.endHeaders(ctx, b, opts.EncodeChunked)
}

func (c *HTTPConnection) endHeaders(ctx context.Context, b body, chunked bool) error {
	head, layout, err := c.engine.EndHeaders()
	if err != nil {
		return err
	}
	if err := c.sendBytes(ctx, head, layout); err != nil {
		return err
	}
	if b.kind == bodyNone {
		return nil
	}
	return c.sendBody(ctx, b, chunked)
}

// RequestOptions are the optional arguments of [HTTPConnection.Request].
type RequestOptions struct {
	// Body is nil, a string (sent in ISO-8859-1), a []byte, an [io.Reader] (a
	// binary file), a [TextReader] (a text file), or an iterable of bytes:
	// [][]byte or iter.Seq[[]byte]. Python: body.
	Body any
	// Headers are sent in this order. Python: headers.
	Headers []Header
	// EncodeChunked says that the body is to be sent in chunked coding, which
	// the caller has announced in a Transfer-Encoding header. Python:
	// encode_chunked.
	EncodeChunked bool
}

var noOptions RequestOptions

// Request sends a whole request. Content-Length or Transfer-Encoding are added
// as the body and the method ask for, unless the headers have one of them.
// Python: HTTPConnection.request.
func (c *HTTPConnection) Request(ctx context.Context, method, url string, opts *RequestOptions) (err error) {
	if opts == nil {
		opts = &noOptions
	}
	if c.engine.Tracer != nil {
		t := c.trace("request", h1.Arg{Name: "method", Value: method}, h1.Arg{Name: "url", Value: url},
			bodyArg("body", opts.Body), headersArg(opts.Headers), flagArg("encode_chunked", opts.EncodeChunked))
		defer func() { t.done(nil, err) }()
	}
	b, err := bodyOf(opts.Body)
	if err != nil {
		return err
	}
	return c.request(ctx, method, url, b, opts.Headers, opts.EncodeChunked)
}

// request is Python's _send_request.
func (c *HTTPConnection) request(ctx context.Context, method, url string, b body, headers []Header, chunked bool) error {
	var hasHost, hasAccept, hasLength, hasCoding bool
	for i := range headers {
		name := headers[i].Name
		hasHost = hasHost || h1.NameIs(name, "host")
		hasAccept = hasAccept || h1.NameIs(name, "accept-encoding")
		hasLength = hasLength || h1.NameIs(name, "content-length")
		hasCoding = hasCoding || h1.NameIs(name, "transfer-encoding")
	}
	if err := c.putRequest(method, url, hasHost, hasAccept); err != nil {
		return err
	}
	switch {
	case hasLength:
		chunked = false
	case !hasCoding:
		framing, length := h1.BodyFraming(method, b.kind != bodyNone, b.size())
		chunked = framing == h1.FramingChunked
		switch framing {
		case h1.FramingChunked:
			if c.DebugLevel > 0 {
				c.print("Unable to determine size of " + b.repr())
			}
			if err := c.engine.PutHeader("Transfer-Encoding", h1.TextValue("chunked")); err != nil {
				return err
			}
		case h1.FramingLength:
			if err := c.engine.PutHeader("Content-Length", h1.IntValue(length)); err != nil {
				return err
			}
		}
	}
	for i := range headers {
		if err := c.putHeader(headers[i].Name, headers[i].Value); err != nil {
			return err
		}
	}
	b, err := b.encoded()
	if err != nil {
		return err
	}
	return c.endHeaders(ctx, b, chunked)
}
