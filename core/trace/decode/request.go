package decode

import (
	"fmt"
	"time"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// Request shows what data would be if a client sent it as a request, whatever
// form it has: a recording with its spans and diagnostics.
func Request(data []byte) (*recording.Recording, error) {
	if len(data) > MaxInput {
		return nil, fmt.Errorf("decode: %d bytes, at most %d MiB are read", len(data), MaxInput>>20)
	}
	limit := int64(max(len(data), 1))
	log := trace.NewLog(limit, nil)
	c := &h1.Conn{Tracer: log}
	c.Opened()
	layout := c.PutRaw(data)
	if len(data) > 0 {
		c.Emit(&h1.Event{Kind: h1.EventSend, Bytes: data})
		c.Wrote(data, len(data), layout)
	}
	return recording.FromLog(log.Take(), "stepwire decode (request)", time.Time{}, limit)
}
