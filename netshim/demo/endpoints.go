package demo

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// endpoint answers the requests for one path.
type endpoint struct {
	methods    []string
	anyRequest bool // any method, and malformed requests too
	serve      func(*exchange)
}

var (
	reads = []string{"GET", "HEAD"}
	posts = []string{"POST", "PUT", "PATCH"}
)

// endpoints by path. Faulty ones are in faulty.go.
var endpoints map[string]*endpoint

func init() {
	endpoints = map[string]*endpoint{
		"/":                {methods: reads, serve: index},
		"/fixed":           {methods: reads, serve: always(plain("200 OK", "", fixedBody))},
		"/chunked":         {methods: reads, serve: chunked},
		"/close-delimited": {methods: reads, serve: closeDelimited},
		"/no-content":      {methods: []string{"GET", "HEAD", "DELETE", "POST", "PUT"}, serve: always(noContent)},
		"/etag":            {methods: reads, serve: etag},
		"/redirect":        {methods: reads, serve: redirect},
		"/continue":        {methods: posts, serve: postEcho},
		"/refuse-body":     {methods: posts, serve: refuseBody},
		"/early-hints":     {methods: reads, serve: earlyHints},
		"/gzip":            {methods: reads, serve: always(gzipResponse())},
		"/cookies":         {methods: reads, serve: always(cookies)},
		"/duplicates":      {methods: reads, serve: always(duplicates)},
		"/odd-headers":     {methods: reads, serve: always(oddHeaders)},
		"/obs-fold":        {methods: reads, serve: always(obsFold)},
		"/keep-alive":      {methods: reads, serve: keepAlive},
		"/http10":          {methods: reads, serve: http10},
		"/drip":            {methods: []string{"GET"}, serve: dripEndpoint},
		"/bytes":           {methods: reads, serve: bytesEndpoint},
		"/echo":            {anyRequest: true, serve: (*exchange).echo},
		"/post":            {methods: posts, serve: postEcho},
		"/upload":          {methods: posts, serve: uploadEndpoint},
	}
	for path, bytes := range faulty {
		endpoints[path] = &endpoint{methods: []string{"GET"}, serve: bytes}
	}
}

// always answers with the same bytes each time.
func always(response string) func(*exchange) {
	head := headOnly(response)
	return func(x *exchange) {
		if x.req.method == "HEAD" {
			x.send(head)
			return
		}
		x.send(response)
	}
}

const fixedBody = "These 47 bytes were announced by their length.\n"

const noContent = "HTTP/1.1 204 No Content\r\n" +
	"Cache-Control: no-store\r\n" +
	"\r\n"

const cookies = "HTTP/1.1 200 OK\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n" +
	"Set-Cookie: session=31d4d96e407aad42; Path=/; HttpOnly; SameSite=Lax\r\n" +
	"Set-Cookie: theme=dark; Max-Age=31536000\r\n" +
	"Set-Cookie: lang=en; Expires=Thu, 31 Dec 2037 23:55:55 GMT\r\n" +
	"Content-Length: 14\r\n" +
	"\r\n" +
	"Three cookies\n"

const duplicates = "HTTP/1.1 200 OK\r\n" +
	"X-Colour: red\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n" +
	"x-colour: green\r\n" +
	"Content-Length: 20\r\n" +
	"X-COLOUR: blue\r\n" +
	"\r\n" +
	"Red, green and blue\n"

const oddHeaders = "HTTP/1.1 200 OK\r\n" +
	"Content-Type:text/plain; charset=utf-8\r\n" +
	"X-Spaced: \t around \t \r\n" +
	"X-Empty:\r\n" +
	"X-Colons: a:b: c\r\n" +
	"X-Latin-1: caf\xe9\r\n" +
	"Content-Length: 12\r\n" +
	"\r\n" +
	"Odd but fit\n"

const obsFold = "HTTP/1.1 200 OK\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n" +
	"X-Folded: one value\r\n" +
	"\tover three\r\n" +
	"  lines\r\n" +
	"Content-Length: 7\r\n" +
	"\r\n" +
	"Folded\n"

func gzipResponse() string {
	var body bytes.Buffer
	w, _ := gzip.NewWriterLevel(&body, gzip.BestCompression) // the level is a valid one
	w.Write([]byte(gzipText))
	w.Close()
	return "HTTP/1.1 200 OK\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n" +
		"Content-Encoding: gzip\r\n" +
		"Content-Length: " + strconv.Itoa(body.Len()) + "\r\n\r\n" + body.String()
}

