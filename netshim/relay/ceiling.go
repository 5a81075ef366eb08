package relay

import (
	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/pump"
)

// What one of each costs at most beyond charged buffers, in bytes, measured
// with room to spare: goroutines, sockets' bookkeeping, the small buffer that
// is never refused.
const (
	base          = 64 << 20
	perConnection = 48<<10 + pump.Small
	perStream     = 24<<10 + pump.Small
	perDial       = 64<<10 + 16<<10 // what a wsproxy client may send early
)

// Ceiling is the most memory a relay with these limits takes, in bytes.
func Ceiling(l policy.Limits) int64 {
	// The last tenth is the garbage collector's: it works harder as it comes near.
	sum := int64(base) + int64(l.Buffered) +
		int64(l.Connections+spare)*perConnection +
		int64(l.Streams)*perStream +
		int64(l.Dials)*perDial
	return sum + sum/10
}
