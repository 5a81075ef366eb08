package netshim

import "sync"

// chunkLen is how much of a queue is allocated at once, in bytes.
const chunkLen = 64 << 10

var chunks = sync.Pool{New: func() any { return new([chunkLen]byte) }}

// queue holds the bytes that arrived and were not read. It copies what it is
// given, and returns its memory as it is read.
type queue struct {
	parts []*[chunkLen]byte
	head  int // offset of the first byte in parts[0]
	n     int // bytes in all
}

func (q *queue) write(p []byte) {
	for len(p) > 0 {
		end := q.head + q.n
		if end == len(q.parts)*chunkLen {
			q.parts = append(q.parts, chunks.Get().(*[chunkLen]byte))
		}
		m := copy(q.parts[end/chunkLen][end%chunkLen:], p)
		q.n += m
		p = p[m:]
	}
}

func (q *queue) read(p []byte) int {
	total := 0
	for len(p) > 0 && q.n > 0 {
		m := copy(p[:min(len(p), q.n)], q.parts[0][q.head:])
		p = p[m:]
		total += m
		q.n -= m
		if q.head += m; q.head == chunkLen || q.n == 0 {
			chunks.Put(q.parts[0])
			q.parts[0] = nil
			q.parts = q.parts[1:]
			q.head = 0
		}
	}
	if len(q.parts) == 0 {
		q.parts = nil
	}
	return total
}

func (q *queue) drop() {
	for _, c := range q.parts {
		chunks.Put(c)
	}
	*q = queue{}
}
