package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/internal/blackhole"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// The fault list of the relay's design. Every test runs on loopback, with the
// fault between the client and the relay or between the relay and the target,
// and ends with the checks of newRig: nothing is left behind.

// toxic is a fault of toxiproxy's.
type toxic struct {
	kind       string
	direction  string // "upstream" is from the client
	attributes string
}

// poisoned puts a proxy with faults before an address.
func poisoned(t testing.TB, to netip.AddrPort, faults ...toxic) (netip.AddrPort, *toxiproxy.Proxy) {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	p := toxiproxy.NewProxy(server, "fault", "127.0.0.1:0", to.String())
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	for i, f := range faults {
		if _, err := p.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(
			`{"name":"f%d","type":%q,"stream":%q,"attributes":%s}`, i, f.kind, f.direction, f.attributes))); err != nil {
			t.Fatal(err)
		}
	}
	return netip.MustParseAddrPort(p.Listen), p
}

// both is a fault in each direction.
func both(kind, attributes string) []toxic {
	return []toxic{{kind, "upstream", attributes}, {kind, "downstream", attributes}}
}

// eachPlace runs a test with faults before the relay, and before the target.
func eachPlace(t *testing.T, run func(t *testing.T, through route)) {
	for kind, opts := range kinds {
		for _, place := range []string{"client-relay", "relay-target"} {
			t.Run(kind+"/"+place, func(t *testing.T) { run(t, route{opts, place}) })
		}
	}
}

// route is a way to a target with faults at one place of it.
type route struct {
	opts  *netshim.DialOptions
	place string
}

// dial connects to target by a relay of its own.
func (r route) dial(t testing.TB, conf string, faults []toxic, target func(*net.TCPConn)) (*rig, net.Conn) {
	t.Helper()
	g := newRig(t, setup{conf: allowLoopback + conf})
	to, at := serveTCP(t, target), g.addr
	if r.place == "client-relay" {
		at, _ = poisoned(t, g.addr, faults...)
		// The proxy's port is in the Host field.
		rules := g.rules
		rules.Hosts = append(rules.Hosts, hostOf(at))
		g.relay.Reload(rules)
	} else {
		to, _ = poisoned(t, to, faults...)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := netshim.Dial(ctx, "ws://"+at.String()+"/relay/", to.Addr().String(), int(to.Port()), r.opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return g, c
}

// serveBytes answers one byte with data, and then ends.
func serveBytes(data []byte) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		if _, err := io.ReadFull(c, make([]byte, 1)); err == nil {
			c.Write(data)
		}
	}
}

func TestFaultSlowAndSliced(t *testing.T) {
	data := pattern(12 << 10)
	for name, faults := range map[string][]toxic{
		"slices":    both("slicer", `{"average_size":1,"size_variation":0,"delay":0}`),
		"latency":   both("latency", `{"latency":10,"jitter":9}`),
		"bandwidth": both("bandwidth", `{"rate":200}`),
	} {
		t.Run(name, func(t *testing.T) {
			eachPlace(t, func(t *testing.T, through route) {
				_, c := through.dial(t, "", faults, echo)
				var wg sync.WaitGroup
				wg.Go(func() {
					if _, err := c.Write(data); err != nil {
						t.Error(err)
					}
				})
				got := make([]byte, len(data))
				n, err := io.ReadFull(c, got)
				wg.Wait()
				if err != nil || !bytes.Equal(got, data) {
					t.Errorf("%d of %d bytes, %v", n, len(data), err)
				}
			})
		})
	}
}

// resetting puts a proxy before an address that resets both sides once n bytes
// have come from it. Toxiproxy can only reset before it passes anything on.
func resetting(t testing.TB, to netip.AddrPort, n int64) netip.AddrPort {
	return serveTCP(t, func(near *net.TCPConn) {
		conn, err := net.Dial("tcp", to.String())
		if err != nil {
			return
		}
		far := conn.(*net.TCPConn)
		var wg sync.WaitGroup
		wg.Go(func() { io.Copy(far, near) })
		io.Copy(near, io.LimitReader(far, n))
		for _, c := range []*net.TCPConn{near, far} {
			c.SetLinger(0)
			c.Close()
		}
		wg.Wait()
	})
}

