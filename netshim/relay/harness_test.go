package relay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// rig is a relay on loopback with what a test needs around it.
type rig struct {
	t        testing.TB
	relay    *Relay
	server   *httptest.Server
	registry *prometheus.Registry
	logs     *safeBuffer
	addr     netip.AddrPort
	rules    Rules
	down     sync.Once
}

// setup is what a test wants different.
type setup struct {
	conf   string // policy file
	tokens string // token file
	lookup func(ctx context.Context, network, name string) ([]netip.Addr, error)
	rate   int // of the slowest peer
}

// rigs has the rig of each running test.
var rigs sync.Map

const testOrigin = "https://page.example"

// newRig starts a relay that is checked for leaks, of goroutines and of file
// descriptors, when the test ends.
//
// A test has one at a time: what an earlier one still starts would look like a
// leak of the next.
func newRig(t testing.TB, s setup) *rig {
	t.Helper()
	if earlier, ok := rigs.LoadAndDelete(t); ok {
		earlier.(*rig).stop()
	}
	checkLeaks(t)
	settings := policy.Defaults()
	if err := settings.ParseFile("test", "origin "+testOrigin+"\n"+s.conf); err != nil {
		t.Fatal(err)
	}
	p, err := settings.Policy(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var tokens policy.Tokens
	if s.tokens != "" {
		if tokens, err = policy.ParseTokens(s.tokens); err != nil {
			t.Fatal(err)
		}
	}
	g := &rig{t: t, registry: prometheus.NewRegistry(), logs: &safeBuffer{}}
	listener := listen(t)
	g.addr = netip.MustParseAddrPort(listener.Addr().String())
	g.rules = Rules{
		Settings: settings, Policy: p, Tokens: tokens, Origins: settings.Origins,
		Hosts: append(policy.LocalHosts(g.addr.Port()), settings.Hosts...),
	}
	g.relay = New(g.rules, Options{
		Logger:   slog.New(slog.NewJSONHandler(g.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Registry: g.registry,
		Lookup:   s.lookup,
		rate:     s.rate,
	})
	g.server = &httptest.Server{
		Listener: g.relay.Limit(listener),
		Config: &http.Server{
			Handler:           g.relay.CheckHost(http.StripPrefix("/relay/", g.relay)),
			ReadHeaderTimeout: settings.Limits.HeaderTimeout,
			MaxHeaderBytes:    settings.Limits.MaxHeaderBytes - 4<<10,
		},
	}
	g.server.Start()
	rigs.Store(t, g)
	t.Cleanup(func() {
		rigs.Delete(t)
		g.stop()
	})
	return g
}

func (g *rig) stop() {
	g.down.Do(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		g.relay.Drain(ctx, 0)
		g.server.Close()
		if sockets, streams, dials := g.relay.places.taken(); sockets+streams+dials != 0 {
			g.t.Errorf("places still taken: %d sockets, %d streams, %d dials", sockets, streams, dials)
		}
		if left := g.relay.pool.Left(); left != g.rules.Settings.Limits.Buffered {
			g.t.Errorf("%d bytes of buffers are not back", g.rules.Settings.Limits.Buffered-left)
		}
	})
}

func (g *rig) url(path string) string { return "ws://" + g.addr.String() + "/relay/" + path }

// checkLeaks registers the check; it runs after the cleanups registered later.
func checkLeaks(t testing.TB) {
	listen(t).Close() // the poller's own descriptors come with the first
	ignore := goleak.IgnoreCurrent()
	fds := openFiles(t)
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		// Toxiproxy's links can wait for ever for each other.
		if err := goleak.Find(ignore,
			goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"),
			goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"),
		); err != nil {
			t.Errorf("goroutines left: %v", err)
		}
		eventually(t, fmt.Sprintf("file descriptors are closed, as before: %v; now: %v", fds, openFiles(t)), func() bool { return len(openFiles(t)) <= len(fds) })
	})
}

// openFiles lists the process's descriptors, as what they are. Pipes are left
// out: package net keeps some for splicing, which proxies between tests use.
func openFiles(t testing.TB) []string {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc/self/fd")
	}
	var open []string
	for _, e := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.HasPrefix(name, "/proc/") && !strings.HasPrefix(name, "pipe:") {
			open = append(open, name)
		}
	}
	return open
}

// eventually polls a condition that another goroutine or the kernel brings about.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not so after 30 s: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// patiently runs a test in which a limit of the relay's strikes. Where it strikes
// before the test has got there, as on a machine that stands still for a while,
// the test fails and is run anew with a longer limit.
func patiently(t *testing.T, limit time.Duration, test func(t testing.TB, limit time.Duration)) {
	t.Helper()
	for ; ; limit *= 4 {
		a := &attempt{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer a.clean()
			test(a, limit)
		}()
		<-done
		if len(a.said) == 0 {
			return
		}
		report := t.Logf
		if limit > 4*time.Second {
			report = t.Errorf
		}
		report("with a limit of %v: %s", limit, strings.Join(a.said, "; "))
		if t.Failed() {
			return
		}
	}
}

// attempt is a test whose failures do not count yet.
type attempt struct {
	testing.TB
	mu       sync.Mutex
	said     []string
	cleanups []func()
}

func (a *attempt) Cleanup(f func()) { a.cleanups = append(a.cleanups, f) }

func (a *attempt) clean() {
	if n := len(a.cleanups); n > 0 {
		last := a.cleanups[n-1]
		a.cleanups = a.cleanups[:n-1]
		defer a.clean() // also when this one ends the goroutine
		last()
	}
}

