package ssl

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/stepwire/stepwire/core/h1"
)

// VerifyError is the cause of an SSLCertVerificationError, for errors.As.
type VerifyError struct {
	Code    int                 // OpenSSL's X509_V_ERR_…. Python: verify_code
	Message string              // Python: verify_message
	Depth   int                 // which certificate, 0 for the server's own
	Chain   []*x509.Certificate // as far as it was built, the server's own first
	Cause   error               // what Go's verifier said; nil: it was not asked
}

// Error gives the message.
func (e *VerifyError) Error() string { return e.Message }

// Unwrap gives what Go's verifier said.
func (e *VerifyError) Unwrap() error { return e.Cause }

// What is wrong with a chain, by OpenSSL's number.
var verifyTexts = map[int]string{
	2:  "unable to get issuer certificate",
	7:  "certificate signature failure",
	9:  "certificate is not yet valid",
	10: "certificate has expired",
	18: "self-signed certificate",
	19: "self-signed certificate in certificate chain",
	20: "unable to get local issuer certificate",
	25: "path length constraint exceeded",
	26: "unsuitable certificate purpose",
	34: "unhandled critical extension",
	47: "permitted subtree violation",
	48: "excluded subtree violation",
	50: "application verification failure",
	62: "Hostname mismatch, certificate is not valid for '%'.",
	64: "IP address mismatch, certificate is not valid for '%'.",
	66: "EE certificate key too weak",
	67: "CA certificate key too weak",
	68: "CA signature digest algorithm too weak",
	79: "invalid CA certificate",
}

// verifier verifies the chain of one connection.
type verifier struct {
	host    string     // as given; empty: the name is not checked
	ip      netip.Addr // valid where the host is an address
	trusted []*x509.Certificate
	between []*x509.Certificate
	pools   []func() *x509.CertPool
	now     time.Time
}

// verify verifies what the server presented, its own certificate first, and
// gives the chain up to the trusted authority. Whether a chain is good is for
// Go's verifier to say; the reason it is not is found as OpenSSL finds it.
func (v *verifier) verify(presented []*x509.Certificate) ([]*x509.Certificate, error) {
	own := x509.NewCertPool()
	for _, c := range v.trusted {
		own.AddCert(c)
	}
	roots := []*x509.CertPool{own}
	for _, pool := range v.pools {
		roots = append(roots, pool())
	}
	between := x509.NewCertPool()
	for _, list := range [][]*x509.Certificate{presented[1:], v.between} {
		for _, c := range list {
			between.AddCert(c)
		}
	}
	var chain []*x509.Certificate
	var refusal error
	for _, pool := range roots {
		chains, err := presented[0].Verify(x509.VerifyOptions{
			Roots: pool, Intermediates: between, CurrentTime: v.now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
		if err == nil {
			chain, refusal = chains[0], nil
			break
		}
		refusal = err
	}
	if refusal == nil {
		if e := v.inspect(chain); e != nil {
			return nil, v.raise(e)
		}
		return chain, nil
	}
	e := v.diagnose(presented, roots)
	if e == nil {
		e = &VerifyError{Code: 50, Chain: presented}
	}
	e.Cause = refusal
	return nil, v.raise(e)
}

func (v *verifier) raise(e *VerifyError) error {
	host := v.host
	if v.ip.IsValid() {
		host = v.ip.String()
	}
	e.Message = strings.Replace(verifyTexts[e.Code], "%", host, 1)
	return callHandshake.raise(h1.ErrSSLCertVerificationError,
		"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "+e.Message, "server", e)
}

// diagnose finds out why a chain is refused, in the order in which OpenSSL's
// verify_chain looks.
func (v *verifier) diagnose(presented []*x509.Certificate, roots []*x509.CertPool) *VerifyError {
	chain, e := v.build(presented, roots)
	if e != nil {
		return e
	}
	for depth, c := range chain {
		fail := func(code int) *VerifyError { return &VerifyError{Code: code, Depth: depth, Chain: chain} }
		authority := c.BasicConstraintsValid && c.IsCA && (c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0)
		switch {
		case len(c.UnhandledCriticalExtensions) > 0:
			return fail(34)
		case depth > 0 && !authority && !(c.Version < 3 && selfSigned(c)):
			return fail(79)
		case !serverPurpose(c):
			return fail(26)
		case depth > 1 && (c.MaxPathLen > 0 || c.MaxPathLenZero) && depth-1 > c.MaxPathLen:
			return fail(25)
		}
	}
	if e := v.inspect(chain); e != nil {
		return e
	}
	for depth := len(chain) - 1; depth >= 0; depth-- { // Python: internal_verify goes down from the root
		c, issuer := chain[depth], chain[min(depth+1, len(chain)-1)]
		fail := func(code int) *VerifyError { return &VerifyError{Code: code, Depth: depth, Chain: chain} }
		switch {
		case c != issuer && issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil:
			return fail(7)
		case v.now.Before(c.NotBefore):
			return fail(9)
		case v.now.After(c.NotAfter):
			return fail(10)
		}
	}
	return v.constraints(presented, chain, roots)
}

// build builds the chain that OpenSSL would, whether it is good or not.
func (v *verifier) build(presented []*x509.Certificate, roots []*x509.CertPool) ([]*x509.Certificate, *VerifyError) {
	const tooLong = 100
	chain := []*x509.Certificate{presented[0]}
	local := 0 // how many came from the trust store
	for len(chain) < tooLong {
		c := chain[len(chain)-1]
		if root := v.anchor(c, roots); root != nil {
			if root != c {
				chain = append(chain, root)
			}
			return chain, nil
		}
		if selfSigned(c) {
			code := 19
			if len(chain) == 1 {
				code = 18
			}
			return nil, &VerifyError{Code: code, Depth: len(chain) - 1, Chain: chain}
		}
		issuer := issuerOf(c, v.between, chain)
		if issuer != nil {
			local++
		} else {
			issuer = issuerOf(c, presented[1:], chain)
		}
		if issuer == nil {
			break
		}
		chain = append(chain, issuer)
	}
	code := 20
	if local > 0 {
		code = 2
	}
	return nil, &VerifyError{Code: code, Depth: len(chain) - 1, Chain: chain}
}

// anchor gives the trusted authority that c is, or that issued it. A pool
// cannot be listed, but asked whether it verifies c at a time when c was valid.
func (v *verifier) anchor(c *x509.Certificate, roots []*x509.CertPool) *x509.Certificate {
	for _, root := range v.trusted {
		if root.Equal(c) {
			return c
		}
	}
	if root := issuerOf(c, v.trusted, nil); root != nil {
		return root
	}
	for _, pool := range roots[1:] {
		chains, err := c.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
			CurrentTime: c.NotBefore.Add(c.NotAfter.Sub(c.NotBefore) / 2)})
		if err == nil {
			if len(chains[0]) == 1 {
				return c
			}
			return chains[0][1]
		}
	}
	return nil
}

