package core

import (
	"context"
	"strconv"

	"github.com/stepwire/stepwire/core/h1"
)

// tunnel asks the proxy for a tunnel. Python: HTTPConnection._tunnel.
func (c *HTTPConnection) tunnel(ctx context.Context) error {
	data, layout, err := c.engine.Connect(c.tunnelHost, c.tunnelPort, c.tunnelHeaders)
	if err != nil {
		return err
	}
	if err := c.sendBytes(ctx, data, layout); err != nil {
		return err
	}
	r := c.engine.TunnelResponse()
	defer r.Close()
	if c.DebugLevel > 0 {
		r.Debug = c.print
	}
	refused, err := readOn(ctx, c, c.wire, r, r.BeginTunnel)
	if err != nil {
		return err
	}
	if refused {
		c.close()
		e := h1.Raise(ErrOSError, "Tunnel connection failed: "+strconv.Itoa(r.Status)+" "+r.Reason)
		e.Party = "server"
		return e
	}
	return nil
}
