package main

import (
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/core/scenario"
)

// waitLimit is the client's timeout, in seconds: long enough never to be met by
// what the peer sends, short enough for a scenario that waits in vain.
const waitLimit = "0.2"

// readBuffer is less than what a response reads ahead.
const readBuffer = 8000

// generate makes the scenario of a seed and a number, always the same one.
//
// What it shows depends on no timing: a response is sent after the request's head,
// in one write where a call shows how much has come or leaves the rest of it to
// another; the peer ends with a half-close and goes on reading, so nothing it says
// is lost and no read waits in vain. Before that, on a connection that is
// to be kept, responses are well-formed and the calls that read them end with
// them.
func generate(seed, number uint64) scenario.Object {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, number))}
	g.conversation()
	return scenario.Object{
		{Name: "version", Value: scenario.Int(scenario.Version)},
		{Name: "name", Value: "random-" + strconv.FormatUint(seed, 10) + "-" + strconv.FormatUint(number, 10)},
		{Name: "about", Value: "Made at random."},
		{Name: "peer", Value: g.peer},
		{Name: "client", Value: g.client},
	}
}

// generator makes one scenario.
type generator struct {
	*rand.Rand
	client, peer []scenario.Value
	plain        bool // requests are ordinary: all that is odd is in responses and their reading
	exchanges    int  // so far, over all connections
	responses    int
}

// chance is true in percent of all cases.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// pick is one of the choices.
func pick[T any](g *generator, choices ...T) T { return choices[g.IntN(len(choices))] }

// object makes an object of names and values in turn.
func object(pairs ...any) scenario.Object {
	o := scenario.Object{}
	for i := 0; i < len(pairs); i += 2 {
		o = append(o, scenario.Member{Name: pairs[i].(string), Value: pairs[i+1]})
	}
	return o
}

func number(n int) scenario.Number { return scenario.Int(int64(n)) }

// bytesOf makes a byte object of a string's bytes.
func bytesOf(data string) scenario.Object {
	return object("b64", base64.StdEncoding.EncodeToString([]byte(data)))
}

func (g *generator) call(name string, args scenario.Object) {
	step := object("call", name)
	if len(args) > 0 {
		step = append(step, object("args", args)...)
	}
	g.client = append(g.client, step)
}

// onResponse adds a call that acts on a response, mostly on the newest.
func (g *generator) onResponse(name string, args scenario.Object) {
	g.call(name, args)
	if g.responses > 1 && g.chance(15) {
		last := len(g.client) - 1
		g.client[last] = append(g.client[last].(scenario.Object), object("response", number(g.IntN(g.responses+1)-1))...)
	}
}

func (g *generator) conversation() {
	g.plain = g.chance(55)
	if g.chance(6) {
		g.oddHosts()
	}
	if !g.plain && g.chance(12) {
		g.muddle()
		return
	}
	count := pick(g, 1, 1, 1, 2)
	for range count {
		g.connection(count == 1 && len(g.client) == 0)
	}
	g.spare(3)
}

