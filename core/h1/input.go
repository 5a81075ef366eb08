package h1

import "bytes"

// bufferSize is the size of a response's read buffer. Python:
// io.DEFAULT_BUFFER_SIZE, as socket.makefile("rb") uses it.
const bufferSize = 8192

// directLimit bounds how much of the caller's memory one read may ask for, so
// that memory follows the bytes received and never the length announced.
const directLimit = 1 << 20

// input is a response's buffered reader. It asks the transport for exactly as
// many bytes, in exactly as many steps, as CPython's BufferedReader does,
// because bytes read ahead are lost with the response that read them.
//
// Its operations return false when they need input. Progress is kept in the
// fields, so that the same operation can be called again.
type input struct {
	buf  []byte // storage of bufferSize bytes; nil until first used
	r, w int    // the unread part is buf[r:w]
	base int64  // absolute offset of buf[0]'s stream position: offset of buf[r] is base+r

	ended bool // the transport has ended

	// The operation in progress.
	busy   bool
	start  int64  // absolute offset where it began
	acc    []byte // what it has gathered so far
	left   int    // how many bytes it still wants
	direct bool   // its next bytes go past the buffer
	into   []byte // destination of readInto
	space  []byte // where the next bytes belong
	fresh  int    // bytes that the last fill brought, not looked at yet
}

// offset is the absolute position of the next unread byte.
func (in *input) offset() int64 { return in.base + int64(in.r) }

// received is the absolute position after the last byte read from the transport.
func (in *input) received() int64 { return in.base + int64(in.w) }

// begin marks the start of an operation unless it is already under way.
func (in *input) begin() bool {
	if in.busy {
		return false
	}
	in.busy = true
	in.start = in.offset()
	in.fresh = 0
	return true
}

// finish ends the operation.
func (in *input) finish() {
	in.busy = false
	in.acc = nil
	in.into = nil
	in.space = nil
	in.direct = false
}

// abandon drops the operation in progress, as an exception does in Python:
// what it had gathered is lost.
func (in *input) abandon() {
	in.finish()
	in.left = 0
}

// reset empties the buffer, which the caller has used up.
func (in *input) reset() {
	in.base += int64(in.r)
	in.r, in.w = 0, 0
}

// needBuffer asks for one read into the free part of the buffer.
func (in *input) needBuffer() bool {
	in.space = in.buf[in.w:bufferSize]
	in.direct = false
	in.fresh = 0
	return false
}

// fill takes n bytes that were stored in space.
func (in *input) fill(n int) {
	in.fresh = n
	if !in.direct {
		in.w += n
		return
	}
	// Direct bytes bypass the buffer, which is empty then.
	in.base += int64(n)
	in.left -= n
	if in.into != nil {
		in.into = in.into[n:]
	} else {
		in.acc = in.acc[:len(in.acc)+n]
	}
}

// readLine reads up to and including a line feed, at most limit bytes (-1: no
// limit), or to the end of the stream. The line is valid until the next
// operation. Python: BufferedReader.readline.
func (in *input) readLine(limit int) (line []byte, ok bool) {
	if in.begin() {
		n := in.w - in.r
		if limit >= 0 && n > limit {
			n = limit
		}
		if i := bytes.IndexByte(in.buf[in.r:in.r+n], '\n'); i >= 0 {
			n = i + 1
			line = in.buf[in.r : in.r+n]
			in.r += n
			in.finish()
			return line, true
		}
		if n == limit {
			line = in.buf[in.r : in.r+n]
			in.r += n
			in.finish()
			return line, true
		}
		in.acc = append(in.acc, in.buf[in.r:in.r+n]...)
		in.r += n
		in.reset()
		if in.ended {
			line = in.acc
			in.finish()
			return line, true
		}
		return nil, in.needBuffer()
	}
	if in.fresh == 0 {
		if !in.ended {
			return nil, in.needBuffer()
		}
		line = in.acc
		in.finish()
		return line, true
	}
	n := in.w - in.r
	if limit >= 0 && n > limit-len(in.acc) {
		n = limit - len(in.acc)
	}
	full := limit >= 0 && len(in.acc)+n == limit
	if i := bytes.IndexByte(in.buf[in.r:in.r+n], '\n'); i >= 0 {
		n = i + 1
		full = true
	}
	if full {
		if len(in.acc) == 0 {
			line = in.buf[in.r : in.r+n]
		} else {
			line = append(in.acc, in.buf[in.r:in.r+n]...)
		}
		in.r += n
		in.finish()
		return line, true
	}
	in.acc = append(in.acc, in.buf[in.r:in.r+n]...)
	in.r += n
	in.reset()
	if in.ended {
		line = in.acc
		in.finish()
		return line, true
	}
	return nil, in.needBuffer()
}

