package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/trace/permalink"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// answering starts a server that gives every request the same answer, and
// hands over the requests' heads.
func answering(t *testing.T, answer string) (address string, heads chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	heads = make(chan string, 16)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(conn)
			var head strings.Builder
			for {
				line, err := r.ReadString('\n')
				head.WriteString(line)
				if err != nil || line == "\r\n" {
					break
				}
			}
			io.WriteString(conn, answer)
			heads <- head.String()
			conn.Close()
		}
	}()
	return l.Addr().String(), heads
}

// stepwire performs the program.
func stepwire(t *testing.T, in string, args ...string) (out, errs string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	status = dispatch(context.Background(), streams{strings.NewReader(in), &o, &e}, args)
	return o.String(), e.String(), status
}

func TestGetTellsTheStepsAndWritesFiles(t *testing.T) {
	address, heads := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	out, errs, status := stepwire(t, "", "get", "-X", "PUT", "-H", "X-A: b", "-H", "Authorization: hunter2", "-d", "abc",
		"--har", file("a.har"), "--pcapng", file("a.pcapng"), "--trace", file("trace.txt"),
		"--curl", file("curl.sh"), "--python", file("a.py"), "--go", file("a.go"), "-o", file("body"), address+"/p?q")
	if status != exitDone {
		t.Fatalf("status %d: %s", status, errs)
	}
	if head := <-heads; !strings.HasPrefix(head, "PUT /p?q HTTP/1.1\r\nHost: "+address+"\r\nAccept-Encoding: identity\r\nContent-Length: 3\r\nX-A: b\r\nAuthorization: hunter2\r\n\r\n") {
		t.Errorf("the server got %q", head)
	}
	for _, want := range []string{"putrequest: Idle → Request-started", "method      PUT", "status-code 200", "body        hello", "returned b'hello'"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	for name, want := range map[string]string{"a.har": `"version": "1.2"`, "a.pcapng": "\x0a\x0d\x0d\x0a",
		"trace.txt": "=> Send header", "curl.sh": "--request 'PUT'", "a.py": "http.client", "a.go": "core.NewHTTPConnection", "body": "hello"} {
		data, err := os.ReadFile(file(name))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v, %.200q does not have %q", name, err, data, want)
		}
		if strings.Contains(string(data), "hunter2") {
			t.Errorf("%s shows the password", name)
		}
	}
	// What keeps every byte as it was is written only when secrets are asked for,
	// and does not keep the other files from being written.
	again := []string{"get", "-d", "abc", "-H", "Authorization: hunter2", "--record", file("rec.json"), "--scenario", file("case.json"), "--keylog", file("keys"), address + "/p?q"}
	if _, errs, status := stepwire(t, "", again...); status != exitFailed || strings.Count(errs, "ask for secrets") != 2 {
		t.Errorf("without --secrets: status %d, %s", status, errs)
	}
	for name, want := range map[string]bool{"rec.json": false, "case.json": false, "keys": true} {
		if _, err := os.Stat(file(name)); (err == nil) != want {
			t.Errorf("%s: %v, want it written: %t", name, err, want)
		}
	}
	if _, errs, status := stepwire(t, "", append(again, "--secrets")...); status != exitDone {
		t.Errorf("with --secrets: status %d, %s", status, errs)
	}
	// What was written can be read again, and linked to.
	for _, name := range []string{"rec.json", "a.har", "a.pcapng", "trace.txt"} {
		out, errs, status := stepwire(t, "", "decode", file(name))
		if status != exitDone || !strings.Contains(out, "status-code 200") {
			t.Errorf("decode %s: status %d, %s\n%s", name, status, errs, out)
		}
	}
	out, errs, status = stepwire(t, "", "open", "--page", "https://stepwire.example/#old", file("rec.json"))
	base, fragment, _ := strings.Cut(strings.TrimSpace(out), "#")
	link, err := permalink.Decode(fragment)
	if status != exitDone || err != nil || base != "https://stepwire.example/" || len(link.Calls) != 4 {
		t.Errorf("open: status %d, %v, %s %+v", status, err, out, link)
	}
	if !strings.Contains(errs, "secrets, bodies") {
		t.Errorf("open does not tell what it left out: %q", errs)
	}
}

