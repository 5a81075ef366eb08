package relay

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// linger is how long a target may take to answer the relay's FIN with its own.
// Without the wait, bytes it still sends would be answered with a reset, which
// can destroy what it has not read yet.
const linger = 5 * time.Second

// target is a TCP connection as [pump.Target].
type target struct {
	raw     rawConn
	tcp     *net.TCPConn
	pace    pace
	metrics *metrics
	once    sync.Once
	release func() // gives back the stream's place
}

// Write implements [pump.Target].
func (t *target) Write(p []byte) (int, error) {
	t.tcp.SetWriteDeadline(time.Now().Add(t.pace.limit(len(p))))
	n, err := t.tcp.Write(p)
	t.metrics.up.Add(float64(n))
	return n, err
}

// CloseWrite implements [pump.Target].
func (t *target) CloseWrite() error { return t.tcp.CloseWrite() }

// Interrupt implements [pump.Target].
func (t *target) Interrupt() { t.tcp.SetReadDeadline(time.Unix(1, 0)) }

// Close implements [pump.Target].
func (t *target) Close() {
	t.once.Do(func() {
		defer t.release()
		defer t.tcp.Close()
		if t.tcp.CloseWrite() != nil {
			return
		}
		t.tcp.SetReadDeadline(time.Now().Add(linger))
		var scratch [512]byte
		for {
			if _, err := t.tcp.Read(scratch[:]); err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.tcp.SetLinger(0)
				}
				return
			}
		}
	})
}

// Reset implements [pump.Target].
func (t *target) Reset() {
	t.once.Do(func() {
		defer t.release()
		t.tcp.SetLinger(0)
		t.tcp.Close()
	})
}
