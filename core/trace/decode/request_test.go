package decode

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// Any bytes are a request to be looked at, and say where they are none.
func TestChunksAreMeasured(t *testing.T) {
	for text, want := range map[string]struct {
		n    int
		last bool
	}{
		"":                            {-1, false},
		"3":                           {-1, false},
		"g\r\nabc\r\n":                {-1, false},
		"3\r\nabc":                    {-1, false},
		"3\r\nabcd\r\n":               {-1, false},
		"3\r\nabc\r\n0\r\n":           {8, false},
		"0\r\n":                       {-1, false},
		"0\r\nA: b\r\n":               {-1, false},
		"0\r\n\r\nHTTP/1.1 200":       {5, true},
		"0;last\r\nA: b\r\n\r\n0\r\n": {16, true},
	} {
		more := []byte(text + "\r\n\r\n") // is not looked at
		if n, last := chunkOf(more[:len(text)]); n != want.n || last != want.last {
			t.Errorf("%q: %d, %v, want %d, %v", text, n, last, want.n, want.last)
		}
	}
}

func TestRequest(t *testing.T) {
	for data, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n": "",
		"GET / HTTP/1.1\r\n\r\n":            "sent-host",
		"\x00":                              "sent-request-line sent-head-unfinished",
		"":                                  "sent-head-unfinished",
	} {
		rec, err := Request([]byte(data))
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		var codes []string
		var sent []byte
		at := int64(0)
		for _, e := range rec.Events {
			switch e.Type {
			case "diagnostic":
				var d struct{ Code string }
				if err := json.Unmarshal(e.Raw, &d); err != nil {
					t.Fatal(err)
				}
				codes = append(codes, d.Code)
			case "send":
				sent = append(sent, e.Bytes.B64...)
			case "span":
				if e.Start != at {
					t.Errorf("%q: a span begins at %d, want %d", data, e.Start, at)
				}
				at = e.End
			}
		}
		if got := strings.Join(codes, " "); got != want || !bytes.Equal(sent, []byte(data)) || at != int64(len(data)) {
			t.Errorf("%q: diagnostics %q, want %q; sent %q, spans up to %d", data, got, want, sent, at)
		}
	}
	if _, err := Request(make([]byte, MaxInput+1)); err == nil {
		t.Error("more than the limit was read")
	}
}
