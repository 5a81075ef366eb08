//go:build !linux

package relay

import (
	"net"
	"net/netip"
	"syscall"
)

func unpace(netip.Addr, syscall.RawConn) {}

func unpaceListener(net.Listener) {}
