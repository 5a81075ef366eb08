package relay

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stepwire/stepwire/netshim/policy"
)

// congestionControl is how a socket finds its pace.
func congestionControl(t *testing.T, c syscall.Conn) string {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var name [16]byte
	size := uint32(len(name))
	var errno syscall.Errno
	raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall6(syscall.SYS_GETSOCKOPT, fd, syscall.IPPROTO_TCP, syscall.TCP_CONGESTION,
			uintptr(unsafe.Pointer(&name)), uintptr(unsafe.Pointer(&size)), 0)
	})
	if errno != 0 {
		t.Fatal(errno)
	}
	return strings.TrimRight(string(name[:size]), "\x00")
}

// On loopback both ends of the relay send unpaced; elsewhere the system decides.
func TestUnpacedOnLoopback(t *testing.T) {
	plain := listen(t)
	system := congestionControl(t, plain.(*net.TCPListener))
	if system == "reno" {
		t.Skip("the system's own choice is the same")
	}
	for address, want := range map[string]string{"127.0.0.1:0": "reno", "0.0.0.0:0": system} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		g := newRig(t, setup{conf: allowLoopback})
		limited := g.relay.Limit(l)
		peer, err := net.Dial("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(l.Addr().(*net.TCPAddr).Port)).String())
		if err != nil {
			t.Fatal(err)
		}
		conn, err := limited.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := congestionControl(t, plainTCP(conn)); got != want {
			t.Errorf("a client of %s: %s; want %s", address, got, want)
		}
		if got := congestionControl(t, peer.(*net.TCPConn)); got != system {
			t.Errorf("its own end: %s; want %s", got, system)
		}
		peer.Close()
		conn.Close()
		l.Close()
	}

	g := newRig(t, setup{conf: allowLoopback})
	to := serveTCP(t, func(*net.TCPConn) {})
	conn, err := g.relay.dial(context.Background(), g.relay.rules.Load(), policy.Target{Addr: to.Addr(), Port: to.Port()}, to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := congestionControl(t, conn); got != "reno" {
		t.Errorf("a target on loopback: %s; want reno", got)
	}
}
