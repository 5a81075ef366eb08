package policy

import "net/netip"

// special lists the address blocks that are no destinations on the public
// Internet: the IANA IPv4 and IPv6 Special-Purpose Address Registries
// (RFC 6890), multicast, and the IPv6 blocks that carry an IPv4 address inside,
// which would lead around the IPv4 entries.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),         // this network, RFC 791
	netip.MustParsePrefix("10.0.0.0/8"),        // private, RFC 1918
	netip.MustParsePrefix("100.64.0.0/10"),     // shared, RFC 6598
	netip.MustParsePrefix("127.0.0.0/8"),       // loopback, RFC 1122
	netip.MustParsePrefix("169.254.0.0/16"),    // link local, RFC 3927
	netip.MustParsePrefix("172.16.0.0/12"),     // private, RFC 1918
	netip.MustParsePrefix("192.0.0.0/24"),      // protocol assignments, RFC 6890
	netip.MustParsePrefix("192.0.2.0/24"),      // documentation, RFC 5737
	netip.MustParsePrefix("192.31.196.0/24"),   // AS112, RFC 7535
	netip.MustParsePrefix("192.52.193.0/24"),   // AMT, RFC 7450
	netip.MustParsePrefix("192.88.99.0/24"),    // 6to4 relays, RFC 7526
	netip.MustParsePrefix("192.168.0.0/16"),    // private, RFC 1918
	netip.MustParsePrefix("192.175.48.0/24"),   // AS112, RFC 7534
	netip.MustParsePrefix("198.18.0.0/15"),     // benchmarking, RFC 2544
	netip.MustParsePrefix("198.51.100.0/24"),   // documentation, RFC 5737
	netip.MustParsePrefix("203.0.113.0/24"),    // documentation, RFC 5737
	netip.MustParsePrefix("224.0.0.0/4"),       // multicast, RFC 5771
	netip.MustParsePrefix("240.0.0.0/4"),       // reserved and broadcast, RFC 1112
	netip.MustParsePrefix("::/96"),             // unspecified, loopback, IPv4-compatible, RFC 4291
	netip.MustParsePrefix("::ffff:0:0/96"),     // IPv4-mapped, RFC 4291
	netip.MustParsePrefix("::ffff:0:0:0/96"),   // IPv4-translated, RFC 2765
	netip.MustParsePrefix("64:ff9b::/96"),      // NAT64, RFC 6052
	netip.MustParsePrefix("64:ff9b:1::/48"),    // local NAT64, RFC 8215
	netip.MustParsePrefix("100::/64"),          // discard, RFC 6666
	netip.MustParsePrefix("100:0:0:1::/64"),    // dummy, RFC 9780
	netip.MustParsePrefix("2001::/23"),         // protocol assignments with Teredo, RFC 2928, 4380
	netip.MustParsePrefix("2001:db8::/32"),     // documentation, RFC 3849
	netip.MustParsePrefix("2002::/16"),         // 6to4, RFC 3056
	netip.MustParsePrefix("2620:4f:8000::/48"), // AS112, RFC 7534
	netip.MustParsePrefix("3fff::/20"),         // documentation, RFC 9637
	netip.MustParsePrefix("5f00::/16"),         // segment routing, RFC 9602
	netip.MustParsePrefix("fc00::/7"),          // unique local, RFC 4193
	netip.MustParsePrefix("fe80::/10"),         // link local, RFC 4291
	netip.MustParsePrefix("fec0::/10"),         // site local, RFC 3879
	netip.MustParsePrefix("ff00::/8"),          // multicast, RFC 4291
}

// globalUnicast6 is all that IANA has ever given out as global unicast IPv6;
// what lies outside is not on the Internet, listed above or not.
var globalUnicast6 = netip.MustParsePrefix("2000::/3")

// Public tells whether addr is an ordinary address of the public Internet.
func Public(addr netip.Addr) bool {
	addr = addr.Unmap()
	if !addr.IsValid() || addr.Zone() != "" {
		return false
	}
	if addr.Is6() && !globalUnicast6.Contains(addr) {
		return false
	}
	for _, p := range special {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

// withinSpecial tells whether the whole prefix lies in one special block, so
// that whoever wrote it meant special addresses.
func withinSpecial(p netip.Prefix) bool {
	for _, s := range special {
		if s.Bits() <= p.Bits() && s.Contains(p.Addr()) {
			return true
		}
	}
	return p.Addr().Is6() && p.Bits() >= 3 && !globalUnicast6.Contains(p.Addr())
}

// neverTarget tells whether no rule can make addr a TCP destination. The
// unspecified address is among them because the kernel takes it for loopback.
func neverTarget(addr netip.Addr) bool {
	return !addr.IsValid() || addr.Zone() != "" || addr.IsUnspecified() || addr.IsMulticast() ||
		addr == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}
