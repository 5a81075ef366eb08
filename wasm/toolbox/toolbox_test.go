package toolbox

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/wasm/bridge"
)

const response = "HTTP/1.1 200 OK\r\nSet-Cookie: id=secret\r\nContent-Length: 5\r\n\r\nhello"

// ask calls a tool as a page does and gives the answer: "ok" or "error", and the
// value or the message.
func ask(t *testing.T, method string, given ...any) (kind string, value any) {
	t.Helper()
	answers := make(chan []any, 2)
	box := New(func(message []any) {
		v, err := bridge.Unpack(bridge.AppendValue(nil, message, nil), false)
		if err != nil {
			t.Error(err)
		}
		answers <- v.([]any)
	}, "test")
	ready := <-answers
	if ready[0] != "ready" {
		t.Fatalf("first comes %v", ready)
	}
	if machine, _ := ready[1].(bridge.Object).Get("machine").(bridge.Object); machine == nil {
		t.Fatalf("ready without the table: %v", ready)
	}
	box.Handle([]any{"cancel", 7}, nil)
	box.Handle([]any{"call", 7, 0, method, append([]any{}, given...)}, nil)
	answer := <-answers
	if answer[1] != 7 {
		t.Fatalf("%v answers call 7", answer)
	}
	if answer[0] == "error" {
		return "error", answer[2].(bridge.Object).Get("message")
	}
	return "ok", answer[2]
}

func decoded(t *testing.T) string {
	t.Helper()
	kind, value := ask(t, "decode", []byte(response), bridge.Absent{}, nil)
	list, _ := value.([]any)
	if kind != "ok" || len(list) != 2 || list[0] != "response" {
		t.Fatalf("decode: %s %v", kind, value)
	}
	return list[1].(string)
}

func TestRequest(t *testing.T) {
	kind, value := ask(t, "request", []byte("GET / HTTP/1.1\r\n\r\n"))
	if text, _ := value.(string); kind != "ok" || !strings.Contains(text, `"sent-host"`) || !strings.Contains(text, `"kind":"target"`) {
		t.Errorf("request: %s %v", kind, value)
	}
	if kind, value := ask(t, "request", 5); kind != "error" || value != "data must be a string or bytes" {
		t.Errorf("request of a number: %s %v", kind, value)
	}
}

func TestDecodeAndExport(t *testing.T) {
	rec := decoded(t)
	for format, want := range map[string]string{
		"har":          `"version": "1.2"`,
		"pcapng":       "\x0a\x0d\x0d\x0a",
		"curl-trace":   "<= Recv",
		"raw-received": "Set-Cookie: *********\r\n",
	} {
		kind, value := ask(t, "export", rec, format, bridge.Absent{})
		data, _ := value.([]byte)
		if kind != "ok" || !bytes.Contains(data, []byte(want)) || bytes.Contains(data, []byte("id=secret")) {
			t.Errorf("%s: %s %s, want %q in it and no cookie", format, kind, data, want)
		}
	}
	if kind, value := ask(t, "export", rec, "raw-received", true); kind != "ok" || string(value.([]byte)) != response {
		t.Errorf("raw bytes with secrets: %s %s", kind, value)
	}
	if kind, value := ask(t, "export", rec, "recording", true); kind != "ok" || string(value.([]byte)) != rec {
		t.Errorf("the recording itself: %s %s", kind, value)
	}
}

func TestPermalinks(t *testing.T) {
	const link = `{"title":"A","host":"a.example","port":81,"calls":[{"name":"request","args":{"method":"GET","url":"/"}}],"step":1}`
	kind, value := ask(t, "encodePermalink", link)
	fragment, _ := value.(string)
	if kind != "ok" || !strings.HasPrefix(fragment, "#v1.") {
		t.Fatalf("encodePermalink: %s %v", kind, value)
	}
	if kind, value := ask(t, "decodePermalink", fragment); kind != "ok" || value != link {
		t.Errorf("decodePermalink: %s %v, want %s", kind, value, link)
	}
	kind, value = ask(t, "linkOf", decoded(t), false, false)
	text, _ := value.(string)
	if kind != "ok" || !json.Valid([]byte(text)) {
		t.Errorf("linkOf: %s %v", kind, value)
	}
}

func TestRefusals(t *testing.T) {
	rec := decoded(t)
	for _, test := range []struct {
		want   string
		method string
		given  []any
	}{
		{`there is no tool "none"`, "none", nil},
		{"the input is empty", "decode", nil},
		{"nothing known here", "decode", []any{"?"}},
		{"data must be a string or bytes", "decode", []any{5}},
		{"limit must be an integer", "decode", []any{"?", nil, "x"}},
		{`"zip" is no format to export to; there are har`, "export", []any{rec, "zip"}},
		{"secrets must be a boolean", "export", []any{rec, "har", 1}},
		{"not JSON", "export", []any{"?", "har"}},
		{"holds a field Set-Cookie", "export", []any{rec, "recording"}},
		{"holds a field Set-Cookie", "export", []any{rec, "scenario"}},
		{"no transport 9", "export", []any{rec, "raw-received", true, nil, 9}},
		{`unknown field "hosts"`, "encodePermalink", []any{`{"hosts":1}`}},
		{"begins with", "decodePermalink", []any{"#x"}},
		{"fragment must be a string", "decodePermalink", []any{1}},
		{"recording must be a string or bytes", "linkOf", []any{1}},
	} {
		kind, value := ask(t, test.method, test.given...)
		if message, _ := value.(string); kind != "error" || !strings.Contains(message, test.want) {
			t.Errorf("%s %.60v: %s %v, want an error with %q", test.method, test.given, kind, value, test.want)
		}
	}
}
