package demo

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func startTest(t *testing.T, adjust func(*limits)) *Server {
	t.Helper()
	l := defaultLimits
	l.patience = 20 * time.Second
	if adjust != nil {
		adjust(&l)
	}
	s, err := start(t.Context(), "127.0.0.1:0", l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func dial(t *testing.T, s *Server) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c.(*net.TCPConn)
}

// exchangeRaw sends request, half-closes, and returns all that comes back.
func exchangeRaw(t *testing.T, s *Server, request string) (string, error) {
	t.Helper()
	c := dial(t, s)
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	c.CloseWrite()
	response, err := io.ReadAll(c)
	return string(response), err
}

// asSent is the request http.client makes of a demo.
func asSent(d Demo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: demo.example\r\n", d.Method, d.Target)
	if d.Body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(d.Body))
	}
	for _, h := range d.Headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	return b.String() + "\r\n" + d.Body
}

const okPlain = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"

// exact is what each demo's response must be, to the byte.
var exact = map[string]string{
	"fixed": okPlain + "Content-Length: 47\r\n\r\nThese 47 bytes were announced by their length.\n",
	"chunked": okPlain + "Transfer-Encoding: chunked\r\nTrailer: Repr-Digest, X-Parts\r\n\r\n" +
		"d\r\nFirst chunk.\n\r\n" +
		"18;part=2\r\nA second, longer chunk.\n\r\n" +
		"7;part=3;note=\"the last; with data\"\r\nThird.\n\r\n" +
		"0;end\r\n" +
		"Repr-Digest: sha-256=:KEVs3NFOEC4jh+Aj5AFKo77LsOCozxC4lq0DnT3X6iw=:\r\n" +
		"X-Parts: 3\r\n\r\n",
	"close-delimited": okPlain + "Connection: close\r\n\r\nNo length, no chunks: the end of the connection ends this body.\n",
	"head":            okPlain + "Content-Length: 47\r\n\r\n",
	"no-content":      "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n\r\n",
	"etag":            okPlain + "Content-Length: 23\r\nETag: \"v1\"\r\nCache-Control: no-cache\r\n\r\nVersion 1 of this text\n",
	"not-modified":    "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nCache-Control: no-cache\r\n\r\n",
	"redirect": "HTTP/1.1 302 Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 11\r\n" +
		"Location: /fixed\r\n\r\nSee /fixed\n",
	"continue": "HTTP/1.1 100 Continue\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 28\r\n\r\nSent without waiting for 100",
	"refuse-body": "HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 43\r\n" +
		"Connection: close\r\n\r\nNo body is small enough for this endpoint.\n",
	"early-hints": "HTTP/1.1 103 Early Hints\r\n" +
		"Link: </style.css>; rel=preload; as=style\r\nLink: </script.js>; rel=preload; as=script\r\n\r\n" +
		okPlain + "Content-Length: 19\r\nLink: </style.css>; rel=preload; as=style\r\n\r\nThe final response\n",
	"duplicates": "HTTP/1.1 200 OK\r\nX-Colour: red\r\nContent-Type: text/plain; charset=utf-8\r\nx-colour: green\r\n" +
		"Content-Length: 20\r\nX-COLOUR: blue\r\n\r\nRed, green and blue\n",
	"cookies": okPlain +
		"Set-Cookie: session=31d4d96e407aad42; Path=/; HttpOnly; SameSite=Lax\r\n" +
		"Set-Cookie: theme=dark; Max-Age=31536000\r\n" +
		"Set-Cookie: lang=en; Expires=Thu, 31 Dec 2037 23:55:55 GMT\r\n" +
		"Content-Length: 14\r\n\r\nThree cookies\n",
	"odd-headers": "HTTP/1.1 200 OK\r\nContent-Type:text/plain; charset=utf-8\r\nX-Spaced: \t around \t \r\nX-Empty:\r\n" +
		"X-Colons: a:b: c\r\nX-Latin-1: caf\xe9\r\nContent-Length: 12\r\n\r\nOdd but fit\n",
	"obs-fold":   okPlain + "X-Folded: one value\r\n\tover three\r\n  lines\r\nContent-Length: 7\r\n\r\nFolded\n",
	"keep-alive": okPlain + "Content-Length: 29\r\nConnection: keep-alive\r\nKeep-Alive: timeout=300\r\n\r\nRequest 1 on this connection\n",
	"connection-close": okPlain +
		"Content-Length: 29\r\nConnection: close\r\n\r\nRequest 1 on this connection\n",
	"http10": "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHTTP/1.0 ends each body by closing.\n",
	"drip": okPlain + "Transfer-Encoding: chunked\r\n\r\n" +
		"c\r\ndrop 1 of 8\n\r\nc\r\ndrop 2 of 8\n\r\nc\r\ndrop 3 of 8\n\r\nc\r\ndrop 4 of 8\n\r\n" +
		"c\r\ndrop 5 of 8\n\r\nc\r\ndrop 6 of 8\n\r\nc\r\ndrop 7 of 8\n\r\nc\r\ndrop 8 of 8\n\r\n0\r\n\r\n",
	"echo": "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 108\r\n\r\n" +
		"POST /echo HTTP/1.1\r\nHost: demo.example\r\nContent-Length: 21\r\nX-Order: 1\r\nx-order: 2\r\n\r\nEvery byte comes back",
	"post": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n\r\nHello from the page",
	"upload": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 89\r\n\r\n" +
		"{\"bytes\":16,\"sha256\":\"82aa5150cb8630c76d4a4a5fa81ad0593b59d2f82a33221e327c6d578b18cb17\"}\n",

	"short-body":  okPlain + "Content-Length: 100\r\n\r\nOnly these 28 bytes are sent",
	"chunk-size":  okPlain + "Transfer-Encoding: chunked\r\n\r\ne\r\nA good chunk.\n\r\nxyz\r\nThe size above is no number.\n\r\n0\r\n\r\n",
	"cut-chunk":   okPlain + "Transfer-Encoding: chunked\r\n\r\ne\r\nA good chunk.\n\r\n40\r\nThis chunk ends before its 64 bytes",
	"status-line": "ICY 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nOK\n",
	"status-code": "HTTP/1.1 2OO OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nOK\n",
	"no-response": "",
	"cut-head":    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Le",
	"no-colon":    okPlain + "This line has no colon\r\nContent-Length: 3\r\n\r\nOK\n",
	"two-lengths": okPlain + "Content-Length: 5\r\nContent-Length: 10\r\n\r\nFive?Ten?\n",
	"bare-lf":     "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 3\n\nOK\n",
	"long-line":   okPlain + "X-Long: " + strings.Repeat("x", 70000) + "\r\nContent-Length: 3\r\n\r\nOK\n",
	"reset":       okPlain + "Content-Length: 100\r\n\r\nThe connection is reset after this.\n",
	"silent":      "",
}

