package core

import (
	"math"
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// ParseAddress is what Python's socket module and the C library make of a host
// and a port before they ask a resolver: an international name in ASCII, a
// number for an IPv4 address in four parts ("127.1" and "0x7f000001" are
// 127.0.0.1), of the port its low sixteen bits. Everything else about the host
// is left to whoever connects. Python: the beginning of socket.getaddrinfo.
func ParseAddress(host string, port int) (string, int, error) {
	ascii, bad := py.EncodeIDNA(host)
	if bad != nil {
		return "", 0, h1.Raise(h1.ErrUnicodeError, bad.Error())
	}
	if port == math.MaxInt || port == math.MinInt { // what fits no int is capped to these
		return "", 0, h1.Raise(h1.ErrOverflowError, "Python int too large to convert to C long")
	}
	if int32(port) < 0 { // the bits that getaddrinfo looks at
		return "", 0, raiseGai("-8", "Servname not supported for ai_socktype", nil)
	}
	host = string(ascii)
	if host == "" || strings.ContainsAny(host, "[]") || isForeignZone(host) { // brackets belong to a URL
		return "", 0, raiseGai("-2", "Name or service not known", nil)
	}
	if addr, ok := inetAton(host); ok {
		host = addr
	}
	return host, port & 0xffff, nil
}

// For is the source address for a connection to host, which [ParseAddress] gave.
// Python: what socket.bind refuses by itself.
func (s *SourceAddress) For(host string) (*SourceAddress, error) {
	if s == nil {
		return nil, nil
	}
	source := *s
	if addr, ok := inetAton(source.Host); ok {
		source.Host = addr
	}
	_, four := inetAton(host)
	_, sourceFour := inetAton(source.Host)
	six, sourceSix := strings.Contains(host, ":"), strings.Contains(source.Host, ":")
	if four && sourceSix || six && sourceFour {
		return nil, raiseGai("-9", "Address family for hostname not supported", nil)
	}
	if source.Port < 0 || source.Port > 0xffff {
		return nil, h1.Raise(h1.ErrOverflowError, "bind(): port must be 0-65535.")
	}
	return &source, nil
}

// isForeignZone tells of an IPv6 address with a zone by name where there are no
// such zones: they belong to the link-local addresses, fe80::/10 and ff02::/16.
func isForeignZone(host string) bool {
	addr, zone, ok := strings.Cut(host, "%")
	if !ok || !strings.Contains(addr, ":") || strings.Trim(zone, "0123456789") == "" {
		return false
	}
	first, _, _ := strings.Cut(strings.ToLower(addr), ":")
	n, err := strconv.ParseUint(first, 16, 16)
	return err != nil || n&0xffc0 != 0xfe80 && n&0xff0f != 0xff02
}

// inetAton reads the numbers that the C library takes for an IPv4 address: one
// to four of them, decimal, octal after 0 or hexadecimal after 0x, the last of
// which fills the rest of the four bytes. C: inet_aton.
func inetAton(host string) (string, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return "", false
	}
	addr := uint64(0)
	for i, part := range parts {
		base, digits := 10, part
		if len(part) > 1 && part[0] == '0' {
			base, digits = 8, part[1:]
			if part[1]|0x20 == 'x' {
				base, digits = 16, part[2:]
			}
		}
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (4 - i)
		}
		n, err := strconv.ParseUint(digits, base, bits)
		if err != nil {
			return "", false
		}
		addr = addr<<bits | n
	}
	octet := func(shift int) string { return strconv.Itoa(int(addr >> shift & 0xff)) }
	return octet(24) + "." + octet(16) + "." + octet(8) + "." + octet(0), true
}
