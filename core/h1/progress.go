package h1

// Wants is how many more bytes belong to the part of the message that is being
// read, as far as that is known: what is left of the content or of the current
// chunk. line: what comes next is a line, however long. Reading no more than
// that at once keeps the bytes of a following message out of the response's
// buffer. Both are zero for content that ends with the connection.
func (r *Response) Wants() (n int64, line bool) {
	switch {
	case r.stage != stageDone:
		return 0, true
	case r.Chunked:
		if r.chunkOpen && r.chunkLeft > 0 {
			return int64(r.chunkLeft), false
		}
		if r.chunkAt == chunkToss {
			return 2, false
		}
		return 0, true
	}
	return max(r.length.n, 0), false
}
