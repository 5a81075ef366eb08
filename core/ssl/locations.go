package ssl

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stepwire/stepwire/core/h1"
)

// Locations is where trusted authorities are found; at least one place.
type Locations struct {
	CAFile string // file of PEM certificates. Python: cafile
	CAPath string // folder of such files, named as c_rehash names them. Python: capath
	CAData []byte // the certificates themselves, PEM or DER. Python: cadata

	// ReadFile reads CAFile where the system has no files; nil: os.ReadFile.
	ReadFile func(name string) ([]byte, error)
}

// hashed reports whether a file is named as c_rehash names authorities:
// eight hexadecimal digits, a dot and a number.
func hashed(name string) bool {
	const digits = 8
	if len(name) < digits+2 || name[digits] != '.' {
		return false
	}
	return strings.Trim(name[:digits], "0123456789abcdef") == "" && strings.Trim(name[digits+1:], "0123456789") == ""
}

// LoadVerifyLocations adds trusted authorities. Raises FileNotFoundError, and
// SSLError for what holds no certificate.
// Python: SSLContext.load_verify_locations.
func (c *SSLContext) LoadVerifyLocations(l *Locations) error {
	if l == nil || l.CAFile == "" && l.CAPath == "" && l.CAData == nil {
		return h1.Raise(h1.ErrTypeError, "cafile, capath and cadata cannot be all omitted")
	}
	var found []*x509.Certificate
	if l.CAData != nil {
		certificates, err := parseData(l.CAData)
		if err != nil {
			return err
		}
		found = append(found, certificates...)
	}
	if l.CAFile != "" {
		read := l.ReadFile
		if read == nil {
			read = os.ReadFile
		}
		text, err := read(l.CAFile)
		if err != nil {
			return fileError("", err)
		}
		certificates := parsePEM(text)
		if len(certificates) == 0 {
			return call{line: "4154"}.raise(h1.ErrSSLError, reasonText("X509", "no certificate or crl found"), "caller",
				errors.New(l.CAFile+" holds no PEM certificate"))
		}
		found = append(found, certificates...)
	}
	if l.CAPath != "" {
		entries, _ := os.ReadDir(l.CAPath) // OpenSSL looks into it only when it needs a certificate
		for _, entry := range entries {
			if !hashed(entry.Name()) {
				continue
			}
			if text, err := os.ReadFile(filepath.Join(l.CAPath, entry.Name())); err == nil {
				found = append(found, parsePEM(text)...)
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, certificate := range found {
		if selfSigned(certificate) {
			c.trusted = append(c.trusted, certificate)
		} else {
			c.between = append(c.between, certificate)
		}
	}
	return nil
}

// LoadVerifyPool adds the authorities of a pool.
func (c *SSLContext) LoadVerifyPool(pool *x509.CertPool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pools = append(c.pools, func() *x509.CertPool { return pool })
}

// LoadDefaultCerts adds the system's authorities; in a browser, which shows its
// own to nobody, those that Mozilla trusts. Python: SSLContext.load_default_certs.
func (c *SSLContext) LoadDefaultCerts() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pools = append(c.pools, defaultRoots)
}

// parsePEM finds the certificates of a PEM text. One that Go cannot read is
// passed over: bundles have had such.
func parsePEM(text []byte) (list []*x509.Certificate) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return list
		}
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
			if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
				list = append(list, certificate)
			}
		}
	}
}

// parseData reads the cadata argument.
func parseData(data []byte) ([]*x509.Certificate, error) {
	const line, absent = "4020", ": cadata does not contain a certificate"
	refuse := func(text string) error {
		return call{line: line}.raise(h1.ErrSSLError, text+absent, "caller", nil)
	}
	if len(data) == 0 {
		return nil, h1.Raise(h1.ErrValueError, "Empty certificate data")
	}
	if data[0] == 0x30 { // a DER sequence
		list, err := x509.ParseCertificates(data)
		if err != nil {
			return nil, refuse("not enough data")
		}
		return list, nil
	}
	list := parsePEM(data)
	if len(list) == 0 {
		return nil, refuse("no start line")
	}
	return list, nil
}

// LoadCertChain reads the client's own certificate, with the authorities that
// lead to it, and its key; keyFile may be empty if the first file has both.
// Raises FileNotFoundError, and SSLError for what cannot be used.
// Python: SSLContext.load_cert_chain.
func (c *SSLContext) LoadCertChain(certFile, keyFile string) error {
	if certFile == "" {
		return h1.Raise(h1.ErrTypeError, "certfile should be a valid filesystem path")
	}
	if keyFile == "" {
		keyFile = certFile
	}
	certificate, err := os.ReadFile(certFile)
	if err != nil {
		return fileError("", err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return fileError("", err)
	}
	return c.LoadCertChainPEM(certificate, key)
}

// LoadCertChainPEM is LoadCertChain of PEM text, for where there are no files.
func (c *SSLContext) LoadCertChainPEM(certificate, key []byte) error {
	if !bytes.Contains(certificate, []byte("-----BEGIN CERTIFICATE-----")) {
		return call{line: "3905"}.raise(h1.ErrSSLError, "[SSL] PEM lib", "caller", errors.New("there is no PEM certificate"))
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		text := "[SSL] PEM lib"
		if err.Error() == "tls: private key does not match public key" || err.Error() == "tls: private key type does not match public key type" {
			text = reasonText("X509", "key values mismatch")
		}
		return call{line: "3926"}.raise(h1.ErrSSLError, text, "caller", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.certificate = &pair
	return nil
}

// fileError is the OSError for a file that cannot be opened; Python names the
// file in some of them.
func fileError(name string, err error) error {
	class, text := h1.ErrOSError, err.Error()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		class, text = h1.ErrFileNotFoundError, "[Errno 2] No such file or directory"
	case errors.Is(err, fs.ErrPermission):
		class, text = h1.ErrPermissionError, "[Errno 13] Permission denied"
	default:
		name = ""
	}
	if name != "" {
		text += ": '" + name + "'"
	}
	e := h1.Raise(class, text)
	e.Party, e.Cause = "caller", err
	return e
}
