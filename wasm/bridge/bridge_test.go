package bridge

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// page stands for the page: it calls, and keeps what is posted to it.
type page struct {
	t      *testing.T
	bridge *Bridge
	last   int

	mu      sync.Mutex
	changed *sync.Cond
	posted  [][]any
	// answer is called with each message as it is posted.
	answer func(message list)
}

// newPage makes a client whose relay is this machine's own network.
func newPage(t *testing.T) *page {
	p := &page{t: t}
	p.changed = sync.NewCond(&p.mu)
	p.bridge = New(Config{
		Version: "test",
		Post: func(message []any, more bool) {
			// What is posted is read at once, as the worker does.
			packed := AppendValue(nil, message, nil)
			v, err := Unpack(packed, false)
			if err != nil {
				t.Error(err)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			p.posted = append(p.posted, v.([]any))
			p.changed.Broadcast()
			if p.answer != nil {
				p.answer(v.([]any))
			}
		},
		Dial: func(ctx context.Context, host string, port int, onEvent func(what, detail string)) (net.Conn, error) {
			onEvent("stream", "dialling")
			return new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		},
	})
	return p
}

// send calls without waiting and gives the call's number.
func (p *page) send(handle int, method string, args ...any) int {
	p.last++
	p.bridge.Handle([]any{"call", p.last, handle, method, append([]any{}, args...)})
	return p.last
}

// wait gives the answer to a call.
func (p *page) wait(id int) list {
	return p.find(func(m list) bool {
		return (m.text(0) == "ok" || m.text(0) == "error" || m.text(0) == "cancelled") && m.int(1) == id
	})
}

// find waits for the first message that fits.
func (p *page) find(fits func(m list) bool) list {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at := 0; ; {
		for ; at < len(p.posted); at++ {
			if fits(p.posted[at]) {
				return p.posted[at]
			}
		}
		p.changed.Wait()
	}
}

// ok calls, waits and gives the result.
func (p *page) ok(handle int, method string, args ...any) any {
	p.t.Helper()
	m := p.wait(p.send(handle, method, args...))
	if m.text(0) != "ok" {
		p.t.Fatalf("%s: %v", method, m)
	}
	return m.at(2)
}

// fails calls, waits and gives the error.
func (p *page) fails(handle int, method string, args ...any) Object {
	p.t.Helper()
	m := p.wait(p.send(handle, method, args...))
	if m.text(0) != "error" {
		p.t.Fatalf("%s: %v, want an error", method, m)
	}
	return m.at(2).(Object)
}

// connect makes a connection to address, under its handle.
func (p *page) connect(handle int, address string, more ...any) {
	p.t.Helper()
	p.ok(handle, "httpConnection", append([]any{address}, more...)...)
}

// serve runs a server of the standard library and gives its address.
func serve(t *testing.T, handler http.HandlerFunc) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

// Bytes sent by hand get their response, whatever the state says.
func TestBeginResponse(t *testing.T) {
	p := newPage(t)
	p.connect(1, serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Method+" "+r.URL.Path) }))
	if e := p.fails(1, "beginResponse", 2, "GET"); e.Get("name") != "AttributeError" {
		t.Errorf("beginResponse before anything was sent: %v", e)
	}
	p.ok(1, "send", []byte("GET /by-hand HTTP/1.1\r\nHost: x\r\n\r\n"))
	if head := p.ok(1, "beginResponse", 3, "GET").(Object); head.Get("status") != 200 {
		t.Errorf("head %v", head)
	}
	if body := p.ok(3, "read"); string(body.([]byte)) != "GET /by-hand" {
		t.Errorf("body %q", body)
	}
	if e := p.fails(1, "beginResponse", 4, 5); e.Get("name") != "TypeError" {
		t.Errorf("a number as the method: %v", e)
	}
}

