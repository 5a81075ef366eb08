//go:build js && wasm

// The relay as a Cloudflare Worker: one program for each WebSocket. The wire
// contract, the policy and the byte pump are the native relay's; here are the
// platform's WebSocket and its connect(). See README.md beside this file.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"syscall/js"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/syumai/workers"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/pump"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// mount is where the relay is, as on the native server.
const mount = "/relay/"

// memory is where the garbage collector starts to work harder: an isolate has
// 128 MB, and its programs and queues share them.
const memory = 48 << 20

func main() {
	debug.SetMemoryLimit(memory)
	w, env, err := surroundings()
	if err != nil {
		fmt.Fprintln(os.Stderr, "the relay was started by something other than worker.mjs:", err)
		os.Exit(1)
	}
	h := &handler{wire: w, env: env, over: make(chan struct{})}
	workers.ServeNonBlock(h)
	workers.Ready()
	<-h.over
}

// surroundings are what worker.mjs gives: the sockets, and the environment's
// variables that are text.
func surroundings() (*wire, map[string]string, error) {
	global := safejs.Safe(js.Global())
	at, err := global.Get("context")
	if err != nil {
		return nil, nil, err
	}
	object, err := at.Get("wire")
	if err != nil {
		return nil, nil, err
	}
	w, err := newWire(object)
	if err != nil {
		return nil, nil, err
	}
	env, err := variables(at)
	return w, env, err
}

func variables(context safejs.Value) (map[string]string, error) {
	object, err := context.Get("env")
	if err != nil {
		return nil, err
	}
	class, err := safejs.Safe(js.Global()).Get("Object")
	if err != nil {
		return nil, err
	}
	keys, err := class.Call("keys", object)
	if err != nil {
		return nil, err
	}
	n, err := keys.Length()
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	for i := range n {
		key, err := keys.Index(i)
		if err != nil {
			return nil, err
		}
		name, err := key.String()
		if err != nil {
			return nil, err
		}
		value, err := object.Get(name)
		if err != nil {
			return nil, err
		}
		if value.Type() != safejs.TypeString {
			continue // a binding of another kind, or a variable that is not set
		}
		if env[name], err = value.String(); err != nil {
			return nil, err
		}
	}
	return env, nil
}

// handler answers the one request that a program gets.
type handler struct {
	wire *wire
	env  map[string]string
	over chan struct{} // closed when the program may end
}

// ServeHTTP implements [http.Handler]. All refusals come before the upgrade and
// before any name is resolved. 204 stands for the upgrade, which worker.mjs
// answers; it also gives the refusals their body, which is the same for all.
func (h *handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	rules, err := configure(h.env)
	if err != nil {
		log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
		for line := range strings.Lines(err.Error()) {
			log.Error("the configuration is wrong", "error", strings.TrimSpace(line))
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: rules.level})).
		With("client", req.Header.Get("Cf-Connecting-Ip"))
	below, ok := strings.CutPrefix(req.URL.Path, mount)
	if !ok {
		refuse(log, w, "path", errors.New("not below "+mount))
		return
	}
	path, cause, err := rules.Admit(policy.Knock{
		Method: req.Method, Host: req.URL.Host, TLS: req.URL.Scheme == "https", Path: below, Origins: req.Header["Origin"],
	})
	if err != nil {
		refuse(log, w, cause, err)
		return
	}
	offered := strings.TrimSpace(req.Header.Get("Sec-Websocket-Protocol"))
	if offered != "" {
		// A browser fails a handshake that picks none of what it offers.
		w.Header().Set("Sec-Websocket-Protocol", offered)
	}
	l := &link{wire: h.wire, rules: rules, log: log, sock: &socket{wire: h.wire}, started: time.Now()}
	h.wire.do("accept")
	go func() {
		defer close(h.over)
		l.serve(path, offered != "")
	}()
	w.WriteHeader(http.StatusNoContent)
}

