package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/demo"
)

// shim is the command, run inside the test.
type shim struct {
	t       *testing.T
	url     string // of the page
	signals chan os.Signal
	stderr  *lockedBuffer
	code    chan int
}

type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// launch runs the command on a free port until the test ends.
func launch(t *testing.T, args ...string) *shim {
	t.Helper()
	s := &shim{t: t, signals: make(chan os.Signal, 4), stderr: &lockedBuffer{}, code: make(chan int, 1)}
	r, w := io.Pipe()
	go func() {
		s.code <- run(append([]string{"--listen", "127.0.0.1:0"}, args...), s.signals, w, s.stderr)
		w.Close()
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("no first line: %v; %s", err, s.stderr)
	}
	go io.Copy(io.Discard, r)
	_, s.url, _ = strings.Cut(strings.TrimSpace(line), " at ")
	t.Cleanup(func() { s.stop() })
	return s
}

// stop sends SIGTERM, unless it has ended, and gives the exit code.
func (s *shim) stop() int {
	s.t.Helper()
	select {
	case s.signals <- syscall.SIGTERM:
	default:
	}
	select {
	case code := <-s.code:
		s.code <- code
		return code
	case <-time.After(time.Minute):
		s.t.Fatal("it does not end")
		return -1
	}
}

func (s *shim) logged(part string) {
	s.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !strings.Contains(s.stderr.String(), part) {
		if time.Now().After(deadline) {
			s.t.Fatalf("no %q in the log:\n%s", part, s.stderr)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (s *shim) dial(to string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		s.t.Fatal(err)
	}
	n, err := net.LookupPort("tcp", port)
	if err != nil {
		s.t.Fatal(err)
	}
	relay := "ws" + strings.TrimPrefix(s.url, "http") + "relay/"
	return netshim.Dial(context.Background(), relay, host, n, &netshim.DialOptions{Origin: strings.TrimSuffix(s.url, "/")})
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestServesEverything(t *testing.T) {
	s := launch(t)
	status, body := get(t, s.url+"demo.json")
	var listing struct {
		Origin string
		Demos  []struct{ Target string }
	}
	if err := json.Unmarshal([]byte(body), &listing); err != nil || status != 200 || len(listing.Demos) == 0 {
		t.Fatalf("demo.json: %d, %v, %s", status, err, body)
	}
	c, err := s.dial(listing.Origin)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /fixed HTTP/1.1\r\nHost: "+listing.Origin+"\r\nConnection: close\r\n\r\n")
	answer, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
		t.Errorf("through the relay: %q, %v", answer, err)
	}
	if c, err := s.dial(strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/")); err == nil {
		c.Close()
		t.Error("the relay reaches itself")
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.logged("drained")
}

// Links and programs name the demo origin's port, so that it stays from run to
// run; where somebody else has it, another one does.
func TestDemoKeepsItsPortWhereItIsFree(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := addrOf(free).Port()
	free.Close()
	first, err := startDemo(demo.Start, port)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := startDemo(demo.StartSecure, port)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if want := fmt.Sprintf("127.0.0.1:%d", port); first.Addr() != want || second.Addr() == want {
		t.Errorf("the first is at %s, the second at %s, and %s was free", first.Addr(), second.Addr(), want)
	}
}

func TestHelp(t *testing.T) {
	var out strings.Builder
	if code := run([]string{"--help"}, nil, &out, io.Discard); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, flag := range []string{"listen", "config", "tls-cert", "tls-key", "ops-listen", "allow", "allow-internet", "deny", "origin", "host",
		"token-file", "trusted-proxy", "max-connections", "max-dials", "max-buffered", "dns-timeout", "idle-timeout", "drain-timeout"} {
		if !strings.Contains(out.String(), "\n  --"+flag) {
			t.Errorf("no --%s in the help", flag)
		}
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if len(line) > 80 {
			t.Errorf("a long line: %q", line)
		}
	}
}

func TestBadStarts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	short := write(t, "tokens", "short\n")
	conf := write(t, "conf", "allow 127.0.0.1:80\nallow nonsense\nmax-dials none\n")
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"--allow", "foo"}, 2, []string{`--allow: "foo": want host:port`}},
		{[]string{"--allow", "*.example.com:80"}, 2, []string{`"*.example.com:80"`, "wildcards"}},
		{[]string{"--allow", "localhost:80"}, 2, []string{`"localhost:80"`, "127.0.0.1:80"}},
		{[]string{"--allow-internet=http"}, 2, []string{`--allow-internet: port "http"`}},
		{[]string{"--origin", "null"}, 2, []string{`--origin: origin "null"`}},
		{[]string{"--max-streams", "-1"}, 2, []string{`--max-streams: "-1"`}},
		{[]string{"--config", conf}, 2, []string{conf + `:2: allow: "nonsense"`, conf + `:3: max-dials: "none"`}},
		{[]string{"--config", "/nonexistent"}, 2, []string{"--config: open /nonexistent"}},
		{[]string{"--config", "/dev/zero"}, 2, []string{"--config: /dev/zero: larger than 16 MiB"}},
		{[]string{"--token-file", "/dev/zero"}, 2, []string{"token-file: /dev/zero: larger than 16 MiB"}},
		{[]string{"--log-level", "loud"}, 2, []string{`"loud"`, "want debug, info, warn or error"}},
		{[]string{"--token-file", short}, 2, []string{short, "line 1", "too short"}},
		{[]string{"--tls-cert", conf}, 2, []string{"--tls-key"}},
		{[]string{"--tls-cert", conf, "--tls-key", conf}, 2, []string{conf, "PEM"}},
		{[]string{"--listen", "8080"}, 2, []string{`--listen "8080"`}},
		{[]string{"--listen", taken.Addr().String()}, 1, []string{"--listen " + taken.Addr().String(), "in use"}},
		{[]string{"--ops-listen", "0.0.0.0:0"}, 2, []string{`--ops-listen "0.0.0.0:0"`, "loopback"}},
		{[]string{"--frame-ancestor", "a; b"}, 2, []string{"a; b"}},
		{[]string{"--no-such"}, 2, []string{"-no-such"}},
		{[]string{"stray"}, 2, []string{`"stray"`}},
	} {
		args := c.args
		if args[0] != "--listen" {
			args = append([]string{"--listen", "127.0.0.1:0"}, args...)
		}
		var stderr strings.Builder
		if code := run(args, nil, io.Discard, &stderr); code != c.code {
			t.Errorf("%q: exit code %d, want %d", c.args, code, c.code)
		}
		for _, want := range c.want {
			if !strings.Contains(stderr.String(), want) {
				t.Errorf("%q: %q, want %q in it", c.args, stderr.String(), want)
			}
		}
	}
}

