package policy

import (
	"slices"
	"testing"
)

// Each thing that is wrong with a knock keeps it out, named by its cause, and
// those that a token would tell apart come before what is asked for.
func TestAdmit(t *testing.T) {
	host, err := ParseHostPort("relay.example")
	if err != nil {
		t.Fatal(err)
	}
	origin, err := ParseOrigin("https://page.example")
	if err != nil {
		t.Fatal(err)
	}
	const token = "0123456789abcdef0123456789abcdef"
	tokens, err := ParseTokens(token + "\n")
	if err != nil {
		t.Fatal(err)
	}
	policy, err := New([]Rule{mustRule(t, "192.0.2.1:80")}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	open := &Gate{Policy: policy, Hosts: []HostPort{host}, Origins: []Origin{origin}}
	locked := &Gate{Policy: policy, Hosts: open.Hosts, Origins: open.Origins, Tokens: tokens}
	good := func(path string) Knock {
		return Knock{Method: "GET", Host: "relay.example:443", TLS: true, Path: path, Origins: []string{"https://page.example"}}
	}
	with := func(k Knock, change func(*Knock)) Knock { change(&k); return k }
	caused := map[string]bool{}
	for _, c := range []struct {
		name  string
		gate  *Gate
		knock Knock
		cause string // "": let in
	}{
		{"Wisp", open, good(""), ""},
		{"wsproxy", open, good("192.0.2.1:80"), ""},
		{"Wisp with a token", locked, good(token + "/"), ""},
		{"wsproxy with a token", locked, good(token + "/192.0.2.1:80"), ""},
		{"no page but a token", locked, with(good(token+"/"), func(k *Knock) { k.Origins = nil }), ""},
		{"another method", open, with(good(""), func(k *Knock) { k.Method = "POST" }), "method"},
		{"another host", open, with(good(""), func(k *Knock) { k.Host = "evil.example" }), "host"},
		{"no token", locked, good(""), "token"},
		{"another token", locked, good(token[1:] + "0/"), "token"},
		{"a token where none is asked for", open, good(token + "/"), "token"},
		{"a destination that is denied, and no token", locked, good("192.0.2.2:80"), "token"},
		{"another page", open, with(good(""), func(k *Knock) { k.Origins = []string{"https://evil.example"} }), "origin"},
		{"no page and no token", open, with(good(""), func(k *Knock) { k.Origins = nil }), "origin"},
		{"another page with a token", locked, with(good(token+"/"), func(k *Knock) { k.Origins = []string{"null"} }), "origin"},
		{"no destination", open, good("nonsense"), "path"},
		{"a destination that is denied", open, good("192.0.2.2:80"), "target"},
	} {
		_, cause, err := c.gate.Admit(c.knock)
		if cause != c.cause || (err == nil) != (c.cause == "") {
			t.Errorf("%s: cause %q, %v; want %q", c.name, cause, err, c.cause)
		}
		caused[cause] = true
	}
	for _, cause := range Causes {
		if !caused[cause] {
			t.Errorf("no knock is refused for its %s", cause)
		}
	}
	if len(caused) != len(Causes)+1 || slices.Contains(Causes, "") {
		t.Errorf("causes %v, the list has %v", caused, Causes)
	}
}
