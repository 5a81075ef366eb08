package relay

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/pump"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// A link is one client's WebSocket.
type link struct {
	relay   *Relay
	rules   *rules
	sock    *socket
	free    func() // gives back its place
	client  netip.Addr
	id      uint64
	started time.Time

	// Guarded by relay.mu.
	session session // nil until it serves
	why     error   // why the relay ended it, if it did
}

// session is what serves a link.
type session interface {
	Sweep(now time.Time, idle time.Duration) (streams int, quiet time.Time)
}

// enter makes the link known.
func (l *link) enter(s session) {
	r := l.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	l.session = s
	r.links[l] = struct{}{}
}

// leave releases everything a link holds, on every path.
func (l *link) leave() {
	if v := recover(); v != nil {
		l.crashed(v, debug.Stack())
	}
	l.sock.release()
	l.free()
	r := l.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.links, l)
	r.checkEmpty()
}

// wisp serves the Wisp convention.
func (l *link) wisp(version2 bool) {
	r := l.relay
	s := pump.NewSession(l.sock, pump.Config{
		Pool: r.pool,
		Wait: l.rules.limits.WriteTimeout,
		Open: func(ctx context.Context, host string, port int) (pump.Target, error) {
			t, err := policy.ParseTarget(host, port)
			if err != nil {
				return nil, &pump.Refusal{Reason: wisp.ReasonInvalid, Err: err}
			}
			// The rules of now: a reload binds new streams of old links too.
			return r.open(ctx, r.rules.Load(), t)
		},
		Done: l.done,
		Wisp: wisp.Options{
			Version2:   version2,
			MaxStreams: l.rules.limits.PerConnection,
			Flow:       wisp.Flow{Window: 2 << 20, MaxData: readLimit - wisp.HeaderLen},
			Packets:    16,
		},
	})
	l.serve(s, func() {
		err := l.because(s.Run(context.Background()))
		l.log(slog.LevelInfo, "websocket closed", slog.String("reason", text(err)), slog.Duration("duration", time.Since(l.started)))
		var crash *pump.Crash
		if errors.As(err, &crash) {
			l.crashed(crash.Value, crash.Stack)
		}
	})
}

// wsproxy serves the wsproxy convention.
func (l *link) wsproxy(t policy.Target) {
	r := l.relay
	s := pump.NewRaw(l.sock, pump.Config{Pool: r.pool})
	l.serve(s, func() {
		res := s.Run(context.Background(), func(ctx context.Context) (pump.Target, error) {
			return r.open(ctx, l.rules, t)
		})
		res.Err = l.because(res.Err)
		l.done(0, res)
	})
}

// serve runs a session in a goroutine of its own: the one of the HTTP server
// has a deep stack, which would be kept for as long as the link lives.
func (l *link) serve(s session, run func()) {
	l.enter(s)
	go func() {
		defer l.leave()
		run()
	}()
}

// because is the reason for which the relay ended the link, else err.
func (l *link) because(err error) error {
	l.relay.mu.Lock()
	defer l.relay.mu.Unlock()
	if l.why != nil {
		return l.why
	}
	return err
}

// done reports the end of a stream.
func (l *link) done(stream uint32, res pump.Result) {
	m := l.relay.metrics
	m.ended.WithLabelValues(reasonLabel(res.Reason)).Inc()
	m.life.Observe(res.Duration.Seconds())
	level := slog.LevelInfo
	var crash *pump.Crash
	if errors.As(res.Err, &crash) {
		l.crashed(crash.Value, crash.Stack)
		level = slog.LevelError
	}
	l.log(level, "stream ended",
		slog.Uint64("stream", uint64(stream)),
		slog.String("reason", res.Reason.String()),
		slog.String("error", text(res.Err)),
		slog.Int64("bytes_up", res.Up), slog.Int64("bytes_down", res.Down),
		slog.Duration("duration", res.Duration))
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (l *link) log(level slog.Level, msg string, attrs ...slog.Attr) {
	attrs = append([]slog.Attr{slog.Uint64("id", l.id), slog.String("client", l.client.String())}, attrs...)
	l.relay.log.LogAttrs(context.Background(), level, msg, attrs...)
}

// crashed counts and logs a panic, which has ended no more than its stream.
func (l *link) crashed(value any, stack []byte) {
	l.relay.metrics.crashes.Inc()
	l.log(slog.LevelError, "panic", slog.Any("value", value), slog.String("stack", string(stack)))
}
