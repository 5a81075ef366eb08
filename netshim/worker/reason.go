package main

import (
	"errors"
	"strings"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// platformError is what connect() failed with. The platform gives text alone.
type platformError string

func (e platformError) Error() string { return string(e) }

// errConnectTimeout is this relay's own: the platform has no bound.
var errConnectTimeout = errors.New("connecting took too long")

// sentences maps what the platform's errors contain, in lower case, to what the
// client is told; the first that fits counts. Cloudflare and workerd use
// different words for one thing, so both are here.
var sentences = []struct {
	part   string
	reason wisp.Reason
}{
	// Policies of the platform.
	{"port 25", wisp.ReasonBlocked},
	{"prohibited", wisp.ReasonBlocked},
	{"tcp loop", wisp.ReasonBlocked},
	{"not allowed", wisp.ReasonBlocked},
	{"blocked by restrictpeers", wisp.ReasonBlocked},
	{"cannot connect to the specified address", wisp.ReasonBlocked},
	// Its limits.
	{"connection limit", wisp.ReasonThrottled},
	{"too many", wisp.ReasonThrottled},
	{"limit", wisp.ReasonThrottled},
	// What the network said.
	{"refused", wisp.ReasonRefused},
	{"timed out", wisp.ReasonTimeout},
	{"timeout", wisp.ReasonTimeout},
	// It does not take what the policy let pass.
	{"specified address could not be parsed", wisp.ReasonInvalid},
	{"invalid", wisp.ReasonInvalid},
}

// dialReason is what a client learns of a failed connect().
func dialReason(err error) wisp.Reason {
	if errors.Is(err, errConnectTimeout) {
		return wisp.ReasonTimeout
	}
	text := strings.ToLower(err.Error())
	for _, s := range sentences {
		if strings.Contains(text, s.part) {
			return s.reason
		}
	}
	return wisp.ReasonUnreachable
}
