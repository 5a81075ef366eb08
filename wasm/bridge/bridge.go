package bridge

import (
	"context"
	"net"
	"runtime"
	"sync"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// Dial opens a transport through the relay. It tells onEvent what the relay
// does, as (what, detail), before it returns and as long as the transport
// lives.
type Dial func(ctx context.Context, host string, port int, onEvent func(what, detail string)) (net.Conn, error)

// Config says what a Bridge stands on.
type Config struct {
	// Post sends a message to the page. The message is valid only during the
	// call; calls do not overlap. Where more is coming, the message may wait a
	// moment to go with it.
	Post func(message []any, more bool)
	Dial Dial
	// Version is the client's own version, for people.
	Version string
}

// Bridge is one client.
type Bridge struct {
	config Config
	posts  sync.Mutex

	mu          sync.Mutex
	connections map[int]*connection
	responses   map[int]*response
	calls       map[int]context.CancelCauseFunc
	streams     map[int]*stream
}

// New makes a client and posts that it is ready.
func New(config Config) *Bridge {
	b := &Bridge{
		config:      config,
		connections: map[int]*connection{},
		responses:   map[int]*response{},
		calls:       map[int]context.CancelCauseFunc{},
		streams:     map[int]*stream{},
	}
	b.post("ready", Object{{"version", config.Version}, {"machine", Machine()}})
	return b
}

func (b *Bridge) post(message ...any) { b.deliver(message, false) }

func (b *Bridge) deliver(message []any, more bool) {
	b.posts.Lock()
	defer b.posts.Unlock()
	b.config.Post(message, more)
}

// Handle takes one message from the page. It never blocks: what can wait runs
// on a goroutine of its own. The messages are listed in wasm/js/channel.js.
func (b *Bridge) Handle(message any) { b.HandleLate(message, nil) }

// HandleLate is Handle for a message of which bytes still arrive; nil: none do.
func (b *Bridge) HandleLate(message any, late *Late) {
	m := sub(message)
	switch m.text(0) {
	case "call":
		b.call(m.int(1), m.int(2), m.text(3), sub(m.at(4)), late)
	case "cancel":
		b.mu.Lock()
		cancel := b.calls[m.int(1)]
		b.mu.Unlock()
		if cancel != nil {
			cancel(context.Canceled)
		}
	case "took":
		b.took(m.int(1))
	case "release":
		b.release(m.int(1))
	case "chunk":
		b.mu.Lock()
		s := b.streams[m.int(1)]
		b.mu.Unlock()
		if s != nil {
			data, _ := m.at(2).([]byte)
			s.deliver(data, m.at(3) == true, late)
		}
	default:
		panic("bridge: unknown message " + m.text(0))
	}
}

// clientMethods is the table of the client itself; see scenario.go.
var clientMethods = map[string]func(*Bridge, *call) (any, error){}

// call starts a method of what a handle stands for: 0 is the client.
func (b *Bridge) call(id, handle int, method string, args list, late *Late) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if makes(method) {
		c := newConnection(b, handle)
		b.connections[handle] = c
	}
	if handle == 0 {
		ctx, cancel := context.WithCancelCause(context.Background())
		b.calls[id] = cancel
		go b.run(ctx, id, nil, func(call *call) (any, error) {
			late.All()
			f := clientMethods[method]
			if f == nil {
				return nil, noMethod(method)
			}
			return f(b, call)
		}, args)
		return
	}
	if c := b.connections[handle]; c != nil {
		b.enqueue(c, id, args, func(call *call) (any, error) {
			if late != nil && c.beginsLate(method, args) {
				c.late = late
				defer func() { c.late = nil }()
			} else {
				late.All()
			}
			f := connectionMethods[method]
			if f == nil {
				return nil, noMethod(method)
			}
			if c.http == nil && !makes(method) {
				return nil, h1.Raise(h1.ErrValueError, "the connection was not made: its constructor failed")
			}
			return f(c, call)
		})
		return
	}
	if r := b.responses[handle]; r != nil {
		b.enqueue(r.connection, id, args, func(call *call) (any, error) {
			late.All()
			f := responseMethods[method]
			if f == nil {
				return nil, noMethod(method)
			}
			return f(r, call)
		})
		return
	}
	go b.post("error", id, describe(h1.Raise(h1.ErrValueError, "the connection or response was released, so "+method+" cannot be called on it")), nil)
}

