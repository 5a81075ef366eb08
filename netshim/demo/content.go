package demo

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
	"sync"
	"time"
)

// maxBytes is the largest body /bytes sends: 1 TiB.
const maxBytes = 1 << 40

const (
	blockSize = 64 << 10
	pieceSize = 256 << 10 // what is sent at once, and the size of a chunk
)

// firstBlock is the content's first 64 KiB; block k is its bytes XOR k mod 256.
var firstBlock = sync.OnceValue(func() *[blockSize]byte {
	var block [blockSize]byte
	for i := range block {
		block[i] = byte(i ^ i>>8)
	}
	return &block
})

var pieces = sync.Pool{New: func() any { return new([pieceSize]byte) }}

// Content fills p with the bytes of /bytes from offset on. The byte at offset i
// is (i ^ i>>8 ^ i>>16) & 255, so that a receiver can check any part of a body
// by itself, and bytes lost, doubled or moved anywhere within 16 MiB show.
func Content(p []byte, offset int64) {
	first := firstBlock()
	for len(p) > 0 {
		start := int(offset % blockSize)
		n := min(len(p), blockSize-start)
		xor(p[:n], first[start:start+n], byte(offset/blockSize))
		p, offset = p[n:], offset+int64(n)
	}
}

// xor sets dst to src with every byte XOR mask, with vector instructions: the
// content must not be what limits a throughput measurement.
func xor(dst, src []byte, mask byte) {
	var wide [1024]byte
	for i := range wide {
		wide[i] = mask
	}
	for len(dst) > 0 {
		n := subtle.XORBytes(dst, src, wide[:min(len(dst), len(wide))])
		dst, src = dst[n:], src[n:]
	}
}

// ContentSHA256 is the SHA-256 of the first n bytes of the content.
func ContentSHA256(n int64) [sha256.Size]byte {
	digest := sha256.New()
	piece := pieces.Get().(*[pieceSize]byte)
	defer pieces.Put(piece)
	for offset := int64(0); offset < n; offset += pieceSize {
		part := piece[:min(pieceSize, n-offset)]
		Content(part, offset)
		digest.Write(part)
	}
	return [sha256.Size]byte(digest.Sum(nil))
}

// bytesEndpoint streams n bytes of content in pieces, framed by length, in
// chunks, or by the connection's end. One piece is held however large n is.
func bytesEndpoint(x *exchange) {
	n, ok := x.number("n", 65536, 0, maxBytes)
	if !ok {
		return
	}
	framing := "length"
	if x.req.query.Has("framing") {
		framing = x.req.query.Get("framing")
	}
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
	switch framing {
	case "length":
		head += "Content-Length: " + strconv.FormatInt(n, 10) + "\r\n"
	case "chunked":
		if x.req.http10 {
			x.fail(badRequest("HTTP/1.0 has no chunked framing (RFC 9112 §7.1). Ask for length or close."))
			return
		}
		head += "Transfer-Encoding: chunked\r\n"
	case "close":
		head += "Connection: close\r\n"
		x.after = hangUp
	default:
		x.fail(badRequest("framing must be length, chunked or close, not %q.", framing))
		return
	}
	x.send(head + "\r\n")
	if x.req.method == "HEAD" || !x.flush() {
		return
	}
	piece := pieces.Get().(*[pieceSize]byte)
	defer pieces.Put(piece)
	for offset := int64(0); offset < n; offset += pieceSize {
		part := piece[:min(pieceSize, n-offset)]
		Content(part, offset)
		if framing == "chunked" {
			x.send(strconv.FormatInt(int64(len(part)), 16) + "\r\n")
		}
		x.conn.out.Write(part)
		if framing == "chunked" {
			x.send("\r\n")
		}
		if x.conn.out.Flush() != nil {
			x.after = hangUp
			return
		}
	}
	if framing == "chunked" {
		x.send("0\r\n\r\n")
	}
}

// counter hashes and counts a body that is not kept.
type counter struct {
	digest hash.Hash
	bytes  int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return c.digest.Write(p)
}

// uploadEndpoint takes a body of any size and answers with its length and
// SHA-256 in hexadecimal.
func uploadEndpoint(x *exchange) {
	sum := counter{digest: sha256.New()}
	if _, err := io.Copy(&sum, x.body); !x.readable(err) {
		return
	}
	body := fmt.Sprintf("{\"bytes\":%d,\"sha256\":%q}\n", sum.bytes, hex.EncodeToString(sum.digest.Sum(nil)))
	x.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// dripEndpoint sends one short chunk at a time.
func dripEndpoint(x *exchange) {
	count, ok := x.number("chunks", 8, 1, 1000)
	if !ok {
		return
	}
	pause, ok := x.number("ms", 250, 0, 5000)
	if !ok {
		return
	}
	head := "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
	if x.req.http10 {
		x.send(head + "Connection: close\r\n\r\n")
		x.after = hangUp
	} else {
		x.send(head + "Transfer-Encoding: chunked\r\n\r\n")
	}
	for i := range count {
		if i > 0 {
			time.Sleep(time.Duration(pause) * time.Millisecond)
		}
		line := fmt.Sprintf("drop %d of %d\n", i+1, count)
		if !x.req.http10 {
			line = chunk("", line)
		}
		x.send(line)
		if !x.flush() {
			x.after = hangUp
			return
		}
	}
	if !x.req.http10 {
		x.send("0\r\n\r\n")
	}
}

// chunk frames data as one chunk; extension starts with a semicolon or is empty.
func chunk(extension, data string) string {
	return strconv.FormatInt(int64(len(data)), 16) + extension + "\r\n" + data + "\r\n"
}

// reprDigest is a Repr-Digest field value (RFC 9530 §3).
func reprDigest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}
