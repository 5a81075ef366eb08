package core

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

type bodyKind uint8

const (
	bodyNone bodyKind = iota
	bodyText
	bodyBytes
	bodyFile
	bodyTextFile
	bodyIterable
)

// body is a request's content in one of the kinds that http.client takes.
type body struct {
	kind  bodyKind
	text  string
	bytes []byte
	file  io.Reader
	chars TextReader
	items iter.Seq[[]byte]
	list  [][]byte // the items, where they are a list
	value any      // as given
}

// bodyOf finds out what kind of body a value is.
func bodyOf(value any) (body, error) {
	b := body{value: value}
	switch v := value.(type) {
	case nil:
	case string:
		b.kind, b.text = bodyText, v
	case []byte:
		b.kind, b.bytes = bodyBytes, v
	case TextReader:
		b.kind, b.chars = bodyTextFile, v
	case io.Reader:
		b.kind, b.file = bodyFile, v
	case [][]byte:
		b.kind, b.list, b.items = bodyIterable, v, slices.Values(v)
	case iter.Seq[[]byte]:
		b.kind, b.items = bodyIterable, v
	case func(yield func([]byte) bool):
		b.kind, b.items = bodyIterable, v
	default:
		return body{}, h1.Raise(ErrTypeError, "message_body should be a bytes-like object or an iterable, got "+typeName(value))
	}
	return b, nil
}

// typeName names the type of a value that is no body, as Python would.
func typeName(value any) string {
	switch value.(type) {
	case int, int64, int32, uint, uint8, uint64:
		return "<class 'int'>"
	case float64, float32:
		return "<class 'float'>"
	case bool:
		return "<class 'bool'>"
	}
	return "an unsupported type"
}

// size is the length that request announces, -1 where it cannot tell. Python:
// HTTPConnection._get_content_length.
func (b body) size() int {
	switch b.kind {
	case bodyText:
		return py.Len(b.text)
	case bodyBytes:
		return len(b.bytes)
	}
	return -1
}

// encoded turns a text body into bytes. Python: http.client._encode.
func (b body) encoded() (body, error) {
	if b.kind != bodyText {
		return b, nil
	}
	data, err := py.EncodeLatin1(b.text)
	if err != nil {
		// Python names the culprit and shows at most twenty characters of its repr.
		bad := py.Prefix(py.Repr(py.Slice(b.text, err.Start, err.End)), 20)
		err.Reason = "Body (" + bad + ") is not valid Latin-1. Use body.encode('utf-8') if you want to send it encoded in UTF-8."
		return body{}, raiseEncode(err)
	}
	return body{kind: bodyBytes, bytes: data, value: data}, nil
}

func raiseEncode(err *py.UnicodeEncodeError) error {
	e := h1.Raise(h1.ErrUnicodeEncodeError, err.Error())
	e.Cause = err
	return e
}

// repr is what debug output shows of the body.
func (b body) repr() string {
	if v, ok := b.value.(interface{ Repr() string }); ok {
		return v.Repr()
	}
	switch b.kind {
	case bodyText:
		return py.Repr(b.text)
	case bodyBytes:
		return py.ReprBytes(b.bytes)
	case bodyFile:
		return "<file>"
	case bodyTextFile:
		return "<textfile>"
	case bodyIterable:
		if b.list != nil {
			return py.ReprBytesList(b.list)
		}
		return "<iterable>"
	}
	return "None"
}

