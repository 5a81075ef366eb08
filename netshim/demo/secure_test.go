package demo

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

func startSecureTest(t *testing.T) *Server {
	t.Helper()
	s, err := startSecure(t.Context(), "127.0.0.1:0", defaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// trusting trusts a server's authority and nobody else.
func trusting(t *testing.T, s *Server) *tls.Config {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(s.Authority())) {
		t.Fatalf("no certificate in %q", s.Authority())
	}
	return &tls.Config{RootCAs: pool}
}

func TestSecureOrigin(t *testing.T) {
	s := startSecureTest(t)
	for _, test := range []struct{ request, want string }{
		{"GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
		{"GET /faulty/no-response HTTP/1.1\r\nHost: a\r\n\r\n", ""},
	} {
		conn, err := tls.Dial("tcp", s.Addr(), trusting(t, s))
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(conn, test.request)
		got, err := io.ReadAll(conn)
		conn.Close()
		if err != nil || !strings.HasPrefix(string(got), test.want) || (test.want == "") != (len(got) == 0) {
			t.Errorf("%q gives %q, %v; want %q…", test.request, got, err, test.want)
		}
	}
}

// A reset is one under TLS, too.
func TestSecureReset(t *testing.T) {
	s := startSecureTest(t)
	conn, err := tls.Dial("tcp", s.Addr(), trusting(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(conn, "GET /faulty/reset HTTP/1.1\r\nHost: a\r\n\r\n")
	if got, err := io.ReadAll(conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %q, %v; want a reset", got, err)
	}
}

// Trust in a run's authority is no trust in anything else: not in another run,
// and not in other names.
func TestAuthorityIsForItsRunOnly(t *testing.T) {
	s, other := startSecureTest(t), startSecureTest(t)
	var unknown x509.UnknownAuthorityError
	if _, err := tls.Dial("tcp", s.Addr(), trusting(t, other)); !errors.As(err, &unknown) {
		t.Errorf("another run's authority: %v", err)
	}
	certificate, authority, err := certify("localhost", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(authority))
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "127.0.0.2": false, "example.org": false} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name})
		if (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
	block, _ := pem.Decode([]byte(authority))
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !root.PermittedDNSDomainsCritical || len(root.PermittedIPRanges) != 2 || len(root.PermittedDNSDomains) != 1 || !root.MaxPathLenZero {
		t.Errorf("the authority may certify more than loopback: %v %v", root.PermittedIPRanges, root.PermittedDNSDomains)
	}
}
