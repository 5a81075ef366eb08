package site

import (
	"net/http"
	"strings"
)

// protect sets the headers that bound what the page can do and who can use it.
func (h *handler) protect(header http.Header, r *http.Request) {
	ancestors := "'none'"
	if len(h.options.FrameAncestors) > 0 {
		ancestors = strings.Join(h.options.FrameAncestors, " ")
	}
	if embedded(r) {
		ancestors = "*"
	}
	header.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		"font-src 'self'",
		"img-src 'self' data: blob:",
		"connect-src 'self' ws: wss:", // a person may name another relay
		"worker-src 'self'",
		"frame-src 'self'", // the examples frame the page
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors " + ancestors,
		"require-trusted-types-for 'script'",
	}, "; "))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	// Isolated from other origins: the timestamps of the event log are as fine
	// as the browser has them, and no other page can reach into this one.
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Embedder-Policy", "require-corp")
	if forOthers(r) {
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		header.Set("Access-Control-Allow-Origin", "*")
	} else {
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
}

// embedded tells whether the page is asked for as one that any site may frame.
// There a click can be stolen: a site may lay the page, unseen, under a button
// of its own. So the page that may be framed has nothing worth stealing: it
// loads no client, opens no connection and only shows what was recorded. The
// page decides by this very query string, and takes more spellings for it than
// these, so that what can be framed never is the page that sends.
func embedded(r *http.Request) bool {
	page := r.URL.Path == "/" || r.URL.Path == "/index.html"
	return page && (r.URL.RawQuery == "embed" || strings.HasPrefix(r.URL.RawQuery, "embed&"))
}

// forOthers tells whether pages of any origin may use the file: import the
// client and the player, and frame the embedded page where they are isolated
// themselves.
func forOthers(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/client/") || r.URL.Path == "/player.js" || embedded(r)
}
