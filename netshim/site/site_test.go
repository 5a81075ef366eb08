package site

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func tree(files map[string]string) fs.FS {
	t := fstest.MapFS{}
	for name, content := range files {
		t[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return t
}

var built = tree(map[string]string{
	"index.html":                       "<!doctype html>",
	"index.html.br":                    "br html",
	"index.html.gz":                    "gz html",
	"PLACEHOLDER.md":                   "a note",
	".hidden":                          "secret",
	"assets/index-BZ3x_Q-1.js":         "page",
	"assets/font-Cx12345_.woff2":       "font",
	"client/index.js":                  "export {}",
	"client/index.d.ts":                "export {}",
	"client/worker-0a1b2c3d.js":        "worker",
	"client/stepwire-89abcdef.wasm":    "\x00asm....",
	"client/stepwire-89abcdef.wasm.br": "br",
	"lonely.br":                        "a file of its own",
	"my-component.js":                  "not hashed",
})

func serve(t *testing.T, h http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func newSite(t *testing.T, tree fs.FS) http.Handler {
	t.Helper()
	h, err := New(tree, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestFiles(t *testing.T) {
	h := newSite(t, built)
	const forever, check = "public, max-age=31536000, immutable", "no-cache"
	tests := []struct {
		path, accept                    string
		body, kind, coding, cache, vary string
	}{
		{"/", "", "<!doctype html>", "text/html; charset=utf-8", "", check, "Accept-Encoding"},
		{"/", "gzip, br", "br html", "text/html; charset=utf-8", "br", check, "Accept-Encoding"},
		{"/index.html", "gzip", "gz html", "text/html; charset=utf-8", "gzip", check, "Accept-Encoding"},
		{"/assets/index-BZ3x_Q-1.js", "br", "page", "text/javascript; charset=utf-8", "", forever, ""},
		{"/assets/font-Cx12345_.woff2", "br", "font", "font/woff2", "", forever, ""},
		{"/client/index.js", "br", "export {}", "text/javascript; charset=utf-8", "", check, ""},
		{"/client/index.d.ts", "br", "export {}", "text/plain; charset=utf-8", "", check, ""},
		{"/client/worker-0a1b2c3d.js", "", "worker", "text/javascript; charset=utf-8", "", forever, ""},
		{"/client/stepwire-89abcdef.wasm", "", "\x00asm....", "application/wasm", "", forever, "Accept-Encoding"},
		{"/client/stepwire-89abcdef.wasm", "br", "br", "application/wasm", "br", forever, "Accept-Encoding"},
		{"/client/stepwire-89abcdef.wasm", "gzip", "\x00asm....", "application/wasm", "", forever, "Accept-Encoding"},
		{"/lonely.br", "", "a file of its own", "application/octet-stream", "", check, ""},
		{"/my-component.js", "", "not hashed", "text/javascript; charset=utf-8", "", check, ""},
	}
	for _, test := range tests {
		for _, method := range []string{"GET", "HEAD"} {
			r := serve(t, h, method, test.path, "Accept-Encoding", test.accept)
			want := test.body
			if method == "HEAD" {
				want = ""
			}
			if got := body(t, r); r.StatusCode != 200 || got != want {
				t.Errorf("%s %s for %q: %d %q, want %q", method, test.path, test.accept, r.StatusCode, got, want)
			}
			if r.ContentLength != int64(len(test.body)) {
				t.Errorf("%s %s: Content-Length %d, want %d", method, test.path, r.ContentLength, len(test.body))
			}
			for name, want := range map[string]string{
				"Content-Type": test.kind, "Content-Encoding": test.coding, "Cache-Control": test.cache, "Vary": test.vary,
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s %s for %q: %s is %q, want %q", method, test.path, test.accept, name, got, want)
				}
			}
		}
	}
}

func TestNoFile(t *testing.T) {
	h := newSite(t, built)
	for _, path := range []string{"/nothing", "/client/", "/client", "/assets/", "/index.html.br", "/index.html.gz",
		"/PLACEHOLDER.md", "/.hidden", "/../go.mod", "//index.html", "/client/../index.html"} {
		if r := serve(t, h, "GET", path); r.StatusCode != 404 || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %q %q", path, r.StatusCode, r.Header.Get("Cache-Control"), body(t, r))
		}
	}
	r := serve(t, h, "POST", "/")
	if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
}

func TestEntityTags(t *testing.T) {
	h := newSite(t, built)
	tags := map[string]string{}
	for _, coding := range []string{"identity", "br", "gzip"} {
		tag := serve(t, h, "GET", "/", "Accept-Encoding", coding).Header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) || len(tag) != 26 {
			t.Errorf("%s: the tag is %s", coding, tag)
		}
		if other := tags[tag]; other != "" {
			t.Errorf("%s and %s share the tag %s", coding, other, tag)
		}
		tags[tag] = coding
		for match, want := range map[string]int{
			tag: 304, "W/" + tag: 304, "*": 304, `"x", ` + tag: 304, `"a,b",W/"c" , ` + tag: 304,
			`"x"`: 200, "": 200, strings.Trim(tag, `"`): 200, tag[:len(tag)-1]: 200, `"x" ` + tag[1:]: 200,
		} {
			r := serve(t, h, "GET", "/", "Accept-Encoding", coding, "If-None-Match", match)
			if r.StatusCode != want {
				t.Errorf("%s, If-None-Match %s: %d, want %d", coding, match, r.StatusCode, want)
			}
			if r.StatusCode == 304 && (body(t, r) != "" || r.Header.Get("ETag") != tag ||
				r.Header.Get("Cache-Control") != "no-cache" || r.Header.Get("Vary") != "Accept-Encoding") {
				t.Errorf("304 with %v", r.Header)
			}
		}
	}
	if r := serve(t, h, "GET", "/", "If-None-Match", `"a"`, "If-None-Match", "*"); r.StatusCode != 304 {
		t.Errorf("a tag on a second line: %d", r.StatusCode)
	}
}

func TestNotAcceptable(t *testing.T) {
	h := newSite(t, built)
	r := serve(t, h, "GET", "/", "Accept-Encoding", "identity;q=0, zstd")
	if r.StatusCode != 406 || r.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%d, Vary %q", r.StatusCode, r.Header.Get("Vary"))
	}
}

func TestProtection(t *testing.T) {
	h := newSite(t, built)
	for path, resource := range map[string]string{"/": "same-origin", "/missing": "same-origin", "/client/index.js": "cross-origin"} {
		r := serve(t, h, "GET", path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; " +
				"img-src 'self' data: blob:; connect-src 'self' ws: wss:; worker-src 'self'; frame-src 'self'; " +
				"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp",
			"Cross-Origin-Resource-Policy": resource,
			"Access-Control-Allow-Origin":  map[string]string{"cross-origin": "*"}[resource],
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is\n%q, want\n%q", path, name, got, want)
			}
		}
	}
}