func refuse(log *slog.Logger, w http.ResponseWriter, cause string, err error) {
	log.Info("refused", "cause", cause, "reason", err.Error())
	w.WriteHeader(http.StatusForbidden)
}

// link is the client's WebSocket.
type link struct {
	wire    *wire
	rules   *rules
	log     *slog.Logger
	sock    *socket
	started time.Time
}

// maxData is the largest payload of a DATA packet that is taken, in bytes:
// wire.mjs takes messages of 128 KiB.
const maxData = 128<<10 - wisp.HeaderLen

// window is how many bytes of a stream may wait here, in either direction.
const window = 1 << 20

// serve serves until the WebSocket ends and all its streams have.
func (l *link) serve(path policy.Path, version2 bool) {
	defer l.sock.release()
	defer func() {
		if v := recover(); v != nil {
			l.sock.Close(1011, "internal error")
			l.crashed(v, debug.Stack())
		}
	}()
	dial := &dialer{wire: l.wire, rules: l.rules, slots: make(chan struct{}, l.rules.limits.Dials)}
	cfg := pump.Config{Pool: pump.NewPool(l.rules.limits.Buffered), Wait: l.rules.limits.WriteTimeout, Done: l.done}
	if !path.Wisp {
		s := pump.NewRaw(l.sock, cfg)
		defer l.sweep(s)()
		l.done(0, s.Run(context.Background(), func(ctx context.Context) (pump.Target, error) {
			return dial.open(ctx, path.Target)
		}))
		return
	}
	cfg.Open = func(ctx context.Context, host string, port int) (pump.Target, error) {
		t, err := policy.ParseTarget(host, port)
		if err != nil {
			return nil, &pump.Refusal{Reason: wisp.ReasonInvalid, Err: err}
		}
		return dial.open(ctx, t)
	}
	cfg.Wisp = wisp.Options{
		Version2: version2, MaxStreams: l.rules.limits.PerConnection,
		Flow: wisp.Flow{Window: window, MaxData: maxData}, Packets: 16,
	}
	s := pump.NewSession(l.sock, cfg)
	defer l.sweep(s)()
	err := s.Run(context.Background())
	l.log.Info("websocket closed", "reason", said(err), "duration", time.Since(l.started))
	var crash *pump.Crash
	if errors.As(err, &crash) {
		l.crashed(crash.Value, crash.Stack)
	}
}

// sweep ends streams and WebSockets that are idle or too old; the function it
// returns ends that.
func (l *link) sweep(s interface {
	Sweep(now time.Time, idle time.Duration) (streams int, quiet time.Time)
}) (stop func()) {
	limits := l.rules.limits
	tick := time.NewTicker(min(max(min(limits.IdleTimeout, limits.Lifetime)/4, time.Millisecond), 15*time.Second))
	over := make(chan struct{})
	go func() {
		for {
			select {
			case <-over:
				return
			case now := <-tick.C:
				streams, quiet := s.Sweep(now, limits.IdleTimeout)
				if now.Sub(l.started) >= limits.Lifetime {
					l.sock.Close(1001, "the connection reached its lifetime")
				} else if streams == 0 && now.Sub(quiet) >= limits.IdleTimeout {
					l.sock.Close(1001, "no stream for too long")
				}
			}
		}
	}()
	return func() {
		tick.Stop()
		close(over)
	}
}

// done reports the end of a stream.
func (l *link) done(stream uint32, res pump.Result) {
	var crash *pump.Crash
	if errors.As(res.Err, &crash) {
		l.crashed(crash.Value, crash.Stack)
	}
	l.log.Info("stream ended", "stream", stream, "reason", res.Reason.String(), "error", said(res.Err),
		"bytes_up", res.Up, "bytes_down", res.Down, "duration", res.Duration)
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// crashed logs a panic, which has ended no more than its stream.
func (l *link) crashed(value any, stack []byte) {
	l.log.Error("panic", "value", fmt.Sprint(value), "stack", string(stack))
}
