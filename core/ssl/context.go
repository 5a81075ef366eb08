package ssl

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

func init() {
	core.RegisterSSL(func() core.SSLContext {
		c := newDefaultContext()
		c.LoadDefaultCerts()
		c.alpn = []string{"http/1.1"}
		return c
	})
}

// VerifyMode says whether the peer's certificate is verified. Python: ssl.VerifyMode.
type VerifyMode int

// For a client the last two are the same.
const (
	CertNone     VerifyMode = iota // nothing is verified: anybody can be the server. Python: ssl.CERT_NONE
	CertOptional                   // Python: ssl.CERT_OPTIONAL
	CertRequired                   // Python: ssl.CERT_REQUIRED
)

// TLSVersion is a version of the protocol. Python: ssl.TLSVersion.
type TLSVersion int

// Of these, TLS 1.2 and 1.3 are spoken. The earlier ones can be set as a bound,
// as in Python, where OpenSSL's security level refuses them, too.
const (
	MinimumSupported TLSVersion = -2  // Python: TLSVersion.MINIMUM_SUPPORTED
	MaximumSupported TLSVersion = -1  // Python: TLSVersion.MAXIMUM_SUPPORTED
	SSLv3            TLSVersion = 768 // Python: TLSVersion.SSLv3
	TLSv1            TLSVersion = 769 // Python: TLSVersion.TLSv1
	TLSv1_1          TLSVersion = 770 // Python: TLSVersion.TLSv1_1
	TLSv1_2          TLSVersion = 771 // Python: TLSVersion.TLSv1_2
	TLSv1_3          TLSVersion = 772 // Python: TLSVersion.TLSv1_3
)

// SSLContext is the settings of TLS connections, as a client. It may be shared
// by connections, also concurrent ones. Python: ssl.SSLContext.
type SSLContext struct {
	mu             sync.Mutex
	verifyMode     VerifyMode
	checkHostname  bool
	minimum        TLSVersion
	maximum        TLSVersion
	alpn           []string
	trusted        []*x509.Certificate     // self-signed authorities
	between        []*x509.Certificate     // certificates of the trust store that are no end of a chain
	pools          []func() *x509.CertPool // authorities that cannot be listed
	certificate    *tls.Certificate        // the client's own
	keyLog         io.Writer
	keyLogFilename string
	now            func() time.Time // of verification; nil: the clock
}

// NewSSLContext makes a context that verifies chain and name and trusts nobody
// yet. Python: SSLContext(PROTOCOL_TLS_CLIENT).
func NewSSLContext() *SSLContext {
	return &SSLContext{verifyMode: CertRequired, checkHostname: true, minimum: TLSv1_2, maximum: MaximumSupported}
}

func newDefaultContext() *SSLContext {
	c := NewSSLContext()
	if name := os.Getenv("SSLKEYLOGFILE"); name != "" {
		c.SetKeylogFilename(name) // Python fails here if it cannot; a page has neither variable nor file
	}
	return c
}

// CreateDefaultContext makes a context that verifies chain and name, against
// the authorities given or, with nil, the default ones.
// Python: ssl.create_default_context.
func CreateDefaultContext(authorities *Locations) (*SSLContext, error) {
	c := newDefaultContext()
	if authorities == nil {
		c.LoadDefaultCerts()
		return c, nil
	}
	if err := c.LoadVerifyLocations(authorities); err != nil {
		return nil, err
	}
	return c, nil
}

// CreateUnverifiedContext makes a context that verifies nothing. It is unsafe:
// whoever sits between can read and change everything.
// Python: ssl._create_unverified_context.
func CreateUnverifiedContext() *SSLContext {
	c := newDefaultContext()
	c.verifyMode, c.checkHostname = CertNone, false
	return c
}

// Verifies reports whether certificates are verified.
func (c *SSLContext) Verifies() bool { return c.VerifyMode() != CertNone }

// VerifyMode gives the attribute. Python: SSLContext.verify_mode.
func (c *SSLContext) VerifyMode() VerifyMode {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.verifyMode
}