// read appends n bytes to dst, fewer at the end of the stream; dst counts only
// in the call that begins the operation. Python: BufferedReader.read(n), n ≥ 0.
func (in *input) read(dst []byte, n int) (data []byte, ok bool) {
	if in.begin() {
		have := in.w - in.r
		if n <= have {
			if dst == nil {
				dst = make([]byte, 0, n)
			}
			data = append(dst, in.buf[in.r:in.r+n]...)
			in.r += n
			in.finish()
			return data, true
		}
		if dst == nil {
			dst = make([]byte, 0, min(n, 8*bufferSize))
		}
		in.acc = append(dst, in.buf[in.r:in.w]...)
		in.r = in.w
		in.left = n - have
		in.reset()
	}
	if !in.gather() {
		return nil, false
	}
	data = in.acc
	in.finish()
	return data, true
}

// gather brings the wanted bytes into acc: whole blocks past the buffer, the
// rest through it. False: more input is needed.
func (in *input) gather() bool {
	for in.left > 0 {
		if !in.direct && in.fresh > 0 { // bytes in the buffer
			n := min(in.left, in.w-in.r)
			in.acc = append(in.acc, in.buf[in.r:in.r+n]...)
			in.r += n
			in.left -= n
			in.fresh = 0
			continue
		}
		if in.ended {
			return true
		}
		block := in.left &^ (bufferSize - 1)
		if block == 0 {
			return in.needBuffer()
		}
		// Grow by what has been received, never by what was announced.
		in.askDirect(min(block, max(len(in.acc), 8*bufferSize)))
		return false
	}
	return true
}

// askDirect asks for up to n bytes that go straight to acc.
func (in *input) askDirect(n int) {
	n = min(n, directLimit)
	if cap(in.acc)-len(in.acc) < n {
		grown := make([]byte, len(in.acc), min(len(in.acc)+in.left, 2*len(in.acc)+n))
		copy(grown, in.acc)
		in.acc = grown
	}
	in.space = in.acc[len(in.acc) : len(in.acc)+n]
	in.direct = true
	in.fresh = 0
}

// readAll appends what is left of the stream to dst, which counts only in the
// call that begins the operation. Python: BufferedReader.read(-1), which goes
// past the buffer.
func (in *input) readAll(dst []byte) (data []byte, ok bool) {
	if in.begin() {
		in.acc = append(dst, in.buf[in.r:in.w]...)
		in.r = in.w
		in.reset()
	}
	if !in.ended {
		in.left = directLimit
		in.askDirect(max(len(in.acc), bufferSize))
		return nil, false
	}
	data = in.acc
	in.left = 0
	in.finish()
	return data, true
}

// readInto fills p, or as much of it as the stream still has. Python:
// BufferedReader.readinto.
func (in *input) readInto(p []byte) (n int, ok bool) {
	if in.begin() {
		n = copy(p, in.buf[in.r:in.w])
		in.r += n
		in.into = p[n:]
		in.left = len(p) - n
		if in.left > 0 {
			in.reset()
		}
	}
	for in.left > 0 {
		if !in.direct && in.fresh > 0 {
			n := copy(in.into, in.buf[in.r:in.w])
			in.r += n
			in.into = in.into[n:]
			in.left -= n
			in.fresh = 0
			continue
		}
		if in.ended {
			break
		}
		if in.left <= bufferSize {
			return 0, in.needBuffer()
		}
		in.space = in.into
		in.direct = true
		in.fresh = 0
		return 0, false
	}
	n = len(p) - in.left
	in.left = 0
	in.finish()
	return n, true
}

// read1 returns what is buffered, at most n bytes, or else does one read of n
// bytes; n < 0 stands for the size of the buffer. Python: BufferedReader.read1.
func (in *input) read1(n int) (data []byte, ok bool) {
	if n < 0 {
		n = bufferSize
	}
	if in.begin() {
		if have := in.w - in.r; n == 0 || have > 0 {
			n = min(n, have)
			data = append(make([]byte, 0, n), in.buf[in.r:in.r+n]...)
			in.r += n
			in.finish()
			return data, true
		}
		in.reset()
		if !in.ended {
			in.left = n
			in.askDirect(n)
			return nil, false
		}
	}
	data = in.acc
	in.left = 0
	in.finish()
	return data, true
}

// peek returns what is buffered without taking it; with an empty buffer it
// does one read. Valid until the next operation. Python: BufferedReader.peek.
func (in *input) peek() (data []byte, ok bool) {
	if in.begin() && in.r == in.w {
		in.reset()
		if !in.ended {
			return nil, in.needBuffer()
		}
	}
	in.finish()
	return in.buf[in.r:in.w], true
}
