//go:build !unix

package relay

import "syscall"

// rawConn is not used where sockets cannot be read without waiting.
type rawConn struct{}

func rawOf(syscall.Conn) (rawConn, error) { return rawConn{}, nil }

// Read implements [pump.Target], holding a buffer while it waits.
func (t *target) Read(take func() []byte, give func()) (int, error) {
	n, err := t.tcp.Read(take())
	t.metrics.down.Add(float64(n))
	return n, err
}

// TryWrite implements [pump.Target]: everything takes the queue.
func (t *target) TryWrite([]byte) (int, error) { return 0, nil }