func TestFaultCutMidBody(t *testing.T) {
	data := pattern(1 << 20)
	check := func(t *testing.T, g *rig, c net.Conn, clean bool) {
		c.Write([]byte("?"))
		got, err := io.ReadAll(c)
		if len(got) >= len(data) || !bytes.HasPrefix(data, got) {
			t.Errorf("%d bytes", len(got))
		}
		if (err == nil) != clean {
			t.Errorf("a body cut after %d bytes ends with %v", len(got), err)
		}
		c.Close()
		eventually(t, "the relay frees all", func() bool { return g.sockets() == 0 && g.streams() == 0 })
	}
	t.Run("cut", func(t *testing.T) {
		eachPlace(t, func(t *testing.T, through route) {
			g, c := through.dial(t, "", []toxic{{"limit_data", "downstream", `{"bytes":100000}`}}, serveBytes(data))
			// A cut before the target is an ordinary FIN there; before the
			// relay it is an error.
			check(t, g, c, through.place == "relay-target")
		})
	})
	for kind, opts := range kinds {
		t.Run("reset/"+kind+"/relay-target", func(t *testing.T) {
			g := newRig(t, setup{conf: allowLoopback})
			to := resetting(t, serveTCP(t, serveBytes(data)), 100000)
			c, err := netshim.Dial(t.Context(), g.url(""), to.Addr().String(), int(to.Port()), opts)
			if err != nil {
				t.Fatal(err)
			}
			check(t, g, c, false)
		})
		t.Run("reset/"+kind+"/client-relay", func(t *testing.T) {
			g := newRig(t, setup{conf: allowLoopback})
			at := resetting(t, g.addr, 100000)
			rules := g.rules
			rules.Hosts = append(rules.Hosts, hostOf(at))
			g.relay.Reload(rules)
			to := serveTCP(t, serveBytes(data))
			c, err := netshim.Dial(t.Context(), "ws://"+at.String()+"/relay/", to.Addr().String(), int(to.Port()), opts)
			if err != nil {
				t.Fatal(err)
			}
			check(t, g, c, false)
		})
	}
}

func TestFaultSilence(t *testing.T) {
	eachPlace(t, func(t *testing.T, through route) {
		patiently(t, 100*time.Millisecond, func(t testing.TB, limit time.Duration) {
			g, c := through.dial(t, fmt.Sprintf("idle-timeout %v\nping-interval %v\n", limit, limit/2), nil, echo)
			if _, err := c.Read(make([]byte, 1)); err == nil || err == io.EOF {
				t.Errorf("silence ends with %v", err)
			}
			g.logged(`"reason":"data transfer timed out"`, errIdleText)
			eventually(t, "the relay frees all", func() bool { return g.streams() == 0 })
		})
	})
}

const errIdleText = "nothing moved for too long"

// A network that swallows everything, without a FIN.
func TestFaultClientVanishes(t *testing.T) {
	for kind, opts := range kinds {
		t.Run(kind, func(t *testing.T) {
			patiently(t, 60*time.Millisecond, func(t testing.TB, limit time.Duration) {
				g := newRig(t, setup{conf: allowLoopback + fmt.Sprintf("ping-interval %v\n", limit)})
				gone := make(chan error, 1)
				to := serveTCP(t, func(c *net.TCPConn) {
					_, err := c.Read(make([]byte, 1))
					gone <- err
				})
				at, proxy := poisoned(t, g.addr)
				rules := g.rules
				rules.Hosts = append(rules.Hosts, hostOf(at))
				g.relay.Reload(rules)
				c, err := netshim.Dial(t.Context(), "ws://"+at.String()+"/relay/", to.Addr().String(), int(to.Port()), opts)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				eventually(t, "the stream is open, or was", func() bool { return g.streams() == 1 || len(gone) > 0 })
				for _, f := range both("timeout", `{"timeout":0}`) {
					if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(
						`{"type":%q,"stream":%q,"attributes":%s}`, f.kind, f.direction, f.attributes))); err != nil {
						t.Fatal(err)
					}
				}
				if err := <-gone; !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("the target sees %v, not a reset", err)
				}
				g.logged(errNoPong.Error())
				eventually(t, "the relay frees all", func() bool { return g.sockets() == 0 && g.streams() == 0 })
			})
		})
	}
}

