package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/export"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// origin answers each connection once and hands over what it received.
type origin struct {
	host     string
	port     int
	received chan []byte
}

func newOrigin(t *testing.T, response string) *origin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	addr := l.Addr().(*net.TCPAddr)
	o := &origin{addr.IP.String(), addr.Port, make(chan []byte, 8)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go o.serve(conn, response)
		}
	}()
	return o
}

// serve reads a request to the end of its body, answers, and closes.
func (o *origin) serve(conn net.Conn, response string) {
	defer conn.Close()
	var got []byte
	buf := make([]byte, 4096)
	for !whole(got) {
		n, err := conn.Read(buf)
		got = append(got, buf[:n]...)
		if err != nil {
			break
		}
	}
	io.WriteString(conn, response)
	o.received <- got
}

func whole(b []byte) bool {
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		return false
	}
	lower := strings.ToLower(string(head))
	if strings.Contains(lower, "transfer-encoding: chunked") {
		return bytes.HasSuffix(body, []byte("0\r\n\r\n"))
	}
	_, length, ok := strings.Cut(lower, "content-length: ")
	if !ok {
		return true
	}
	length, _, _ = strings.Cut(length, "\r\n")
	return len(body) >= atoi(length)
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

const answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nSet-Cookie: a=secret\r\nConnection: close\r\n\r\nhello"

