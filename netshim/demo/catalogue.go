package demo

//go:generate go run ./gencatalogue ../../web/src/texts/demos.json

// Demo is one request worth making, and what its response shows.
type Demo struct {
	ID      string      `json:"id"`    // stable, for links
	Group   string      `json:"group"` // "framing", "status", "headers", "connection", "body" or "faulty"
	Title   string      `json:"title"`
	Method  string      `json:"method"`
	Target  string      `json:"target"`
	Headers [][2]string `json:"headers"` // name and value, in the order to send; never nil
	Body    string      `json:"body,omitempty"`
	Shows   string      `json:"shows"` // one or two sentences of plain text
}

// Listing is the document /demo.json: an origin and what it has.
type Listing struct {
	Origin string  `json:"origin"` // "host:port", as a client must dial it
	Secure *Secure `json:"secure,omitempty"`
	Demos  []Demo  `json:"demos"`
}

// Secure is where the same demos are over TLS.
type Secure struct {
	Origin string `json:"origin"` // "host:port"
	// CA is the PEM text of the authority to trust for this origin and nothing
	// else; each start makes its own.
	CA string `json:"ca"`
}

// NewListing lists the demos of a server, and where they are over TLS; either
// may be nil.
func NewListing(plain, secure *Server) Listing {
	l := Listing{Demos: []Demo{}}
	if plain != nil {
		l.Origin, l.Demos = plain.Addr(), Catalogue()
	}
	if secure != nil {
		l.Secure = &Secure{Origin: secure.Addr(), CA: secure.Authority()}
	}
	return l
}

