// Package toolbox lets a page read what others recorded and write what it
// recorded itself: the table from JavaScript calls to the packages decode,
// export, permalink and recording. Recordings and links cross as JSON text. The
// messages are those of package bridge, as far as they fit: calls of handle 0.
package toolbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/stepwire/stepwire/core/trace/decode"
	"github.com/stepwire/stepwire/core/trace/export"
	"github.com/stepwire/stepwire/core/trace/permalink"
	"github.com/stepwire/stepwire/core/trace/recording"
	"github.com/stepwire/stepwire/wasm/bridge"
)

// Toolbox answers the calls of one page.
type Toolbox struct {
	posts sync.Mutex
	post  func(message []any)
}

// New makes a toolbox and posts that it is ready. A message is valid only while
// post runs; its calls do not overlap.
func New(post func(message []any), version string) *Toolbox {
	t := &Toolbox{post: post}
	t.send("ready", bridge.Object{{Key: "version", Value: version}, {Key: "machine", Value: bridge.Machine()}})
	return t
}

func (t *Toolbox) send(message ...any) {
	t.posts.Lock()
	defer t.posts.Unlock()
	t.post(message)
}

// Handle takes one message from the page: ["call", id, 0, method, args]. Others
// have no meaning here: a call is over before a cancel could reach it.
func (t *Toolbox) Handle(message any, late *bridge.Late) {
	m, _ := message.([]any)
	if len(m) != 5 || m[0] != "call" {
		return
	}
	id, _ := m[1].(int)
	method, _ := m[3].(string)
	given, _ := m[4].([]any)
	go func() {
		late.All()
		value, err := call(method, given)
		if err != nil {
			t.send("error", id, bridge.Object{
				{Key: "name", Value: "Error"}, {Key: "bases", Value: []any{}},
				{Key: "message", Value: err.Error()}, {Key: "party", Value: "caller"}}, nil)
			return
		}
		t.send("ok", id, value, nil)
	}()
}

// call runs a method. A panic is an error of that call alone: files are hostile.
func call(method string, given []any) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			stack := make([]byte, 8<<10)
			err = fmt.Errorf("internal error, please report it: %v\n%s", p, stack[:runtime.Stack(stack, false)])
		}
	}()
	f := methods[method]
	if f == nil {
		return nil, fmt.Errorf("there is no tool %q", method)
	}
	args := &arguments{given: given}
	value, err = f(args)
	if args.err != nil {
		return nil, args.err
	}
	return value, err
}

// arguments are what a call was given; the first of a wrong type is an error.
type arguments struct {
	given []any
	err   error
}

func (a *arguments) at(i int) any {
	if i < len(a.given) {
		if a.given[i] == (any)(bridge.Absent{}) {
			return nil
		}
		return a.given[i]
	}
	return nil
}

func (a *arguments) wrong(name, want string) {
	if a.err == nil {
		a.err = errors.New(name + " must be " + want)
	}
}

// text reads a string, empty where it is left out.
func (a *arguments) text(i int, name string) string {
	s, ok := a.at(i).(string)
	if !ok && a.at(i) != nil {
		a.wrong(name, "a string")
	}
	return s
}

// data reads bytes or a string's UTF-8, nil where it is left out.
func (a *arguments) data(i int, name string) []byte {
	switch v := a.at(i).(type) {
	case nil:
		return nil
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	a.wrong(name, "a string or bytes")
	return nil
}

func (a *arguments) flag(i int, name string) bool {
	v, ok := a.at(i).(bool)
	if !ok && a.at(i) != nil {
		a.wrong(name, "a boolean")
	}
	return v
}

func (a *arguments) int(i int, name string) int {
	v, ok := a.at(i).(int)
	if !ok && a.at(i) != nil {
		a.wrong(name, "an integer")
	}
	return v
}

// recording reads a recording's JSON text.
func (a *arguments) recording(i int) (*recording.Recording, error) {
	data := a.data(i, "recording")
	if a.err != nil {
		return nil, a.err
	}
	return recording.Read(bytes.NewReader(data))
}

// methods is the table.
var methods = map[string]func(*arguments) (any, error){
	// args: data, key log, bytes kept of each direction; gives the kind and a recording
	"decode": func(a *arguments) (any, error) {
		data, options := a.data(0, "data"), decode.Options{KeyLog: a.data(1, "keyLog"), Limit: int64(a.int(2, "limit"))}
		if a.err != nil {
			return nil, a.err
		}
		rec, kind, err := decode.Decode(data, options)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		if err := rec.Write(&text); err != nil {
			return nil, err
		}
		return []any{string(kind), text.String()}, nil
	},
	// args: data; gives a recording of it as a request about to be sent
	"request": func(a *arguments) (any, error) {
		data := a.data(0, "data")
		if a.err != nil {
			return nil, a.err
		}
		rec, err := decode.Request(data)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		err = rec.Write(&text)
		return text.String(), err
	},
	// args: recording, format, secrets, key log, transport, name, about; gives bytes
	"export": func(a *arguments) (any, error) {
		format := a.text(1, "format")
		o := exportOptions{
			Options: export.Options{Secrets: a.flag(2, "secrets")},
			keyLog:  a.data(3, "keyLog"), conn: a.int(4, "conn"), name: a.text(5, "name"), about: a.text(6, "about"),
		}
		write := formats[format]
		if write == nil && a.err == nil {
			return nil, fmt.Errorf("%q is no format to export to; there are %s", format, formatNames)
		}
		rec, err := a.recording(0)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := write(&b, rec, o); err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	},
	// args: link; gives the fragment
	"encodePermalink": func(a *arguments) (any, error) {
		text := a.data(0, "link")
		if a.err != nil {
			return nil, a.err
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		var link permalink.Link
		if err := decoder.Decode(&link); err != nil {
			return nil, fmt.Errorf("permalink: the link is not as expected: %s", strings.TrimPrefix(err.Error(), "json: "))
		}
		return permalink.Encode(&link)
	},
	// args: fragment; gives a link
	"decodePermalink": func(a *arguments) (any, error) {
		fragment := a.text(0, "fragment")
		if a.err != nil {
			return nil, a.err
		}
		link, err := permalink.Decode(fragment)
		if err != nil {
			return nil, err
		}
		return linkText(link)
	},
	// args: recording, secrets, bodies; gives a link
	"linkOf": func(a *arguments) (any, error) {
		options := permalink.Options{Secrets: a.flag(1, "secrets"), Bodies: a.flag(2, "bodies")}
		rec, err := a.recording(0)
		if err != nil {
			return nil, err
		}
		link, err := permalink.FromRecording(rec, options)
		if err != nil {
			return nil, err
		}
		return linkText(link)
	},
}

func linkText(link *permalink.Link) (any, error) {
	text, err := json.Marshal(link)
	return string(text), err
}
