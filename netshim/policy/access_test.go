package policy

import (
	"net/netip"
	"strings"
	"testing"
)

func TestRule05HostHeader(t *testing.T) {
	var allowed []HostPort
	for _, s := range []string{"127.0.0.1:8080", "localhost:8080", "[::1]:8080", "relay.example"} {
		h, err := ParseHostPort(s)
		if err != nil {
			t.Fatal(err)
		}
		allowed = append(allowed, h)
	}
	for _, c := range []struct {
		field string
		tls   bool
		ok    bool
	}{
		{"127.0.0.1:8080", false, true},
		{"localhost:8080", false, true},
		{"LocalHost:8080", false, true},
		{"[::1]:8080", false, true},
		{"[0:0:0:0:0:0:0:1]:8080", false, true},
		{"relay.example", false, true},
		{"relay.example:80", false, true},
		{"relay.example:443", true, true},
		{"relay.example:443", false, false},
		{"relay.example:80", true, false},
		{"relay.example:8080", false, false},
		{"127.0.0.1", false, false},
		{"127.0.0.1:80801", false, false},
		{"127.0.0.1:808", false, false},
		{"127.0.0.1:8080.evil.example", false, false},
		{"127.0.0.1.evil.example:8080", false, false},
		{"localhost:8080@evil.example", false, false},
		{"evil.example:8080", false, false},
		{"relay.example.evil.example", false, false},
		{"evilrelay.example", false, false},
		{"relay.example:", false, false},
		{"[::1]8080", false, false},
		{"::1:8080", false, false},
		{"127.1:8080", false, false},
		{"", false, false},
		{" localhost:8080", false, false},
		{"localhost:8080,evil.example", false, false},
	} {
		if err := CheckHost(allowed, c.field, c.tls); (err == nil) != c.ok {
			t.Errorf("%q, tls %v: %v", c.field, c.tls, err)
		}
	}
}

func TestRule06Origin(t *testing.T) {
	var allowed []Origin
	for _, s := range []string{"http://127.0.0.1:8080", "https://page.example", "http://[::1]:8080", "chrome-extension://abcdefghijklmnop"} {
		o, err := ParseOrigin(s)
		if err != nil {
			t.Fatal(err)
		}
		if o.String() != s {
			t.Errorf("%q prints as %q", s, o)
		}
		allowed = append(allowed, o)
	}
	for origin, ok := range map[string]bool{
		"http://127.0.0.1:8080":                  true,
		"http://[::1]:8080":                      true,
		"https://page.example":                   true,
		"https://page.example:443":               true,
		"chrome-extension://abcdefghijklmnop":    true,
		"HTTPS://Page.Example":                   true,
		"http://page.example":                    false,
		"https://page.example:8443":              false,
		"https://page.example.":                  false,
		"https://page.example.evil.test":         false,
		"https://evilpage.example":               false,
		"https://page.example/":                  false,
		"https://page.example/path":              false,
		"https://user@page.example":              false,
		"http://127.0.0.1:80801":                 false,
		"http://127.0.0.1":                       false,
		"null":                                   false,
		"":                                       false,
		"//page.example":                         false,
		"https:page.example":                     false,
		"https://page.example https://evil.test": false,
	} {
		for _, token := range []bool{false, true} {
			if err := CheckOrigin(allowed, []string{origin}, token); (err == nil) != ok {
				t.Errorf("%q, token %v: %v", origin, token, err)
			}
		}
	}
	if CheckOrigin(allowed, nil, false) == nil {
		t.Error("a missing origin passes without a token")
	}
	if err := CheckOrigin(allowed, nil, true); err != nil {
		t.Errorf("a missing origin with a token: %v", err)
	}
	if CheckOrigin(allowed, []string{"https://page.example", "https://page.example"}, true) == nil {
		t.Error("two origin fields pass")
	}
	for _, bad := range []string{"null", "*", "https://*.example", "page.example", "https://", "https://page.example/"} {
		if _, err := ParseOrigin(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q as an entry: %v", bad, err)
		}
	}
}

