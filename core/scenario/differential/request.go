package main

import (
	"strings"

	"github.com/stepwire/stepwire/core/scenario"
)

// randomText is text of any characters, from one of a few ranges each.
func (g *generator) randomText() string {
	var b strings.Builder
	for range 1 + g.IntN(8) {
		low, high := rune(0x20), rune(0x7f)
		switch g.IntN(8) {
		case 0:
			low, high = 0, 0x20
		case 1:
			low, high = 0x7f, 0x100
		case 2:
			low, high = 0x100, 0xd800
		case 3:
			low, high = 0xe000, 0x20000
		}
		b.WriteRune(low + g.Int32N(high-low))
	}
	return b.String()
}

// randomBytes is a few bytes of any value, mostly of those that mean something.
func (g *generator) randomBytes() string {
	data := make([]byte, g.IntN(12))
	for i := range data {
		data[i] = byte(g.IntN(256))
		if g.chance(50) {
			data[i] = pick(g, []byte(" \t\r\n:;,0a'\"\\\x00\x0b\x0c\x1c\x7f\x80\x85\xa0\xad\xff")...)
		}
	}
	return string(data)
}

// method is a request's method.
func (g *generator) method() string {
	if g.plain {
		return pick(g, "GET", "GET", "GET", "GET", "GET", "GET", "HEAD")
	}
	if g.chance(1) {
		return g.randomText()
	}
	if g.chance(3) {
		return pick(g, "", "get", "head", "post", "Put", "G E T", "GET\r\n", "GET\x00", "G\tT", "GÉT", "GET\x7f", "G\u0131T", "€", "ﬁ", "\x1f", "GET \U0001f600")
	}
	return pick(g, "GET", "GET", "GET", "GET", "GET", "HEAD", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "M-SEARCH")
}

// target is a request's target; it ends in mark where the peer can know it.
func (g *generator) target(mark string) string {
	switch {
	case g.chance(1):
		return pick(g, "/", "", "http://", "https://h", "http:") + g.randomText()
	case g.chance(2):
		return pick(g, "", "*", "/a b", "/é", "/\x00", "/\n", "/\x7f", "/\u0080", "/€", "http://[::1/x", "http://a]/", "http://[x]/", "http://[v1.a]/",
			"http://a%b/", "http://[fe80::1%25eth0]:80/", "http://user:pw@h:81/p", "http:///p", "http:/p", "httpx", "https://h", "HTTP://h/", "http://h?q#f",
			"http://h#f", "http://[::1]x/", "http://x[::1]/", "http:\\\\h\\", "http://a\u2100b/", "//h/p", "http://[1.2.3.4]/", "http://[::ffff:1.2.3.4]/", "http://[v.x]/", "http://[]/") + ""
	case g.chance(6):
		return pick(g, "http://h.example", "http://H.example:80", "https://h.example:443", "http://u:p@h.example:8080", "http://[::1]:81", "http://[fe80::1%25eth0]",
			"http://", "http:", "https://[2001:DB8::1]", "httpfoo://h", "http://a:b:c", "http://h.example:", "http://[::1%x]:8", "http+unix://h", "http://h%") + mark
	}
	return mark
}

var requestNames = []string{
	"Accept", "User-Agent", "X", "x-long-name-of-a-header", "Host", "host", "Content-Length", "content-length", "Transfer-Encoding", "TRANSFER-ENCODING",
	"Accept-Encoding", "accept-encoding", "Connection", "Expect", "Content-Type", "X_Y", "x!#$%&'*+-.^_`|~9", "With Space", "Trailing ", "T\t",
	"\"", "Nu\x00l", "Del\x7f", "\x01",
}

var refusedNames = []string{"", " Lead", "\tx", "Co:lon", "Line\r\nX", "Cr\rX", "Lf\nX", "é", "€", "\x0bx", "x\n", "x\r", "'\n\"", ":"}

func (g *generator) headerName() string {
	switch {
	case g.chance(3):
		return pick(g, refusedNames...)
	case g.chance(3):
		return g.randomText()
	}
	return pick(g, requestNames...)
}

var texts = []string{
	"", "x", "value", " lead", "trail ", "a, b", "100", "0", "5", "chunked", "identity", "gzip, chunked", "close", "keep-alive", "100-continue",
	"caf\u00e9", "\u00ff\u0080\u00a0", "tab\there", "q=\"quoted\"", "it's", "back\\slash", "a\x00b", "\x01\x7f", "fold\r\n next", "fold\n\tnext", "cr\r\tx",
	"\r\n ", "héé\r\n\tü", "a\x0bb\x0cc",
}

