package relay

import (
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim/pump"
)

// closePipes closes the pipes that are free and says how many there are then.
func closePipes() int {
	pipes.Lock()
	free := pipes.free
	pipes.free = nil
	pipes.Unlock()
	for _, p := range free {
		p.close()
	}
	pipes.Lock()
	defer pipes.Unlock()
	return pipes.n
}

// A large download takes the way through a pipe, which is empty afterwards, also
// when clients leave in the middle of a message.
func TestSplice(t *testing.T) {
	data := pattern(16<<20 + 5)
	eachKind(t, func(t *testing.T, _ string, dial func(*rig, netip.AddrPort) net.Conn) {
		g := newRig(t, setup{conf: allowLoopback})
		to := serveTCP(t, func(c *net.TCPConn) { c.Write(data) })
		if n := closePipes(); n != 0 {
			t.Fatalf("%d pipes in use before", n)
		}
		for range 4 {
			leaver := g.dialRaw(to.String())
			for n := 0; n < 1<<20; {
				p, err := leaver.recv()
				if err != nil {
					t.Fatal(err)
				}
				n += len(p)
			}
			leaver.ws.CloseNow()
		}
		c := dial(g, to)
		got, err := io.ReadAll(c)
		if err != nil || sum(got) != sum(data) {
			t.Errorf("%d of %d bytes, %v", len(got), len(data), err)
		}
		c.Close()
		eventually(t, "no stream is left", func() bool {
			_, streams, _ := g.relay.places.taken()
			return streams == 0
		})
		pipes.Lock()
		for _, p := range pipes.free {
			if n, err := syscall.Read(p.r, make([]byte, 1)); err != syscall.EAGAIN {
				t.Errorf("a free pipe: read %d, %v", n, err)
			}
		}
		free := len(pipes.free)
		pipes.Unlock()
		if left := closePipes(); free == 0 || left != 0 {
			t.Errorf("%d pipes free, %d more", free, left)
		}
	})
}

// Without pipes, and without room for what would be in them, bytes are copied.
func TestNoSplice(t *testing.T) {
	data := pattern(4<<20 + 5)
	for name, use := range map[string]func(g *rig) (giveBack func()){
		"pipes": func(*rig) func() {
			add := func(n int) {
				pipes.Lock()
				defer pipes.Unlock()
				pipes.n += n
			}
			add(maxPipes)
			return func() { add(-maxPipes) }
		},
		"room": func(g *rig) func() {
			var held []*pump.Buffer
			for g.relay.pool.Left() >= pump.Largest {
				held = append(held, g.relay.pool.Wait(pump.Largest, time.Minute))
			}
			return func() {
				for _, b := range held {
					g.relay.pool.Put(b)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachKind(t, func(t *testing.T, _ string, dial func(*rig, netip.AddrPort) net.Conn) {
				g := newRig(t, setup{conf: allowLoopback + "max-buffered 4MiB\n"})
				closePipes()
				defer use(g)()
				to := serveTCP(t, func(c *net.TCPConn) { c.Write(data) })
				got, err := io.ReadAll(dial(g, to))
				if err != nil || sum(got) != sum(data) {
					t.Errorf("%d of %d bytes, %v", len(got), len(data), err)
				}
				pipes.Lock()
				defer pipes.Unlock()
				if len(pipes.free) > 0 {
					t.Errorf("%d pipes were used", len(pipes.free))
				}
			})
		})
	}
}
