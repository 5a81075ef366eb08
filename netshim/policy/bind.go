package policy

import (
	"errors"
	"fmt"
	"net/netip"
)

// CheckBind tells whether a relay may listen at an address with these settings.
// Loopback needs nothing; any other address needs a token, the origins to
// accept, and the host names it is reached by.
func CheckBind(listen netip.AddrPort, s *Settings, tokens Tokens) error {
	if listen.Addr().Unmap().IsLoopback() {
		return nil
	}
	var missing []error
	if len(tokens) == 0 {
		missing = append(missing, errors.New("token-file: a token is required"))
	}
	if len(s.Origins) == 0 {
		missing = append(missing, errors.New("origin: at least one origin is required"))
	}
	if len(s.Hosts) == 0 {
		missing = append(missing, errors.New("host: at least one Host header value is required"))
	}
	if missing != nil {
		return fmt.Errorf("listening on %v, which is not loopback: %w", listen, errors.Join(missing...))
	}
	return nil
}

// LocalHosts are the Host header values by which a relay on loopback is
// reached.
func LocalHosts(port uint16) []HostPort {
	return []HostPort{{"127.0.0.1", port}, {"localhost", port}, {"::1", port}}
}

// LocalOrigins are the origins of the pages that a relay on loopback serves
// itself.
func LocalOrigins(port uint16, tls bool) []Origin {
	scheme := "http"
	if tls {
		scheme = "https"
	}
	return []Origin{{scheme, "127.0.0.1", port}, {scheme, "localhost", port}, {scheme, "::1", port}}
}