// computed are the demos whose exact bytes a test below checks by their rule.
var computed = map[string]bool{"gzip": true, "bytes": true, "header-flood": true}

func TestEveryDemoSendsItsExactBytes(t *testing.T) {
	s := startTest(t, nil)
	seen := map[string]bool{}
	for _, d := range Catalogue() {
		if seen[d.ID] {
			t.Errorf("two demos are called %q", d.ID)
		}
		seen[d.ID] = true
		if computed[d.ID] {
			continue
		}
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			want, ok := exact[d.ID]
			if !ok {
				t.Fatal("no exact bytes are recorded for this demo")
			}
			got, err := exchangeRaw(t, s, asSent(d))
			if d.ID == "reset" {
				if !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("ended with %v, want a reset", err)
				}
			} else if err != nil {
				t.Error(err)
			}
			if got != want {
				t.Errorf("sent\n%q\nwant\n%q", got, want)
			}
		})
	}
	for id := range exact {
		if !seen[id] {
			t.Errorf("bytes are recorded for %q, which is no demo", id)
		}
	}
}

func TestGzipDemo(t *testing.T) {
	s := startTest(t, nil)
	got, err := exchangeRaw(t, s, "GET /gzip HTTP/1.1\r\nHost: x\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(got, "\r\n\r\n")
	if want := strings.TrimSuffix(okPlain, "\r\n") + fmt.Sprintf("\r\nContent-Encoding: gzip\r\nContent-Length: %d", len(body)); head != want {
		t.Errorf("head\n%q\nwant\n%q", head, want)
	}
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != strings.Repeat("The same line again and again compresses well.\n", 40) {
		t.Errorf("decoded to %q, %v", text, err)
	}
}

func TestHeaderFloodDemo(t *testing.T) {
	s := startTest(t, nil)
	got, err := exchangeRaw(t, s, "GET /faulty/header-flood HTTP/1.1\r\nHost: x\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(got, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if len(lines) != 1+152 || lines[2] != "X-Flood-1: 1" || lines[151] != "X-Flood-150: 150" || body != "OK\n" {
		t.Errorf("%d lines, from %q to %q, then %q", len(lines), lines[2], lines[len(lines)-2], body)
	}
}

func TestSilenceSendsNothing(t *testing.T) {
	s := startTest(t, nil)
	c := dial(t, s)
	io.WriteString(c, "GET /faulty/silent HTTP/1.1\r\nHost: x\r\n\r\n")
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read %d bytes, %v; want silence", n, err)
	}
}

