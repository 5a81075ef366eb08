package permalink

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bytes"
	"compress/flate"
	"encoding/json"

	"github.com/stepwire/stepwire/core/trace/recording"
)

func TestLinksSurviveTheRoundTrip(t *testing.T) {
	port, after := 8081, int64(0)
	for _, l := range []*Link{
		{},
		{Demo: "fixed", Step: 0},
		{Demo: "fixed", Host: "in-page.test", Line: &Line{PieceSize: 7, PauseMs: 20, ResetAfter: &after, SpoilAt: 3, SpoilSize: 1}},
		{Title: "Zwölf", Host: "127.0.0.1", Port: &port, TLS: true, Step: 1,
			Calls: []Call{{"putrequest", json.RawMessage(`{"method":"GET","url":"/"}`)}, {"getresponse", nil}},
			Range: &Range{1, "received", 16, 37}, Left: []string{"bodies"}},
	} {
		fragment, err := Encode(l)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(fragment[1:], "#+/=") {
			t.Errorf("%s has characters that an address cannot carry", fragment)
		}
		for _, form := range []string{fragment, fragment[1:]} {
			back, err := Decode(form)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(back, l) {
				t.Errorf("got %+v, want %+v", back, l)
			}
		}
	}
}

func pack(text string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	w.Write([]byte(text))
	w.Close()
	return Prefix + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func TestHostileFragmentsAreRefused(t *testing.T) {
	for fragment, want := range map[string]string{
		"":                                 `this program reads "#v1."`,
		"#v2.abc":                          `"v2"`,
		"#v1.!!":                           "base64url",
		"#v1.AAAA":                         "DEFLATE",
		pack(`{"step":1}`):                 "step 1 of 0",
		pack(`{"port":70000}`):             "port 70000",
		pack(`{"send":true}`):              "send",
		pack(`{"line":{"pauseMs":60001}}`): "line.pauseMs 60001, expected 0 to 60000",
		pack(`{"line":{"cutAfter":-1}}`):   "line.cutAfter -1",
		pack(`{"line":{"cutAfter":1,"resetAfter":1}}`): "both cutAfter and resetAfter",
		pack(`{} {}`):          "more than one",
		pack(`[`):              "permalink",
		pack(`{"calls":[{}]}`): "no name",
		pack(`{"range":{"conn":1,"dir":"up","start":0,"end":1}}`):    "no range",
		pack(`{"range":{"conn":1,"dir":"sent","start":9,"end":1}}`):  "no range",
		pack(`{"title":"` + strings.Repeat("a", MaxInflated) + `"}`): "inflates",
		"#v1." + strings.Repeat("A", MaxFragment):                    "at most",
	} {
		if _, err := Decode(fragment); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want an error with %q", fragment, err, want)
		}
	}
}

const logged = `{"format":"stepwire-recording","version":1,"events":[
{"type":"call","seq":0,"t":0,"name":"putheader","args":{"header":"cookie","values":["id=hunter2"]}},
{"type":"connect","seq":1,"t":0,"phase":"start","host":"::1","port":81},
{"type":"call","seq":2,"t":0,"name":"request","args":{"method":"GET","headers":[["Authorization","hunter2"],["A","b"]],"body":{"b64":"aHVudGVyMg=="}}}]}`

func TestRecordingsBecomeLinksWithoutSecrets(t *testing.T) {
	rec, err := recording.Read(strings.NewReader(logged))
	if err != nil {
		t.Fatal(err)
	}
	for _, full := range []bool{false, true} {
		l, err := FromRecording(rec, Options{Secrets: full, Bodies: full})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(l)
		if got := strings.Contains(string(text), "hunter2"); got != full {
			t.Errorf("secrets %v: %s", full, text)
		}
		if l.Host != "::1" || *l.Port != 81 || l.Step != 2 || !full && len(l.Left) != 2 {
			t.Errorf("link %+v", l)
		}
	}
}

