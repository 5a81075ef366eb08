//go:build !js

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/wisp"
)

const (
	testToken  = "0123456789abcdef0123456789abcdef"
	testOrigin = "https://page.example"
)

// worker is a workerd with the relay, on a port of this machine.
type worker struct {
	cmd  *exec.Cmd
	host string // 127.0.0.1:port
	log  *logged
}

// logged keeps what workerd prints.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	select {
	case l.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// expect waits until what was printed contains want.
func (l *logged) expect(t *testing.T, want string) {
	t.Helper()
	late := time.After(time.Minute)
	for !strings.Contains(l.String(), want) {
		select {
		case <-l.more:
		case <-late:
			t.Fatalf("the log lacks %q:\n%s", want, l)
		}
	}
}

// startWorker runs the built Worker; set are settings beside or instead of the
// usual ones, "-" for none.
func startWorker(t testing.TB, set map[string]string) *worker {
	t.Helper()
	root := os.Getenv("WORKER_RELAY")
	if root == "" {
		t.Skip("WORKER_RELAY does not name the built Worker; make test-worker does that")
	}
	binaries, err := filepath.Glob("node_modules/@cloudflare/workerd-*/bin/workerd")
	if named := os.Getenv("WORKERD"); named != "" {
		binaries = []string{named}
	}
	if err != nil || len(binaries) == 0 {
		t.Fatal("no workerd in netshim/worker/node_modules: make test-worker installs it, on Linux; WORKERD=/path/to/it names another")
	}
	// The relay has to know its own name beforehand.
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{host: free.Addr().String(), log: &logged{more: make(chan struct{}, 1)}}
	free.Close()
	env := map[string]string{
		"TOKENS": testToken, "ORIGIN": testOrigin, "HOST": w.host, "LOCAL": "true",
		"RESOLVER": startResolver(t),
	}
	for name, value := range set {
		env[name] = value
	}
	told, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w.cmd = exec.Command(binaries[0], "serve", "--control-fd=3", "--socket-addr=http="+w.host, "workerd.capnp")
	for name, value := range env {
		if value == "-" {
			continue
		}
		w.cmd.Env = append(w.cmd.Env, name+"="+value)
	}
	w.cmd.Stdout, w.cmd.Stderr = w.log, w.log
	w.cmd.ExtraFiles = []*os.File{tell}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.cmd.Process.Kill() // it does not end on SIGTERM while a WebSocket is open
		w.cmd.Wait()
		told.Close()
		if t.Failed() {
			text := w.log.String()
			t.Logf("workerd said:\n%s", text[max(0, len(text)-4000):])
		}
	})
	tell.Close()
	told.SetReadDeadline(time.Now().Add(time.Minute))
	var event struct{ Event, Socket string }
	if err := json.NewDecoder(told).Decode(&event); err != nil || event.Event != "listen" {
		t.Fatalf("workerd does not listen: %+v, %v\n%s", event, err, w.log)
	}
	return w
}

