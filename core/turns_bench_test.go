//go:build !js

package core_test

import (
	"slices"
	"testing"
	"time"
)

// client is one of those that a benchmark compares.
type client struct {
	name  string
	bytes int64       // moved each time; 0: it is not what counts
	do    func(n int) // does it n times over
}

// slice is about how long a client's turn lasts: shorter than what else the
// machine does for long, so that most turns are undisturbed, and long beside a
// collection of garbage.
const slice = 2 * time.Millisecond

// compare measures each client on its own, and all of them in turns under the
// name "turns": the medians as NAME-ns/op and NAME-MB/s.
func compare(b *testing.B, clients ...client) {
	for _, c := range clients {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(c.bytes)
			c.do(1)
			b.ResetTimer()
			c.do(b.N)
		})
	}
	b.Run("turns", func(b *testing.B) {
		for i, took := range turns(b, clients) {
			c, median := clients[i], took[len(took)/2]
			b.ReportMetric(median, c.name+"-ns/op")
			if c.bytes > 0 {
				b.ReportMetric(float64(c.bytes)/median*1e3, c.name+"-MB/s")
			}
		}
	})
}

// turns lets the clients take turns, so that what slows the machine down meets
// all alike, and gives what each took, in nanoseconds a time, the fastest first.
func turns(b *testing.B, clients []client) [][]float64 {
	times := make([]int, len(clients)) // that fill a slice
	took := make([][]float64, len(clients))
	turn := func(i, n int) time.Duration {
		began := time.Now()
		clients[i].do(n)
		return time.Since(began)
	}
	for i := range clients {
		turn(i, 1) // connects
		times[i] = 1
		for turn(i, times[i]) < slice/2 {
			times[i] *= 2
		}
	}
	for b.Loop() {
		for i := range clients {
			took[i] = append(took[i], float64(turn(i, times[i]).Nanoseconds())/float64(times[i]))
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	return took
}
