package relay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/internal/blackhole"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// status makes a handshake and gives the response's status; the connection
// stays open until the returned function is called.
func (g *rig) status(path string) (int, func()) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ws, res, err := websocket.Dial(ctx, g.url(path), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {testOrigin}}})
	if err != nil {
		if res == nil {
			return 0, func() {}
		}
		return res.StatusCode, func() {}
	}
	g.t.Cleanup(func() { ws.CloseNow() })
	return res.StatusCode, func() { ws.Close(1000, "") }
}

func (g *rig) sockets() int { n, _, _ := g.relay.places.taken(); return n }
func (g *rig) streams() int { _, n, _ := g.relay.places.taken(); return n }
func (g *rig) dials() int   { _, _, n := g.relay.places.taken(); return n }

func TestRule11Caps(t *testing.T) {
	to := serveTCP(t, echo)

	t.Run("connections", func(t *testing.T) {
		g := newRig(t, setup{conf: "max-connections 2"})
		_, free := g.status("")
		g.status("")
		if got, _ := g.status(""); got != http.StatusServiceUnavailable {
			t.Errorf("the third: %d", got)
		}
		free()
		eventually(t, "the place is back", func() bool { return g.sockets() == 1 })
		if got, _ := g.status(""); got != http.StatusSwitchingProtocols {
			t.Errorf("after one left: %d", got)
		}
	})
	t.Run("per client", func(t *testing.T) {
		g := newRig(t, setup{conf: "max-connections-per-client 1"})
		_, free := g.status("")
		if got, _ := g.status(""); got != http.StatusTooManyRequests {
			t.Errorf("the second: %d", got)
		}
		free()
		eventually(t, "the place is back", func() bool { return g.sockets() == 0 })
		if got, _ := g.status(""); got != http.StatusSwitchingProtocols {
			t.Errorf("after the first left: %d", got)
		}
	})
	t.Run("handshakes", func(t *testing.T) {
		g := newRig(t, setup{})
		l := g.relay.rules.Load().limits
		l.HandshakeRate = 3
		key, now := netip.MustParsePrefix("192.0.2.1/32"), time.Now()
		try := func(at time.Time) error {
			free, err := g.relay.places.socket(l, key, at)
			if err == nil {
				free()
			}
			return err
		}
		for i := range 3 {
			if err := try(now); err != nil {
				t.Errorf("handshake %d: %v", i, err)
			}
		}
		if err := try(now); err != errHandshakes {
			t.Errorf("the fourth at once: %v", err)
		}
		if err := try(now.Add(334 * time.Millisecond)); err != nil {
			t.Errorf("a third of a second later: %v", err)
		}
		if err := try(now.Add(335 * time.Millisecond)); err != errHandshakes {
			t.Errorf("another: %v", err)
		}
	})
	t.Run("streams of a WebSocket", func(t *testing.T) {
		g := newRig(t, setup{conf: allowLoopback + "max-streams-per-connection 2"})
		r := g.wispV1()
		r.connect(1, to)
		r.connect(2, to)
		r.connect(3, to)
		if p := r.until(wisp.TypeClose); p.Stream != 3 || p.Reason() != wisp.ReasonThrottled {
			t.Errorf("the third: %+v", p)
		}
		r.send(wisp.AppendClose(nil, 1, wisp.ReasonVoluntary))
		r.connect(4, to)
		r.send(wisp.AppendData(nil, 4, []byte("x")))
		if p := r.until(wisp.TypeData); p.Stream != 4 {
			t.Errorf("after the first left: %+v", p)
		}
	})
	t.Run("streams", func(t *testing.T) {
		g := newRig(t, setup{conf: allowLoopback + "max-streams 1"})
		a, b := g.wispV1(), g.wispV1()
		a.connect(1, to)
		a.send(wisp.AppendData(nil, 1, []byte("x")))
		a.until(wisp.TypeData)
		if typ, reason := b.ask(1, to.Addr().String(), to.Port()); typ != wisp.TypeClose || reason != wisp.ReasonThrottled {
			t.Errorf("the second: %v, %v", typ, reason)
		}
		a.send(wisp.AppendClose(nil, 1, wisp.ReasonVoluntary))
		eventually(t, "the place is back", func() bool { return g.streams() == 0 })
		b.connect(2, to)
		b.send(wisp.AppendData(nil, 2, []byte("x")))
		b.until(wisp.TypeData)
	})
	t.Run("dials", func(t *testing.T) {
		hang := make(chan struct{})
		g := newRig(t, setup{conf: "allow slow.example:80\nmax-dials 1", lookup: func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
			select {
			case <-hang:
			case <-ctx.Done():
			}
			return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
		}})
		r := g.wispV1()
		r.send(wisp.AppendConnect(nil, 1, "slow.example", 80))
		eventually(t, "the dial is under way", func() bool { return g.dials() == 1 })
		if _, reason := r.ask(2, "slow.example", 80); reason != wisp.ReasonThrottled {
			t.Errorf("the second: %v", reason)
		}
		close(hang)
		if p := r.until(wisp.TypeClose); p.Stream != 1 || p.Reason() != wisp.ReasonUnreachable {
			t.Errorf("the first: %+v", p)
		}
		if _, reason := r.ask(3, "slow.example", 80); reason != wisp.ReasonUnreachable {
			t.Errorf("after the first ended: %v", reason)
		}
	})
	t.Run("TCP connections", func(t *testing.T) {
		g := newRig(t, setup{conf: "max-connections-per-client 1"})
		var held []net.Conn
		for range 1 + spareClient {
			c, err := net.Dial("tcp", g.addr.String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			held = append(held, c)
		}
		extra, err := net.Dial("tcp", g.addr.String())
		if err == nil {
			defer extra.Close()
			extra.SetDeadline(time.Now().Add(10 * time.Second))
			_, err = extra.Read(make([]byte, 1))
		}
		// The reset may come so soon that it is the dial's.
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("one connection too many: %v", err)
		}
		if n := g.metric("netshim_turned_away_total"); n != 1 {
			t.Errorf("%v turned away", n)
		}
		held[0].Close()
		eventually(t, "an honest client gets in", func() bool { got, _ := g.status(""); return got == http.StatusSwitchingProtocols })
	})
}

