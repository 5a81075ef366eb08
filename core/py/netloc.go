package py

import "strings"

// URLNetloc is urllib.parse.urlsplit(url).netloc. The error is a [*ValueError].
// Python: urllib.parse.urlsplit
func URLNetloc(url string) (string, error) {
	url = strings.TrimLeft(url, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f"+
		"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f ")
	if strings.ContainsAny(url, "\t\r\n") {
		kept := make([]byte, 0, len(url))
		for i := range len(url) {
			if c := url[i]; c != '\t' && c != '\r' && c != '\n' {
				kept = append(kept, c)
			}
		}
		url = string(kept)
	}
	if i := strings.IndexByte(url, ':'); i > 0 && isScheme(url[:i]) {
		url = url[i+1:]
	}
	if !strings.HasPrefix(url, "//") {
		return "", nil
	}
	netloc := url[2:]
	if i := strings.IndexAny(netloc, "/?#"); i >= 0 {
		netloc = netloc[:i]
	}
	open, shut := strings.IndexByte(netloc, '['), strings.IndexByte(netloc, ']')
	if (open < 0) != (shut < 0) {
		return "", &ValueError{"Invalid IPv6 URL"}
	}
	if open >= 0 {
		_, host, _ := strings.Cut(netloc, "[")
		host, _, _ = strings.Cut(host, "]")
		if err := checkBracketed(host); err != nil {
			return "", err
		}
	}
	// Characters whose compatibility form holds a delimiter could move the end
	// of the host once normalized. No composition makes or consumes one, so
	// looking at each character is the same as normalizing the whole.
	if !IsASCII(netloc) && strings.ContainsFunc(netloc, hidesDelimiter) {
		return "", &ValueError{"netloc '" + netloc +
			"' contains invalid characters under NFKC normalization"}
	}
	return netloc, nil
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			continue
		}
		if i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// hidesDelimiter reports whether r's compatibility decomposition holds one of
// / ? # @ and colon.
func hidesDelimiter(r rune) bool {
	switch r {
	case 0x2047, 0x2048, 0x2049, 0x2100, 0x2101, 0x2105, 0x2106, 0x2A74, 0xFE13, 0xFE16,
		0xFE55, 0xFE56, 0xFE5F, 0xFE6B, 0xFF03, 0xFF0F, 0xFF1A, 0xFF1F, 0xFF20:
		return true
	}
	return false
}

// checkBracketed takes what stands in brackets: an IPvFuture or an IPv6
// address (RFC 3986 §3.2.2), a zone included.
func checkBracketed(host string) error {
	if strings.HasPrefix(host, "v") {
		version, rest, ok := strings.Cut(host[1:], ".")
		if !ok || version == "" || rest == "" || strings.ContainsFunc(version, notHex) {
			return &ValueError{"IPvFuture address is invalid"}
		}
		return nil
	}
	if isIPv4(host) {
		return &ValueError{"An IPv4 address cannot be in brackets"}
	}
	if !isIPv6(host) {
		return &ValueError{Repr(host) + " does not appear to be an IPv4 or IPv6 address"}
	}
	return nil
}

func notHex(r rune) bool { return r >= 0x80 || hexValue(byte(r)) > 15 }

// isIPv4 takes four decimal parts without leading zeros.
// Python: ipaddress.IPv4Address
func isIPv4(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return false
	}
	for _, p := range parts {
		if len(p) == 0 || len(p) > 3 || len(p) > 1 && p[0] == '0' {
			return false
		}
		if v, ok := smallDecimal(p); !ok || v > 255 {
			return false
		}
	}
	return true
}

// isIPv6 takes RFC 4291 §2.2 text with an optional zone, which may hold
// anything but a second percent sign.
// Python: ipaddress.IPv6Address
func isIPv6(s string) bool {
	s, zone, hasZone := strings.Cut(s, "%")
	if hasZone && (zone == "" || strings.Contains(zone, "%")) {
		return false
	}
	parts := strings.Split(s, ":")
	if len(parts) < 3 {
		return false
	}
	if last := parts[len(parts)-1]; strings.Contains(last, ".") {
		if !isIPv4(last) {
			return false
		}
		parts = append(parts[:len(parts)-1], "0", "0")
	}
	if len(parts) > 9 {
		return false
	}
	gap := -1 // the part between the two colons of "::"
	for i := 1; i < len(parts)-1; i++ {
		if parts[i] == "" {
			if gap >= 0 {
				return false
			}
			gap = i
		}
	}
	first, last := parts[0] == "", parts[len(parts)-1] == ""
	if gap < 0 {
		if len(parts) != 8 || first || last {
			return false
		}
	} else {
		before, after := gap, len(parts)-gap-1
		if first {
			if before--; before > 0 {
				return false
			}
		}
		if last {
			if after--; after > 0 {
				return false
			}
		}
		if before+after > 7 {
			return false
		}
	}
	for _, p := range parts {
		if len(p) > 4 || strings.ContainsFunc(p, notHex) {
			return false
		}
	}
	return true
}
