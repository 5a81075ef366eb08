package netshim

import (
	"bytes"
	"math/rand"
	"testing"
)

// Whatever is copied and adopted comes out in its order, and a buffer that was
// adopted is not touched before it is read.
func TestQueue(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	// Pieces of one text at random places: random bytes for each piece would
	// take longer than all that is tested.
	text := make([]byte, 4*chunkLen)
	rnd.Read(text)
	fill := func(p []byte) { copy(p, text[rnd.Intn(len(text)-len(p)):]) }
	for range 20 {
		var q queue
		var want bytes.Buffer
		for range 200 {
			switch rnd.Intn(4) {
			case 0:
				p := make([]byte, rnd.Intn(2*chunkLen))
				fill(p)
				want.Write(p)
				q.write(p)
				clear(p)
			case 1:
				whole := make([]byte, 5+1+rnd.Intn(chunkLen))
				fill(whole)
				want.Write(whole[5:])
				q.adopt(whole[5:], whole)
			default:
				p := make([]byte, rnd.Intn(2*chunkLen))
				n := q.read(p)
				if expected := want.Next(len(p)); !bytes.Equal(p[:n], expected) {
					t.Fatalf("read %d bytes; want %d others", n, len(expected))
				}
			}
			if q.n != want.Len() {
				t.Fatalf("%d bytes queued; want %d", q.n, want.Len())
			}
		}
		q.drop()
		if q.n != 0 || q.read(make([]byte, 1)) != 0 {
			t.Error("something is left after drop")
		}
	}
	// Buffers come back as they were given, whole.
	var q queue
	whole := make([]byte, 100)
	q.adopt(whole[5:], whole)
	q.read(make([]byte, 95))
	for {
		b, ok := messages.Get().(*[]byte)
		if !ok {
			break
		}
		if len(*b) == 0 {
			t.Error("an empty buffer was kept")
		}
	}
}