func TestRule12Deadlines(t *testing.T) {
	t.Run("request head", func(t *testing.T) {
		g := newRig(t, setup{conf: "header-timeout 50ms"})
		c, err := net.Dial("tcp", g.addr.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprintf(c, "GET /relay/ HTTP/1.1\r\nHost: ")
		// A reset where this came after the end.
		if _, err := io.ReadAll(c); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a head that never ends: %v", err)
		}
	})
	t.Run("head size", func(t *testing.T) {
		g := newRig(t, setup{})
		h := upgrade(testOrigin)
		h.Set("X-Fill", strings.Repeat("x", 15<<10))
		if res := g.request("", h); res.StatusCode != http.StatusSwitchingProtocols {
			t.Errorf("15 KiB: %s", res.Status)
		}
		h.Set("X-Fill", strings.Repeat("x", 17<<10))
		if res := g.request("", h); res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("17 KiB: %s", res.Status)
		}
	})
	t.Run("DNS", func(t *testing.T) {
		g := newRig(t, setup{conf: "allow hang.example:80\ndns-timeout 30ms", lookup: func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		if _, reason := g.wispV1().ask(1, "hang.example", 80); reason != wisp.ReasonTimeout {
			t.Errorf("reason %v", reason)
		}
		if code := g.dialRaw("hang.example:80").closed(); code != 4000+int(wisp.ReasonTimeout) {
			t.Errorf("close code %d", code)
		}
	})
	t.Run("dial", func(t *testing.T) {
		to := blackhole.Listen(t)
		g := newRig(t, setup{conf: allowLoopback + "dial-timeout 30ms"})
		if _, reason := g.wispV1().ask(1, to.Addr().String(), to.Port()); reason != wisp.ReasonTimeout {
			t.Errorf("reason %v", reason)
		}
		if code := g.dialRaw(to.String()).closed(); code != 4000+int(wisp.ReasonTimeout) {
			t.Errorf("close code %d", code)
		}
	})
	t.Run("write to the client", func(t *testing.T) {
		flood := serveTCP(t, func(c *net.TCPConn) {
			for {
				if _, err := c.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		})
		for _, path := range []string{"", flood.String()} {
			g := newRig(t, setup{conf: allowLoopback + "write-timeout 200ms", rate: 1 << 30})
			r := g.dialRaw(path)
			if path == "" {
				r.connect(1, flood)
			}
			// It never reads again: nothing of the 1 MiB messages is taken.
			g.logged(errSlow.Error())
			eventually(t, "the connection is gone", func() bool { return g.sockets() == 0 && g.streams() == 0 })
		}
	})
	t.Run("write to the target", func(t *testing.T) {
		eachKind(t, func(t *testing.T, kind string, dial func(*rig, netip.AddrPort) net.Conn) {
			g := newRig(t, setup{conf: allowLoopback + "write-timeout 200ms", rate: 1 << 30})
			silent := make(chan struct{})
			to := serveTCP(t, func(c *net.TCPConn) { <-silent })
			defer close(silent)
			c := dial(g, to)
			chunk := make([]byte, 64<<10)
			var err error
			for err == nil { // until credit and sockets are full, and then the deadline
				_, err = c.Write(chunk)
			}
			g.logged(`"reason":"data transfer timed out"`)
		})
	})
	t.Run("idle stream", func(t *testing.T) {
		patiently(t, 100*time.Millisecond, func(t testing.TB, limit time.Duration) {
			silent := make(chan struct{})
			to := serveTCP(t, func(c *net.TCPConn) { <-silent })
			defer close(silent)
			g := newRig(t, setup{conf: allowLoopback + "idle-timeout " + limit.String()})
			r := g.wispV1()
			r.connect(1, to)
			if p := r.until(wisp.TypeClose); p.Reason() != wisp.ReasonDataTimeout {
				t.Errorf("wisp: %v", p.Reason())
			}
			if code := g.dialRaw(to.String()).closed(); code != 4000+int(wisp.ReasonDataTimeout) {
				t.Errorf("wsproxy: close code %d", code)
			}
		})
	})
	t.Run("no stream", func(t *testing.T) {
		g := newRig(t, setup{conf: "idle-timeout 50ms"})
		if code := g.wispV1().closed(); code != 1001 {
			t.Errorf("close code %d", code)
		}
		g.logged(errUnused.Error())
	})
	t.Run("lifetime", func(t *testing.T) {
		patiently(t, 100*time.Millisecond, func(t testing.TB, limit time.Duration) {
			to := serveTCP(t, echo)
			g := newRig(t, setup{conf: allowLoopback + "lifetime " + limit.String()})
			r := g.wispV1()
			r.connect(1, to)
			if code := r.closed(); code != 1001 {
				t.Errorf("close code %d", code)
			}
			g.logged(errLifetime.Error())
		})
	})
	t.Run("no pong", func(t *testing.T) {
		g := newRig(t, setup{conf: "ping-interval 50ms"})
		c := g.handshake()
		io.ReadAll(c) // reads everything, answers nothing
		g.logged(errNoPong.Error())
	})
	t.Run("partial frame", func(t *testing.T) {
		g := newRig(t, setup{conf: "ping-interval 50ms"})
		c := g.handshake()
		c.Write([]byte{0x82, 0xfe, 0xff}) // the head of a frame, cut
		io.ReadAll(c)
		g.logged(errNoPong.Error())
	})
	t.Run("pongs keep it", func(t *testing.T) {
		patiently(t, 20*time.Millisecond, func(t testing.TB, limit time.Duration) {
			g := newRig(t, setup{conf: "ping-interval " + limit.String()})
			r := g.wispV1()
			go func() { // a client that reads answers pings
				for {
					if _, _, err := r.ws.Read(context.Background()); err != nil {
						return
					}
				}
			}()
			last := func() (at time.Duration) {
				for _, l := range g.relay.all() {
					at = time.Duration(l.sock.tcp.last.Load())
				}
				return at
			}
			first := last()
			eventually(t, "five intervals of pongs, or its end", func() bool { return last()-first > 5*limit || g.sockets() == 0 })
			if g.sockets() != 1 {
				t.Error("it was closed")
			}
		})
	})
}

// handshake opens a WebSocket by hand, for a client that then misbehaves.
func (g *rig) handshake() net.Conn {
	g.t.Helper()
	c, err := net.Dial("tcp", g.addr.String())
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	req, _ := http.NewRequest(http.MethodGet, "http://"+g.addr.String()+"/relay/", nil)
	req.Header = upgrade(testOrigin)
	req.Write(c)
	res, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		g.t.Fatalf("handshake: %v, %v", res, err)
	}
	return c
}

func TestRule13Messages(t *testing.T) {
	to := serveTCP(t, echo)
	g := newRig(t, setup{conf: allowLoopback})
	h := upgrade(testOrigin)
	h.Set("Sec-Websocket-Extensions", "permessage-deflate; client_max_window_bits")
	if res := g.request("", h); res.Header.Get("Sec-Websocket-Extensions") != "" {
		t.Errorf("compression: %q", res.Header.Get("Sec-Websocket-Extensions"))
	}
	for _, path := range []string{"", to.String()} {
		r := g.dialRaw(path)
		if err := r.ws.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if code := r.closed(); code != 1003 {
			t.Errorf("%q, text: close code %d", path, code)
		}
	}
	r := g.wispV1()
	r.connect(1, to)
	big := pattern(readLimit - wisp.HeaderLen)
	r.send(wisp.AppendData(nil, 1, big))
	for got := 0; got < len(big); {
		p := r.until(wisp.TypeData)
		if len(p.Payload) > 64<<10 {
			t.Fatalf("a packet of %d bytes to a plain client", len(p.Payload))
		}
		got += len(p.Payload)
	}
	r.send(append(wisp.AppendData(nil, 1, big), 0))
	if code := r.closed(); code != 1009 {
		t.Errorf("one byte over the limit: close code %d", code)
	}
	// Neither an empty message nor emscripten's announcement as the first one.
	port := []byte("\xff\xff\xff\xffport\x1f\x90")
	announce := serveTCP(t, func(c *net.TCPConn) { c.Write(port) })
	r = g.dialRaw(announce.String())
	var all []byte
	for i := 0; ; i++ {
		msg, err := r.recv()
		if err != nil {
			break
		}
		if len(msg) == 0 || i == 0 && len(msg) == 10 {
			t.Errorf("message %d: %q", i, msg)
		}
		all = append(all, msg...)
	}
	if string(all) != string(port) {
		t.Errorf("got %q", all)
	}
}

func TestRule14StrictFrames(t *testing.T) {
	to := serveTCP(t, echo)
	for name, c := range map[string]struct {
		msg []byte
		why string
	}{
		"short":               {[]byte{1, 2, 3}, "a packet of 3 bytes"},
		"empty":               {nil, "a packet of 0 bytes"},
		"unknown type":        {[]byte{0x77, 1, 0, 0, 0}, "unknown type 0x77"},
		"DATA on stream 0":    {wisp.AppendData(nil, 0, []byte("x")), "stream 0"},
		"CONNECT on stream 0": {wisp.AppendConnect(nil, 0, "127.0.0.1", 80), "stream 0"},
		"short CLOSE":         {wisp.AppendHeader(nil, wisp.TypeClose, 1), "CLOSE"},
		"INFO in version 1":   {wisp.AppendInfo(nil, wisp.Info{Major: 2}), "INFO"},
		"CONTINUE":            {wisp.AppendContinue(nil, 1, 1), "CONTINUE"},
		"FIN without flow":    {wisp.AppendFin(nil, 1), "FIN"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newRig(t, setup{conf: allowLoopback})
			r := g.wispV1()
			r.connect(1, to)
			r.send(c.msg)
			if p := r.until(wisp.TypeClose); p.Stream != 0 {
				t.Errorf("closed stream %d", p.Stream)
			}
			if code := r.closed(); code != 1002 {
				t.Errorf("close code %d", code)
			}
			g.logged("websocket closed", c.why)
		})
	}
	g := newRig(t, setup{conf: allowLoopback})
	for name, c := range map[string]struct {
		msg    []byte
		reason wisp.Reason
	}{
		"port 0": {wisp.AppendConnect(nil, 1, "127.0.0.1", 0), wisp.ReasonInvalid},
		"UDP":    {append(append(wisp.AppendHeader(nil, wisp.TypeConnect, 1), byte(wisp.UDP), 80, 0), "127.0.0.1"...), wisp.ReasonInvalid},
	} {
		r := g.wispV1()
		r.send(c.msg)
		if p := r.packet(); p.Type != wisp.TypeClose || p.Stream != 1 || p.Reason() != c.reason {
			t.Errorf("%s: %+v", name, p)
		}
	}
	t.Run("duplicate id", func(t *testing.T) {
		g := newRig(t, setup{conf: allowLoopback})
		r := g.wispV1()
		r.connect(1, to)
		r.send(wisp.AppendData(nil, 1, []byte("x")))
		r.until(wisp.TypeData)
		r.connect(1, to)
		if p := r.until(wisp.TypeClose); p.Stream != 1 || p.Reason() != wisp.ReasonInvalid {
			t.Errorf("%+v", p)
		}
		eventually(t, "neither survives", func() bool { return g.streams() == 0 })
		r.connect(2, to)
		r.send(wisp.AppendData(nil, 2, []byte("y")))
		if p := r.until(wisp.TypeData); p.Stream != 2 {
			t.Errorf("another stream: %+v", p)
		}
	})
	t.Run("overrun", func(t *testing.T) {
		silent := make(chan struct{})
		to := serveTCP(t, func(c *net.TCPConn) { c.SetReadBuffer(4 << 10); <-silent })
		defer close(silent)
		g := newRig(t, setup{conf: allowLoopback})
		r := g.wispV1()
		r.connect(1, to)
		go func() {
			msg := wisp.AppendData(nil, 1, make([]byte, 64<<10))
			for r.ws.Write(context.Background(), websocket.MessageBinary, msg) == nil {
			}
		}()
		if p := r.until(wisp.TypeClose); p.Stream != 1 || p.Reason() != wisp.ReasonThrottled {
			t.Errorf("%+v", p)
		}
		r.ws.CloseNow()
	})
}