// TestBytes checks length, framing and every byte of bodies around the block
// boundaries, where a streaming mistake would sit.
func TestBytes(t *testing.T) {
	s := startTest(t, nil)
	for _, n := range []int{0, 1, 255, 65535, 65536, 65537, 3*65536 + 7, 262143, 262144, 262145, 300 * 65536} {
		want := make([]byte, n)
		for i := range want {
			want[i] = byte(i ^ i>>8 ^ i>>16)
		}
		for framing, head := range map[string]string{
			"length":  fmt.Sprintf("Content-Length: %d\r\n", n),
			"chunked": "Transfer-Encoding: chunked\r\n",
			"close":   "Connection: close\r\n",
		} {
			if n > 1<<20 && framing != "length" {
				continue // one pass over every block is enough
			}
			got, err := exchangeRaw(t, s, fmt.Sprintf("GET /bytes?n=%d&framing=%s HTTP/1.1\r\nHost: x\r\n\r\n", n, framing))
			if err != nil {
				t.Fatal(err)
			}
			prefix := "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n" + head + "\r\n"
			body, ok := strings.CutPrefix(got, prefix)
			if !ok {
				t.Fatalf("n=%d %s: head is %.200q, want %q", n, framing, got, prefix)
			}
			if framing == "chunked" {
				body = dechunk(t, body)
			}
			if body != string(want) {
				t.Errorf("n=%d %s: %d bytes differ from the rule", n, framing, len(body))
			}
		}
	}
	sum := ContentSHA256(3*65536 + 7)
	if got := hex.EncodeToString(sum[:]); got != "c4498f197bf7e80873d045ae75af9818e784349ad67ef1f1a33c54f68f2fd5db" {
		t.Errorf("SHA-256 of the first 196615 bytes is %s", got)
	}
}

// dechunk undoes plain chunked framing, strictly.
func dechunk(t *testing.T, body string) string {
	t.Helper()
	var out strings.Builder
	for {
		var size int
		line, rest, ok := strings.Cut(body, "\r\n")
		if _, err := fmt.Sscanf(line, "%x", &size); !ok || err != nil || fmt.Sprintf("%x", size) != line || len(rest) < size+2 {
			t.Fatalf("bad chunk at %.40q", body)
		}
		if rest[size:size+2] != "\r\n" {
			t.Fatalf("chunk of %d ends in %q", size, rest[size:size+2])
		}
		if size == 0 {
			if rest != "\r\n" {
				t.Fatalf("%d bytes follow the last chunk", len(rest)-2)
			}
			return out.String()
		}
		out.WriteString(rest[:size])
		body = rest[size+2:]
	}
}

