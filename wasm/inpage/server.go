// Package inpage is the demo origin inside the page's own program, for a page
// that reaches no relay: the same code that runs beside a relay, on a loopback
// of its own, over a line whose faults can be chosen.
package inpage

import (
	"context"
	"net"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/scenario"
	"github.com/stepwire/stepwire/netshim/demo"
)

// Server is a demo origin that one client reaches.
type Server struct {
	network scenario.Network
	address *net.TCPAddr
	faults  Faults
	origin  *demo.Server
}

// Start starts a server without TLS.
func Start(faults Faults) (*Server, error) {
	s := &Server{faults: faults}
	listener, err := s.listen()
	if err != nil {
		return nil, err
	}
	s.origin = demo.Serve(listener)
	return s, nil
}

func (s *Server) listen() (net.Listener, error) {
	listener, err := s.network.Listen()
	if err != nil {
		return nil, err
	}
	s.address = listener.Addr().(*net.TCPAddr)
	return faultyListener{listener, s.faults}, nil
}

// Secure goes over to TLS, as a host. It gives the authority, PEM text, that
// the server's certificate comes from, and nothing else does.
func (s *Server) Secure(host string) (authority string, err error) {
	listener, err := s.listen()
	if err != nil {
		return "", err
	}
	origin, err := demo.ServeSecure(listener, host)
	if err != nil {
		listener.Close()
		return "", err
	}
	s.origin.Close()
	s.origin = origin
	return origin.Authority(), nil
}

// Dial connects to the server.
func (s *Server) Dial(ctx context.Context, source *core.SourceAddress) (net.Conn, error) {
	return s.network.Dial(ctx, s.address.IP.String(), s.address.Port, source)
}

// Stop ends the server and its connections.
func (s *Server) Stop() { s.origin.Close() }
