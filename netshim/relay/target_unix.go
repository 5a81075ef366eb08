//go:build unix

package relay

import (
	"io"
	"os"
	"syscall"
)

// rawConn gives access to the socket, so that no buffer is held while waiting.
type rawConn = syscall.RawConn

func rawOf(c syscall.Conn) (rawConn, error) { return c.SyscallConn() }

// Read implements [pump.Target].
func (t *target) Read(take func() []byte, give func()) (n int, err error) {
	var failed error
	err = t.raw.Read(func(fd uintptr) bool {
		buf := take()
		for {
			n, failed = syscall.Read(int(fd), buf)
			switch failed {
			case syscall.EINTR:
				continue
			case syscall.EAGAIN:
				give()
				return false
			}
			return true
		}
	})
	switch {
	case err != nil:
		return 0, err
	case failed != nil:
		return 0, os.NewSyscallError("read", failed)
	case n == 0:
		return 0, io.EOF
	}
	t.metrics.down.Add(float64(n))
	return n, nil
}

// TryWrite implements [pump.Target].
func (t *target) TryWrite(p []byte) (n int, err error) {
	var failed error
	err = t.raw.Write(func(fd uintptr) bool {
		for {
			n, failed = syscall.Write(int(fd), p)
			if failed != syscall.EINTR {
				return true
			}
		}
	})
	n = max(n, 0)
	if failed == syscall.EAGAIN {
		failed = nil
	}
	if err == nil && failed != nil {
		err = os.NewSyscallError("write", failed)
	}
	t.metrics.up.Add(float64(n))
	return n, err
}
