package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/core/py"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// call is a call of the log with its arguments.
type call struct {
	name  string
	args  map[string]json.RawMessage
	lines *SecretLines // of all calls before it
	to    *server      // no call, but that those after it are made on a connection to another server
}

// program is what the calls of a recording were made on.
type program struct {
	server
	calls []call
}

// server is what a connection is made to.
type server struct {
	host string
	port int
	tls  bool
}

// python makes a connection to it.
func (s server) python() string {
	class := "HTTPConnection"
	if s.tls {
		class = "HTTPSConnection"
	}
	return fmt.Sprintf("conn = http.client.%s(%s, %d)\n", class, py.Repr(s.host), s.port)
}

// golang makes a connection to it.
func (s server) golang() string {
	options := fmt.Sprintf("core.HTTPConnectionOptions{Port: new(%d)}", s.port)
	if s.tls {
		return fmt.Sprintf("core.NewHTTPSConnection(%q, &core.HTTPSConnectionOptions{HTTPConnectionOptions: %s})", s.host, options)
	}
	return fmt.Sprintf("core.NewHTTPConnection(%q, &%s)", s.host, options)
}

// programOf takes the calls out of a recording.
func programOf(rec *recording.Recording) (program, error) {
	var p program
	lines := new(SecretLines)
	for i := range rec.Events {
		e := &rec.Events[i]
		switch {
		case e.Type == "connect" && p.host == "":
			p.host, p.port = e.Host, e.Port
		case strings.HasPrefix(e.Type, "tls"):
			p.tls = true
		case e.Type == "call":
			c := call{name: e.Name, lines: lines}
			if err := json.Unmarshal(e.Args, &c.args); err != nil {
				return p, fmt.Errorf("export: event %d: arguments of %s: %w", i, e.Name, err)
			}
			p.calls = append(p.calls, c)
		}
	}
	if p.host == "" {
		return p, errors.New("export: nothing was connected in this recording, so there is no server to run code against")
	}
	if len(p.calls) == 0 {
		if err := p.callsOf(rec.Exchanges()); err != nil {
			return p, err
		}
		if len(p.calls) == 0 {
			return p, errors.New("export: no request was sent in this recording")
		}
	}
	return p, nil
}

// callsOf makes the calls that a recording of bytes alone does not have, those of
// its requests.
func (p *program) callsOf(exchanges []*recording.Exchange) error {
	var at server
	for _, x := range exchanges {
		m := &x.Request
		if m.Method == "" {
			continue
		}
		if m.Partial {
			return fmt.Errorf("export: the log does not hold all of request %d; record with a larger limit", x.Number)
		}
		headers := [][2]string{}
		for _, f := range m.Fields {
			if !strings.EqualFold(f.Name, "Transfer-Encoding") { // request chooses the framing
				headers = append(headers, [2]string{f.Name, f.Value})
			}
		}
		args := map[string]any{"method": m.Method, "url": m.Target, "headers": headers}
		if len(m.Content) > 0 {
			args["body"] = map[string][]byte{"b64": m.Content}
		}
		if to := (server{x.Host, x.Port, x.TLS}); len(p.calls) == 0 {
			p.server, at = to, to
		} else if to != at {
			p.calls, at = append(p.calls, call{to: &to}), to
		}
		c := call{name: "request", args: map[string]json.RawMessage{}, lines: new(SecretLines)}
		for name, v := range args {
			raw, err := json.Marshal(v)
			if err != nil {
				return err
			}
			c.args[name] = raw
		}
		p.calls = append(p.calls, c, call{name: "getresponse", lines: c.lines}, call{name: "read", lines: c.lines})
	}
	return nil
}

// value is an argument: a string, number, bool, bytes, list or nil.
type value struct {
	kind  valueKind
	text  string
	data  []byte
	items []value
}

type valueKind uint8

const (
	kindNull valueKind = iota
	kindText
	kindOther // a number or a bool, as JSON writes it
	kindBytes
	kindList
	kindFile // a file whose content is not in the arguments
)