// A scenario is recorded, and its recording made a scenario again.
func TestScenariosAndRecordingsConvert(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "rec.json"), filepath.Join(dir, "again.json")
	if _, errs, status := stepwire(t, "", "run", "--record", first, "../../testdata/conformance/cases/example-get.json"); status != exitDone {
		t.Fatalf("run: status %d, %s", status, errs)
	}
	if _, errs, status := stepwire(t, "", "decode", "--scenario", second, first); status != exitDone {
		t.Fatalf("decode: status %d, %s", status, errs)
	}
	out, errs, status := stepwire(t, "", "run", second)
	if status != exitDone || !strings.Contains(out, "<p>hello</p>") {
		t.Errorf("run again: status %d, %s\n%s", status, errs, out)
	}
}

func TestGetPrintsJSON(t *testing.T) {
	address, _ := answering(t, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
	out, errs, status := stepwire(t, "", "get", "--json", "http://"+address)
	if status != exitDone {
		t.Fatalf("status %d: %s", status, errs)
	}
	rec, err := recording.Read(strings.NewReader(out))
	if err != nil || len(rec.Exchanges()) != 1 || rec.Exchanges()[0].Response.Status != 404 {
		t.Errorf("%v\n%s", err, out)
	}
	if _, _, status := stepwire(t, "", "get", "--fail", address); status != exitFailed {
		t.Errorf("--fail after 404: status %d, want %d", status, exitFailed)
	}
}

func TestGetFailsWithPythonsException(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := l.Addr().String()
	l.Close()
	bad, _ := answering(t, "what?\r\n")
	cut, _ := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
	folded, _ := answering(t, "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{refused}, "ConnectionRefusedError: [Errno 111] Connection refused"},
		{[]string{bad}, "BadStatusLine: what?"},
		{[]string{cut}, "IncompleteRead: IncompleteRead(5 bytes read, 4 more expected)"},
		{[]string{"--strict", folded}, "StrictError: obs-fold"},
	} {
		out, errs, status := stepwire(t, "", append([]string{"get"}, c.args...)...)
		if status != exitFailed || !strings.Contains(errs, c.want) {
			t.Errorf("%v: status %d, %q; want %d and %q", c.args, status, errs, exitFailed, c.want)
		}
		if !strings.Contains(out, "raised "+strings.SplitN(c.want, ":", 2)[0]) {
			t.Errorf("%v: the steps do not tell the exception:\n%s", c.args, out)
		}
	}
}

func TestWrongCallsSayWhatWasExpected(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"get"}, "expected one URL"},
		{[]string{"get", "ftp://a/"}, "http:// or https://"},
		{[]string{"get", "http://"}, "names no host"},
		{[]string{"get", "-H", "nothing", "http://a"}, "NAME: VALUE"},
		{[]string{"get", "--proxy", "a", "http://a"}, "HOST:PORT"},
		{[]string{"decode"}, "expected one file"},
		{[]string{"open"}, "expected one file"},
	} {
		if _, errs, status := stepwire(t, "", c.args...); status != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%v: status %d, %q; want %d and %q", c.args, status, errs, exitUsage, c.want)
		}
	}
	if _, errs, status := stepwire(t, "good morning", "decode", "-"); status != exitFailed || !strings.Contains(errs, "nothing known here") {
		t.Errorf("decode of prose: status %d, %q", status, errs)
	}
	if _, errs, status := stepwire(t, "HTTP/1.1 200 OK\r\n\r\n", "open", "-"); status != exitFailed || !strings.Contains(errs, "no calls") {
		t.Errorf("open of a response: status %d, %q", status, errs)
	}
}
