package core

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math/rand"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

var updateMessage = flag.Bool("update-message", false, "rewrite testdata/message_golden.jsonl with the answers of python3")

// messageCase is one line of testdata/message_golden.jsonl.
type messageCase struct {
	Head    *string `json:"head"`
	Calls   [][]any `json:"calls"`
	Results []any   `json:"results"`
}

// parseMessage makes a message of a header block in Latin-1 text.
func parseMessage(t *testing.T, text string) *HTTPMessage {
	t.Helper()
	block, err := py.EncodeLatin1(text)
	if err != nil {
		t.Fatal(err)
	}
	head := h1.ParseHead(block)
	return newHTTPMessage(head.Fields, head.Defects, head.UnixFrom, head.Payload)
}

// TestMessageGolden compares HTTPMessage with answers recorded from CPython.
func TestMessageGolden(t *testing.T) {
	const file = "testdata/message_golden.jsonl"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if *updateMessage {
		data = askMessage(t, data)
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if n := compareMessages(t, data); n < 60 {
		t.Errorf("only %d cases in %s", n, file)
	}
}

// TestMessageAgainstPython compares HTTPMessage with python3 on random fields.
func TestMessageAgainstPython(t *testing.T) {
	out, err := exec.Command("python3", "-c", "import sys; print(sys.version_info[:2])").Output()
	if err != nil || strings.TrimSpace(string(out)) != "(3, 11)" {
		t.Skip("needs python3 of version 3.11")
	}
	rng := rand.New(rand.NewSource(3))
	var q bytes.Buffer
	enc := json.NewEncoder(&q)
	for range 800 {
		if err := enc.Encode(randomMessage(rng)); err != nil {
			t.Fatal(err)
		}
	}
	compareMessages(t, askMessage(t, q.Bytes()))
}

func askMessage(t *testing.T, data []byte) []byte {
	t.Helper()
	cmd := exec.Command("python3", "testdata/message_oracle.py")
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3 testdata/message_oracle.py: %v", err)
	}
	return out
}

func compareMessages(t *testing.T, data []byte) int {
	t.Helper()
	n := 0
	for line := range bytes.Lines(data) {
		var c messageCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if c.Results == nil {
			continue
		}
		m := NewHTTPMessage()
		if c.Head != nil {
			m = parseMessage(t, *c.Head)
		}
		for i, call := range c.Calls {
			got := plainJSON(t, callMessage(t, m, call[0].(string), call[1:]))
			if mixesNumbers(c.Results[i]) {
				break // what such a call had changed by then is not worth copying
			}
			if !reflect.DeepEqual(got, c.Results[i]) {
				g, _ := json.Marshal(got)
				w, _ := json.Marshal(c.Results[i])
				q, _ := json.Marshal(c.Calls[:i+1])
				h, _ := json.Marshal(c.Head)
				t.Errorf("head %s\ncalls %s\n got %s\nwant %s", h, q, g, w)
			}
		}
		n++
	}
	return n
}

// mixesNumbers reports whether CPython failed to sort the parameters "x*" and
// "x*0" of one name, where the port puts the former first.
func mixesNumbers(result any) bool {
	m, _ := result.(map[string]any)
	e, _ := m["error"].([]any)
	return len(e) == 2 && strings.Contains(e[1].(string), "'<' not supported")
}

