package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ending is what becomes of the connection after an exchange.
type ending int

const (
	keep   ending = iota // wait for the next request
	hangUp               // send all, then FIN
	reset                // RST
)

// exchange is one request with the means to answer it.
type exchange struct {
	conn  *conn
	req   *request
	body  *bodyReader
	after ending
	final bool // bytes of the final response have been written
}

// serve finds the endpoint and answers.
func (x *exchange) serve() {
	if x.req.closing || x.req.fault != nil {
		x.after = hangUp
	}
	e := endpoints[x.req.path]
	if f := x.req.fault; f != nil && (f.framing || e == nil || !e.anyRequest) {
		x.fail(f)
		return
	}
	if e == nil {
		x.fail(&fault{status: "404 Not Found",
			text: fmt.Sprintf("There is no %q here. / lists what there is.", x.req.path)})
		return
	}
	if !e.anyRequest && !slices.Contains(e.methods, x.req.method) {
		x.send(plain("405 Method Not Allowed", "Allow: "+strings.Join(e.methods, ", ")+"\r\n",
			fmt.Sprintf("%s takes %s, not %q.\n", x.req.path, strings.Join(e.methods, " or "), x.req.method)))
		return
	}
	e.serve(x)
}

// send queues bytes of the final response.
func (x *exchange) send(text string) {
	x.final = true
	x.conn.out.WriteString(text) // a write error stays in the writer and shows at Flush
}

// flush sends what is queued; false means the peer is gone.
func (x *exchange) flush() bool { return x.conn.out.Flush() == nil }

// fail answers with f. Where the request's end is unknown the connection ends.
func (x *exchange) fail(f *fault) {
	if f.framing {
		x.after = hangUp
	}
	if x.after == keep {
		x.send(plain(f.status, "", f.text+"\n"))
	} else {
		x.send(f.response())
	}
}

// sendContinue tells a client that waits with its body to send it
// (RFC 9110 §10.1.1); the body reader calls it before it waits.
func (x *exchange) sendContinue() error {
	if !x.req.expects || x.final {
		return nil
	}
	x.conn.out.WriteString("HTTP/1.1 100 Continue\r\n\r\n")
	return x.conn.out.Flush()
}

// readBody takes the whole body, bounded; on failure it has answered.
func (x *exchange) readBody() ([]byte, bool) {
	limit := x.conn.server.limits.body
	body, err := io.ReadAll(io.LimitReader(x.body, int64(limit)+1))
	if err == nil && len(body) > limit {
		err = &fault{status: "413 Content Too Large", framing: true,
			text: fmt.Sprintf("This endpoint keeps bodies of up to %d bytes. /upload takes any size.", limit)}
	}
	return body, x.readable(err)
}

// readable answers a body that could not be read.
func (x *exchange) readable(err error) bool {
	if err == nil {
		return true
	}
	x.after = hangUp
	if f := (*fault)(nil); errors.As(err, &f) {
		x.fail(f)
	}
	return false
}

// finishBody skips what the endpoint left of the request body, so that the next
// request is found; false means it is not worth the bytes and the connection
// must end.
func (x *exchange) finishBody() bool {
	if x.body.ended() {
		return true
	}
	if x.req.expects && x.body.before != nil {
		return false // the client may never send it
	}
	if x.conn.out.Flush() != nil {
		return false
	}
	io.CopyN(io.Discard, x.body, int64(x.conn.server.limits.body))
	return x.body.ended()
}

// number reads the query parameter name, a whole number in [low, high]; on
// failure it has answered.
func (x *exchange) number(name string, preset, low, high int64) (int64, bool) {
	if !x.req.query.Has(name) {
		return preset, true
	}
	text := x.req.query.Get(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		x.fail(badRequest("%s must be a whole number from %d to %d, not %q.", name, low, high, text))
		return 0, false
	}
	return n, true
}

// plain is a response with a text body of known length. extra is complete
// header lines.
func plain(status, extra, body string) string {
	return "HTTP/1.1 " + status + "\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n" +
		extra + "\r\n" + body
}

// headOnly cuts a response after its head, as HEAD asks.
func headOnly(response string) string {
	head, _, _ := strings.Cut(response, "\r\n\r\n")
	return head + "\r\n\r\n"
}

// echo is the request exactly as received: the head, and the body with its
// chunk framing if it has any.
func (x *exchange) echo() {
	wire := bytes.NewBuffer(bytes.Clone(x.req.raw))
	x.body.record(wire)
	// The framing of a body of one-byte chunks is several times the body, so
	// that the wire bytes are what must be bounded.
	limit := x.conn.server.limits.body
	buf := make([]byte, 4<<10)
	for wire.Len() <= limit {
		if _, err := x.body.Read(buf); err != nil {
			if err != io.EOF && !x.readable(err) {
				return
			}
			break
		}
	}
	if wire.Len() > limit {
		x.readable(&fault{status: "413 Content Too Large", framing: true,
			text: fmt.Sprintf("The echo keeps requests of up to %d bytes. /upload takes any size.", limit)})
		return
	}
	x.send("HTTP/1.1 200 OK\r\n" +
		"Content-Type: application/octet-stream\r\n" +
		"Content-Length: " + strconv.Itoa(wire.Len()) + "\r\n\r\n")
	if x.req.method != "HEAD" {
		x.send(wire.String())
	}
}
