package relay

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// answers is a resolver with fixed answers that counts what it is asked.
func answers(asked *atomic.Int64, names map[string]string) func(context.Context, string, string) ([]netip.Addr, error) {
	return func(_ context.Context, _, name string) ([]netip.Addr, error) {
		asked.Add(1)
		var addrs []netip.Addr
		for _, a := range strings.Fields(names[name]) {
			addrs = append(addrs, netip.MustParseAddr(a))
		}
		if addrs == nil {
			return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		}
		return addrs, nil
	}
}

// ask opens a stream and gives the type of the answer, and the reason when it
// is CLOSE.
func (r *raw) ask(stream uint32, host string, port uint16) (wisp.Type, wisp.Reason) {
	r.t.Helper()
	r.send(wisp.AppendConnect(nil, stream, host, port))
	for {
		p := r.packet()
		if p.Stream != stream {
			continue
		}
		if p.Type == wisp.TypeClose {
			return p.Type, p.Reason()
		}
		return p.Type, 0
	}
}

func TestRule01DefaultDeny(t *testing.T) {
	var asked, reached atomic.Int64
	to := serveTCP(t, func(*net.TCPConn) { reached.Add(1) })
	g := newRig(t, setup{lookup: answers(&asked, nil)})
	r := g.wispV1()
	for i, host := range []string{"127.0.0.1", "localhost", "example.com", "93.184.216.34", "::1"} {
		if typ, reason := r.ask(uint32(i+1), host, to.Port()); typ != wisp.TypeClose || reason != wisp.ReasonBlocked {
			t.Errorf("%s: %v, %v", host, typ, reason)
		}
	}
	if asked.Load() != 0 || reached.Load() != 0 {
		t.Errorf("%d names resolved, %d targets reached", asked.Load(), reached.Load())
	}
	g.logged("stream ended", "denied: not listed", `"reason":"destination blocked by the relay"`)
}

func TestRule02RebindingIsCaughtAtTheSocket(t *testing.T) {
	var asked, reached atomic.Int64
	to := serveTCP(t, func(*net.TCPConn) { reached.Add(1) })
	vectors := "::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: fd00::1 :: 0.0.0.0 ::1%lo fe80::1 169.254.169.254 100.64.0.1 224.0.0.1 127.0.0.1 ::1"
	names := map[string]string{"all.example": vectors}
	for i, a := range strings.Fields(vectors) {
		names["v"+strconv.Itoa(i)+".example"] = a
	}
	var conf strings.Builder
	for name := range names {
		conf.WriteString("allow " + name + ":*\n")
	}
	g := newRig(t, setup{conf: conf.String(), lookup: answers(&asked, names)})
	r := g.wispV1()
	stream := uint32(0)
	for name := range names {
		stream++
		if typ, reason := r.ask(stream, name, to.Port()); typ != wisp.TypeClose || reason != wisp.ReasonBlocked {
			t.Errorf("%s: %v, %v", name, typ, reason)
		}
	}
	for _, host := range []string{"", "127.1", "2130706433", "0x7f.1", "::1%lo"} {
		stream++
		if typ, reason := r.ask2(stream, host, to.Port()); typ != wisp.TypeClose || reason != wisp.ReasonInvalid {
			t.Errorf("%q: %v, %v", host, typ, reason)
		}
	}
	// The last look, at the address as the kernel gets it.
	set := g.relay.rules.Load()
	target := policy.Target{Name: "all.example", Port: to.Port()}
	if _, err := g.relay.dial(t.Context(), set, target, to); dialReason(err) != wisp.ReasonBlocked {
		t.Errorf("dialling %v for a name: %v", to, err)
	}
	for _, address := range []string{"", "nonsense", "127.0.0.1", "localhost:80", "[::1%lo]:80", "127.1:80", "[::ffff:127.0.0.1]:" + strconv.Itoa(int(to.Port()))} {
		var denied *policy.Denied
		if err := checkSocket(set.Policy, target, address); !errors.As(err, &denied) {
			t.Errorf("socket address %q: %v", address, err)
		}
	}
	if reached.Load() != 0 {
		t.Errorf("%d connections reached the target", reached.Load())
	}
}

// ask2 is ask with a host that the codec might refuse to write.
func (r *raw) ask2(stream uint32, host string, port uint16) (wisp.Type, wisp.Reason) {
	if host != "" {
		return r.ask(stream, host, port)
	}
	r.send(append(wisp.AppendHeader(nil, wisp.TypeConnect, stream), byte(wisp.TCP), byte(port), byte(port>>8), ' '))
	p := r.packet()
	return p.Type, p.Reason()
}