// plainJSON turns a result into what encoding/json reads back.
func plainJSON(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func callMessage(t *testing.T, m *HTTPMessage, name string, args []any) any {
	t.Helper()
	str := func(i int) string { return args[i].(string) }
	opts := &ParamOptions{}
	text := &TextOptions{}
	if len(args) > 0 {
		if o, ok := args[len(args)-1].(map[string]any); ok && o["none"] == nil {
			for k, v := range o {
				switch k {
				case "header":
					opts.Header = v.(string)
				case "unquote", "requote":
					opts.KeepQuotes = !v.(bool)
				case "charset":
					opts.Charset = v.(string)
				case "language":
					opts.Language = v.(string)
				case "replace":
					opts.Replace = v.(bool)
				case "unixfrom":
					text.UnixFrom = v.(bool)
				case "maxheaderlen":
					text.MaxHeaderLen = int(v.(float64))
				default:
					t.Fatalf("no option %s", k)
				}
			}
		}
	}
	maybe := func(s string, ok bool) any {
		if !ok {
			return nil
		}
		return s
	}
	result := func(v any, err error) any {
		if err != nil {
			return raised(t, err)
		}
		return v
	}
	switch name {
	case "len":
		return m.Len()
	case "get":
		return maybe(m.Get(str(0)))
	case "get_all":
		return m.GetAll(str(0))
	case "contains":
		return m.Contains(str(0))
	case "keys":
		return m.Keys()
	case "values":
		return m.Values()
	case "items":
		return pairs(m.Items())
	case "set":
		m.Set(str(0), str(1))
		return nil
	case "delete":
		m.Delete(str(0))
		return nil
	case "replace_header":
		return result(nil, m.ReplaceHeader(str(0), str(1)))
	case "getallmatchingheaders":
		return m.GetAllMatchingHeaders(str(0))
	case "add_header":
		var params []Param
		for _, a := range args[2:] {
			kv := a.([]any)
			p := Param{Name: kv[0].(string)}
			if _, none := kv[1].(map[string]any); none {
				p.Bare = true
			} else {
				p.Value = argParam(kv[1])
			}
			params = append(params, p)
		}
		return result(nil, m.AddHeader(str(0), str(1), params...))
	case "get_content_type":
		return m.GetContentType()
	case "get_content_maintype":
		return m.GetContentMaintype()
	case "get_content_subtype":
		return m.GetContentSubtype()
	case "get_default_type":
		return m.GetDefaultType()
	case "set_default_type":
		m.SetDefaultType(str(0))
		return nil
	case "get_content_charset":
		return maybe(m.GetContentCharset())
	case "get_charsets":
		list := []any{}
		for _, c := range m.GetCharsets() {
			list = append(list, c)
		}
		return list
	case "get_param":
		v, ok := m.GetParam(str(0), opts)
		if !ok {
			return nil
		}
		return paramResult(v)
	case "get_params":
		params, ok := m.GetParams(opts)
		if !ok {
			return nil
		}
		list := []any{}
		for _, p := range params {
			list = append(list, []any{p.Name, paramResult(p.Value)})
		}
		return list
	case "set_param":
		return result(nil, m.SetParam(str(0), argParam(args[1]), opts))
	case "del_param":
		return result(nil, m.DelParam(str(0), opts))
	case "set_type":
		return result(nil, m.SetType(str(0), opts))
	case "get_boundary":
		return maybe(m.GetBoundary())
	case "set_boundary":
		return result(nil, m.SetBoundary(str(0)))
	case "get_filename":
		return maybe(m.GetFilename())
	case "get_content_disposition":
		return maybe(m.GetContentDisposition())
	case "defects":
		list := []any{}
		for _, d := range m.Defects {
			list = append(list, []any{d.Name, maybe(d.Line, d.Line != "")})
		}
		return list
	case "get_unixfrom":
		return maybe(m.GetUnixFrom())
	case "set_unixfrom":
		m.SetUnixFrom(str(0))
		return nil
	case "get_payload":
		return maybe(m.GetPayload())
	case "set_payload":
		m.SetPayload(str(0))
		return nil
	case "is_multipart":
		return m.IsMultipart()
	case "parts":
		list := []any{}
		for part := range m.Walk() {
			names := []any{}
			for _, d := range part.Defects {
				names = append(names, d.Name)
			}
			list = append(list, []any{pairs(part.Items()), names})
		}
		return list
	case "as_string":
		return result(m.AsString(text))
	case "str":
		s, err := m.AsString(nil)
		if m.String() != s {
			t.Errorf("String() = %q, AsString(nil) = %q", m.String(), s)
		}
		return result(s, err)
	case "as_bytes", "bytes":
		b, err := m.AsBytes(text)
		return result(py.DecodeLatin1(b), err)
	}
	t.Fatalf("no call %s", name)
	return nil
}

func raised(t *testing.T, err error) any {
	t.Helper()
	class, message := "", err.Error()
	var e *h1.Error
	if errors.As(err, &e) {
		class, message = e.Class.Name(), e.Message
	} else if c, ok := err.(interface{ Classes() []string }); ok {
		class = c.Classes()[0]
	}
	return map[string]any{"error": []string{class, message}}
}

func pairs(items []HeaderField) any {
	list := [][]string{}
	for _, f := range items {
		list = append(list, []string{f.Name, f.Value})
	}
	return list
}

func argParam(v any) ParamValue {
	if list, ok := v.([]any); ok {
		if list[0] == nil {
			return ParamValue{Value: list[2].(string), Extended: true, Unlabelled: true}
		}
		return ExtendedParam(list[0].(string), list[1].(string), list[2].(string))
	}
	return PlainParam(v.(string))
}

func paramResult(v ParamValue) any {
	switch {
	case v.Unlabelled:
		return []any{nil, nil, v.Value}
	case v.Extended:
		return []any{v.Charset, v.Language, v.Value}
	}
	return v.Value
}

func randomMessage(rng *rand.Rand) messageCase {
	pick := func(list ...string) string { return list[rng.Intn(len(list))] }
	many := func(most int, list ...string) string {
		var b strings.Builder
		for range rng.Intn(most + 1) {
			b.WriteString(pick(list...))
		}
		return b.String()
	}
	word := func() string {
		return many(4, "a", "text", "long-word-to-fold-at", "é", "x;y", "1,", "\"q\"", "b=c", "(", "\u00a0", "\x0b", "%41", "\\\"")
	}
	param := func() string {
		return pick("charset", "Charset", "filename", "filename*", "filename*0", "filename*1*", "filename*0*", "boundary", "name", "name*", "x") +
			pick("=", " = ", "*=", "") + pick("utf-8", "\"a b\"", "utf-8''%e2%82%ac", "iso-8859-1'en'%E9", "us-ascii'x", "\"q;q\"", "<angle>", "ISO-8859-1''caf%E9", "", "\"\\\"\\\\\"", "klingon''%a4", "é", "''x", "x y")
	}
	var head strings.Builder
	for range rng.Intn(5) {
		switch rng.Intn(4) {
		case 0:
			head.WriteString(pick("Content-Type", "content-type") + ": " +
				pick("text/html", "Text/Plain", "a/b/c", "none", "", "multipart/x", "message/http", "application/json", " image/png ") + "")
			for range rng.Intn(4) {
				head.WriteString(pick(";", "; ", " ;") + param())
			}
		case 1:
			head.WriteString("Content-Disposition: " + pick("attachment", "Inline", ""))
			for range rng.Intn(4) {
				head.WriteString("; " + param())
			}
		default:
			head.WriteString(pick("X", "Via", "x") + ":" + many(30, " ", " ", "\t", word(), word(), "\r\n ", "a", "bcd"))
		}
		head.WriteString("\r\n")
	}
	head.WriteString(pick("\r\n", "", "\r\n\r\n", "junk\r\n"))
	text := head.String()
	c := messageCase{Head: &text}
	calls := [][]any{{"len"}, {"items"}, {"defects"}, {"get", "x"}, {"get_all", "CONTENT-TYPE"}, {"contains", "via"},
		{"get_content_type"}, {"get_content_maintype"}, {"get_content_charset"}, {"get_charsets"}, {"get_boundary"}, {"get_filename"},
		{"get_content_disposition"}, {"get_param", "charset"}, {"get_param", "FILENAME", map[string]any{"header": "content-disposition"}},
		{"get_params"}, {"get_params", map[string]any{"header": "content-disposition", "unquote": false}}, {"is_multipart"},
		{"get_payload"}, {"parts"}, {"str"}, {"bytes"}, {"as_string", map[string]any{"maxheaderlen": 10 + rng.Intn(40)}},
		{"set_param", "charset", pick("utf-8", "é", "", "a b"), map[string]any{"requote": rng.Intn(2) == 0}},
		{"set_param", "charset", pick("utf-8", "x"), map[string]any{"charset": pick("utf-8", "ascii"), "language": "en"}},
		{"del_param", pick("charset", "filename"), map[string]any{"header": pick("content-type", "content-disposition")}},
		{"set_boundary", "bb"}, {"set_type", pick("a/b", "a", "text/html")}, {"replace_header", "Via", "1.1 x"}, {"delete", "x"}, {"items"}, {"keys"}, {"values"}}
	c.Calls = append(c.Calls, calls[:22]...)
	for _, i := range rng.Perm(len(calls) - 22) {
		c.Calls = append(c.Calls, calls[22+i])
	}
	c.Calls = append(c.Calls, []any{"items"}, []any{"str"})
	return c
}
