// Package site serves the built page and client module from a file tree.
//
// Files may have precompressed siblings, name.br and name.gz, which are never
// addressed themselves: the client's Accept-Encoding chooses among them.
// The tree is read once, when the handler is made, to learn the names and
// compute the entity tags; contents are read again on each request, from the
// executable itself when the tree is embedded.
package site

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Options of [New]; the zero value is the strictest.
type Options struct {
	// FrameAncestors are the sources that may embed the page in a frame, as in
	// the Content-Security-Policy directive: "'self'", "https://example.org",
	// "*". Empty: none may.
	FrameAncestors []string
}

// representation is one encoding of a file.
type representation struct {
	coding string // "", "br" or "gzip"
	name   string // in the tree
	size   int64
	etag   string
}

// file is one addressable file.
type file struct {
	contentType     string
	immutable       bool
	representations []representation // preferred first; the last is the file itself
}

type handler struct {
	tree    fs.FS
	files   map[string]file // by URL path
	options Options
	archive http.Handler // of all files; nil before a build
}

// New makes the handler of a built tree. A tree without index.html is answered
// with a page that says how to build it. It fails when a file cannot be read or
// an option is malformed.
func New(tree fs.FS, options Options) (http.Handler, error) {
	for _, source := range options.FrameAncestors {
		if source == "" || strings.ContainsAny(source, "; ,\t\r\n") {
			return nil, fmt.Errorf("site: the frame ancestor %q is not one source of a Content-Security-Policy, such as https://example.org", source)
		}
	}
	h := &handler{tree: tree, files: map[string]file{}, options: options}
	err := Files(tree, func(name string) error {
		f, err := h.load(name)
		if err != nil {
			return err
		}
		h.files["/"+name] = f
		if path.Base(name) == "index.html" {
			h.files["/"+strings.TrimSuffix(name, "index.html")] = f
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("site: cannot read the built files: %w", err)
	}
	if _, built := h.files["/"]; built {
		h.archive = &archived{tree: tree}
	}
	return h, nil
}

func (h *handler) load(name string) (file, error) {
	f := file{contentType: contentType(name), immutable: immutable(name)}
	for _, kind := range []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}} {
		r := representation{coding: kind.coding, name: name + kind.suffix}
		opened, err := h.tree.Open(r.name)
		if err != nil {
			if kind.coding != "" {
				continue // not precompressed
			}
			return f, err
		}
		digest := sha256.New()
		r.size, err = io.Copy(digest, opened)
		opened.Close()
		if err != nil {
			return f, err
		}
		// Strong, and of this representation's own bytes (RFC 9110 §8.8.3.3).
		r.etag = `"` + base64.RawURLEncoding.EncodeToString(digest.Sum(nil)[:18]) + `"`
		f.representations = append(f.representations, r)
	}
	return f, nil
}

// types that must not depend on the machine's MIME tables. Browsers compile
// WebAssembly while it streams only as application/wasm, and refuse module
// scripts of any type but JavaScript.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".html":  "text/html; charset=utf-8",
	".ico":   "image/x-icon",
	".js":    "text/javascript; charset=utf-8",
	".json":  "application/json",
	".map":   "application/json",
	".md":    "text/markdown; charset=utf-8",
	".mjs":   "text/javascript; charset=utf-8",
	".png":   "image/png",
	".svg":   "image/svg+xml",
	".ts":    "text/plain; charset=utf-8", // declarations, for reading; else video/mp2t
	".txt":   "text/plain; charset=utf-8",
	".wasm":  "application/wasm",
	".webp":  "image/webp",
	".woff2": "font/woff2",

	".webmanifest": "application/manifest+json",
}

func contentType(name string) string {
	ext := path.Ext(name)
	if known := types[ext]; known != "" {
		return known
	}
	if guess := mime.TypeByExtension(ext); guess != "" {
		return guess
	}
	return "application/octet-stream"
}