var refusedTexts = []string{"a\r\nb", "a\nb", "a\rb", "end\r\n", "end\n", "\n", "\r", "€uro", "日本", "a\r\r\n b", "\U0001f600", "x\n\n y", "'\r", "\"'\n", "é\n"}

// headerValue is a value of a header that the client sends.
func (g *generator) headerValue() scenario.Value {
	switch {
	case g.chance(10):
		return number(pick(g, 0, 1, -1, 42, 1<<40))
	case g.chance(3):
		return scenario.Number(pick(g, "123456789012345678901234567890", "-99999999999999999999"))
	case g.chance(4):
		return pick(g, refusedTexts...)
	case g.chance(5):
		return g.randomText()
	case g.chance(5):
		return bytesOf(g.randomBytes())
	case g.chance(15):
		return bytesOf(pick(g, "", "bytes", "\xff\x00", "a\r\n b", "a\nb", "a\rb", "'", "\"'", "\\", "\x80\n", "caf\xc3\xa9"))
	}
	return pick(g, texts...)
}

func (g *generator) putheader() scenario.Object {
	values := []scenario.Value{}
	for range pick(g, 1, 1, 1, 1, 0, 2, 3) {
		values = append(values, g.headerValue())
	}
	return object("header", g.headerName(), "values", values)
}

func (g *generator) headerMap() scenario.Value {
	list := []scenario.Value{}
	seen := map[string]bool{}
	for range g.IntN(4) {
		name := g.headerName()
		if !seen[name] {
			seen[name] = true
			list = append(list, []scenario.Value{name, g.headerValue()})
		}
	}
	return list
}

// content is a body's bytes.
func (g *generator) content() string {
	switch g.IntN(13) {
	case 12:
		return g.randomBytes()
	case 0:
		return ""
	case 1:
		return strings.Repeat("0123456789abcdef", 1+g.IntN(1200))
	case 2:
		return "\x00\xff\r\n\r\n'\"\\" + string(rune(g.IntN(128)))
	}
	return pick(g, "body", "a=1&b=2", "line\nline\n", "\xe9t\xe9", "0\r\n\r\n", "it's", "x")
}

// body is a request's content, of any kind.
func (g *generator) body() scenario.Value {
	if g.chance(8) {
		return object(pick(g, "text", "textfile"), g.randomText())
	}
	switch g.IntN(9) {
	case 0:
		return nil
	case 1, 2:
		return bytesOf(g.content())
	case 3, 4:
		return object("text", pick(g, "", "text", "caf\u00e9", "it's", "\u00ff\u0100", "日本語 and a lot more text than twenty", "\U0001f600", strings.Repeat("t\u00e9", 5000), "a\x00\u0080\u00ad"))
	case 5:
		return object("file", bytesOf(g.content()))
	case 6:
		return object("textfile", pick(g, "", "text", "caf\u00e9", "two\r\nlines\rx\n", "abc\u20acdef", strings.Repeat("t\u00e9", 1500), "\U0001f600"))
	}
	items := []scenario.Value{}
	for range g.IntN(4) {
		items = append(items, bytesOf(g.content()))
	}
	return object("iterable", items)
}

// request adds the calls that make one request.
func (g *generator) request(method, mark string) {
	if g.plain {
		g.call("request", object("method", method, "url", mark))
		return
	}
	if g.chance(65) {
		args := object("method", method, "url", g.target(mark))
		if g.chance(35) {
			args = append(args, object("headers", g.headerMap())...)
		}
		if g.chance(35) {
			args = append(args, object("body", g.body())...)
		}
		if g.chance(10) {
			args = append(args, object("encode_chunked", g.chance(70))...)
		}
		g.call("request", args)
		return
	}
	args := object("method", method, "url", g.target(mark))
	if g.chance(15) {
		args = append(args, object("skip_host", g.chance(70))...)
	}
	if g.chance(15) {
		args = append(args, object("skip_accept_encoding", g.chance(70))...)
	}
	g.call("putrequest", args)
	for range g.IntN(4) {
		g.call("putheader", g.putheader())
	}
	args = nil
	if g.chance(35) {
		args = object("message_body", g.body())
	}
	if g.chance(15) {
		args = append(args, object("encode_chunked", g.chance(70))...)
	}
	g.call("endheaders", args)
	for range pick(g, 0, 0, 0, 1, 2) {
		g.call("send", object("data", g.body()))
	}
}