// blocks reads a file body block by block. Python:
// HTTPConnection._read_readable, and the loop in send.
func (c *HTTPConnection) blocks(b body, block func([]byte) error) error {
	if b.kind == bodyTextFile {
		for {
			text, err := b.chars.ReadText(c.Blocksize)
			if err != nil {
				return err
			}
			if text == "" {
				return nil
			}
			data, bad := py.EncodeLatin1(text)
			if bad != nil {
				return raiseEncode(bad)
			}
			if err := block(data); err != nil {
				return err
			}
		}
	}
	if c.Blocksize < 0 { // read(-1): the whole file
		data, err := io.ReadAll(b.file)
		if err != nil || len(data) == 0 {
			return err
		}
		return block(data)
	}
	read := c.blockReader(b.file)
	for {
		data, err := read()
		if len(data) == 0 {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if err := block(data); err != nil {
			return err
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// largeBlock is from where on a block's memory follows the file's bytes and not
// the blocksize, which has no limit.
const largeBlock = 1 << 20

// blockReader gives what reads a file's next block, with the errors of
// io.ReadFull. A block is valid until the next one.
func (c *HTTPConnection) blockReader(file io.Reader) func() ([]byte, error) {
	if c.Blocksize > largeBlock {
		return func() ([]byte, error) {
			data, err := io.ReadAll(io.LimitReader(file, int64(c.Blocksize)))
			switch {
			case err == nil && len(data) == 0:
				err = io.EOF
			case err == nil && len(data) < c.Blocksize:
				err = io.ErrUnexpectedEOF
			}
			return data, err
		}
	}
	buf := make([]byte, c.Blocksize)
	return func() ([]byte, error) {
		n, err := io.ReadFull(file, buf)
		return buf[:n], err
	}
}

// Send sends data over the connection, opening it first when AutoOpen is set.
// data is of one of the kinds of [RequestOptions].Body but a string, which
// raises TypeError unless it is empty. Python: HTTPConnection.send.
func (c *HTTPConnection) Send(ctx context.Context, data any) (err error) {
	if c.engine.Tracer != nil {
		t := c.trace("send", bodyArg("data", data))
		defer func() { t.done(nil, err) }()
	}
	b, err := bodyOf(data)
	if err != nil {
		return err
	}
	layout := h1.LayoutRaw
	if c.engine.Tracer != nil && b.kind == bodyBytes {
		if err := c.ensureOpen(ctx); err != nil {
			return err
		}
		layout = c.engine.PutRaw(b.bytes)
	}
	return c.send(ctx, b, layout)
}

// send sends one thing, of any kind.
func (c *HTTPConnection) send(ctx context.Context, b body, layout h1.Layout) error {
	if err := c.ensureOpen(ctx); err != nil {
		return err
	}
	if c.DebugLevel > 0 {
		c.print("send: " + b.repr())
	}
	switch b.kind {
	case bodyFile, bodyTextFile:
		if c.DebugLevel > 0 {
			c.print("sending a readable")
			if b.kind == bodyTextFile {
				c.print("encoding file using iso-8859-1")
			}
		}
		return c.blocks(b, func(block []byte) error { return c.write(ctx, block, layout) })
	case bodyIterable:
		for item := range b.items {
			if err := c.write(ctx, item, layout); err != nil {
				return err
			}
		}
	case bodyText:
		if b.text != "" {
			return h1.Raise(ErrTypeError, "a bytes-like object is required, not 'str'")
		}
	case bodyNone:
		return h1.Raise(ErrTypeError, "data should be a bytes-like object or an iterable, got <class 'NoneType'>")
	default:
		return c.write(ctx, b.bytes, layout)
	}
	return nil
}

// sendBytes is send of bytes that the connection itself made.
func (c *HTTPConnection) sendBytes(ctx context.Context, data []byte, layout h1.Layout) error {
	if err := c.ensureOpen(ctx); err != nil {
		return err
	}
	if c.DebugLevel > 0 {
		c.print("send: " + py.ReprBytes(data))
	}
	return c.write(ctx, data, layout)
}

func (c *HTTPConnection) ensureOpen(ctx context.Context) error {
	if c.wire != nil {
		return nil
	}
	if !c.AutoOpen {
		return h1.Raise(ErrNotConnected, "")
	}
	return c.connect(ctx)
}

// sendBody sends a body after the head. Python: the second half of
// HTTPConnection._send_output.
func (c *HTTPConnection) sendBody(ctx context.Context, b body, chunked bool) error {
	piece := func(data []byte) error { return c.sendPiece(ctx, data, chunked) }
	switch b.kind {
	case bodyText: // Python iterates the str, and its first character is no bytes
		if b.text == "" {
			break
		}
		if chunked {
			return h1.Raise(ErrTypeError, "can't concat str to bytes")
		}
		first := py.Prefix(b.text, 1)
		return c.send(ctx, body{kind: bodyText, text: first, value: first}, h1.LayoutBody)
	case bodyBytes:
		if err := piece(b.bytes); err != nil {
			return err
		}
	case bodyFile, bodyTextFile:
		if c.DebugLevel > 0 {
			c.print("reading a readable")
			if b.kind == bodyTextFile {
				c.print("encoding file using iso-8859-1")
			}
		}
		if err := c.blocks(b, piece); err != nil {
			return err
		}
	case bodyIterable:
		for item := range b.items {
			if err := piece(item); err != nil {
				return err
			}
		}
	}
	if chunked {
		return c.sendBytes(ctx, []byte(h1.LastChunk), h1.LayoutLastChunk)
	}
	return nil
}

func (c *HTTPConnection) sendPiece(ctx context.Context, data []byte, chunked bool) error {
	if len(data) == 0 {
		if c.DebugLevel > 0 {
			c.print("Zero length chunk ignored")
		}
		return nil
	}
	if !chunked {
		return c.sendBytes(ctx, data, h1.LayoutBody)
	}
	framed := h1.AppendChunk(make([]byte, 0, len(data)+2*strconv.IntSize/8+4), data)
	return c.sendBytes(ctx, framed, h1.LayoutChunk)
}
