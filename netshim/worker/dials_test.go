//go:build !js

package main

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/stepwire/stepwire/netshim/internal/blackhole"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// A destination that does not answer is timed out; who waited as long for a place
// to connect at all is told that the relay, not the destination, was the reason.
func TestDials(t *testing.T) {
	addr := blackhole.Listen(t).String()
	w := startWorker(t, map[string]string{"ALLOW": addr, "MAX_DIALS": "1", "DIAL_TIMEOUT": "1s"})
	ws := w.plain(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	host, port := "127.0.0.1", netPort(t, addr)
	for id := range uint32(3) {
		if err := ws.Write(ctx, websocket.MessageBinary, wisp.AppendConnect(nil, id+1, host, port)); err != nil {
			t.Fatal(err)
		}
	}
	var reasons []wisp.Reason
	for len(reasons) < 3 {
		_, msg, err := ws.Read(ctx)
		if err != nil {
			t.Fatal(err, reasons)
		}
		p, err := wisp.Decode(msg)
		if err != nil {
			t.Fatal(err)
		}
		if p.Type == wisp.TypeClose {
			reasons = append(reasons, p.Reason())
		}
	}
	for _, r := range reasons {
		if r != wisp.ReasonTimeout && r != wisp.ReasonThrottled {
			t.Errorf("%v", r)
		}
	}
	if !slices.Contains(reasons, wisp.ReasonTimeout) || !slices.Contains(reasons, wisp.ReasonThrottled) {
		t.Errorf("%v", reasons)
	}
}

func netPort(t *testing.T, addr string) uint16 {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(a.Port)
}
