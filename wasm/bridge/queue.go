package bridge

import "sync"

// queue runs functions one after the other, in the order in which they were
// pushed. Its goroutine lives from the first of them until the end: one for each
// would have to grow its stack each time.
type queue struct {
	mu      sync.Mutex
	changed sync.Cond
	waiting []func()
	running bool
	ended   bool
}

func (q *queue) push(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, f)
	if !q.running {
		q.running = true
		q.changed.L = &q.mu
		go q.run()
	}
	q.changed.Broadcast()
}

// busy tells whether there is more to run.
func (q *queue) busy() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) > 0
}

// end lets the goroutine go after what has been pushed.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.changed.Broadcast()
}

func (q *queue) run() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.waiting) == 0 {
			if q.ended {
				q.running = false
				return
			}
			q.waiting = nil
			q.changed.Wait()
		}
		f := q.waiting[0]
		q.waiting[0] = nil
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		f()
		q.mu.Lock()
	}
}
