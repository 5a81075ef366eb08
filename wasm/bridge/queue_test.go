package bridge

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestQueueKeepsOrder(t *testing.T) {
	var q queue
	var wait sync.WaitGroup
	var got []int
	for round := range 3 { // the queue is empty between rounds
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

func TestQueueEndsAfterWhatWasPushed(t *testing.T) {
	var q queue
	ran := make(chan bool, 1)
	q.push(func() { ran <- true })
	q.end()
	<-ran
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		q.mu.Lock()
		running := q.running
		q.mu.Unlock()
		if !running {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the goroutine lives on")
		}
	}
}

func TestQueueIsPushedToByWhatItRuns(t *testing.T) {
	var q queue
	done := make(chan bool)
	q.push(func() { q.push(func() { close(done) }) })
	<-done
}
