package policy

import (
	"net/netip"
	"strings"
	"testing"
)

func TestRule08Bind(t *testing.T) {
	tokens, err := ParseTokens(hexToken)
	if err != nil {
		t.Fatal(err)
	}
	full := Defaults()
	if err := full.ParseFile("f", "origin https://page.example\nhost relay.example"); err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{"127.0.0.1:8080", "127.9.9.9:1", "[::1]:8080", "[::ffff:127.0.0.1]:8080"} {
		if err := CheckBind(netip.MustParseAddrPort(addr), Defaults(), nil); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, addr := range []string{"0.0.0.0:8080", "[::]:8080", "192.168.1.2:8080", "[fe80::1]:8080", "93.184.216.34:443"} {
		ap := netip.MustParseAddrPort(addr)
		if err := CheckBind(ap, full, tokens); err != nil {
			t.Errorf("%s with everything: %v", addr, err)
		}
		err := CheckBind(ap, Defaults(), nil)
		for _, want := range []string{addr, "token-file", "origin", "host"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s with nothing: %v, want %q in it", addr, err, want)
			}
		}
		if err := CheckBind(ap, full, nil); err == nil || strings.Contains(err.Error(), "origin:") {
			t.Errorf("%s without a token: %v", addr, err)
		}
		if err := CheckBind(ap, &Settings{Hosts: full.Hosts}, tokens); err == nil || strings.Contains(err.Error(), "token-file") {
			t.Errorf("%s without an origin: %v", addr, err)
		}
	}
}