func TestRule03OnlyLiteralsGrantLoopback(t *testing.T) {
	var asked, reached atomic.Int64
	to := serveTCP(t, func(*net.TCPConn) { reached.Add(1) })
	port := strconv.Itoa(int(to.Port()))
	names := map[string]string{"inside.example": "127.0.0.1"}
	g := newRig(t, setup{conf: "allow inside.example:" + port, lookup: answers(&asked, names)})
	if typ, reason := g.wispV1().ask(1, "inside.example", to.Port()); typ != wisp.TypeClose || reason != wisp.ReasonBlocked {
		t.Errorf("by name: %v, %v", typ, reason)
	}
	if reached.Load() != 0 || asked.Load() != 1 {
		t.Errorf("reached %d times, resolved %d times", reached.Load(), asked.Load())
	}
	g = newRig(t, setup{conf: "allow inside.example:" + port + "\nallow 127.0.0.1:" + port, lookup: answers(&asked, names)})
	r := g.wispV1()
	r.send(wisp.AppendConnect(nil, 1, "inside.example", to.Port()))
	if reason := r.until(wisp.TypeClose).Reason(); reason != wisp.ReasonVoluntary || reached.Load() != 1 {
		t.Errorf("by name with the literal listed: %v, reached %d times", reason, reached.Load())
	}
}

func TestRule04OpenInternetKeepsOutOfHere(t *testing.T) {
	var asked, reached atomic.Int64
	to := serveTCP(t, func(*net.TCPConn) { reached.Add(1) })
	names := map[string]string{"site.example": "127.0.0.1 ::1 10.0.0.1 192.168.0.1 169.254.169.254"}
	g := newRig(t, setup{conf: "allow-internet 80,443," + strconv.Itoa(int(to.Port())), lookup: answers(&asked, names)})
	r := g.wispV1()
	for i, host := range []string{"127.0.0.1", "::1", "10.0.0.1", "site.example", "169.254.169.254", "::ffff:127.0.0.1"} {
		if typ, reason := r.ask(uint32(i+1), host, to.Port()); typ != wisp.TypeClose || reason != wisp.ReasonBlocked {
			t.Errorf("%s: %v, %v", host, typ, reason)
		}
	}
	if _, reason := r.ask(20, "site.example", 22); reason != wisp.ReasonBlocked {
		t.Errorf("port 22: %v", reason)
	}
	if reached.Load() != 0 {
		t.Errorf("reached %d times", reached.Load())
	}
}

func TestRule05HostHeader(t *testing.T) {
	g := newRig(t, setup{conf: allowLoopback})
	port := strconv.Itoa(int(g.addr.Port()))
	for host, ok := range map[string]bool{
		"127.0.0.1:" + port: true, "localhost:" + port: true, "LOCALHOST:" + port: true, "[::1]:" + port: true,
		"127.0.0.1": false, "evil.example:" + port: false, "127.0.0.1." + "evil.example:" + port: false,
		"localhost:" + port + "0": false, "localhost": false, "evil.example": false, "127.0.0.1:1": false,
	} {
		h := upgrade(testOrigin)
		h.Set("Host", host)
		want := http.StatusForbidden
		if ok {
			want = http.StatusSwitchingProtocols
		}
		if res := g.request("", h); res.StatusCode != want {
			t.Errorf("%s: %s", host, res.Status)
		}
		// Whatever else is served on the port is behind the same check.
		req, _ := http.NewRequest(http.MethodGet, "http://"+g.addr.String()+"/", nil)
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if (res.StatusCode == http.StatusForbidden) == ok {
			t.Errorf("%s for a page: %s", host, res.Status)
		}
	}
}

func TestRule06Origin(t *testing.T) {
	g := newRig(t, setup{conf: allowLoopback + "origin http://127.0.0.1:8080"})
	for origin, ok := range map[string]bool{
		testOrigin: true, "http://127.0.0.1:8080": true,
		"": false, "null": false, "http://page.example": false, "https://page.example.evil.test": false,
		"https://page.example:444": false, "http://127.0.0.1:80801": false, "https://evil.test": false,
	} {
		want := http.StatusForbidden
		if ok {
			want = http.StatusSwitchingProtocols
		}
		if res := g.request("", upgrade(origin)); res.StatusCode != want {
			t.Errorf("origin %q: %s", origin, res.Status)
		}
	}
	h := upgrade(testOrigin)
	h.Add("Origin", "https://evil.test")
	if res := g.request("", h); res.StatusCode != http.StatusForbidden {
		t.Errorf("two origins: %s", res.Status)
	}
}

const testToken = "8vX2_kQ7-mZr4TnL0pYsWe"

