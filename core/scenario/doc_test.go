package scenario

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const corpus = "../testdata/conformance"

// corpusFiles is the corpus' files, by case name; those of the folder CASES
// where the environment names one.
func corpusFiles(t testing.TB) map[string][]byte {
	t.Helper()
	folders := []string{corpus + "/cases", corpus + "/more"}
	if own := os.Getenv("CASES"); own != "" {
		folders = []string{own}
	}
	files := map[string][]byte{}
	for _, folder := range folders {
		before := len(files)
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			name, isCase := strings.CutSuffix(filepath.Base(path), ".json")
			if err != nil || !isCase {
				return err
			}
			files[name], err = os.ReadFile(path)
			return err
		})
		if err != nil || len(files) == before {
			t.Fatalf("no cases in %s, where files that end in .json were expected: %v", folder, err)
		}
	}
	return files
}

// certificates is the folder of those that the cases name: beside the cases of
// one's own, or else the corpus' own.
func certificates() string {
	if own := os.Getenv("CASES"); own != "" {
		for _, folder := range []string{own + "/certs", own + "/../certs"} {
			if _, err := os.Stat(folder); err == nil {
				return folder
			}
		}
	}
	return corpus + "/certs"
}

// The corpus was written in canonical form by another program, so writing it
// again must change no byte.
func TestCanonicalFormOfCorpus(t *testing.T) {
	for name, data := range corpusFiles(t) {
		doc, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := string(doc.Append(nil)); got != string(data) {
			t.Errorf("%s: canonical form differs:\n%s", name, got)
		}
		if doc.Name != name || doc.Expect == nil || len(doc.Expect.Steps) != len(doc.Client) {
			t.Errorf("%s: read as %q with expectations %v", name, doc.Name, doc.Expect)
		}
	}
}

// document is a valid document with these client steps and peer connections.
func document(client, peer string) string {
	return `{"version": 1, "name": "n", "about": "a", "peer": [` + peer + `], "client": [` + client + `]}`
}

func TestParseRefuses(t *testing.T) {
	step := func(s string) string { return document(s, "") }
	action := func(s string) string { return document("", `{"actions": [`+s+`]}`) }
	for _, test := range []struct{ doc, want string }{
		{``, "not JSON: the text ends too early"},
		{`{`, "not JSON: the text ends too early"},
		{`{} {}`, "not JSON: more text after the value, at byte 4"},
		{`{"a" 1}`, "not JSON"},
		{`[NaN]`, "not JSON"},
		{"{\"name\": \"\xff\"}", "invalid UTF-8 at byte 10"},
		{`[]`, "document: must be a JSON object, got []"},
		{`{"version": 1, "nmae": 2, "abuot": 3}`, "document: unknown keys 'abuot', 'nmae'"},
		{`{"version": 2}`, "version: must be 1, got 2"},
		{`{}`, "version: must be 1, got null"},
		{`{"version": 1, "name": ""}`, `name: must be a non-empty string, got ""`},
		{`{"version": 1, "name": "n"}`, "about: must be a non-empty string, got null"},
		{`{"version": 1, "name": "n", "about": "a", "client": []}`, "peer: must be a list, got null"},
		{`{"version": 1, "name": "n", "about": "a", "peer": []}`, "client: must be a list, got null"},
		{document("", `1`), `peer[0]: must be {"actions": [ … ]}, got 1`},
		{document("", `{"actions": [], "more": 1}`), "peer[0]: must be"},
		{action(`3`), "peer[0].actions[0]: must be an object, got 3"},
		{action(`{}`), "peer[0].actions[0]: must have exactly one action, got {}"},
		{action(`{"close": true, "reset": true}`), "must have exactly one action"},
		{action(`{"dance": true}`), "unknown action 'dance'"},
		{action(`{"close": false}`), "bad value for close: false; expected true"},
		{action(`{"recv_n": 1.0}`), "bad value for recv_n: 1.0; expected an integer"},
		{action(`{"send": "text"}`), `bad value for send: "text"; expected {"latin1": …} or {"b64": …}`},
		{action(`{"send": {"latin1": "\u0100"}}`), `a character above U+00FF`},
		{action(`{"send": {"b64": "YQ"}}`), "not standard base64"},
		{action(`{"send": {"b64": "Y\nQ=="}}`), "not standard base64"},
		{action(`{"send": {"b64": 1}}`), "b64 must be a string"},
		{action(`{"close": true, "repeat": 2}`), "repeat belongs to send"},
		{action(`{"send": {"latin1": ""}, "repeat": true}`), "repeat belongs to send"},
		{step(`{}`), `client[0]: must have a "call", got {}`},
		{step(`{"call": "close", "argh": {}}`), "client[0]: unknown keys 'argh'"},
		{step(`{"call": "clsoe"}`), "client[0]: unknown call 'clsoe'"},
		{step(`{"call": "close", "args": []}`), "client[0] (close): args must be an object, got []"},
		{step(`{"call": "close", "response": 0}`), "client[0] (close): response is an index"},
		{step(`{"call": "read", "response": "0"}`), "client[0] (read): response is an index"},
		{step(`{"call": "request", "args": {}}`), "client[0] (request): missing arguments 'method', 'url'"},
		{step(`{"call": "read", "args": {"n": 1}}`), "client[0] (read): unknown argument 'n'"},
		{step(`{"call": "read", "args": {"amt": true}}`), "bad value for amt: true; expected an integer"},
		{step(`{"call": "HTTPConnection", "args": {"host": "h", "port": "80"}}`), `bad value for port: "80"; expected an integer, null or "$PORT"`},
		{step(`{"call": "HTTPConnection", "args": {"host": "h", "timeout": "1"}}`), "expected a number of seconds or null"},
		{step(`{"call": "HTTPConnection", "args": {"host": "h", "source_address": ["h"]}}`), "expected a list of a host and a port"},
		{step(`{"call": "putheader", "args": {"header": "h", "values": [1.5]}}`), "expected a list of strings, integers or bytes"},
		{step(`{"call": "request", "args": {"method": "M", "url": "/", "headers": [["a", "1"], ["a", "2"]]}}`), "with distinct names"},
		{step(`{"call": "request", "args": {"method": "M", "url": "/", "body": {"fiel": {"latin1": ""}}}}`), "bad value for body"},
		{step(`{"call": "send", "args": {"data": {"latin1": "\u20ac"}}}`), "a character above U+00FF"},
		{step(`{"call": "getheader", "args": {"name": "n", "default": [1]}}`), "expected a string or a list of strings"},
		{`{"version": 1, "name": "n", "about": "a", "peer": [], "client": [], "expect": {"steps": [1], "received": []}}`, "expect: must have an observation per step"},
		{`{"version": 1, "name": "n", "about": "a", "peer": [], "client": [], "expect": {"steps": []}}`, "expect: must have"},
	} {
		if _, err := Parse([]byte(test.doc)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\n got  %v\n want %s", test.doc, err, test.want)
		}
	}
}

