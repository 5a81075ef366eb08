package decode

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core/trace/recording"
)

// times lists what went over the wire, and when.
func times(rec *recording.Recording) string {
	var list []string
	for _, e := range rec.Events {
		if (e.Type == "send" || e.Type == "recv") && e.Bytes != nil && len(e.Bytes.B64) > 0 {
			list = append(list, fmt.Sprintf("%s %d at %g", e.Type, len(e.Bytes.B64), e.T))
		}
	}
	return strings.Join(list, ", ")
}

func TestTimesAreThoseOfTheFile(t *testing.T) {
	evening := time.Date(1, 1, 1, 23, 59, 59, 900e6, time.UTC)
	withTimes := func(trace []byte) []byte {
		var b bytes.Buffer
		for i, line := range bytes.Split(trace, []byte("\n")) {
			if bytes.Contains(line, []byte(", ")) {
				b.WriteString(evening.Add(time.Duration(i) * 10 * time.Millisecond).Format("15:04:05.000000 "))
			}
			b.Write(append(line, '\n'))
		}
		return b.Bytes()
	}
	sent := "send 66 at %s, send 3 at %s"
	har := `{"log": {"entries": [{"startedDateTime": "2026-05-04T03:02:01.500Z",
		"timings": {"blocked": 1, "dns": -1, "connect": 4, "ssl": 3, "send": 2, "wait": 30, "receive": 5},
		"request": {"method": "GET", "url": "http://a.example/"},
		"response": {"status": 200, "statusText": "OK", "headers": [], "content": {"text": "hello"}}}]}}`
	for _, c := range []struct {
		name    string
		data    []byte
		created time.Time
		want    string
	}{
		{"pcapng", capture(t, true), time.Unix(1, 30e6), fmt.Sprintf(sent, "30", "30") + ", recv 17 at 40, recv 23 at 40, recv 3 at 50, recv 19 at 50, recv 2 at 50, recv 5 at 50"},
		{"curl --trace-time", withTimes(curlTrace()), time.Time{}, fmt.Sprintf(sent, "0", "60") + ", recv 17 at 80, recv 26 at 110, recv 19 at 140, recv 2 at 170, recv 5 at 190"},
		{"curl --trace", curlTrace(), time.Time{}, fmt.Sprintf(sent, "0", "0") + ", recv 17 at 0, recv 26 at 0, recv 19 at 0, recv 2 at 0, recv 5 at 0"},
		{"HAR", []byte(har), time.Date(2026, 5, 4, 3, 2, 1, 507e6, time.UTC), "send 35 at 0, recv 17 at 30, recv 19 at 30, recv 2 at 30, recv 5 at 35"},
	} {
		rec, _, err := Decode(c.data, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := times(rec); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if !rec.Created.Equal(c.created) {
			t.Errorf("%s: created %v, want %v", c.name, rec.Created, c.created)
		}
	}
}

// The clock of a second conversation begins anew: it may be as early.
func TestConversationsAreTimedFromTheFirst(t *testing.T) {
	entry := func(at string) string {
		return `{"startedDateTime": "` + at + `", "timings": {"send": 1, "wait": 1, "receive": 1},
			"request": {"method": "GET", "url": "http://a.example/"}, "response": {"status": 204, "statusText": "No Content", "headers": []}}`
	}
	rec, _, err := Decode([]byte(`{"log": {"entries": [`+entry("2026-05-04T03:02:01.600Z")+","+entry("2026-05-04T03:02:01.500+00:00")+`]}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := times(rec), "send 35 at 100, recv 25 at 101, recv 2 at 101, send 35 at 0, recv 25 at 1, recv 2 at 1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What adds no byte has no time of its own, nor has what has none.
func TestOnlyBytesAreMarked(t *testing.T) {
	began := time.Unix(1, 0)
	got := timeline{}.mark(0, began).mark(100, began).mark(100, began.Add(time.Second)).mark(200, time.Time{})
	if want := (timeline{{100, began}}); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDecryptedBytesArriveWithTheirRecord(t *testing.T) {
	began := time.Unix(1, 0)
	stream := timeline{}.mark(100, began).mark(300, began.Add(time.Second)).mark(300, began.Add(time.Minute))
	var p plaintext
	p.add([]byte("abc"), record{end: 90})
	p.add([]byte("de"), record{end: 101})
	p.add([]byte("f"), record{end: 300})
	want := timeline{{3, began}, {5, began.Add(time.Second)}, {6, began.Add(time.Second)}}
	if got := p.times(stream); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
