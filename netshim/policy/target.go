package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// maxName is the longest DNS name in text form (RFC 1035 §2.3.4, without the
// final dot).
const maxName = 253

// A Target is a destination as a client asked for it, in canonical form:
// exactly one of Name and Addr is set.
type Target struct {
	Name string     // lower case, no final dot; "" for an address literal
	Addr netip.Addr // never zoned, never an IPv4-mapped IPv6 address
	Port uint16     // 1 to 65535
}

// Host is the name or the address as text, without brackets.
func (t Target) Host() string {
	if t.Name != "" {
		return t.Name
	}
	return t.Addr.String()
}

// String is host:port, with brackets around an IPv6 address.
func (t Target) String() string {
	if t.Name != "" {
		return t.Name + ":" + strconv.Itoa(int(t.Port))
	}
	return netip.AddrPortFrom(t.Addr, t.Port).String()
}

// ParseTarget canonicalises a destination. It refuses whatever two resolvers
// could read differently: an empty host, a zone, a number that is not a
// four-part IPv4 address ("127.1", "2130706433", "0x7f.1"), characters that no
// host name has.
func ParseTarget(host string, port int) (Target, error) {
	if port < 1 || port > 65535 {
		return Target{}, fmt.Errorf("port %d: want 1 to 65535", port)
	}
	t, err := parseHost(host)
	t.Port = uint16(port)
	return t, err
}

// SplitTarget parses the text form "host:port", with an IPv6 address in
// brackets.
func SplitTarget(s string) (Target, error) {
	host, port, err := splitHostPort(s)
	if err != nil {
		return Target{}, err
	}
	n, err := parsePort(port)
	if err != nil {
		return Target{}, fmt.Errorf("%q: %w", s, err)
	}
	t, err := ParseTarget(host, int(n))
	if err != nil {
		return Target{}, fmt.Errorf("%q: %w", s, err)
	}
	return t, nil
}

// splitHostPort cuts at the last colon; brackets are required around anything
// with a colon in it and taken off.
func splitHostPort(s string) (host, port string, err error) {
	if rest, ok := strings.CutPrefix(s, "["); ok {
		host, port, ok = strings.Cut(rest, "]:")
		if !ok {
			return "", "", fmt.Errorf("%q: want [address]:port", s)
		}
		if !strings.Contains(host, ":") {
			return "", "", fmt.Errorf("%q: brackets are for IPv6 addresses only", s)
		}
		return host, port, nil
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return "", "", fmt.Errorf("%q: want host:port", s)
	}
	if strings.Contains(s[:i], ":") {
		return "", "", fmt.Errorf("%q: write an IPv6 address in brackets, as in [::1]:80", s)
	}
	return s[:i], s[i+1:], nil
}

// parsePort takes plain decimal digits only: strconv would also take "+80".
func parsePort(s string) (uint16, error) {
	if s == "" || len(s) > 5 || strings.Trim(s, "0123456789") != "" {
		return 0, fmt.Errorf("port %q: want a number from 1 to 65535", s)
	}
	n, _ := strconv.Atoi(s)
	if n < 1 || n > 65535 {
		return 0, fmt.Errorf("port %q: want a number from 1 to 65535", s)
	}
	return uint16(n), nil
}

func parseHost(host string) (Target, error) {
	if host == "" {
		return Target{}, errors.New("empty host")
	}
	if strings.Contains(host, ":") {
		addr, err := netip.ParseAddr(host)
		if err != nil {
			return Target{}, fmt.Errorf("host %q: not an IPv6 address", host)
		}
		if addr.Zone() != "" {
			return Target{}, fmt.Errorf("host %q: zones are not accepted", host)
		}
		return Target{Addr: addr.Unmap()}, nil
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return Target{Addr: addr}, nil
	}
	name, err := parseName(host)
	return Target{Name: name}, err
}

// parseName checks a host name: labels of letters, digits, hyphens and
// underscores (RFC 1123 §2.1; underscores are seen in the wild), and not
// something the URL Standard's "ends in a number" rule or inet_aton would take
// for an address.
func parseName(host string) (string, error) {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "" || len(name) > maxName {
		return "", fmt.Errorf("host %.80q: want a name of 1 to %d characters", host, maxName)
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 {
			return "", fmt.Errorf("host %.80q: labels have 1 to 63 characters", host)
		}
		for i := range len(label) {
			c := label[i]
			switch {
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_':
			case c == '-' && i > 0 && i < len(label)-1:
			case c >= 0x80:
				return "", fmt.Errorf("host %.80q: write an international name in its xn-- form", host)
			default:
				return "", fmt.Errorf("host %.80q: %q cannot be there in a name", host, c)
			}
		}
	}
	if last := labels[len(labels)-1]; isNumber(last) {
		return "", fmt.Errorf("host %.80q: a number, but not an IPv4 address of four decimal parts", host)
	}
	return name, nil
}

// isNumber tells whether inet_aton could read the label as a number.
func isNumber(label string) bool {
	if strings.Trim(label, "0123456789") == "" {
		return true
	}
	hex, ok := strings.CutPrefix(label, "0x")
	return ok && strings.Trim(hex, "0123456789abcdef") == ""
}
