package pump

import (
	"sync"
	"time"
)

// Small is the size of the buffers that Get never refuses: one for each stream
// and one for each WebSocket at most.
const Small = 16 << 10

// classes are the buffer sizes. The room beyond a power of two is for packet
// headers; the second takes a 64 KiB packet, the third a message of the
// largest size that is read, the last what is read at once towards a client
// that takes large messages.
var classes = [...]int{Small, 68 << 10, 132 << 10, 516 << 10}

// Largest is the size of the largest buffer.
const Largest = 516 << 10

// A Buffer is a slice from a Pool.
type Buffer struct {
	B       []byte
	class   int
	charged int
}

// A Pool hands out buffers and bounds how many bytes of them are out at once,
// small ones from Get excepted.
type Pool struct {
	free [len(classes)]sync.Pool

	mu      sync.Mutex
	left    int
	waiting []*waiter // first come, first served
}

type waiter struct {
	need  int
	ready chan struct{}
}

// NewPool makes a pool of limit bytes.
func NewPool(limit int) *Pool {
	p := &Pool{left: limit}
	for i, size := range classes {
		p.free[i].New = func() any { return &Buffer{B: make([]byte, size), class: i} }
	}
	return p
}

// Get gives a buffer of at least want bytes, or a smaller one when the pool is
// low: at worst a small one. It never waits.
func (p *Pool) Get(want int) *Buffer {
	class := 0
	for class < len(classes)-1 && classes[class] < want {
		class++
	}
	for ; class > 0; class-- {
		if p.tryCharge(classes[class]) {
			b := p.free[class].Get().(*Buffer)
			b.charged = classes[class]
			return b
		}
	}
	return p.free[0].Get().(*Buffer)
}

// Wait gives a buffer of at least want bytes, charged even when it is a small
// one. It waits up to timeout for the pool to have it and gives nil when it did
// not.
func (p *Pool) Wait(want int, timeout time.Duration) *Buffer {
	class := 0
	for classes[class] < want {
		class++
	}
	if !p.charge(classes[class], timeout) {
		return nil
	}
	b := p.free[class].Get().(*Buffer)
	b.charged = classes[class]
	return b
}

// Put takes a buffer back.
func (p *Pool) Put(b *Buffer) {
	if b.charged > 0 {
		p.release(b.charged)
		b.charged = 0
	}
	p.free[b.class].Put(b)
}

// Left is how many bytes can still be handed out.
func (p *Pool) Left() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left
}

func (p *Pool) tryCharge(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) > 0 || p.left < n {
		return false
	}
	p.left -= n
	return true
}

func (p *Pool) charge(n int, timeout time.Duration) bool {
	p.mu.Lock()
	if len(p.waiting) == 0 && p.left >= n {
		p.left -= n
		p.mu.Unlock()
		return true
	}
	w := &waiter{n, make(chan struct{})}
	p.waiting = append(p.waiting, w)
	p.mu.Unlock()

	t := time.NewTimer(timeout)
	defer t.Stop()
	select {
	case <-w.ready:
		return true
	case <-t.C:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.waiting {
		if other == w {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			p.serve() // the one behind may need less
			return false
		}
	}
	return true // served just now
}

func (p *Pool) release(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left += n
	p.serve()
}

func (p *Pool) serve() {
	for len(p.waiting) > 0 && p.left >= p.waiting[0].need {
		p.left -= p.waiting[0].need
		close(p.waiting[0].ready)
		p.waiting = p.waiting[1:]
	}
}