func TestFaultSlowClose(t *testing.T) {
	data := pattern(300 << 10)
	eachPlace(t, func(t *testing.T, through route) {
		_, c := through.dial(t, "", both("slow_close", `{"delay":80}`), serveBytes(data))
		c.Write([]byte("?"))
		got, err := io.ReadAll(c)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d of %d bytes, %v", len(got), len(data), err)
		}
	})
}

// The client leaves right after its last bytes: they arrive all the same, also
// at a target that is still sending.
func TestFaultNoLostTail(t *testing.T) {
	data := pattern(200 << 10)
	eachKind(t, func(t *testing.T, kind string, dial func(*rig, netip.AddrPort) net.Conn) {
		g := newRig(t, setup{conf: allowLoopback})
		// The smaller one waits for the target in its kernel, with the relay's
		// end behind it; of the larger one the relay has some when the client
		// is gone.
		for _, size := range []int{16 << 10, len(data)} {
			left := make(chan struct{})
			got := make(chan []byte, 1)
			to := serveTCP(t, func(c *net.TCPConn) {
				defer close(got)
				c.Write(make([]byte, 64<<10)) // nobody reads these
				<-left
				if size < len(data) {
					eventually(t, "the relay's end is here", func() bool { return !established(c) })
				}
				all, _ := io.ReadAll(c)
				got <- all
			})
			c := dial(g, to)
			if _, err := c.Write(data[:size]); err != nil {
				t.Fatal(err)
			}
			c.Close()
			close(left)
			if all := <-got; !bytes.Equal(all, data[:size]) {
				t.Errorf("%d of %d bytes", len(all), size)
			}
		}
	})
}

// established tells whether the kernel sees a connection open in both
// directions, whatever is still to be read of it.
func established(c *net.TCPConn) bool {
	table, _ := os.ReadFile("/proc/net/tcp")
	port := func(a net.Addr) string { return fmt.Sprintf(":%04X", a.(*net.TCPAddr).Port) }
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line) // number, local address, remote address, state
		if len(f) > 3 && strings.HasSuffix(f[1], port(c.LocalAddr())) && strings.HasSuffix(f[2], port(c.RemoteAddr())) {
			return f[3] == "01"
		}
	}
	return false
}

// session is a shared WebSocket of the client's.
func (g *rig) session(opts *netshim.DialOptions) *netshim.Session {
	g.t.Helper()
	s, err := netshim.OpenSession(g.t.Context(), g.url(""), opts)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { s.Close() })
	return s
}

// socketBuffers is how many bytes the kernel takes at most between two of its
// own TCP sockets: what it lets their buffers grow to.
func socketBuffers(t *testing.T) (sum int64) {
	t.Helper()
	for _, name := range []string{"tcp_rmem", "tcp_wmem"} {
		sizes, err := os.ReadFile("/proc/sys/net/ipv4/" + name)
		if err != nil {
			return 24 << 20 // another system: as much as the usual ones take
		}
		var least, first, most int64
		if _, err := fmt.Sscan(string(sizes), &least, &first, &most); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sum += most
	}
	return sum
}