// A name holds a hash of its file's content when the bundler put it into
// assets/, or when a part of at least eight hexadecimal digits comes before
// the extension: stepwire-0a1b2c3d.wasm.
var hashed = regexp.MustCompile(`(^|/)assets/[^/]+-[A-Za-z0-9_-]{8,}\.[^/]+$|[-.][0-9a-f]{8,64}\.[^/]+$`)

func immutable(name string) bool { return hashed.MatchString(name) }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	h.protect(header, r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		plain(w, r, http.StatusMethodNotAllowed, "Only GET and HEAD are understood here.\n")
		return
	}
	f, ok := h.files[r.URL.Path]
	if !ok && r.URL.Path == "/service-worker.js" {
		header.Set("Cache-Control", "no-cache")
		answer(w, r, http.StatusOK, "text/javascript; charset=utf-8", retired)
		return
	}
	if !ok && r.URL.Path == "/stepwire.zip" && h.archive != nil {
		h.archive.ServeHTTP(w, r)
		return
	}
	if !ok {
		h.missing(w, r)
		return
	}

	header.Set("Cache-Control", "no-cache")
	if f.immutable {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	codings := make([]string, len(f.representations))
	for i := range f.representations {
		codings[i] = f.representations[i].coding
	}
	if len(codings) > 1 {
		header.Set("Vary", "Accept-Encoding")
	}
	coding, ok := negotiate(r.Header.Values("Accept-Encoding"), codings)
	if !ok {
		plain(w, r, http.StatusNotAcceptable, "None of this file's encodings is acceptable: identity, br, gzip.\n")
		return
	}
	chosen := f.representations[slices.Index(codings, coding)]

	header.Set("ETag", chosen.etag)
	if matches(r.Header.Values("If-None-Match"), chosen.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content, err := h.tree.Open(chosen.name)
	if err != nil {
		header.Del("ETag")
		header.Set("Cache-Control", "no-store")
		plain(w, r, http.StatusInternalServerError, "The file has become unreadable.\n")
		return
	}
	defer content.Close()
	header.Set("Content-Type", f.contentType)
	header.Set("Content-Length", strconv.FormatInt(chosen.size, 10))
	if coding != "" {
		header.Set("Content-Encoding", coding)
	}
	if r.Method == http.MethodGet {
		io.Copy(w, content) // an error is the client's going away, or shows to it as a short body
	}
}

// matches applies If-None-Match (RFC 9110 §13.1.2) with weak comparison. An
// entity tag may hold commas, so that the list is read tag by tag.
func matches(lines []string, etag string) bool {
	list := strings.Join(lines, ",")
	for {
		list = strings.TrimLeft(list, " \t,")
		if strings.HasPrefix(list, "*") {
			return true
		}
		tag := strings.TrimPrefix(list, "W/")
		if !strings.HasPrefix(tag, `"`) {
			return false
		}
		end := strings.IndexByte(tag[1:], '"')
		if end < 0 {
			return false
		}
		if tag[:end+2] == etag {
			return true
		}
		list = tag[end+2:]
	}
}

// retired answers for a service worker that the tree does not have.
//
//go:embed retired.js
var retired string

func plain(w http.ResponseWriter, r *http.Request, status int, text string) {
	answer(w, r, status, "text/plain; charset=utf-8", text)
}

func answer(w http.ResponseWriter, r *http.Request, status int, contentType, text string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		io.WriteString(w, text)
	}
}

// missing answers a path that is no file.
func (h *handler) missing(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if _, built := h.files["/"]; built {
		plain(w, r, http.StatusNotFound, "There is no such file.\n")
		return
	}
	if r.URL.Path != "/" {
		plain(w, r, http.StatusNotFound, "The page is not built into this server. Build and start it with: make run\n")
		return
	}
	answer(w, r, http.StatusServiceUnavailable, "text/html; charset=utf-8", notBuilt)
}

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Stepwire: not built yet</title>
<h1>The page is not built yet</h1>
<p>This server was compiled without the page and the client module. In the source tree, run</p>
<pre>make run</pre>
<p>which builds both and starts the server with them inside. The relay of this server works all the same.</p>
</html>
`
