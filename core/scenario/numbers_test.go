package scenario

import (
	"context"
	"fmt"
	"testing"
)

// Numbers beyond what a call can do with them, and what CPython 3.11 says.
func TestNumbers(t *testing.T) {
	const huge = "18446744073709551616"
	const (
		index   = "OverflowError: cannot fit 'int' into an index-sized integer"
		ssize   = "OverflowError: Python int too large to convert to C ssize_t"
		whole   = "OverflowError: timestamp too large to convert to C _PyTime_t"
		decimal = "OverflowError: timestamp out of range for platform time_t"
	)
	length, chunked, until := "Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "\r\nhello"
	for _, test := range []struct{ options, call, body, want string }{
		{`"timeout": 9223372037`, `"connect"`, length, whole},
		{`"timeout": -9223372037`, `"connect"`, length, whole},
		{`"timeout": ` + huge, `"connect"`, length, whole},
		{`"timeout": 9223372037.0`, `"connect"`, length, decimal},
		{`"timeout": 1e300`, `"connect"`, length, decimal},
		{`"timeout": 9223372036`, `"connect"`, length, ""},
		{`"timeout": -9223372036`, `"connect"`, length, "ValueError: Timeout value out of range"},
		{`"blocksize": 9223372036854775807`, `"request", "args": {"method": "PUT", "url": "/", "body": {"file": {"latin1": "hello"}}}`, length, ""},
		{`"port": ` + huge, `"connect"`, length, "OverflowError: Python int too large to convert to C long"},
		{`"port": 65536`, `"connect"`, length, "ConnectionRefusedError: [Errno 111] Connection refused"},
		{`"port": -1`, `"connect"`, length, "gaierror: [Errno -8] Servname not supported for ai_socktype"},
		{"", `"read", "args": {"amt": ` + huge + `}`, length, ""},
		{"", `"read", "args": {"amt": ` + huge + `}`, chunked, ""},
		{"", `"read", "args": {"amt": ` + huge + `}`, until, index},
		{"", `"read", "args": {"amt": -` + huge + `}`, length, index},
		{"", `"read", "args": {"amt": -` + huge + `}`, chunked, index},
		{"", `"readinto", "args": {"n": -` + huge + `}`, length, index},
		{"", `"read1", "args": {"n": ` + huge + `}`, length, ""},
		{"", `"read1", "args": {"n": ` + huge + `}`, chunked, ""},
		{"", `"read1", "args": {"n": ` + huge + `}`, until, ssize},
		{"", `"peek", "args": {"n": ` + huge + `}`, length, ssize},
		{"", `"peek", "args": {"n": ` + huge + `}`, chunked, ""},
		{"", `"readline", "args": {"limit": ` + huge + `}`, length, ""},
		{"", `"readline", "args": {"limit": ` + huge + `}`, chunked, index},
		{"", `"readline", "args": {"limit": -` + huge + `}`, until, index},
	} {
		options := test.options
		if options == "" {
			options = `"timeout": 60`
		}
		port := `"port": "$PORT", `
		if len(options) > 6 && options[:6] == `"port"` {
			port = ""
		}
		doc, err := Parse(fmt.Appendf(nil, `{"version": 1, "name": "numbers", "about": "Numbers.",
			"peer": [{"actions": [{"recv_head": true}, {"send": {"latin1": %q}}, {"shutdown_write": true}]}],
			"client": [{"call": "HTTPConnection", "args": {"host": "$HOST", %s%s}},
				{"call": "request", "args": {"method": "GET", "url": "/"}}, {"call": "getresponse"}, {"call": %s}]}`,
			"HTTP/1.1 200 OK\r\n"+test.body, port, options, test.call))
		if err != nil {
			t.Fatal(err)
		}
		if test.options != "" { // the call comes first
			doc.Client = append(doc.Client[:1], doc.Client[3])
		}
		var network Network
		listener, err := network.Listen()
		if err != nil {
			t.Fatal(err)
		}
		seen, err := doc.Play(listener, nil, func(host string, port int) ([]Value, error) {
			steps, err := doc.RunClient(context.Background(), RunOptions{Host: host, Port: port, CreateConnection: network.Dial})
			return Values(steps), err
		})
		if err != nil {
			t.Fatal(err)
		}
		last := seen.Steps[len(seen.Steps)-1].(Object)
		got := ""
		if failure, ok := last.Get("error"); ok {
			class, _ := failure.(Object).Get("type")
			message, _ := failure.(Object).Get("message")
			got = fmt.Sprint(class, ": ", message)
		}
		if got != test.want {
			t.Errorf("%s %s of %q: %q, want %q", test.options, test.call, test.body, got, test.want)
		}
	}
}