var gzipText = strings.Repeat("The same line again and again compresses well.\n", 40)

func index(x *exchange) {
	var body strings.Builder
	body.WriteString("This origin shows one thing at each path:\n\n")
	paths := make([]string, 0, len(endpoints))
	for path := range endpoints {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		methods := strings.Join(endpoints[path].methods, " ")
		if endpoints[path].anyRequest {
			methods = "any method"
		}
		fmt.Fprintf(&body, "%-22s %s\n", path, methods)
	}
	always(plain("200 OK", "", body.String()))(x)
}

// chunked sends three chunks with extensions (RFC 9112 §7.1.1), then trailers.
func chunked(x *exchange) {
	parts := [3]string{"First chunk.\n", "A second, longer chunk.\n", "Third.\n"}
	content := strings.Join(parts[:], "")
	head := "HTTP/1.1 200 OK\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n"
	if x.req.http10 { // which has no chunks (RFC 9112 §7.1)
		always(head + "Connection: close\r\n\r\n" + content)(x)
		x.after = hangUp
		return
	}
	always(head +
		"Transfer-Encoding: chunked\r\n" +
		"Trailer: Repr-Digest, X-Parts\r\n" +
		"\r\n" +
		chunk("", parts[0]) +
		chunk(";part=2", parts[1]) +
		chunk(";part=3;note=\"the last; with data\"", parts[2]) +
		"0;end\r\n" +
		"Repr-Digest: " + reprDigest(content) + "\r\n" +
		"X-Parts: 3\r\n" +
		"\r\n")(x)
}

func closeDelimited(x *exchange) {
	always("HTTP/1.1 200 OK\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n" +
		"Connection: close\r\n" +
		"\r\n" +
		"No length, no chunks: the end of the connection ends this body.\n")(x)
	x.after = hangUp
}

func etag(x *exchange) {
	const validator = "ETag: \"v1\"\r\nCache-Control: no-cache\r\n"
	for _, tag := range x.req.values("If-None-Match") {
		if tag == "*" || strings.TrimPrefix(tag, "W/") == `"v1"` { // weak comparison, RFC 9110 §13.1.2
			x.send("HTTP/1.1 304 Not Modified\r\n" + validator + "\r\n")
			return
		}
	}
	always(plain("200 OK", validator, "Version 1 of this text\n"))(x)
}

func redirect(x *exchange) {
	always(plain("302 Found", "Location: /fixed\r\n", "See /fixed\n"))(x)
}

// refuseBody answers from the head alone, before any body and without 100.
func refuseBody(x *exchange) {
	x.after = hangUp
	x.send(plain("413 Content Too Large", "Connection: close\r\n", "No body is small enough for this endpoint.\n"))
}

func earlyHints(x *exchange) {
	hints := "HTTP/1.1 103 Early Hints\r\n" +
		"Link: </style.css>; rel=preload; as=style\r\n" +
		"Link: </script.js>; rel=preload; as=script\r\n" +
		"\r\n"
	if x.req.http10 { // which has no interim responses (RFC 9110 §15.2)
		hints = ""
	}
	final := plain("200 OK", "Link: </style.css>; rel=preload; as=style\r\n", "The final response\n")
	if x.req.method == "HEAD" {
		final = headOnly(final)
	}
	x.send(hints + final)
}

func keepAlive(x *exchange) {
	persistence := "Connection: keep-alive\r\nKeep-Alive: timeout=300\r\n"
	if x.req.closing {
		persistence = "Connection: close\r\n"
	}
	always(plain("200 OK", persistence,
		fmt.Sprintf("Request %d on this connection\n", x.conn.served)))(x)
}

// http10 answers as a server of 1996 would: the version, no length, a close.
func http10(x *exchange) {
	always("HTTP/1.0 200 OK\r\n" +
		"Content-Type: text/plain\r\n" +
		"\r\n" +
		"HTTP/1.0 ends each body by closing.\n")(x)
	x.after = hangUp
}

// postEcho returns the request's content, without its framing.
func postEcho(x *exchange) {
	body, ok := x.readBody()
	if !ok {
		return
	}
	kind := x.req.get("Content-Type")
	if kind == "" {
		kind = "application/octet-stream"
	}
	x.send("HTTP/1.1 200 OK\r\n" +
		"Content-Type: " + kind + "\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + string(body))
}