func TestBigBodyTakesNoMemory(t *testing.T) {
	s := startTest(t, nil)
	c := dial(t, s)
	const n = 64 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fmt.Fprintf(c, "GET /bytes?n=%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", n)
	buf := make([]byte, 64<<10)
	total := 0
	for {
		k, err := c.Read(buf)
		total += k
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if total < n {
		t.Errorf("got %d bytes of %d", total, n)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("64 MiB through the server allocated %d bytes", used)
	}
}

func TestUploadOfAnySize(t *testing.T) {
	s := startTest(t, func(l *limits) { l.body = 1 << 10 })
	c := dial(t, s)
	const n = 5 << 20
	fmt.Fprintf(c, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", n)
	block := make([]byte, 64<<10)
	for offset := int64(0); offset < n; offset += int64(len(block)) {
		Content(block, offset)
		if _, err := c.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	c.CloseWrite()
	got, err := io.ReadAll(c)
	sum := ContentSHA256(n)
	if want := fmt.Sprintf("{\"bytes\":%d,\"sha256\":\"%x\"}\n", n, sum); err != nil || !strings.HasSuffix(string(got), "\r\n\r\n"+want) {
		t.Errorf("answered %q, %v; want %q", got, err, want)
	}
}

// TestContinueComesBeforeTheBody holds the body back until 100 has arrived.
func TestContinueComesBeforeTheBody(t *testing.T) {
	s := startTest(t, nil)
	for _, path := range []string{"/continue", "/post", "/echo", "/upload"} {
		c := dial(t, s)
		in := bufio.NewReader(c)
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n", path)
		interim := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
		if _, err := io.ReadFull(in, interim); err != nil || string(interim) != "HTTP/1.1 100 Continue\r\n\r\n" {
			t.Fatalf("%s: before the body came %q, %v", path, interim, err)
		}
		io.WriteString(c, "abc")
		if line, err := in.ReadString('\n'); err != nil || line != "HTTP/1.1 200 OK\r\n" {
			t.Errorf("%s: after the body came %q, %v", path, line, err)
		}
	}
}

func TestRefusedBodyIsNeverAskedFor(t *testing.T) {
	s := startTest(t, nil)
	c := dial(t, s)
	io.WriteString(c, "POST /refuse-body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
	got, err := io.ReadAll(c) // returns only if the server closes without the body
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 413 ") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRequestsShareAConnection(t *testing.T) {
	s := startTest(t, nil)
	got, err := exchangeRaw(t, s, ""+
		"GET /keep-alive HTTP/1.1\r\nHost: x\r\n\r\n"+
		"\r\nPOST /fixed HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nskip"+ // answered 405, body skipped
		"GET /keep-alive HTTP/1.1\r\nHost: x\r\n\r\n"+
		"GET /keep-alive HTTP/1.1\r\nHost: x\r\nConnection: TE, close\r\n\r\n"+
		"GET /keep-alive HTTP/1.1\r\nHost: x\r\n\r\n") // too late
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Request 1 on", "HTTP/1.1 405 Method Not Allowed\r\n", "Allow: GET, HEAD\r\n", "Request 3 on", "Request 4 on"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not there once in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Request 5 on") {
		t.Error("a request after Connection: close was answered")
	}
}

func TestHTTP10Client(t *testing.T) {
	s := startTest(t, nil)
	for target, want := range map[string]string{
		"/chunked": okPlain + "Connection: close\r\n\r\nFirst chunk.\nA second, longer chunk.\nThird.\n",
		"/early-hints": okPlain + "Content-Length: 19\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n" +
			"The final response\n",
		"/drip?chunks=2&ms=1": okPlain + "Connection: close\r\n\r\ndrop 1 of 2\ndrop 2 of 2\n",
	} {
		c := dial(t, s)
		fmt.Fprintf(c, "GET %s HTTP/1.0\r\n\r\n", target)
		if got, err := io.ReadAll(c); err != nil || string(got) != want { // ends only if the server closes
			t.Errorf("%s: got %q, %v; want %q", target, got, err, want)
		}
	}
}

// TestHeadHasNoBody checks HEAD against GET at every path that takes both.
func TestHeadHasNoBody(t *testing.T) {
	s := startTest(t, nil)
	for path, e := range endpoints {
		if len(e.methods) < 2 || e.methods[1] != "HEAD" {
			continue
		}
		get, err1 := exchangeRaw(t, s, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		head, err2 := exchangeRaw(t, s, "HEAD "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		if err1 != nil || err2 != nil {
			t.Fatal(path, err1, err2)
		}
		if !strings.HasPrefix(get, head) || !strings.HasSuffix(head, "\r\n\r\n") {
			t.Errorf("%s: HEAD gives %q, GET %.300q", path, head, get)
		}
	}
}

func TestEveryEndpointIsInTheCatalogue(t *testing.T) {
	listed := map[string]bool{"/": true}
	for _, d := range Catalogue() {
		path, _, _ := strings.Cut(d.Target, "?")
		e := endpoints[path]
		if e == nil {
			t.Errorf("%s: there is no %s", d.ID, path)
			continue
		}
		listed[path] = true
		if d.Title == "" || d.Shows == "" || d.Group == "" || d.Headers == nil {
			t.Errorf("%s is incomplete: %+v", d.ID, d)
		}
	}
	for path := range endpoints {
		if !listed[path] {
			t.Errorf("%s is in no demo", path)
		}
	}
}

func TestListingJSON(t *testing.T) {
	plain, secure := startTest(t, nil), startSecureTest(t)
	text, err := json.Marshal(NewListing(plain, secure))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := json.Marshal(secure.Authority())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"origin":"` + plain.Addr() + `","secure":{"origin":"` + secure.Addr() + `","ca":` + string(ca) + `},"demos":[{"id":"fixed","group":"framing","title":"Fixed length","method":"GET","target":"/fixed","headers":[],"shows":`
	if !bytes.HasPrefix(text, []byte(want)) {
		t.Errorf("starts %.1000s, want %s", text, want)
	}
	if text, err := json.Marshal(NewListing(nil, nil)); err != nil || string(text) != `{"origin":"","demos":[]}` {
		t.Errorf("without a demo origin: %s, %v", text, err)
	}
	if !bytes.Contains(text, []byte(`"headers":[["If-None-Match","\"v1\""]]`)) {
		t.Error("a header is not a pair of name and value")
	}
}

func TestShutdownFinishesResponses(t *testing.T) {
	s := startTest(t, nil)
	idle := dial(t, s)
	io.WriteString(idle, "GET /fixed HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := io.ReadFull(idle, make([]byte, len(exact["fixed"]))); err != nil {
		t.Fatal(err)
	}

	const n = 32 << 20 // more than socket buffers hold, so that the response is under way
	busy := dial(t, s)
	fmt.Fprintf(busy, "GET /bytes?n=%d HTTP/1.1\r\nHost: x\r\n\r\n", n)
	if _, err := io.ReadFull(busy, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}

	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(t.Context()) }()
	if rest, err := io.ReadAll(idle); err != nil || len(rest) > 0 {
		t.Errorf("the idle connection ended with %q, %v", rest, err)
	}
	if rest, err := io.Copy(io.Discard, busy); err != nil || rest < n-100 {
		t.Errorf("the busy connection got %d more bytes, %v", rest, err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		c.Close()
		t.Error("the server still listens")
	}
}

func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	s := startTest(t, nil)
	c := dial(t, s)
	fmt.Fprintf(c, "GET /bytes?n=%d HTTP/1.1\r\nHost: x\r\n\r\n", int64(maxBytes))
	if _, err := io.ReadFull(c, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown says %v", err)
	}
}

// cut tells whether the server closed a connection: what reached it later, as
// from a slow machine, it answers with a reset.
func cut(err error) bool { return err == nil || errors.Is(err, syscall.ECONNRESET) }

func TestSlowHeadIsCut(t *testing.T) {
	s := startTest(t, func(l *limits) { l.headTime = 50 * time.Millisecond })
	c := dial(t, s)
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	if got, err := io.ReadAll(c); !cut(err) || len(got) > 0 {
		t.Errorf("got %q, %v; want the connection closed", got, err)
	}
}

func TestQuietConnectionIsCut(t *testing.T) {
	s := startTest(t, func(l *limits) { l.patience = 50 * time.Millisecond })
	for _, started := range []string{"", "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"} {
		c := dial(t, s)
		io.WriteString(c, started)
		if got, err := io.ReadAll(c); !cut(err) || len(got) > 0 {
			t.Errorf("after %q: got %q, %v; want the connection closed", started, got, err)
		}
	}
}

func TestFullServerMakesRoom(t *testing.T) {
	s := startTest(t, func(l *limits) { l.conns, l.grace = 2, 0 })
	first := dial(t, s)
	waitFor(t, s, 1)
	second := dial(t, s)
	waitFor(t, s, 2)
	third := dial(t, s)
	if got, err := io.ReadAll(first); err != nil || len(got) > 0 { // the quietest
		t.Errorf("the first connection got %q, %v", got, err)
	}
	for _, c := range []net.Conn{second, third} {
		io.WriteString(c, "GET /fixed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if got, err := io.ReadAll(c); err != nil || string(got) != exact["fixed"] {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestFullServerRefuses(t *testing.T) {
	s := startTest(t, func(l *limits) { l.conns, l.grace = 1, time.Hour })
	first := dial(t, s)
	waitFor(t, s, 1)
	second := dial(t, s)
	if got, err := io.ReadAll(second); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 503 Service Unavailable\r\n") {
		t.Errorf("the second connection got %q, %v", got, err)
	}
	io.WriteString(first, "GET /fixed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if got, err := io.ReadAll(first); err != nil || string(got) != exact["fixed"] {
		t.Errorf("the first got %q, %v", got, err)
	}
}

// waitFor waits until the server has admitted n connections: a dial returns
// when the kernel has the connection, before Accept does.
func waitFor(t *testing.T, s *Server, n int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		s.mu.Lock()
		have := len(s.conns)
		s.mu.Unlock()
		if have == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server has %d connections, want %d", have, n)
		}
	}
}

func TestStartSaysWhatItCannotDo(t *testing.T) {
	s := startTest(t, nil)
	_, err := Start(t.Context(), s.Addr())
	if err == nil || !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), s.Addr()) {
		t.Errorf("a second server on %s: %v", s.Addr(), err)
	}
}
