package bridge

import (
	"context"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// connection is what a connection's handle stands for.
type connection struct {
	bridge *Bridge
	handle int
	queue  queue
	ctx    context.Context // ends when the page releases the connection
	cancel context.CancelFunc
	http   *core.HTTPConnection // nil until its constructor succeeded
	log    *eventLog            // nil: untraced
	// transport is what was dialled last; sealed instead where it carries TLS.
	transport net.Conn
	sealed    net.Conn
	legal     string     // the legal calls that the page was told of
	buffer    []byte     // for readinto and body chunks, reused
	keys      *keyLog    // nil: not asked for
	peer      inPagePeer // nil: servers are reached through the relay
	plain     bool       // what is sent goes to the transport as it is
	late      *Late      // of the call under way
}

func newConnection(b *Bridge, handle int) *connection {
	ctx, cancel := context.WithCancel(context.Background())
	return &connection{bridge: b, handle: handle, ctx: ctx, cancel: cancel}
}

// state is what the page shows of the connection: the state, whether a
// response is unread, and the legal calls where they changed since it was told.
func (c *connection) state() any {
	if c.http == nil {
		return nil
	}
	s := c.http.State()
	legal := c.http.Legal()
	var changed any
	if joined := strings.Join(legal, " "); joined != c.legal {
		c.legal = joined
		changed = legal
	}
	return []any{s.String(), s.Unread(), changed}
}

// flush posts the events that the page has not got yet; more: an answer comes soon.
func (c *connection) flush(more bool) {
	if c.log != nil {
		c.log.flush(more)
	}
}

// end closes the transport of a released connection.
func (c *connection) end() {
	if c.http != nil {
		_ = c.http.Close() // nobody is left to be told
	}
	if c.peer != nil {
		go c.peer.stop()
	}
	c.flush(false)
}

// scratch gives a buffer of n bytes that is valid until the next call.
func (c *connection) scratch(n int) []byte {
	if cap(c.buffer) < n {
		c.buffer = make([]byte, n)
	}
	return c.buffer[:n]
}

// printer posts what a debug level above 0 prints. It is a function, since the
// linker keeps the methods of all that a value made an interface can lead to:
// from a connection that is every String method of the core.
type printer func(text string)

func (p printer) Write(text []byte) (int, error) {
	p(string(text))
	return len(text), nil
}

// dial opens the connection's transport.
func (c *connection) dial(ctx context.Context, host string, port int, source *core.SourceAddress) (net.Conn, error) {
	onEvent := func(what, detail string) {}
	if c.log != nil {
		onEvent = c.log.relay
	}
	var conn net.Conn
	var err error
	if c.peer != nil {
		conn, err = c.peer.dial(ctx, source)
	} else {
		conn, err = c.bridge.dial(ctx, host, port, source, onEvent)
	}
	if err != nil {
		return nil, err
	}
	c.transport = conn
	if c.plain {
		return lateConn{conn, func() *Late { return c.late }}, nil
	}
	return conn, nil
}

// dial opens a transport through the relay, which chooses the address that the
// server sees. This end has only what every machine has: a loopback address and
// a free port.
func (b *Bridge) dial(ctx context.Context, host string, port int, source *core.SourceAddress, onEvent func(what, detail string)) (net.Conn, error) {
	host, port, err := core.ParseAddress(host, port)
	if err != nil {
		return nil, err
	}
	hosts, err := resolve(host)
	if err != nil {
		return nil, err
	}
	if source, err = source.For(hosts[0]); err != nil {
		return nil, err
	}
	if source != nil && (!isLocal(source.Host) || source.Port != 0) {
		onEvent("source", "source_address "+source.Host+":"+strconv.Itoa(source.Port)+" cannot be had: the relay chooses it")
		return nil, noSource{}
	}
	if port == 0 { // nothing listens there, and no relay takes it for a port
		return nil, syscall.ECONNREFUSED
	}
	var first error
	for _, host := range hosts {
		conn, err := b.config.Dial(ctx, host, port, onEvent)
		if err == nil {
			return conn, nil
		}
		// What the network says of one address says more than that the relay has
		// not allowed the other.
		if first == nil || core.Describe(first).Party == "relay" {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

// isLocal tells whether host is this machine's loopback, or any address of it.
// It need not look for more: net/netip is a large part of what a page loads.
func isLocal(host string) bool {
	if strings.Contains(host, ":") {
		rest := strings.TrimLeft(host, "0:")
		return rest == "" || rest == "1"
	}
	return host == "" || host == "localhost" || host == "0.0.0.0" ||
		strings.HasPrefix(host, "127.") && strings.Trim(host, "0123456789.") == ""
}

// noSource refuses a source address as the system would.
type noSource struct{}

func (noSource) Error() string { return "the relay chooses the source address" }

func (noSource) Unwrap() error { return syscall.EADDRNOTAVAIL }

// Party implements what core.Describe asks for.
func (noSource) Party() string { return "caller" }

// construct makes the connection.
// args: host, port, timeout, blocksize, debuglevel, autoOpen, strict, sourceAddress, trace, the
// context of an HTTPSConnection, the script of a peer in the page, its certificates
func (c *connection) construct(call *call, make func(string, *core.HTTPConnectionOptions) (*core.HTTPConnection, error)) error {
	host := call.str(0, "host")
	options := &core.HTTPConnectionOptions{
		Port:             call.intp(1, "port"),
		Timeout:          call.seconds(2, "timeout"),
		Blocksize:        call.int(3, "blocksize", 0),
		CreateConnection: c.dial,
		Strict:           call.bool(6, "strict", false),
		DebugOutput:      printer(func(text string) { c.bridge.post("debug", c.handle, text) }),
	}
	debugLevel := call.int(4, "debuglevel", 0)
	autoOpen := call.bool(5, "autoOpen", true)
	switch source := call.args.at(7).(type) {
	case nil, Absent:
	case []any:
		options.SourceAddress = &core.SourceAddress{Host: list(source).text(0), Port: list(source).int(1)}
	default:
		call.wrong(7, "sourceAddress", "[host, port]")
	}
	if trace, ok := call.args.at(8).([]any); ok {
		c.log = newEventLog(c, int64(list(trace).int(0)))
		options.Tracer = c.log.Log // not c.log: see printer
	}
	if call.err != nil {
		return call.err
	}
	peer, err := call.startPeer()
	if err != nil {
		return err
	}
	c.peer = peer
	http, err := make(host, options)
	if err != nil {
		return err
	}
	http.AutoOpen = autoOpen
	if debugLevel != 0 {
		http.SetDebugLevel(debugLevel)
	}
	c.http = http
	return nil
}

// connectionMethods is the table of HTTPConnection.
var connectionMethods = map[string]func(*connection, *call) (any, error){
	// args: see construct
	"httpConnection": func(c *connection, call *call) (any, error) {
		c.plain = true
		return nil, c.construct(call, func(host string, options *core.HTTPConnectionOptions) (*core.HTTPConnection, error) {
			return core.NewHTTPConnection(host, options)
		})
	},
	// args: see construct
	"httpsConnection": func(c *connection, call *call) (any, error) {
		if newHTTPS == nil {
			return nil, h1.Raise(h1.ErrRuntimeError, "this module has no TLS; it is in the one that the build calls stepwire-tls")
		}
		return nil, c.construct(call, func(host string, options *core.HTTPConnectionOptions) (*core.HTTPConnection, error) {
			return newHTTPS(c, call, host, options)
		})
	},
	// gives the secrets of the connection's TLS sessions in the format of RFC 9850
	"keyLog": func(c *connection, call *call) (any, error) {
		if c.keys == nil {
			return nil, h1.Raise(h1.ErrValueError, "the connection keeps no key log; make it by httpsConnection with the option context: {keyLog: true}")
		}
		return c.keys.text(), nil
	},
	"connect": func(c *connection, call *call) (any, error) {
		return nil, c.http.Connect(call.ctx)
	},
	"close": func(c *connection, call *call) (any, error) {
		return nil, c.http.Close()
	},
	// args: host, port, headers
	"setTunnel": func(c *connection, call *call) (any, error) {
		host, port, headers := call.str(0, "host"), call.intp(1, "port"), call.headers(2, "headers")
		if call.err != nil {
			return nil, call.err
		}
		return nil, c.http.SetTunnel(host, &core.TunnelOptions{Port: port, Headers: headers})
	},
	// args: level
	"setDebugLevel": func(c *connection, call *call) (any, error) {
		level := call.int(0, "level", 0)
		if call.err == nil {
			c.http.SetDebugLevel(level)
		}
		return nil, call.err
	},
	"attributes": func(c *connection, call *call) (any, error) {
		return Object{
			{"host", c.http.Host}, {"port", c.http.Port},
			{"blocksize", c.http.Blocksize}, {"debuglevel", c.http.DebugLevel},
		}, nil
	},
	// args: method, url, skipHost, skipAcceptEncoding
	"putRequest": func(c *connection, call *call) (any, error) {
		method, url := call.str(0, "method"), call.str(1, "url")
		options := &core.PutRequestOptions{
			SkipHost:           call.bool(2, "skipHost", false),
			SkipAcceptEncoding: call.bool(3, "skipAcceptEncoding", false),
		}
		if call.err != nil {
			return nil, call.err
		}
		return nil, c.http.PutRequest(method, url, options)
	},
	// args: name, values
	"putHeader": func(c *connection, call *call) (any, error) {
		name := call.str(0, "name")
		values, _ := call.args.at(1).([]any)
		if call.err != nil {
			return nil, call.err
		}
		fields := make([]any, len(values))
		for i, v := range values {
			fields[i] = fieldValue(v)
		}
		return nil, c.http.PutHeader(name, fields...)
	},
	// args: messageBody, encodeChunked
	"endHeaders": func(c *connection, call *call) (any, error) {
		options := &core.EndHeadersOptions{
			MessageBody:   call.messageBody(c.bridge, 0, "messageBody"),
			EncodeChunked: call.bool(1, "encodeChunked", false),
		}
		if call.err != nil {
			return nil, call.err
		}
		return nil, c.http.EndHeaders(call.ctx, options)
	},
	// args: data
	"send": func(c *connection, call *call) (any, error) {
		data := call.messageBody(c.bridge, 0, "data")
		if call.err != nil {
			return nil, call.err
		}
		return nil, c.http.Send(call.ctx, data)
	},
	// args: method, url, headers, body, encodeChunked
	"request": func(c *connection, call *call) (any, error) {
		method, url := call.str(0, "method"), call.str(1, "url")
		options := &core.RequestOptions{
			Headers:       call.headers(2, "headers"),
			Body:          call.messageBody(c.bridge, 3, "body"),
			EncodeChunked: call.bool(4, "encodeChunked", false),
		}
		if call.err != nil {
			return nil, call.err
		}
		return nil, c.http.Request(call.ctx, method, url, options)
	},
	// args: the handle that the page gives the response, method
	"beginResponse": func(c *connection, call *call) (any, error) {
		handle, method := call.args.int(0), call.str(1, "method")
		if call.err != nil {
			return nil, call.err
		}
		got, err := c.http.BeginResponse(call.ctx, method)
		if err != nil {
			return nil, err
		}
		c.bridge.mu.Lock()
		c.bridge.responses[handle] = &response{connection: c, http: got, transport: c.transport, sealed: c.sealed}
		c.bridge.mu.Unlock()
		return head(got), nil
	},
	// args: the handle that the page gives the response
	"getResponse": func(c *connection, call *call) (any, error) {
		handle := call.args.int(0)
		got, err := c.http.GetResponse(call.ctx)
		if err != nil {
			return nil, err
		}
		c.bridge.mu.Lock()
		c.bridge.responses[handle] = &response{connection: c, http: got, transport: c.transport, sealed: c.sealed}
		c.bridge.mu.Unlock()
		answer := head(got)
		if c.log == nil {
			answer = append(answer, ahead(got)...)
		}
		return answer, nil
	},
}