// record makes a recording of calls against an origin.
func record(t *testing.T, o *origin, calls func(ctx context.Context, c *core.HTTPConnection) error) *recording.Recording {
	t.Helper()
	log := trace.NewLog(0, nil)
	c, err := core.NewHTTPConnection(o.host, &core.HTTPConnectionOptions{Port: &o.port, Tracer: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := calls(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	c.Close()
	rec, err := recording.FromLog(log.Take(), "test", time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), trace.DefaultLimit)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

var conversations = map[string]func(ctx context.Context, c *core.HTTPConnection) error{
	"get": func(ctx context.Context, c *core.HTTPConnection) error {
		if err := c.Request(ctx, "GET", "/a?b=c%20d&e", &core.RequestOptions{Headers: []core.Header{
			{Name: "X-Quote", Value: `it's "so"`}, {Name: "Accept", Value: "*/*"}}}); err != nil {
			return err
		}
		return readAll(ctx, c)
	},
	"post": func(ctx context.Context, c *core.HTTPConnection) error {
		if err := c.Request(ctx, "POST", "/p", &core.RequestOptions{Body: []byte("a%b\\'\x00\xff\n"),
			Headers: []core.Header{{Name: "Content-Type", Value: "application/x"}}}); err != nil {
			return err
		}
		return readAll(ctx, c)
	},
	"step by step": func(ctx context.Context, c *core.HTTPConnection) error {
		if err := c.PutRequest("PUT", "/s", &core.PutRequestOptions{SkipAcceptEncoding: true}); err != nil {
			return err
		}
		if err := c.PutHeader("X-N", 7); err != nil {
			return err
		}
		if err := c.PutHeader("Content-Length", "3"); err != nil {
			return err
		}
		if err := c.EndHeaders(ctx, &core.EndHeadersOptions{MessageBody: []byte("abc")}); err != nil {
			return err
		}
		return readAll(ctx, c)
	},
	"by hand": func(ctx context.Context, c *core.HTTPConnection) error {
		if err := c.Send(ctx, []byte("POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\x00\xff")); err != nil {
			return err
		}
		r, err := c.BeginResponse(ctx, "POST")
		if err != nil {
			return err
		}
		_, err = r.ReadAll(ctx)
		return err
	},
	"a name twice": func(ctx context.Context, c *core.HTTPConnection) error {
		if err := c.Request(ctx, "GET", "/twice", &core.RequestOptions{Headers: []core.Header{
			{Name: "X-A", Value: "1"}, {Name: "X-A", Value: "2"}, {Name: "x-a", Value: "3"}}}); err != nil {
			return err
		}
		return readAll(ctx, c)
	},
	"head": func(ctx context.Context, c *core.HTTPConnection) error {
		if err := c.Request(ctx, "HEAD", "/", nil); err != nil {
			return err
		}
		return readAll(ctx, c)
	},
	"delete with an empty value": func(ctx context.Context, c *core.HTTPConnection) error {
		if err := c.Request(ctx, "DELETE", "/x", &core.RequestOptions{Headers: []core.Header{{Name: "X-Empty", Value: ""}}}); err != nil {
			return err
		}
		return readAll(ctx, c)
	},
}

func readAll(ctx context.Context, c *core.HTTPConnection) error {
	r, err := c.GetResponse(ctx)
	if err != nil {
		return err
	}
	_, err = r.ReadAll(ctx)
	return err
}

// codeRunners run exported code, each with the tool of its name.
var codeRunners = map[string]struct {
	write func(io.Writer, *recording.Recording, export.Options) error
	run   func(t *testing.T, code string) *exec.Cmd
}{
	"curl":    {export.Curl, func(t *testing.T, code string) *exec.Cmd { return exec.Command("sh", "-c", code) }},
	"python3": {export.Python, func(t *testing.T, code string) *exec.Cmd { return exec.Command("python3", "-c", code) }},
	"go": {export.Go, func(t *testing.T, code string) *exec.Cmd {
		// A program within the module, so that it needs nothing from elsewhere.
		dir, err := os.MkdirTemp(".", "program")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		file := filepath.Join(dir, "main.go")
		if err := os.WriteFile(file, []byte(code), 0o644); err != nil {
			t.Fatal(err)
		}
		return exec.Command("go", "run", "./"+file)
	}},
}

// The exported code sends what was recorded, byte for byte.
func TestExportedCodeSendsTheSameBytes(t *testing.T) {
	for name, calls := range conversations {
		for tool, r := range codeRunners {
			t.Run(name+"/"+tool, func(t *testing.T) {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("no %s here", tool)
				}
				if tool == "go" && (testing.Short() || name != "post") {
					t.Skip("one program shows it")
				}
				o := newOrigin(t, answer)
				rec := record(t, o, calls)
				want := <-o.received
				var code bytes.Buffer
				if err := r.write(&code, rec, export.Options{}); err != nil {
					t.Fatal(err)
				}
				out, err := r.run(t, code.String()).CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s\n%s", err, code.String(), out)
				}
				if tool == "curl" { // which leaves the blank out before an empty value
					want = bytes.ReplaceAll(want, []byte(": \r\n"), []byte(":\r\n"))
				}
				if got := <-o.received; !bytes.Equal(got, want) {
					t.Errorf("sent\n%q\nrecorded\n%q\nby\n%s", got, want, code.String())
				}
			})
		}
	}
}

func withSecrets(ctx context.Context, c *core.HTTPConnection) error {
	if err := c.PutRequest("GET", "/", nil); err != nil {
		return err
	}
	if err := c.PutHeader("Authorization", "Basic hunter2"); err != nil {
		return err
	}
	if err := c.PutHeader("cookie", "id=hunter2", "more=hunter2"); err != nil {
		return err
	}
	if err := c.EndHeaders(ctx, nil); err != nil {
		return err
	}
	return readAll(ctx, c)
}

// No export shows a secret unless asked, and each does when asked.
func TestExportsAreRedacted(t *testing.T) {
	for how, calls := range map[string]func(context.Context, *core.HTTPConnection) error{
		"by its calls": withSecrets, "by hand": secretsByHand("hunter2", all, 1)} {
		t.Run(how, func(t *testing.T) { exportsAreRedacted(t, record(t, newOrigin(t, answer), calls)) })
	}
}

// A secret that several sends share is none the less one, however its line is cut
// and folded.
func TestCutLinesAreRedacted(t *testing.T) {
	for how, calls := range map[string]func(context.Context, *core.HTTPConnection) error{
		"byte by byte": secretsByHand("^^^^^", 1, 1), "in lists": secretsByHand("^^^^^", 7, 2),
		"in its names": secretsByHand("^^^^^", 28, 1), "in its values": secretsByHand("^^^^^", 45, 1)} {
		t.Run(how, func(t *testing.T) {
			rec := record(t, newOrigin(t, answer), calls)
			for name, write := range map[string]func(io.Writer, *recording.Recording, export.Options) error{
				"har": export.HAR, "python": export.Python, "go": export.Go, "trace": export.CurlTrace, "sent": raw("sent"),
			} {
				for _, secrets := range []bool{false, true} {
					var out bytes.Buffer
					if err := write(&out, rec, export.Options{Secrets: secrets}); err != nil {
						t.Errorf("%s: %v", name, err)
					}
					if shown := strings.Contains(out.String(), "^"); shown && !secrets || !shown && secrets && name != "har" {
						t.Errorf("%s, secrets %v:\n%s", name, secrets, out.String())
					}
				}
			}
			if err := (export.Options{}).Unchanged(rec, "recording"); err == nil {
				t.Error("the recording would be written as it is")
			}
		})
	}
}

const all = 1000 // bytes, which are more than a head has here

// secretsByHand sends a head in pieces of the size, many of them with one call.
func secretsByHand(secret string, size, many int) func(context.Context, *core.HTTPConnection) error {
	return func(ctx context.Context, c *core.HTTPConnection) error {
		head := []byte("GET / HTTP/1.1\r\nHost: x\r\nauthorization:" + secret + "\r\n\tand " + secret + "\r\nCookie: " + secret + "\r\n\r\n")
		for pieces := range slices.Chunk(slices.Collect(slices.Chunk(head, size)), many) {
			var data any = pieces
			if len(pieces) == 1 {
				data = pieces[0]
			}
			if err := c.Send(ctx, data); err != nil {
				return err
			}
		}
		r, err := c.BeginResponse(ctx, "GET")
		if err != nil {
			return err
		}
		_, err = r.ReadAll(ctx)
		return err
	}
}

func raw(dir string) func(io.Writer, *recording.Recording, export.Options) error {
	return func(w io.Writer, rec *recording.Recording, opts export.Options) error {
		return export.Raw(w, rec, 0, dir, opts)
	}
}

func exportsAreRedacted(t *testing.T, rec *recording.Recording) {
	for name, write := range map[string]func(io.Writer, *recording.Recording, export.Options) error{
		"har": export.HAR, "curl": export.Curl, "python": export.Python, "go": export.Go,
		"trace": export.CurlTrace, "sent": raw("sent"), "received": raw("received"),
	} {
		var plain, full bytes.Buffer
		if err := write(&plain, rec, export.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := write(&full, rec, export.Options{Secrets: true}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, secret := range []string{"hunter2", "a=secret"} {
			if strings.Contains(plain.String(), secret) {
				t.Errorf("%s shows %s:\n%s", name, secret, plain.String())
			}
		}
		if name == "trace" { // sixteen bytes a line cut the words
			if plain.String() == full.String() {
				t.Errorf("%s is the same with secrets", name)
			}
		} else if !strings.Contains(full.String(), "hunter2") && !strings.Contains(full.String(), "a=secret") {
			t.Errorf("%s shows no secret when asked to:\n%s", name, full.String())
		}
	}
}

func TestHAR(t *testing.T) {
	o := newOrigin(t, "HTTP/1.1 200 Fine\r\nX-A: 1\r\nx-a: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: t\r\n\r\n")
	rec := record(t, o, conversations["get"])
	var b bytes.Buffer
	if err := export.HAR(&b, rec, export.Options{}); err != nil {
		t.Fatal(err)
	}
	var file struct {
		Log struct {
			Version string
			Entries []struct {
				Time    float64
				Request struct {
					Method, URL, HTTPVersion string
					QueryString              []struct{ Name, Value string }
					HeadersSize, BodySize    int
				}
				Response struct {
					Status                int
					StatusText            string
					Headers               []struct{ Name, Value string }
					HeadersSize, BodySize int
					Content               struct {
						Size int
						Text string
					}
				}
				Trailers []struct{ Name, Value string } `json:"_trailers"`
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	if n := len(file.Log.Entries); n != 1 {
		t.Fatalf("%d entries, want 1", n)
	}
	e := file.Log.Entries[0]
	if e.Request.Method != "GET" || !strings.HasSuffix(e.Request.URL, "/a?b=c%20d&e") || e.Request.HTTPVersion != "HTTP/1.1" {
		t.Errorf("request: %+v", e.Request)
	}
	if len(e.Request.QueryString) != 2 || e.Request.QueryString[0].Value != "c d" {
		t.Errorf("queryString: %+v", e.Request.QueryString)
	}
	if e.Response.Content.Text != "abcde" || e.Response.Content.Size != 5 || e.Response.BodySize != len("3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: t\r\n\r\n") {
		t.Errorf("content: %+v, bodySize %d", e.Response.Content, e.Response.BodySize)
	}
	if len(e.Response.Headers) != 3 || e.Response.Headers[0].Name != "X-A" || e.Response.Headers[1].Name != "x-a" {
		t.Errorf("headers: %+v", e.Response.Headers)
	}
	if len(e.Trailers) != 1 || e.Trailers[0].Value != "t" {
		t.Errorf("trailers: %+v", e.Trailers)
	}
}

// A request that curl does not write is refused, and not mended.
func TestMalformedRequestsAreNoCurlCommands(t *testing.T) {
	rec := record(t, newOrigin(t, answer), func(ctx context.Context, c *core.HTTPConnection) error {
		if err := c.Send(ctx, []byte("GET / HTTP/1.1\r\nHost : x\r\n\r\n")); err != nil {
			return err
		}
		_, err := c.BeginResponse(ctx, "GET")
		return err
	})
	if err := export.Curl(io.Discard, rec, export.Options{}); err == nil || !strings.Contains(err.Error(), "request 1 has a form that curl does not write") {
		t.Errorf("got %v", err)
	}
}

func TestRecordingsThatCannotBeExportedSayWhy(t *testing.T) {
	empty := &recording.Recording{Format: recording.Format, Version: 1}
	for name, write := range map[string]func(io.Writer, *recording.Recording, export.Options) error{
		"curl": export.Curl, "python": export.Python, "go": export.Go,
	} {
		if err := write(io.Discard, empty, export.Options{}); err == nil {
			t.Errorf("%s: no error for a recording without a connection", name)
		}
	}
	if err := export.Raw(io.Discard, empty, 3, "sent", export.Options{}); err == nil || !strings.Contains(err.Error(), "transport 3") {
		t.Errorf("raw: %v, want an error that names transport 3", err)
	}
}