func TestFaultClientStopsReading(t *testing.T) {
	var flooded atomic.Int64
	flood := serveTCP(t, func(c *net.TCPConn) {
		chunk := make([]byte, 256<<10)
		for flooded.Load() < 1<<30 {
			n, err := c.Write(chunk)
			flooded.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	data := pattern(4 << 20)
	other := serveTCP(t, serveBytes(data))
	g := newRig(t, setup{conf: allowLoopback})
	s := g.session(kinds["wisp"])
	ignored, err := s.Dial(t.Context(), flood.Addr().String(), int(flood.Port()))
	if err != nil {
		t.Fatal(err)
	}
	defer ignored.Close()
	io.ReadFull(ignored, make([]byte, 200))
	c, err := s.Dial(t.Context(), other.Addr().String(), int(other.Port()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write([]byte("?"))
	if got, err := io.ReadAll(c); err != nil || sum(got) != sum(data) {
		t.Errorf("the other stream: %d bytes, %v", len(got), err)
	}
	// The window, and the sockets' buffers.
	if n := flooded.Load(); n > 8<<20+socketBuffers(t) {
		t.Errorf("the target could send %d MiB to a client that does not read", n>>20)
	}
	if used := g.rules.Settings.Limits.Buffered - g.relay.pool.Left(); used > 1<<20 {
		t.Errorf("%d bytes are held in buffers", used)
	}
}

func TestFaultTargetStopsReading(t *testing.T) {
	for _, kind := range []string{"wisp", "plain"} {
		t.Run(kind, func(t *testing.T) {
			silent := make(chan struct{})
			stuck := serveTCP(t, func(c *net.TCPConn) { c.SetReadBuffer(64 << 10); <-silent })
			defer close(silent)
			data := pattern(4 << 20)
			got := make(chan string, 1)
			other := serveTCP(t, func(c *net.TCPConn) {
				all, _ := io.ReadAll(io.LimitReader(c, int64(len(data))))
				got <- sum(all)
			})
			g := newRig(t, setup{conf: allowLoopback})
			s := g.session(kinds[kind])
			flood, err := s.Dial(t.Context(), stuck.Addr().String(), int(stuck.Port()))
			if err != nil {
				t.Fatal(err)
			}
			defer flood.Close()
			var sent atomic.Int64
			var wg sync.WaitGroup
			wg.Go(func() {
				for {
					n, err := flood.Write(data[:64<<10])
					sent.Add(int64(n))
					if err != nil {
						return
					}
				}
			})
			defer wg.Wait()
			c, err := s.Dial(t.Context(), other.Addr().String(), int(other.Port()))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := c.Write(data); err != nil {
				t.Fatal(err)
			}
			if s := <-got; s != sum(data) {
				t.Error("the other stream's bytes differ")
			}
			if n := sent.Load(); n > 8<<20 {
				t.Errorf("the client could send %d MiB to a target that does not read", n>>20)
			}
			if used := g.rules.Settings.Limits.Buffered - g.relay.pool.Left(); used > 5<<20 {
				t.Errorf("%d bytes are held in buffers", used)
			}
			flood.Close()
		})
	}
}

func TestFaultManyConnects(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 connections")
	}
	to := serveTCP(t, echo)
	g := newRig(t, setup{conf: allowLoopback + "max-connections-per-client 20\nmax-handshakes 50\n"})
	attempts := int64(10000)
	if raceEnabled {
		attempts = 2000 // what is slow is the detector
	}
	began := time.Now()
	var wg sync.WaitGroup
	var tried, entered atomic.Int64
	for range 20 {
		wg.Go(func() {
			for tried.Add(1) <= attempts {
				c, err := net.Dial("tcp", g.addr.String())
				if err != nil {
					continue
				}
				req, _ := http.NewRequest(http.MethodGet, "http://"+g.addr.String()+"/relay/", nil)
				req.Header = upgrade(testOrigin)
				req.Write(c)
				var head [12]byte
				c.SetReadDeadline(time.Now().Add(10 * time.Second))
				if _, err := io.ReadFull(c, head[:]); err == nil && string(head[9:]) == "101" {
					entered.Add(1)
				}
				c.Close()
			}
		})
	}
	// From another address, one gets in and is served meanwhile.
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9)}}
	client := &http.Client{Transport: &http.Transport{DialContext: from.DialContext}}
	for i := range 20 {
		ws, _, err := websocket.Dial(t.Context(), g.url(""), &websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"Origin": {testOrigin}}})
		if err != nil {
			t.Fatalf("the honest client, time %d: %v", i, err)
		}
		r := &raw{t, ws}
		r.connect(1, to)
		r.send(wisp.AppendData(nil, 1, []byte("hello")))
		if p := r.until(wisp.TypeData); string(p.Payload) != "hello" {
			t.Errorf("the honest client gets %q", p.Payload)
		}
		ws.Close(1000, "")
	}
	wg.Wait()
	// At most 50 at once, and 50 a second after that.
	if n, took := entered.Load(), time.Since(began); n == 0 || float64(n) > 50+50*took.Seconds() {
		t.Errorf("%d of %d got in, in %v", n, attempts, took)
	}
	eventually(t, "all is given back", func() bool { return g.sockets() == 0 })
}

