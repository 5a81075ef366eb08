package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/trace"
)

// serve answers every connection with fixed bytes after an empty line.
func serve(t *testing.T, response string) core.CreateConnection {
	t.Helper()
	return func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			var got []byte
			buf := make([]byte, 4096)
			for !bytes.Contains(got, []byte("\r\n\r\n")) {
				n, err := server.Read(buf)
				if err != nil {
					return
				}
				got = append(got, buf[:n]...)
			}
			io.WriteString(server, response)
		}()
		return client, nil
	}
}

func events(t *testing.T, log *trace.Log) []map[string]any {
	t.Helper()
	var list []map[string]any
	for _, line := range bytes.Split(log.Take(), []byte("\n")) {
		var e map[string]any
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("event is not JSON: %v: %s", err, line)
		}
		if int(e["seq"].(float64)) != len(list) {
			t.Errorf("seq = %v, want %d", e["seq"], len(list))
		}
		list = append(list, e)
	}
	return list
}

func TestLogTellsAWholeExchange(t *testing.T) {
	woken := 0
	log := trace.NewLog(0, func() { woken++ })
	c, err := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{
		CreateConnection: serve(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-\xe9: 1\r\n\r\n"), Tracer: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := c.Request(ctx, "GET", "/", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetResponse(ctx); err != nil {
		t.Fatal(err)
	}
	c.Close()
	list := events(t, log)
	if woken != 1 {
		t.Errorf("woken %d times for one batch, want 1", woken)
	}
	var types []string
	counts := map[string]int{}
	for _, e := range list {
		types = append(types, e["type"].(string))
		counts[e["type"].(string)]++
	}
	for typ, want := range map[string]int{"call": 3, "return": 3, "send": 1, "transition": 6, "closed": 1} {
		if counts[typ] != want {
			t.Errorf("%d events of type %s, want %d: %v", counts[typ], typ, want, types)
		}
	}
	first := list[0]
	if first["name"] != "request" || first["args"].(map[string]any)["method"] != "GET" {
		t.Errorf("first event is %v, want the call of request", first)
	}
}

func TestLogKeepsOnlySoManyBytes(t *testing.T) {
	log := trace.NewLog(10, nil)
	body := bytes.Repeat([]byte("x"), 100)
	c, _ := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{
		CreateConnection: serve(t, "HTTP/1.0 200 OK\r\n\r\n"+string(body)), Tracer: log})
	ctx := context.Background()
	if err := c.Request(ctx, "GET", "/", nil); err != nil {
		t.Fatal(err)
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.ReadAll(ctx); err != nil || len(got) != 100 {
		t.Fatalf("read %d bytes, %v; want 100", len(got), err)
	}
	var kept, size, dropped float64
	for _, e := range events(t, log) {
		if e["type"] != "recv" || e["bytes"] == nil {
			continue
		}
		size += e["size"].(float64)
		if d, ok := e["dropped"].(float64); ok {
			dropped += d
		}
		var b []byte
		raw, _ := json.Marshal(e["bytes"].(map[string]any)["b64"])
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatal(err)
		}
		kept += float64(len(b))
	}
	if kept != 10 || size != 119 || dropped != 109 {
		t.Errorf("kept %v of %v bytes, dropped %v; want 10 of 119, dropped 109", kept, size, dropped)
	}
}

// What calls return is kept up to the limit, too: a long body is not.
func TestResultsAreBounded(t *testing.T) {
	log := trace.NewLog(100, nil)
	for range 3 {
		log.Trace(&h1.Event{Kind: h1.EventReturn, Name: "read", Result: make([]byte, 80)})
	}
	var kept []int
	for line := range strings.SplitSeq(string(log.Take()), "\n") {
		var event struct {
			Result struct {
				B64  []byte
				Size int
			}
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, len(event.Result.B64))
		if n := len(event.Result.B64); n < 80 && event.Result.Size != 80 {
			t.Errorf("%d bytes were kept and the size said is %d, want 80", n, event.Result.Size)
		}
	}
	if !slices.Equal(kept, []int{80, 20, 0}) {
		t.Errorf("kept %v bytes of three results of 80, want 80, 20 and 0", kept)
	}
}

// Events go into the memory that was given back, unless others are pending or
// it is more than a log keeps.
func TestReuse(t *testing.T) {
	log := trace.NewLog(0, nil)
	event := &h1.Event{Kind: h1.EventClosed}
	take := func() []byte {
		log.Trace(event)
		return log.Take()
	}
	first := take()
	log.Reuse(first)
	if got := log.Take(); got != nil {
		t.Errorf("%q was taken, and nothing was pending", got)
	}
	if second := take(); &second[0] != &first[0] {
		t.Error("the memory that was given back was not used")
	}
	log.Trace(event)
	log.Reuse(first)
	if third := log.Take(); !strings.Contains(string(third), `"seq":2`) {
		t.Errorf("%q was pending and is lost: %q was taken", `"seq":2`, third)
	}
	log.Reuse(make([]byte, 1<<20))
	if got := take(); cap(got) >= 1<<20 {
		t.Errorf("the log keeps %d bytes of memory", cap(got))
	}
}

