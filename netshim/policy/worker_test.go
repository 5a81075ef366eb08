package policy

import (
	"strings"
	"testing"
)

func TestRule20Worker(t *testing.T) {
	for conf, want := range map[string]string{
		"allow example.com:443\nallow 93.184.216.34:80\ndeny bad.example:*": "",
		"allow-internet":                             "allow-internet",
		"allow-internet 443":                         "allow-internet",
		"allow example.com:443\nallow 0.0.0.0/0:443": "0.0.0.0/0:443",
		"allow [2000::/3]:443":                       "[2000::/3]:443",
		"deny 10.0.0.0/8:*":                          "10.0.0.0/8:*",
	} {
		s := Defaults()
		if err := s.ParseFile("f", conf); err != nil {
			t.Fatal(err)
		}
		err := CheckWorker(s)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", conf, err, want)
		}
	}
	// The vectors that come before DNS are the Worker's too; they run in this
	// package, which both relays link.
	runVectors(t, func(f []string) bool { return f[0] == "ask" })
}
