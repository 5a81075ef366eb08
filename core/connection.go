package core

import (
	"context"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// SourceAddress is the address a connection is made from. Python:
// source_address.
type SourceAddress struct {
	Host string
	Port int
}

// CreateConnection opens the transport to a host and port. ctx carries the
// connection's timeout as its deadline. Python: HTTPConnection._create_connection.
type CreateConnection func(ctx context.Context, host string, port int, source *SourceAddress) (net.Conn, error)

// defaultBlocksize is how much of a file body is read at a time, in bytes.
const defaultBlocksize = 8192

// HTTPConnectionOptions are the optional arguments of [NewHTTPConnection].
type HTTPConnectionOptions struct {
	// Port is the server's port. Nil: taken from the host argument, else
	// [HTTPPort]. Python: port.
	Port *int
	// Timeout bounds each single wait for the network. Nil: none. Python: timeout.
	Timeout *time.Duration
	// SourceAddress is where to connect from; nil: the system chooses. Python:
	// source_address.
	SourceAddress *SourceAddress
	// Blocksize is how many bytes of a file body are sent at a time; 0 stands
	// for the default of 8192. Python: blocksize.
	Blocksize int
	// CreateConnection opens transports; nil: TCP.
	CreateConnection CreateConnection
	// Tracer receives what happens; nil: nothing is traced.
	Tracer h1.Tracer
	// Strict refuses what the standards call invalid and Python accepts.
	Strict bool
	// DebugOutput receives what a debug level above 0 prints; nil: standard output.
	DebugOutput io.Writer
}

// HTTPConnection is one connection to a server, or the prospect of one. It is
// not safe for concurrent use. Python: http.client.HTTPConnection.
type HTTPConnection struct {
	Host          string         // Python: host
	Port          int            // Python: port
	Timeout       *time.Duration // Python: timeout
	SourceAddress *SourceAddress // Python: source_address
	Blocksize     int            // Python: blocksize
	DebugLevel    int            // Python: debuglevel
	AutoOpen      bool           // connect when something is to be sent. Python: auto_open

	create      CreateConnection
	debug       io.Writer
	defaultPort int

	secure func(ctx context.Context) error // makes the open transport a TLS connection; nil: stays plain

	tunnelHost    string
	tunnelPort    int
	tunnelHeaders []h1.TunnelField

	engine h1.Conn
	wire   *wire         // nil: not connected. Python: sock
	held   *HTTPResponse // the last one that keeps the connection alive
	calls  callLog
}

// NewHTTPConnection makes a connection object; nothing is sent yet. The host
// may carry the port ("example.org:8080", "[::1]:80"). Raises InvalidURL for a
// port that is no number and for control characters.
// Python: HTTPConnection(host, port=None, timeout, source_address=None, blocksize=8192).
func NewHTTPConnection(host string, opts *HTTPConnectionOptions) (*HTTPConnection, error) {
	c := new(HTTPConnection)
	if err := c.init(host, HTTPPort, opts); err != nil {
		return nil, err
	}
	return c, nil
}

// init is shared with HTTPSConnection, whose default port differs.
func (c *HTTPConnection) init(host string, defaultPort int, opts *HTTPConnectionOptions) error {
	if opts == nil {
		opts = &HTTPConnectionOptions{}
	}
	c.defaultPort = defaultPort
	name, port, err := c.hostPort(host, opts.Port)
	if err != nil {
		return err
	}
	if err := h1.CheckHost(name); err != nil {
		return err
	}
	c.Host, c.Port = name, port
	c.Timeout = opts.Timeout
	c.SourceAddress = opts.SourceAddress
	c.Blocksize = opts.Blocksize
	if c.Blocksize == 0 {
		c.Blocksize = defaultBlocksize
	}
	c.AutoOpen = true
	c.create = opts.CreateConnection
	if c.create == nil {
		c.create = dialTCP
	}
	c.debug = opts.DebugOutput
	if c.debug == nil {
		c.debug = os.Stdout
	}
	c.engine.Strict = opts.Strict
	if opts.Tracer != nil {
		c.calls.init(opts.Tracer)
		c.engine.Tracer = opts.Tracer
	}
	return nil
}

// hostPort takes a host argument apart. Python: HTTPConnection._get_hostport.
func (c *HTTPConnection) hostPort(host string, port *int) (string, int, error) {
	if port != nil {
		return host, *port, nil
	}
	n := c.defaultPort
	colon, bracket := lastByte(host, ':'), lastByte(host, ']')
	if colon > bracket {
		digits := host[colon+1:]
		if v, _, err := py.Int(digits); err == nil {
			n = int(v)
		} else if digits != "" {
			return "", 0, h1.Raise(ErrInvalidURL, "nonnumeric port: '"+digits+"'")
		}
		host = host[:colon]
	}
	if len(host) > 0 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1:max(1, len(host)-1)]
	}
	return host, n, nil
}

