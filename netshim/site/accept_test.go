package site

import (
	"slices"
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	offered := []string{"br", "gzip", ""}
	for accept, want := range map[string]string{
		"":                               "",
		"br":                             "br",
		"gzip":                           "gzip",
		"gzip, deflate, br, zstd":        "br",
		"GZIP":                           "gzip",
		"x-gzip":                         "gzip",
		"gzip;q=1.0, br;q=0.9":           "gzip",
		"gzip;q=0.001":                   "gzip",
		"br;q=0, gzip ; Q=0.5":           "gzip",
		"identity, gzip;q=0.5":           "",
		"identity;q=0.5, gzip;q=0.5":     "gzip",
		"*":                              "br",
		"*;q=0.5, br;q=0.1":              "gzip",
		"identity;q=0, *":                "br",
		"identity;q=0":                   "none",
		"*;q=0":                          "none",
		"*;q=0, identity;q=0.001":        "",
		"br;q=1.001":                     "",
		"br;q=0.1234":                    "",
		"br;q=2":                         "",
		"br;q=":                          "",
		"br;q":                           "",
		"br;level=3":                     "",
		"br;q=0.5;x=y":                   "",
		"br gzip":                        "",
		",,br,":                          "br",
		"zstd":                           "",
		"br;q=1., gzip;q=1.000":          "br",
		"\tbr\t;\tq=0.3\t,gzip;q=0.2999": "br",
	} {
		got, ok := negotiate([]string{accept}, offered)
		if !ok {
			got = "none"
		}
		if got != want {
			t.Errorf("Accept-Encoding: %s gives %q, want %q", accept, got, want)
		}
	}
	if got, ok := negotiate(nil, offered); got != "" || !ok {
		t.Errorf("no Accept-Encoding gives %q, %v", got, ok)
	}
	if got, _ := negotiate([]string{"gzip;q=0.5", "br;q=0.6"}, offered); got != "br" {
		t.Errorf("two lines give %q", got)
	}
	if got, ok := negotiate([]string{"br"}, []string{""}); got != "" || !ok {
		t.Errorf("a file without encodings gives %q, %v", got, ok)
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, seed := range []string{"", "gzip, deflate, br", "br;q=0.5, *;q=0", "identity;q=0", "a;q=1.000,b;q=0.001", ";;,=,\"", "br;q=1.0000"} {
		f.Add(seed)
	}
	offered := []string{"br", "gzip", ""}
	f.Fuzz(func(t *testing.T, accept string) {
		coding, ok := negotiate([]string{accept}, offered)
		if ok && !slices.Contains(offered, coding) {
			t.Errorf("%q gives %q, which was not offered", accept, coding)
		}
		if !ok && !strings.Contains(accept, "0") {
			t.Errorf("%q refuses all without a weight of zero", accept)
		}
		// What is not asked for is not sent.
		lower := strings.ToLower(accept)
		if coding != "" && !strings.Contains(lower, coding) && !strings.Contains(lower, "*") {
			t.Errorf("%q gives %q", accept, coding)
		}
		// Lines join as one list.
		if again, same := negotiate(strings.Split(accept, ","), offered); again != coding || same != ok {
			t.Errorf("%q gives %q as one line and %q as several", accept, coding, again)
		}
	})
}

func FuzzMatches(f *testing.F) {
	for _, seed := range []string{"", "*", `"a"`, `W/"a"`, `"x,y", W/"a"`, `"a`, `,,"b" ,"a"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		if matches([]string{list}, `"a"`) && !strings.Contains(list, `"a"`) && !strings.Contains(list, "*") {
			t.Errorf("%q matches a tag it does not hold", list)
		}
		if !matches([]string{`"a"`, list}, `"a"`) {
			t.Errorf("%q hides the tag before it", list)
		}
	})
}
