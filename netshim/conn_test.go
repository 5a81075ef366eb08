package netshim

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
	"golang.org/x/net/nettest"
)

// target listens on loopback, and gives the connections that come.
type target struct {
	net.Listener
	host string
	port int
}

func newTarget(t testing.TB) *target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	a := l.Addr().(*net.TCPAddr)
	return &target{l, a.IP.String(), a.Port}
}

func tcpDial(host string, port int) (net.Conn, error) {
	return net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.ParseIP(host), Port: port})
}

func ctxFor(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// pipe makes the two ends that nettest works with: a Conn and the TCP
// connection that its relay opened.
func pipe(t *testing.T, dial func(host string, port int) (net.Conn, error)) nettest.MakePipe {
	return func() (net.Conn, net.Conn, func(), error) {
		tg := newTarget(t)
		type accepted struct {
			c   net.Conn
			err error
		}
		ch := make(chan accepted, 1)
		go func() {
			c, err := tg.Accept()
			ch <- accepted{c, err}
		}()
		c1, err := dial(tg.host, tg.port)
		if err != nil {
			return nil, nil, nil, err
		}
		a := <-ch
		if a.err != nil {
			return nil, nil, nil, a.err
		}
		return c1, a.c, func() { c1.Close(); a.c.Close(); tg.Close() }, nil
	}
}

func TestConnOverMemory(t *testing.T) {
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) {
			nettest.TestConn(t, pipe(t, func(host string, port int) (net.Conn, error) {
				a, b := newMemory()
				go serveTest(b, wisp.Options{Version2: v.version2, NoFlow: v.noFlow}, tcpDial)
				s, err := NewSession(ctxFor(t), a, v.version2, nil)
				if err != nil {
					return nil, err
				}
				s.single = true
				return s.Dial(ctxFor(t), host, port)
			}))
		})
	}
}

var versions = []struct {
	name             string
	version2, noFlow bool
}{
	{"v1", false, false},
	{"v2", true, true},
	{"flow", true, false},
}
