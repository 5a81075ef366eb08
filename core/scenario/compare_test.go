package scenario

import (
	"strings"
	"testing"
)

func value(t testing.TB, text string) Value {
	t.Helper()
	v, err := ParseValue([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`{"latin1": "ab"}`, `{"b64": "YWI="}`, true},
		{`{"latin1": "ab"}`, `{"b64": "YWM="}`, false},
		{`{"latin1": "ab"}`, `"ab"`, false},
		{`"ab"`, `{"latin1": "ab"}`, false},
		{`{"a": 1, "b": [1, 2]}`, `{"b": [1, 2], "a": 1}`, true},
		{`{"a": 1}`, `{"a": 1, "b": 2}`, false},
		{`{"a": 1}`, `{"b": 1}`, false},
		{`[1, 2]`, `[2, 1]`, false},
		{`1`, `true`, false},
		{`0`, `false`, false},
		{`0`, `null`, false},
		{`"1"`, `1`, false},
		{`1`, `1.0`, true},
		{`0`, `-0`, true},
		{`12345678901234567890`, `12345678901234567891`, false},
		{`null`, `null`, true},
		{`null`, `""`, false},
	} {
		if got := equal(value(t, test.a), value(t, test.b)); got != test.want {
			t.Errorf("%s and %s: equal is %v", test.a, test.b, got)
		}
	}
}

func TestHideEndpoint(t *testing.T) {
	in := value(t, `{"host": "10.0.0.9", "port": 81, "a": ["x10.0.0.9:81y", {"latin1": "10.0.0.9:81"}, {"b64": "/zEwLjAuMC45Ojgx"}, "10.0.0.9", 81], "length": 81}`)
	want := value(t, `{"host": "$HOST", "port": "$PORT", "a": ["x$HOST:$PORTy", {"latin1": "$HOST:$PORT"}, {"latin1": "\u00ff$HOST:$PORT"}, "10.0.0.9", 81], "length": 81}`)
	if got := HideEndpoint(in, "10.0.0.9", 81); !equal(got, want) {
		t.Errorf("got  %s\nwant %s", AppendValue(nil, got), AppendValue(nil, want))
	}
}

func TestCompare(t *testing.T) {
	const text = `{"version": 1, "name": "n", "about": "a", "peer": [], "client": [{"call": "connect"}, {"call": "read"}],
		"expect": {"received": [{"latin1": "x"}], "steps": [
			{"error": {"type": "OSError", "bases": [], "message": "m"}, "state": "Idle", "unread": false, "stdout": ""},
			{"ok": {"latin1": "b"}, "state": "Idle", "unread": true, "stdout": "p"}]}}`
	doc, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	same := Observed{Steps: doc.Expect.Steps, Received: doc.Expect.Received}
	if found := doc.Compare(same, true); found != nil {
		t.Fatalf("a run that is what was recorded differs: %v", found)
	}
	for _, test := range []struct {
		change, to string
		messages   bool
		want       string
	}{
		{`"message": "m"`, `"message": "k"`, true, `step 0 (connect): error.message: expected "m", got "k"`},
		{`"message": "m"`, `"message": "k"`, false, ``},
		{`"OSError"`, `"ValueError"`, false, `step 0 (connect): error.type: expected "OSError", got "ValueError"`},
		{`"bases": []`, `"bases": ["X"]`, false, `step 0 (connect): error.bases: expected [], got ["X"]`},
		{`{"latin1": "b"}`, `{"b64": "Yg=="}`, false, ``},
		{`{"latin1": "b"}`, `{"b64": "Yw=="}`, false, `step 1 (read): ok: expected {"latin1":"b"}, got {"b64":"Yw=="}`},
		{`"ok": {"latin1": "b"}`, `"skipped": true`, false, `step 1 (read): outcome: expected {"ok":{"latin1":"b"}}, got {"skipped":true}`},
		{`"unread": true`, `"unread": false`, false, `step 1 (read): unread: expected true, got false`},
		{`"stdout": "p"`, `"stdout": "q"`, false, `step 1 (read): stdout: expected "p", got "q"`},
		{`"state": "Idle", "unread": true`, `"unread": true`, false, `step 1 (read): state: expected "Idle", got null`},
		{`{"latin1": "x"}`, `{"latin1": "y"}`, false, `received 0: bytes: expected {"latin1":"x"}, got {"latin1":"y"}`},
		{`[{"latin1": "x"}]`, `[]`, false, `received: count: expected 1, got 0`},
	} {
		changed, err := Parse([]byte(strings.Replace(text, test.change, test.to, 1)))
		if err != nil {
			t.Fatal(err)
		}
		found := doc.Compare(Observed{Steps: changed.Expect.Steps, Received: changed.Expect.Received}, test.messages)
		got := ""
		for _, difference := range found {
			got += difference.String()
		}
		if got != test.want {
			t.Errorf("%s → %s:\n got  %s\n want %s", test.change, test.to, got, test.want)
		}
	}
}
