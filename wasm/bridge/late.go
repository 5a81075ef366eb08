package bridge

import (
	"net"
	"sync"
	"unsafe"
)

// Late is the memory of a message that is handled while large bytes in it still
// arrive, from its beginning to its end. Nothing else arrives meanwhile.
type Late struct {
	mu      sync.Mutex
	changed sync.Cond
	memory  []byte
	there   int
}

// NewLate makes one of which nothing is there.
func NewLate(memory []byte) *Late {
	l := &Late{memory: memory}
	l.changed.L = &l.mu
	return l
}

// Arrived tells that the first n bytes are there, and gives whether that is all.
func (l *Late) Arrived(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.there = n
	l.changed.Broadcast()
	return n == len(l.memory)
}

// wait waits until more than n bytes are there, or all, and says how many.
func (l *Late) wait(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.there <= n && l.there < len(l.memory) {
		l.changed.Wait()
	}
	return l.there
}

// All waits until all is there; nil: it is.
func (l *Late) All() {
	if l != nil {
		l.wait(len(l.memory))
	}
}

// find tells where in the memory p lies, -1 where it does not.
func (l *Late) find(p []byte) int {
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(l.memory)))
	at := uintptr(unsafe.Pointer(unsafe.SliceData(p)))
	if at < begin || at >= begin+uintptr(len(l.memory)) {
		return -1
	}
	return int(at - begin)
}

// lateConn is a transport that may be given bytes which still arrive. It has a
// function instead of the connection for the reason that printer is one.
type lateConn struct {
	net.Conn
	late func() *Late // nil: everything is there
}

func (l lateConn) Write(p []byte) (int, error) {
	late := l.late()
	at := -1
	if late != nil && len(p) > 0 {
		at = late.find(p)
	}
	if at < 0 {
		return l.Conn.Write(p)
	}
	done := 0
	for done < len(p) {
		ready := min(late.wait(at+done)-at, len(p))
		n, err := l.Conn.Write(p[done:ready])
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// beginsLate tells that a method can begin while the bytes among its arguments
// arrive: they are the body, and nothing looks at it before the transport does.
func (c *connection) beginsLate(method string, args list) bool {
	if !c.plain || c.log != nil || c.http == nil || c.http.DebugLevel > 0 {
		return false
	}
	var body any
	switch method {
	case "request":
		// A value of a header can be large bytes, too, and chunks are copies.
		if len(sub(args.at(2))) > 0 || args.at(4) == true {
			return false
		}
		body = args.at(3)
	case "send":
		body = args.at(0)
	}
	_, isBytes := body.([]byte)
	return isBytes
}
