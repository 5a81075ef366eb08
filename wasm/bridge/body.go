package bridge

import (
	"bytes"
	"strings"

	"github.com/stepwire/stepwire/core"
)

// binaryFile prints in debug output by a name of its own: Python's repr would be
// an address.
type binaryFile struct{ *bytes.Reader }

func (binaryFile) Repr() string { return "<file>" }

// messageBody reads a request body, in the forms that packBody of
// wasm/js/body.js gives it, as the core takes it.
func (c *call) messageBody(b *Bridge, i int, name string) any {
	switch v := c.args.at(i).(type) {
	case nil, Absent:
		return nil
	case string, []byte:
		return v
	case Object:
		if data, ok := v.Get("file").([]byte); ok {
			return binaryFile{bytes.NewReader(data)}
		}
		if text, ok := v.Get("textfile").(string); ok {
			return core.NewTextFile(strings.NewReader(text))
		}
		if items, ok := v.Get("iterable").([]any); ok {
			chunks := make([][]byte, len(items))
			for n, item := range items {
				chunk, ok := item.([]byte)
				if !ok {
					c.wrong(i, name, "an iterable of bytes")
				}
				chunks[n] = chunk
			}
			return chunks
		}
		if id, ok := v.Get("stream").(int); ok {
			s := b.open(id, c)
			if v.Get("kind") == "file" {
				return streamReader(s.read)
			}
			return s.iterator()
		}
	}
	c.wrong(i, name, "a string, bytes, a file or an iterable of bytes")
	return nil
}