func TestRule07Token(t *testing.T) {
	to := serveTCP(t, echo)
	g := newRig(t, setup{conf: allowLoopback, tokens: testToken + "\n0123456789abcdef0123456789abcdef\n"})
	for path, want := range map[string]int{
		testToken + "/":                          http.StatusSwitchingProtocols,
		testToken + "/" + to.String():            http.StatusSwitchingProtocols,
		"0123456789abcdef0123456789abcdef/":      http.StatusSwitchingProtocols,
		"":                                       http.StatusForbidden,
		to.String():                              http.StatusForbidden,
		testToken:                                http.StatusForbidden,
		testToken[1:] + "/":                      http.StatusForbidden,
		testToken + "x/":                         http.StatusForbidden,
		strings.ToUpper(testToken) + "/":         http.StatusForbidden,
		testToken + "/nonsense":                  http.StatusForbidden,
		"wrong-" + testToken + "/" + to.String(): http.StatusForbidden,
	} {
		for _, origin := range []string{testOrigin, ""} { // with a token, no origin is needed
			if res := g.request(path, upgrade(origin)); res.StatusCode != want {
				t.Errorf("%q, origin %q: %s, want %d", path, origin, res.Status, want)
			}
		}
		if res := g.request(path, upgrade("https://evil.test")); res.StatusCode != http.StatusForbidden {
			t.Errorf("%q, a wrong origin: %s", path, res.Status)
		}
	}
	g.stop()
	if logs := g.logs.String(); strings.Contains(logs, testToken[1:]) || strings.Contains(logs, "0123456789abcdef") || logs == "" {
		t.Errorf("a token is in the log: %s", logs)
	}
	families, err := g.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if strings.Contains(f.String(), testToken[1:]) {
			t.Errorf("a token is in the metrics: %v", f)
		}
	}
	// Where no token is asked for, one is no way around the origin either.
	g = newRig(t, setup{conf: allowLoopback})
	if res := g.request(testToken+"/", upgrade("")); res.StatusCode != http.StatusForbidden {
		t.Errorf("a token where none is asked for: %s", res.Status)
	}
}

func TestRule09UniformRefusals(t *testing.T) {
	var asked atomic.Int64
	g := newRig(t, setup{conf: allowLoopback + "max-connections 64", lookup: answers(&asked, nil), tokens: testToken})
	type answer struct {
		status int
		header string
		body   string
	}
	var first answer
	for name, try := range map[string]struct{ path, origin, host string }{
		"origin":      {testToken + "/", "https://evil.test", ""},
		"token":       {"0123456789abcdef0123456789abcdeX/", testOrigin, ""},
		"no token":    {"", testOrigin, ""},
		"host":        {testToken + "/", testOrigin, "evil.example"},
		"target":      {testToken + "/example.com:443", testOrigin, ""},
		"closed port": {testToken + "/10.0.0.1:1", testOrigin, ""},
		"bad target":  {testToken + "/127.1:80", testOrigin, ""},
		"bad path":    {testToken + "/a/b", testOrigin, ""},
	} {
		h := upgrade(try.origin)
		if try.host != "" {
			h.Set("Host", try.host)
		}
		res := g.request(try.path, h)
		body, _ := io.ReadAll(res.Body)
		res.Header.Del("Date")
		var header strings.Builder
		res.Header.Write(&header)
		got := answer{res.StatusCode, header.String(), string(body)}
		if first.status == 0 {
			first = got
		}
		if got != first || got.status != http.StatusForbidden {
			t.Errorf("%s: %+v, not %+v", name, got, first)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("%d names were resolved", asked.Load())
	}
	// On an open connection: blocked is blocked, whatever listens there.
	r := g.dialRaw(testToken + "/")
	r.until(wisp.TypeContinue)
	for i, host := range []string{"10.0.0.1", "example.com", "93.184.216.34"} {
		if _, reason := r.ask(uint32(i+1), host, 1); reason != wisp.ReasonBlocked {
			t.Errorf("%s: %v", host, reason)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("%d names were resolved", asked.Load())
	}
}

func TestRule10ForwardedFor(t *testing.T) {
	hold := func(g *rig, forwarded string) int {
		h := upgrade(testOrigin)
		if forwarded != "" {
			h.Set("X-Forwarded-For", forwarded)
		}
		return g.request("", h).StatusCode
	}
	const ok, no = http.StatusSwitchingProtocols, http.StatusTooManyRequests
	// From anyone else the field is a claim, and all are one client.
	g := newRig(t, setup{conf: "max-connections-per-client 2"})
	for i, want := range []int{ok, ok, no} {
		if got := hold(g, "1.1.1."+strconv.Itoa(i)); got != want {
			t.Errorf("untrusted, connection %d: %d", i, got)
		}
	}
	g = newRig(t, setup{conf: "max-connections-per-client 2\ntrusted-proxy 127.0.0.1"})
	for _, try := range []struct {
		forwarded string
		want      int
	}{
		{"1.1.1.1", ok}, {"1.1.1.1", ok}, {"1.1.1.1", no}, {"6.6.6.6, 1.1.1.1", no}, {"1.1.1.1, 6.6.6.6", ok},
		{"2606:1:2:3::1", ok}, {"2606:1:2:3::2", ok}, {"2606:1:2:3:ffff::3", no}, {"2606:1:2:4::1", ok},
		{"", ok},
	} {
		if got := hold(g, try.forwarded); got != try.want {
			t.Errorf("forwarded for %q: %d, want %d", try.forwarded, got, try.want)
		}
	}
}
