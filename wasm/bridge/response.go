package bridge

import (
	"net"
	"strconv"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// response is what a response's handle stands for.
type response struct {
	connection *connection
	http       *core.HTTPResponse
	transport  net.Conn // what the response is read from; nil with TLS
	sealed     net.Conn // the transport under TLS
	failed     error    // met by chunk, behind bytes that it gave
}

// head gives what the page shows of a response before its body.
func head(r *core.HTTPResponse) Object {
	var length any
	if n, known := r.Length(); known {
		length = n
	}
	o := Object{
		{"status", r.Status}, {"reason", r.Reason}, {"version", r.Version}, {"willClose", r.WillClose},
		{"length", length}, {"chunked", r.Chunked}, {"headers", fields(r)},
	}
	if r.DebugLevel != 0 {
		o = append(o, Member{"debuglevel", r.DebugLevel})
	}
	return o
}

// ahead gives a body that has arrived with the head, so that the page can answer
// read() itself, and the state that follows. While the calls are traced the page
// does not: their events are to come before their answers.
func ahead(r *core.HTTPResponse) Object {
	body, after, ok := r.Arrived()
	if !ok {
		return nil
	}
	return Object{{"body", body}, {"after", []any{after.String(), after.Unread(), after.Legal()}}}
}

// fields lists the headers in wire order.
func fields(r *core.HTTPResponse) []any {
	list := []any{}
	for _, f := range r.GetHeaders() {
		list = append(list, []string{f.Name, f.Value})
	}
	return list
}

// largestBuffer is the most that readInto gets: a page's memory is 4 GiB in all.
const largestBuffer = 1 << 30

// responseMethods is the table of HTTPResponse.
var responseMethods = map[string]func(*response, *call) (any, error){
	// args: amt
	"read": func(r *response, call *call) (any, error) {
		amt := call.intp(0, "amt")
		if call.err != nil {
			return nil, call.err
		}
		if amt == nil {
			return bytesOf(r.http.ReadAll(call.ctx))
		}
		return bytesOf(r.http.ReadAmt(call.ctx, *amt))
	},
	// args: n
	"readInto": func(r *response, call *call) (any, error) {
		n := call.int(0, "n", 0)
		switch {
		case call.err != nil:
			return nil, call.err
		case n < 0:
			return nil, h1.Raise(h1.ErrValueError, "negative count")
		case n > largestBuffer:
			return nil, h1.Raise(h1.ErrValueError, "a buffer of "+strconv.Itoa(n)+" bytes has no room in a page")
		}
		p := r.connection.scratch(n)
		n, err := r.http.ReadInto(call.ctx, p)
		return bytesOf(p[:n], err)
	},
	// args: n
	"read1": func(r *response, call *call) (any, error) {
		n := call.int(0, "n", -1)
		if call.err != nil {
			return nil, call.err
		}
		return bytesOf(r.http.Read1(call.ctx, n))
	},
	// args: n
	"peek": func(r *response, call *call) (any, error) {
		n := call.int(0, "n", -1)
		if call.err != nil {
			return nil, call.err
		}
		return bytesOf(r.http.Peek(call.ctx, n))
	},
	// args: limit
	"readLine": func(r *response, call *call) (any, error) {
		limit := call.int(0, "limit", -1)
		if call.err != nil {
			return nil, call.err
		}
		return bytesOf(r.http.ReadLine(call.ctx, limit))
	},
	"readLines": func(r *response, call *call) (any, error) {
		lines, err := r.http.ReadLines(call.ctx)
		if err != nil {
			return nil, err
		}
		list := make([]any, len(lines))
		for i, line := range lines {
			list[i] = line
		}
		return list, nil
	},
	// args: name, fallback
	"getHeader": func(r *response, call *call) (any, error) {
		name := call.str(0, "name")
		var fallback any
		switch v := call.args.at(1).(type) {
		case nil, Absent:
		case string:
			fallback = v
		case []any:
			texts := make([]string, len(v))
			for i := range v {
				texts[i] = list(v).text(i)
			}
			fallback = texts
		default:
			call.wrong(1, "default", "a string or a list of strings")
		}
		if call.err != nil {
			return nil, call.err
		}
		return r.http.GetHeaderDefault(name, fallback), nil
	},
	"getHeaders": func(r *response, call *call) (any, error) { return fields(r.http), nil },
	"isClosed":   func(r *response, call *call) (any, error) { return r.http.IsClosed(), nil },
	"closed":     func(r *response, call *call) (any, error) { return r.http.Closed(), nil },
	"close":      func(r *response, call *call) (any, error) { return nil, r.http.Close() },
	// args: n; empty: the end
	"bodyChunk": func(r *response, call *call) (any, error) {
		call.urgent = true // the page asks for the next chunk ahead
		n := call.int(0, "n", 0)
		if call.err != nil || n < 1 {
			return nil, call.err
		}
		return bytesOf(r.chunk(call.ctx, n))
	},
}

// bytesOf gives bytes as a result; none are an empty array, never null.
func bytesOf(b []byte, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if b == nil {
		b = []byte{}
	}
	return b, nil
}