func TestFaultDNS(t *testing.T) {
	var reached, elsewhere atomic.Int64
	to := serveTCP(t, func(*net.TCPConn) { reached.Add(1) })
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.2:%d", to.Port()))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			elsewhere.Add(1)
			c.Close()
		}
	}()
	var asked atomic.Int64
	conf := strings.ReplaceAll("allow gone.example:N\nallow flip.example:N\nallow mixed.example:N\nallow none.example:N\nallow 127.0.0.1:N\n", "N", fmt.Sprint(to.Port()))
	flip := func(ctx context.Context, _, name string) ([]netip.Addr, error) {
		n := asked.Add(1)
		good, bad := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
		switch {
		case name == "mixed.example":
			return []netip.Addr{bad, netip.MustParseAddr("::1"), good, netip.MustParseAddr("169.254.169.254")}, nil
		case name == "flip.example" && n%2 == 1:
			return []netip.Addr{good}, nil
		case name == "flip.example":
			return []netip.Addr{bad}, nil
		case name == "none.example":
			return nil, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	g := newRig(t, setup{conf: conf, lookup: flip})
	r := g.wispV1()
	for i, c := range []struct {
		name string
		want wisp.Reason
	}{
		{"flip.example", wisp.ReasonVoluntary}, {"flip.example", wisp.ReasonBlocked},
		{"mixed.example", wisp.ReasonVoluntary},
		{"gone.example", wisp.ReasonUnreachable}, {"none.example", wisp.ReasonUnreachable},
	} {
		r.send(wisp.AppendConnect(nil, uint32(i+1), c.name, to.Port()))
		if p := r.until(wisp.TypeClose); p.Reason() != c.want {
			t.Errorf("%d, %s: %v, want %v", i, c.name, p.Reason(), c.want)
		}
	}
	if reached.Load() != 2 || elsewhere.Load() != 0 {
		t.Errorf("reached %d times, and what must not be %d times", reached.Load(), elsewhere.Load())
	}
}

// A name with a dead address and a live one is reached by the live one.
func TestFaultDeadAddress(t *testing.T) {
	dead := blackhole.Listen(t)
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.3:%d", dead.Port()))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var asked atomic.Int64
	g := newRig(t, setup{
		conf:   allowLoopback + fmt.Sprintf("allow two.example:%d\n", dead.Port()),
		lookup: answers(&asked, map[string]string{"two.example": "127.0.0.1 127.0.0.3"}),
	})
	r := g.wispV1()
	r.send(wisp.AppendConnect(nil, 1, "two.example", dead.Port()))
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c.Write([]byte("alive"))
	if p := r.until(wisp.TypeData); string(p.Payload) != "alive" {
		t.Errorf("got %q", p.Payload)
	}
	c.Close()
}

func TestFaultClientLeavesMidDial(t *testing.T) {
	to := blackhole.Listen(t)
	for _, path := range []string{"", to.String()} {
		g := newRig(t, setup{conf: allowLoopback + "dial-timeout 5m\n"})
		r := g.dialRaw(path)
		if path == "" {
			r.connect(1, to)
		} else {
			r.send([]byte("sent before it is connected"))
		}
		eventually(t, "the dial is under way", func() bool { return g.dials() == 1 })
		r.ws.CloseNow()
		eventually(t, "the dial is cancelled", func() bool { return g.dials() == 0 && g.sockets() == 0 })
	}
	// By a CLOSE of the stream alone, too.
	g := newRig(t, setup{conf: allowLoopback + "dial-timeout 5m\n"})
	r := g.wispV1()
	r.connect(1, to)
	eventually(t, "the dial is under way", func() bool { return g.dials() == 1 })
	r.send(wisp.AppendClose(nil, 1, wisp.ReasonVoluntary))
	eventually(t, "the dial is cancelled", func() bool { return g.dials() == 0 && g.streams() == 0 })
}

func TestFaultIDs(t *testing.T) {
	got := make(chan string, 16)
	to := serveTCP(t, func(c *net.TCPConn) {
		all, _ := io.ReadAll(c)
		got <- string(all)
	})
	g := newRig(t, setup{conf: allowLoopback})
	r := g.wispV1()
	// DATA before the connection stands, and CLOSE right behind: all arrives.
	// Then the same id again.
	for i := range 10 {
		want := fmt.Sprintf("round %d", i)
		r.connect(7, to)
		r.send(wisp.AppendData(nil, 7, []byte(want[:5])))
		r.send(wisp.AppendData(nil, 7, []byte(want[5:])))
		r.send(wisp.AppendClose(nil, 7, wisp.ReasonVoluntary))
		if all := <-got; all != want {
			t.Errorf("round %d: the target got %q", i, all)
		}
	}
	// A stream that was never open.
	r.send(wisp.AppendData(nil, 99, []byte("x")))
	r.send(wisp.AppendClose(nil, 99, wisp.ReasonVoluntary))
	// An abort resets.
	reset := make(chan error, 1)
	other := serveTCP(t, func(c *net.TCPConn) {
		c.Write([]byte("hi"))
		_, err := c.Read(make([]byte, 1))
		reset <- err
	})
	r.connect(8, other)
	r.until(wisp.TypeData)
	r.send(wisp.AppendClose(nil, 8, wisp.ReasonNetworkError))
	if err := <-reset; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the target of an aborted stream sees %v", err)
	}
}

