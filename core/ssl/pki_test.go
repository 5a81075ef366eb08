package ssl

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// identity is a certificate with its key and the chain that leads to it, the
// certificate itself first.
type identity struct {
	certificate *x509.Certificate
	key         crypto.Signer
	chain       [][]byte
}

var serial int64

// issue makes a certificate; nil as the issuer: it signs itself. What names it
// has depends on the first: an address, or a host name; an authority has none.
func issue(t testing.TB, issuer *identity, name string, change func(*x509.Certificate)) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return issueFor(t, key, issuer, name, change)
}

func issueFor(t testing.TB, key crypto.Signer, issuer *identity, name string, change func(*x509.Certificate)) *identity {
	t.Helper()
	serial++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if strings.HasSuffix(name, "CA") {
		template.IsCA, template.ExtKeyUsage = true, nil
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	} else if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	if change != nil {
		change(template)
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.certificate, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	made := &identity{certificate, key, [][]byte{der}}
	if issuer != nil && issuer.certificate.BasicConstraintsValid {
		made.chain = append(made.chain, issuer.chain...)
	}
	return made
}

func rsaKey(t testing.TB, bits int) crypto.Signer {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// served gives the first n certificates of the chain to a server, all but the
// root if n is 0.
func (i *identity) served(n int) tls.Certificate {
	chain := i.chain
	if n == 0 {
		n = max(1, len(chain)-1)
	}
	return tls.Certificate{Certificate: chain[:n], PrivateKey: i.key}
}

// pem gives the certificate as PEM text.
func (i *identity) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.certificate.Raw}))
}

// pair gives certificate and key in one PEM text.
func (i *identity) pair(t testing.TB) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return i.pem() + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}
