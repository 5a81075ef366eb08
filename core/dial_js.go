package core

import (
	"context"
	"net"

	"github.com/stepwire/stepwire/core/h1"
)

// dialTCP stands where a page has no TCP: what a connection needs there is a
// CreateConnection that goes through a relay or to a peer in the page.
func dialTCP(context.Context, string, int, *SourceAddress) (net.Conn, error) {
	return nil, h1.Raise(ErrOSError, "no TCP in a browser: set CreateConnection to dial through a relay")
}
