package ssl

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// SSLSocket is a connection over TLS, with its handshake done. Python:
// ssl.SSLSocket.
type SSLSocket struct {
	*tls.Conn
	link *link
}

// WrapSocket makes conn a TLS connection, as its client. Once it has failed
// conn is of no use, and the caller's to close; errors of conn itself come back
// as they are. Python: SSLContext.wrap_socket.
func (c *SSLContext) WrapSocket(ctx context.Context, conn net.Conn, opts *core.WrapOptions) (net.Conn, error) {
	if opts == nil {
		opts = &core.WrapOptions{}
	}
	config, verifier, err := c.config(opts.ServerHostname)
	if err != nil {
		return nil, err
	}
	l := &link{Conn: conn}
	if opts.Trace != nil {
		l.tap = newTap(opts)
		l.tap.keyLog = config.KeyLogWriter
		config.KeyLogWriter = l.tap
	}
	var chain []*x509.Certificate
	config.VerifyConnection = func(s tls.ConnectionState) error {
		if l.tap != nil {
			for i, certificate := range s.PeerCertificates {
				l.tap.certificate(i, certificate, true)
			}
		}
		if verifier == nil {
			return nil
		}
		var err error
		chain, err = verifier.verify(s.PeerCertificates)
		return err
	}
	s := &SSLSocket{tls.Client(l, config), l}
	if l.tap != nil {
		l.tap.begin(config, opts.ServerHostname, verifier)
	}
	if err := s.HandshakeContext(ctx); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		} else {
			err = callHandshake.translate(err, l.failed)
		}
		if l.tap != nil {
			l.tap.flush()
			l.tap.failed(err)
		}
		return nil, err
	}
	if l.tap != nil {
		l.tap.agreed(s.ConnectionState(), chain)
	}
	return s, nil
}

// config gives the settings of one connection; the verifier is nil where
// nothing is verified.
func (c *SSLContext) config(host string) (*tls.Config, *verifier, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	lowest, highest, err := c.versions()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case host == "" && c.checkHostname:
		return nil, nil, h1.Raise(h1.ErrValueError, "check_hostname requires server_hostname")
	case host == "":
		return nil, nil, h1.Raise(h1.ErrValueError, "server_hostname cannot be an empty string or start with a leading dot.")
	}
	name, bad := py.EncodeIDNA(host)
	if bad != nil {
		return nil, nil, h1.Raise(h1.ErrUnicodeError, bad.Error())
	}
	if strings.HasPrefix(string(name), ".") {
		return nil, nil, h1.Raise(h1.ErrValueError, "server_hostname cannot be an empty string or start with a leading dot.")
	}
	config := &tls.Config{
		ServerName:         string(name), // Go sends none for an address
		MinVersion:         lowest,
		MaxVersion:         highest,
		CipherSuites:       suites,
		NextProtos:         c.alpn,
		KeyLogWriter:       c.keyLog,
		InsecureSkipVerify: true, // VerifyConnection verifies, with the messages of OpenSSL
		// One write of the client is one record, as far as it fits.
		DynamicRecordSizingDisabled: true,
	}
	if own := c.certificate; own != nil { // sent whomever the server says it trusts, as by OpenSSL
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	}
	if c.verifyMode == CertNone {
		return config, nil, nil
	}
	v := &verifier{trusted: c.trusted, between: c.between, pools: c.pools, now: time.Now()}
	if c.now != nil {
		v.now = c.now()
	}
	if c.checkHostname {
		v.host = string(name)
		if ip, err := netip.ParseAddr(v.host); err == nil && ip.Zone() == "" {
			v.ip = ip.Unmap()
		} else if v.host == ":" { // what is left of an unbracketed ::1, and OpenSSL's reading of it
			v.ip = netip.IPv6Unspecified()
		}
	}
	return config, v, nil
}

// Read reads plaintext. A transport that ends without TLS's goodbye, or is
// reset, counts as the end, as in CPython. Python: SSLSocket.recv_into.
func (s *SSLSocket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if n > 0 || err == nil || err == io.EOF && s.link.failed == nil {
		return n, err
	}
	if s.link.failed != nil && !isTimeout(err) && (errors.Is(s.link.failed, io.EOF) || lost(s.link.failed)) {
		if s.link.tap != nil {
			s.link.tap.ragged()
		}
		return 0, io.EOF
	}
	return 0, callRead.translate(err, s.link.failed)
}

// Write writes plaintext. Once the transport ended without TLS's goodbye nothing
// is sent: OpenSSL refuses. Python: SSLSocket.sendall.
func (s *SSLSocket) Write(p []byte) (int, error) {
	if errors.Is(s.link.failed, io.EOF) {
		return 0, callWrite.ended(s.link.failed)
	}
	n, err := s.Conn.Write(p)
	if err != nil {
		err = callWrite.translate(err, s.link.failed)
	}
	return n, err
}

// Close says goodbye and closes the transport.
func (s *SSLSocket) Close() error {
	err := s.Conn.Close()
	if s.link.tap != nil {
		s.link.tap.flush()
	}
	return err
}

// SyscallConn gives the transport's, where it has one.
func (s *SSLSocket) SyscallConn() (syscall.RawConn, error) {
	if conn, ok := s.link.Conn.(syscall.Conn); ok {
		return conn.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// link is the transport below TLS.
type link struct {
	net.Conn
	tap    *tap  // nil: nothing is traced
	failed error // why the transport gives or takes nothing more; nil after a wait that was too long
}

func (l *link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 && l.tap != nil {
		l.tap.moved(h1.Received, p[:n])
	}
	return n, l.note(err)
}

func (l *link) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	if n > 0 && l.tap != nil {
		l.tap.moved(h1.Sent, p[:n])
	}
	return n, l.note(err)
}

// note remembers a failure. One that is a wait that was too long is made such
// that Go's TLS goes on after it, whatever the transport calls it.
func (l *link) note(err error) error {
	if err == nil {
		return nil
	}
	if isTimeout(err) {
		return &timeoutError{"timed out", err}
	}
	l.failed = err
	return err
}
