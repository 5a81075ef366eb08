package bridge

import (
	"net"
	"strconv"
	"strings"
)

// resolve is what a page knows of a host without a resolver: the addresses to
// ask a relay for, one after the other, or the name alone, which the relay
// resolves. host is one that core.ParseAddress gave.
func resolve(host string) ([]string, error) {
	switch {
	case strings.EqualFold(strings.TrimSuffix(host, "."), "localhost"):
		// RFC 6761 §6.3: the loopback address, unasked. A relay may have the name in
		// its list, too, and the other address behind it.
		return []string{"127.0.0.1", host}, nil
	case host == "0.0.0.0": // a socket that connects there reaches its own machine
		return []string{"127.0.0.1"}, nil
	case strings.Contains(host, ":") && strings.Trim(host, "0:") == "":
		return []string{"::1"}, nil
	case !isName(host) && !isFourParts(host) && !isSix(host):
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return []string{host}, nil
}

// isName tells a name that a resolver can know: labels of letters, digits,
// hyphens and underscores, of which the last is no number (RFC 1123 §2.1) and not
// "invalid", which no resolver is to be asked for (RFC 6761 §6.4).
func isName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	last := host[strings.LastIndexByte(host, '.')+1:]
	hex, isHex := strings.CutPrefix(last, "0x")
	if len(host) > 253 || last == "invalid" || strings.Trim(last, "0123456789") == "" || isHex && strings.Trim(hex, "0123456789abcdef") == "" {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// isFourParts tells an IPv4 address from another number.
func isFourParts(host string) bool {
	for part := range strings.SplitSeq(host, ".") {
		if n, err := strconv.ParseUint(part, 10, 8); err != nil || strconv.FormatUint(n, 10) != part {
			return false
		}
	}
	return strings.Count(host, ".") == 3
}

// isSix tells what may be an IPv6 address, with a zone or without.
func isSix(host string) bool {
	addr, _, _ := strings.Cut(host, "%")
	return strings.Contains(addr, ":") && strings.Trim(addr, "0123456789abcdefABCDEF:.") == ""
}