func TestExchange(t *testing.T) {
	p := newPage(t)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header()["X-Twice"] = []string{"1", "2"}
		w.WriteHeader(207)
		io.WriteString(w, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-Count")+" "+string(body))
	})
	p.connect(1, address)
	p.ok(1, "request", "POST", "/a", []any{[]any{"X-Count", 3}}, "text", Absent{})
	head := p.ok(1, "getResponse", 2).(Object)
	if head.Get("status") != 207 || head.Get("reason") != "Multi-Status" || head.Get("version") != 11 ||
		head.Get("willClose") != false || head.Get("chunked") != false || head.Get("length") != len("POST /a 3 text") {
		t.Errorf("head %v", head)
	}
	if got := p.ok(2, "getHeader", "x-twice"); got != "1, 2" {
		t.Errorf("getHeader gives %v", got)
	}
	if got := p.ok(2, "getHeader", "x-none"); got != nil {
		t.Errorf("getHeader of a missing name gives %v", got)
	}
	if got := p.ok(2, "getHeader", "x-none", []any{"a", "b"}); got != "a, b" {
		t.Errorf("getHeader with a default gives %v", got)
	}
	if got := p.ok(2, "isClosed"); got != false {
		t.Errorf("isClosed before the body gives %v", got)
	}
	if got := p.ok(2, "read", Digits("4")); string(got.([]byte)) != "POST" {
		t.Errorf("read of 4n gives %q", got)
	}
	if got := p.ok(2, "read", Digits("18446744073709551616")); string(got.([]byte)) != " /a 3 text" {
		t.Errorf("read of more than there is gives %q", got)
	}
	if got := p.ok(2, "isClosed"); got != true {
		t.Errorf("isClosed after the body gives %v", got)
	}
	if got := p.ok(2, "read"); len(got.([]byte)) != 0 {
		t.Errorf("read at the end gives %q", got)
	}
}

func TestState(t *testing.T) {
	p := newPage(t)
	p.connect(1, serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") }))
	for _, step := range []struct {
		handle int
		method string
		args   []any
		state  string
		unread bool
		legal  any // nil: unchanged, so not told
	}{
		{1, "putRequest", []any{"GET", "/"}, "Request-started", false, []any{"putheader", "endheaders"}},
		{1, "putHeader", []any{"A", []any{"b"}}, "Request-started", false, nil},
		{1, "endHeaders", nil, "Request-sent", false, []any{"getresponse"}},
		{1, "getResponse", []any{2}, "Unread-response", true, []any{"putrequest"}},
		{2, "read", nil, "Idle", false, nil},
	} {
		m := p.wait(p.send(step.handle, step.method, step.args...))
		state := sub(m.at(3))
		legal, _ := state.at(2).([]any)
		want, _ := step.legal.([]any)
		if m.text(0) != "ok" || state.text(0) != step.state || state.at(1) != step.unread || !slices.Equal(legal, want) {
			t.Errorf("%s: %v, want %s, %v, %v", step.method, m, step.state, step.unread, step.legal)
		}
	}
}

// What came with its head is told, so that the page can answer read() itself.
func TestAhead(t *testing.T) {
	p := newPage(t)
	p.connect(1, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/chunked" {
			w.(http.Flusher).Flush()
		}
		io.WriteString(w, "body of "+r.URL.Path)
	}))
	get := func(handle int, path string) Object {
		p.ok(1, "request", "GET", path)
		return p.ok(1, "getResponse", handle).(Object)
	}
	head := get(2, "/a")
	after := sub(head.Get("after"))
	legal, _ := after.at(2).([]any)
	if body, _ := head.Get("body").([]byte); string(body) != "body of /a" ||
		after.text(0) != "Idle" || after.at(1) != false || !slices.Equal(legal, []any{"putrequest"}) {
		t.Fatalf("head %v", head)
	}
	p.bridge.Handle([]any{"took", 2})
	if head := get(3, "/chunked"); head.Get("body") != any(Absent{}) {
		t.Errorf("a chunked body came ahead: %v", head)
	}
	p.bridge.Handle([]any{"took", 4}) // of nothing
	p.ok(3, "read")
	if got := p.ok(2, "isClosed"); got != true {
		t.Errorf("isClosed after the page took the body gives %v", got)
	}

	p.ok(5, "httpConnection", "h", 1, nil, Absent{}, Absent{}, Absent{}, Absent{}, Absent{}, []any{})
	traced := p.bridge.connections[5]
	traced.http = p.bridge.connections[1].http
	p.ok(5, "request", "GET", "/traced")
	if head := p.ok(5, "getResponse", 6).(Object); head.Get("body") != any(Absent{}) {
		t.Errorf("a traced body came ahead: %v", head)
	}
}