func lastByte(s string, b byte) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == b {
			return i
		}
	}
	return -1
}

// State gives the state of the connection in the diagram of six.
func (c *HTTPConnection) State() h1.State { return c.engine.State() }

// Legal lists Python's names of the calls that the state allows now, of those
// that a state can refuse.
func (c *HTTPConnection) Legal() []string { return slices.Clone(c.engine.Legal()) }

// SetDebugLevel sets how much is printed: nothing at 0 and below.
// Python: HTTPConnection.set_debuglevel.
func (c *HTTPConnection) SetDebugLevel(level int) {
	if c.engine.Tracer != nil {
		t := c.trace("set_debuglevel", h1.Arg{Name: "level", Value: level})
		defer t.done(nil, nil)
	}
	c.DebugLevel = level
}

// TunnelOptions are the optional arguments of [HTTPConnection.SetTunnel].
type TunnelOptions struct {
	Port    *int     // nil: from the host argument, else the default port
	Headers []Header // extra headers of the CONNECT request, in order
}

// SetTunnel makes the connection a tunnel through a proxy, which is the host
// the connection was made for. Raises RuntimeError once connected.
// Python: HTTPConnection.set_tunnel.
func (c *HTTPConnection) SetTunnel(host string, opts *TunnelOptions) (err error) {
	if opts == nil {
		opts = &TunnelOptions{}
	}
	if c.engine.Tracer != nil {
		t := c.trace("set_tunnel", h1.Arg{Name: "host", Value: host}, portArg(opts.Port), headersArg(opts.Headers))
		defer func() { t.done(nil, err) }()
	}
	if c.wire != nil {
		return h1.Raise(h1.ErrRuntimeError, "Can't set up tunnel for established connection")
	}
	name, port, err := c.hostPort(host, opts.Port)
	if err != nil {
		return err
	}
	fields := make([]h1.TunnelField, 0, len(opts.Headers))
	for _, h := range opts.Headers {
		v, err := headerValue(h.Value)
		if err != nil {
			return err
		}
		fields = append(fields, h1.TunnelField{Name: h.Name, Value: v})
	}
	c.tunnelHost, c.tunnelPort, c.tunnelHeaders = name, port, fields
	return nil
}

// Connect opens the connection, and the tunnel if one is set.
// Python: HTTPConnection.connect.
func (c *HTTPConnection) Connect(ctx context.Context) (err error) {
	if c.engine.Tracer != nil {
		t := c.trace("connect")
		defer func() { t.done(nil, err) }()
	}
	return c.connect(ctx)
}

func (c *HTTPConnection) connect(ctx context.Context) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	if c.tunnelHost != "" {
		if err := c.tunnel(ctx); err != nil {
			return err
		}
	}
	if c.secure != nil {
		return c.secure(ctx)
	}
	return nil
}

// Close closes the connection and the response it holds. What putrequest and
// putheader have buffered stays and precedes the next request.
// Python: HTTPConnection.close.
func (c *HTTPConnection) Close() (err error) {
	if c.engine.Tracer != nil {
		t := c.trace("close")
		defer func() { t.done(nil, err) }()
	}
	c.close()
	return nil
}

func (c *HTTPConnection) close() {
	c.detach()
	c.engine.Close()
	if c.held != nil {
		c.held.settle()
		c.held = nil
	}
}

// detach lets go of the transport; a response may go on reading it. Python:
// self.sock = None after closing it.
func (c *HTTPConnection) detach() {
	if w := c.wire; w != nil {
		c.wire = nil
		c.engine.Detach()
		w.release(c)
	}
}

// print prints at a debug level above 0.
func (c *HTTPConnection) print(line string) {
	c.calls.printed(line)
	io.WriteString(c.debug, line+"\n")
}
