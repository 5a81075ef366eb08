package export_test

import (
	"bytes"
	"fmt"
	"go/format"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/trace/decode"
	"github.com/stepwire/stepwire/core/trace/export"
	"github.com/stepwire/stepwire/core/trace/recording"
)

const archived = `{"log":{"version":"1.2","creator":{"name":"a","version":"1"},"entries":[{"startedDateTime":"2026-01-02T03:04:05Z","time":1,
"request":{"method":"POST","url":"http://a.example:8081/p?q","httpVersion":"HTTP/1.1","cookies":[],"headers":[{"name":"Host","value":"a.example:8081"},{"name":"Authorization","value":"hunter2"},{"name":"Content-Length","value":"3"}],
"queryString":[],"postData":{"mimeType":"text/plain","text":"a=b"},"headersSize":-1,"bodySize":3},
"response":{"status":204,"statusText":"No Content","httpVersion":"HTTP/1.1","cookies":[],"headers":[],"content":{"size":0,"mimeType":""},"redirectURL":"","headersSize":-1,"bodySize":0},
"cache":{},"timings":{"send":0,"wait":1,"receive":0}}]}}`

// What was decoded has bytes and no calls: its requests are what a program makes.
func TestCodeOfWhatWasDecoded(t *testing.T) {
	rec, _, err := decode.Decode([]byte(archived), decode.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		write func(io.Writer, *recording.Recording, export.Options) error
		want  []string
	}{
		"Python": {export.Python, []string{"HTTPConnection('a.example', 8081)", "conn.request('POST', '/p?q', body=b'a=b', headers={'Host': 'a.example:8081', ", "conn.getresponse()", "resp.read()"}},
		"Go":     {export.Go, []string{`core.NewHTTPConnection("a.example"`, `c.Request(ctx, "POST", "/p?q"`, "c.GetResponse(ctx)"}},
		"curl":   {export.Curl, []string{"--request 'POST'", "'http://a.example:8081/p?q'"}},
	} {
		var b bytes.Buffer
		if err := c.write(&b, rec, export.Options{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, want := range c.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q is not in\n%s", name, want, b.String())
			}
		}
		if strings.Contains(b.String(), "hunter2") {
			t.Errorf("%s shows the password:\n%s", name, b.String())
		}
	}
}

// Each entry is an exchange of its own, with its own server.
func TestExportsOfManyConnections(t *testing.T) {
	var entries []string
	urls := []string{"https://a.example/1", "https://a.example/2", "http://b.example:81/3", "https://a.example/4"}
	for _, url := range urls {
		entries = append(entries, fmt.Sprintf(`{"startedDateTime":"2026-01-02T03:04:05Z","request":{"method":"GET","url":%q},"response":{"status":200,"content":{"text":"ok"}}}`, url))
	}
	rec, _, err := decode.Decode([]byte(`{"log":{"version":"1.2","entries":[`+strings.Join(entries, ",")+`]}}`), decode.Options{})
	if err != nil {
		t.Fatal(err)
	}
	write := func(f func(io.Writer, *recording.Recording, export.Options) error) string {
		var b bytes.Buffer
		if err := f(&b, rec, export.Options{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	found := regexp.MustCompile(`"url":\s*"([^"]*)"`).FindAllStringSubmatch(write(export.HAR), -1)
	var archived []string
	for _, m := range found {
		archived = append(archived, m[1])
	}
	if !slices.Equal(archived, urls) {
		t.Errorf("the HAR has %q, want %q", archived, urls)
	}
	code := write(export.Go)
	if formatted, err := format.Source([]byte(code)); err != nil || string(formatted) != code {
		t.Errorf("%v: gofmt would change\n%s", err, code)
	}
	for what, c := range map[string]struct{ got, want string }{
		"curl":   {write(export.Curl), `(?s)'https://a.example:443/1'.*'https://a.example:443/2'.*'http://b.example:81/3'.*'https://a.example:443/4'`},
		"Python": {write(export.Python), `(?s)HTTPSConnection\('a.example', 443\)\n[^S]*'/1'[^S]*'/2'[^S]*HTTPConnection\('b.example', 81\)\n[^S]*'/3'.*HTTPSConnection\('a.example', 443\)\n[^S]*'/4'`},
		"Go":     {code, `(?s)core/ssl"\n.*c, err := core.NewHTTPSConnection\("a.example".*"/1".*"/2".*c, err := core.NewHTTPConnection\("b.example".*"/3".*c, err := core.NewHTTPSConnection\("a.example".*"/4"`},
	} {
		if !regexp.MustCompile(c.want).MatchString(c.got) {
			t.Errorf("%s: no %s in\n%s", what, c.want, c.got)
		}
	}
}

func TestNoCodeOfAResponseAlone(t *testing.T) {
	rec, _, err := decode.Decode([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), decode.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer, *recording.Recording, export.Options) error{"Python": export.Python, "Go": export.Go, "curl": export.Curl} {
		if err := write(io.Discard, rec, export.Options{}); err == nil || !strings.Contains(err.Error(), "no request was sent") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
