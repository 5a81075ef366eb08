package netshim

import "testing"

// TestBacklog: a small message on a long queue does not end being full, or the
// drain would never be told.
func TestBacklog(t *testing.T) {
	var b backlog
	for _, c := range []struct {
		n             int
		full, drained bool
	}{
		{fullAt - 1, false, false},
		{fullAt, true, false},
		{fullAt - 1, true, false},
		{drainedAt + 1, true, false},
		{drainedAt, false, true},
		{drainedAt - 1, false, false},
		{drainedAt + 1, false, false},
		{fullAt + 1, true, false},
		{0, false, true},
	} {
		if drained := b.set(c.n); drained != c.drained || b.full != c.full {
			t.Errorf("at %d: full %v, drained %v; want %v, %v", c.n, b.full, drained, c.full, c.drained)
		}
	}
}
