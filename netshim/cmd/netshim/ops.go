package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/stepwire/stepwire/netshim/policy"
)

// ops is the listener for operators: metrics, health and profiles.
type ops struct {
	listener net.Listener
	http     *http.Server
}

// listenOps listens on loopback; what is served there is not for others.
func listenOps(value string) (*ops, error) {
	at, err := resolveListen("ops-listen", value)
	if err != nil {
		return nil, &setupError{err}
	}
	if !at.Addr().IsLoopback() {
		return nil, &setupError{fmt.Errorf("--ops-listen %q: want a loopback address, as in 127.0.0.1:9090", value)}
	}
	l, err := net.Listen("tcp", value)
	if err != nil {
		return nil, fmt.Errorf("--ops-listen %s: %w", value, err)
	}
	return &ops{listener: l}, nil
}

func processCollectors() []prometheus.Collector {
	return []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	}
}

func (o *ops) serve(s *server, registry *prometheus.Registry) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.relay.Draining() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ready\n")
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	hosts := policy.LocalHosts(addrOf(o.listener).Port())
	o.http = &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// A page that rebinds its name to loopback must not read this.
			if policy.CheckHost(hosts, r.Host, false) != nil {
				http.Error(w, "wrong host", http.StatusForbidden)
				return
			}
			mux.ServeHTTP(w, r)
		}),
	}
	go func() {
		if err := o.http.Serve(o.listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
}

func (o *ops) close() {
	if o.http != nil {
		o.http.Close()
		return
	}
	o.listener.Close()
}
