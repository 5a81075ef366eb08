package core

import (
	"context"

	"github.com/stepwire/stepwire/core/h1"
)

// BeginResponse reads the head of a response that getresponse knows nothing of:
// the reply to bytes that went out by Send alone. It works in every state and
// changes none; the method is that of the request, on which depends whether a body
// follows. Python: response = HTTPResponse(conn.sock, method=method), then
// response.begin().
func (c *HTTPConnection) BeginResponse(ctx context.Context, method string) (r *HTTPResponse, err error) {
	if c.engine.Tracer == nil {
		return c.beginResponse(ctx, method)
	}
	t := c.trace("begin", h1.Arg{Name: "method", Value: method})
	r, err = c.beginResponse(ctx, method)
	if err != nil {
		t.done(nil, err)
		return nil, err
	}
	t.done(r.summary(), nil)
	return r, nil
}

func (c *HTTPConnection) beginResponse(ctx context.Context, method string) (*HTTPResponse, error) {
	r := &HTTPResponse{conn: c, ctx: ctx, wire: c.wire}
	engine := &r.engine
	if err := c.engine.BeginResponse(engine, method); err != nil {
		return nil, err
	}
	if _, err := readOn(ctx, c, r.wire, engine, func() (struct{}, error) { return struct{}{}, engine.Begin() }); err != nil {
		engine.Close()
		return nil, err
	}
	r.wire.retain()
	r.Status, r.Reason, r.Version = engine.Status, engine.Reason, engine.Version
	r.Chunked, r.WillClose = engine.Chunked, engine.WillClose
	r.settle() // where there is no body
	return r, nil
}
