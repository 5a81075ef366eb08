package core

import (
	"context"
	"net"
	"os"

	"github.com/stepwire/stepwire/core/h1"
)

// SSLContext is the settings of TLS connections, as far as HTTPSConnection
// needs them: package core/ssl has it. It stands apart so that a program that
// speaks plain HTTP only does not carry TLS. Python: ssl.SSLContext.
type SSLContext interface {
	// Verifies reports whether certificates are verified. Python: verify_mode != CERT_NONE.
	Verifies() bool
	// CheckHostname reports whether certificates must name the server. Python: check_hostname.
	CheckHostname() bool
	SetCheckHostname(bool)
	// LoadCertChain names the files of the client's own certificate and key.
	LoadCertChain(certFile, keyFile string) error
	// WrapSocket makes conn a TLS connection: the handshake is done when it
	// returns. The errors of conn itself come back as they are.
	WrapSocket(ctx context.Context, conn net.Conn, opts *WrapOptions) (net.Conn, error)
}

// WrapOptions are the arguments of [SSLContext].WrapSocket.
type WrapOptions struct {
	// ServerHostname is whom the certificate must name: a name or an IP
	// address. Python: server_hostname.
	ServerHostname string
	// Trace receives the handshake and the records; nil: nothing is traced.
	Trace func(*h1.Event)
	// Sent and Received count the bytes that went over conn before, in the
	// clear: the replies to CONNECT.
	Sent, Received int64
}

// defaultContext makes the context of connections that are given none.
var defaultContext func() SSLContext

// RegisterSSL brings HTTPSConnection its default context. Package core/ssl
// calls it: import that, if only for its effect, to have HTTPSConnection, as
// Python has it only where module ssl can be imported.
func RegisterSSL(makeContext func() SSLContext) { defaultContext = makeContext }

// HTTPSConnectionOptions are the optional arguments of [NewHTTPSConnection]:
// those of HTTPConnection (Port, Timeout, SourceAddress, Blocksize …) and TLS's.
type HTTPSConnectionOptions struct {
	HTTPConnectionOptions
	// Context is the settings of TLS. Nil: certificates are verified against the
	// system's authorities, and ALPN offers http/1.1. Python: context.
	Context SSLContext
	// KeyFile and CertFile are the client's own key and certificate, loaded into
	// the context. Deprecated by Python: use Context. Python: key_file, cert_file.
	KeyFile, CertFile string
	// CheckHostname sets the context's attribute of that name. Deprecated by
	// Python: use Context. Python: check_hostname.
	CheckHostname *bool
	// Warn receives Python's warnings, of the category DeprecationWarning; nil:
	// standard error.
	Warn func(category, message string)
}

// HTTPSConnection is an HTTPConnection over TLS. Through a tunnel, CONNECT goes
// in the clear and TLS begins behind the proxy, which sees ciphertext only; a
// proxy that itself speaks TLS is reached by a CreateConnection that wraps the
// transport, as http.client has no call for it.
// Python: http.client.HTTPSConnection.
type HTTPSConnection struct {
	HTTPConnection
	KeyFile  string // Python: key_file
	CertFile string // Python: cert_file
	context  SSLContext
}

// NewHTTPSConnection makes a connection object for TLS; nothing is sent yet.
// Raises what NewHTTPConnection does, ValueError for a CheckHostname that the
// context's verify mode cannot honour, and RuntimeError where package core/ssl
// is not linked in. Python: HTTPSConnection(host, port=None, key_file=None,
// cert_file=None, timeout, source_address=None, *, context=None,
// check_hostname=None, blocksize=8192).
func NewHTTPSConnection(host string, opts *HTTPSConnectionOptions) (*HTTPSConnection, error) {
	if opts == nil {
		opts = &HTTPSConnectionOptions{}
	}
	c := &HTTPSConnection{KeyFile: opts.KeyFile, CertFile: opts.CertFile, context: opts.Context}
	if err := c.init(host, HTTPSPort, &opts.HTTPConnectionOptions); err != nil {
		return nil, err
	}
	if opts.KeyFile != "" || opts.CertFile != "" || opts.CheckHostname != nil {
		warn := opts.Warn
		if warn == nil {
			warn = func(category, message string) { os.Stderr.WriteString(category + ": " + message + "\n") }
		}
		warn("DeprecationWarning", "key_file, cert_file and check_hostname are deprecated, use a custom context instead.")
	}
	if c.context == nil {
		if defaultContext == nil {
			return nil, h1.Raise(h1.ErrRuntimeError, "HTTPSConnection needs TLS, which this program leaves out; it comes with package core/ssl")
		}
		c.context = defaultContext()
	}
	check := c.context.CheckHostname()
	if opts.CheckHostname != nil {
		check = *opts.CheckHostname
	}
	if check && !c.context.Verifies() {
		return nil, h1.Raise(ErrValueError, "check_hostname needs a SSL context with either CERT_OPTIONAL or CERT_REQUIRED")
	}
	if opts.KeyFile != "" || opts.CertFile != "" {
		if err := c.context.LoadCertChain(opts.CertFile, opts.KeyFile); err != nil {
			return nil, err
		}
	}
	c.context.SetCheckHostname(check)
	c.secure = c.wrap
	return c, nil
}

// Context gives the settings of TLS. Python: HTTPSConnection._context.
func (c *HTTPSConnection) Context() SSLContext { return c.context }

// wrap makes the open transport a TLS connection. When it fails the transport
// is closed and stays the connection's, as in Python: what is sent next raises
// OSError. Python: the end of HTTPSConnection.connect.
func (c *HTTPSConnection) wrap(ctx context.Context) error {
	w := c.wire
	opts := &WrapOptions{ServerHostname: c.Host, Sent: w.counts.Sent, Received: w.counts.Received}
	if c.tunnelHost != "" {
		opts.ServerHostname = c.tunnelHost
	}
	if c.engine.Tracer != nil {
		opts.Trace = func(e *h1.Event) {
			e.Conn = w.counts.Number
			c.engine.Emit(e)
		}
	}
	undo := w.guard(ctx)
	conn, err := c.context.WrapSocket(ctx, w.conn, opts)
	if undo != nil && !undo() {
		w.deadline = true
	}
	if err != nil {
		w.conn.Close()
		return transportError(ctx, err)
	}
	w.conn = conn
	return nil
}
