package pump

// carrier takes one target's bytes to the client, a message at a time: through a
// buffer, or through a [Splice] where there is one and much comes at once.
type carrier struct {
	pool   *Pool
	sock   Socket
	target Target
	splice Splice
	asked  bool // whether there is a splice

	// From read to free.
	buf     *Buffer
	headLen int
	n       int  // bytes that were read
	room    int  // bytes that there was room for
	charged bool // for bytes in the splice
}

// spliceFrom is how many bytes are worth a splice, which takes more system
// calls than a copy.
const spliceFrom = 64 << 10

// read waits for bytes, up to most, which write is to send behind a head of so
// many bytes. What it holds until free, it holds only once they are there.
func (c *carrier) read(most, headLen int) (int, error) {
	c.headLen = headLen
	c.n, c.room = 0, 0
	if most >= spliceFrom && c.spliced() {
		n, err := c.splice.Read(most, c.charge, c.uncharge)
		if n > 0 || err != ErrNoSplice {
			c.n, c.room = n, most
			return n, err
		}
	}
	n, err := c.target.Read(func() []byte {
		c.buf = c.pool.Get(headLen + most)
		c.room = min(most, len(c.buf.B)-headLen)
		return c.buf.B[headLen:][:c.room]
	}, func() {
		c.pool.Put(c.buf)
		c.buf = nil
	})
	c.n = n
	return n, err
}

func (c *carrier) spliced() bool {
	if !c.asked {
		c.asked = true
		if s, ok := c.sock.(Splicer); ok {
			c.splice = s.Splice(c.target)
		}
	}
	return c.splice != nil
}

// What is in a splice counts as a buffer would.
func (c *carrier) charge() bool {
	c.charged = c.pool.tryCharge(Largest)
	return c.charged
}

func (c *carrier) uncharge() {
	if c.charged {
		c.pool.release(Largest)
		c.charged = false
	}
}

// write sends what read gave as one message behind head.
func (c *carrier) write(head []byte) error {
	if c.buf == nil {
		return c.splice.Write(head)
	}
	copy(c.buf.B, head)
	return c.sock.Write(c.buf.B[:c.headLen+c.n])
}

// bytes are what read gave; nil when they are in the splice.
func (c *carrier) bytes() []byte {
	if c.buf == nil {
		return nil
	}
	return c.buf.B[c.headLen:][:c.n]
}

// free gives back what read took, sent or not.
func (c *carrier) free() {
	if c.buf != nil {
		c.pool.Put(c.buf)
		c.buf = nil
	}
	if c.charged {
		c.splice.Drop()
		c.uncharge()
	}
}