// Bodies go by three names, by the call that has them.
func TestLinksLeaveBodiesOutOfEveryCall(t *testing.T) {
	rec := &recording.Recording{}
	for call, args := range map[string]string{"request": `{"body":1,"x":2}`, "endheaders": `{"message_body":1,"x":2}`, "send": `{"data":1,"x":2}`} {
		rec.Events = append(rec.Events, recording.Event{Type: "call", Name: call, Args: json.RawMessage(args)})
	}
	l, err := FromRecording(rec, Options{Secrets: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range l.Calls {
		if string(call.Args) != `{"x":2}` {
			t.Errorf("%s has %s", call.Name, call.Args)
		}
	}
	if !slices.Equal(l.Left, []string{"bodies"}) {
		t.Errorf("left out %q", l.Left)
	}
}

// What was sent byte by byte keeps no secret either, though its body is kept.
func TestLinksOfRawRequestsHaveNoSecrets(t *testing.T) {
	b64, _ := json.Marshal([]byte("GET / HTTP/1.1\r\nCookie: hunter2\r\n\r\n"))
	rec := &recording.Recording{Events: []recording.Event{{Type: "call", Name: "send", Args: json.RawMessage(`{"data":{"b64":` + string(b64) + `}}`)}}}
	for _, secrets := range []bool{false, true} {
		l, err := FromRecording(rec, Options{Bodies: true, Secrets: secrets})
		if err != nil {
			t.Fatal(err)
		}
		var args struct{ Data struct{ B64 []byte } }
		if err := json.Unmarshal(l.Calls[0].Args, &args); err != nil {
			t.Fatal(err)
		}
		want := "Cookie: REDACTED\r\n"
		if secrets {
			want = "Cookie: hunter2\r\n"
		}
		if got := string(args.Data.B64); !strings.Contains(got, want) || (len(l.Left) == 0) != secrets {
			t.Errorf("secrets %v: %q, left out %q", secrets, got, l.Left)
		}
	}
}

// A secret's line that several sends share is left out of each, and a call that
// ends the line ends that.
func TestLinksOfCutLinesHaveNoSecrets(t *testing.T) {
	rec := &recording.Recording{}
	send := func(name, args string) {
		rec.Events = append(rec.Events, recording.Event{Type: "call", Name: name, Args: json.RawMessage(args)})
	}
	b64 := func(text string) string {
		data, _ := json.Marshal([]byte(text))
		return `{"b64":` + string(data) + `}`
	}
	send("send", `{"data":`+b64("GET / HTTP/1.1\r\nCoo")+`}`)
	send("send", `{"data":{"iterable":[`+b64("kie: hun")+`,`+b64("ter2")+`]}}`)
	send("send", `{"data":`+b64("still hunter2\r\n hunter2\r\nA: b\r\nCookie: ")+`}`)
	send("close", `{}`)
	send("send", `{"data":`+b64("not one\r\n")+`}`)
	l, err := FromRecording(rec, Options{Bodies: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, call := range l.Calls {
		got = append(got, string(call.Args))
	}
	want := []string{`{"data":` + b64("GET / HTTP/1.1\r\nCoo") + `}`,
		`{"data":{"iterable":[` + b64("kie: REDACTED") + `,` + b64("") + `]}}`,
		`{"data":` + b64("\r\n REDACTED\r\nA: b\r\nCookie: ") + `}`, "", `{"data":` + b64("not one\r\n") + `}`}
	if !slices.Equal(got, want) || !slices.Equal(l.Left, []string{"secrets"}) {
		t.Errorf("got\n%q\nwant\n%q\nleft out %q", got, want, l.Left)
	}
}

// FuzzDecode opens whatever comes; what opens packs again to the same.
func FuzzDecode(f *testing.F) {
	f.Add(pack(`{"host":"a","calls":[{"name":"connect"}],"step":1}`))
	f.Add("#v1.")
	f.Add("v1.AAAA")
	f.Fuzz(func(t *testing.T, fragment string) {
		l, err := Decode(fragment)
		if err != nil {
			return
		}
		again, err := Encode(l)
		if err != nil {
			t.Fatalf("%+v opens but does not pack: %v", l, err)
		}
		if _, err := Decode(again); err != nil {
			t.Fatalf("%+v does not open again: %v", l, err)
		}
	})
}
