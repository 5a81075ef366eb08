package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stepwire/stepwire/netshim/demo"
	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/relay"
	"github.com/stepwire/stepwire/netshim/site"
)

// server is a running netshim.
type server struct {
	o        *options
	log      *slog.Logger
	at       place
	settings *policy.Settings
	cert     atomic.Pointer[tls.Certificate]

	relay    *relay.Relay
	demo     *demo.Server // nil without
	secure   *demo.Server // the same over TLS
	http     *http.Server
	listener net.Listener
	ops      *ops // nil without
	failed   chan error
}

// start checks everything, then listens. Nothing is left behind on an error.
func start(o *options, log *slog.Logger) (_ *server, err error) {
	s := &server{o: o, log: log, failed: make(chan error, 2)}
	settings, tokens, err := loadSettings(o)
	if err != nil {
		return nil, &setupError{err}
	}
	s.settings = settings
	cert, err := loadCertificate(o)
	if err != nil {
		return nil, &setupError{err}
	}
	s.cert.Store(cert)
	if s.at.listen, err = resolveListen("listen", o.listen); err != nil {
		return nil, &setupError{err}
	}
	if err := policy.CheckBind(s.at.listen, settings, tokens); err != nil {
		return nil, &setupError{err}
	}
	s.at.tls = cert != nil
	pages, err := site.New(builtSite(), site.Options{FrameAncestors: o.ancestors})
	if err != nil {
		return nil, &setupError{err}
	}

	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.listener, err = net.Listen("tcp", s.at.listen.String()); err != nil {
		return nil, fmt.Errorf("--listen %s: %w", o.listen, err)
	}
	anywhere := s.at.listen.Port() == 0
	s.at.listen = addrOf(s.listener)
	if o.ops != "" {
		if s.ops, err = listenOps(o.ops); err != nil {
			return nil, err
		}
		s.at.ops = addrOf(s.ops.listener)
	}
	if o.demo {
		var first, second uint16
		if !anywhere {
			first, second = s.at.listen.Port()+1, s.at.listen.Port()+2
		}
		if s.demo, err = startDemo(demo.Start, first); err != nil {
			return nil, err
		}
		if s.secure, err = startDemo(demo.StartSecure, second); err != nil {
			return nil, err
		}
		for _, origin := range []*demo.Server{s.demo, s.secure} {
			s.at.demos = append(s.at.demos, netip.MustParseAddrPort(origin.Addr()))
		}
	}
	rules, err := makeRules(settings, tokens, s.at)
	if err != nil {
		return nil, &setupError{err}
	}
	registry := newRegistry()
	s.relay = relay.New(rules, relay.Options{Logger: log, Registry: registry})
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(relay.Ceiling(settings.Limits))
	}
	s.serveHTTP(pages)
	if s.ops != nil {
		s.ops.serve(s, registry)
	}
	return s, nil
}

// startDemo gives a demo origin its port if that is free, so that links and
// programs that name it work after a restart, and else any.
func startDemo(start func(context.Context, string) (*demo.Server, error), port uint16) (*demo.Server, error) {
	if s, err := start(context.Background(), fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
		return s, nil
	}
	return start(context.Background(), "127.0.0.1:0")
}

func addrOf(l net.Listener) netip.AddrPort {
	return netip.MustParseAddrPort(l.Addr().String())
}

// newRegistry is the registry of all metrics, the process's among them.
func newRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(processCollectors()...)
	return registry
}

// handler is everything that is served, behind the check of the Host header.
func (s *server) handler(pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/relay/", http.StripPrefix("/relay/", s.relay))
	mux.Handle("GET /demo.json", serveJSON(demo.NewListing(s.demo, s.secure)))
	mux.Handle("/", pages)
	return s.relay.CheckHost(mux)
}

// serveJSON serves a value that does not change.
func serveJSON(value any) http.Handler {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // of plain structs
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("X-Content-Type-Options", "nosniff")
		// Another run of the server has another port.
		h.Set("Cache-Control", "no-store")
		w.Write(body)
	})
}

