package policy

import (
	"fmt"
	"net/netip"
	"strings"
)

// A Rule is one entry of an allow or deny list: a name or a block of addresses,
// with a range of ports.
type Rule struct {
	name     string       // canonical; "" for an address rule
	prefix   netip.Prefix // a single address is a full-length prefix
	from, to uint16       // inclusive
	text     string
}

// String is the entry as it was written.
func (r Rule) String() string { return r.text }

// ParseRule parses HOST:PORTS. HOST is a name, an IPv4 address, an IPv6 address
// in brackets, or a prefix (10.0.0.0/8, [fd00::/8]); PORTS is a port, a range
// from-to, or *. There are no patterns: a name means that name alone.
func ParseRule(s string) (Rule, error) {
	host, ports, err := splitHostPort(s)
	if err != nil {
		return Rule{}, err
	}
	r := Rule{text: s}
	if r.from, r.to, err = parsePorts(ports); err != nil {
		return Rule{}, fmt.Errorf("%q: %w", s, err)
	}
	if strings.Contains(host, "*") {
		return Rule{}, fmt.Errorf("%q: host names have no wildcards; list each name, or an address prefix such as 10.0.0.0/8:80", s)
	}
	if strings.Contains(host, "/") {
		if r.prefix, err = parsePrefix(host); err != nil {
			return Rule{}, fmt.Errorf("%q: %w", s, err)
		}
		return r, nil
	}
	t, err := parseHost(host)
	if err != nil {
		return Rule{}, fmt.Errorf("%q: %w", s, err)
	}
	if t.Name != "" {
		r.name = t.Name
		return r, nil
	}
	if neverTarget(t.Addr) {
		return Rule{}, fmt.Errorf("%q: %s is not an address one can connect to", s, t.Addr)
	}
	r.prefix = netip.PrefixFrom(t.Addr, t.Addr.BitLen())
	return r, nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%q is not an address prefix such as 10.0.0.0/8", s)
	}
	if p.Addr().Is4In6() {
		return p, fmt.Errorf("prefix %s: write the IPv4 form", p)
	}
	if p != p.Masked() {
		return p, fmt.Errorf("prefix %s has bits set past its length: write %s", p, p.Masked())
	}
	return p, nil
}

func parsePorts(s string) (from, to uint16, err error) {
	if s == "*" {
		return 1, 65535, nil
	}
	first, last, ranged := strings.Cut(s, "-")
	if from, err = parsePort(first); err != nil {
		return 0, 0, fmt.Errorf("ports %q: want a port, from-to, or *", s)
	}
	if !ranged {
		return from, from, nil
	}
	if to, err = parsePort(last); err != nil {
		return 0, 0, fmt.Errorf("ports %q: want a port, from-to, or *", s)
	}
	if to < from {
		return 0, 0, fmt.Errorf("ports %q: the range runs backwards", s)
	}
	return from, to, nil
}

func (r Rule) port(p uint16) bool { return r.from <= p && p <= r.to }

// names tells whether the rule lists the name at the port.
func (r Rule) names(name string, port uint16) bool {
	return r.name != "" && r.name == name && r.port(port)
}

// covers tells whether an address rule contains the address at the port.
func (r Rule) covers(addr netip.Addr, port uint16) bool {
	return r.name == "" && r.port(port) && r.prefix.Contains(addr)
}

// grants is covers for an allow list: a block such as 0.0.0.0/0 gives the
// public addresses in it, and a special one (loopback, private, link local)
// only when the whole block is special, so that nobody opens 169.254.169.254
// by writing "everything".
func (r Rule) grants(addr netip.Addr, port uint16) bool {
	return r.covers(addr, port) && (withinSpecial(r.prefix) || Public(addr))
}
