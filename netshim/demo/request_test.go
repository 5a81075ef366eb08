package demo

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestRefusedRequests(t *testing.T) {
	s := startTest(t, func(l *limits) { l.head, l.body = 2048, 1024 })
	tests := []struct{ name, request, status, text string }{
		{"no such path", "GET /nowhere HTTP/1.1\r\n\r\n", "404 Not Found", `There is no "/nowhere" here. / lists what there is.`},
		{"wrong method", "PUT /fixed HTTP/1.1\r\n\r\n", "405 Method Not Allowed", `/fixed takes GET or HEAD, not "PUT".`},
		{"two spaces", "GET  /fixed HTTP/1.1\r\n\r\n", "400 Bad Request", `one space between: "GET  /fixed HTTP/1.1"`},
		{"no version", "GET /fixed\r\n\r\n", "400 Bad Request", `method, target and version`},
		{"version", "GET /fixed HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported", `not "HTTP/2.0"`},
		{"method", "G@T /fixed HTTP/1.1\r\n\r\n", "400 Bad Request", `"G@T"`},
		{"target", "GET fixed HTTP/1.1\r\n\r\n", "400 Bad Request", `must start with a slash: "fixed"`},
		{"query", "GET /bytes?n=%zz HTTP/1.1\r\n\r\n", "400 Bad Request", `"%zz"`},
		{"number", "GET /bytes?n=many HTTP/1.1\r\n\r\n", "400 Bad Request", `n must be a whole number from 0 to 1099511627776, not "many".`},
		{"negative", "GET /bytes?n=-1 HTTP/1.1\r\n\r\n", "400 Bad Request", `not "-1"`},
		{"framing", "GET /bytes?framing=sideways HTTP/1.1\r\n\r\n", "400 Bad Request", `not "sideways"`},
		{"chunks to 1.0", "GET /bytes?framing=chunked HTTP/1.0\r\n\r\n", "400 Bad Request", `HTTP/1.0 has no chunked framing`},
		{"drip", "GET /drip?ms=5001 HTTP/1.1\r\n\r\n", "400 Bad Request", `ms must be a whole number from 0 to 5000`},
		{"colon", "GET /fixed HTTP/1.1\r\nHost x\r\n\r\n", "400 Bad Request", `no colon: "Host x"`},
		{"name", "GET /fixed HTTP/1.1\r\nHost : x\r\n\r\n", "400 Bad Request", `"Host "`},
		{"fold first", "GET /fixed HTTP/1.1\r\n x\r\n\r\n", "400 Bad Request", `starts with white space`},
		{"length", "POST /post HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", "400 Bad Request", `decimal number of bytes: "+3"`},
		{"lengths", "POST /post HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "400 Bad Request", `disagree: "3, 4"`},
		{"both", "POST /post HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", "400 Bad Request", `both Transfer-Encoding and Content-Length`},
		{"coding", "POST /post HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "400 Bad Request", `not "gzip, chunked"`},
		{"chunk size", "POST /post HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n", "400 Bad Request", `hexadecimal: "0x3"`},
		{"chunk end", "POST /post HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", "400 Bad Request", `not followed by CRLF but by "d"`},
		{"chunk line", "POST /post HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;" + strings.Repeat("x", 3000) + "\r\n", "400 Bad Request", `longer than 2048 bytes`},
		{"trailers", "POST /post HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("A: b\r\n", 600) + "\r\n", "400 Bad Request", `trailers are longer than 2048 bytes`},
		{"head size", "GET /fixed HTTP/1.1\r\nX: " + strings.Repeat("x", 3000) + "\r\n\r\n", "431 Request Header Fields Too Large", `longer than 2048 bytes`},
		{"blank lines", strings.Repeat("\r\n", 20), "400 Bad Request", `empty lines`},
		{"body size", "POST /post HTTP/1.1\r\nContent-Length: 1025\r\n\r\n" + strings.Repeat("x", 1025), "413 Content Too Large", `up to 1024 bytes`},
		{"echo size", "POST /echo HTTP/1.1\r\nContent-Length: 1020\r\n\r\n" + strings.Repeat("x", 1020), "413 Content Too Large", `up to 1024 bytes`},
		{"echo framing", "POST /echo HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\nabc", "400 Bad Request", `disagree`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := exchangeRaw(t, s, test.request)
			if err != nil || !strings.HasPrefix(got, "HTTP/1.1 "+test.status+"\r\n") || !strings.Contains(got, test.text) {
				t.Errorf("got %q, %v; want %s saying %q", got, err, test.status, test.text)
			}
			if strings.Count(got, "\r\n\r\n") != 1 {
				t.Errorf("more than one response: %q", got)
			}
		})
	}
}

// TestEchoReturnsWhatWasSent includes requests that only an echo can answer.
func TestEchoReturnsWhatWasSent(t *testing.T) {
	s := startTest(t, nil)
	for name, request := range map[string]string{
		"plain":        "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n",
		"query":        "GET /echo?a=b HTTP/1.1\r\nHost: x\r\n\r\n",
		"absolute":     "GET http://x/echo HTTP/1.1\r\nHost: x\r\n\r\n",
		"own method":   "STEP /echo HTTP/1.1\r\nHost: x\r\n\r\n",
		"case, spaces": "POST /echo HTTP/1.1\r\nhOsT:x\r\nX-A:  b \r\nx-a:\tc\r\nContent-Length: 2\r\n\r\n\x00\xff",
		"folded":       "GET /echo HTTP/1.1\r\nHost: x\r\nX-A: one\r\n\ttwo\r\n\r\n",
		"chunks":       "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n00\r\nX-T: 1\r\n\r\n",
		"LF":           "GET /echo HTTP/1.1\nHost: x\n\n",
		"no colon":     "GET /echo HTTP/1.1\r\nHost: x\r\nwhat is this\r\n\r\n",
		"spaced line":  "GET  /echo HTTP/1.1\r\nHost: x\r\n\r\n",
		"raw bytes":    "GET /echo HTTP/1.1\r\nX-\xe9: \x01\x02\r\n\r\n",
	} {
		got, err := exchangeRaw(t, s, request)
		want := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%s", len(request), request)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestPostDropsTheFraming(t *testing.T) {
	s := startTest(t, nil)
	got, err := exchangeRaw(t, s, "POST /post HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n3 ;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n")
	want := "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 13\r\n\r\nabc0123456789"
	if err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

// readAll parses stream as consecutive requests and describes what it found.
func readAll(stream io.Reader) string {
	const limit = 512
	in := bufio.NewReaderSize(stream, 16)
	var out strings.Builder
	for range 100 {
		raw, err := readHead(in, limit)
		if err != nil {
			fmt.Fprintf(&out, "head: %v\n", err)
			break
		}
		r := parseHead(raw)
		fmt.Fprintf(&out, "%q %q %q %v %v %v %v %v\n", r.method, r.path, r.fields, r.http10, r.closing, r.expects, r.fault, r.query)
		if r.fault != nil {
			break
		}
		var wire bytes.Buffer
		b := newBodyReader(in, r, limit)
		b.record(&wire)
		body, err := io.ReadAll(b)
		fmt.Fprintf(&out, "%q %q %v\n", body, wire.Bytes(), err)
		if err != nil {
			break
		}
	}
	return out.String()
}

// FuzzRequests checks that no stream of requests is read differently when it
// arrives byte by byte, that nothing is accepted in two ways, and that an
// accepted request's raw bytes are a piece of the stream.
func FuzzRequests(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"\r\nGET /bytes?n=1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.1\n\n",
		"POST /post HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /",
		"POST /post HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n",
		"POST /post HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
		"GET http://h/p?q HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\n\r\n",
		"GET /\x00 HTTP/1.1\r\nX\xff: \xfe\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		whole := readAll(bytes.NewReader(stream))
		if sliced := readAll(iotest.OneByteReader(bytes.NewReader(stream))); sliced != whole {
			t.Errorf("read whole:\n%s\nbyte by byte:\n%s", whole, sliced)
		}
		raw, err := readHead(bufio.NewReader(bytes.NewReader(stream)), 1<<16)
		if err != nil {
			return
		}
		if !bytes.Contains(stream, raw) {
			t.Errorf("the head %q is no piece of %q", raw, stream)
		}
		r := parseHead(raw)
		if r.fault == nil && (!isToken(r.method) || r.path == "" || r.length < 0 || r.chunked && r.length != 0) {
			t.Errorf("accepted %+v", r)
		}
	})
}