func TestRule15APanicEndsOneStream(t *testing.T) {
	to := serveTCP(t, echo)
	g := newRig(t, setup{conf: allowLoopback + "allow panic.example:80", lookup: func(context.Context, string, string) ([]netip.Addr, error) {
		panic("boom")
	}})
	r := g.wispV1()
	r.connect(1, to)
	if typ, reason := r.ask(2, "panic.example", 80); typ != wisp.TypeClose || reason != wisp.ReasonUnspecified {
		t.Errorf("the stream that panicked: %v, %v", typ, reason)
	}
	r.send(wisp.AppendData(nil, 1, []byte("still here")))
	if p := r.until(wisp.TypeData); string(p.Payload) != "still here" {
		t.Errorf("its neighbour: %q", p.Payload)
	}
	if code := g.dialRaw("panic.example:80").closed(); code != 4000+int(wisp.ReasonUnspecified) {
		t.Errorf("wsproxy: close code %d", code)
	}
	g.logged(`"msg":"panic"`, "boom", "goroutine")
	eventually(t, "both are counted", func() bool { return g.metric("netshim_panics_total") == 2 })
}

func TestRule17MetricsAndLogs(t *testing.T) {
	const secret = "secret-target.example"
	var asked atomic.Int64
	to := serveTCP(t, echo)
	g := newRig(t, setup{
		conf:   allowLoopback + "allow " + secret + ":*",
		lookup: answers(&asked, map[string]string{secret: "127.0.0.1"}),
	})
	c, err := netshim.Dial(t.Context(), g.url(""), secret, int(to.Port()), kinds["wisp"])
	if err != nil {
		t.Fatal(err)
	}
	c.Write([]byte("12345"))
	io.ReadFull(c, make([]byte, 5))
	c.Close()
	g.request("10.0.0.1:80", upgrade(testOrigin))
	g.logged(`"msg":"stream ended"`, `"id":1`, `"client":"127.0.0.1"`, `"reason":"voluntary close"`, `"bytes_up":5`, `"bytes_down":5`, `"duration":`)
	g.logged(`"msg":"refused"`, `"cause":"target"`, "10.0.0.1:80")
	families, err := g.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if text := f.String(); strings.Contains(text, "secret") || strings.Contains(text, "127.0.0.1") || strings.Contains(text, "10.0.0.1") {
			t.Errorf("a target or a client in %s", text)
		}
	}
	for name, want := range map[string]float64{
		"netshim_websockets_total": 1, "netshim_streams_total": 1, "netshim_refused_total": 1,
		"netshim_up_bytes_total": 5, "netshim_down_bytes_total": 5, "netshim_streams": 0,
	} {
		if got := g.metric(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

func TestRule18Drain(t *testing.T) {
	release := make(chan struct{})
	to := serveTCP(t, func(c *net.TCPConn) { <-release; c.Write([]byte("done")) })
	t.Run("grace", func(t *testing.T) {
		g := newRig(t, setup{conf: allowLoopback})
		idle, busy := g.wispV1(), g.wispV1()
		busy.connect(1, to)
		eventually(t, "the stream is open", func() bool { return g.streams() == 1 })
		drained := make(chan int)
		go func() { drained <- g.relay.Drain(context.Background(), time.Minute) }()
		if code := idle.closed(); code != 1001 {
			t.Errorf("without a stream: close code %d", code)
		}
		if got, _ := g.status(""); got != http.StatusServiceUnavailable {
			t.Errorf("a new client: %d", got)
		}
		close(release)
		if p := busy.until(wisp.TypeData); string(p.Payload) != "done" {
			t.Errorf("the stream in use: %q", p.Payload)
		}
		if code := busy.closed(); code != 1001 {
			t.Errorf("once it ended: close code %d", code)
		}
		if n := <-drained; n != 0 {
			t.Errorf("%d closed while in use", n)
		}
	})
	t.Run("force", func(t *testing.T) {
		silent := make(chan struct{})
		defer close(silent)
		to := serveTCP(t, func(c *net.TCPConn) { <-silent })
		g := newRig(t, setup{conf: allowLoopback})
		r := g.wispV1()
		r.connect(1, to)
		deaf := g.handshake() // never answers the closing handshake
		deaf.Write([]byte{0x82, 0xfe, 0xff})
		stuck := g.dialRaw(to.String())
		eventually(t, "all are open", func() bool { return g.streams() == 2 && g.sockets() == 3 })
		done := make(chan int)
		go func() { done <- g.relay.Drain(context.Background(), 20*time.Millisecond) }()
		var wg sync.WaitGroup
		wg.Go(func() {
			if code := r.closed(); code != 1001 {
				t.Errorf("wisp: close code %d", code)
			}
		})
		wg.Go(func() {
			if code := stuck.closed(); code != 1001 {
				t.Errorf("wsproxy: close code %d", code)
			}
		})
		wg.Wait()
		if n := <-done; n < 2 {
			t.Errorf("%d closed while in use, want 2 at least", n)
		}
		if g.sockets() != 0 {
			t.Errorf("%d sockets left", g.sockets())
		}
	})
}