// makes reports a constructor of connections.
func makes(method string) bool { return method == "httpConnection" || method == "httpsConnection" }

func noMethod(name string) error {
	return h1.Raise(h1.ErrAttributeError, "there is no method "+name)
}

// call is one call under way.
type call struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	args   list
	err    error // the first argument of a wrong type
	body   *stream
	urgent bool // its answer does not wait for the next one's
}

// enqueue starts a call after those that came before it on its connection.
// b.mu is held.
func (b *Bridge) enqueue(c *connection, id int, args list, f func(*call) (any, error)) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	b.calls[id] = cancel
	c.queue.push(func() { b.run(ctx, id, c, f, args) })
}

// took makes the read() that the page answered itself, by what head told it.
func (b *Bridge) took(handle int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.responses[handle]; r != nil {
		r.connection.queue.push(func() {
			_, _ = r.http.ReadAll(r.connection.ctx) // all of it has arrived
			r.connection.state()                    // which the page knows
		})
	}
}

// run makes a call and posts how it ended.
func (b *Bridge) run(ctx context.Context, id int, c *connection, f func(*call) (any, error), args list) {
	b.mu.Lock()
	cancel := b.calls[id]
	b.mu.Unlock()
	var value any
	call := &call{ctx: ctx, cancel: cancel, args: args}
	err := context.Cause(ctx)
	if err == nil {
		value, err = protect(f, call)
		if call.body != nil {
			b.finish(call.body)
		}
	}
	b.mu.Lock()
	delete(b.calls, id)
	b.mu.Unlock()
	cancelled := ctx.Err() != nil
	cancel(nil)

	var state any
	more := false
	if c != nil {
		more = !call.urgent && c.queue.busy() // the page made the next call without waiting for this one
		c.flush(more)
		state = c.state()
	}
	switch {
	case err == nil:
		b.deliver([]any{"ok", id, value, state}, more)
	case cancelled:
		b.post("cancelled", id, state)
	default:
		b.post("error", id, describe(err), state)
	}
}

// protect turns a panic into an error of the call: the other connections go on.
func protect(f func(*call) (any, error), call *call) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{value: p, stack: stack()}
		}
	}()
	return f(call)
}

func stack() []byte {
	b := make([]byte, 8<<10)
	return b[:runtime.Stack(b, false)]
}

// release forgets a connection or a response.
func (b *Bridge) release(handle int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.responses, handle)
	c := b.connections[handle]
	if c == nil {
		return
	}
	delete(b.connections, handle)
	for number, r := range b.responses {
		if r.connection == c {
			delete(b.responses, number)
		}
	}
	c.cancel()
	c.queue.push(c.end)
	c.queue.end()
}

// Machine exports the transition table, so that the page draws what runs.
func Machine() Object {
	states, inputs, transitions, refusals := []any{}, []any{}, []any{}, []any{}
	for _, s := range h1.States() {
		states = append(states, s.String())
	}
	for _, i := range h1.Inputs() {
		inputs = append(inputs, i.String())
	}
	for _, t := range h1.Transitions() {
		transitions = append(transitions, Object{{"from", t.From.String()}, {"input", t.Input.String()}, {"to", t.To.String()}})
	}
	for _, r := range h1.Refusals() {
		refusals = append(refusals, Object{{"call", r.Call}, {"error", r.Class.Name()}})
	}
	return Object{{"states", states}, {"inputs", inputs}, {"transitions", transitions}, {"refusals", refusals}}
}

// describe gives an error as the page gets it.
func describe(err error) Object {
	if p, ok := err.(*panicked); ok {
		return Object{{"name", "SystemError"}, {"bases", []any{}}, {"message", p.Error()}, {"party", "client"}}
	}
	info := core.Describe(err)
	o := Object{{"name", info.Name}, {"bases", info.Bases}, {"message", info.Message}, {"party", info.Party}}
	if info.Offset >= 0 {
		o = append(o, Member{"offset", info.Offset})
	}
	if info.Code != "" {
		o = append(o, Member{"code", info.Code}, Member{"section", info.Section})
	}
	if info.Name == "IncompleteRead" {
		var expected any
		if info.Expected != nil {
			expected = *info.Expected
		}
		o = append(o, Member{"partial", info.Partial}, Member{"expected", expected})
	}
	return o
}