// Packets in any order, many of them wrong: whatever comes, the relay answers or
// closes, and nothing is left.
func TestFaultStorm(t *testing.T) {
	to := serveTCP(t, echo)
	closed := listen(t)
	refused := netip.MustParseAddrPort(closed.Addr().String())
	closed.Close()
	g := newRig(t, setup{conf: allowLoopback + "max-handshakes 10000\nmax-streams-per-connection 4\n"})
	for round := range 60 {
		rnd := rand.New(rand.NewPCG(uint64(round), 1))
		protocols := []string{wisp.Subprotocol}[:round%2]
		r := g.dialRaw("", protocols...)
		go func() {
			for {
				if _, _, err := r.ws.Read(context.Background()); err != nil {
					return
				}
			}
		}()
		if round%2 == 1 {
			info := wisp.Info{Major: 2}
			if round%4 == 1 {
				info.Extensions = []wisp.Extension{wisp.Flow{Window: 1 << 16, MaxData: 4096}.Extension()}
			}
			r.send(wisp.AppendInfo(nil, info))
		}
		for range 200 {
			id := uint32(rnd.IntN(6))
			var msg []byte
			switch rnd.IntN(12) {
			case 0, 1, 2:
				msg = wisp.AppendConnect(nil, id, "127.0.0.1", to.Port())
			case 3:
				msg = wisp.AppendConnect(nil, id, "127.0.0.1", refused.Port())
			case 4, 5, 6, 7:
				msg = wisp.AppendData(nil, id, make([]byte, rnd.IntN(3000)))
			case 8:
				msg = wisp.AppendClose(nil, id, wisp.Reason(rnd.IntN(5)))
			case 9:
				msg = wisp.AppendFin(nil, id)
			case 10:
				msg = wisp.AppendCredit(nil, id, uint32(rnd.IntN(1<<16)))
			case 11:
				msg = make([]byte, rnd.IntN(12))
			}
			if id == 0 && rnd.IntN(20) > 0 {
				continue // most of these end everything
			}
			if r.ws.Write(t.Context(), websocket.MessageBinary, msg) != nil {
				break
			}
		}
		if round%3 == 0 {
			r.ws.Close(1000, "")
		} else {
			r.ws.CloseNow()
		}
	}
	eventually(t, "everything has ended", func() bool { return g.sockets() == 0 && g.streams() == 0 })
	if n := g.metric("netshim_panics_total"); n != 0 {
		t.Errorf("%v panics: %s", n, g.logs)
	}
}
