package relay

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/stepwire/stepwire/netshim/pump"
)

// splice moves bytes from a target to a client through a pipe: the kernel passes
// on the pages they are in, where reading and writing them is two copies.
type splice struct {
	sock *socket
	to   syscall.RawConn
	from *target
	pipe *pipe // holds what was read; nil: nothing
	left int   // bytes in it
}

// Splice implements [pump.Splicer]: over plain TCP there is a way.
func (s *socket) Splice(t pump.Target) pump.Splice {
	from, ok := t.(*target)
	if !ok || s.tcp.plain == nil {
		return nil
	}
	to, err := s.tcp.plain.SyscallConn()
	if err != nil {
		return nil
	}
	return &splice{sock: s, to: to, from: from}
}

// Read implements [pump.Splice].
func (s *splice) Read(most int, take func() bool, give func()) (n int, err error) {
	var failed error
	err = s.from.raw.Read(func(fd uintptr) bool {
		if !take() {
			failed = pump.ErrNoSplice
			return true
		}
		if s.pipe = takePipe(); s.pipe == nil {
			give()
			failed = pump.ErrNoSplice
			return true
		}
		n, failed = spliceOnce(int(fd), s.pipe.w, most)
		if n > 0 {
			return true
		}
		s.pipe.give()
		s.pipe = nil
		give()
		return failed != syscall.EAGAIN
	})
	switch {
	case err != nil:
		return 0, err
	case failed == syscall.EINVAL:
		return 0, pump.ErrNoSplice
	case failed == pump.ErrNoSplice:
		return 0, failed
	case failed != nil:
		return 0, os.NewSyscallError("splice", failed)
	case n == 0:
		return 0, io.EOF
	}
	s.left = n
	s.from.metrics.down.Add(float64(n))
	return n, nil
}

// Write implements [pump.Splice].
func (s *splice) Write(head []byte) error {
	s.sock.writeBy.Store(time.Now().Add(s.sock.pace.limit(len(head) + s.left)).UnixNano())
	err := s.sock.tcp.spliced(head, s)
	s.sock.writeBy.Store(0)
	if err == nil {
		s.sock.tcp.touch()
	}
	return err
}

// Drop implements [pump.Splice].
func (s *splice) Drop() {
	if s.pipe == nil {
		return
	}
	if s.left == 0 {
		s.pipe.give()
	} else {
		s.pipe.close()
	}
	s.pipe, s.left = nil, 0
}

// spliced writes one binary message of head and what is in the pipe.
func (t *tapped) spliced(head []byte, s *splice) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.closing {
		return net.ErrClosed
	}
	frame := append(frameHead(t.head[:0], len(head)+s.left), head...)
	var failed error
	err := s.to.Write(func(fd uintptr) bool {
		for len(frame) > 0 {
			n, err := syscall.SendmsgN(int(fd), frame, nil, nil, syscall.MSG_MORE|syscall.MSG_NOSIGNAL|syscall.MSG_DONTWAIT)
			switch {
			case err == syscall.EINTR:
			case err == syscall.EAGAIN:
				return false
			case err != nil:
				failed = os.NewSyscallError("sendmsg", err)
				return true
			}
			frame = frame[max(n, 0):]
		}
		for s.left > 0 {
			n, err := spliceOnce(s.pipe.r, int(fd), s.left)
			switch {
			case err == syscall.EAGAIN:
				return false
			case err != nil:
				failed = os.NewSyscallError("splice", err)
				return true
			case n == 0:
				failed = io.ErrUnexpectedEOF
				return true
			}
			s.left -= n
		}
		return true
	})
	if err == nil {
		err = failed
	}
	return err
}

// Flags of splice(2).
const (
	spliceMove     = 1
	spliceNonblock = 2
)

func spliceOnce(from, to, most int) (int, error) {
	for {
		n, err := syscall.Splice(from, nil, to, nil, most, spliceMove|spliceNonblock)
		if err != syscall.EINTR {
			return max(int(n), 0), err
		}
	}
}

// maxPipes is how many pipes there may be. Who finds none copies instead.
const maxPipes = 32

// pipeRoom is how large a pipe is asked to be, in bytes. It has a place for every
// 4 KiB of that, and a piece that came over TCP, large or small, takes one.
const pipeRoom = 1 << 20

// setPipeSize is the fcntl(2) command F_SETPIPE_SZ.
const setPipeSize = 1031

// pipe is an empty pipe, but for as long as a splice has it.
type pipe struct{ r, w int }

var pipes struct {
	sync.Mutex
	free []*pipe
	n    int // of all
}

// takePipe gives a pipe, or nil where there is none to be had.
func takePipe() *pipe {
	pipes.Lock()
	defer pipes.Unlock()
	if k := len(pipes.free) - 1; k >= 0 {
		p := pipes.free[k]
		pipes.free = pipes.free[:k]
		return p
	}
	if pipes.n == maxPipes {
		return nil
	}
	var fds [2]int
	if syscall.Pipe2(fds[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK) != nil {
		return nil
	}
	pipes.n++
	// A smaller pipe does too, so it does not matter whether this is allowed.
	syscall.Syscall(syscall.SYS_FCNTL, uintptr(fds[1]), setPipeSize, pipeRoom)
	return &pipe{fds[0], fds[1]}
}

// give puts an empty pipe back.
func (p *pipe) give() {
	pipes.Lock()
	defer pipes.Unlock()
	pipes.free = append(pipes.free, p)
}

// close ends a pipe that is not empty.
func (p *pipe) close() {
	syscall.Close(p.r)
	syscall.Close(p.w)
	pipes.Lock()
	defer pipes.Unlock()
	pipes.n--
}
