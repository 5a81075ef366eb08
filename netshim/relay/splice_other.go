//go:build !linux

package relay

import "github.com/stepwire/stepwire/netshim/pump"

// Splice implements [pump.Splicer]: bytes pass through buffers here.
func (s *socket) Splice(pump.Target) pump.Splice { return nil }