// startResolver answers as a DNS-over-HTTPS resolver in JSON, for the names of
// these tests.
func startResolver(t testing.TB) string {
	t.Helper()
	names := map[string]string{
		"refused.invalid": "93.184.216.34", "platform.invalid": "104.16.1.1", "private.invalid": "10.0.0.1",
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		name, typ := r.FormValue("name"), r.FormValue("type")
		answer := map[string]any{"Status": 3}
		if name == "broken.invalid" || r.Header.Get("Accept") != "application/dns-json" {
			http.Error(rw, "broken", http.StatusInternalServerError)
			return
		}
		if addr := names[name]; addr != "" && typ == "A" {
			answer = map[string]any{"Status": 0, "Answer": []any{
				map[string]any{"type": 5, "data": "alias.invalid."}, map[string]any{"type": 1, "data": addr},
			}}
		}
		json.NewEncoder(rw).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/dns-query"
}

func (w *worker) url() string { return "ws://" + w.host + "/relay/" + testToken + "/" }

// rss is the runtime's resident memory, in bytes.
func (w *worker) rss(t testing.TB) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.cmd.Process.Pid))
	if err != nil {
		t.Skip("no /proc to read memory from")
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// convention is a way to talk to the relay.
type convention struct {
	name string
	opts netshim.DialOptions
}

var conventions = []convention{
	{"wisp with flow", netshim.DialOptions{Origin: testOrigin}},
	{"plain wisp", netshim.DialOptions{Origin: testOrigin, NoFlow: true}},
	{"wsproxy", netshim.DialOptions{Origin: testOrigin, Convention: netshim.WSProxy}},
}

func (w *worker) dial(t testing.TB, c convention, addr string) (net.Conn, error) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := netshim.Dial(ctx, w.url(), host, n, &c.opts)
	if err == nil {
		conn.SetDeadline(time.Now().Add(2 * time.Minute))
		t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

func (w *worker) open(t testing.TB, c convention, addr string) net.Conn {
	t.Helper()
	conn, err := w.dial(t, c, addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// failure is how a connection to addr fails: at once, or at the first read where
// the convention does not confirm connections.
func (w *worker) failure(t *testing.T, c convention, addr string) error {
	t.Helper()
	conn, err := w.dial(t, c, addr)
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
	}
	if err == nil || errors.Is(err, io.EOF) {
		t.Fatalf("%s was reached: %v", addr, err)
	}
	return err
}

// pattern is n bytes that repeat nowhere near.
func pattern(n int) []byte {
	p := make([]byte, n)
	rand.NewChaCha8([32]byte{7}).Read(p)
	return p
}

var payload = sync.OnceValue(func() []byte { return pattern(1 << 20) })

// origin serves one line: what the client asks for decides what happens.
type origin struct {
	net.Listener
	seen chan string // what happened to connections
}

func startOrigin(t testing.TB) *origin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{l, make(chan string, 16)}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go o.serve(c.(*net.TCPConn))
		}
	}()
	return o
}

func (o *origin) addr() string { return o.Addr().String() }

func (o *origin) serve(c *net.TCPConn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	r := bufio.NewReaderSize(c, 64<<10)
	line, err := r.ReadString('\n')
	if err != nil {
		o.seen <- "gone before asking: " + err.Error()
		return
	}
	verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	n, _ := strconv.Atoi(arg)
	switch verb {
	case "GET":
		http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(line), r)))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	case "down":
		for ; n > 0; n -= len(payload()) {
			if _, err := c.Write(payload()[:min(n, len(payload()))]); err != nil {
				o.seen <- "write failed"
				return
			}
		}
	case "up":
		h := sha256.New()
		io.CopyN(h, r, int64(n))
		fmt.Fprintf(c, "%x", h.Sum(nil))
	case "all": // answers only when the client has finished
		h := sha256.New()
		n, err := io.Copy(h, r)
		fmt.Fprintf(c, "%d %v %x", n, err, h.Sum(nil))
	case "keep": // says what it got when the client has finished, to the test
		n, err := io.Copy(io.Discard, r)
		o.seen <- fmt.Sprint(n, " ", err)
	case "reset":
		io.WriteString(c, "some")
		// The bytes have to be read before the reset destroys them.
		io.ReadFull(r, make([]byte, 1))
		c.SetLinger(0)
	case "half": // finishes first, and then listens
		io.WriteString(c, "bye")
		c.CloseWrite()
		got, err := io.ReadAll(r)
		o.seen <- fmt.Sprintf("%s %v", got, err)
	case "echo":
		io.Copy(c, r)
	case "wait":
		_, err := r.ReadByte()
		o.seen <- fmt.Sprint("wait: ", err)
	}
}