// spare adds connections of the peer for those that the client makes out of turn.
func (g *generator) spare(count int) {
	for range count {
		g.peer = append(g.peer, object("actions", []scenario.Value{
			object("recv_head", true), object("send", bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nspare")),
			object("shutdown_write", true),
		}))
	}
}

// muddle makes calls in any order, to a peer that answers every head alike.
func (g *generator) muddle() {
	g.call("HTTPConnection", object("host", "$HOST", "port", "$PORT", "timeout", scenario.Number("0.05"), "debuglevel", number(g.IntN(2))))
	for range 4 + g.IntN(14) {
		switch g.IntN(22) {
		case 0, 1, 2:
			g.call("request", object("method", g.method(), "url", g.target("/muddle"), "headers", g.headerMap(), "body", g.body()))
		case 3, 4:
			g.call("putrequest", object("method", g.method(), "url", g.target("/muddle"), "skip_host", g.chance(30)))
		case 5, 6:
			g.call("putheader", g.putheader())
		case 7, 8:
			g.call("endheaders", object("message_body", g.body(), "encode_chunked", g.chance(30)))
		case 9:
			g.call("send", object("data", g.body()))
		case 10, 11, 12, 13:
			g.call("getresponse", nil)
			g.responses++
		case 14:
			g.call("close", nil)
		case 15:
			g.call("connect", nil)
		case 16:
			g.call("set_tunnel", object("host", pick(g, "t.example", "[::2]:8", "t.example:x"), "headers", []scenario.Value{}))
		case 17:
			g.call("attributes", nil)
		case 18:
			g.onResponse("response_close", nil)
		default:
			g.boundedRead()
		}
	}
	g.spare(8)
}

// connection is one transport's life: a client connection and its exchanges; alone
// tells that it is the scenario's only one.
func (g *generator) connection(alone bool) {
	args := object("host", "$HOST", "port", "$PORT")
	if g.chance(10) {
		args = object("host", "$HOST:$PORT", "port", nil)
	}
	args = append(args, object("timeout", scenario.Number(waitLimit))...)
	if g.chance(15) {
		args = append(args, object("blocksize", number(pick(g, 1, 2, 3, 7, 100, 8192, 65536, 0, -1)))...)
	}
	if g.chance(18) {
		args = append(args, object("debuglevel", number(pick(g, 1, 1, 1, 2, 0, -1)))...)
	}
	if g.chance(4) {
		args = append(args, object("auto_open", g.chance(50))...)
	}
	if g.chance(3) {
		args = append(args, object("source_address", []scenario.Value{pick(g, "127.0.0.1", "", "127.0.0.9"), number(0)})...)
	}
	g.call("HTTPConnection", args)
	var script []scenario.Value
	if g.chance(12) {
		script = g.tunnel()
	}
	if g.chance(5) {
		g.call("connect", nil)
	}
	over := len(script) == untrustedTunnel
	count := pick(g, 1, 1, 1, 1, 2, 2, 3)
	for i := range count {
		actions := g.exchange(i == 0, i == count-1)
		if !over {
			script = append(script, actions...)
		}
	}
	if !over {
		script = append(script, g.ending(alone && !cut(script) && len(scenario.AppendValue(nil, script)) < readBuffer))
	}
	g.peer = append(g.peer, object("actions", script))
	if g.chance(20) {
		g.call("close", nil)
		for range g.IntN(3) {
			g.read()
		}
	}
}

// cut reports a script that writes a response in pieces.
func cut(script []scenario.Value) bool {
	heads, sends := 0, 0
	for _, action := range script {
		switch action.(scenario.Object)[0].Name {
		case "recv_head":
			heads++
		case "send":
			sends++
		}
	}
	return sends > heads
}

// ending is how the peer leaves a connection. It closes only where it has received
// all that the client sends, and all it said has gone: the caller knows of the
// latter.
func (g *generator) ending(mayClose bool) scenario.Value {
	heads := 0
	for _, step := range g.client {
		call, _ := step.(scenario.Object).Get("call")
		value, _ := step.(scenario.Object).Get("args")
		args, _ := value.(scenario.Object)
		_, body := args.Get("body")
		_, message := args.Get("message_body")
		switch {
		case call == "request" || call == "endheaders":
			heads++
		case call == "send" || call == "connect" || call == "close":
			heads = 2
		}
		if body || message {
			heads = 2
		}
	}
	if mayClose && heads == 1 && g.chance(30) {
		return object(pick(g, "reset", "close"), true)
	}
	return object("shutdown_write", true)
}

// exchange adds the steps of a request and its response, and returns the peer's
// part.
func (g *generator) exchange(first, last bool) []scenario.Value {
	g.exchanges++
	method := g.method()
	g.stray()
	g.request(method, "/exchange-"+strconv.Itoa(g.exchanges))
	g.stray()
	g.call("getresponse", nil)
	g.responses++
	if g.chance(3) {
		g.call("getresponse", nil)
	}
	tame := !last && !g.chance(3)
	response := g.response(method, tame)
	before := len(g.client)
	if len(response) > 70000 {
		response = response[:70000]
	}
	for range g.IntN(7) {
		if tame {
			g.boundedRead()
		} else {
			g.read()
		}
	}
	switch {
	case !last && len(response) < readBuffer && g.chance(15):
		// What is left of a larger one is read with the next, or without it.
		g.onResponse("response_close", nil)
	case g.chance(60) || !last && g.chance(80):
		g.onResponse("read", nil)
	}
	actions := append([]scenario.Value{object("recv_head", true)}, g.sends(response, last || tame, g.client[before:])...)
	if !first {
		// What came before may end like a head, as a chunked body does.
		actions = append([]scenario.Value{object("recv_until", bytesOf(" HTTP/1.1\r\n"))}, actions...)
	}
	return actions
}

// sends is how the peer writes a response: at once, or in pieces where no call
// shows how much has come.
func (g *generator) sends(response string, mayCut bool, steps []scenario.Value) (actions []scenario.Value) {
	pieces := 1
	if mayCut && g.chance(20) && !slices.ContainsFunc(steps, showsArrival) {
		pieces = 2 + g.IntN(4)
	}
	for ; pieces > 1; pieces-- {
		n := g.IntN(len(response) + 1)
		actions = append(actions, object("send", bytesOf(response[:n])))
		if response = response[n:]; g.chance(30) {
			actions = append(actions, object("sleep_ms", number(1+g.IntN(4))))
		}
	}
	return append(actions, object("send", bytesOf(response)))
}

// showsArrival reports a call whose result depends on what has come so far, or
// after which what comes belongs to another.
func showsArrival(step scenario.Value) bool {
	name, _ := step.(scenario.Object).Get("call")
	return name == "read1" || name == "peek" || name == "response_close" || name == "close" || name == "getresponse"
}

// stray adds, now and then, a call that is out of place.
func (g *generator) stray() {
	if g.plain || !g.chance(8) {
		return
	}
	switch g.IntN(12) {
	case 0:
		g.call("close", nil)
	case 1:
		g.call("connect", nil)
	case 2:
		g.call("endheaders", nil)
	case 3:
		g.call("putheader", g.putheader())
	case 4:
		g.call("getresponse", nil)
	case 5:
		g.call("attributes", nil)
	case 6:
		g.call("send", object("data", g.body()))
	case 7:
		g.call("set_debuglevel", object("level", number(g.IntN(3))))
	case 8:
		g.call("set_tunnel", object("host", g.host(false)))
	case 9:
		g.call("putrequest", object("method", g.method(), "url", g.target("/stray")))
	case 10:
		g.call("request", object("method", g.method(), "url", g.target("/stray")))
	default:
		g.boundedRead()
	}
}

// boundedRead adds a call that ends with its response, be it well-formed.
func (g *generator) boundedRead() {
	switch g.IntN(12) {
	case 0, 1:
		g.onResponse("read", nil)
	case 2, 3:
		g.onResponse("read", object("amt", number(g.size())))
	case 4, 5:
		g.onResponse("readinto", object("n", number(g.size())))
	case 6:
		g.onResponse("read1", g.maybe("n", g.amount()))
	case 7, 8:
		g.onResponse("readline", g.maybe("limit", g.amount()))
	case 9:
		g.onResponse("readlines", nil)
	case 10:
		g.onResponse("iterate", nil)
	case 11:
		g.onResponse(pick(g, "isclosed", "closed", "getheaders"), nil)
	}
}

// read adds any call that acts on a response.
func (g *generator) read() {
	switch g.IntN(24) {
	case 0, 1, 2:
		g.onResponse("read", nil)
	case 3, 4, 5, 6:
		g.onResponse("read", object("amt", g.amount()))
	case 7, 8, 9:
		n := g.size()
		if g.chance(2) {
			n = -1
		}
		g.onResponse("readinto", object("n", number(n)))
	case 10, 11:
		g.onResponse("read1", g.maybe("n", g.amount()))
	case 12, 13:
		g.onResponse("peek", g.maybe("n", g.amount()))
	case 14, 15, 16:
		g.onResponse("readline", g.maybe("limit", g.amount()))
	case 17:
		g.onResponse("readlines", nil)
	case 18:
		g.onResponse("iterate", nil)
	case 19:
		args := object("name", g.askedName())
		if g.chance(30) {
			args = append(args, object("default", pick[scenario.Value](g, "", "none", []scenario.Value{}, []scenario.Value{"a", "b"}))...)
		}
		g.onResponse("getheader", args)
	case 20:
		g.onResponse("getheaders", nil)
	case 21:
		g.onResponse("isclosed", nil)
	case 22:
		g.onResponse("closed", nil)
	case 23:
		if g.chance(30) {
			g.onResponse("response_close", nil)
		}
	}
}

// maybe is an argument that is given more often than not.
func (g *generator) maybe(name string, value scenario.Value) scenario.Object {
	if g.chance(35) {
		return nil
	}
	return object(name, value)
}

// size is a number of bytes, small more often than not.
func (g *generator) size() int {
	return pick(g, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 50, 100, 1000, 8191, 8192, 8193, 20000)
}

// amount is what a reading call is asked for.
func (g *generator) amount() scenario.Value {
	if g.chance(12) {
		return number(pick(g, -1, -1, -2, -100, -9000, 1<<20, 1<<62))
	}
	return number(g.size())
}

// oddHosts makes connections to hosts that are never reached.
func (g *generator) oddHosts() {
	for range 1 + g.IntN(3) {
		args := object("host", g.host(true), "timeout", scenario.Number(waitLimit))
		if g.chance(40) {
			args = append(args, object("port", pick[scenario.Value](g, nil, number(80), number(0), number(-1), number(8080), number(99999)))...)
		}
		g.call("HTTPConnection", append(args, object("auto_open", false)...))
		g.call("attributes", nil)
		if g.chance(50) {
			if g.chance(30) {
				g.call("set_tunnel", object("host", g.host(false)))
			}
			g.call("putrequest", object("method", "GET", "url", g.target("/odd")))
			g.call("endheaders", nil)
		}
	}
}

var hosts = []string{
	"example.com", "example.com:", "example.com:80", "example.com:8080", "example.com:http", "example.com: 81", "example.com:+82",
	"example.com:8_3", "example.com:-1", "example.com:1.5", "example.com:0x50", "example.com:١٢",
	"[::1]", "[::1]:80", "[::1]:", "[::1", "::1]", "::1", "a:b:c", "[fe80::1%eth0]:80", "[fe80::1%eth0]", "fe80::1%eth0", "[]", "[]:80",
	"a%b", "a%b:80", "", ":", ":80", "]", "[", "user@example.com", "EXAMPLE.com", "a.b.", ".", "..", "a..b", "xn--nxasmq6b", "exämple.com",
	"bücher.example:81", "ßharp.example", "日本語.jp", "a\u00adb.example", "İstanbul.example", "ex\u0308mple.com", "ａｂｃ.example", "faß\u200d.de",
	"\u2100.example", "٣.example", "א.example", "אa.example", "xn--ä.example", "-ä-.example", "a。ä．c｡d", strings.Repeat("a", 63) + ".x", strings.Repeat("a", 64) + ".ä",
	strings.Repeat("ä", 50) + ".x", strings.Repeat("ä", 70) + ".x",
}

var unfitHosts = []string{"a b", "a\r\nb", "a\x00", "a\x7fb", "\t", "a\u0080b", "a\u00a0b", "a\u2028b", " example.com", "example.com ", "a'b c", "a'b\"c\n", "ä\n"}

// host is a host's name, or what a careless caller takes for one.
func (g *generator) host(anything bool) string {
	if anything && g.chance(15) {
		return pick(g, unfitHosts...)
	}
	if g.chance(5) {
		// The client refuses control characters in a tunnel's host on purpose.
		return strings.Map(func(r rune) rune {
			if !anything && (r <= ' ' || r >= 0x7f && r <= 0xa0) {
				return 'x'
			}
			return r
		}, g.randomText())
	}
	if g.chance(40) {
		return pick(g, "origin.example", "origin.example:8443", "10.1.2.3", "[2001:db8::1]:443", "[2001:db8::1]")
	}
	return pick(g, hosts...)
}

// untrustedTunnel is how many actions a proxy's part has when it ends the
// connection at once.
const untrustedTunnel = 3

// tunnel sets up a tunnel, and returns the proxy's part.
func (g *generator) tunnel() []scenario.Value {
	// Most hosts are such that the proxy is asked: else every later step waits.
	name := pick(g, "origin.example", "origin.example:8443", "10.1.2.3", "[2001:db8::1]:443", "::1", "a:b:80", "user@h", "[fe80::1%eth0]:80")
	if g.chance(15) {
		name = g.host(false)
	}
	args := object("host", name)
	if g.chance(40) {
		args = append(args, object("port", pick[scenario.Value](g, nil, number(443), number(80), number(0), number(-5)))...)
	}
	if g.chance(40) {
		var headers []scenario.Value
		for i := range g.IntN(4) {
			value := pick[scenario.Value](g, "x", "", "Basic YTpi", "é", number(7), number(-1), " a ")
			headers = append(headers, []scenario.Value{pick(g, "Proxy-Authorization", "Host", "X", "x y", "é") + strconv.Itoa(i), value})
		}
		if headers == nil {
			headers = []scenario.Value{}
		}
		args = append(args, object("headers", headers)...)
	}
	g.call("set_tunnel", args)
	actions := []scenario.Value{object("recv_head", true)}
	answer := "HTTP/1.1 200 Connection established\r\n"
	if g.chance(50) {
		if g.chance(40) {
			answer += "Via: x\r\nFrom\r\n fold\r\n"
		}
		return append(actions, object("send", bytesOf(answer+"\r\n")))
	}
	if g.chance(50) {
		answer = g.statusLine()
	}
	if g.chance(40) {
		answer += g.headers("")
	}
	if !g.chance(10) {
		answer += g.lineEnd()
	}
	if g.chance(20) {
		answer = g.mutate(answer)
	}
	// Such an answer may not open the tunnel, so nothing is waited for.
	return append(actions, object("send", bytesOf(answer)), object("shutdown_write", true))
}
