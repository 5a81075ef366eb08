// Package relay is the native WebSocket-to-TCP relay: an http.Handler that
// speaks Wisp (a path that ends in a slash) and wsproxy (a path that ends in
// host:port), under one policy.
//
// What it does with bytes is package pump; what it allows is package policy.
// Here is what needs net/http, sockets and a clock: the handshake, dialling,
// caps, deadlines, metrics and draining.
package relay

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/pump"
)

// Rules are what a reload replaces.
type Rules struct {
	Settings *policy.Settings
	Policy   *policy.Policy
	Tokens   policy.Tokens // none: no token is asked for
	Hosts    []policy.HostPort
	Origins  []policy.Origin
}

type rules struct {
	Rules
	limits policy.Limits
}

// Options are what a relay works with. Nil fields have defaults.
type Options struct {
	Logger   *slog.Logger          // nil: silent
	Registry prometheus.Registerer // nil: a registry of its own
	// Lookup resolves names; nil: the system's resolver.
	Lookup func(ctx context.Context, network, name string) ([]netip.Addr, error)

	rate int // tests: instead of minRate
}

// A Relay is an [http.Handler] for what lies below its mount point, which
// [http.StripPrefix] takes off.
type Relay struct {
	log     *slog.Logger
	metrics *metrics
	lookup  func(ctx context.Context, network, name string) ([]netip.Addr, error)
	rules   atomic.Pointer[rules]
	pool    *pump.Pool
	places  places
	lastID  atomic.Uint64
	rate    int // of the slowest peer

	mu       sync.Mutex
	links    map[*link]struct{}
	pending  int // handshakes that may become links
	draining bool
	empty    chan struct{} // closed when draining and no link is left
	stop     chan struct{} // ends the sweeper
	swept    chan struct{} // closed when it has ended
}

// New makes a relay, which runs until [Relay.Drain].
func New(set Rules, opt Options) *Relay {
	r := &Relay{
		log:    opt.Logger,
		lookup: opt.Lookup,
		rate:   opt.rate,
		pool:   pump.NewPool(set.Settings.Limits.Buffered),
		places: places{clients: map[netip.Prefix]*client{}},
		links:  map[*link]struct{}{},
		empty:  make(chan struct{}),
		stop:   make(chan struct{}),
		swept:  make(chan struct{}),
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.lookup == nil {
		r.lookup = net.DefaultResolver.LookupNetIP
	}
	if r.rate == 0 {
		r.rate = minRate
	}
	reg := opt.Registry
	if reg == nil {
		reg = prometheus.NewRegistry()
	}
	r.metrics = newMetrics(reg, r)
	r.Reload(set)
	go r.sweep()
	return r
}

// Reload replaces the rules for what comes from now on. Streams that are open
// go on. The bound on buffers stays as it was.
func (r *Relay) Reload(set Rules) {
	r.rules.Store(&rules{set, set.Settings.Limits})
}

func (r *Relay) pace(set *rules) pace { return pace{set.limits.WriteTimeout, r.rate} }

// refusalBody is the same for every refusal, so that probing one thing tells
// nothing about another.
const refusalBody = "Refused by this relay's rules. Its log says why.\n"

// causes are the values of the metric's label.
var causes = append(slices.Clone(policy.Causes), "rate", "client", "capacity", "draining", "handshake")

// refuse answers a request that is not let in.
func (r *Relay) refuse(w http.ResponseWriter, req *http.Request, status int, cause string, err error) {
	r.metrics.refused.WithLabelValues(cause).Inc()
	r.log.Info("refused", "client", r.client(req).String(), "cause", cause, "reason", err.Error())
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	// The rest of a refused request is not worth reading.
	h.Set("Connection", "close")
	if status != http.StatusForbidden {
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	w.Write([]byte(refusalBody))
}

// client is the address that a request counts for.
func (r *Relay) client(req *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(req.RemoteAddr)
	return policy.ClientAddr(peer.Addr(), req.Header["X-Forwarded-For"], r.rules.Load().Settings.TrustedProxies)
}

// CheckHost lets only requests with a listed Host header through to next, which
// keeps a page that rebinds its own name to the relay's address from anything
// served on the relay's port.
func (r *Relay) CheckHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := policy.CheckHost(r.rules.Load().Hosts, req.Host, req.TLS != nil); err != nil {
			r.refuse(w, req, http.StatusForbidden, "host", err)
			return
		}
		next.ServeHTTP(w, req)
	})
}

// ServeHTTP implements [http.Handler]. All refusals come before the upgrade and
// before DNS.
func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	set := r.rules.Load()
	client := r.client(req)
	free, err := r.places.socket(set.limits, policy.QuotaKey(client), time.Now())
	if err != nil {
		status, cause := http.StatusTooManyRequests, "rate"
		switch err {
		case errPerClient:
			cause = "client"
		case errSockets:
			status, cause = http.StatusServiceUnavailable, "capacity"
		}
		r.refuse(w, req, status, cause, err)
		return
	}
	path, cause, err := set.admit(req)
	if err != nil {
		free()
		r.refuse(w, req, http.StatusForbidden, cause, err)
		return
	}
	if !r.begin() {
		free()
		r.refuse(w, req, http.StatusServiceUnavailable, "draining", errDrained)
		return
	}
	defer r.began()
	offered := subprotocols(req)
	sock, err := accept(w, req, offered, r.pace(set))
	if err != nil {
		// The response, 426 or 400, is written.
		free()
		r.metrics.refused.WithLabelValues("handshake").Inc()
		return
	}
	l := &link{
		relay: r, rules: set, sock: sock, free: free, client: client,
		id: r.lastID.Add(1), started: time.Now(),
	}
	if path.Wisp {
		r.metrics.accepted.WithLabelValues("wisp").Inc()
		l.wisp(len(offered) > 0)
	} else {
		r.metrics.accepted.WithLabelValues("wsproxy").Inc()
		l.wsproxy(path.Target)
	}
}

// begin counts a handshake, so that draining waits for what becomes of it; it
// is false when the relay drains already.
func (r *Relay) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining {
		return false
	}
	r.pending++
	return true
}

func (r *Relay) began() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending--
	r.checkEmpty()
}

// admit judges a request by everything that needs no upgrade.
func (set *rules) admit(req *http.Request) (path policy.Path, cause string, err error) {
	gate := policy.Gate{Policy: set.Policy, Tokens: set.Tokens, Hosts: set.Hosts, Origins: set.Origins}
	return gate.Admit(policy.Knock{
		Method: req.Method, Host: req.Host, TLS: req.TLS != nil, Path: req.URL.Path, Origins: req.Header["Origin"],
	})
}

// subprotocols are what the client offers. A browser fails a handshake that
// picks none, so the first is picked: any means version 2 of Wisp.
func subprotocols(req *http.Request) []string {
	var all []string
	for _, field := range req.Header["Sec-Websocket-Protocol"] {
		for _, p := range strings.Split(field, ",") {
			if p = strings.TrimSpace(p); p != "" {
				all = append(all, p)
			}
		}
	}
	return all
}
