//go:build !js

package core

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// dialTCP connects over TCP, unless told otherwise. Python: socket.create_connection.
func dialTCP(ctx context.Context, host string, port int, source *SourceAddress) (net.Conn, error) {
	if host == "" || strings.ContainsAny(host, "[]") { // brackets belong to a URL
		return nil, raiseGai("-2", "Name or service not known", nil)
	}
	if _, err := py.EncodeIDNA(host); err != nil {
		return nil, h1.Raise(h1.ErrUnicodeError, err.Error())
	}
	if int32(port) < 0 { // the bits that getaddrinfo looks at
		return nil, raiseGai("-8", "Servname not supported for ai_socktype", nil)
	}
	var d net.Dialer
	if source != nil {
		if source.Port < 0 || source.Port > 0xffff {
			return nil, h1.Raise(h1.ErrOverflowError, "bind(): port must be 0-65535.")
		}
		local, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(source.Host, strconv.Itoa(source.Port)))
		if err != nil {
			return nil, err
		}
		d.LocalAddr = local
	}
	// getaddrinfo keeps the low sixteen bits of a port.
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port&0xffff)))
	var unfit *net.AddrError // the two addresses are of different families
	if errors.As(err, &unfit) && source != nil {
		return nil, raiseGai("-9", "Address family for hostname not supported", err)
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}
