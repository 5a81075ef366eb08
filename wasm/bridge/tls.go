//go:build !js || tls

package bridge

import (
	"context"
	"net"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/ssl"
)

// The page's first module leaves TLS out for its size; the second is built with
// the tag tls.
func init() { newHTTPS = openHTTPS }

// versions are the names that Python prints for what a connection speaks.
var versions = map[string]ssl.TLSVersion{
	"TLSv1": ssl.TLSv1, "TLSv1.1": ssl.TLSv1_1, "TLSv1.2": ssl.TLSv1_2, "TLSv1.3": ssl.TLSv1_3,
}

// contextArg is the place of the context among the constructor's arguments: an
// object with caData, verify, checkHostname, minimumVersion, maximumVersion,
// certificate, key, alpn and keyLog, each of which may be left out.
const contextArg = 9

// securePeer is a server in this program that has TLS, with a certificate from an
// authority made for it; it gives that, PEM text.
type securePeer interface {
	secure(host string) (authority string, err error)
}

func openHTTPS(c *connection, call *call, host string, options *core.HTTPConnectionOptions) (*core.HTTPConnection, error) {
	https := &core.HTTPSConnectionOptions{HTTPConnectionOptions: *options, Warn: func(string, string) {}}
	given, ok := call.args.at(contextArg).(Object)
	if peer, inPage := c.peer.(securePeer); inPage {
		name := host
		if before, _, err := net.SplitHostPort(host); err == nil {
			name = before
		}
		authority, err := peer.secure(name)
		if err != nil {
			return nil, err
		}
		// The connection reaches nobody else who could be verified.
		if ca := given.Get("caData"); ca == nil || ca == any(Absent{}) {
			given, ok = append(Object{{"caData", authority}}, given...), true
		}
	}
	if ok {
		context, err := c.context(given)
		if err != nil {
			return nil, err
		}
		https.Context = context
		if check, ok := given.Get("checkHostname").(bool); ok {
			https.CheckHostname = &check
		}
	} else {
		call.wrongUnlessAbsent(contextArg, "context", "an object")
		if call.err != nil {
			return nil, call.err
		}
	}
	// What has arrived on the transport is ciphertext.
	https.CreateConnection = func(ctx context.Context, host string, port int, source *core.SourceAddress) (net.Conn, error) {
		conn, err := c.dial(ctx, host, port, source)
		c.transport, c.sealed = nil, conn
		return conn, err
	}
	made, err := core.NewHTTPSConnection(host, https)
	if err != nil {
		return nil, err
	}
	return &made.HTTPConnection, nil
}

// context makes the settings of TLS that a page asked for.
func (c *connection) context(given Object) (*ssl.SSLContext, error) {
	r := options{given: given}
	var authorities *ssl.Locations
	if pem := r.pem("caData"); pem != nil {
		authorities = &ssl.Locations{CAData: pem}
	}
	verify, alpn := r.flag("verify", true), []string{"http/1.1"}
	if names, ok := given.Get("alpn").([]any); ok {
		alpn = nil
		for _, name := range names {
			s, ok := name.(string)
			if !ok {
				r.wrong("alpn", "a list of strings")
			}
			alpn = append(alpn, s)
		}
	}
	r.flag("checkHostname", true) // for its type
	certificate, key := r.pem("certificate"), r.pem("key")
	log := r.flag("keyLog", false)
	lowest, highest := r.version("minimumVersion"), r.version("maximumVersion")
	if r.err != nil {
		return nil, r.err
	}

	context, err := ssl.CreateDefaultContext(authorities)
	if err != nil {
		return nil, err
	}
	if !verify {
		context.SetCheckHostname(false)
		if err := context.SetVerifyMode(ssl.CertNone); err != nil {
			return nil, err
		}
	}
	if err := context.SetALPNProtocols(alpn...); err != nil {
		return nil, err
	}
	if lowest != 0 {
		if err := context.SetMinimumVersion(lowest); err != nil {
			return nil, err
		}
	}
	if highest != 0 {
		if err := context.SetMaximumVersion(highest); err != nil {
			return nil, err
		}
	}
	if certificate != nil {
		if key == nil {
			key = certificate
		}
		if err := context.LoadCertChainPEM(certificate, key); err != nil {
			return nil, err
		}
	}
	if log {
		c.keys = &keyLog{}
		context.SetKeyLogWriter(c.keys)
	}
	return context, nil
}

// options reads the members of an object; the first of a wrong type is an error.
type options struct {
	given Object
	err   error
}

func (o *options) get(name string) any {
	if v := o.given.Get(name); v != any(Absent{}) {
		return v
	}
	return nil
}

func (o *options) wrong(name, want string) {
	if o.err == nil {
		o.err = h1.Raise(h1.ErrTypeError, "context."+name+" must be "+want+", not "+typeName(o.get(name)))
	}
}

func (o *options) flag(name string, def bool) bool {
	switch v := o.get(name).(type) {
	case nil:
		return def
	case bool:
		return v
	}
	o.wrong(name, "a boolean")
	return def
}

// pem reads PEM text, as a string or bytes; nil where there is none.
func (o *options) pem(name string) []byte {
	switch v := o.get(name).(type) {
	case nil:
		return nil
	case string:
		return []byte(v)
	case []byte:
		return append([]byte{}, v...)
	}
	o.wrong(name, "PEM text")
	return nil
}

// version reads the name of a version; 0 where there is none.
func (o *options) version(name string) ssl.TLSVersion {
	v := o.get(name)
	if v == nil {
		return 0
	}
	text, _ := v.(string)
	version, ok := versions[text]
	if !ok && o.err == nil {
		o.err = h1.Raise(h1.ErrValueError, "context."+name+` must be "TLSv1", "TLSv1.1", "TLSv1.2" or "TLSv1.3"`)
	}
	return version
}
