//go:build !js

package core

import (
	"context"
	"errors"
	"net"
	"strconv"
)

// dialTCP connects over TCP, unless told otherwise. Python: socket.create_connection.
func dialTCP(ctx context.Context, host string, port int, source *SourceAddress) (net.Conn, error) {
	host, port, err := ParseAddress(host, port)
	if err != nil {
		return nil, err
	}
	if source, err = source.For(host); err != nil {
		return nil, err
	}
	var d net.Dialer
	if source != nil {
		local, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(source.Host, strconv.Itoa(source.Port)))
		if err != nil {
			return nil, err
		}
		d.LocalAddr = local
	}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	var unfit *net.AddrError // the addresses that two names stand for are of different families
	if errors.As(err, &unfit) && source != nil {
		return nil, raiseGai("-9", "Address family for hostname not supported", err)
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}