// SetVerifyMode sets it. Raises ValueError for CertNone while CheckHostname is
// on. Python: SSLContext.verify_mode.
func (c *SSLContext) SetVerifyMode(mode VerifyMode) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case mode < CertNone || mode > CertRequired:
		return h1.Raise(h1.ErrValueError, "invalid value for verify_mode")
	case mode == CertNone && c.checkHostname:
		return h1.Raise(h1.ErrValueError, "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
	}
	c.verifyMode = mode
	return nil
}

// CheckHostname gives the attribute. Python: SSLContext.check_hostname.
func (c *SSLContext) CheckHostname() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.checkHostname
}

// SetCheckHostname sets it; switched on, it makes certificates required.
// Python: SSLContext.check_hostname.
func (c *SSLContext) SetCheckHostname(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checkHostname = on
	if on && c.verifyMode == CertNone {
		c.verifyMode = CertRequired
	}
}

// SetMinimumVersion sets the lowest version that is offered. Raises ValueError
// for what is no version. Python: SSLContext.minimum_version.
func (c *SSLContext) SetMinimumVersion(v TLSVersion) error { return c.setVersion(&c.minimum, v) }

// SetMaximumVersion sets the highest version that is offered. Raises ValueError
// for what is no version. Python: SSLContext.maximum_version.
func (c *SSLContext) SetMaximumVersion(v TLSVersion) error { return c.setVersion(&c.maximum, v) }

func (c *SSLContext) setVersion(bound *TLSVersion, v TLSVersion) error {
	if v < MinimumSupported || v >= 0 && v < SSLv3 || v > TLSv1_3 {
		return h1.Raise(h1.ErrValueError, "Unsupported TLS/SSL version 0x"+strconv.FormatUint(uint64(uint32(v)), 16))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	*bound = v
	return nil
}

// versions resolves the two bounds, or says why there is nothing between them.
// c.mu is held.
func (c *SSLContext) versions() (lowest, highest uint16, err error) {
	low, high := c.minimum, c.maximum
	if low == MaximumSupported {
		low = TLSv1_3
	}
	if high == MaximumSupported {
		high = TLSv1_3
	}
	switch {
	case high == MinimumSupported, high == SSLv3, low > high:
		return 0, 0, callHandshake.reason("no protocols available", "caller", nil)
	case high < TLSv1_2:
		return 0, 0, callHandshake.reason("no ciphers available", "caller", nil)
	}
	return uint16(max(low, TLSv1_2)), uint16(high), nil
}

// SetALPNProtocols sets the protocols that are offered, best first. Raises
// SSLError for one that is empty or of more than 255 bytes.
// Python: SSLContext.set_alpn_protocols.
func (c *SSLContext) SetALPNProtocols(protocols ...string) error {
	for _, p := range protocols {
		if len(p) == 0 || len(p) > 255 {
			return h1.Raise(h1.ErrSSLError, "('ALPN protocols must be 1 to 255 in length',)")
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alpn = append([]string(nil), protocols...)
	return nil
}

// SetKeyLogWriter lets w have the secrets of every connection made from here
// on, in the format of RFC 9850, one line at a write. Whoever has them can read
// and forge what the connections carry. Nil: nobody gets them.
func (c *SSLContext) SetKeyLogWriter(w io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keyLog, c.keyLogFilename = w, ""
}

// SetKeylogFilename is SetKeyLogWriter with a file, which is appended to.
// Raises OSError when it cannot be opened. Python: SSLContext.keylog_filename.
func (c *SSLContext) SetKeylogFilename(name string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fileError(name, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.keyLog.(*os.File); ok && c.keyLogFilename != "" {
		old.Close()
	}
	c.keyLog, c.keyLogFilename = f, name
	return nil
}

// KeylogFilename gives the attribute. Python: SSLContext.keylog_filename.
func (c *SSLContext) KeylogFilename() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keyLogFilename
}

// suites are the cipher suites of TLS 1.2 that are offered; those of TLS 1.3 are
// what Go's TLS has.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}
