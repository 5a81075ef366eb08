package netshim

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func TestParseRelay(t *testing.T) {
	for _, c := range []struct {
		in, wisp, proxy, name string
		conv                  Convention
		err                   string
	}{
		{"ws://127.0.0.1:8080/relay/", "ws://127.0.0.1:8080/relay/", "ws://127.0.0.1:8080/relay/h:1", "ws://127.0.0.1:8080", Wisp, ""},
		{"wss://r.example", "wss://r.example/", "wss://r.example/h:1", "wss://r.example", Wisp, ""},
		{"https://r.example/a/token", "wss://r.example/a/token/", "wss://r.example/a/token/h:1", "wss://r.example", Wisp, ""},
		{"HTTP://[::1]:80/", "ws://[::1]:80/", "ws://[::1]:80/h:1", "ws://[::1]:80", Wisp, ""},
		{"ws://r/?convention=wsproxy", "ws://r/", "ws://r/h:1", "ws://r", WSProxy, ""},
		{"ws://r/x/?a=b&convention=wisp&c", "ws://r/x/?a=b&c", "ws://r/x/h:1?a=b&c", "ws://r", Wisp, ""},
		{"/relay/", "", "", "", 0, "has no scheme"},
		{"ftp://r/", "", "", "", 0, `has the scheme "ftp"`},
		{"ws:///relay/", "", "", "", 0, "has no usable host"},
		{"ws://user@r/", "", "", "", 0, "has no usable host"},
		{"ws://r/#x", "", "", "", 0, "has a fragment"},
		{"ws://r/?convention=socks", "", "", "", 0, `"convention=socks", which is neither`},
	} {
		t.Run(c.in, func(t *testing.T) {
			u, conv, f := parseRelay(c.in)
			if c.err != "" {
				if f == nil || !strings.Contains(f.text, c.err) || !strings.Contains(f.text, "expected one such as ws://") {
					t.Errorf("got %v; want %q", f, c.err)
				}
				return
			}
			if f != nil {
				t.Fatal(f.text)
			}
			proxy, f := u.proxyURL("h", 1)
			if f != nil {
				t.Fatal(f.text)
			}
			if u.wisp() != c.wisp || proxy != c.proxy || u.name != c.name || conv != c.conv {
				t.Errorf("got %q, %q, %q, %v", u.wisp(), proxy, u.name, conv)
			}
		})
	}
}

// TestBadArguments: what no relay could be asked for does not reach one.
func TestBadArguments(t *testing.T) {
	var addr *net.AddrError
	var dns *net.DNSError
	for _, c := range []struct {
		name, relay, host string
		port              int
		conv              Convention
		as                any
		says              string
	}{
		{"port 0", "ws://127.0.0.1:9/", "a", 0, Wisp, &addr, "port 0 is not between 1 and 65535"},
		{"port 65536", "ws://127.0.0.1:9/", "a", 65536, WSProxy, &addr, "port 65536 is not"},
		{"no host", "ws://127.0.0.1:9/", "", 80, Wisp, &dns, "no such host"},
		{"space", "ws://127.0.0.1:9/", "a b", 80, Wisp, &dns, "lookup a b: no such host"},
		{"slash", "ws://127.0.0.1:9/", "a/b", 80, WSProxy, &dns, "lookup a/b: no such host"},
		{"relay", "nowhere", "a", 80, Wisp, nil, "the relay's URL has no scheme"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Dial(ctxFor(t), c.relay, c.host, c.port, &DialOptions{Convention: c.conv})
			var ne *Error
			if !errors.As(err, &ne) || ne.Party() != PartyCaller || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v; want an error of the caller that says %q", err, c.says)
			}
			if c.as != nil && !errors.As(err, c.as) {
				t.Errorf("%v has no %T", err, c.as)
			}
		})
	}
	_, err := OpenSession(ctxFor(t), "ws://127.0.0.1:9/?convention=wsproxy", nil)
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a wsproxy session gave %v", err)
	}
}

func TestProxyHostIPv6(t *testing.T) {
	u, _, _ := parseRelay("ws://r/")
	if got, _ := u.proxyURL("::1", 80); got != "ws://r/[::1]:80" {
		t.Errorf("got %q", got)
	}
}

func TestIsLiteral(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "fe80::1%lo": true, "example.org": false, "1.example": false, "localhost": false,
	} {
		if isLiteral(host) != want {
			t.Errorf("isLiteral(%q) = %v", host, !want)
		}
	}
}