func sum(n int) string {
	h := sha256.New()
	for ; n > 0; n -= len(payload()) {
		h.Write(payload()[:min(n, len(payload()))])
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestWorker(t *testing.T) {
	o := startOrigin(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	w := startWorker(t, map[string]string{
		"ALLOW": strings.Join([]string{o.addr(), closed.Addr().String(), "nowhere.invalid:80"}, " "),
	})
	for _, c := range conventions {
		t.Run(c.name, func(t *testing.T) {
			t.Run("get", func(t *testing.T) {
				conn := w.open(t, c, o.addr())
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				got, err := io.ReadAll(conn)
				if err != nil || !bytes.HasSuffix(got, []byte("\r\n\r\nhello")) {
					t.Errorf("%q, %v", got, err)
				}
			})
			t.Run("64 MiB down", func(t *testing.T) {
				conn := w.open(t, c, o.addr())
				fmt.Fprintf(conn, "down %d\n", 64<<20)
				h := sha256.New()
				n, err := io.Copy(h, conn)
				if got := fmt.Sprintf("%x", h.Sum(nil)); err != nil || n != 64<<20 || got != sum(64<<20) {
					t.Errorf("%d bytes, %s, %v", n, got, err)
				}
			})
			t.Run("16 MiB up", func(t *testing.T) {
				conn := w.open(t, c, o.addr())
				fmt.Fprintf(conn, "up %d\n", 16<<20)
				for range 16 {
					if _, err := conn.Write(payload()); err != nil {
						t.Fatal(err)
					}
				}
				got, err := io.ReadAll(conn)
				if err != nil || string(got) != sum(16<<20) {
					t.Errorf("%q, %v", got, err)
				}
			})
			t.Run("refused", func(t *testing.T) {
				if err := w.failure(t, c, closed.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
					t.Errorf("%v", err)
				}
			})
			t.Run("unresolvable", func(t *testing.T) {
				var dns *net.DNSError
				if err := w.failure(t, c, "nowhere.invalid:80"); !errors.As(err, &dns) {
					t.Errorf("%v", err)
				}
			})
			t.Run("denied", func(t *testing.T) {
				err := w.failure(t, c, "127.0.0.1:1")
				// wsproxy is refused before the upgrade, of which a client sees nothing.
				if c.opts.Convention != netshim.WSProxy && !errors.Is(err, netshim.ErrDenied) {
					t.Errorf("%v", err)
				}
			})
			t.Run("reset", func(t *testing.T) {
				conn := w.open(t, c, o.addr())
				io.WriteString(conn, "reset\n")
				got := make([]byte, 4)
				if _, err := io.ReadFull(conn, got); err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, "!")
				if _, err := conn.Read(got); !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("%v", err)
				}
			})
			t.Run("client leaves", func(t *testing.T) {
				conn := w.open(t, c, o.addr())
				fmt.Fprintf(conn, "keep\n")
				if _, err := conn.Write(payload()); err != nil {
					t.Fatal(err)
				}
				conn.Close()
				if got := <-o.seen; got != "1048576 <nil>" {
					t.Errorf("the destination saw %q", got)
				}
			})
		})
	}
	flow := conventions[0]
	t.Run("half-close by the client", func(t *testing.T) {
		conn := w.open(t, flow, o.addr())
		io.WriteString(conn, "all\n")
		conn.Write(payload())
		if err := conn.(*netshim.Conn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(conn)
		if want := fmt.Sprintf("%d <nil> %s", 1<<20, sum(1<<20)); err != nil || string(got) != want {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("half-close by the destination", func(t *testing.T) {
		conn := w.open(t, flow, o.addr())
		io.WriteString(conn, "half\n")
		got, err := io.ReadAll(conn)
		if err != nil || string(got) != "bye" {
			t.Fatalf("%q, %v", got, err)
		}
		io.WriteString(conn, "still here")
		conn.(*netshim.Conn).CloseWrite()
		if got := <-o.seen; got != "still here <nil>" {
			t.Errorf("the destination saw %q", got)
		}
	})
	t.Run("100 connections in sequence", func(t *testing.T) {
		once := func() {
			conn := w.open(t, flow, o.addr())
			fmt.Fprintf(conn, "down %d\n", 64<<10)
			if n, err := io.Copy(io.Discard, conn); err != nil || n != 64<<10 {
				t.Fatal(n, err)
			}
			conn.Close()
		}
		for range 40 {
			once()
		}
		before := w.rss(t)
		for range 100 {
			once()
		}
		after := w.rss(t)
		t.Logf("resident: %d MiB, then %d MiB", before>>20, after>>20)
		if after > before+64<<20 {
			t.Errorf("grew from %d to %d MiB", before>>20, after>>20)
		}
	})
}

// A page that does not read must not fill the isolate, and must not hold up
// another.
func TestSlowReader(t *testing.T) {
	for _, c := range conventions {
		t.Run(c.name, func(t *testing.T) {
			o := startOrigin(t)
			w := startWorker(t, map[string]string{"ALLOW": o.addr()})
			slow := w.open(t, c, o.addr())
			fmt.Fprintf(slow, "down %d\n", 512<<20)
			io.ReadFull(slow, make([]byte, 200))
			other := w.open(t, c, o.addr())
			fmt.Fprintf(other, "down %d\n", 64<<20)
			h := sha256.New()
			if _, err := io.Copy(h, other); err != nil || fmt.Sprintf("%x", h.Sum(nil)) != sum(64<<20) {
				t.Error(err)
			}
			rss := w.rss(t)
			t.Logf("resident: %d MiB", rss>>20)
			if rss > 300<<20 {
				t.Errorf("resident: %d MiB", rss>>20)
			}
			slow.Close()
			if got := <-o.seen; got != "write failed" {
				t.Errorf("the destination saw %q", got)
			}
		})
	}
}

// connect asks for a destination in Wisp's own packets and gives the reason for
// which it is refused.
func connect(t *testing.T, ws *websocket.Conn, id uint32, host string, port uint16) wisp.Reason {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := ws.Write(ctx, websocket.MessageBinary, wisp.AppendConnect(nil, id, host, port)); err != nil {
		t.Fatal(err)
	}
	for {
		_, msg, err := ws.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p, err := wisp.Decode(msg)
		if err != nil {
			t.Fatal(err)
		}
		if p.Stream == id && p.Type == wisp.TypeClose {
			return p.Reason()
		}
	}
}

// plain opens a WebSocket for Wisp's first version.
func (w *worker) plain(t *testing.T) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, w.url(), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {testOrigin}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.CloseNow() })
	return ws
}

// What the policy's vectors deny before DNS, the running Worker refuses with the
// right reason. What they let pass is left to the policy's own tests: it is not
// on this machine.
func TestVectors(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a runtime for each section")
	}
	data, err := os.ReadFile("../policy/testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for i, section := range strings.Split(string(data), "\n----\n") {
		env := map[string]string{}
		var cases [][]string
		for line := range strings.Lines(section) {
			f := strings.Fields(line)
			switch {
			case len(f) == 0 || f[0][0] == '#', f[0] == "dial":
			case f[0] == "ask":
				cases = append(cases, f)
			default:
				env[variable(f[0])] += strings.Join(f[1:], " ") + " "
			}
		}
		if env["ALLOW"] == "" {
			env["ALLOW"] = "listed.invalid:1"
		}
		if _, err := configure(map[string]string{
			"ALLOW": env["ALLOW"], "DENY": env["DENY"], "LOCAL": "true", "TOKENS": testToken, "ORIGIN": testOrigin, "HOST": "h",
		}); err != nil || env["ALLOW_INTERNET"] != "" || len(cases) == 0 {
			continue // such settings are refused as a whole
		}
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			ws := startWorker(t, env).plain(t)
			for id, f := range cases {
				colon := strings.LastIndexByte(f[1], ':')
				port, err := strconv.ParseUint(f[1][max(colon, 0)+1:], 10, 16)
				if err != nil || port == 0 || f[2] == "pass" {
					continue // cannot be said in a packet
				}
				want := wisp.ReasonBlocked
				if f[2] == "bad" {
					want = wisp.ReasonInvalid
				}
				host := strings.TrimSuffix(strings.TrimPrefix(f[1][:colon], "["), "]")
				if got := connect(t, ws, uint32(id+1), host, uint16(port)); got != want {
					t.Errorf("%s: %v, want %v", f[1], got, want)
				}
				asked++
			}
		})
	}
	if asked < 10 && !t.Failed() && os.Getenv("WORKER_RELAY") != "" {
		t.Errorf("only %d vectors were asked", asked)
	}
}

