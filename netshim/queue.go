package netshim

import "sync"

// chunkLen is how much of a queue is allocated at once, in bytes.
const chunkLen = 64 << 10

var (
	chunks   = sync.Pool{New: func() any { return new([chunkLen]byte) }}
	messages sync.Pool // of *[]byte: buffers that adopt was given, read to their end
)

// queue holds the bytes that arrived and were not read. It returns its memory as
// it is read.
type queue struct {
	parts []part // none of them empty
	n     int    // bytes in all
}

// part is a run of unread bytes and what it lies in: a chunk of the queue's own,
// whose rest may be written to, or a buffer that was adopted.
type part struct {
	b     []byte
	chunk *[chunkLen]byte
	whole []byte
}

func (p *part) free() {
	if p.chunk != nil {
		chunks.Put(p.chunk)
	} else {
		whole := p.whole // p is written over
		messages.Put(&whole)
	}
	p.b = nil
}

// write copies p.
func (q *queue) write(p []byte) {
	for len(p) > 0 {
		k := len(q.parts) - 1
		if k < 0 || q.parts[k].chunk == nil || len(q.parts[k].b) == cap(q.parts[k].b) {
			chunk := chunks.Get().(*[chunkLen]byte)
			q.parts = append(q.parts, part{b: chunk[:0], chunk: chunk})
			k++
		}
		b := q.parts[k].b
		m := copy(b[len(b):cap(b)], p)
		q.parts[k].b = b[:len(b)+m]
		q.n += m
		p = p[m:]
	}
}

// adopt keeps p, a part of whole, instead of copying it.
func (q *queue) adopt(p, whole []byte) {
	q.parts = append(q.parts, part{b: p, whole: whole})
	q.n += len(p)
}

func (q *queue) read(p []byte) int {
	total := 0
	for len(p) > 0 && q.n > 0 {
		first := &q.parts[0]
		m := copy(p, first.b)
		first.b = first.b[m:]
		p = p[m:]
		total += m
		q.n -= m
		if len(first.b) == 0 {
			first.free()
			q.parts[0] = part{}
			q.parts = q.parts[1:]
		}
	}
	if len(q.parts) == 0 {
		q.parts = nil
	}
	return total
}

// pop takes the first part out; the queue must not be empty. The caller frees it.
func (q *queue) pop() part {
	p := q.parts[0]
	q.parts[0] = part{}
	q.parts = q.parts[1:]
	if len(q.parts) == 0 {
		q.parts = nil
	}
	q.n -= len(p.b)
	return p
}

func (q *queue) drop() {
	for i := range q.parts {
		q.parts[i].free()
	}
	*q = queue{}
}
