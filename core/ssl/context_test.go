//go:build !js

package ssl

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core"
)

func described(err error) string {
	if err == nil {
		return "None"
	}
	info := core.Describe(err)
	return info.Name + ": " + info.Message
}

// What CPython 3.11.7 says to the same calls.
func TestContextRefusals(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	root := issue(t, nil, "Test Root CA", nil)
	one, two := issue(t, root, "one.example", nil), issue(t, root, "two.example", nil)
	pair, other := file("one.pem", one.pair(t)), file("two.pem", two.pair(t))
	ca, junk, missing := file("ca.pem", root.pem()), file("junk", "no certificate\n"), filepath.Join(folder, "missing")
	file("0123abcd.0", root.pem())
	const (
		notFound = "FileNotFoundError: [Errno 2] No such file or directory"
		lib      = "SSLError: [SSL] PEM lib (_ssl.c:"
	)
	for _, test := range []struct {
		name string
		call func(*SSLContext) error
		want string
	}{
		{"certificate missing", func(c *SSLContext) error { return c.LoadCertChain(missing, "") }, notFound},
		{"certificate without key", func(c *SSLContext) error { return c.LoadCertChain(ca, "") }, lib + "3926)"},
		{"key of another", func(c *SSLContext) error { return c.LoadCertChain(pair, other) }, "SSLError: [X509: KEY_VALUES_MISMATCH] key values mismatch (_ssl.c:3926)"},
		{"no certificate", func(c *SSLContext) error { return c.LoadCertChain(junk, "") }, lib + "3905)"},
		{"key missing", func(c *SSLContext) error { return c.LoadCertChain(pair, missing) }, notFound},
		{"key alone", func(c *SSLContext) error { return c.LoadCertChain("", pair) }, "TypeError: certfile should be a valid filesystem path"},
		{"both", func(c *SSLContext) error { return c.LoadCertChain(pair, "") }, "None"},
		{"nowhere", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{}) }, "TypeError: cafile, capath and cadata cannot be all omitted"},
		{"cafile", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAFile: ca}) }, "None"},
		{"cafile missing", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAFile: missing}) }, notFound},
		{"cafile junk", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAFile: junk}) },
			"SSLError: [X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found (_ssl.c:4154)"},
		{"cadata text junk", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAData: []byte("abc")}) },
			"SSLError: no start line: cadata does not contain a certificate (_ssl.c:4020)"},
		{"cadata empty", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAData: []byte{}}) }, "ValueError: Empty certificate data"},
		{"cadata DER junk", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAData: []byte("0abc")}) },
			"SSLError: not enough data: cadata does not contain a certificate (_ssl.c:4020)"},
		{"cadata DER", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAData: root.certificate.Raw}) }, "None"},
		{"cadata with junk around", func(c *SSLContext) error {
			return c.LoadVerifyLocations(&Locations{CAData: []byte("junk\n" + root.pem() + "junk")})
		}, "None"},
		{"capath", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAPath: folder}) }, "None"},
		{"capath missing", func(c *SSLContext) error { return c.LoadVerifyLocations(&Locations{CAPath: missing}) }, "None"},
		{"verify mode", func(c *SSLContext) error { return c.SetVerifyMode(9) }, "ValueError: invalid value for verify_mode"},
		{"verify mode none", func(c *SSLContext) error { return c.SetVerifyMode(CertNone) },
			"ValueError: Cannot set verify_mode to CERT_NONE when check_hostname is enabled."},
		{"minimum version", func(c *SSLContext) error { return c.SetMinimumVersion(5) }, "ValueError: Unsupported TLS/SSL version 0x5"},
		{"maximum version", func(c *SSLContext) error { return c.SetMaximumVersion(-3) }, "ValueError: Unsupported TLS/SSL version 0xfffffffd"},
		{"TLS 1.0", func(c *SSLContext) error { return c.SetMinimumVersion(TLSv1) }, "None"},
		{"ALPN empty", func(c *SSLContext) error { return c.SetALPNProtocols("") }, "SSLError: ('ALPN protocols must be 1 to 255 in length',)"},
		{"ALPN long", func(c *SSLContext) error { return c.SetALPNProtocols(strings.Repeat("x", 256)) }, "SSLError: ('ALPN protocols must be 1 to 255 in length',)"},
		{"ALPN none", func(c *SSLContext) error { return c.SetALPNProtocols() }, "None"},
		{"key log", func(c *SSLContext) error { return c.SetKeylogFilename(filepath.Join(missing, "log")) },
			notFound + ": '" + filepath.Join(missing, "log") + "'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := described(test.call(NewSSLContext())); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestLocationsAreTrusted(t *testing.T) {
	root := issue(t, nil, "Test Root CA", nil)
	folder := t.TempDir()
	for name := range map[string]bool{"0123abcd.0": true, "0123abcd.r0": false, "0123abcd.": false, "ca.pem": false} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(root.pem()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := NewSSLContext()
	if err := c.LoadVerifyLocations(&Locations{CAFile: filepath.Join(folder, "ca.pem"), CAPath: folder, CAData: root.certificate.Raw}); err != nil {
		t.Fatal(err)
	}
	if len(c.trusted) != 3 {
		t.Errorf("%d authorities, want the file's, the one hashed name's and the data's", len(c.trusted))
	}
}

// Switching the check of the name on makes certificates required, as in Python.
func TestCheckHostnameNeedsVerification(t *testing.T) {
	c := CreateUnverifiedContext()
	if c.Verifies() || c.CheckHostname() {
		t.Error("an unverified context verifies")
	}
	c.SetCheckHostname(true)
	if c.VerifyMode() != CertRequired {
		t.Errorf("verify mode is %d, want required", c.VerifyMode())
	}
}

func TestHTTPSConnectionArguments(t *testing.T) {
	root := issue(t, nil, "Test Root CA", nil)
	file := filepath.Join(t.TempDir(), "client.pem")
	if err := os.WriteFile(file, []byte(issue(t, root, "client.example", nil).pair(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	on, off := true, false
	for _, test := range []struct {
		name   string
		opts   core.HTTPSConnectionOptions
		want   string
		warned bool
	}{
		{"nothing", core.HTTPSConnectionOptions{}, "None", false},
		{"context", core.HTTPSConnectionOptions{Context: NewSSLContext()}, "None", false},
		{"check_hostname on", core.HTTPSConnectionOptions{CheckHostname: &on}, "None", true},
		{"check_hostname off", core.HTTPSConnectionOptions{CheckHostname: &off}, "None", true},
		{"check_hostname of an unverified context", core.HTTPSConnectionOptions{Context: CreateUnverifiedContext(), CheckHostname: &on},
			"ValueError: check_hostname needs a SSL context with either CERT_OPTIONAL or CERT_REQUIRED", true},
		{"cert_file", core.HTTPSConnectionOptions{CertFile: file}, "None", true},
		{"both files", core.HTTPSConnectionOptions{CertFile: file, KeyFile: file}, "None", true},
		{"key_file alone", core.HTTPSConnectionOptions{KeyFile: file}, "TypeError: certfile should be a valid filesystem path", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var warnings []string
			test.opts.Warn = func(category, message string) { warnings = append(warnings, category+": "+message) }
			c, err := core.NewHTTPSConnection("example.org", &test.opts)
			if got := described(err); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			var want []string
			if test.warned {
				want = []string{"DeprecationWarning: key_file, cert_file and check_hostname are deprecated, use a custom context instead."}
			}
			if !slices.Equal(warnings, want) {
				t.Errorf("warned %q, want %q", warnings, want)
			}
			if err != nil {
				return
			}
			if c.Port != 443 {
				t.Errorf("port %d, want 443", c.Port)
			}
			if check := test.opts.CheckHostname; check != nil && c.Context().CheckHostname() != *check {
				t.Errorf("the context's check_hostname is %v", !*check)
			}
			if own := c.Context().(*SSLContext).certificate; (own != nil) != (test.opts.CertFile != "") {
				t.Errorf("the context's certificate is %v", own)
			}
		})
	}
}

func TestErrorsAreClasses(t *testing.T) {
	err := callHandshake.raise(core.ErrSSLCertVerificationError, "text", "server", &VerifyError{Code: 10})
	for _, class := range []error{core.ErrSSLError, core.ErrOSError, core.ErrValueError} {
		if !errors.Is(err, class) {
			t.Errorf("not a %v", class)
		}
	}
	var cause *VerifyError
	if !errors.As(err, &cause) || cause.Code != 10 {
		t.Errorf("the cause is %v", cause)
	}
}
