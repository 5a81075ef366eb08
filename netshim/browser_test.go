//go:build !js

package netshim

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/relay"
	"github.com/stepwire/stepwire/netshim/wisp"
)

var browserArgs = flag.String("browser.args", "", "arguments for the test binary in the browser, such as '-test.run=^$ -test.bench=.'")

// findBrowser gives a Chromium, or "".
func findBrowser() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); name != "" && err == nil {
			return p
		}
	}
	return ""
}

const browserWorker = `
importScripts("/wasm_exec.js");
if (location.hash !== "#eval") importScripts("/socket.js");
const decoder = new TextDecoder();
let out = "";
fs.writeSync = (fd, buf) => { out += decoder.decode(buf, {stream: true}); return buf.length; };
globalThis.plainDownload = (url, bytes, done) => {
  const ws = new WebSocket(url);
  ws.binaryType = "arraybuffer";
  ws.onmessage = ({data}) => {
    bytes -= data.byteLength;
    if (bytes <= 0) { ws.onmessage = null; ws.close(); done(); }
  };
};
(async () => {
  const go = new Go();
  const start = await (await fetch("/start")).json();
  go.argv = ["test"].concat(start.argv);
  go.env = start.env;
  let code = 0;
  go.exit = (c) => { code = c; };
  if (start.imports) stepwireSocket.imports(go);
  const {instance} = await WebAssembly.instantiateStreaming(fetch("/test.wasm"), go.importObject);
  await go.run(instance);
  await fetch("/result", {method: "POST", headers: {"X-Code": String(code)}, body: out});
})().catch((e) => fetch("/result", {method: "POST", headers: {"X-Code": "1"}, body: out + "\n" + e.stack}));
`

// TestInBrowser runs this package's tests for GOOS=js in a Worker of a real
// browser, which dials through relays served here: all of them with package
// imports, those of the socket without.
func TestInBrowser(t *testing.T) {
	t.Run("imports", func(t *testing.T) { testInBrowser(t, "Browser|Socket", "-tags=imports") })
	t.Run("calls", func(t *testing.T) { testInBrowser(t, "Socket") })
}

func testInBrowser(t *testing.T, run string, buildFlags ...string) {
	browser := findBrowser()
	if browser == "" {
		t.Skip("no Chromium found; set CHROMIUM to one")
	}
	if testing.Short() {
		t.Skip("takes a browser")
	}
	dir := t.TempDir()
	wasm := filepath.Join(dir, "test.wasm")
	build := exec.Command("go", append(append([]string{"test", "-c", "-ldflags=-s -w", "-o", wasm}, buildFlags...), ".")...)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building for js: %v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	glue := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")

	type result struct {
		code int
		out  string
	}
	done := make(chan result, 1)
	argv := []string{"-test.v", "-test.run=" + run}
	if *browserArgs != "" {
		argv = strings.Fields(*browserArgs)
	}
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	defer srv.Close()
	servePlaces(mux)
	ports := serveReal(t, mux, srv.URL)
	mux.HandleFunc("/wasm_exec.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, glue) })
	mux.HandleFunc("/socket.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "socket.js") })
	mux.HandleFunc("/test.wasm", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, wasm) })
	mux.HandleFunc("/worker.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, browserWorker)
	})
	mux.HandleFunc("/start", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{
			"argv":    argv,
			"imports": len(buildFlags) > 0,
			"env": map[string]string{
				"NETSHIM_RELAY": "ws" + strings.TrimPrefix(srv.URL, "http") + "/relay/",
				"NETSHIM_REAL":  "ws" + strings.TrimPrefix(srv.URL, "http") + "/real/",
				"NETSHIM_PORTS": ports,
			},
		})
	})
	mux.HandleFunc("/result", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		code, _ := strconv.Atoi(r.Header.Get("X-Code"))
		done <- result{code, string(b)}
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><script>new Worker("/worker.js")</script>`)
	})
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	var log bytes.Buffer
	cmd := exec.CommandContext(ctx, browser, "--headless=new", "--no-sandbox", "--disable-gpu",
		"--disable-dev-shm-usage", "--no-first-run", "--user-data-dir="+filepath.Join(dir, "profile"), srv.URL+"/")
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	select {
	case r := <-done:
		if r.code != 0 || testing.Verbose() {
			t.Log(r.out)
		}
		if r.code != 0 {
			t.Errorf("the tests in the browser ended with code %d", r.code)
		}
		if !strings.Contains(r.out, "PASS") {
			t.Errorf("the tests in the browser did not say PASS:\n%s", r.out)
		}
		if strings.Contains(r.out, "--- SKIP") {
			t.Errorf("a test in the browser was skipped:\n%s", r.out)
		}
	case <-ctx.Done():
		t.Fatalf("no result from the browser; it wrote:\n%s", log.String())
	}
}

// servePlaces serves one relay of each kind below /relay/.
func servePlaces(mux *http.ServeMux) *places {
	p := newPlaces()
	mux.HandleFunc("/relay/{kind}/{dest...}", func(w http.ResponseWriter, r *http.Request) {
		kind := r.PathValue("kind")
		o := &websocket.AcceptOptions{InsecureSkipVerify: true}
		if kind != "nosub" {
			o.Subprotocols = []string{wisp.Subprotocol}
		}
		ws, err := websocket.Accept(w, r, o)
		if err != nil {
			return
		}
		dial := p.dialer(func() { ws.CloseNow() })
		if kind == "wsproxy" {
			serveProxy(NewTransport(ws), r.PathValue("dest"), dial)
			return
		}
		serveTest(NewTransport(ws), wisp.Options{
			Version2: kind == "flow" || kind == "v2",
			NoFlow:   kind != "flow",
			MOTD:     "mind the gap",
		}, dial)
	})
	return p
}

// serveReal serves this project's own relay below /real/, for the places that
// need nothing of a relay. It gives their names and ports.
func serveReal(t *testing.T, mux *http.ServeMux, origin string) (ports string) {
	mountRelay(t, mux, origin)
	for name, serve := range newPlaces().local() {
		tg := newTarget(t)
		go func() {
			for {
				c, err := tg.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					serve(c)
				}()
			}
		}()
		ports += name + ":" + strconv.Itoa(tg.port) + " "
	}
	return ports
}

// mountRelay serves this project's own relay below /real/, for pages of origin.
func mountRelay(t *testing.T, mux *http.ServeMux, origin string) {
	settings := policy.Defaults()
	if err := settings.ParseFile("test", "origin "+origin+"\nallow 127.0.0.1:*\n"); err != nil {
		t.Fatal(err)
	}
	rules, err := settings.Policy(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	r := relay.New(relay.Rules{
		Settings: settings, Policy: rules, Origins: settings.Origins, Hosts: policy.LocalHosts(uint16(port)),
	}, relay.Options{Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()})
	mux.Handle("/real/", http.StripPrefix("/real/", r))
	t.Cleanup(func() { r.Drain(context.Background(), 0) })
}
