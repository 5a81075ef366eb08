package h1

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/py"
)

// invalidCase is a response that RFC 9112 or 9110 calls invalid, received whole
// and followed by the end of the connection.
type invalidCase struct {
	Name     string
	Method   string
	Tunnel   bool   // it answers a CONNECT
	Response string // ISO-8859-1; {repeat} stands for Repeat
	Repeat   [2]any // a text and how many times it comes
	Amt      int    // read this many bytes; 0: read all
	Raises   string // the exception of CPython 3.11 for it, if any
	Expect   []struct{ Code, Severity, Section string }
}

func (c *invalidCase) bytes(t *testing.T) []byte {
	t.Helper()
	text := c.Response
	if c.Repeat[0] != nil {
		text = strings.Replace(text, "{repeat}", strings.Repeat(c.Repeat[0].(string), int(c.Repeat[1].(float64))), 1)
	}
	b, err := py.EncodeLatin1(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// codes records the diagnostics of the received stream.
type codes struct{ seen []*Diagnostic }

func (c *codes) Trace(e *Event) {
	if e.Kind == EventDiagnostic && e.Dir == Received {
		c.seen = append(c.seen, e.Diagnostic)
	}
}

// receive has an engine read one response, and tells what it noticed and the
// first error.
func (c *invalidCase) receive(t *testing.T, strict bool) ([]*Diagnostic, error) {
	t.Helper()
	stream := c.bytes(t)
	seen := &codes{}
	conn := &Conn{Tracer: seen, Strict: strict}
	conn.Opened()
	whole := func() int { return len(stream) }
	if c.Tunnel {
		r := conn.TunnelResponse()
		_, err := feed(r, &stream, whole, func() (bool, error) { return r.BeginTunnel() })
		return seen.seen, err
	}
	if err := conn.PutRequest(c.Method, "/", Authority{Host: "a.example", Port: 80, DefaultPort: 80}, false, false); err != nil {
		t.Fatal(err)
	}
	head, layout, _ := conn.EndHeaders()
	conn.Wrote(head, len(head), layout)
	r := new(Response)
	if err := conn.GetResponse(r); err != nil {
		t.Fatal(err)
	}
	if _, err := feed(r, &stream, whole, func() (int, error) { return 0, r.Begin() }); err != nil {
		conn.Reject(r, false)
		return seen.seen, err
	}
	conn.Accept(r)
	read := r.Read
	if c.Amt > 0 {
		read = func() ([]byte, error) { return r.ReadAmt(c.Amt) }
	}
	_, err := feed(r, &stream, whole, read)
	conn.Close()
	return seen.seen, err
}

// TestInvalidResponses walks what the standards call invalid: each response is
// refused with Python's exception or draws its diagnostics, and strict mode
// refuses those of severity error.
func TestInvalidResponses(t *testing.T) {
	data, err := os.ReadFile("testdata/rfc9112_invalid.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []invalidCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 400 {
		t.Errorf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			seen, err := c.receive(t, false)
			class := ""
			if e, ok := err.(*Error); ok {
				class = e.Class.Name()
			}
			if class != c.Raises {
				t.Errorf("raises %q, want %q", class, c.Raises)
			}
			// Python's class alone would have it the caller's fault.
			if e, ok := err.(*Error); ok && (e.Class == ErrValueError || e.Class == ErrOverflowError) && e.Party != "server" {
				t.Errorf("%s is the fault of %q, want server", class, e.Party)
			}
			if len(c.Expect) == 0 && err == nil {
				t.Error("nothing is expected of the case")
			}
			severe := false
			for _, want := range c.Expect {
				i := slices.IndexFunc(seen, func(d *Diagnostic) bool { return d.Code == want.Code })
				if i < 0 {
					var got []string
					for _, d := range seen {
						got = append(got, d.Code)
					}
					t.Errorf("draws %q, not %s", got, want.Code)
					continue
				}
				if d := seen[i]; string(d.Severity) != want.Severity || d.Section != want.Section {
					t.Errorf("%s is %s by %s, want %s by %s", d.Code, d.Severity, d.Section, want.Severity, want.Section)
				}
				severe = severe || want.Severity == string(SeverityError)
			}
			if _, err := c.receive(t, true); severe && err == nil && !afterward(c.Expect[0].Code) {
				t.Error("strict mode accepts it")
			}
		})
	}
}

// afterward reports a fault found once the whole response has been given out.
func afterward(code string) bool { return code == "data-after-message" }

// validResponses are right by the letter and draw nothing, however odd.
var validResponses = []string{
	"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.0 200 OK\r\n\r\nhello",
	"HTTP/1.1 599 Sonst\tetwas (x)\r\nContent-Length: 005\r\n\r\nhello",
	"HTTP/1.1 204 No Content\r\n\r\n",
	"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n",
	"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\n!#$%&'*+-.^_`|~09Az:\r\nA:b\r\nA:  \tb \t\r\nFrom: x\r\nContent-Length: \t5 \r\n\r\nhello",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n005\r\nhello\r\na;x;y=z;q=\"a\\\"b;\t\" ; s = t\r\n0123456789\r\n000\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\nF\r\n0123456789abcde\r\n0;end\r\nX: y\r\nETag: \"z\"\r\n\r\n",
	"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end\nHTTP/1.1 200 OK\r\n\r\n",
}

// TestValidResponses holds the diagnostics to what is invalid.
func TestValidResponses(t *testing.T) {
	for _, response := range validResponses {
		c := invalidCase{Method: "GET", Response: response}
		seen, err := c.receive(t, true)
		if err != nil {
			t.Errorf("%q: %v", response, err)
		}
		for _, d := range seen {
			t.Errorf("%q draws %s", response, d.Code)
		}
	}
}

// TestTooManyHeadersBeginWhere: the failing bytes are the line that is one too
// many, as far as they came.
func TestTooManyHeadersBeginWhere(t *testing.T) {
	var head strings.Builder
	head.WriteString("HTTP/1.1 200 OK\r\n")
	for i := range 120 {
		fmt.Fprintf(&head, "X-%d: %d\r\n", i, i)
	}
	c := invalidCase{Method: "GET", Response: head.String() + "\r\n"}
	_, err := c.receive(t, false)
	e, ok := err.(*Error)
	if !ok {
		t.Fatalf("%v, want got more than 100 headers", err)
	}
	if want := int64(strings.Index(c.Response, "X-100:")); e.Offset != want {
		t.Errorf("%v at %d, want %d", err, e.Offset, want)
	}
}
