//go:build !js

package scenario

import (
	"crypto/tls"
	"net"
)

// A page's module leaves TLS out for its size, so only other builds serve it.
func init() {
	serveTLS = func(conn net.Conn, pem []byte) (net.Conn, error) {
		certificate, err := tls.X509KeyPair(pem, pem)
		if err != nil {
			return nil, err
		}
		server := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
		return server, server.Handshake()
	}
}