// An answer tells whether the page has called on without waiting for it.
func TestAnswersThatCanWait(t *testing.T) {
	type posted struct {
		id   int
		more bool
	}
	answers := make(chan posted, 4)
	b := New(Config{
		Post: func(message []any, more bool) {
			if message[0] == "ok" {
				answers <- posted{message[1].(int), more}
			}
		},
		Dial: newPage(t).bridge.config.Dial,
	})
	hold := make(chan bool)
	b.Handle([]any{"call", 1, 1, "httpConnection", []any{serve(t, func(w http.ResponseWriter, r *http.Request) { <-hold })}})
	if first := <-answers; first != (posted{1, false}) {
		t.Fatalf("answer %v", first)
	}
	b.mu.Lock()
	q := &b.connections[1].queue
	b.mu.Unlock()
	q.push(func() { <-hold }) // so that both calls are there before the first is made
	b.Handle([]any{"call", 2, 1, "request", []any{"GET", "/"}})
	b.Handle([]any{"call", 3, 1, "getResponse", []any{2}})
	close(hold)
	if first, second := <-answers, <-answers; first != (posted{2, true}) || second != (posted{3, false}) {
		t.Errorf("answers %v, %v", first, second)
	}
}

func TestCallsRunInOrder(t *testing.T) {
	p := newPage(t)
	p.connect(1, serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Header.Get("X")) }))
	// Nothing is awaited: each call needs those before it.
	p.send(1, "putRequest", "GET", "/")
	p.send(1, "putHeader", "X", []any{"a", "b"})
	p.send(1, "endHeaders")
	p.send(1, "getResponse", 2)
	if e := p.fails(1, "putHeader", "Y", []any{"c"}); e.Get("name") != "CannotSendHeader" {
		t.Errorf("a call out of order: %v", e)
	}
	if got := p.ok(2, "read"); string(got.([]byte)) != "a  b" && string(got.([]byte)) != "a b" {
		t.Errorf("read gives %q", got)
	}
}

func TestErrors(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := closed.Addr().String()
	closed.Close()
	short := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
		conn.Close()
	})

	p := newPage(t)
	if e := p.fails(1, "httpConnection", "host:port"); e.Get("name") != "InvalidURL" || e.Get("party") != "caller" {
		t.Errorf("a bad port: %v", e)
	}
	if e := p.fails(1, "connect"); e.Get("name") != "ValueError" || !strings.Contains(e.Get("message").(string), "constructor failed") {
		t.Errorf("a call on what was not made: %v", e)
	}
	if e := p.fails(9, "connect"); e.Get("name") != "ValueError" || !strings.Contains(e.Get("message").(string), "released") {
		t.Errorf("a call on an unknown handle: %v", e)
	}
	p.connect(3, refused)
	// Node's stand-in for a network refuses with an error of its own.
	if e := p.fails(3, "connect"); runtime.GOOS != "js" && (e.Get("name") != "ConnectionRefusedError" || e.Get("party") != "network") {
		t.Errorf("a refused connection: %v", e)
	}
	if e := p.fails(3, "noSuchMethod"); e.Get("name") != "AttributeError" {
		t.Errorf("an unknown method: %v", e)
	}
	if e := p.fails(3, "putRequest", 5, "/"); e.Get("name") != "TypeError" || e.Get("message") != "method must be a string, not int" {
		t.Errorf("a wrong type: %v", e)
	}
	if e := p.fails(3, "getResponse", 4); e.Get("name") != "ResponseNotReady" {
		t.Errorf("getResponse too early: %v", e)
	}
	p.connect(5, short)
	p.ok(5, "request", "GET", "/", nil, nil, nil)
	p.ok(5, "getResponse", 6)
	e := p.fails(6, "read")
	if e.Get("name") != "IncompleteRead" || e.Get("party") != "server" || string(e.Get("partial").([]byte)) != "abc" || e.Get("expected") != 7 {
		t.Errorf("a short body: %v", e)
	}
}

