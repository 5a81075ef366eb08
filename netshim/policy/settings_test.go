package policy

import (
	"strings"
	"testing"
	"time"
)

func TestParseFile(t *testing.T) {
	s := Defaults()
	err := s.ParseFile("relay.conf", `
# destinations
allow 127.0.0.1:8081
allow	[fd00::/8]:*
deny bad.example:443
allow-internet 80,443,8443
origin https://page.example
host relay.example
host relay.example:8443
trusted-proxy 10.0.0.0/8
trusted-proxy ::1
token-file /etc/netshim/tokens
max-connections 10
max-buffered 1GiB
idle-timeout 90s
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Allow) != 2 || len(s.Deny) != 1 || len(s.Internet) != 3 || len(s.Origins) != 1 || len(s.Hosts) != 2 ||
		len(s.TrustedProxies) != 2 || s.TokenFile != "/etc/netshim/tokens" || s.Limits.Connections != 10 ||
		s.Limits.Buffered != 1<<30 || s.Limits.IdleTimeout != 90*time.Second {
		t.Errorf("parsed as %+v", s)
	}
	if _, err := s.Policy(nil, nil); err != nil {
		t.Error(err)
	}
}

func TestParseFileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"allow":                           "f:1: allow: want a value: HOST:PORTS",
		"\nallow example.com":             `f:2: allow: "example.com": want host:port`,
		"permit a:80":                     `f:1: "permit" is not a directive`,
		"origin null":                     `f:1: origin: origin null: want scheme://host`,
		"host a:b:c":                      `f:1: host: "a:b:c"`,
		"allow-internet http":             `f:1: allow-internet: port "http"`,
		"max-streams 0":                   `f:1: max-streams: "0": want a number from 1`,
		"max-streams -1":                  `f:1: max-streams: "-1"`,
		"idle-timeout 5":                  `f:1: idle-timeout: "5": want a duration`,
		"idle-timeout 0s":                 `f:1: idle-timeout: "0s"`,
		"max-buffered 1MiB":               `f:1: max-buffered: "1MiB": want a size from 4MiB`,
		"max-buffered 99999999999GiB":     `f:1: max-buffered: "99999999999GiB"`,
		"trusted-proxy 10.0.0.1/8":        "write 10.0.0.0/8",
		"trusted-proxy proxy.example":     `"proxy.example": want an address or a prefix`,
		"lifetime 1h\nlifetime 2h":        "f:2: lifetime: given before, on line 1",
		"allow a.example\nmax-dials many": `f:2: max-dials: "many"`,
	} {
		err := Defaults().ParseFile("f", text)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), `origin "null"`, "origin null"), want) {
			t.Errorf("%q: got %v, want %q in it", text, err, want)
		}
	}
}

// Every directive explains itself, and its default is a value it accepts.
func TestDirectives(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Directives {
		if seen[d.Name] || d.Help == "" || d.Arg == "" {
			t.Errorf("%s: repeated, or without help or argument", d.Name)
		}
		seen[d.Name] = true
		if d.Default != "" {
			if err := d.Set(Defaults(), d.Default); err != nil {
				t.Errorf("default of %v", err)
			}
		}
	}
}