// parse reads an argument as the log writes it.
func parse(raw json.RawMessage) (value, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return value{}, nil
	}
	switch raw[0] {
	case '"':
		v := value{kind: kindText}
		err := json.Unmarshal(raw, &v.text)
		if v.text == "<file>" || v.text == "<textfile>" || v.text == "<iterable>" {
			v.kind = kindFile
		}
		return v, err
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return value{}, err
		}
		v := value{kind: kindList}
		for _, item := range list {
			sub, err := parse(item)
			if err != nil {
				return value{}, err
			}
			v.items = append(v.items, sub)
		}
		return v, nil
	case '{':
		var o struct {
			B64      *[]byte         `json:"b64"`
			Size     int             `json:"size"`
			Text     *string         `json:"text"`
			Iterable json.RawMessage `json:"iterable"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			return value{}, err
		}
		switch {
		case o.B64 != nil && o.Size > len(*o.B64):
			return value{}, fmt.Errorf("the log kept %d of its %d bytes", len(*o.B64), o.Size)
		case o.B64 != nil:
			return value{kind: kindBytes, data: *o.B64}, nil
		case o.Text != nil:
			return value{kind: kindText, text: *o.Text}, nil
		}
		return parse(o.Iterable)
	case 'n':
		return value{}, nil
	}
	return value{kind: kindOther, text: string(raw)}, nil
}

// python writes the value as a Python literal.
func (v value) python() string {
	switch v.kind {
	case kindText:
		return py.Repr(v.text)
	case kindBytes:
		return py.ReprBytes(v.data)
	case kindOther:
		switch v.text {
		case "true":
			return "True"
		case "false":
			return "False"
		}
		return v.text
	case kindList:
		parts := make([]string, len(v.items))
		for i, item := range v.items {
			parts[i] = item.python()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return "None"
}

// argument gives an argument, with what it cannot stand for named.
func (c call) argument(name string) (value, error) {
	v, err := parse(c.args[name])
	if err != nil {
		return v, fmt.Errorf("export: %s of %s: %w", name, c.name, err)
	}
	if v.kind == kindFile {
		return v, fmt.Errorf("export: %s of %s came from a file or iterator, whose bytes the call does not hold; export curl instead", name, c.name)
	}
	return v, nil
}

// sent gives the bytes of a send, secret values left out.
func (c call) sent(opts Options) (value, error) {
	v, err := c.argument("data")
	if err != nil || opts.Secrets {
		return v, err
	}
	v.data, _ = c.lines.Redact(v.data)
	for i := range v.items {
		v.items[i].data, _ = c.lines.Redact(v.items[i].data)
	}
	return v, nil
}

// pairs gives the headers of a call, secret values left out.
func (c call) pairs(opts Options) ([][2]value, error) {
	v, err := c.argument("headers")
	if err != nil {
		return nil, err
	}
	var list [][2]value
	for _, item := range v.items {
		if len(item.items) != 2 {
			return nil, fmt.Errorf("export: headers of %s: a header is a list of name and value", c.name)
		}
		pair := [2]value{item.items[0], item.items[1]}
		if !opts.Secrets && Secret(pair[0].text) {
			pair[1] = value{kind: kindText, text: Redacted}
		}
		list = append(list, pair)
	}
	return list, nil
}

// repeated reports a name that is there twice, which a dictionary cannot have.
func repeated(pairs [][2]value) bool {
	seen := map[string]bool{}
	for _, pair := range pairs {
		name := pair[0].python()
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

// Python writes the calls as a program for Python's own http.client.
func Python(w io.Writer, rec *recording.Recording, opts Options) error {
	p, err := programOf(rec)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("import http.client\n\n" + p.server.python())
	for _, c := range p.calls {
		if c.to != nil {
			b.WriteString("\n" + c.to.python())
			continue
		}
		c.lines.Called(c.name)
		line, err := c.python(opts)
		if err != nil {
			return err
		}
		b.WriteString(line + "\n")
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// onResponse are the calls that act on a response, under their Python names.
var onResponse = map[string]string{
	"read": "amt", "readinto": "n", "read1": "n", "peek": "n", "readline": "limit", "readlines": "", "response_close": "",
}

func (c call) python(opts Options) (string, error) {
	var args []string
	add := func(names ...string) error {
		for _, name := range names {
			v, err := c.argument(name)
			if err != nil {
				return err
			}
			if v.kind != kindNull {
				args = append(args, v.python())
			}
		}
		return nil
	}
	keyword := func(name string) error {
		v, err := c.argument(name)
		if err == nil && v.kind != kindNull {
			args = append(args, name+"="+v.python())
		}
		return err
	}
	var errs []error
	before := ""
	switch c.name {
	case "request", "set_tunnel":
		if c.name == "request" {
			errs = append(errs, add("method", "url"), keyword("body"))
		} else {
			errs = append(errs, add("host"), keyword("port"))
		}
		pairs, err := c.pairs(opts)
		errs = append(errs, err)
		switch {
		case c.name == "request" && repeated(pairs):
			before = "headers = http.client.HTTPMessage()\n"
			for _, pair := range pairs {
				before += "headers[" + pair[0].python() + "] = " + pair[1].python() + "\n"
			}
			args = append(args, "headers=headers")
		case repeated(pairs):
			errs = append(errs, errors.New("export: the headers of set_tunnel have a name twice, which Python's dictionary cannot"))
		case len(pairs) > 0:
			list := make([]string, len(pairs))
			for i, pair := range pairs {
				list[i] = pair[0].python() + ": " + pair[1].python()
			}
			args = append(args, "headers={"+strings.Join(list, ", ")+"}")
		}
		errs = append(errs, keyword("encode_chunked"))
	case "putrequest":
		errs = append(errs, add("method", "url"), keyword("skip_host"), keyword("skip_accept_encoding"))
	case "putheader":
		errs = append(errs, add("header"))
		v, err := c.argument("values")
		errs = append(errs, err)
		name, _ := c.argument("header")
		for _, item := range v.items {
			if !opts.Secrets && Secret(name.text) {
				item = value{kind: kindText, text: Redacted}
			}
			args = append(args, item.python())
		}
	case "endheaders":
		errs = append(errs, add("message_body"), keyword("encode_chunked"))
	case "send":
		v, err := c.sent(opts)
		errs = append(errs, err)
		args = append(args, v.python())
	case "set_debuglevel":
		errs = append(errs, add("level"))
	case "connect", "close":
	case "begin":
		v, err := c.argument("method")
		return "resp = http.client.HTTPResponse(conn.sock, method=" + v.python() + ")\nresp.begin()\nprint(resp.status, resp.reason)", err
	case "getresponse":
		return "resp = conn.getresponse()\nprint(resp.status, resp.reason)", nil
	case "response_close":
		return "resp.close()", nil
	case "readinto":
		v, err := c.argument("n")
		return "buffer = bytearray(" + v.python() + ")\nprint(buffer[:resp.readinto(buffer)])", err
	default:
		if arg, ok := onResponse[c.name]; ok {
			err := add(arg)
			return "print(resp." + c.name + "(" + strings.Join(args, ", ") + "))", err
		}
		return "", fmt.Errorf("export: there is no Python for the call %q", c.name)
	}
	return before + "conn." + c.name + "(" + strings.Join(args, ", ") + ")", errors.Join(errs...)
}

// Go writes the calls as a program for package core.
func Go(w io.Writer, rec *recording.Recording, opts Options) error {
	p, err := programOf(rec)
	if err != nil {
		return err
	}
	var b strings.Builder
	response, secure := false, p.tls
	indent, end := "", ""
	for _, c := range p.calls {
		if c.to != nil { // in a block, as its connection may be of the other type
			b.WriteString(end + "\n\t{\n\t\tc, err := " + c.to.golang() + "\n\t\tcheck(err)\n\t\tdefer c.Close()\n")
			indent, end = "\t", "\t}\n"
			response, secure = false, secure || c.to.tls
			continue
		}
		c.lines.Called(c.name)
		line, err := c.golang(opts, &response)
		if err != nil {
			return err
		}
		for l := range strings.Lines(line) {
			b.WriteString(indent + l)
		}
	}
	b.WriteString(end)
	tls := ""
	if secure {
		tls = "\n\t_ \"github.com/stepwire/stepwire/core/ssl\""
	}
	_, err = fmt.Fprintf(w, `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/stepwire/stepwire/core"%s
)

