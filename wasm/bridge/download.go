package bridge

import (
	"context"
	"io"
	"net"
)

// waitingRead is how much is asked for where nothing has arrived yet: what a
// read asks for is allocated before it is known how much will come.
const waitingRead = 8 << 10

// sealedRecord is the most that one record of TLS takes on the transport (RFC 8446
// §5.2, RFC 5246 §6.2.3): of as many bytes something can be read without waiting,
// though they do not tell how much. sealedRead is the most that one gives.
const (
	sealedRecord = 5 + 16<<10 + 2<<10
	sealedRead   = 16 << 10
)

// tracedRead is how much is asked for while the calls are traced and less has
// arrived.
const tracedRead = 64 << 10

// chunk gives the next part of the body, at most n bytes: what has arrived, or
// if that is nothing, what comes first. It is empty at the end. It is for the
// stream of the body, and unlike Python's read1 raises IncompleteRead where the
// connection ends before an announced length. It is valid until the next call.
func (r *response) chunk(ctx context.Context, n int) ([]byte, error) {
	if err := r.failed; err != nil {
		r.failed = nil
		return nil, err
	}
	if r.connection.log != nil {
		data, err := r.http.Read1(ctx, min(n, max(tracedRead, r.arrived())))
		if err != nil {
			return nil, err
		}
		return data, r.settle(len(data))
	}
	p := r.connection.scratch(n)
	got := 0
	for {
		m, err := r.more(ctx, p[got:])
		got += m
		if err == nil {
			err = r.settle(m)
		}
		if err != nil && got > 0 {
			r.failed = err // for the next call: what came before it counts
			return p[:got], nil
		}
		// Around a chunk boundary the next read can wait for the rest of a chunk's
		// size line, so that a small rest is left for later.
		if err != nil || m == 0 || got == n || !r.ready() {
			return p[:got], err
		}
	}
}

// more reads once into p, waiting only if nothing has arrived.
func (r *response) more(ctx context.Context, p []byte) (int, error) {
	arrived := r.arrived()
	if !r.http.Chunked && arrived > 0 {
		return r.http.ReadInto(ctx, p[:min(len(p), arrived)])
	}
	least := waitingRead
	if r.sealed != nil {
		least = sealedRead
	}
	data, err := r.http.Read1(ctx, min(len(p), max(arrived, least)))
	return copy(p, data), err
}

// arrived counts the bytes that can be read without waiting, 0 where that is not
// known.
func (r *response) arrived() int { return buffered(r.transport) }

// ready tells that enough has arrived for one more read.
func (r *response) ready() bool {
	return r.arrived() >= waitingRead/2 || buffered(r.sealed) >= sealedRecord
}

// buffered counts the bytes that a transport has ready, 0 where it cannot tell.
func buffered(c net.Conn) int {
	if t, ok := c.(interface{ Buffered() int }); ok {
		return t.Buffered()
	}
	return 0
}

// settle ends a response that was read to its end: read1 leaves it open at its
// announced length, as Python's does. After a read of nothing it finds out
// whether that was the end.
func (r *response) settle(read int) error {
	if left, known := r.http.Length(); read > 0 && (!known || left > 0 || r.http.Chunked) {
		return nil
	}
	if _, err := r.http.Read(make([]byte, 1)); err != nil && err != io.EOF {
		return err
	}
	return nil
}