const (
	hexToken  = "0123456789abcdef0123456789abcdef"
	textToken = "Zk3_0aQ-9xYvB7mNpL2wRt"
)

func TestRule07Token(t *testing.T) {
	tokens, err := ParseTokens("# for the page\n" + hexToken + "\n\n  " + textToken + "  \r\n")
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]bool{
		hexToken: true, textToken: true, "": false, hexToken[1:]: false, hexToken + "0": false,
		strings.ToUpper(hexToken): false, textToken[:21] + "u": false,
	} {
		if tokens.Match(s) != want {
			t.Errorf("match %q is not %v", s, want)
		}
	}
	if (Tokens)(nil).Match("") {
		t.Error("no tokens match the empty one")
	}
	for name, bad := range map[string]string{
		"too short":    hexToken[1:],
		"is too short": textToken[1:],
		"not random":   strings.Repeat("ab", 16),
		"only letters": textToken + "/x",
		"too long":     strings.Repeat(hexToken, 9),
		"no token in":  "\n# none\n",
	} {
		_, err := ParseTokens(bad)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q, got %v", name, err)
		} else if trimmed := strings.TrimSpace(bad); len(trimmed) > 8 && strings.Contains(err.Error(), trimmed) {
			t.Errorf("%q: the error quotes the token", name)
		}
	}
}

func TestRule10ForwardedFor(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9", "1.1.1.1", "203.0.113.9"}, // not a proxy: the field is a claim
		{"10.0.0.1", "1.1.1.1", "1.1.1.1"},
		{"::ffff:10.0.0.1", "1.1.1.1", "1.1.1.1"},
		{"10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"},
		{"10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"},
		{"10.0.0.1", "6.6.6.6|1.1.1.1:4711, 10.0.0.2", "1.1.1.1"},
		{"10.0.0.1", "[2606::1]:4711", "2606::1"},
		{"::1", "2606::1", "2606::1"},
		{"10.0.0.1", "1.1.1.1, unknown", "10.0.0.1"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", "10.0.0.3", "10.0.0.3"},
	} {
		got := ClientAddr(netip.MustParseAddr(c.peer), strings.Split(c.forwarded, "|"), trusted)
		if got.String() != c.want {
			t.Errorf("%s with %q: %v, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	for addr, want := range map[string]string{
		"192.0.2.7":        "192.0.2.7/32",
		"2606:1:2:3:4::5":  "2606:1:2:3::/64",
		"2606:1:2:3:ff::1": "2606:1:2:3::/64",
	} {
		if got := QuotaKey(netip.MustParseAddr(addr)); got.String() != want {
			t.Errorf("quota of %s: %v, want %s", addr, got, want)
		}
	}
}

func TestParsePath(t *testing.T) {
	for _, c := range []struct {
		path, token, target string
		wisp, ok            bool
	}{
		{"", "", "", true, true},
		{hexToken + "/", hexToken, "", true, true},
		{"127.0.0.1:80", "", "127.0.0.1:80", false, true},
		{"[::1]:80", "", "[::1]:80", false, true},
		{hexToken + "/Example.com:443", hexToken, "example.com:443", false, true},
		{hexToken, "", "", false, false},
		{hexToken + "/example.com", hexToken, "", false, false},
		{"/", "", "", false, false},
		{"/127.0.0.1:80", "", "", false, false},
		{hexToken + "//", hexToken, "", false, false},
		{hexToken + "/a:80/", hexToken, "", false, false},
	} {
		p, err := ParsePath(c.path)
		if (err == nil) != c.ok || p.Token != c.token {
			t.Errorf("%q: %+v, %v", c.path, p, err)
			continue
		}
		if err == nil && (p.Wisp != c.wisp || !c.wisp && p.Target.String() != c.target) {
			t.Errorf("%q: %+v", c.path, p)
		}
		if err != nil && strings.Contains(err.Error(), hexToken) {
			t.Errorf("%q: the error quotes the token", c.path)
		}
	}
}
