//go:build !js

package core

import (
	"context"
	"net"
	"strconv"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// dialTCP connects over TCP, unless told otherwise. Python: socket.create_connection.
func dialTCP(ctx context.Context, host string, port int, source *SourceAddress) (net.Conn, error) {
	if host == "" {
		return nil, raiseGai("-2", "Name or service not known", nil)
	}
	if _, err := py.EncodeIDNA(host); err != nil {
		return nil, h1.Raise(h1.ErrUnicodeError, "encoding with 'idna' codec failed (UnicodeError: "+err.Error()+")")
	}
	if port < 0 {
		return nil, raiseGai("-8", "Servname not supported for ai_socktype", nil)
	}
	var d net.Dialer
	if source != nil {
		local, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(source.Host, strconv.Itoa(source.Port)))
		if err != nil {
			return nil, err
		}
		d.LocalAddr = local
	}
	// getaddrinfo keeps the low sixteen bits of a port.
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port&0xffff)))
	if err != nil {
		return nil, err
	}
	return conn, nil
}
