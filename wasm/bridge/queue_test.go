package bridge

import (
	"sync"
	"testing"
)

func TestQueueKeepsOrder(t *testing.T) {
	var q queue
	var wait sync.WaitGroup
	var got []int
	for round := range 3 { // the goroutine ends and starts again between rounds
		for i := range 100 {
			wait.Add(1)
			q.push(func() {
				defer wait.Done()
				got = append(got, round*100+i)
			})
		}
		wait.Wait()
	}
	for i, n := range got {
		if n != i {
			t.Fatalf("function %d ran as number %d", n, i)
		}
	}
	if len(got) != 300 {
		t.Fatalf("%d of 300 functions ran", len(got))
	}
}

func TestQueueIsPushedToByWhatItRuns(t *testing.T) {
	var q queue
	done := make(chan bool)
	q.push(func() { q.push(func() { close(done) }) })
	<-done
}
