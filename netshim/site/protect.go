package site

import (
	"net/http"
	"regexp"
	"strings"
)

// hostPattern is a host and optional port that can stand in a
// Content-Security-Policy without ending the directive.
var hostPattern = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// protect sets the headers that bound what the page can do and who can use it.
func (h *handler) protect(header http.Header, r *http.Request) {
	// 'self' does not cover WebSockets in every browser, so that the page's own
	// host is named with their schemes.
	connect := "'self'"
	if hostPattern.MatchString(r.Host) {
		connect += " ws://" + r.Host + " wss://" + r.Host
	}
	ancestors := "'none'"
	if len(h.options.FrameAncestors) > 0 {
		ancestors = strings.Join(h.options.FrameAncestors, " ")
	}
	header.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		"font-src 'self'",
		"img-src 'self' data: blob:",
		"connect-src " + connect,
		"worker-src 'self'",
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
	if strings.HasPrefix(r.URL.Path, "/client/") {
		// For pages of any origin to import.
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		header.Set("Access-Control-Allow-Origin", "*")
	} else {
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
}
