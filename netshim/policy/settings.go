package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits are a relay's caps and deadlines.
type Limits struct {
	Connections    int           // WebSockets at once
	PerClient      int           // WebSockets at once from one quota key
	HandshakeRate  int           // WebSocket handshakes a second from one quota key
	Streams        int           // streams at once, over all WebSockets
	PerConnection  int           // streams at once on one WebSocket
	Dials          int           // destinations being resolved or connected to at once
	Buffered       int           // bytes held in buffers, over all streams
	HeaderTimeout  time.Duration // for a request's head
	DNSTimeout     time.Duration // for a name
	DialTimeout    time.Duration // for a TCP connection, all addresses of a name together
	WriteTimeout   time.Duration // for a write, beyond a second for each 16 KiB of it
	PingInterval   time.Duration // between signs of life on a WebSocket
	IdleTimeout    time.Duration // without a byte on a stream, or without a stream on a WebSocket
	Lifetime       time.Duration // of a WebSocket
	DrainTimeout   time.Duration // for streams to end by themselves at shutdown
	MaxHeaderBytes int           // of a request's head
}

// Settings are everything an operator can say about a relay as data, from flags
// and from a file alike.
type Settings struct {
	Allow, Deny    []Rule
	Internet       []uint16
	Origins        []Origin
	Hosts          []HostPort
	TrustedProxies []netip.Prefix
	TokenFile      string
	Limits         Limits
}

// Defaults are the settings before any directive.
func Defaults() *Settings {
	return &Settings{Limits: Limits{
		Connections: 4096, PerClient: 256, HandshakeRate: 100,
		Streams: 4096, PerConnection: 128, Dials: 256, Buffered: 256 << 20,
		HeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10,
		DNSTimeout: 5 * time.Second, DialTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, PingInterval: 20 * time.Second,
		IdleTimeout: 10 * time.Minute, Lifetime: 24 * time.Hour,
		DrainTimeout: 5 * time.Second,
	}}
}

// Policy builds the destination policy; deny adds rules of the relay's own.
func (s *Settings) Policy(allow, deny []Rule) (*Policy, error) {
	return New(append(slices.Clone(s.Allow), allow...), append(slices.Clone(s.Deny), deny...), s.Internet)
}

// A Directive is one setting: a line "name value" of a policy file, or the flag
// --name value.
type Directive struct {
	Name string
	Arg  string // what the value looks like
	Help string
	List bool // may be given several times
	Bare bool // may be given without a value

	Default string // as a value; "" when it is nothing

	set func(*Settings, string) error
}

// Set applies a value. The error names the directive and what it expects.
func (d *Directive) Set(s *Settings, value string) error {
	if value == "" && !d.Bare {
		return fmt.Errorf("%s: want a value: %s", d.Name, d.Arg)
	}
	if err := d.set(s, value); err != nil {
		return fmt.Errorf("%s: %w", d.Name, err)
	}
	return nil
}

// Directives lists every setting, in the order in which to explain them.
var Directives = []*Directive{
	{Name: "allow", Arg: "HOST:PORTS", List: true,
		Help: "allow a destination: a name, an IPv4 address, an IPv6 address in brackets or a prefix, with a port, from-to or *; a name reaches public addresses only",
		set:  rules(func(s *Settings) *[]Rule { return &s.Allow })},
	{Name: "deny", Arg: "HOST:PORTS", List: true,
		Help: "deny a destination, whatever allows it",
		set:  rules(func(s *Settings) *[]Rule { return &s.Deny })},
	{Name: "allow-internet", Arg: "PORT,...", Bare: true,
		Help: "allow every public address and name, on these ports (80,443 when none are given)",
		set:  setInternet},
	{Name: "origin", Arg: "SCHEME://HOST[:PORT]", List: true,
		Help: "accept pages of this origin, compared exactly",
		set: func(s *Settings, v string) error {
			o, err := ParseOrigin(v)
			if err == nil {
				s.Origins = append(s.Origins, o)
			}
			return err
		}},
	{Name: "host", Arg: "HOST[:PORT]", List: true,
		Help: "accept this Host header; without a port, the scheme's default one",
		set: func(s *Settings, v string) error {
			h, err := ParseHostPort(v)
			if err == nil {
				s.Hosts = append(s.Hosts, h)
			}
			return err
		}},
	{Name: "token-file", Arg: "FILE",
		Help: "require one of the tokens in FILE (one a line, at least 128 bits each) as the first path segment",
		set:  func(s *Settings, v string) error { s.TokenFile = v; return nil }},
	{Name: "trusted-proxy", Arg: "ADDRESS or PREFIX", List: true,
		Help: "believe X-Forwarded-For from this peer",
		set:  setProxy},
	count("max-connections", 1<<20, "WebSockets at once", func(l *Limits) *int { return &l.Connections }),
	count("max-connections-per-client", 1<<20, "WebSockets at once from one IPv4 address or IPv6 /64", func(l *Limits) *int { return &l.PerClient }),
	count("max-handshakes", 1<<20, "WebSocket handshakes a second from one IPv4 address or IPv6 /64", func(l *Limits) *int { return &l.HandshakeRate }),
	count("max-streams", 1<<20, "streams at once", func(l *Limits) *int { return &l.Streams }),
	count("max-streams-per-connection", 1<<16, "streams at once on one WebSocket", func(l *Limits) *int { return &l.PerConnection }),
	count("max-dials", 1<<16, "destinations being resolved or connected to at once", func(l *Limits) *int { return &l.Dials }),
	{Name: "max-buffered", Arg: "SIZE", Default: strconv.Itoa(Defaults().Limits.Buffered>>20) + "MiB",
		Help: "bytes held in buffers over all streams",
		set:  setBuffered},
	timeout("header-timeout", time.Minute, "for a request's head", func(l *Limits) *time.Duration { return &l.HeaderTimeout }),
	count("max-header-bytes", 1<<20, "bytes in a request's head", func(l *Limits) *int { return &l.MaxHeaderBytes }),
	timeout("dns-timeout", time.Minute, "for resolving a name", func(l *Limits) *time.Duration { return &l.DNSTimeout }),
	timeout("dial-timeout", 5*time.Minute, "for connecting to a destination", func(l *Limits) *time.Duration { return &l.DialTimeout }),
	timeout("write-timeout", time.Hour, "for each write, beyond a second for every 16 KiB in it", func(l *Limits) *time.Duration { return &l.WriteTimeout }),
	timeout("ping-interval", time.Hour, "between pings on a quiet WebSocket; one that leaves a ping unanswered for as long again is closed", func(l *Limits) *time.Duration { return &l.PingInterval }),
	timeout("idle-timeout", 30*24*time.Hour, "for a stream without a byte, or a WebSocket without a stream", func(l *Limits) *time.Duration { return &l.IdleTimeout }),
	timeout("lifetime", 365*24*time.Hour, "for a WebSocket", func(l *Limits) *time.Duration { return &l.Lifetime }),
	timeout("drain-timeout", time.Hour, "for streams to end by themselves at shutdown", func(l *Limits) *time.Duration { return &l.DrainTimeout }),
}

