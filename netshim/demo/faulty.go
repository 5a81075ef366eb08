package demo

import (
	"fmt"
	"strings"
)

// faulty endpoints break one rule each, on purpose.
var faulty = map[string]func(*exchange){
	"/faulty/short-body":  broken(okText + "Content-Length: 100\r\n\r\nOnly these 28 bytes are sent"),
	"/faulty/chunk-size":  broken(okChunked + chunk("", "A good chunk.\n") + "xyz\r\nThe size above is no number.\n\r\n0\r\n\r\n"),
	"/faulty/cut-chunk":   broken(okChunked + chunk("", "A good chunk.\n") + "40\r\nThis chunk ends before its 64 bytes"),
	"/faulty/status-line": broken("ICY 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nOK\n"),
	"/faulty/status-code": broken("HTTP/1.1 2OO OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nOK\n"),
	"/faulty/no-response": broken(""),
	"/faulty/cut-head":    broken("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Le"),
	"/faulty/no-colon":    broken(okText + "This line has no colon\r\nContent-Length: 3\r\n\r\nOK\n"),
	"/faulty/two-lengths": broken(okText + "Content-Length: 5\r\nContent-Length: 10\r\n\r\nFive?Ten?\n"),
	"/faulty/bare-lf":     broken("HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 3\n\nOK\n"),
	"/faulty/long-line":   broken(okText + "X-Long: " + strings.Repeat("x", 70_000) + "\r\nContent-Length: 3\r\n\r\nOK\n"),
	"/faulty/header-flood": broken(okText + headerFlood(150) +
		"Content-Length: 3\r\n\r\nOK\n"),
	"/faulty/reset": func(x *exchange) {
		x.send(okText + "Content-Length: 100\r\n\r\nThe connection is reset after this.\n")
		x.flush()
		x.after = reset
	},
	"/faulty/silent": func(x *exchange) {
		x.after = hangUp
		if x.conn.setIdle(true) {
			x.conn.in.Peek(1) // until the client gives up, or patience does
		}
	},
}

const (
	okText    = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
	okChunked = okText + "Transfer-Encoding: chunked\r\n\r\n"
)

// broken sends the bytes and closes, as a server that died would.
func broken(response string) func(*exchange) {
	return func(x *exchange) {
		x.send(response)
		x.after = hangUp
	}
}

func headerFlood(n int) string {
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "X-Flood-%d: %d\r\n", i+1, i+1)
	}
	return lines.String()
}
