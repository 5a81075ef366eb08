package demo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// ServeSecure is [Serve] over TLS, as host and on loopback addresses. The
// certificate is issued at each start by an authority made for it alone, whose
// key is forgotten at once and which may certify nothing else: whoever trusts it
// trusts nobody else.
func ServeSecure(l net.Listener, host string) (*Server, error) {
	return serveSecure(l, host, defaultLimits)
}

func serveSecure(l net.Listener, host string, limits limits) (*Server, error) {
	certificate, authority, err := certify(host, time.Now())
	if err != nil {
		return nil, fmt.Errorf("demo origin: no certificate: %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}}
	return serve(tls.NewListener(l, config), limits, authority), nil
}

// Authority is the PEM text of the only authority that the server's certificate
// comes from; empty without TLS.
func (s *Server) Authority() string { return s.authority }

// lifetime is longer than a process runs.
const lifetime = 10 * 365 * 24 * time.Hour

// certify makes an authority, and from it a certificate for a host and the
// loopback addresses.
func certify(host string, now time.Time) (certificate tls.Certificate, authority string, err error) {
	loopback := []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0), Mask: net.CIDRMask(8, 32)}, {IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)}}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "Stepwire demo CA, for this run only"},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(lifetime),
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		KeyUsage:                    x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{host},
		PermittedIPRanges:           loopback,
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate, "", err
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return certificate, "", err
	}
	if ca, err = x509.ParseCertificate(caDER); err != nil {
		return certificate, "", err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "Stepwire demo origin"},
		NotBefore:    ca.NotBefore, NotAfter: ca.NotAfter,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:              []string{host},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate, "", err
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return certificate, "", err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(text), nil
}