func (s *server) serveHTTP(pages http.Handler) {
	limits := s.settings.Limits
	s.http = &http.Server{
		Handler:           s.handler(pages),
		ReadHeaderTimeout: limits.HeaderTimeout,
		ReadTimeout:       limits.HeaderTimeout, // no request here has a body
		WriteTimeout:      5 * time.Minute,      // the largest file on a slow line
		IdleTimeout:       time.Minute,
		// net/http allows 4 KiB more than it is told.
		MaxHeaderBytes: max(limits.MaxHeaderBytes-4<<10, 1),
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		// WebSockets need HTTP/1.1, and caps count its connections.
		Protocols: new(http.Protocols),
	}
	s.http.Protocols.SetHTTP1(true)
	listener := s.relay.Limit(s.listener)
	if s.at.tls {
		listener = tls.NewListener(listener, &tls.Config{
			MinVersion: tls.VersionTLS12,
			NextProtos: []string{"http/1.1"},
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				return s.cert.Load(), nil
			},
		})
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
}

// url is where a person finds the page.
func (s *server) url() string {
	scheme, standard := "http", uint16(80)
	if s.at.tls {
		scheme, standard = "https", 443
	}
	host := policy.HostPort{Host: s.at.listen.Addr().String(), Port: s.at.listen.Port()}
	if !s.at.listen.Addr().IsLoopback() {
		host = s.settings.Hosts[0]
	}
	if host.Port == standard {
		host.Port = 0
	}
	return scheme + "://" + host.String() + "/"
}

// places tells where everything is, in one text: who started this may close the
// pipe once it has the page's address.
func (s *server) places() string {
	text := fmt.Sprintf("Stepwire is at %s\n", s.url())
	if s.demo != nil {
		text += fmt.Sprintf("Its demo origin is at http://%s/, over TLS at https://%s/\n", s.demo.Addr(), s.secure.Addr())
	}
	if s.ops != nil {
		text += fmt.Sprintf("Metrics and health are at http://%s/\n", s.at.ops)
	}
	return text
}

// serve runs until a signal ends it, and gives the exit code.
func (s *server) serve(signals <-chan os.Signal) int {
	for {
		select {
		case err := <-s.failed:
			s.log.Error("serving failed", "error", err.Error())
			s.close()
			return 1
		case sig := <-signals:
			if sig == syscall.SIGHUP {
				s.reload()
				continue
			}
			s.drain(signals)
			return 0
		}
	}
}

// reload replaces policy, tokens and certificate, or keeps all of them.
func (s *server) reload() {
	settings, tokens, err := loadSettings(s.o)
	var rules relay.Rules
	if err == nil {
		rules, err = makeRules(settings, tokens, s.at)
	}
	var cert *tls.Certificate
	if err == nil {
		cert, err = loadCertificate(s.o)
	}
	if err != nil {
		s.log.Error("reload failed; the old settings stay", "error", err.Error())
		return
	}
	s.cert.Store(cert)
	s.relay.Reload(rules)
	s.settings = settings
	s.log.Info("reloaded")
}

// drain ends in good order: not ready, no new connections, grace for what is
// open. A second signal cuts the grace short.
func (s *server) drain(signals <-chan os.Signal) {
	grace := s.settings.Limits.DrainTimeout
	s.log.Info("draining", "grace", grace)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		closed := make(chan int)
		go func() { closed <- s.relay.Drain(ctx, grace) }()
		// The listener closes here; requests under way finish.
		pages, stop := context.WithTimeout(ctx, grace)
		defer stop()
		if s.http.Shutdown(pages) != nil {
			s.http.Close()
		}
		s.log.Info("drained", "closed_in_use", <-closed)
	}()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		case sig := <-signals:
			if sig != syscall.SIGHUP {
				cancel()
			}
		}
	}
	s.close()
}

// close releases whatever there is.
func (s *server) close() {
	if s.http != nil {
		s.http.Close()
	} else if s.listener != nil {
		s.listener.Close()
	}
	if s.relay != nil {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.relay.Drain(ctx, 0)
	}
	for _, origin := range []*demo.Server{s.demo, s.secure} {
		if origin != nil {
			origin.Close()
		}
	}
	if s.ops != nil {
		s.ops.close()
	}
}