// What the platform does not connect to comes back as the right reason, though
// it says the same of all.
func TestPlatformRefusals(t *testing.T) {
	w := startWorker(t, map[string]string{
		"LOCAL": "-", "ALLOW": "refused.invalid:80 platform.invalid:80 private.invalid:80 nowhere.invalid:80 broken.invalid:80 mail.invalid:20-30",
	})
	ws := w.plain(t)
	for i, test := range []struct {
		host string
		port uint16
		want wisp.Reason
	}{
		{"refused.invalid", 80, wisp.ReasonRefused},
		{"platform.invalid", 80, wisp.ReasonBlocked},
		{"private.invalid", 80, wisp.ReasonBlocked},
		{"nowhere.invalid", 80, wisp.ReasonUnreachable},
		{"broken.invalid", 80, wisp.ReasonUnreachable},
		{"mail.invalid", 25, wisp.ReasonBlocked},
	} {
		if got := connect(t, ws, uint32(i+1), test.host, test.port); got != test.want {
			t.Errorf("%s: %v, want %v", test.host, got, test.want)
		}
	}
}

// Who is not let in is told nothing but the status, and all alike.
func TestRefusals(t *testing.T) {
	w := startWorker(t, map[string]string{"ALLOW": "listed.invalid:80"})
	upgrade := func(path, host string, headers ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequest("GET", "http://"+w.host+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			req.Host = host
		}
		req.Header = http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Origin": {testOrigin},
		}
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
			if headers[i+1] == "" {
				req.Header.Del(headers[i])
			}
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode == http.StatusSwitchingProtocols {
			return res.StatusCode, ""
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	good := "/relay/" + testToken + "/"
	var refusal string
	for _, test := range []struct {
		name, path, host string
		headers          []string
		want             int
	}{
		{"all right", good, "", nil, 101},
		{"no origin, but a token", good, "", []string{"Origin", ""}, 101},
		{"no token", "/relay/", "", nil, 403},
		{"another token", "/relay/" + strings.ToUpper(testToken[:31]) + "0/", "", nil, 403},
		{"another origin", good, "", []string{"Origin", "https://evil.example"}, 403},
		{"origin null", good, "", []string{"Origin", "null"}, 403},
		{"another host", good, "evil.example", nil, 403},
		{"another path", "/", "", nil, 403},
		{"a bad path", good + "a/b", "", nil, 403},
		{"a target that is not listed", good + "other.invalid:80", "", nil, 403},
		{"a target that is listed", good + "listed.invalid:80", "", nil, 101},
		{"no upgrade", good, "", []string{"Upgrade", "", "Connection", ""}, 426},
	} {
		status, body := upgrade(test.path, test.host, test.headers...)
		if status != test.want {
			t.Errorf("%s: %d, want %d", test.name, status, test.want)
		}
		if refusal == "" {
			refusal = body
		}
		if status != 101 && body != refusal {
			t.Errorf("%s: %q, elsewhere %q", test.name, body, refusal)
		}
	}
	if strings.Contains(w.log.String(), testToken) {
		t.Error("the log has the token")
	}
}

// A Worker with wrong settings serves nobody, and its log says what is wrong.
func TestMisconfigured(t *testing.T) {
	w := startWorker(t, map[string]string{"ALLOW": "nonsense", "MAX_DIALS": "0", "TOKENS": "-", "LOCAL": "-"})
	req, err := http.NewRequest("GET", "http://"+w.host+"/relay/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", res.StatusCode)
	}
	for _, want := range []string{`ALLOW: \"nonsense\"`, "MAX_DIALS:", "TOKENS: a token is required"} {
		w.log.expect(t, want)
	}
}