func TestParseAccepts(t *testing.T) {
	for _, test := range []string{
		document(`{"call": "close", "call": "connect"}`, ""),
		document(`{"call": "read", "response": -1}, {"call": "read", "args": {}}`, ""),
		document(`{"call": "putheader", "args": {"header": "h", "values": [123456789012345678901234567890, "\ud800"]}}`, ""),
		document(`{"call": "HTTPConnection", "args": {"host": "", "port": null, "timeout": 1e-3}}`, ""),
		document("", `{"actions": [{"repeat": 2, "send": {"b64": "AAE="}}]}`),
		strings.Replace(document("", ""), "1", "1.0", 1),
	} {
		if _, err := Parse([]byte(test)); err != nil {
			t.Errorf("%s: %v", test, err)
		}
	}
	doc, err := Parse([]byte(document(`{"call": "close", "call": "connect"}`, "")))
	if err != nil || doc.Client[0].Call != "connect" {
		t.Errorf("of a repeated name the last value counts, got %v, %v", doc, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, data := range corpusFiles(f) {
		if len(data) < 1500 {
			f.Add(data)
		}
	}
	f.Add([]byte(document(`{"call": "putheader", "args": {"header": "h", "values": [-0, 1e400, "\ud800\u20ac"]}}`, `{"actions": []}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Parse(data)
		if err != nil {
			return
		}
		first := doc.Append(nil)
		again, err := Parse(first)
		if err != nil {
			t.Fatalf("canonical form is refused: %v\n%s", err, first)
		}
		if second := again.Append(nil); string(second) != string(first) {
			t.Fatalf("canonical form changes:\n%s\n%s", first, second)
		}
		if !equal(doc.source, again.source) && doc.source != nil {
			t.Fatalf("canonical form means something else:\n%s", first)
		}
	})
}

func TestByteObjects(t *testing.T) {
	for _, test := range []struct {
		data string
		want string
	}{
		{"", `{"latin1":""}`},
		{"plain\r\n\t\x7f", `{"latin1":"plain\r\n\t\u007f"}`},
		{"abc\xe9", `{"latin1":"abc\u00e9"}`},
		{"ab\xe9\x00", `{"b64":"YWLpAA=="}`},
	} {
		got := string(AppendValue(nil, []byte(test.data)))
		if got != test.want {
			t.Errorf("%q: got %s, want %s", test.data, got, test.want)
		}
		value, err := ParseValue([]byte(got))
		if data, ok := asBytes(value); err != nil || !ok || string(data) != test.data {
			t.Errorf("%q: read back as %q, %v, %v", test.data, data, ok, err)
		}
	}
	if got := string(AppendValue(nil, "\x01\"\\\u2028\U0001f600")); got != `"\u0001\"\\\u2028\ud83d\ude00"` {
		t.Errorf("string is written as %s", got)
	}
}