func TestStrictErrorNamesItsDiagnostic(t *testing.T) {
	folded := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n")
		conn.Close()
	})
	p := newPage(t)
	p.connect(1, folded, nil, nil, nil, nil, nil, true)
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	e := p.fails(1, "getResponse", 2)
	if e.Get("name") != "StrictError" || e.Get("code") != "obs-fold" || e.Get("section") != "9112 §5.2" {
		t.Errorf("a folded header: %v", e)
	}
}

func TestCancel(t *testing.T) {
	began := make(chan bool)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		began <- true
		<-r.Context().Done()
	})
	p := newPage(t)
	p.connect(1, address)
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	waiting := p.send(1, "getResponse", 2)
	queued := p.send(1, "attributes")
	<-began
	p.bridge.Handle([]any{"cancel", queued})
	p.bridge.Handle([]any{"cancel", waiting})
	p.bridge.Handle([]any{"cancel", 12345}) // of nothing
	for _, id := range []int{waiting, queued} {
		if m := p.wait(id); m.text(0) != "cancelled" {
			t.Errorf("call %d: %v, want cancelled", id, m)
		}
	}
	p.ok(1, "attributes")
}

func TestRelease(t *testing.T) {
	gone := make(chan bool, 1)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done() // the client's end of the connection
		gone <- true
	})
	p := newPage(t)
	p.connect(1, address)
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	waiting := p.send(1, "getResponse", 2)
	p.bridge.Handle([]any{"release", 1})
	if m := p.wait(waiting); m.text(0) != "cancelled" {
		t.Errorf("the call under way: %v", m)
	}
	<-gone
	p.fails(1, "attributes")
}

// stream answers pulls with chunks and then their end, or a failure.
func (p *page) stream(id int, fail bool, chunks ...string) {
	var answers queue
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = func(m list) {
		if m.text(0) != "pull" || m.int(1) != id {
			return
		}
		answer := []any{"chunk", id, nil, fail}
		if len(chunks) > 0 {
			answer, chunks = []any{"chunk", id, []byte(chunks[0]), false}, chunks[1:]
		}
		answers.push(func() { p.bridge.Handle(answer) })
	}
}

func TestBodies(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		io.WriteString(w, strconv.FormatInt(r.ContentLength, 10)+" "+string(body))
	})
	for name, test := range map[string]struct {
		body any
		want string
	}{
		"none":     {Absent{}, "0 "},
		"null":     {nil, "0 "},
		"text":     {"Grüße", "5 Gr\xfc\xdfe"},
		"bytes":    {[]byte("ab"), "2 ab"},
		"file":     {Object{{"file", []byte("abc")}}, "-1 abc"},
		"textfile": {Object{{"textfile", "abc"}}, "-1 abc"},
		"iterable": {Object{{"iterable", []any{[]byte("a"), []byte("bc")}}}, "-1 abc"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage(t)
			p.connect(1, address)
			p.ok(1, "request", "PUT", "/", nil, test.body, Absent{})
			p.ok(1, "getResponse", 2)
			if got := p.ok(2, "read"); string(got.([]byte)) != test.want {
				t.Errorf("the server got %q, want %q", got, test.want)
			}
		})
	}
	for _, kind := range []string{"iterable", "file"} {
		t.Run("streamed "+kind, func(t *testing.T) {
			p := newPage(t)
			p.connect(1, address)
			p.stream(77, false, "a")
			p.ok(1, "request", "PUT", "/", nil, Object{{"stream", 77}, {"kind", kind}}, Absent{})
			p.ok(1, "getResponse", 2)
			if got := p.ok(2, "read"); string(got.([]byte)) != "-1 a" {
				t.Errorf("the server got %q", got)
			}
		})
	}
	p := newPage(t)
	p.connect(1, address)
	if e := p.fails(1, "request", "PUT", "/", nil, 5, Absent{}); e.Get("name") != "TypeError" {
		t.Errorf("a number as a body: %v", e)
	}
}

