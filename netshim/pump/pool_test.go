package pump

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestPoolIsBounded(t *testing.T) {
	p := NewPool(Largest + 68<<10)
	a := p.Get(Largest)
	if len(a.B) != Largest {
		t.Fatalf("got %d bytes", len(a.B))
	}
	b := p.Get(Largest) // what is left does for the next smaller one that fits
	if len(b.B) != 68<<10 {
		t.Errorf("then got %d bytes", len(b.B))
	}
	c := p.Get(Largest)
	if len(c.B) != Small {
		t.Errorf("of an empty pool got %d bytes", len(c.B))
	}
	if p.Left() != 0 {
		t.Errorf("%d left", p.Left())
	}
	if d := p.Wait(1, time.Millisecond); d != nil {
		t.Error("a wait on an empty pool gave a buffer")
	}
	for _, b := range []*Buffer{a, b, c} {
		p.Put(b)
	}
	if p.Left() != Largest+68<<10 {
		t.Errorf("%d left in the end", p.Left())
	}
}

// Who waits first is served first, and a small want does not overtake.
func TestPoolServesInTurn(t *testing.T) {
	p := NewPool(132 << 10)
	all := p.Get(132 << 10)
	order := make(chan string, 2)
	var wg sync.WaitGroup
	wait := func(name string, n int) {
		wg.Go(func() {
			b := p.Wait(n, time.Minute)
			order <- name
			p.Put(b)
		})
		for p.queue() == 0 || name == "second" && p.queue() < 2 {
			time.Sleep(time.Millisecond)
		}
	}
	wait("first", 132<<10)
	wait("second", Small)
	if b := p.Get(68 << 10); len(b.B) != Small {
		t.Errorf("got %d bytes while others wait", len(b.B))
	}
	p.Put(all)
	wg.Wait()
	if a, b := <-order, <-order; a != "first" || b != "second" {
		t.Errorf("served %s, then %s", a, b)
	}
	if p.Left() != 132<<10 {
		t.Errorf("%d left", p.Left())
	}
}

func (p *Pool) queue() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiting)
}

// One that gives up lets the one behind it through.
func TestPoolGivingUp(t *testing.T) {
	p := NewPool(100 << 10)
	held := p.Get(68 << 10)
	var wg sync.WaitGroup
	var gaveUp atomic.Bool
	wg.Go(func() {
		if p.Wait(68<<10, 20*time.Millisecond) != nil {
			t.Error("it got what is not there")
		}
		gaveUp.Store(true)
	})
	for p.queue() == 0 && !gaveUp.Load() { // on a busy machine it may be over already
		time.Sleep(time.Millisecond)
	}
	b := p.Wait(Small, time.Minute)
	if b == nil {
		t.Fatal("the one behind got nothing")
	}
	wg.Wait()
	p.Put(b)
	p.Put(held)
	if p.Left() != 100<<10 {
		t.Errorf("%d left", p.Left())
	}
}
