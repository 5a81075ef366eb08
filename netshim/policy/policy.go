// Package policy decides who may use a relay and what it may connect to. It is
// pure: no sockets, no resolver, no HTTP types, so that the native relay and
// the Worker relay share every rule and every test vector.
//
// A destination is judged twice: [Policy.Check] on what the client asked for,
// before any name is resolved, and [Policy.CheckAddr] on each address about to
// be dialled, which closes DNS rebinding.
package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Denied is a destination refused by policy. Its text is for the operator's
// log: a client learns only that the target is blocked.
type Denied struct {
	Target string
	Why    string
}

func (e *Denied) Error() string { return "target " + e.Target + " denied: " + e.Why }

// A Policy is an immutable set of destination rules. The zero value denies
// everything.
type Policy struct {
	allow, deny []Rule
	internet    []uint16 // ports open to every public address; nil: none
}

// New builds a policy from an allow list and a deny list (deny wins), and, for
// open-internet mode, the ports open towards all public addresses.
func New(allow, deny []Rule, internet []uint16) (*Policy, error) {
	p := &Policy{allow: slices.Clone(allow), deny: slices.Clone(deny), internet: slices.Clone(internet)}
	for _, r := range p.allow {
		if isLocalhost(r.name) && !p.grantsLoopback(r) {
			return nil, fmt.Errorf("%q: a name never grants loopback: allow the address itself, as in 127.0.0.1:%s",
				r.text, r.text[strings.LastIndexByte(r.text, ':')+1:])
		}
	}
	return p, nil
}

// isLocalhost knows the names of RFC 6761 §6.3.
func isLocalhost(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// grantsLoopback tells whether some literal entry opens loopback on one of the
// ports of r, without which an entry for localhost can do nothing.
func (p *Policy) grantsLoopback(r Rule) bool {
	return slices.ContainsFunc(p.allow, func(l Rule) bool {
		return l.name == "" && l.prefix.Addr().IsLoopback() && l.from <= r.to && r.from <= l.to
	})
}

// Check judges a destination before any name is resolved. A nil error for a
// name means only that its addresses may be looked up.
func (p *Policy) Check(t Target) error {
	if t.Name == "" {
		return p.CheckAddr(t, netip.AddrPortFrom(t.Addr, t.Port))
	}
	for _, r := range p.deny {
		if r.names(t.Name, t.Port) {
			return &Denied{t.String(), "deny " + r.text}
		}
	}
	if p.named(t) {
		return nil
	}
	return &Denied{t.String(), p.unlisted(t.Port)}
}

// CheckAddr judges an address about to be connected to on behalf of t.
func (p *Policy) CheckAddr(t Target, ap netip.AddrPort) error {
	addr, port := ap.Addr().Unmap(), ap.Port()
	deny := func(why string) error { return &Denied{t.String(), ap.String() + ": " + why} }
	if neverTarget(addr) {
		return deny("not an address to connect to")
	}
	if port != t.Port || t.Name == "" && addr != t.Addr.Unmap() {
		return deny("not the address that was asked for")
	}
	for _, r := range p.deny {
		if r.covers(addr, port) {
			return deny("deny " + r.text)
		}
	}
	for _, r := range p.allow {
		if r.grants(addr, port) {
			return nil
		}
	}
	if t.Name != "" && p.named(t) || t.Name == "" && slices.Contains(p.internet, port) {
		if Public(addr) {
			return nil
		}
		return deny("a special-purpose address needs an entry of its own")
	}
	return deny(p.unlisted(port))
}

// named tells whether a name may be resolved: it is listed, or the internet is
// open on that port.
func (p *Policy) named(t Target) bool {
	return slices.Contains(p.internet, t.Port) ||
		slices.ContainsFunc(p.allow, func(r Rule) bool { return r.names(t.Name, t.Port) })
}

func (p *Policy) unlisted(port uint16) string {
	if p.internet != nil && !slices.Contains(p.internet, port) {
		return fmt.Sprintf("not listed, and port %d is not open to the internet", port)
	}
	return "not listed"
}