// A body that fails must never reach the server as a whole one.
func TestBodyFailsInThePage(t *testing.T) {
	for _, kind := range []string{"iterable", "file"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		received := make(chan string)
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all, _ := io.ReadAll(bufio.NewReader(conn))
			received <- string(all)
		}()
		p := newPage(t)
		p.connect(1, listener.Addr().String())
		p.stream(77, true, "first")
		m := p.wait(p.send(1, "request", "PUT", "/", nil, Object{{"stream", 77}, {"kind", kind}}, Absent{}))
		if m.text(0) == "ok" {
			t.Errorf("%s: the call succeeded", kind)
		}
		p.bridge.Handle([]any{"release", 1})
		if all := <-received; !strings.Contains(all, "first") || strings.Contains(all, "0\r\n\r\n") {
			t.Errorf("%s: the server received %q", kind, all)
		}
		listener.Close()
	}
}

func TestDebugOutput(t *testing.T) {
	p := newPage(t)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	p.connect(1, address, Absent{}, Absent{}, Absent{}, 1)
	p.ok(1, "putRequest", "GET", "/")
	p.ok(1, "endHeaders")
	m := p.find(func(m list) bool { return m.text(0) == "debug" })
	if m.int(1) != 1 || !strings.HasPrefix(m.text(2), "send: b'GET / HTTP/1.1") {
		t.Errorf("debug output %v", m)
	}
}

func TestTimeout(t *testing.T) {
	p := newPage(t)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	p.connect(1, address, Absent{}, 0.05)
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	if e := p.fails(1, "getResponse", 2); e.Get("name") != "TimeoutError" {
		t.Errorf("a silent server: %v", e)
	}
	for i, test := range []struct {
		seconds any
		want    string
	}{
		{-1, "ValueError: Timeout value out of range"},
		{9223372037, "OverflowError: timestamp too large to convert to C _PyTime_t"},
		{1e10 + 0.5, "OverflowError: timestamp out of range for platform time_t"},
		{math.Inf(1), "OverflowError: timestamp out of range for platform time_t"},
	} {
		p.connect(10+i, address, Absent{}, test.seconds)
		e := p.fails(10+i, "connect")
		if got := fmt.Sprint(e.Get("name"), ": ", e.Get("message")); got != test.want {
			t.Errorf("a timeout of %v: %s, want %s", test.seconds, got, test.want)
		}
	}
	p.connect(20, address, Absent{}, 9223372036)
	p.ok(20, "connect")
	for _, bad := range []any{"5", math.NaN()} {
		p.fails(1, "httpConnection", address, Absent{}, bad)
	}
}

func TestPanicEndsOnlyItsCall(t *testing.T) {
	connectionMethods["panic"] = func(*connection, *call) (any, error) { panic(syscall.EINVAL) }
	defer delete(connectionMethods, "panic")
	p := newPage(t)
	p.connect(1, "127.0.0.1")
	if e := p.fails(1, "panic"); e.Get("name") != "SystemError" || e.Get("party") != "client" {
		t.Errorf("a panic: %v", e)
	}
	p.ok(1, "attributes")
}

func TestMachine(t *testing.T) {
	p := newPage(t)
	ready := p.find(func(m list) bool { return m.text(0) == "ready" }).at(1).(Object)
	machine := ready.Get("machine").(Object)
	if ready.Get("version") != "test" || len(machine.Get("states").([]any)) != 6 || len(machine.Get("transitions").([]any)) != 19 ||
		len(machine.Get("refusals").([]any)) != 4 || len(machine.Get("inputs").([]any)) != 9 {
		t.Errorf("ready: %v", ready)
	}
}

func TestBodyChunks(t *testing.T) {
	const size = 3_000_000
	p := newPage(t)
	p.connect(1, serve(t, func(w http.ResponseWriter, r *http.Request) {
		for range size / 1000 {
			io.WriteString(w, strings.Repeat("x", 1000))
		}
	}))
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	p.ok(1, "getResponse", 2)
	total := 0
	for {
		chunk := p.ok(2, "bodyChunk", 1<<18).([]byte)
		if len(chunk) == 0 {
			break
		}
		if len(chunk) > 1<<18 {
			t.Fatalf("a chunk of %d bytes", len(chunk))
		}
		total += len(chunk)
	}
	if total != size {
		t.Errorf("%d of %d bytes", total, size)
	}
}

