//go:build !js

package main

import (
	"context"
	"net"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// startDeaf gives an address where connecting neither succeeds nor fails: a
// socket that accepts nothing, with all places in its queue taken.
func startDeaf(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}).String()
	for range 8 {
		c, err := net.DialTimeout("tcp", addr, 500*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Skip("this system takes connections that nobody accepts without end")
	return ""
}

// A destination that does not answer is timed out; who waited as long for a place
// to connect at all is told that the relay, not the destination, was the reason.
func TestDials(t *testing.T) {
	addr := startDeaf(t)
	w := startWorker(t, map[string]string{"ALLOW": addr, "MAX_DIALS": "1", "DIAL_TIMEOUT": "1s"})
	ws := w.plain(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
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
