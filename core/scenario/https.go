//go:build !js || tls

package scenario

import (
	"crypto/tls"
	"net"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/ssl"
)

// The page's first module leaves TLS out for its size; the second is built with
// the tag tls.
func init() {
	serveTLS = func(conn net.Conn, pem []byte) (net.Conn, error) {
		certificate, err := tls.X509KeyPair(pem, pem)
		if err != nil {
			return nil, err
		}
		server := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
		return server, server.Handshake()
	}
	newHTTPS = func(host string, options *core.HTTPConnectionOptions, https httpsOptions) (*core.HTTPConnection, error) {
		var authorities *ssl.Locations
		if https.CAFile != "" {
			authorities = &ssl.Locations{CAFile: https.CAFile, ReadFile: https.ReadFile}
		}
		context, err := ssl.CreateDefaultContext(authorities)
		if err != nil {
			return nil, err
		}
		if !https.Verify {
			context.SetCheckHostname(false)
			if err := context.SetVerifyMode(ssl.CertNone); err != nil {
				return nil, err
			}
		}
		c, err := core.NewHTTPSConnection(host, &core.HTTPSConnectionOptions{
			HTTPConnectionOptions: *options, Context: context, CheckHostname: https.CheckHostname,
			Warn: func(string, string) {}}) // not part of what a step prints
		if err != nil {
			return nil, err
		}
		return &c.HTTPConnection, nil
	}
}
