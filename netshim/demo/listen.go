//go:build !js

package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net"
)

func init() {
	failed = func(cause any, stack []byte) {
		slog.Error("demo origin: a connection failed", "cause", cause, "stack", string(stack))
	}
}

// Start listens on addr ("host:port"; port 0 picks a free one) and serves in
// the background until [Server.Close] or [Server.Shutdown]. The context bounds
// only the start: cancelling it later does not stop the server, so that the
// owner decides when to drain.
func Start(ctx context.Context, addr string) (*Server, error) {
	return start(ctx, addr, defaultLimits)
}

func start(ctx context.Context, addr string, limits limits) (*Server, error) {
	listener, err := listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	return serve(listener, limits, ""), nil
}

// StartSecure is [Start] over TLS, see [ServeSecure].
func StartSecure(ctx context.Context, addr string) (*Server, error) {
	return startSecure(ctx, addr, defaultLimits)
}

func startSecure(ctx context.Context, addr string, limits limits) (*Server, error) {
	listener, err := listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	s, err := serveSecure(listener, "localhost", limits)
	if err != nil {
		listener.Close()
		return nil, err
	}
	return s, nil
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("demo origin: cannot listen on %q: %w", addr, err)
	}
	return listener, nil
}