// issuerOf finds a certificate whose name and key identifier c gives as its
// issuer's, one that is not in the chain yet.
func issuerOf(c *x509.Certificate, list, chain []*x509.Certificate) *x509.Certificate {
	for _, issuer := range list {
		if !bytes.Equal(c.RawIssuer, issuer.RawSubject) ||
			len(c.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(c.AuthorityKeyId, issuer.SubjectKeyId) {
			continue
		}
		used := false
		for _, other := range chain {
			used = used || other.Equal(issuer)
		}
		if !used {
			return issuer
		}
	}
	return nil
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) &&
		(len(c.AuthorityKeyId) == 0 || len(c.SubjectKeyId) == 0 || bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId))
}

// serverPurpose reports whether a certificate may serve TLS servers. OpenSSL:
// check_purpose_ssl_server.
func serverPurpose(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		return true
	}
	for _, usage := range c.ExtKeyUsage {
		if usage == x509.ExtKeyUsageServerAuth || usage == x509.ExtKeyUsageAny {
			return true
		}
	}
	return false
}

// inspect makes the checks that OpenSSL has and Go's verifier has not: what
// security level 2 asks of keys, which is that of Python's default context, and
// the name.
func (v *verifier) inspect(chain []*x509.Certificate) *VerifyError {
	for depth, c := range chain {
		code := 0
		switch {
		case weakKey(c) && depth == 0:
			code = 66
		case weakKey(c):
			code = 67
		case depth < len(chain)-1 && weakDigest(c.SignatureAlgorithm):
			code = 68
		}
		if code != 0 {
			return &VerifyError{Code: code, Depth: depth, Chain: chain}
		}
	}
	switch {
	case v.ip.IsValid():
		for _, ip := range chain[0].IPAddresses {
			if addr, ok := netip.AddrFromSlice(ip); ok && addr.Unmap() == v.ip {
				return nil
			}
		}
		return &VerifyError{Code: 64, Chain: chain}
	case v.host != "":
		for _, name := range chain[0].DNSNames {
			if matches(name, v.host) {
				return nil
			}
		}
		return &VerifyError{Code: 62, Chain: chain}
	}
	return nil
}

// weakKey reports whether a key gives less than 112 bits of security.
func weakKey(c *x509.Certificate) bool {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() < 2048
	case *ecdsa.PublicKey:
		return key.Curve.Params().BitSize < 224
	}
	return false
}

func weakDigest(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

// constraints is what is left when all else is good: the names that an
// authority may not certify.
func (v *verifier) constraints(presented, chain []*x509.Certificate, roots []*x509.CertPool) *VerifyError {
	for depth := len(chain) - 1; depth > 0; depth-- {
		c := chain[depth]
		excluded := len(c.ExcludedDNSDomains) + len(c.ExcludedIPRanges) + len(c.ExcludedEmailAddresses) + len(c.ExcludedURIDomains)
		permitted := len(c.PermittedDNSDomains) + len(c.PermittedIPRanges) + len(c.PermittedEmailAddresses) + len(c.PermittedURIDomains)
		if excluded+permitted == 0 {
			continue
		}
		code := 47
		if permitted == 0 {
			code = 48
		}
		return &VerifyError{Code: code, Depth: 0, Chain: chain}
	}
	return nil
}

// matches reports whether a name of a certificate stands for a host: the same,
// or with a * for the host's whole first label above at least two more. RFC
// 6125 section 6.4, as OpenSSL does it with X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS.
func matches(name, host string) bool {
	if name == "" || host == "" {
		return false
	}
	if equalFold(name, host) {
		return true
	}
	rest, wild := strings.CutPrefix(name, "*.")
	first, tail, dotted := strings.Cut(host, ".")
	if !wild || !dotted || first == "" || !equalFold(rest, tail) {
		return false
	}
	labels := strings.Split(rest, ".")
	for _, label := range labels {
		if label == "" || strings.Contains(label, "*") {
			return false
		}
	}
	for _, c := range []byte(first) {
		if c != '-' && !('0' <= c && c <= '9') && !('a' <= c|0x20 && c|0x20 <= 'z') {
			return false
		}
	}
	return len(labels) >= 2
}

// equalFold compares without regard to the case of ASCII letters.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x != y && !(x|0x20 == y|0x20 && 'a' <= x|0x20 && x|0x20 <= 'z') {
			return false
		}
	}
	return true
}

// keyName is a public key in words: "ECDSA P-256", "RSA 2048".
func keyName(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA " + strconv.Itoa(key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Curve.Params().Name
	}
	return c.PublicKeyAlgorithm.String()
}
