package main

import (
	"bytes"
	"maps"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/wisp"
)

const goodToken = "0123456789abcdef0123456789abcdef"

func TestConfigure(t *testing.T) {
	good := map[string]string{
		"ALLOW": "example.com:443, 93.184.216.34:80\nother.example:*", "DENY": "other.example:25",
		"ORIGIN": "https://page.example", "HOST": "relay.example", "TOKENS": goodToken,
		"DIAL_TIMEOUT": "3s", "MAX_DIALS": "2",
	}
	r, err := configure(good)
	if err != nil {
		t.Fatal(err)
	}
	if r.limits.DialTimeout.String() != "3s" || r.limits.Dials != 2 || r.limits.Buffered != 16<<20 {
		t.Errorf("limits: %+v", r.limits)
	}
	for target, want := range map[string]bool{
		"example.com:443": true, "example.com:80": false, "93.184.216.34:80": true,
		"other.example:7": true, "other.example:25": false, "127.0.0.1:80": false,
	} {
		tg, err := policy.SplitTarget(target)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Policy.Check(tg) == nil; got != want {
			t.Errorf("%s: %v", target, got)
		}
	}
	for _, test := range []struct {
		name, value string // "-": without it
		want        []string
	}{
		{"ALLOW", "-", []string{"ALLOW: nothing is allowed"}},
		{"ALLOW", "", []string{"ALLOW: nothing is allowed"}},
		{"ALLOW", "foo bar:1", []string{`ALLOW: "foo": want host:port`}},
		{"ALLOW", "10.0.0.0/8:80", []string{`ALLOW: "10.0.0.0/8:80"`, "cannot be checked before connecting", "allow each host"}[:1]},
		{"ALLOW", "127.0.0.1:80", []string{`ALLOW: "127.0.0.1:80"`, "special-purpose"}},
		{"ALLOW", "[::1]:80", []string{`ALLOW: "[::1]:80"`, "special-purpose"}},
		{"ALLOW", "104.16.1.1:80", []string{`ALLOW: "104.16.1.1:80"`, "its own addresses"}},
		{"ALLOW", "mail.example:25", []string{`ALLOW: "mail.example:25"`, "port 25"}},
		{"ALLOW", "localhost:80", []string{"ALLOW:", "never grants loopback"}},
		{"ALLOW_INTERNET", "", []string{"ALLOW_INTERNET: not possible"}},
		{"ALLOW_INTERNET", "443", []string{"ALLOW_INTERNET: not possible"}},
		{"DENY", "10.0.0.0/8:*", []string{`DENY: "10.0.0.0/8:*"`}},
		{"ORIGIN", "-", []string{"ORIGIN: at least one is required"}},
		{"ORIGIN", "null", []string{`ORIGIN: origin "null"`}},
		{"HOST", "-", []string{"HOST: at least one is required"}},
		{"TOKENS", "-", []string{"TOKENS: a token is required"}},
		{"TOKENS", "short", []string{"TOKENS: line 1: a token of 5 characters is too short"}},
		{"MAX_DIALS", "many", []string{`MAX_DIALS: "many": want a number`}},
		{"MAX_CONNECTIONS", "5", []string{"MAX_CONNECTIONS: not a setting; those are ALLOW,"}},
		{"ALOW", "a:1", []string{"ALOW: not a setting"}},
		{"LOG_LEVEL", "loud", []string{`LOG_LEVEL: "loud": want debug`}},
		{"RESOLVER", "dns.example", []string{`RESOLVER: "dns.example": want a URL`}},
		{"LOCAL", "1", []string{`LOCAL: "1": want true`}},
	} {
		env := maps.Clone(good)
		env[test.name] = test.value
		if test.value == "-" {
			delete(env, test.name)
		}
		_, err := configure(env)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s=%q: %v, want %q in it", test.name, test.value, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), goodToken) {
			t.Errorf("%s=%q: the error shows the token", test.name, test.value)
		}
	}
	local := maps.Clone(good)
	local["ALLOW"], local["LOCAL"] = "127.0.0.1:80", "true"
	if _, err := configure(local); err != nil {
		t.Errorf("a private address with LOCAL: %v", err)
	}
}

// What wrangler.toml and workerd.capnp name must be settings, and all of them.
func TestDeclaredSettings(t *testing.T) {
	capnp, err := os.ReadFile("workerd.capnp")
	if err != nil {
		t.Fatal(err)
	}
	wrangler, err := os.ReadFile("wrangler.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, vars, _ := strings.Cut(string(wrangler), "\n[vars]\n")
	vars, _, _ = strings.Cut(vars, "\n\n")
	env := map[string]string{tokensVar: goodToken}
	for line := range strings.Lines(vars) {
		name, value, _ := strings.Cut(line, " = ")
		env[name] = strings.Trim(value, "\"\n")
	}
	if _, err := configure(env); err != nil {
		t.Errorf("wrangler.toml: %v", err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{tokensVar, levelVar, resolverVar, localVar}
	for _, d := range known {
		names = append(names, variable(d))
	}
	for _, name := range names {
		if !bytes.Contains(capnp, []byte(`fromEnvironment = "`+name+`"`)) {
			t.Errorf("workerd.capnp lacks %s", name)
		}
		if name != "ALLOW_INTERNET" && !bytes.Contains(readme, []byte("`"+name+"`")) {
			t.Errorf("README.md lacks %s", name)
		}
	}
	if n := bytes.Count(capnp, []byte("fromEnvironment = ")); n != len(names) {
		t.Errorf("workerd.capnp has %d variables; there are %d settings", n, len(names))
	}
}

func TestReasons(t *testing.T) {
	for text, want := range map[string]wisp.Reason{
		"Connections to port 25 are prohibited":             wisp.ReasonBlocked,
		"TCP Loop detected":                                 wisp.ReasonBlocked,
		"Response closed due to connection limit":           wisp.ReasonThrottled,
		"Too many subrequests.":                             wisp.ReasonThrottled,
		"TypeError: Specified address could not be parsed.": wisp.ReasonInvalid,
		"connect(): Connection refused":                     wisp.ReasonRefused,
		"connect() timed out":                               wisp.ReasonTimeout,
		"something new":                                     wisp.ReasonUnreachable,
	} {
		if got := dialReason(platformError(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !isVague(platformError("proxy request failed, cannot connect to the specified address. It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead")) {
		t.Error("not vague")
	}
	for _, test := range []struct {
		answer string
		local  bool
		want   wisp.Reason
	}{
		{"93.184.216.34", false, wisp.ReasonRefused},
		{"104.16.1.1 2606:4700::1", false, wisp.ReasonBlocked},
		{"104.16.1.1 93.184.216.34", false, wisp.ReasonRefused},
		{"10.0.0.1", false, wisp.ReasonBlocked},
		{"127.0.0.1", true, wisp.ReasonRefused},
		{"::ffff:104.16.1.1", false, wisp.ReasonBlocked},
	} {
		addrs, err := parseAnswer(test.answer)
		if err != nil {
			t.Fatal(err)
		}
		if got := addressReason(addrs, test.local); got != test.want {
			t.Errorf("%s: %v", test.answer, got)
		}
	}
	for _, answer := range []string{"", "none", "error: status 500"} {
		if addrs, err := parseAnswer(answer); err == nil {
			t.Errorf("%q: %v", answer, addrs)
		}
	}
	if !ours(netip.MustParseAddr("1.1.1.1")) || ours(netip.MustParseAddr("8.8.8.8")) {
		t.Error("the platform's addresses")
	}
}