// Catalogue is every demo, grouped, simple ones first. What "shows" says of
// exceptions is http.client's behaviour.
func Catalogue() []Demo {
	demos := []Demo{
		{ID: "fixed", Group: "framing", Title: "Fixed length", Method: "GET", Target: "/fixed",
			Shows: "Content-Length says where the body ends, so the connection can stay open."},
		{ID: "chunked", Group: "framing", Title: "Chunks, extensions and trailers", Method: "GET", Target: "/chunked",
			Shows: "Each chunk carries its own size. http.client reads past the chunk extensions and throws the trailers away; the bytes show both."},
		{ID: "close-delimited", Group: "framing", Title: "Until close", Method: "GET", Target: "/close-delimited",
			Shows: "Neither length nor chunks: the body ends when the server closes, so a cut is hard to tell from the end."},
		{ID: "head", Group: "framing", Title: "HEAD", Method: "HEAD", Target: "/fixed",
			Shows: "The Content-Length of the body that GET would get, and no body."},
		{ID: "no-content", Group: "framing", Title: "204 No Content", Method: "DELETE", Target: "/no-content",
			Shows: "A status that never has a body: the blank line ends the response, with no Content-Length."},

		{ID: "etag", Group: "status", Title: "An entity tag", Method: "GET", Target: "/etag",
			Shows: "The response names its version: ETag \"v1\"."},
		{ID: "not-modified", Group: "status", Title: "304 Not Modified", Method: "GET", Target: "/etag",
			Headers: [][2]string{{"If-None-Match", `"v1"`}},
			Shows:   "The client names the version it has; the server answers 304 with no body."},
		{ID: "redirect", Group: "status", Title: "Redirect", Method: "GET", Target: "/redirect",
			Shows: "302 with a Location. http.client does not follow it: the next request is the caller's to make."},
		{ID: "continue", Group: "status", Title: "100 Continue", Method: "POST", Target: "/continue",
			Headers: [][2]string{{"Expect", "100-continue"}, {"Content-Type", "text/plain"}},
			Body:    "Sent without waiting for 100",
			Shows:   "The server answers 100 once it has the head. http.client skips it, and does not wait for it before the body. Send the body as a step of its own to see 100 arrive first."},
		{ID: "refuse-body", Group: "status", Title: "A body refused", Method: "POST", Target: "/refuse-body",
			Headers: [][2]string{{"Expect", "100-continue"}, {"Content-Type", "text/plain"}},
			Body:    "Nobody reads this",
			Shows:   "The server refuses from the head alone with 413 and closes: what Expect: 100-continue is for."},
		{ID: "early-hints", Group: "status", Title: "103 Early Hints", Method: "GET", Target: "/early-hints",
			Shows: "103 with two Link fields comes before 200. http.client skips 100 only: it takes 103 for the final response, with an empty body, and the 200 is lost with its buffer or, where it comes later, answers the next request."},

		{ID: "duplicates", Group: "headers", Title: "Duplicate names", Method: "GET", Target: "/duplicates",
			Shows: "One field three times in three spellings, with others between: order and case are kept, and getheader joins the values with commas."},
		{ID: "cookies", Group: "headers", Title: "Cookies", Method: "GET", Target: "/cookies",
			Shows: "Three Set-Cookie fields, the one kind that must not be joined: an Expires date has a comma in it."},
		{ID: "odd-headers", Group: "headers", Title: "Odd but allowed", Method: "GET", Target: "/odd-headers",
			Shows: "No space after a colon, spaces and tabs around a value, an empty value, colons inside one, and a byte above 127 that http.client reads as ISO-8859-1."},
		{ID: "obs-fold", Group: "headers", Title: "A folded value", Method: "GET", Target: "/obs-fold",
			Shows: "One value over three lines, the obsolete folding of RFC 9112 §5.2. http.client keeps the line ends inside the value."},

		{ID: "keep-alive", Group: "connection", Title: "Keep-alive", Method: "GET", Target: "/keep-alive",
			Shows: "The body counts the requests on this connection. Send a second one without closing."},
		{ID: "connection-close", Group: "connection", Title: "Connection: close", Method: "GET", Target: "/keep-alive",
			Headers: [][2]string{{"Connection", "close"}},
			Shows:   "The client asks for the connection to end: the server closes after the response."},
		{ID: "http10", Group: "connection", Title: "HTTP/1.0", Method: "GET", Target: "/http10",
			Shows: "A response of version 1.0: no length, and the connection closes after it."},
		{ID: "drip", Group: "connection", Title: "Slow drip", Method: "GET", Target: "/drip?chunks=8&ms=250",
			Shows: "Eight chunks, a quarter of a second apart: reading waits for each. Up to 1000 chunks, 5000 ms apart."},

		{ID: "echo", Group: "body", Title: "Echo of the raw bytes", Method: "POST", Target: "/echo",
			Headers: [][2]string{{"X-Order", "1"}, {"x-order", "2"}},
			Body:    "Every byte comes back",
			Shows:   "The response body is the request, byte for byte: request line, headers as spelt, blank line, body with its framing."},
		{ID: "post", Group: "body", Title: "POST", Method: "POST", Target: "/post",
			Headers: [][2]string{{"Content-Type", "text/plain"}},
			Body:    "Hello from the page",
			Shows:   "The body comes back with the type it was sent as and without its framing."},
		{ID: "upload", Group: "body", Title: "Upload", Method: "POST", Target: "/upload",
			Headers: [][2]string{{"Content-Type", "application/octet-stream"}},
			Body:    "Any size will do",
			Shows:   "The server counts and hashes a body of any size, and answers with its length and SHA-256."},
		{ID: "gzip", Group: "body", Title: "gzip", Method: "GET", Target: "/gzip",
			Headers: [][2]string{{"Accept-Encoding", "gzip"}},
			Shows:   "Content-Encoding: gzip. http.client hands out the compressed bytes; decoding is the caller's."},
		{ID: "bytes", Group: "body", Title: "Many bytes", Method: "GET", Target: "/bytes?n=1048576",
			Shows: "A body of n bytes, of any size to 1 TiB. The byte at offset i is (i ^ i>>8 ^ i>>16) & 255, so that it can be checked. framing=chunked or framing=close changes how it ends."},

		{ID: "short-body", Group: "faulty", Title: "A short body", Method: "GET", Target: "/faulty/short-body",
			Shows: "100 bytes are announced, 28 come: read raises IncompleteRead with the 28."},
		{ID: "chunk-size", Group: "faulty", Title: "A bad chunk size", Method: "GET", Target: "/faulty/chunk-size",
			Shows: "After a good chunk comes the size xyz: read raises IncompleteRead with the good chunk."},
		{ID: "cut-chunk", Group: "faulty", Title: "A cut chunk", Method: "GET", Target: "/faulty/cut-chunk",
			Shows: "The connection ends inside the second chunk: read raises IncompleteRead with the first chunk, and the part of the second is lost."},
		{ID: "status-line", Group: "faulty", Title: "A bad status line", Method: "GET", Target: "/faulty/status-line",
			Shows: "ICY 200 OK, as old audio servers say: getresponse raises BadStatusLine."},
		{ID: "status-code", Group: "faulty", Title: "A bad status code", Method: "GET", Target: "/faulty/status-code",
			Shows: "2OO with two letters O: getresponse raises BadStatusLine."},
		{ID: "no-response", Group: "faulty", Title: "No response", Method: "GET", Target: "/faulty/no-response",
			Shows: "The server closes without a byte: getresponse raises RemoteDisconnected."},
		{ID: "cut-head", Group: "faulty", Title: "A cut head", Method: "GET", Target: "/faulty/cut-head",
			Shows: "The connection ends inside a header name. http.client takes the head as complete."},
		{ID: "no-colon", Group: "faulty", Title: "A header without a colon", Method: "GET", Target: "/faulty/no-colon",
			Shows: "A line with no colon: http.client ends the headers there and drops what follows, Content-Length included, so the body lasts until close."},
		{ID: "two-lengths", Group: "faulty", Title: "Two lengths", Method: "GET", Target: "/faulty/two-lengths",
			Shows: "Content-Length 5 and then 10: http.client believes the first. Two readers that disagree here can be made to see different messages."},
		{ID: "bare-lf", Group: "faulty", Title: "LF alone", Method: "GET", Target: "/faulty/bare-lf",
			Shows: "Lines end in LF without CR. http.client takes them."},
		{ID: "long-line", Group: "faulty", Title: "A long header line", Method: "GET", Target: "/faulty/long-line",
			Shows: "A header line of 70,010 bytes: getresponse raises LineTooLong beyond 65,536."},
		{ID: "header-flood", Group: "faulty", Title: "Header flood", Method: "GET", Target: "/faulty/header-flood",
			Shows: "152 header lines: getresponse raises HTTPException beyond 100."},
		{ID: "reset", Group: "faulty", Title: "Reset inside the body", Method: "GET", Target: "/faulty/reset",
			Shows: "Part of the body, then a TCP reset: read raises ConnectionResetError."},
		{ID: "silent", Group: "faulty", Title: "Silence", Method: "GET", Target: "/faulty/silent",
			Shows: "The server takes the request and never answers: with a timeout set, getresponse raises TimeoutError."},
	}
	for i := range demos {
		if demos[i].Headers == nil {
			demos[i].Headers = [][2]string{}
		}
	}
	return demos
}