// ParseFile applies a policy file: a directive a line, its value after the first
// space, blank lines and lines starting with # skipped. All bad lines are
// reported, each as "file:line: directive: what is wrong".
func (s *Settings) ParseFile(file, text string) error {
	var errs []error
	seen := map[string]int{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value := line, ""
		if j := strings.IndexAny(line, " \t"); j >= 0 {
			name, value = line[:j], strings.TrimSpace(line[j:])
		}
		if err := s.directive(name, value, seen, i+1); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", file, i+1, err))
		}
	}
	return errors.Join(errs...)
}

func (s *Settings) directive(name, value string, seen map[string]int, line int) error {
	i := slices.IndexFunc(Directives, func(d *Directive) bool { return d.Name == name })
	if i < 0 {
		return fmt.Errorf("%.80q is not a directive", name)
	}
	d := Directives[i]
	if first := seen[name]; first != 0 && !d.List {
		return fmt.Errorf("%s: given before, on line %d", name, first)
	}
	seen[name] = line
	return d.Set(s, value)
}

func rules(list func(*Settings) *[]Rule) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		r, err := ParseRule(v)
		if err != nil {
			return err
		}
		*list(s) = append(*list(s), r)
		return nil
	}
}

func setInternet(s *Settings, v string) error {
	ports := []uint16{}
	if v == "" {
		v = "80,443"
	}
	for _, f := range strings.Split(v, ",") {
		p, err := parsePort(strings.TrimSpace(f))
		if err != nil {
			return err
		}
		ports = append(ports, p)
	}
	s.Internet = ports
	return nil
}

func setProxy(s *Settings, v string) error {
	if !strings.Contains(v, "/") {
		a, err := netip.ParseAddr(v)
		if err != nil || a.Zone() != "" || a.Is4In6() {
			return fmt.Errorf("%q: want an address or a prefix", v)
		}
		s.TrustedProxies = append(s.TrustedProxies, netip.PrefixFrom(a, a.BitLen()))
		return nil
	}
	p, err := parsePrefix(v)
	if err != nil {
		return err
	}
	s.TrustedProxies = append(s.TrustedProxies, p)
	return nil
}

func count(name string, most int, help string, field func(*Limits) *int) *Directive {
	now := strconv.Itoa(*field(&Defaults().Limits))
	return &Directive{Name: name, Arg: "N", Default: now, Help: help, set: func(s *Settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("%q: want a number from 1 to %d", v, most)
		}
		*field(&s.Limits) = n
		return nil
	}}
}

func timeout(name string, most time.Duration, help string, field func(*Limits) *time.Duration) *Directive {
	now := short(*field(&Defaults().Limits))
	return &Directive{Name: name, Arg: "DURATION", Default: now, Help: help, set: func(s *Settings, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < time.Millisecond || d > most {
			return fmt.Errorf("%q: want a duration from 1ms to %v, as in 90s or 2m", v, most)
		}
		*field(&s.Limits) = d
		return nil
	}}
}

// short is d without the zero units that Duration.String ends in.
func short(d time.Duration) string {
	s := d.String()
	s = strings.TrimSuffix(s, "m0s")
	if s != d.String() {
		s += "m"
	}
	return strings.Replace(s, "h0m", "h", 1)
}

// minBuffered lets one stream flow each way at full message size.
const minBuffered = 4 << 20

func setBuffered(s *Settings, v string) error {
	for _, u := range []struct {
		suffix string
		size   int
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}} {
		digits, ok := strings.CutSuffix(v, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err == nil && n >= 1 && n <= 1<<20 && n*u.size >= minBuffered && n*u.size <= 1<<40 {
			s.Limits.Buffered = n * u.size
			return nil
		}
	}
	return fmt.Errorf("%q: want a size from 4MiB, as in 256MiB or 1GiB", v)
}
