package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/relay"
)

// place is where the server is, which the rules depend on.
type place struct {
	listen netip.AddrPort
	ops    netip.AddrPort // invalid when there is none
	demos  []netip.AddrPort
	tls    bool
}

// loadSettings reads the config file, then the flags, which win, and the tokens.
func loadSettings(o *options) (*policy.Settings, policy.Tokens, error) {
	s := policy.Defaults()
	if o.config != "" {
		text, err := readText(o.config)
		if err != nil {
			return nil, nil, fmt.Errorf("--config: %w", err)
		}
		if err := s.ParseFile(o.config, text); err != nil {
			return nil, nil, err
		}
	}
	for _, g := range o.given {
		if err := g.directive.Set(s, g.value); err != nil {
			return nil, nil, err
		}
	}
	if s.TokenFile == "" {
		return s, nil, nil
	}
	text, err := readText(s.TokenFile)
	if err != nil {
		return nil, nil, fmt.Errorf("token-file: %w", err)
	}
	tokens, err := policy.ParseTokens(text)
	if err != nil {
		return nil, nil, fmt.Errorf("token-file %s: %w", s.TokenFile, err)
	}
	return s, tokens, nil
}

// maxText is how large a file of settings or tokens may be, in bytes: a reload
// that is pointed at an endless one must not end the relay.
const maxText = 16 << 20

func readText(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxText+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxText {
		return "", fmt.Errorf("%s: larger than %d MiB", name, maxText>>20)
	}
	return string(text), nil
}

// makeRules completes the settings with what follows from the place: the demo
// origins are allowed by their literal addresses, the server itself denied, and on
// loopback the server's own pages are welcome.
func makeRules(s *policy.Settings, tokens policy.Tokens, at place) (relay.Rules, error) {
	rules := relay.Rules{Settings: s, Tokens: tokens, Hosts: s.Hosts, Origins: s.Origins}
	if err := policy.CheckBind(at.listen, s, tokens); err != nil {
		return rules, err
	}
	if at.listen.Addr().Unmap().IsLoopback() {
		rules.Hosts = append(policy.LocalHosts(at.listen.Port()), s.Hosts...)
		rules.Origins = append(policy.LocalOrigins(at.listen.Port(), at.tls), s.Origins...)
	}
	var allow, deny []string
	for _, origin := range at.demos {
		allow = append(allow, origin.String())
	}
	deny, err := selfTargets(at, rules.Hosts)
	if err != nil {
		return rules, err
	}
	allowed, err := parseRules(allow)
	if err != nil {
		return rules, err
	}
	denied, err := parseRules(deny)
	if err != nil {
		return rules, err
	}
	rules.Policy, err = s.Policy(allowed, denied)
	return rules, err
}

func parseRules(texts []string) ([]policy.Rule, error) {
	var rules []policy.Rule
	for _, text := range texts {
		r, err := policy.ParseRule(text)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// selfTargets lists what reaches the server itself: its addresses and names.
func selfTargets(at place, hosts []policy.HostPort) ([]string, error) {
	var list []string
	for _, ap := range []netip.AddrPort{at.listen, at.ops} {
		if !ap.IsValid() {
			continue
		}
		addrs := []netip.Addr{ap.Addr().Unmap().WithZone("")}
		if ap.Addr().IsUnspecified() {
			var err error
			if addrs, err = localAddrs(); err != nil {
				return nil, err
			}
			list = append(list, fmt.Sprintf("127.0.0.0/8:%d", ap.Port()))
		}
		for _, a := range addrs {
			list = append(list, netip.AddrPortFrom(a, ap.Port()).String())
		}
	}
	for _, h := range hosts {
		if h.Port != 0 {
			list = append(list, h.String())
			continue
		}
		// A proxy in front may serve either.
		for _, h.Port = range []uint16{80, 443} {
			list = append(list, h.String())
		}
	}
	return list, nil
}

// localAddrs are the addresses of this machine's interfaces.
func localAddrs() ([]netip.Addr, error) {
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("listing this machine's addresses, which must not be targets: %w", err)
	}
	var addrs []netip.Addr
	for _, a := range found {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			addrs = append(addrs, p.Addr().Unmap().WithZone(""))
		}
	}
	return addrs, nil
}

// loadCertificate gives nil when none is configured.
func loadCertificate(o *options) (*tls.Certificate, error) {
	if o.cert == "" {
		return nil, nil
	}
	c, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s, --tls-key %s: %w", o.cert, o.key, err)
	}
	return &c, nil
}

// resolveListen turns the value of a listening flag into an address.
func resolveListen(name, value string) (netip.AddrPort, error) {
	a, err := net.ResolveTCPAddr("tcp", value)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("--%s %q: want ADDRESS:PORT: %w", name, value, err)
	}
	ap := a.AddrPort()
	if !ap.Addr().IsValid() { // ":8080"
		ap = netip.AddrPortFrom(netip.IPv6Unspecified(), ap.Port())
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}