func TestRule08PublicBindNeedsTokenAndOrigins(t *testing.T) {
	tokens := write(t, "tokens", "0123456789abcdef0123456789abcdef\n")
	for _, listen := range []string{"0.0.0.0:0", "[::]:0", ":0"} {
		for _, args := range [][]string{
			{},
			{"--token-file", tokens},
			{"--origin", "https://page.example", "--host", "relay.example"},
			{"--token-file", tokens, "--origin", "https://page.example"},
		} {
			var stderr strings.Builder
			if code := run(append([]string{"--listen", listen}, args...), nil, io.Discard, &stderr); code != 2 || !strings.Contains(stderr.String(), "not loopback") {
				t.Errorf("%s %q: exit code %d, %s", listen, args, code, stderr.String())
			}
		}
	}
	s := launch(t) // the default
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Errorf("the default is at %s", s.url)
	}
}

func TestReload(t *testing.T) {
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	go func() {
		for {
			c, err := target.Accept()
			if err != nil {
				return
			}
			io.Copy(c, c)
			c.Close()
		}
	}()
	to := target.Addr().String()
	conf := write(t, "conf", "# nothing\n")
	s := launch(t, "--config", conf)
	if c, err := s.dial(to); err == nil {
		c.Close()
		t.Fatal("allowed before")
	}
	reload := func(text, logged string) {
		t.Helper()
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.signals <- syscall.SIGHUP
		s.logged(logged)
	}
	reload("allow "+to+"\n", `"msg":"reloaded"`)
	c, err := s.dial(to)
	if err != nil {
		t.Fatalf("after the reload: %v", err)
	}
	defer c.Close()
	reload("allow nonsense\n", conf+`:1: allow: \"nonsense\"`)
	if again, err := s.dial(to); err != nil {
		t.Errorf("a bad reload did not keep the old rules: %v", err)
	} else {
		again.Close()
	}
	reload("deny "+to+"\nallow "+to+"\n", "reloaded")
	deadline := time.Now().Add(30 * time.Second)
	for err == nil && time.Now().Before(deadline) {
		var again net.Conn
		if again, err = s.dial(to); err == nil {
			again.Close()
		}
	}
	if err == nil {
		t.Error("still allowed after a reload that denies")
	}
	// What was open goes on.
	io.WriteString(c, "still")
	buf := make([]byte, 5)
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "still" {
		t.Errorf("an open connection: %q, %v", buf, err)
	}
}

