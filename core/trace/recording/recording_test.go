package recording_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// converse records a request for one answer, which need not be right.
func converse(t *testing.T, answer string, limit int64) *recording.Recording {
	t.Helper()
	return converseBy(t, answer, limit, false)
}

// converseBy is converse with or without strict mode.
func converseBy(t *testing.T, answer string, limit int64, strict bool) *recording.Recording {
	t.Helper()
	log := trace.NewLog(limit, nil)
	c, err := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{Tracer: log, Strict: strict, CreateConnection: func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			buf := make([]byte, 4096)
			for n := 0; !bytes.Contains(buf[:n], []byte("\r\n\r\n")); {
				m, err := server.Read(buf[n:])
				if err != nil {
					return
				}
				n += m
			}
			io.WriteString(server, answer)
		}()
		return client, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	c.PutHeader("Too-Early", "x") // refused, and recorded as such
	if err := c.Request(ctx, "GET", "/a", nil); err != nil {
		t.Fatal(err)
	}
	if r, err := c.GetResponse(ctx); err == nil {
		r.ReadAll(ctx)
	}
	c.Close()
	rec, err := recording.FromLog(log.Take(), "test", time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), limit)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

var answers = map[string]string{
	"length":    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: a\r\n b\r\n\r\nhello",
	"chunked":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n",
	"short":     "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
	"bad":       "what?\r\n",
	"nothing":   "",
	"truncated": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
}

// Every recording is as the schema says.
func TestRecordingsFollowTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(recording.Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("recording.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("recording.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range answers {
		for _, strict := range []bool{false, true} {
			var b bytes.Buffer
			if err := converseBy(t, answer, 1<<20, strict).Write(&b); err != nil {
				t.Fatal(err)
			}
			instance, err := jsonschema.UnmarshalJSON(&b)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(instance); err != nil {
				t.Errorf("%s, strict %v: %v", name, strict, err)
			}
		}
	}
	bad, _ := jsonschema.UnmarshalJSON(strings.NewReader(`{"format":"stepwire-recording","version":1,"events":[{"type":"span","seq":0,"t":1}]}`))
	if schema.Validate(bad) == nil {
		t.Error("the schema takes a span without a range")
	}
}

// What strict mode refuses, the log names.
func TestStrictErrorsNameTheirDiagnostic(t *testing.T) {
	for _, e := range converseBy(t, answers["length"], 1<<20, true).Events {
		if e.Error != nil && e.Error.Name == "StrictError" {
			if e.Error.Code != "obs-fold" || e.Error.Section != "9112 §5.2" {
				t.Errorf("%+v, want obs-fold of 9112 §5.2", e.Error)
			}
			return
		}
	}
	t.Error("a folded header raised no StrictError")
}

func TestRecordingsSurviveWritingAndReading(t *testing.T) {
	for name, answer := range answers {
		rec := converse(t, answer, 1<<20)
		var first, second bytes.Buffer
		if err := rec.Write(&first); err != nil {
			t.Fatal(err)
		}
		back, err := recording.Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := back.Write(&second); err != nil {
			t.Fatal(err)
		}
		if first.String() != second.String() {
			t.Errorf("%s: reading changed the recording:\n%s\n%s", name, first.String(), second.String())
		}
	}
}

func TestBadRecordingsAreRefusedByName(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "not JSON",
		"{\n\"format\": 1x":               "line 2",
		`{"format":"har"}`:                `"har"`,
		`{"format":"stepwire-recording"}`: "version 0",
		`{"format":"stepwire-recording","version":9}`:                                                                 "versions 1 to 1",
		`{"format":"stepwire-recording","version":1,"events":[{}]}`:                                                   `event 0 has no "type"`,
		`{"format":"stepwire-recording","version":1,"events":[{"type":"call","seq":1}]}`:                              "seq 1",
		`{"format":"stepwire-recording","version":1,"events":[{"type":"span","seq":0,"start":5,"end":2}]}`:            "range",
		`{"format":"stepwire-recording","version":1,"events":[{"type":"send","seq":0,"offset":-1}]}`:                  "range",
		`{"format":"stepwire-recording","version":1,"events":[{"type":"send","seq":0,"bytes":{"b64":"not base64"}}]}`: "base64",
	} {
		_, err := recording.Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", text, err, want)
		}
	}
}

func TestExchangesArePutTogether(t *testing.T) {
	x := converse(t, answers["chunked"], 1<<20).Exchanges()
	if len(x) != 1 {
		t.Fatalf("%d exchanges, want 1", len(x))
	}
	got := fmt.Sprintf("%s %s %d %s %q %v %v", x[0].Request.Method, x[0].URL(), x[0].Response.Status,
		x[0].Response.Version, x[0].Response.Content, x[0].Response.Fields, x[0].Response.Trailers)
	want := `GET http://a.example/a 200 HTTP/1.1 "abc" [{Transfer-Encoding chunked}] [{T u}]`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if m := x[0].Response; m.Head.End != m.Body.Start || m.Body.Len() != int64(len("3\r\nabc\r\n0\r\nT: u\r\n\r\n")) {
		t.Errorf("head %v, body %v", m.Head, m.Body)
	}
	if x := converse(t, answers["short"], 1<<20).Exchanges(); x[0].Error == nil || x[0].Error.Name != "IncompleteRead" {
		t.Errorf("error %v, want IncompleteRead", x[0].Error)
	}
}

func TestStreamsTellWhatIsMissing(t *testing.T) {
	rec := converse(t, answers["length"], 30)
	for _, s := range rec.Streams() {
		data, complete := s.Slice(0, s.Size)
		if int64(len(data)) != s.Size-s.Dropped || complete != (s.Dropped == 0) {
			t.Errorf("%s: %d of %d bytes, %d dropped, complete %v", s.Dir, len(data), s.Size, s.Dropped, complete)
		}
		if s.Dropped == 0 {
			t.Errorf("%s: nothing was dropped of %d bytes with a limit of 30", s.Dir, s.Size)
		}
	}
}

// FuzzRead looks for recordings that are taken and then cannot be told.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"format":"stepwire-recording","version":1,"events":[{"type":"span","seq":0,"t":0,"conn":1,"exchange":1,"dir":"sent","start":0,"end":3,"kind":"value","path":["request"]}]}`))
	f.Add([]byte(`{"format":"stepwire-recording","version":1,"events":[{"type":"send","seq":0,"t":0,"conn":1,"exchange":1,"offset":3,"size":1,"bytes":{"b64":"AAAA"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := recording.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, x := range rec.Exchanges() {
			_ = x.URL()
		}
		var b bytes.Buffer
		if err := rec.Write(&b); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b.Bytes()) {
			t.Errorf("written as no JSON: %s", b.Bytes())
		}
	})
}

// A small file can hold more events than there is memory for.
func TestRecordingsOfVeryManyEventsAreRefused(t *testing.T) {
	text := `{"format":"stepwire-recording","version":1,"events":[` + strings.Repeat("{},", recording.MaxEvents) + "{}]}"
	if _, err := recording.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "more than 524288 events") {
		t.Errorf("%v", err)
	}
}
