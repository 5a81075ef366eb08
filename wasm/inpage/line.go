package inpage

import (
	"net"
	"os"
	"syscall"
	"time"

	"github.com/stepwire/stepwire/core/scenario"
)

// Faults is what happens to the bytes that a server sends, on each of its
// connections. The zero Faults is a line without any.
type Faults struct {
	PieceSize int           // bytes that arrive together at most; 0: what the server writes at once
	Pause     time.Duration // before each piece
	End       End           // how the server's bytes end early
	EndAfter  int64         // bytes before that
	SpoilAt   int64         // offset of the first byte whose highest bit is flipped
	SpoilSize int64         // how many there are; 0: none
}

// End is how a connection ends early.
type End int

// Ends.
const (
	NoEnd End = iota
	Cut       // the server stops sending, as one that died
	Reset     // and the connection is reset
)

// faultyListener makes connections faulty.
type faultyListener struct {
	*scenario.Listener
	faults Faults
}

func (l faultyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &line{transport: conn.(transport), faults: l.faults}, nil
}

// transport is a scenario.Network's connection.
type transport interface {
	net.Conn
	CloseWrite() error
	SetLinger(seconds int) error
	Settle(pause time.Duration) error
}

// line is the server's end of a faulty connection. As the server's, it is
// written by one goroutine at a time.
type line struct {
	transport
	faults Faults
	sent   int64
}

// Write sends p as the faults have it. At an early end it fails as a write to a
// client that is gone does.
func (l *line) Write(p []byte) (n int, err error) {
	f := &l.faults
	for n < len(p) {
		piece := p[n:]
		if f.PieceSize > 0 && len(piece) > f.PieceSize {
			piece = piece[:f.PieceSize]
		}
		if f.End != NoEnd && int64(len(piece)) > f.EndAfter-l.sent {
			piece = piece[:max(0, f.EndAfter-l.sent)]
		}
		if len(piece) > 0 {
			if f.PieceSize > 0 || f.Pause > 0 {
				if err := l.Settle(f.Pause); err != nil {
					return n, err
				}
			}
			sent, err := l.transport.Write(f.spoiled(piece, l.sent))
			n, l.sent = n+sent, l.sent+int64(sent)
			if err != nil {
				return n, err
			}
		}
		if f.End != NoEnd && l.sent >= f.EndAfter {
			return n, l.end()
		}
	}
	return n, nil
}

// spoiled flips the highest bit of the bytes of p, which begins at an offset,
// that are to be spoiled: no ASCII is left where they were.
func (f *Faults) spoiled(p []byte, offset int64) []byte {
	from, to := max(0, f.SpoilAt-offset), min(int64(len(p)), f.SpoilAt-offset+f.SpoilSize)
	if from >= to {
		return p
	}
	p = append([]byte{}, p...)
	for i := from; i < to; i++ {
		p[i] ^= 0x80
	}
	return p
}

func (l *line) end() error {
	if l.faults.End == Reset {
		l.SetLinger(0)
		l.Close()
	} else {
		l.CloseWrite()
	}
	return &net.OpError{Op: "write", Net: "tcp", Source: l.LocalAddr(), Addr: l.RemoteAddr(), Err: os.NewSyscallError("write", syscall.EPIPE)}
}