func TestRule17OpsListener(t *testing.T) {
	ops, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		t.Fatal(err)
	}
	ops.Close()
	base := "http://" + ops.Addr().String()
	s := launch(t, "--ops-listen", ops.Addr().String(), "--allow", "127.0.0.1:*")
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/readyz": "ready\n", "/metrics": "netshim_websockets ", "/debug/pprof/": "goroutine",
	} {
		if status, body := get(t, base+path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d", path, status)
		}
		if status, _ := get(t, s.url+strings.TrimPrefix(path, "/")); status == 200 {
			t.Errorf("%s is on the public listener too", path)
		}
	}
	req, _ := http.NewRequest(http.MethodGet, base+"/metrics", nil)
	req.Host = "rebound.example:" + base[strings.LastIndexByte(base, ':')+1:]
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a rebound name: %s", res.Status)
	}
	if c, err := s.dial(ops.Addr().String()); err == nil {
		c.Close()
		t.Error("the relay reaches its own ops listener")
	}
	if code := run([]string{"--probe", base + "/readyz"}, nil, io.Discard, io.Discard); code != 0 {
		t.Errorf("probe: exit code %d", code)
	}
}

func TestRule18SignalsDrain(t *testing.T) {
	hold, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	ops, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ops.Close()
	s := launch(t, "--ops-listen", ops.Addr().String(), "--allow", hold.Addr().String(), "--drain-timeout", "1h")
	c, err := s.dial(hold.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	far, err := hold.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	s.signals <- syscall.SIGTERM
	s.logged("draining")
	deadline := time.Now().Add(30 * time.Second)
	for {
		status, body := get(t, "http://"+ops.Addr().String()+"/readyz")
		if status == http.StatusServiceUnavailable && strings.Contains(body, "draining") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("readyz: %d %s", status, body)
		}
	}
	for { // the listener closes
		conn, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(s.url, "http://"), "/"))
		if err != nil {
			break
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("it still accepts")
		}
	}
	// In use, it has an hour; the bytes still flow.
	io.WriteString(far, "x")
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Errorf("while draining: %v", err)
	}
	s.signals <- syscall.SIGINT // the second cuts it short
	if code := <-s.code; code != 0 {
		t.Errorf("exit code %d", code)
	} else {
		s.code <- code
	}
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a connection that was cut: %v", err)
	}
}

func TestTLS(t *testing.T) {
	certFile, keyFile, pool := certificate(t)
	s := launch(t, "--tls-cert", certFile, "--tls-key", keyFile)
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Fatalf("at %s", s.url)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	res, err := client.Get(s.url + "demo.json")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 || res.ProtoMajor != 1 {
		t.Errorf("%s %s", res.Proto, res.Status)
	}
}

// certificate makes one for loopback.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return write(t, "cert.pem", string(cert)),
		write(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))), pool
}
