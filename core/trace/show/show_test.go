package show_test

import (
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/trace/decode"
	"github.com/stepwire/stepwire/core/trace/recording"
	"github.com/stepwire/stepwire/core/trace/show"
)

func text(t *testing.T, rec *recording.Recording, opts show.Options) string {
	t.Helper()
	var b strings.Builder
	if err := show.Text(&b, rec, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextNamesBytesAndFaults(t *testing.T) {
	rec, _, err := decode.Decode([]byte("HTTP/1.1 200 OK\nX: \x1b[31m\r\nContent-Length: 3\r\n\r\nabc"), decode.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, rec, show.Options{})
	for _, want := range []string{"0000 version     HTTP/1.1\n", "crlf        \\n\n", "body        abc\n", "bare-lf", "value-control", "RFC 9112 §2.2",
		"response, keep-alive: Request-sent → Unread-response"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Errorf("bytes of the peer reach the terminal as they are:\n%q", got)
	}
	if hex := text(t, rec, show.Options{Hex: true}); !strings.Contains(hex, "48 54 54 50 2f 31 2e 31") {
		t.Errorf("no hexadecimal in\n%s", hex)
	}
	if color := text(t, rec, show.Options{Color: true}); !strings.Contains(color, "\x1b[31m") {
		t.Errorf("no colours in\n%s", color)
	}
}

func TestTextTellsCallsAndExceptions(t *testing.T) {
	rec, err := recording.Read(strings.NewReader(`{"format":"stepwire-recording","version":1,"events":[
{"type":"call","seq":0,"t":0,"call":1,"name":"request","args":{"method":"GET","url":"/","body":{"b64":"YWJj"}},"state":"Idle"},
{"type":"connect","seq":1,"t":1,"phase":"start","host":"a.example","port":80},
{"type":"return","seq":2,"t":2,"call":1,"name":"request","error":{"name":"gaierror","bases":["OSError"],"message":"[Errno -2] Name or service not known","party":"network"},"state":"Request-sent","unread":false,"legal":[],"stdout":"send: b''\n"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, rec, show.Options{})
	for _, want := range []string{`request(method="GET", url="/", body=b'abc') in Idle`, "connecting to a.example port 80", "| send: b''",
		"raised gaierror: [Errno -2] Name or service not known (network)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}