// A body of tiny chunks has more parts than bytes are kept of it: those beyond
// the room are counted, and the next event tells how many.
func TestLogKeepsOnlySoManySpans(t *testing.T) {
	const chunks = 5000
	log := trace.NewLog(1<<10, nil)
	c, err := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{Tracer: log,
		CreateConnection: serve(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+strings.Repeat("1\r\nx\r\n", chunks)+"0\r\n\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := c.Request(ctx, "GET", "/", nil); err != nil {
		t.Fatal(err)
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := r.ReadAll(ctx); err != nil || len(body) != chunks {
		t.Fatalf("%d bytes, %v", len(body), err)
	}
	spans, omitted := 0, 0
	list := events(t, log)
	for _, e := range list {
		if e["type"] == "span" {
			spans++
		}
		if n, ok := e["omitted"].(float64); ok {
			omitted += int(n)
		}
	}
	if spans != 1<<12 || spans+omitted < 4*chunks {
		t.Errorf("%d spans kept and %d omitted of at least %d; want %d kept", spans, omitted, 4*chunks, 1<<12)
	}
	if last := list[len(list)-1]; last["type"] != "return" || last["state"] != "Idle" {
		t.Errorf("the calls are not told to their end: %v", last)
	}
}

// What arrives a byte at a time is kept up to so many receives; those beyond are
// one in front of what comes next, so that the stream is as long as it was.
func TestLogKeepsOnlySoManyTransfers(t *testing.T) {
	log := trace.NewLog(1<<10, nil)
	const tiny = 5000
	for i := range tiny {
		log.Trace(&h1.Event{Kind: h1.EventRecv, Conn: 1, Start: int64(i), Bytes: []byte("x")})
	}
	log.Trace(&h1.Event{Kind: h1.EventSend, Conn: 1, Bytes: []byte("abc")})
	log.Trace(&h1.Event{Kind: h1.EventRecv, Conn: 1, Start: tiny, Bytes: []byte("yz")})
	log.Trace(&h1.Event{Kind: h1.EventRecv, Conn: 1, Start: tiny + 2, EOF: true})
	log.Trace(&h1.Event{Kind: h1.EventReturn, Name: "read"})

	list := events(t, log)
	if want := 1<<12 + 5; len(list) != want {
		t.Fatalf("%d events, want %d", len(list), want)
	}
	var next, omitted float64
	for _, e := range list {
		if n, ok := e["omitted"].(float64); ok {
			omitted += n
		}
		if e["type"] != "recv" {
			continue
		}
		if e["offset"] != next {
			t.Fatalf("a receive begins at %v, want %v: %v", e["offset"], next, e)
		}
		next += e["size"].(float64)
	}
	if next != tiny+2 {
		t.Errorf("%v bytes were told of, want %d", next, tiny+2)
	}
	if want := float64(tiny - 1<<12 - 1); omitted != want {
		t.Errorf("%v events counted as omitted, want %v", omitted, want)
	}
	rest := list[len(list)-5:]
	for i, want := range []struct {
		kind string
		size float64
		drop any
	}{{"recv", tiny - 1<<12, float64(tiny - 1<<12)}, {"send", 3, nil}, {"recv", 2, float64(2)}, {"recv", 0, nil}, {"return", 0, nil}} {
		e := rest[i]
		if size, _ := e["size"].(float64); e["type"] != want.kind || size != want.size || e["dropped"] != want.drop {
			t.Errorf("event %d from the end is %v, want %v", 5-i, e, want)
		}
	}
	if rest[3]["eof"] != true {
		t.Errorf("the end of the stream is not told: %v", rest[3])
	}
}

// Records beyond the room are counted; the plaintext that they carried is told.
func TestLogKeepsOnlySoManyRecords(t *testing.T) {
	log := trace.NewLog(1<<10, nil)
	const records = 5000
	for i := range records {
		log.Trace(&h1.Event{Kind: h1.EventTLSRecord, Dir: h1.Received, Conn: 1, Start: int64(30 * i), Bytes: make([]byte, 30)})
		log.Trace(&h1.Event{Kind: h1.EventRecv, Conn: 1, Start: int64(i), Bytes: []byte("x")})
	}
	log.Trace(&h1.Event{Kind: h1.EventReturn, Name: "read"})
	var received, omitted float64
	list := events(t, log)
	for _, e := range list {
		if e["type"] == "recv" {
			received += e["size"].(float64)
		}
		if n, ok := e["omitted"].(float64); ok {
			omitted += n
		}
	}
	if want := 1<<12 + 2; len(list) != want || received != records {
		t.Errorf("%d events of %v bytes received, want %d and %d", len(list), received, want, records)
	}
	if want := float64(2*records - 1<<12 - 1); omitted != want {
		t.Errorf("%v events counted as omitted, want %v", omitted, want)
	}
}
