package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/stepwire/stepwire/netshim/policy"
)

// The Worker's settings are the relay's own directives as environment variables:
// max-dials is MAX_DIALS. Lists are separated by blanks, newlines or commas.
// Those that only the platform could keep are not among them.
var known = []string{
	"allow", "deny", "allow-internet", "origin", "host",
	"max-streams-per-connection", "max-dials", "max-buffered",
	"dial-timeout", "write-timeout", "idle-timeout", "lifetime",
}

// Variables that are no directive.
const (
	tokensVar   = "TOKENS"
	levelVar    = "LOG_LEVEL"
	resolverVar = "RESOLVER"
	localVar    = "LOCAL"
)

// defaultResolver is asked, over HTTPS in JSON, what a name stands for that the
// platform could not connect to.
const defaultResolver = "https://cloudflare-dns.com/dns-query"

func variable(directive string) string {
	return strings.ToUpper(strings.ReplaceAll(directive, "-", "_"))
}

// rules are the settings, read and checked.
type rules struct {
	policy.Gate
	limits   policy.Limits
	level    slog.Level
	resolver string
	local    bool // workerd on a machine of one's own, which reaches private addresses
}

// defaults are smaller than the native relay's: all WebSockets that the platform
// puts into one isolate share its 128 MB, and one WebSocket may have 6
// connections waiting to be opened.
func defaults() *policy.Settings {
	s := policy.Defaults()
	s.Limits.PerConnection = 32
	s.Limits.Dials = 6
	s.Limits.Buffered = 16 << 20
	return s
}

// configure reads the environment. The error joins one line for each variable
// that is wrong or missing, which names it and says what it expects.
func configure(env map[string]string) (*rules, error) {
	var errs []error
	s := defaults()
	byName := map[string]*policy.Directive{}
	for _, d := range policy.Directives {
		if slices.Contains(known, d.Name) {
			byName[variable(d.Name)] = d
		}
	}
	names := slices.Sorted(maps.Keys(byName))
	r := &rules{level: slog.LevelInfo, resolver: defaultResolver}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		value := strings.TrimSpace(env[name])
		d := byName[name]
		switch {
		case name == tokensVar:
			tokens, err := policy.ParseTokens(strings.Join(fields(value), "\n"))
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
			r.Tokens = tokens
		case name == levelVar:
			if err := r.level.UnmarshalText([]byte(value)); err != nil {
				errs = append(errs, fmt.Errorf("%s: %.80q: want debug, info, warn or error", name, value))
			}
		case name == resolverVar:
			if u, err := url.Parse(value); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" {
				errs = append(errs, fmt.Errorf("%s: %.80q: want a URL such as %s", name, value, defaultResolver))
			}
			r.resolver = value
		case name == localVar:
			if r.local = value == "true"; !r.local {
				errs = append(errs, fmt.Errorf("%s: %.80q: want true, or no variable", name, value))
			}
		case d == nil:
			errs = append(errs, fmt.Errorf("%.80s: not a setting; those are %s, %s, %s, %s and %s", name, strings.Join(names, ", "), levelVar, localVar, resolverVar, tokensVar))
		default:
			errs = append(errs, set(s, name, d, value)...)
		}
	}
	r.limits = s.Limits
	r.Hosts, r.Origins = s.Hosts, s.Origins
	errs = append(errs, r.complete(s, env)...)
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	return r, nil
}

// set applies a variable, a list's values one by one.
func set(s *policy.Settings, name string, d *policy.Directive, value string) (errs []error) {
	values := []string{value}
	if d.List {
		values = fields(value)
	}
	for _, v := range values {
		if err := d.Set(s, v); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), d.Name+": ")))
		}
	}
	return errs
}

func fields(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c <= ' ' })
}

// unreachable finds the entries of an allow list that the platform never
// connects to.
func unreachable(allow string) (errs []error) {
	for _, entry := range fields(allow) {
		host := entry[:max(0, strings.LastIndexByte(entry, ':'))]
		a, err := netip.ParseAddr(strings.Trim(host, "[]"))
		switch {
		case strings.HasSuffix(entry, ":25"):
			errs = append(errs, fmt.Errorf("ALLOW: %q: %w", entry, errPort25))
		case err == nil && ours(a):
			errs = append(errs, fmt.Errorf("ALLOW: %q: the platform does not connect to its own addresses", entry))
		case err == nil && !policy.Public(a):
			errs = append(errs, fmt.Errorf("ALLOW: %q: the platform does not connect to special-purpose addresses", entry))
		}
	}
	return errs
}

// complete checks what belongs together.
func (r *rules) complete(s *policy.Settings, env map[string]string) (errs []error) {
	if env["ALLOW"] == "" {
		errs = append(errs, errors.New("ALLOW: nothing is allowed; want destinations such as example.com:443"))
	}
	if !r.local {
		errs = append(errs, unreachable(env["ALLOW"])...)
	}
	if err := policy.CheckWorker(s); err != nil {
		name, rest, _ := strings.Cut(err.Error(), " ")
		if directive, ok := strings.CutSuffix(name, ":"); ok {
			errs = append(errs, errors.New(variable(directive)+": "+rest))
		} else {
			errs = append(errs, errors.New(variable(name)+": "+rest))
		}
	}
	if env["HOST"] == "" {
		errs = append(errs, errors.New("HOST: at least one is required, such as relay.example.com, the Worker's own name"))
	}
	if env["ORIGIN"] == "" {
		errs = append(errs, errors.New("ORIGIN: at least one is required, such as https://example.com, the page's"))
	}
	// The rule for a relay that listens on more than loopback.
	if len(r.Tokens) == 0 && env[tokensVar] == "" && !r.local {
		errs = append(errs, errors.New(tokensVar+": a token is required, of at least 128 random bits; it is a secret"))
	}
	p, err := s.Policy(nil, nil)
	if err != nil {
		errs = append(errs, fmt.Errorf("ALLOW: %w", err))
	}
	r.Policy = p
	return errs
}
