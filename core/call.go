package core

import "github.com/stepwire/stepwire/core/h1"

// callLog numbers the calls of a traced connection and gathers what each one
// prints.
type callLog struct {
	traced bool
	last   int
	output []byte
	args   []h1.Arg // of the last call
}

func (l *callLog) init(h1.Tracer) { l.traced = true }

func (l *callLog) printed(line string) {
	if l.traced {
		l.output = append(append(l.output, line...), '\n')
	}
}

// tracedCall is a call under way.
type tracedCall struct {
	c      *HTTPConnection
	number int
	name   string
}

// trace reports that a call begins. Call it only while a tracer is set.
func (c *HTTPConnection) trace(name string, args ...h1.Arg) tracedCall {
	c.calls.last++
	c.calls.output = c.calls.output[:0]
	given := c.calls.args[:0]
	for _, a := range args {
		if a.Name != "" {
			given = append(given, a)
		}
	}
	e := c.engine.Event(h1.EventCall)
	e.Call, e.Name, e.Args, e.State = c.calls.last, name, given, c.engine.State()
	c.engine.Emit(e)
	clear(given) // what was given is not kept
	c.calls.args = given
	return tracedCall{c, c.calls.last, name}
}

// done reports how the call ended.
func (t tracedCall) done(result any, err error) {
	c := t.c
	e := c.engine.Event(h1.EventReturn)
	e.Call, e.Name, e.State = t.number, t.name, c.engine.State()
	e.Legal, e.Printed = c.engine.Legal(), string(c.calls.output)
	if err != nil {
		e.Err = err
	} else {
		e.Result = result
	}
	c.engine.Emit(e)
}

// Args that a call leaves at their default have no name and are left out.

func flagArg(name string, value bool) h1.Arg {
	if !value {
		return h1.Arg{}
	}
	return h1.Arg{Name: name, Value: true}
}

func portArg(port *int) h1.Arg {
	if port == nil {
		return h1.Arg{}
	}
	return h1.Arg{Name: "port", Value: *port}
}

func headersArg(headers []Header) h1.Arg {
	if len(headers) == 0 {
		return h1.Arg{}
	}
	fields := make(h1.Fields, len(headers))
	for i, h := range headers {
		fields[i] = h1.Arg{Name: h.Name, Value: h.Value}
	}
	return h1.Arg{Name: "headers", Value: fields}
}

// bodyArg shows a body as the scenario format writes it; the content of files
// and iterables is in the bytes sent.
func bodyArg(name string, value any) h1.Arg {
	b, err := bodyOf(value)
	switch {
	case err != nil || b.kind == bodyNone:
		return h1.Arg{}
	case b.kind == bodyText:
		return h1.Arg{Name: name, Value: h1.Pairs{{Name: "text", Value: b.text}}}
	case b.kind == bodyBytes:
		return h1.Arg{Name: name, Value: b.bytes}
	case b.list != nil:
		return h1.Arg{Name: name, Value: h1.Pairs{{Name: "iterable", Value: b.list}}}
	}
	return h1.Arg{Name: name, Value: b.repr()}
}
