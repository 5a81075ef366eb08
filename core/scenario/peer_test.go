package scenario

import (
	"context"
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// transports are the two ways to reach a peer, each with a fresh listener.
var transports = []struct {
	name string
	open func(t testing.TB) (DeadlineListener, func(host string, port int) (net.Conn, error))
}{
	{"tcp", func(t testing.TB) (DeadlineListener, func(string, int) (net.Conn, error)) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l.(*net.TCPListener), func(host string, port int) (net.Conn, error) {
			return net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		}
	}},
	{"inside", func(t testing.TB) (DeadlineListener, func(string, int) (net.Conn, error)) {
		network := &Network{}
		l, err := network.Listen()
		if err != nil {
			t.Fatal(err)
		}
		return l, func(host string, port int) (net.Conn, error) {
			return network.Dial(context.Background(), host, port, nil)
		}
	}},
}

func parsePeer(t testing.TB, scripts string) []Script {
	t.Helper()
	doc, err := Parse([]byte(document("", scripts)))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Peer
}

func TestPeer(t *testing.T) {
	for _, test := range []struct {
		name    string
		scripts string
		client  func(t *testing.T, dial func() (net.Conn, error)) // closes what it opens
		want    []string
	}{
		{"nothing listens", ``, func(t *testing.T, dial func() (net.Conn, error)) {
			if _, err := dial(); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("got %v", err)
			}
		}, nil},
		{"consumes what it receives", `{"actions": [{"recv_head": true}, {"recv_n": 3}, {"recv_until": {"latin1": "b"}},
			{"recv_until": {"latin1": "b"}}, {"send": {"latin1": "!"}, "repeat": 3}, {"shutdown_write": true}]}`,
			func(t *testing.T, dial func() (net.Conn, error)) {
				conn, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				conn.Write([]byte("head\r\n\r"))
				conn.Write([]byte("\nbbbaabaa"))
				conn.Write([]byte("b more"))
				if got, err := readAll(conn); got != "!!!" || err != nil {
					t.Errorf("got %q, %v", got, err)
				}
				conn.Write([]byte(" and more"))
				conn.Close()
			}, []string{"head\r\n\r\nbbbaabaab more and more"}},
		{"plays each connection, then only reads", `{"actions": [{"send": {"latin1": "1"}}, {"close": true}]}, {"actions": [{"send": {"latin1": "2"}}, {"close": true}]}`,
			func(t *testing.T, dial func() (net.Conn, error)) {
				for _, want := range []string{"1", "2"} {
					conn, err := dial()
					if err != nil {
						t.Fatal(err)
					}
					if got, err := readAll(conn); got != want || err != nil {
						t.Errorf("got %q, %v", got, err)
					}
					conn.Close()
				}
				conn, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				conn.Write([]byte("read"))
				conn.Close()
			}, []string{"", "", "read"}},
		{"resets", `{"actions": [{"recv_n": 1}, {"reset": true}]}`, func(t *testing.T, dial func() (net.Conn, error)) {
			conn, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			conn.Write([]byte("x"))
			if got, err := readAll(conn); got != "" || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got %q, %v", got, err)
			}
			conn.Close()
		}, []string{"x"}},
		{"stops listening", `{"actions": [{"stop_listening": true}, {"send": {"latin1": "!"}}, {"close": true}]}`,
			func(t *testing.T, dial func() (net.Conn, error)) {
				conn, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				readAll(conn)
				conn.Close()
				if _, err := dial(); !errors.Is(err, syscall.ECONNREFUSED) {
					t.Errorf("got %v", err)
				}
			}, []string{""}},
		{"drops the rest when the client is gone", `{"actions": [{"recv_n": 9}, {"send": {"latin1": "!"}}]}`,
			func(t *testing.T, dial func() (net.Conn, error)) {
				conn, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				conn.Write([]byte("short"))
				conn.Close()
			}, []string{"short"}},
	} {
		for _, transport := range transports {
			t.Run(transport.name+"/"+test.name, func(t *testing.T) {
				l, dial := transport.open(t)
				peer := StartPeer(parsePeer(t, test.scripts), l, nil)
				test.client(t, func() (net.Conn, error) { return dial(peer.Host, peer.Port) })
				checkReceived(t, peer.Stop(), test.want)
			})
		}
	}
}

func checkReceived(t *testing.T, got [][]byte, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d connections, want %d", len(got), len(want))
	}
	for i := range got {
		if string(got[i]) != want[i] {
			t.Errorf("connection %d received %q, want %q", i, got[i], want[i])
		}
	}
}

// A client that stays is cut off, and so is a sleeping script.
func TestPeerStopEnds(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport.name, func(t *testing.T) {
			l, dial := transport.open(t)
			peer := StartPeer(parsePeer(t, `{"actions": [{"sleep_ms": 3600000}, {"recv_n": 1}]}`), l, &PeerOptions{Grace: time.Millisecond})
			conn, err := dial(peer.Host, peer.Port)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			checkReceived(t, peer.Stop(), []string{""})
		})
	}
}
