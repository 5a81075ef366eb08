package wisp

import "strconv"

// sendWindow is how much may still be sent on a stream: bytes under the flow
// extension, packets for a plain client, anything for a plain server.
type sendWindow struct {
	unit  unit
	avail int64
}

// unit is what a window counts.
type unit byte

const (
	unlimited unit = iota
	inPackets
	inBytes
)

// take reserves up to want bytes for one DATA packet of at most max bytes and
// says how many were granted; 0 means wait.
func (w *sendWindow) take(want, max int) int {
	n := min(want, max)
	switch w.unit {
	case inPackets:
		if w.avail == 0 {
			return 0
		}
		w.avail--
	case inBytes:
		n = int(min(int64(n), w.avail))
		w.avail -= int64(n)
	}
	return n
}

// add raises the window by n bytes.
func (w *sendWindow) add(n uint32) error {
	if w.avail+int64(n) > maxWindow {
		return protocolError("CREDIT of " + utoa(n) + " bytes on top of " + strconv.FormatInt(w.avail, 10) + " passes 2^31-1")
	}
	w.avail += int64(n)
	return nil
}

// byteWindow is the receiving side of byte credits.
type byteWindow struct {
	size    int64 // the window promised
	allowed int64 // bytes the peer may still send
	taken   int64 // bytes taken by the reader and not yet granted again
}

// receive accounts n bytes; false is an overrun.
func (w *byteWindow) receive(n int) bool {
	w.allowed -= int64(n)
	return w.allowed >= 0
}

// consume accounts n bytes that left the queue and gives the credit to send
// now: 0 until a quarter of the window has gathered, so that credits stay few
// and the peer seldom waits for one.
func (w *byteWindow) consume(n int) uint32 {
	w.taken += int64(n)
	if w.taken*4 < w.size {
		return 0
	}
	grant := w.taken
	w.taken = 0
	w.allowed += grant
	return uint32(grant)
}

// packetWindow is the receiving side of plain Wisp's credits.
//
// A CONTINUE resets the client's counter, so what the client had left when it
// came is not known here: it may have sent all of that just before. limit is
// the most packets that a client which keeps to the protocol can have sent; a
// CONTINUE adds its whole count to it. That never accuses an honest client,
// and holding the next CONTINUE back while limit is too far ahead of what was
// consumed bounds the queue to twice the window.
type packetWindow struct {
	size     int64 // packets a CONTINUE grants
	limit    int64 // most packets the client can have been allowed, ever
	received int64
	consumed int64
	renewed  int64 // value of consumed at the last CONTINUE
	lens     []int // lengths of the packets in the queue, oldest first
	partial  int   // bytes consumed of lens[0]
}

// receive accounts one packet of n bytes; false is an overrun.
func (w *packetWindow) receive(n int) bool {
	w.received++
	if n == 0 && len(w.lens) == 0 {
		w.consumed++ // nothing to wait for
	} else {
		w.lens = append(w.lens, n)
	}
	return w.received <= w.limit
}

// consume accounts n bytes that left the queue and gives the count for a
// CONTINUE to send now, or 0.
func (w *packetWindow) consume(n int) uint32 {
	w.partial += n
	i := 0
	for i < len(w.lens) && w.partial >= w.lens[i] {
		w.partial -= w.lens[i]
		w.consumed++
		i++
	}
	w.lens = append(w.lens[:0], w.lens[i:]...)
	if (w.consumed-w.renewed)*2 < w.size || w.limit+w.size-w.consumed > 2*w.size {
		return 0
	}
	w.renewed = w.consumed
	w.limit += w.size
	return uint32(w.size)
}
