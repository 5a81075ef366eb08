package relay

import (
	"net"
	"net/netip"
	"syscall"
)

// unpace lets a socket that is yet to connect, or that listens, send without
// pacing when addr, its own or the peer's, is loopback. There is no path to be
// probed, and the timers of a congestion control that paces, such as BBR, cost
// more than the sending. It has to be chosen before a connection begins, for one
// that has paced goes on with it; those of a listener inherit it.
//
// Reno is there on every system and open to every process. It has no losses to
// be slow after here.
func unpace(addr netip.Addr, c syscall.RawConn) {
	if !addr.Unmap().IsLoopback() {
		return
	}
	c.Control(func(fd uintptr) {
		// Where this is not to be had, all goes on at the system's pace.
		syscall.SetsockoptString(int(fd), syscall.IPPROTO_TCP, syscall.TCP_CONGESTION, "reno")
	})
}

func unpaceListener(l net.Listener) {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return
	}
	if c, err := tcp.SyscallConn(); err == nil {
		unpace(tcp.Addr().(*net.TCPAddr).AddrPort().Addr(), c)
	}
}
