package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/scenario"
)

const cases = "../../testdata/conformance/cases/"

// call runs the program and gives what it printed and its exit status.
func call(args ...string) (out, err string, status int) {
	var stdout, stderr bytes.Buffer
	status = dispatch(context.Background(), streams{strings.NewReader(""), &stdout, &stderr}, args)
	return stdout.String(), stderr.String(), status
}

func TestCalls(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	broken := write("broken.json", `{"version": 1, "name": "n", "about": "a", "peer": [], "client": [{"call": "gte"}]}`)
	recorded, err := os.ReadFile(cases + "example-get.json")
	if err != nil {
		t.Fatal(err)
	}
	wrong := write("wrong.json", strings.Replace(string(recorded), `"status": 200`, `"status": 201`, 1))
	partly := write("partly.har", `{"log":{"entries":[{"request":{"method":"GET","url":"http://a.example/"}},{"request":{"method":"GET","url":"data:,x"}}]}}`)
	for _, test := range []struct {
		args     []string
		out, err string // what is among it
		status   int
	}{
		{nil, "", "usage: stepwire COMMAND", 2},
		{[]string{"--help"}, "usage: stepwire COMMAND", "", 0},
		{[]string{"runn"}, "", `unknown command "runn"; there are: get, decode, open, run`, 2},
		{[]string{"run", "--help"}, "--host HOST", "", 0},
		{[]string{"run"}, "", "expected one scenario file, or - for standard input; got 0 arguments", 2},
		{[]string{"run", "a", "b"}, "", "expected one scenario file, or - for standard input; got 2 arguments", 2},
		{[]string{"run", "/dev/zero"}, "", "/dev/zero: larger than 64 MiB", 1},
		{[]string{"run", "--record", folder, "a"}, "", folder + " is a folder, expected the name of a file", 1},
		{[]string{"run", "--hots", "x", "a"}, "", "hots", 2},
		{[]string{"run", "--host", "x", "a"}, "", "--host and --port belong together", 2},
		{[]string{"run", "--host", "x", "--port", "65536", "a"}, "", "--port 65536 is no port; expected 1 to 65535", 2},
		{[]string{"run", filepath.Join(folder, "none.json")}, "", "none.json", 1},
		{[]string{"run", broken}, "", broken + ": client[0]: unknown call 'gte'", 1},
		{[]string{"run", cases + "example-get.json"}, `{"steps":[{"ok":null,"state":"Idle","unread":false,"stdout":""}`, "", 0},
		{[]string{"run", cases + "example-get.json", "--hots"}, "", "hots", 2},
		{[]string{"run", "--", "--host"}, "", "open --host", 1},
		{[]string{"get", "--help"}, "  -X METHOD ", "", 0},
		{[]string{"get", "--help"}, "for none (default 30s)\n", "", 0},
		{[]string{"get", "a", "-H"}, "", "flag needs an argument", 2},
		{[]string{"get", "a", "--har"}, "", "flag needs an argument: --har\n", 2},
		{[]string{"get", "--nope", "a"}, "", "flag provided but not defined: --nope\nusage: stepwire get ", 2},
		{[]string{"get", "a", "--timeout", "it is for -you"}, "", "invalid value \"it is for -you\" for flag --timeout: expected a time", 2},
		{[]string{"help", "get"}, "  -X METHOD ", "", 0},
		{[]string{"help", "nothing"}, "", "unknown command \"nothing\"", 2},
		{[]string{"--version"}, "stepwire ", "", 0},
		{[]string{"get", "http://127.0.0.1:1/", "--har", filepath.Join(folder, "none", "a.har")}, "", "there is no folder " + filepath.Join(folder, "none") + " to write it in", 1},
		{[]string{"get", "http://127.0.0.1:1/", "-o", folder}, "", folder + " is a folder, expected the name of a file", 1},
		{[]string{"get", "a", "--har", "-"}, "", `"-": expected the name of a file to write`, 1},
		{[]string{"get", "a", "--timeout", "soon"}, "", "expected a time such as 10s", 2},
		{[]string{"get", "a", "--timeout", "-1s"}, "", "expected a time such as 10s", 2},
		{[]string{"get", "a", "--limit", "0"}, "", "expected a number of bytes, at least 1", 2},
		{[]string{"get", "https://127.0.0.1:1/", "--cacert", "none.pem"}, "", `--cacert "none.pem": FileNotFoundError: `, 1},
		{[]string{"decode", os.DevNull}, "", "stepwire decode: /dev/null: nothing to decode: the input is empty\n", 1},
		{[]string{"decode", partly}, partly + ": har\n1 entry that is not of HTTP is left out\n\n", "", 0},
		{[]string{"open", os.DevNull}, "", "stepwire open: /dev/null: nothing to decode", 1},
		{[]string{"open", "--page", "home", os.DevNull}, "", `--page "home": expected a URL that begins http:// or https://`, 2},
		{[]string{"run", wrong}, `{"steps":[`, "1 differences from what CPython 3.11.7 showed", 1},
	} {
		out, err, status := call(test.args...)
		if !strings.Contains(out, test.out) || !strings.Contains(err, test.err) || status != test.status ||
			test.out == "" && out != "" || test.err == "" && err != "" {
			t.Errorf("stepwire %s:\n status %d, want %d\n out %s\n err %s", strings.Join(test.args, " "), status, test.status, out, err)
		}
	}
}

// As a driver, the program is told where somebody else plays the peer.
func TestRunAgainst(t *testing.T) {
	path := cases + "example-post-form.json"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := scenario.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	seen, err := doc.Play(l.(*net.TCPListener), nil, func(host string, port int) ([]scenario.Value, error) {
		out, problem, status := call("run", "--host", host, "--port", strconv.Itoa(port), path)
		if status != 0 {
			t.Fatalf("status %d: %s", status, problem)
		}
		return scenario.ParseSteps([]byte(out))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range doc.Compare(seen, true) {
		t.Error(difference)
	}
}

// Colours are for people at a terminal who have not asked for none; the null
// device stands for one here, as it is a character device, too.
func TestColoursOnlyOnATerminal(t *testing.T) {
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, test := range []struct {
		out           io.Writer
		noColor, term string
		want          bool
	}{
		{terminal, "", "xterm", true},
		{terminal, "1", "xterm", false},
		{terminal, "", "dumb", false},
		{file, "", "xterm", false},
		{&bytes.Buffer{}, "", "xterm", false},
	} {
		t.Setenv("NO_COLOR", test.noColor)
		t.Setenv("TERM", test.term)
		if got := colorful(test.out); got != test.want {
			t.Errorf("NO_COLOR=%s TERM=%s, %T: colours %t, want %t", test.noColor, test.term, test.out, got, test.want)
		}
	}
}
