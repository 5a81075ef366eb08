//go:build !js || inpage

package bridge

import (
	"context"
	"net"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/scenario"
	"github.com/stepwire/stepwire/wasm/inpage"
)

// demoPeer is the demo origin in this program, for one connection.
type demoPeer struct{ *inpage.Server }

func (p demoPeer) dial(ctx context.Context, source *core.SourceAddress) (net.Conn, error) {
	return p.Dial(ctx, source)
}

func (p demoPeer) stop() { p.Stop() }

// secure goes over to TLS.
func (p demoPeer) secure(host string) (authority string, err error) { return p.Secure(host) }

// Bounds of what a page may ask for.
const (
	maxPiece  = 1 << 20
	maxPause  = 60_000 // ms
	maxOffset = 1 << 50
)

// startDemo starts the demo origin with faults on its line: an object with demo,
// which is true, and pieceSize, pauseMs, cutAfter or resetAfter, spoilAt and spoilSize, each of
// which may be left out.
func startDemo(given scenario.Object) (inPagePeer, error) {
	var faults inpage.Faults
	if demo, _ := given.Get("demo"); demo != true {
		return nil, h1.Raise(h1.ErrValueError, "peer must be a list, a script for each connection, or an object with demo: true")
	}
	for _, m := range given {
		wrong := func(want string) (inPagePeer, error) {
			return nil, h1.Raise(h1.ErrValueError, "peer."+m.Name+" must be "+want)
		}
		n, isInt := int64(0), false
		if number, ok := m.Value.(scenario.Number); ok {
			n, isInt = number.Int64()
		}
		within := func(most int64) bool { return isInt && n >= 0 && n <= most }
		switch m.Name {
		case "demo":
		case "pieceSize":
			if !within(maxPiece) {
				return wrong("a number of bytes up to 1048576; 0 for pieces as they are written")
			}
			faults.PieceSize = int(n)
		case "pauseMs":
			if !within(maxPause) {
				return wrong("a number of milliseconds up to 60000")
			}
			faults.Pause = time.Duration(n) * time.Millisecond
		case "cutAfter", "resetAfter":
			if !within(maxOffset) {
				return wrong("a number of bytes")
			}
			if faults.End != inpage.NoEnd {
				return wrong("left out where the other is given: there is only one end")
			}
			if faults.End = inpage.Cut; m.Name == "resetAfter" {
				faults.End = inpage.Reset
			}
			faults.EndAfter = n
		case "spoilAt":
			if !within(maxOffset) {
				return wrong("an offset in bytes")
			}
			faults.SpoilAt = n
			if faults.SpoilSize == 0 {
				faults.SpoilSize = 1
			}
		case "spoilSize":
			if !within(maxOffset) || n == 0 {
				return wrong("a number of bytes, 1 at least")
			}
			faults.SpoilSize = n
		default:
			return nil, h1.Raise(h1.ErrValueError, "peer has no member "+m.Name+"; expected pieceSize, pauseMs, cutAfter, resetAfter, spoilAt or spoilSize")
		}
	}
	server, err := inpage.Start(faults)
	if err != nil {
		return nil, err
	}
	return demoPeer{server}, nil
}
