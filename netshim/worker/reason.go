package main

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// platformError is what connect() failed with. The platform gives text alone.
type platformError string

func (e platformError) Error() string { return string(e) }

var (
	// errConnectTimeout is this relay's own: the platform has no bound.
	errConnectTimeout = errors.New("connecting took too long")
	errPort25         = errors.New("the platform does not connect to port 25")
)

// vague is what the platform says of a destination that refused, of one that it
// does not let a Worker reach and of a name that does not exist alike.
const vague = "cannot connect to the specified address"

// sentences are parts of the platform's clear errors, in lower case; the first
// that fits counts.
var sentences = []struct {
	part   string
	reason wisp.Reason
}{
	{"port 25", wisp.ReasonBlocked},
	{"tcp loop", wisp.ReasonBlocked},
	{"prohibited", wisp.ReasonBlocked},
	{"connection limit", wisp.ReasonThrottled},
	{"too many", wisp.ReasonThrottled},
	{"connection refused", wisp.ReasonRefused},
	{"timed out", wisp.ReasonTimeout},
	{"specified address", wisp.ReasonInvalid}, // cannot be parsed, is too long, lacks a port
}

// isVague tells whether an error needs a look at what the name stands for.
func isVague(err error) bool { return strings.Contains(err.Error(), vague) }

// dialReason is what a client learns of a failed connect() whose error says it.
func dialReason(err error) wisp.Reason {
	switch {
	case errors.Is(err, errConnectTimeout):
		return wisp.ReasonTimeout
	case errors.Is(err, errPort25):
		return wisp.ReasonBlocked
	}
	text := strings.ToLower(err.Error())
	for _, s := range sentences {
		if strings.Contains(text, s.part) {
			return s.reason
		}
	}
	return wisp.ReasonUnreachable
}

// addressReason is what a vague error means for a destination with these
// addresses: one that the platform does not reach is blocked, another refused.
// With local, special-purpose addresses are reached.
func addressReason(addrs []netip.Addr, local bool) wisp.Reason {
	for _, a := range addrs {
		if !ours(a) && (local || policy.Public(a)) {
			return wisp.ReasonRefused
		}
	}
	return wisp.ReasonBlocked
}

// cloudflare are the platform's own addresses, as it publishes them at
// https://www.cloudflare.com/ips/, and its public resolver's.
var cloudflare = []netip.Prefix{
	netip.MustParsePrefix("1.0.0.0/24"),
	netip.MustParsePrefix("1.1.1.0/24"),
	netip.MustParsePrefix("103.21.244.0/22"),
	netip.MustParsePrefix("103.22.200.0/22"),
	netip.MustParsePrefix("103.31.4.0/22"),
	netip.MustParsePrefix("104.16.0.0/13"),
	netip.MustParsePrefix("104.24.0.0/14"),
	netip.MustParsePrefix("108.162.192.0/18"),
	netip.MustParsePrefix("131.0.72.0/22"),
	netip.MustParsePrefix("141.101.64.0/18"),
	netip.MustParsePrefix("162.158.0.0/15"),
	netip.MustParsePrefix("172.64.0.0/13"),
	netip.MustParsePrefix("173.245.48.0/20"),
	netip.MustParsePrefix("188.114.96.0/20"),
	netip.MustParsePrefix("190.93.240.0/20"),
	netip.MustParsePrefix("197.234.240.0/22"),
	netip.MustParsePrefix("198.41.128.0/17"),
	netip.MustParsePrefix("2400:cb00::/32"),
	netip.MustParsePrefix("2405:8100::/32"),
	netip.MustParsePrefix("2405:b500::/32"),
	netip.MustParsePrefix("2606:4700::/32"),
	netip.MustParsePrefix("2803:f800::/32"),
	netip.MustParsePrefix("2a06:98c0::/29"),
	netip.MustParsePrefix("2c0f:f248::/32"),
}

func ours(a netip.Addr) bool {
	a = a.Unmap()
	return slices.ContainsFunc(cloudflare, func(p netip.Prefix) bool { return p.Contains(a) })
}

// parseAnswer reads what wire.mjs makes of a resolver's answer: addresses, or
// the word "none"; any other text is an error.
func parseAnswer(answer string) (addrs []netip.Addr, err error) {
	switch answer {
	case "":
		return nil, errors.New("the resolver has not answered")
	case "none":
		return nil, errors.New("no such host")
	}
	for _, f := range strings.Fields(answer) {
		a, err := netip.ParseAddr(f)
		if err != nil {
			return nil, errors.New("the resolver failed: " + answer)
		}
		addrs = append(addrs, a)
	}
	return addrs, nil
}
