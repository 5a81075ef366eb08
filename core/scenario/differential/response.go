package main

import (
	"fmt"
	"strings"
)

// lineEnd ends a line, nearly always as it should.
func (g *generator) lineEnd() string {
	if g.chance(95) {
		return "\r\n"
	}
	return pick(g, "\n", "\n", "\r", "\r\r\n", "\n\r", " \r\n", "\x00\r\n", "\x0b\r\n", "\x85\r\n", "\r\n\r\n")
}

// maxLine is the longest line that is read, with its end, in bytes.
const maxLine = 65536

// long makes a line, once in a while, as long as the limit or a little more.
func (g *generator) long(line string) string {
	if g.IntN(400) > 0 {
		return line
	}
	return line + strings.Repeat("r", max(0, maxLine-len(line)-pick(g, 3, 2, 1, 0, -1)))
}

// blank separates the parts of a status line.
func (g *generator) blank() string {
	if g.chance(93) {
		return " "
	}
	return pick(g, "  ", "\t", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\r", "\x00", "", " \t ", "\x1b", "\x20\x85\xa0")
}

// digits is a number that may be written in an odd way.
func (g *generator) digits(n int) string {
	plain := fmt.Sprint(n)
	if g.chance(85) {
		return plain
	}
	switch g.IntN(14) {
	case 0:
		return "+" + plain
	case 1:
		return "-" + plain
	case 2:
		return "0" + plain
	case 3:
		return strings.Join(strings.Split(plain, ""), "_")
	case 4:
		return pick(g, " ", "\t", "\x0b", "\xa0", "\x85", "\x1f", "\x00") + plain
	case 5:
		return plain + pick(g, " ", "\t", "\x0c", "\xa0", "\x85", "\x1c", "\x00", ",", ";", ".", "\r")
	case 6:
		return plain + ", " + plain
	case 7:
		return pick(g, "_", "") + plain + pick(g, "__1", "_", "x", "e1", ".0", "\xb2", "\xbc")
	case 8:
		return fmt.Sprintf("0x%x", n)
	case 9:
		return ""
	case 10:
		return strings.Repeat("0", pick(g, 3, 100, 4290, 4300, 4301, 5000)) + plain
	case 11:
		return pick(g, "+ 1", "- 1", "+-1", "++1", "1 1", "\"1\"", "１", "0b1", "0o7", "-0", "+0", "00", "-", "+")
	case 12:
		return pick(g, "99999", "1000000", "4294967296", "2147483648")
	}
	return strings.Repeat("9", pick(g, 30, 4300, 4301))
}

// statusLine is a final response's first line.
func (g *generator) statusLine() string {
	version := "HTTP/1.1"
	if g.chance(15) {
		version = pick(g, "HTTP/1.0", "HTTP/1.0", "HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/1.", "HTTP/1.01", "HTTP/1.1x", "HTTP/2", "HTTP/2.0", "HTTP/", "HTTP", "http/1.1",
			"ICY", "", "\x00HTTP/1.1", " HTTP/1.1", "\r\nHTTP/1.1", "HTTP/1.1\x00", "HTTP/11", "HTTP/1", "\xefHTTP/1.1", "HTTP/1.\xe9", "\x85HTTP/1.1", "HTTP/'\"")
	}
	code := pick(g, "200", "200", "200", "200", "200", "200", "204", "304", "404", "500", "206", "301", "199", "102", "103", "101", "205", "999", "299")
	if g.chance(8) {
		code = pick(g, "099", "1000", "99", "0", "-200", "+200", "2_00", "0200", "00200", "20 0", "200.0", "abc", "", "2\xb20", "\xb2", "200\x00", "1e2", "100", "0100", "1_00", "+100", strings.Repeat("0", 4298)+"200", strings.Repeat("0", 4297)+"200")
	}
	if g.chance(1) {
		code = g.randomBytes()
	}
	reason := pick(g, "OK", "OK", "OK", "", "Not Found", "  spaced  out  ", "caf\xe9", "tab\t", "\x85nel\x85", "a\rb", "nul\x00", "it's \"quoted\"", "\xad\xff", "trailing\x1f", "\\")
	line := version + g.blank() + code
	if reason != "" || g.chance(50) {
		line += g.blank() + reason
	}
	if g.chance(1) {
		line = "HTTP/1.1 " + g.randomBytes()
	}
	return g.long(line) + g.lineEnd()
}

var responseNames = []string{
	"Server", "Date", "Content-Type", "X-A", "x-a", "X-B", "Set-Cookie", "set-cookie", "Vary", "Subject", "To", "Content-Disposition", "MIME-Version", "Content-Transfer-Encoding", "X",
}

var oddNames = []string{
	"X Y", "X ", "X\t", " X", "\tX", "", "X\x00", "\xe9", "X\xe9", "X\x7f", "X\x01", "From", "From x", "from x", ">From x", "X\rY", "\"", "X;y", "X=1", "-", "X\x1f", "\x1fX", "X\xa0", "X\x0b", "\x0bX", "\x85",
}

var responseValues = []string{
	"", "x", "a b", "text/html; charset=utf-8", "multipart/mixed; boundary=b", "a, b, c", "caf\xe9", "\xff\x80", "trailing  ", "  leading", "\t tab \t", "with: colon", "\x00", "a\x00b",
	"cr\rin", "cr\r in", "cr\r\tin", "end\r", "\x0b", "\x0cff", "a\x85b", "a\xa0b", "\x85", "\xa0", "\xa0x\xa0", "a\x1cb", "a\x1db", "a\x1eb", "=?utf-8?q?caf=C3=A9?=", "=?x?", "base64", "\r\r", "a\r\rb: c", "\x1c: y",
	"message/rfc822", "message/partial", "a\r\n b", "a\r\n\tb\r\n  c", "a\r\n ", "a\n b", "a\r\n \r\n b", "long " + strings.Repeat("v", 300), "it's", "\"q\"", "\\", "\xad",
}

var junkLines = []string{
	"no colon here", " fold of nothing", "\tfold", ":", ": v", ":v", "From me", "From: me", "From me: x", ">From x", "-----", "\x00", "\xe9: x", "x\xe9y: z", "\r", " ", "\t", " \t", "a\rb: c", "HTTP/1.1 200 OK", "\x0b", "\x0c: x",
	"a:", "a :b", "a\t:b", "a b:c", ";:", "\x7f:x", "\x1c", "x\x1cy: z", "\x85: y", "=", "a\x0bb: c", "a\x0b: c", "a\x0c: c", "--b", "\x01: y",
}

// headers is a head's field lines; framing is among them, at a random place.
func (g *generator) headers(framing string) string {
	var lines []string
	for range pick(g, 0, 1, 1, 2, 3, 5) {
		switch {
		case g.chance(12):
			lines = append(lines, pick(g, junkLines...)+g.lineEnd())
		case g.chance(4):
			lines = append(lines, g.randomBytes()+g.lineEnd())
		case g.chance(6):
			lines = append(lines, pick(g, responseNames...)+":"+g.randomBytes()+g.lineEnd())
		case g.chance(12):
			lines = append(lines, pick(g, oddNames...)+": "+pick(g, responseValues...)+g.lineEnd())
		default:
			lines = append(lines, g.long(pick(g, responseNames...)+pick(g, ": ", ": ", ": ", ":", ":  ", ":\t", ": \t ")+pick(g, responseValues...))+g.lineEnd())
		}
		if g.chance(6) {
			lines = append(lines, pick(g, " ", "\t", "  ", " \t")+pick(g, "folded", "", "a: b", " ", "\xa0", "x\ry", "\x00")+g.lineEnd())
		}
	}
	if g.chance(20) {
		lines = append(lines, pick(g, "Connection", "connection", "CONNECTION", "Keep-Alive", "Proxy-Connection", "Connection ", "Connection")+
			pick(g, ": ", ":")+pick(g, "close", "keep-alive", "Close", "KEEP-ALIVE", "x, close", "disclosed", "", "timeout=5", "upgrade", "close\r\n x", "c\u0130lose", "clo\xadse", "keep-alive, close", "\xdfclose")+g.lineEnd())
	}
	if framing != "" {
		at := g.IntN(len(lines) + 1)
		lines = append(lines[:at], append([]string{framing}, lines[at:]...)...)
	}
	if g.chance(1) {
		count := pick(g, 96, 97, 98, 99, 100, 101, 102)
		lines = append(lines, strings.Repeat("F: x\r\n", max(0, count-len(lines))))
	}
	return strings.Join(lines, "")
}

// tameResponse is a response without a fault.
func (g *generator) tameResponse(method string) string {
	body := g.text()
	head := "HTTP/1.1 " + pick(g, "200 OK", "200 OK", "200 OK", "404 Not Found", "204 No Content", "304 Not Modified") + "\r\n"
	if g.chance(10) {
		head = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
	}
	if g.chance(30) {
		head += "Set-Cookie: a=b\r\nset-cookie: c\r\n"
	}
	if g.chance(8) {
		head += "Connection: close\r\n"
	}
	bare := method == "HEAD" || strings.Contains(head, " 204") || strings.Contains(head, " 304")
	if g.chance(50) && !(bare && method != "HEAD") {
		head += "Transfer-Encoding: chunked\r\n\r\n"
		if bare {
			return head
		}
		for len(body) > 0 {
			n := min(len(body), 1+g.IntN(pick(g, 5, 20, 100, 9000, 20000)))
			head += fmt.Sprintf("%x\r\n%s\r\n", n, body[:n])
			body = body[n:]
		}
		return head + "0\r\n" + pick(g, "", "", "Trailer: x\r\n") + "\r\n"
	}
	head += fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
	if bare {
		return head
	}
	return head + body
}

// response is all that the peer says to one request.
func (g *generator) response(method string, tame bool) string {
	if tame {
		return g.tameResponse(method)
	}
	var b strings.Builder
	if g.chance(8) {
		for range 1 + g.IntN(3) {
			b.WriteString(pick(g, "HTTP/1.1 100 Continue\r\n", "HTTP/1.1 100 Continue\r\n", "HTTP/1.0 100\r\n", "HTTP/2 100 x\r\n", "HTTP/1.1 0100 x\n"))
			if g.chance(40) {
				b.WriteString(g.headers(""))
			}
			b.WriteString("\r\n")
		}
	}
	b.WriteString(g.statusLine())
	body := g.text()
	switch g.IntN(10) {
	case 0, 1, 2, 3:
		b.WriteString(g.headers(g.lengthHeader(len(body))))
		b.WriteString(g.lineEnd())
		b.WriteString(body)
		if g.chance(30) {
			b.WriteString(pick(g, "x", "extra bytes", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny", "\r\n"))
		}
	case 4, 5, 6, 7:
		b.WriteString(g.headers(g.chunkedHeader()))
		b.WriteString(g.lineEnd())
		b.WriteString(g.chunks(body))
	default:
		b.WriteString(g.headers(""))
		b.WriteString(g.lineEnd())
		if method != "HEAD" || g.chance(20) {
			b.WriteString(body)
		}
	}
	text := b.String()
	if g.chance(12) {
		text = text[:g.IntN(len(text)+1)]
	}
	if g.chance(12) {
		text = g.mutate(text)
	}
	if g.chance(4) && len(text) > 12 {
		// Elsewhere a mutation mostly hits the body or a value.
		text = g.mutate(text[:12]) + text[12:]
	}
	return text
}

func (g *generator) lengthHeader(n int) string {
	if g.chance(10) {
		n += pick(g, -2, -1, 1, 2, 100, 10000)
	}
	name := "Content-Length"
	if g.chance(12) {
		name = pick(g, "content-length", "CONTENT-LENGTH", "Content-Length ", "Content_Length", "Content-length")
	}
	line := name + pick(g, ": ", ": ", ":", ":  ", ":\t") + g.digits(n) + g.lineEnd()
	if g.chance(6) {
		line += pick(g, "Content-Length: ", "content-length: ") + pick(g, "0", "3", "", "x") + "\r\n"
	}
	if g.chance(4) {
		line = "Content-Length:" + pick(g, "\r\n ", "\n\t", " \r\n\t") + g.digits(n) + "\r\n"
	}
	return line
}

func (g *generator) chunkedHeader() string {
	value := "chunked"
	if g.chance(12) {
		value = pick(g, "Chunked", "CHUNKED", "chunked ", " chunked", "chunked\t", "gzip, chunked", "chunked, chunked", "chunked;x=1", "identity", "", "\xa0chunked", "chunked\xa0", "chun\r\n ked", "chunked\r\n ", "\"chunked\"", "chun\u212aed")
	}
	name := pick(g, "Transfer-Encoding", "Transfer-Encoding", "Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING", "Transfer-Encoding")
	line := name + pick(g, ": ", ": ", ":", ":  ") + value + g.lineEnd()
	if g.chance(8) {
		line += pick(g, "Transfer-Encoding: identity\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n")
	}
	return line
}

// text is a response's content.
func (g *generator) text() string {
	switch g.IntN(14) {
	case 0:
		return ""
	case 1:
		return strings.Repeat("x", pick(g, 8191, 8192, 8193, 16384, 9000, 20000))
	case 2:
		return strings.Repeat("a line of text\n", 1+g.IntN(1500))
	case 3:
		return strings.Repeat("\n", g.IntN(5)) + "\r\n\r\r\n\n"
	case 4:
		return "\x00\xff\x80\xfe binary"
	}
	var b strings.Builder
	for range 1 + g.IntN(5) {
		b.WriteString(pick(g, "line", "a longer line of text", "", "\xe9", "0", "5\r\nhello\r\n", "x"))
		b.WriteString(pick(g, "\n", "\r\n", "", " ", "\r"))
	}
	return b.String()
}

// chunkSize is a chunk's size line.
func (g *generator) chunkSize(n int) string {
	size := fmt.Sprintf("%x", n)
	if g.chance(10) {
		size = fmt.Sprintf("%X", n)
	}
	if g.chance(7) {
		size = pick(g, "0x"+size, "0X"+size, "+"+size, "-"+size, "00"+size, " "+size, size+" ", "\t"+size+"\x0b", size+"_", strings.Join(strings.Split(size, ""), "_"), "", "g", size+"g", "\xa0"+size, size+"\x00", size+"\r", "0x", "x", "0_"+size, "0x_"+size,
			"_"+size, "-0", "+0", "-1", "-5", "ffff", "1000000", "0b1", "0o1", strings.Repeat("0", 5000)+size, " ", "\x1c"+size, "\x85"+size, "+-1", "0 0", size+"\x0c\x0b\t")
	}
	if g.chance(1) {
		size = g.randomBytes()
	}
	if g.chance(10) {
		size += pick(g, ";ext", ";a=b", "; x", " ;x", ";", ";\x00", ";\r;", ";"+strings.Repeat("e", 300), ";\"\n")
	}
	if strings.Contains(size, ";") {
		size = g.long(size)
	}
	return size + g.lineEnd()
}

// chunks is text in chunked coding.
func (g *generator) chunks(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(len(text), 1+g.IntN(pick(g, 5, 20, 100, 9000, 20000)))
		size := n
		if g.chance(2) {
			size += pick(g, -1, 1, 2, 50)
		}
		b.WriteString(g.chunkSize(size))
		b.WriteString(text[:n])
		if g.chance(97) {
			b.WriteString("\r\n")
		} else {
			b.WriteString(pick(g, "", "\n", "\r", "xx", "x", "\r\n\r\n", "\n\n", "xyz"))
		}
		text = text[n:]
	}
	if g.chance(8) {
		return b.String()
	}
	b.WriteString(pick(g, "0", "0", "0", "0", "0", "00", "0x0", "000000", "+0", "-0", "0;last", " 0 ", "0\t") + g.lineEnd())
	if g.chance(20) {
		for range 1 + g.IntN(3) {
			b.WriteString(g.long(pick(g, "Trailer: x", "junk", ":", " ", "\x00", "a: b", "0", "5", "\xe9")) + g.lineEnd())
		}
	}
	if !g.chance(8) {
		b.WriteString(g.lineEnd())
	}
	if g.chance(25) {
		b.WriteString(pick(g, "x", "extra", "HTTP/1.1 200 OK\r\n\r\n", "\r\n", "3\r\nabc\r\n0\r\n\r\n"))
	}
	return b.String()
}

// mutate changes a few bytes of text.
func (g *generator) mutate(text string) string {
	data := []byte(text)
	for range 1 + g.IntN(3) {
		if len(data) == 0 {
			return ""
		}
		at := g.IntN(len(data))
		if g.chance(60) {
			at = g.IntN(min(len(data), 200))
		}
		odd := byte(g.IntN(256))
		if g.chance(60) {
			odd = pick(g, []byte(" \t\r\n:;,0123456789abfxX_+-\x00\x0b\x0c\x1c\x1d\x1e\x1f\x7f\x80\x85\xa0\xad\xff'\"\\")...)
		}
		switch g.IntN(4) {
		case 0:
			data[at] = odd
		case 1:
			data = append(data[:at], data[at+1:]...)
		case 2:
			data = append(data[:at], append([]byte{odd}, data[at:]...)...)
		case 3:
			end := at + g.IntN(min(len(data)-at, 20)+1)
			data = append(data[:end:end], data[at:]...)
		}
	}
	return string(data)
}

// askedName is a header's name as a caller asks for it.
func (g *generator) askedName() string {
	return pick(g, "Content-Length", "content-length", "X-A", "x-a", "Set-Cookie", "Server", "Missing", "", "From", "X", "\u00e9", "Transfer-Encoding", "CONNECTION", "x ", "\u212a", "X\u0131")
}