func (a *attempt) Errorf(format string, args ...any) { a.Error(fmt.Sprintf(format, args...)) }
func (a *attempt) Fatalf(format string, args ...any) { a.Fatal(fmt.Sprintf(format, args...)) }

func (a *attempt) Error(args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.said = append(a.said, fmt.Sprint(args...))
}

func (a *attempt) Fatal(args ...any) {
	a.Error(args...)
	runtime.Goexit()
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// serveTCP runs handle for every connection to a listener of its own.
func serveTCP(t testing.TB, handle func(c *net.TCPConn)) netip.AddrPort {
	t.Helper()
	l := listen(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			wg.Add(1)
			go func() {
				defer wg.Done()
				handle(c.(*net.TCPConn))
				c.Close()
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return netip.MustParseAddrPort(l.Addr().String())
}

// echo sends back what it gets and half-closes after the client has.
func echo(c *net.TCPConn) {
	io.Copy(c, c)
	c.CloseWrite()
}

// kinds are the ways to reach a target that every transfer test runs over.
var kinds = map[string]*netshim.DialOptions{
	"wisp":    {Origin: testOrigin},
	"plain":   {Origin: testOrigin, NoFlow: true},
	"wsproxy": {Origin: testOrigin, Convention: netshim.WSProxy},
}

// eachKind runs a test over every kind. Each has a relay of its own.
func eachKind(t *testing.T, test func(t *testing.T, kind string, dial func(g *rig, to netip.AddrPort) net.Conn)) {
	for kind, opts := range kinds {
		t.Run(kind, func(t *testing.T) {
			test(t, kind, func(g *rig, to netip.AddrPort) net.Conn {
				t.Helper()
				c, err := netshim.Dial(t.Context(), g.url(""), to.Addr().String(), int(to.Port()), opts)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
				return c
			})
		})
	}
}

// raw is a WebSocket client that says exactly what a test wants.
type raw struct {
	t  testing.TB
	ws *websocket.Conn
}

// dialRaw opens a WebSocket; protocols are the subprotocols to offer.
func (g *rig) dialRaw(path string, protocols ...string) *raw {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, g.url(path), &websocket.DialOptions{
		HTTPHeader:   http.Header{"Origin": {testOrigin}},
		Subprotocols: protocols,
	})
	if err != nil {
		g.t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	g.t.Cleanup(func() { ws.CloseNow() })
	return &raw{g.t, ws}
}

func (r *raw) send(p []byte) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := r.ws.Write(ctx, websocket.MessageBinary, p); err != nil {
		r.t.Fatal(err)
	}
}

func (r *raw) recv() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, p, err := r.ws.Read(ctx)
	return p, err
}

// packet receives the next packet of Wisp.
func (r *raw) packet() wisp.Packet {
	r.t.Helper()
	msg, err := r.recv()
	if err != nil {
		r.t.Fatal(err)
	}
	p, err := wisp.Decode(msg)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// until receives packets until one of the type.
func (r *raw) until(typ wisp.Type) wisp.Packet {
	r.t.Helper()
	for {
		if p := r.packet(); p.Type == typ {
			return p
		}
	}
}

// closed receives until the WebSocket is closed and gives the code.
func (r *raw) closed() int {
	r.t.Helper()
	for {
		if _, err := r.recv(); err != nil {
			return int(websocket.CloseStatus(err))
		}
	}
}

// wispV1 opens a Wisp connection of version 1.
func (g *rig) wispV1() *raw {
	g.t.Helper()
	r := g.dialRaw("")
	if p := r.packet(); p.Type != wisp.TypeContinue || p.Stream != 0 {
		g.t.Fatalf("the first packet is %+v", p)
	}
	return r
}

func (r *raw) connect(stream uint32, to netip.AddrPort) {
	r.t.Helper()
	r.send(wisp.AppendConnect(nil, stream, to.Addr().String(), to.Port()))
}

// request makes a plain HTTP request to the relay.
func (g *rig) request(path string, header http.Header) *http.Response {
	g.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+g.addr.String()+"/relay/"+path, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header = header.Clone()
	if host := header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { res.Body.Close() })
	return res
}

// upgrade is the head of a WebSocket handshake with an origin.
func upgrade(origin string) http.Header {
	h := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	if origin != "" {
		h.Set("Origin", origin)
	}
	return h
}

// metric reads a metric's value, all its labels' summed.
func (g *rig) metric(name string) (sum float64) {
	families, err := g.registry.Gather()
	if err != nil {
		g.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// safeBuffer collects the log.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// logged waits for a log line with all of the parts.
func (g *rig) logged(parts ...string) {
	g.t.Helper()
	eventually(g.t, fmt.Sprintf("a log line with %q", parts), func() bool {
		for _, line := range strings.Split(g.logs.String(), "\n") {
			all := line != ""
			for _, p := range parts {
				all = all && strings.Contains(line, p)
			}
			if all {
				return true
			}
		}
		return false
	})
}

// pattern gives n bytes that differ from their neighbours at any distance.
func pattern(n int) []byte {
	p := make([]byte, n)
	x := uint32(2463534242)
	for i := range p {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		p[i] = byte(x)
	}
	return p
}

// hostOf is the Host field of requests to an address.
func hostOf(at netip.AddrPort) policy.HostPort {
	return policy.HostPort{Host: at.Addr().String(), Port: at.Port()}
}

func sum(p []byte) string { return fmt.Sprintf("%x", sha256.Sum256(p)) }
