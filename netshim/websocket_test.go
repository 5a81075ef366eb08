//go:build !js

package netshim

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stepwire/stepwire/netshim/wisp"
	"golang.org/x/net/nettest"
)

// relayServer is a relay over real WebSockets: Wisp at the root, the wsproxy
// convention below it.
func relayServer(t testing.TB, o wisp.Options, dial func(string, int) (net.Conn, error)) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{wisp.Subprotocol}, InsecureSkipVerify: true})
		if err != nil {
			return
		}
		o := o
		o.Version2 = o.Version2 && r.Header.Get("Sec-WebSocket-Protocol") != ""
		serveTest(NewTransport(ws), o, dial)
	}))
	t.Cleanup(srv.Close)
	return "ws" + strings.TrimPrefix(srv.URL, "http") + "/"
}

func TestConnOverWebSocket(t *testing.T) {
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) {
			relay := relayServer(t, wisp.Options{Version2: v.version2, NoFlow: v.noFlow}, tcpDial)
			nettest.TestConn(t, pipe(t, func(host string, port int) (net.Conn, error) {
				return Dial(ctxFor(t), relay, host, port, nil)
			}))
		})
	}
}

func TestConnInSession(t *testing.T) {
	relay := relayServer(t, wisp.Options{Version2: true}, tcpDial)
	s, err := OpenSession(ctxFor(t), relay, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	nettest.TestConn(t, pipe(t, func(host string, port int) (net.Conn, error) {
		return s.Dial(ctxFor(t), host, port)
	}))
}
