package bridge

import (
	"os"
	"strings"
	"testing"
)

// withPeer gives the arguments of a constructor with a peer in the page.
func withPeer(host string, context any, script string, files any) []any {
	return []any{host, nil, 20, nil, nil, nil, nil, nil, nil, context, script, files}
}

func TestPeerInThePage(t *testing.T) {
	p := newPage(t)
	p.ok(1, "httpConnection", withPeer("anywhere.example:81", nil, `[
		{"actions": [{"recv_head": true}, {"send": {"latin1": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"}},
			{"recv_until": {"latin1": "\r\n\r\n"}}, {"close": true}]},
		{"actions": [{"reset": true}]}]`, nil)...)
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	head := p.ok(1, "getResponse", 2).(Object)
	if head.Get("status") != 200 || head.Get("length") != 2 {
		t.Errorf("head %v", head)
	}
	p.ok(2, "close")
	p.ok(1, "close")
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	if e := p.fails(1, "getResponse", 3); e.Get("name") != "ConnectionResetError" || e.Get("party") != "network" {
		t.Errorf("a reset: %v", e)
	}
	p.bridge.Handle([]any{"release", 1})
	p.fails(1, "connect")

	p.ok(4, "httpConnection", withPeer("a.example", nil, "[]", nil)...)
	if e := p.fails(4, "connect"); e.Get("name") != "ConnectionRefusedError" {
		t.Errorf("no script at all: %v", e)
	}
}

func TestPeerOverTLSInThePage(t *testing.T) {
	const certs = "../../core/testdata/conformance/certs/"
	ca, err := os.ReadFile(certs + "ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(certs + "server.pem")
	if err != nil {
		t.Fatal(err)
	}
	const script = `[{"actions": [{"tls": "mine.pem"}, {"recv_head": true}, {"send": {"latin1": "HTTP/1.1 204 None\r\n\r\n"}}]}]`
	p := newPage(t)
	p.ok(1, "httpsConnection", withPeer("127.0.0.1", Object{{"caData", ca}}, script, Object{{"mine.pem", pem}})...)
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	if head := p.ok(1, "getResponse", 2).(Object); head.Get("status") != 204 {
		t.Errorf("head %v", head)
	}
}

func TestPeerRefusals(t *testing.T) {
	p := newPage(t)
	for i, test := range []struct{ script, want string }{
		{"{", "peer: "},
		{"5", "peer: must be a list"},
		{"{}", "peer must be a list, a script for each connection, or an object with demo: true"},
		{"[{}]", "peer[0]: must be"},
		{`[{"actions": [{"explode": true}]}]`, "peer[0].actions[0]: unknown action"},
	} {
		e := p.fails(i+1, "httpConnection", withPeer("a", nil, test.script, nil)...)
		if message, _ := e.Get("message").(string); e.Get("name") != "ValueError" || !strings.Contains(message, test.want) {
			t.Errorf("%s: %v, want %q", test.script, e, test.want)
		}
	}
	if e := p.fails(9, "httpConnection", withPeer("a", nil, "[]", 5)...); e.Get("name") != "TypeError" {
		t.Errorf("certificates that are none: %v", e)
	}
}

func TestDemoInThePage(t *testing.T) {
	p := newPage(t)
	p.ok(1, "httpConnection", withPeer("anywhere.example:81", nil, `{"demo": true}`, nil)...)
	for i := range 2 {
		p.ok(1, "request", "GET", "/keep-alive", nil, nil, nil)
		p.ok(1, "getResponse", 2+i)
		if body, _ := p.ok(2+i, "read", nil).([]byte); !strings.HasPrefix(string(body), []string{"Request 1 on", "Request 2 on"}[i]) {
			t.Errorf("body %q", body)
		}
	}
	p.bridge.Handle([]any{"release", 1})

	// With TLS its authority is trusted without being asked for, by that
	// connection alone.
	p.ok(5, "httpsConnection", withPeer("in-page.test:443", nil, `{"demo": true, "pieceSize": 50}`, nil)...)
	p.ok(5, "request", "GET", "/fixed", nil, nil, nil)
	if head := p.ok(5, "getResponse", 6).(Object); head.Get("status") != 200 {
		t.Errorf("head %v", head)
	}
	p.ok(7, "httpsConnection", withPeer("in-page.test", nil, `{"demo": true, "spoilAt": 90}`, nil)...)
	if e := p.fails(7, "connect"); !strings.HasPrefix(e.Get("name").(string), "SSL") {
		t.Errorf("a spoiled handshake: %v", e)
	}
}

func TestDemoFaultsInThePage(t *testing.T) {
	p := newPage(t)
	for i, test := range []struct{ peer, name string }{
		{`{"demo": true, "cutAfter": 0}`, "RemoteDisconnected"},
		{`{"demo": true, "resetAfter": 20}`, "ConnectionResetError"},
		{`{"demo": true, "spoilAt": 2}`, "BadStatusLine"},
		{`{"demo": true, "spoilAt": 5, "spoilSize": 3, "pieceSize": 1, "pauseMs": 1}`, "UnknownProtocol"},
	} {
		p.ok(2*i+1, "httpConnection", withPeer("a", nil, test.peer, nil)...)
		p.ok(2*i+1, "request", "GET", "/fixed", nil, nil, nil)
		if e := p.fails(2*i+1, "getResponse", 2*i+2); e.Get("name") != test.name {
			t.Errorf("%s: %v", test.peer, e)
		}
	}
}

func TestDemoRefusals(t *testing.T) {
	p := newPage(t)
	for i, test := range []struct{ member, want string }{
		{`"pieceSize": -1`, "peer.pieceSize must be a number of bytes"},
		{`"pauseMs": 60001`, "peer.pauseMs must be a number of milliseconds up to 60000"},
		{`"cutAfter": 1.5`, "peer.cutAfter must be a number of bytes"},
		{`"cutAfter": 1, "resetAfter": 1`, "peer.resetAfter must be left out where the other is given"},
		{`"spoilAt": "1"`, "peer.spoilAt must be an offset"},
		{`"spoilSize": 0`, "peer.spoilSize must be a number of bytes, 1 at least"},
		{`"explode": 1`, "peer has no member explode"},
	} {
		e := p.fails(i+1, "httpConnection", withPeer("a", nil, `{"demo": true, `+test.member+`}`, nil)...)
		if message, _ := e.Get("message").(string); e.Get("name") != "ValueError" || !strings.Contains(message, test.want) {
			t.Errorf("%s: %v, want %q", test.member, e, test.want)
		}
	}
}
