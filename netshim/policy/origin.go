package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// An Origin is a web origin (RFC 6454 §4): scheme, host and port, compared
// exactly.
type Origin struct {
	Scheme string // "http" or "https", or a browser extension's own scheme
	Host   string // canonical, without brackets
	Port   uint16 // 0 only for a scheme without a default port
}

// ParseOrigin parses scheme://host[:port] as browsers serialise it. "null", a
// path, user information and patterns are refused.
func ParseOrigin(s string) (Origin, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !isScheme(scheme) {
		return Origin{}, fmt.Errorf("origin %.200q: want scheme://host or scheme://host:port", s)
	}
	o := Origin{Scheme: strings.ToLower(scheme)}
	h, err := ParseHostPort(rest)
	if name, _, _ := strings.Cut(rest, ":"); err == nil && strings.HasSuffix(name, ".") {
		err = errors.New("a final dot makes it another origin")
	}
	if err != nil {
		return Origin{}, fmt.Errorf("origin %.200q: %w", s, err)
	}
	o.Host, o.Port = h.Host, h.Port
	if o.Port == 0 {
		o.Port = defaultPort(o.Scheme)
	}
	return o, nil
}

func isScheme(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for i, c := range strings.ToLower(s) {
		if !('a' <= c && c <= 'z' || i > 0 && (('0' <= c && c <= '9') || strings.ContainsRune("+-.", c))) {
			return false
		}
	}
	return true
}

func defaultPort(scheme string) uint16 {
	switch scheme {
	case "http":
		return 80
	case "https":
		return 443
	}
	return 0
}

// String is the origin as browsers write it, the default port left out.
func (o Origin) String() string {
	return o.Scheme + "://" + HostPort{o.Host, o.Port}.text(defaultPort(o.Scheme))
}

// A HostPort is the value of a Host header field (RFC 9110 §7.2). Port 0 means
// that none was given.
type HostPort struct {
	Host string // canonical, without brackets
	Port uint16
}

// ParseHostPort parses host or host:port, an IPv6 address in brackets.
func ParseHostPort(s string) (HostPort, error) {
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i >= 0 && i > strings.LastIndexByte(s, ']') {
		host, port = s[:i], s[i+1:]
		if port == "" {
			return HostPort{}, fmt.Errorf("%.200q: no port after the colon", s)
		}
	}
	bracketed := strings.HasPrefix(host, "[")
	if bracketed {
		inner, ok := strings.CutSuffix(host[1:], "]")
		if !ok || !strings.Contains(inner, ":") {
			return HostPort{}, fmt.Errorf("%.200q: want an IPv6 address in brackets", s)
		}
		host = inner
	}
	if strings.Contains(host, ":") && !bracketed {
		return HostPort{}, fmt.Errorf("%.200q: write an IPv6 address in brackets", s)
	}
	t, err := parseHost(host)
	if err != nil {
		return HostPort{}, err
	}
	h := HostPort{Host: t.Host()}
	if port != "" {
		if h.Port, err = parsePort(port); err != nil {
			return HostPort{}, err
		}
	}
	return h, nil
}

// String is the value as it stands in a Host header field.
func (h HostPort) String() string { return h.text(0) }

func (h HostPort) text(omit uint16) string {
	host := h.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if h.Port == omit {
		return host
	}
	return host + ":" + strconv.Itoa(int(h.Port))
}

// CheckHost judges a Host header field against the allow list. An entry without
// a port stands for the scheme's default port, written or not.
func CheckHost(allowed []HostPort, field string, tls bool) error {
	h, err := ParseHostPort(field)
	if err != nil {
		return fmt.Errorf("host header: %w", err)
	}
	standard := defaultPort("http")
	if tls {
		standard = defaultPort("https")
	}
	withPort := func(h HostPort) HostPort {
		if h.Port == 0 {
			h.Port = standard
		}
		return h
	}
	if slices.ContainsFunc(allowed, func(a HostPort) bool { return withPort(a) == withPort(h) }) {
		return nil
	}
	return fmt.Errorf("host header %.200q: not listed", field)
}

// CheckOrigin judges the Origin header fields of a request. A request without
// one does not come from a browser's page; it passes only with a token.
func CheckOrigin(allowed []Origin, fields []string, hasToken bool) error {
	if len(fields) == 0 {
		if hasToken {
			return nil
		}
		return fmt.Errorf("no origin, and no token")
	}
	if len(fields) > 1 {
		return fmt.Errorf("%d origin fields", len(fields))
	}
	o, err := ParseOrigin(fields[0])
	if err != nil {
		return err
	}
	if !slices.Contains(allowed, o) {
		return fmt.Errorf("origin %.200q: not listed", fields[0])
	}
	return nil
}

// ClientAddr is the address that quotas count: the peer's, or, when the peer is
// a trusted proxy, the rightmost address in X-Forwarded-For that is not one.
// A malformed field counts as the proxy that passed it on.
func ClientAddr(peer netip.Addr, forwarded []string, trusted []netip.Prefix) netip.Addr {
	isTrusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	addr := peer.Unmap().WithZone("")
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(addr); i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop
	}
	return addr
}

// parseHop takes an address with or without a port, as proxies write either.
func parseHop(s string) (netip.Addr, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), nil
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().WithZone(""), err
}

// QuotaKey groups addresses that one subscriber controls: an IPv4 address
// alone, an IPv6 address by its /64.
func QuotaKey(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits) // the zero Prefix for an invalid address: one shared quota
	return p
}