// TestHostileHost checks that a Host header cannot add to the policy.
func TestHostileHost(t *testing.T) {
	h := newSite(t, built)
	for _, host := range []string{"example.org", "x; script-src *", "x\r\ny", "*"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Security-Policy"); got == "" || got != serve(t, h, "GET", "/").Header.Get("Content-Security-Policy") {
			t.Errorf("host %q: %q", host, got)
		}
	}
}

func TestFraming(t *testing.T) {
	h, err := New(built, Options{FrameAncestors: []string{"'self'", "https://example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := serve(t, h, "GET", "/").Header.Get("Content-Security-Policy"); !strings.Contains(got, "; frame-ancestors 'self' https://example.org;") {
		t.Error(got)
	}
	for _, bad := range []string{"", "a b", "*; script-src *", "a,b"} {
		if _, err := New(built, Options{FrameAncestors: []string{bad}}); err == nil || !strings.Contains(err.Error(), "frame ancestor") {
			t.Errorf("the source %q gives %v", bad, err)
		}
	}
}

// TestEmbedding checks that any site may frame the page in the one spelling
// that the page itself takes for its embedded mode, and nothing else.
func TestEmbedding(t *testing.T) {
	h := newSite(t, built)
	for path, framed := range map[string]bool{
		"/?embed": true, "/?embed&src=a.json": true, "/index.html?embed": true,
		"/": false, "/?": false, "/?embed=1": false, "/?x&embed": false, "/?embedded": false, "/?embed;x": false, "/?%65mbed": false,
		"/client/index.js?embed": false, "/missing?embed": false,
	} {
		header := serve(t, h, "GET", path).Header
		want, resource := "frame-ancestors 'none';", "same-origin"
		if framed {
			want = "frame-ancestors *;"
		}
		if framed || strings.HasPrefix(path, "/client/") {
			resource = "cross-origin"
		}
		if got := header.Get("Content-Security-Policy"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
		if got := header.Get("Cross-Origin-Resource-Policy"); got != resource {
			t.Errorf("%s: Cross-Origin-Resource-Policy is %q, want %q", path, got, resource)
		}
	}
}

// TestRetiredWorker checks that a browser with a worker of an earlier build gets
// one that removes itself, rather than an error that keeps the old one.
func TestRetiredWorker(t *testing.T) {
	r := serve(t, newSite(t, built), "GET", "/service-worker.js")
	if text := body(t, r); r.StatusCode != 200 || !strings.Contains(text, "registration.unregister()") {
		t.Errorf("%d %q", r.StatusCode, text)
	}
	if r.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || r.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%v", r.Header)
	}
	r = serve(t, newSite(t, tree(map[string]string{"index.html": "", "service-worker.js": "mine"})), "GET", "/service-worker.js")
	if text := body(t, r); text != "mine" || r.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%q, %v", text, r.Header)
	}
}

func TestNotBuilt(t *testing.T) {
	h := newSite(t, tree(map[string]string{"PLACEHOLDER.md": "a note"}))
	for _, path := range []string{"/", "/client/index.js"} {
		r := serve(t, h, "GET", path)
		if want := map[string]int{"/": 503}[path]; r.StatusCode != max(want, 404) {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
		if text := body(t, r); !strings.Contains(text, "make run") {
			t.Errorf("%s does not say what to do: %q", path, text)
		}
	}
	if r := serve(t, h, "HEAD", "/"); r.StatusCode != 503 || body(t, r) != "" {
		t.Errorf("HEAD: %d", r.StatusCode)
	}
}

func TestUnreadableTree(t *testing.T) {
	_, err := New(brokenFS{built}, Options{})
	if err == nil || !strings.Contains(err.Error(), "cannot read the built files") {
		t.Errorf("New gives %v", err)
	}
}

// brokenFS lists files and cannot open them.
type brokenFS struct{ fs.FS }

func (b brokenFS) Open(name string) (fs.File, error) {
	if strings.Contains(name, ".") && name != "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return b.FS.Open(name)
}