func main() {
	ctx := context.Background()
	c, err := %s
	check(err)
	defer c.Close()
%s}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func show(v any, err error) {
	check(err)
	fmt.Printf("%%q\n", v)
}
%s`, tls, p.server.golang(), b.String(), contextUse(b.String()))
	return err
}

// contextUse keeps a program compiling that needs no context.
func contextUse(body string) string {
	if strings.Contains(body, "ctx") {
		return ""
	}
	return "\nvar _ = context.Background\n"
}

func (v value) golang() string {
	switch v.kind {
	case kindText:
		return strconv.Quote(v.text)
	case kindBytes:
		return "[]byte(" + strconv.Quote(string(v.data)) + ")"
	case kindOther:
		return v.text
	case kindList:
		parts := make([]string, len(v.items))
		for i, item := range v.items {
			parts[i] = item.golang()
		}
		return "[][]byte{" + strings.Join(parts, ", ") + "}"
	}
	return "nil"
}

func (c call) golang(opts Options, response *bool) (string, error) {
	var errs []error
	get := func(name string) string {
		v, err := c.argument(name)
		errs = append(errs, err)
		return v.golang()
	}
	optional := func(list []string, field, name string) []string {
		if v, err := c.argument(name); err != nil {
			errs = append(errs, err)
		} else if v.kind != kindNull {
			list = append(list, field+": "+v.golang())
		}
		return list
	}
	headers := func(list []string) []string {
		pairs, err := c.pairs(opts)
		errs = append(errs, err)
		if len(pairs) == 0 {
			return list
		}
		parts := make([]string, len(pairs))
		for i, pair := range pairs {
			parts[i] = "{" + pair[0].golang() + ", " + pair[1].golang() + "}"
		}
		return append(list, "Headers: []core.Header{"+strings.Join(parts, ", ")+"}")
	}
	options := func(kind string, list []string) string {
		if len(list) == 0 {
			return "nil"
		}
		return "&core." + kind + "{" + strings.Join(list, ", ") + "}"
	}
	line := ""
	switch c.name {
	case "request":
		list := optional(nil, "Body", "body")
		list = optional(headers(list), "EncodeChunked", "encode_chunked")
		line = "check(c.Request(ctx, " + get("method") + ", " + get("url") + ", " + options("RequestOptions", list) + "))"
	case "set_tunnel":
		var list []string
		if v, err := c.argument("port"); err == nil && v.kind != kindNull {
			list = append(list, "Port: new("+v.golang()+")")
		}
		line = "check(c.SetTunnel(" + get("host") + ", " + options("TunnelOptions", headers(list)) + "))"
	case "putrequest":
		list := optional(optional(nil, "SkipHost", "skip_host"), "SkipAcceptEncoding", "skip_accept_encoding")
		line = "check(c.PutRequest(" + get("method") + ", " + get("url") + ", " + options("PutRequestOptions", list) + "))"
	case "putheader":
		v, err := c.argument("values")
		errs = append(errs, err)
		line = "check(c.PutHeader(" + get("header")
		name, _ := c.argument("header")
		for _, item := range v.items {
			if !opts.Secrets && Secret(name.text) {
				item = value{kind: kindText, text: Redacted}
			}
			line += ", " + item.golang()
		}
		line += "))"
	case "endheaders":
		list := optional(optional(nil, "MessageBody", "message_body"), "EncodeChunked", "encode_chunked")
		line = "check(c.EndHeaders(ctx, " + options("EndHeadersOptions", list) + "))"
	case "send":
		v, err := c.sent(opts)
		errs = append(errs, err)
		line = "check(c.Send(ctx, " + v.golang() + "))"
	case "set_debuglevel":
		line = "c.SetDebugLevel(" + get("level") + ")"
	case "connect":
		line = "check(c.Connect(ctx))"
	case "close":
		line = "check(c.Close())"
	case "begin", "getresponse":
		line = "r, err := c.GetResponse(ctx)\n\tcheck(err)\n\tfmt.Println(r.Status, r.Reason)"
		if c.name == "begin" {
			line = strings.Replace(line, "GetResponse(ctx)", "BeginResponse(ctx, "+get("method")+")", 1)
		}
		if *response {
			line = strings.Replace(line, ":=", "=", 1)
		}
		*response = true
	case "read":
		line = "show(r.ReadAll(ctx))"
		if c.args["amt"] != nil {
			line = "show(r.ReadAmt(ctx, " + get("amt") + "))"
		}
	case "readinto":
		line = "show(r.ReadInto(ctx, make([]byte, " + get("n") + ")))"
	case "read1":
		line = "show(r.Read1(ctx, " + get("n") + "))"
	case "peek":
		line = "show(r.Peek(ctx, " + get("n") + "))"
	case "readline":
		line = "show(r.ReadLine(ctx, " + get("limit") + "))"
	case "readlines":
		line = "show(r.ReadLines(ctx))"
	case "response_close":
		line = "check(r.Close())"
	default:
		return "", fmt.Errorf("export: there is no Go for the call %q", c.name)
	}
	return "\t" + line + "\n", errors.Join(errs...)
}
