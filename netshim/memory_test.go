package netshim

import "sync"

// memory is one end of a Transport in memory.
type memory struct {
	mu    sync.Mutex
	cond  sync.Cond
	in    [][]byte
	size  int
	peer  *memory
	end   error // what Recv gives after in
	drain func()
	sent  backlog // what the peer has not received
}

// newMemory makes both ends of a WebSocket that is not one.
func newMemory() (a, b *memory) {
	a, b = &memory{drain: func() {}}, &memory{drain: func() {}}
	a.peer, b.peer = b, a
	a.cond.L, b.cond.L = &a.mu, &b.mu
	return a, b
}

func (m *memory) Send(head, body []byte) error {
	m.mu.Lock()
	end := m.end
	m.mu.Unlock()
	if end != nil {
		return end
	}
	p := m.peer
	p.mu.Lock()
	if p.end == nil {
		msg := append(append([]byte{}, head...), body...)
		p.in = append(p.in, msg)
		p.size += len(msg)
		p.cond.Broadcast()
	}
	size := p.size
	p.mu.Unlock()
	m.left(size)
	return nil
}

func (m *memory) Full() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sent.full
}

func (m *memory) OnDrain(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drain = f
}

func (m *memory) Recv() ([]byte, error) {
	m.mu.Lock()
	for len(m.in) == 0 && m.end == nil {
		m.cond.Wait()
	}
	if len(m.in) == 0 {
		defer m.mu.Unlock()
		return nil, m.end
	}
	msg := m.in[0]
	m.in = m.in[1:]
	m.size -= len(msg)
	size := m.size
	m.mu.Unlock()
	m.peer.left(size)
	return msg, nil
}

// left says how much the peer has not received.
func (m *memory) left(n int) {
	m.mu.Lock()
	drained := m.sent.set(n)
	f := m.drain
	m.mu.Unlock()
	if drained {
		go f() // the caller may hold what f wants
	}
}

func (m *memory) Close(code int, reason string) {
	// The peer first: whoever reads here may close, too, with a code of its own.
	m.peer.stop(&CloseError{Code: code, Reason: reason}, false)
	m.stop(&CloseError{Code: code, Reason: reason}, true)
}

func (m *memory) stop(err error, drop bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.end == nil {
		m.end = err
		if drop {
			m.in = nil
		}
		m.cond.Broadcast()
	}
}

// cut ends both ends as a broken network would.
func (m *memory) cut() {
	m.peer.stop(&CloseError{Code: 1006}, false)
	m.stop(&CloseError{Code: 1006}, false)
}
