package policy

import (
	"net/netip"
	"os"
	"strings"
	"testing"
)

// A parsed target prints to text that parses to itself, and no spelling leads
// past a policy that lists one public name to a special address.
func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"", "a:80", "[::1]:80", "127.1:80", "tok/", "tok/127.0.0.1:80", "0x7f.1:80", "/", "a/b/c", "[::ffff:127.0.0.1]:80", "[fe80::1%25lo]:80"} {
		f.Add(s)
	}
	p, err := New(nil, nil, []uint16{80, 443})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, err := ParsePath(path)
		if err != nil || got.Wisp {
			return
		}
		target := got.Target
		again, err := SplitTarget(target.String())
		if err != nil || again != target {
			t.Fatalf("%q: %v prints as %q, which is %v, %v", path, target, target, again, err)
		}
		if (target.Name == "") == !target.Addr.IsValid() || target.Addr.Zone() != "" || target.Addr.Is4In6() || target.Port == 0 {
			t.Fatalf("%q: not canonical: %+v", path, target)
		}
		if target.Name != "" {
			if _, err := netip.ParseAddr(target.Name); err == nil {
				t.Fatalf("%q: the name %q is an address", path, target.Name)
			}
		} else if p.Check(target) == nil && !Public(target.Addr) {
			t.Fatalf("%q: %v passes", path, target.Addr)
		}
	})
}

// Whatever a policy file says, it parses or it is refused with the line's
// number, and an accepted one never opens an address that cannot be a target.
func FuzzParseFile(f *testing.F) {
	vectors, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range strings.Split(string(vectors), "\n----\n") {
		var lines []string
		for _, l := range strings.Split(s, "\n") {
			if !strings.HasPrefix(l, "ask ") && !strings.HasPrefix(l, "dial ") {
				lines = append(lines, l)
			}
		}
		f.Add(strings.Join(lines, "\n"))
	}
	f.Add("origin https://a.example\nhost a\nmax-buffered 4MiB\nidle-timeout 1h\ntrusted-proxy ::/0")
	f.Fuzz(func(t *testing.T, text string) {
		s := Defaults()
		if err := s.ParseFile("f", text); err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, o := range s.Origins {
			if again, err := ParseOrigin(o.String()); err != nil || again != o {
				t.Fatalf("%q: origin %v: %v", text, o, err)
			}
		}
		for _, h := range s.Hosts {
			if again, err := ParseHostPort(h.String()); err != nil || again != h {
				t.Fatalf("%q: host %v: %v", text, h, err)
			}
		}
		p, err := s.Policy(nil, nil)
		if err != nil {
			return
		}
		for _, a := range []string{"0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255"} {
			addr := netip.MustParseAddr(a)
			if p.Check(Target{Addr: addr, Port: 80}) == nil {
				t.Fatalf("%q opens %s", text, a)
			}
		}
	})
}