// A slow body is handed out as it comes.
func TestBodyChunkDoesNotWaitForMore(t *testing.T) {
	next := make(chan bool)
	p := newPage(t)
	p.connect(1, serve(t, func(w http.ResponseWriter, r *http.Request) {
		for _, s := range []string{"one", "two"} {
			io.WriteString(w, s)
			w.(http.Flusher).Flush()
			<-next
		}
	}))
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	p.ok(1, "getResponse", 2)
	for _, want := range []string{"one", "two"} {
		if got := p.ok(2, "bodyChunk", 1<<18); string(got.([]byte)) != want {
			t.Errorf("chunk %q, want %q", got, want)
		}
		select {
		case next <- true:
		case <-time.After(10 * time.Second):
			t.Fatal("the server is not waiting")
		}
	}
}

const scenarioText = `{"version": 1, "name": "hello", "about": "A response.",
	"peer": [{"actions": [{"recv_head": true}, {"send": {"latin1": "HTTP/1.1 204 None\r\n\r\n"}}]}],
	"client": [
		{"call": "HTTPConnection", "args": {"host": "$HOST", "port": "$PORT"}},
		{"call": "request", "args": {"method": "GET", "url": "/"}},
		{"call": "getresponse", "args": {}}]}`

func TestScenario(t *testing.T) {
	p := newPage(t)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	host, port, _ := net.SplitHostPort(address)
	number, _ := strconv.Atoi(port)
	for name, got := range map[string]any{
		"against a server": p.ok(0, "runScenario", scenarioText, host, number),
		"in the page":      p.ok(0, "runScenario", scenarioText, Absent{}, Absent{}, "in-page"),
	} {
		text := got.(string)
		if !strings.HasPrefix(text, `{"steps":[{"ok":null,`) || !strings.Contains(text, `"status":204`) {
			t.Errorf("%s: %s", name, text)
		}
	}
	for _, bad := range [][]any{{"{"}, {scenarioText, host, number, "elsewhere"}, {5}, {scenarioText, Absent{}, "x"}} {
		p.fails(0, "runScenario", bad...)
	}
	p.fails(0, "noSuchMethod")
}

func TestSourceAddress(t *testing.T) {
	p := newPage(t)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	for i, source := range []struct {
		host string
		port int
		ok   bool
	}{{"", 0, true}, {"127.0.0.1", 0, true}, {"::", 0, false}, {"192.0.2.1", 0, false}, {"", 99, false}, {"name", 0, false}} {
		p.connect(i+1, address, Absent{}, Absent{}, Absent{}, Absent{}, Absent{}, Absent{}, []any{source.host, source.port})
		m := p.wait(p.send(i+1, "connect"))
		if (m.text(0) == "ok") != source.ok {
			t.Errorf("source address %q, %d: %v", source.host, source.port, m)
		}
	}
}

func TestTrace(t *testing.T) {
	p := newPage(t)
	p.connect(1, serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") }),
		Absent{}, Absent{}, Absent{}, Absent{}, Absent{}, Absent{}, Absent{}, []any{Absent{}})
	p.ok(1, "request", "GET", "/", nil, nil, nil)
	p.ok(1, "getResponse", 2)
	id := p.send(2, "read")
	p.wait(id)
	// All of a call's events are posted before its answer.
	p.mu.Lock()
	defer p.mu.Unlock()
	var log []string
	for _, m := range p.posted {
		if list(m).text(0) == "trace" && list(m).int(1) == 1 {
			log = append(log, strings.Split(string(list(m).at(2).([]byte)), "\n")...)
		}
		if list(m).text(0) == "ok" && list(m).int(1) == id {
			break
		}
	}
	for i, event := range log {
		if !strings.Contains(event, `"seq":`+strconv.Itoa(i)+`,`) {
			t.Errorf("event %d: %s", i, event)
		}
	}
	if last := log[len(log)-1]; !strings.Contains(last, `"return"`) || !strings.Contains(last, `"read"`) {
		t.Errorf("the last event is %s", last)
	}
	if !slices.ContainsFunc(log, func(event string) bool { return strings.Contains(event, `"relay"`) }) {
		t.Error("the relay's event is not in the log")
	}
}
