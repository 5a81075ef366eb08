package policy

import (
	"net/netip"
	"os"
	"strings"
	"testing"
)

// runVectors plays the sections of testdata/vectors.txt that have a line for
// which want is true, and reports how many such lines there were.
func runVectors(t *testing.T, want func(fields []string) bool) {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, section := range strings.Split(string(data), "\n----\n") {
		var directives []string
		var cases [][]string
		for _, line := range strings.Split(section, "\n") {
			f := strings.Fields(line)
			switch {
			case len(f) == 0 || line[0] == '#':
			case f[0] == "ask" && len(f) == 3, f[0] == "dial" && len(f) == 4:
				if want(f) {
					cases = append(cases, f)
				}
			default:
				directives = append(directives, line)
			}
		}
		s := Defaults()
		if err := s.ParseFile("vectors", strings.Join(directives, "\n")); err != nil {
			t.Fatal(err)
		}
		p, err := s.Policy(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range cases {
			checked++
			if got := verdict(p, f); got != f[len(f)-1] {
				t.Errorf("under %q: %s: got %s", directives, strings.Join(f, " "), got)
			}
		}
	}
	if checked == 0 {
		t.Error("no vector matched")
	}
}

func verdict(p *Policy, f []string) string {
	target, err := SplitTarget(f[1])
	switch {
	case err != nil:
		return "bad"
	case f[0] == "ask":
		err = p.Check(target)
	default:
		err = p.CheckAddr(target, netip.MustParseAddrPort(f[2]))
	}
	if err != nil {
		return "deny"
	}
	return "pass"
}

func TestVectors(t *testing.T) {
	runVectors(t, func([]string) bool { return true })
}

func TestRule01DefaultDeny(t *testing.T) {
	p, err := New(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"127.0.0.1:80", "example.com:443", "93.184.216.34:80", "[::1]:1", "localhost:8080"} {
		if got := verdict(p, []string{"ask", target}); got != "deny" {
			t.Errorf("an empty policy: %s: %s", target, got)
		}
	}
	for entry, want := range map[string]string{
		"*.example.com:443":   "wildcards",
		"*:80":                "wildcards",
		"(a|b).example:80":    "cannot be there",
		"example.com":         "want host:port",
		"example.com:":        "want a port",
		"example.com:0":       "want a port",
		"example.com:90-80":   "backwards",
		"example.com:80-":     "want a port",
		"10.0.0.1/8:80":       "write 10.0.0.0/8",
		"10.0.0.0/33:80":      "not an address prefix",
		"[::ffff:0:0/96]:80":  "IPv4 form",
		"::1:80":              "in brackets",
		"[::1]":               "want [address]:port",
		"[::1%lo]:80":         "zones",
		"127.1:80":            "four decimal parts",
		"0.0.0.0:80":          "not an address one can connect to",
		"224.0.0.1:80":        "not an address one can connect to",
		"http://example.com:": "in brackets",
		"":                    "want host:port",
	} {
		_, err := ParseRule(entry)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q in it", entry, err, want)
		} else if entry != "" && !strings.Contains(err.Error(), strings.Trim(entry, "[]:")) && !strings.Contains(err.Error(), entry) {
			t.Errorf("%q: %v does not name the entry", entry, err)
		}
	}
}

func TestRule02SocketVectors(t *testing.T) {
	runVectors(t, func(f []string) bool { return f[0] == "dial" })
	// Every special block, whatever the rules say of a name.
	p, err := New([]Rule{mustRule(t, "name.example:80")}, nil, []uint16{80})
	if err != nil {
		t.Fatal(err)
	}
	target, _ := SplitTarget("name.example:80")
	for _, block := range special {
		last := block.Addr().AsSlice()
		for bit := block.Bits(); bit < len(last)*8; bit++ {
			last[bit/8] |= 0x80 >> (bit % 8)
		}
		end, _ := netip.AddrFromSlice(last)
		for _, a := range []netip.Addr{block.Addr(), end} {
			if p.CheckAddr(target, netip.AddrPortFrom(a, 80)) == nil {
				t.Errorf("%v of %v passes", a, block)
			}
		}
	}
	if p.CheckAddr(target, netip.AddrPort{}) == nil {
		t.Error("the invalid address passes")
	}
}

func mustRule(t *testing.T, s string) Rule {
	t.Helper()
	r, err := ParseRule(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRule03NameNeverGrantsLoopback(t *testing.T) {
	runVectors(t, func(f []string) bool { return strings.Contains(f[1], "rebind.example") })
	for _, name := range []string{"localhost:8081", "LOCALHOST.:8081", "app.localhost:8081"} {
		_, err := New([]Rule{mustRule(t, name)}, nil, nil)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "127.0.0.1:8081") {
			t.Errorf("%s alone: %v", name, err)
		}
	}
	p, err := New([]Rule{mustRule(t, "localhost:8081"), mustRule(t, "127.0.0.1:8081")}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]string{"127.0.0.1:8081": "pass", "[::1]:8081": "deny", "127.0.0.2:8081": "deny"} {
		if got := verdict(p, []string{"dial", "localhost:8081", addr}); got != want {
			t.Errorf("localhost at %s: %s", addr, got)
		}
	}
}

func TestRule04OpenInternet(t *testing.T) {
	runVectors(t, func(f []string) bool { return strings.Contains(f[1], "example.com") })
	// The relay itself, as the deny list that it adds.
	s := Defaults()
	if err := s.ParseFile("f", "allow-internet 443,8080\nallow 127.0.0.1:*\n"); err != nil {
		t.Fatal(err)
	}
	p, err := s.Policy(nil, []Rule{mustRule(t, "relay.example:443"), mustRule(t, "93.184.216.34:443"), mustRule(t, "127.0.0.1:8080")})
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"relay.example:443": "deny", "93.184.216.34:443": "deny", "127.0.0.1:8080": "deny",
		"other.example:443": "pass", "127.0.0.1:8081": "pass",
	} {
		if got := verdict(p, []string{"ask", target}); got != want {
			t.Errorf("%s: %s", target, got)
		}
	}
	if got := verdict(p, []string{"dial", "alias.example:443", "93.184.216.34:443"}); got != "deny" {
		t.Errorf("an alias of the relay: %s", got)
	}
}