// The first message decides the version: CONTINUE where no subprotocol was
// offered, INFO where one was.
func TestVersions(t *testing.T) {
	o := startOrigin(t)
	w := startWorker(t, map[string]string{"ALLOW": o.addr()})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, test := range []struct {
		offer []string
		first wisp.Type
	}{{nil, wisp.TypeContinue}, {[]string{"any"}, wisp.TypeInfo}} {
		ws, _, err := websocket.Dial(ctx, w.url(), &websocket.DialOptions{
			Subprotocols: test.offer, HTTPHeader: http.Header{"Origin": {testOrigin}},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, msg, err := ws.Read(ctx)
		if err != nil || wisp.Type(msg[0]) != test.first {
			t.Errorf("offering %q: % x, %v", test.offer, msg, err)
		}
		if len(test.offer) > 0 && ws.Subprotocol() != test.offer[0] {
			t.Errorf("subprotocol %q", ws.Subprotocol())
		}
		ws.Write(ctx, websocket.MessageText, []byte("hello"))
		for err == nil {
			_, _, err = ws.Read(ctx)
		}
		if websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
			t.Errorf("a text message: %v", err)
		}
	}
	ws, _, err := websocket.Dial(ctx, w.url(), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {testOrigin}}})
	if err != nil {
		t.Fatal(err)
	}
	ws.Write(ctx, websocket.MessageBinary, make([]byte, 1<<20))
	for err == nil {
		_, _, err = ws.Read(ctx)
	}
	if websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("a message of 1 MiB: %v", err)
	}
}
