package decode

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// tap keeps what goes through a connection.
type tap struct {
	net.Conn
	mu         sync.Mutex
	sent, read []byte
}

func (c *tap) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.mu.Lock()
	c.sent = append(c.sent, p[:n]...)
	c.mu.Unlock()
	return n, err
}

func (c *tap) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	c.read = append(c.read, p[:n]...)
	c.mu.Unlock()
	return n, err
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"a.example"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// session makes a TLS session and gives its two streams and its key log.
func session(t *testing.T, version, suite uint16) (sent, received, keys []byte) {
	t.Helper()
	client, server := net.Pipe()
	wire := &tap{Conn: client}
	var keyLog bytes.Buffer
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version, KeyLogWriter: &keyLog}
	if suite != 0 {
		config.CipherSuites = []uint16{suite}
	}
	c := tls.Client(wire, config)
	s := tls.Server(server, &tls.Config{Certificates: []tls.Certificate{certificate(t)}})
	done := make(chan error, 1)
	go func() {
		buf := make([]byte, len(request))
		if _, err := io.ReadFull(s, buf); err != nil {
			done <- err
			return
		}
		_, err := io.WriteString(s, response)
		s.Close()
		done <- err
	}()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); err != nil || string(got) != response {
		t.Fatalf("%q, %v", got, err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c.Close()
	wire.mu.Lock()
	defer wire.mu.Unlock()
	return wire.sent, wire.read, keyLog.Bytes()
}

func TestTLSIsDecrypted(t *testing.T) {
	for name, c := range map[string]struct{ version, suite uint16 }{
		"1.3":             {tls.VersionTLS13, 0},
		"1.2 AES-128-GCM": {tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		"1.2 AES-256-GCM": {tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384},
		"1.2 ChaCha20":    {tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256},
	} {
		sent, received, keys := session(t, c.version, c.suite)
		plainSent, plainReceived, err := decryptTLS(sent, received, keys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(plainSent.bytes) != request || string(plainReceived.bytes) != response {
			t.Errorf("%s: %q, %q", name, plainSent.bytes, plainReceived.bytes)
		}
		if _, _, err := decryptTLS(sent, received, nil); err != errNoKeys {
			t.Errorf("%s without keys: %v, want %v", name, err, errNoKeys)
		}
		cut := received[:len(received)-30]
		if _, _, err := decryptTLS(sent, cut, keys); err != nil {
			t.Errorf("%s cut off: %v", name, err)
		}
	}
}

// A connection is taken for TLS by either of its directions, and is not counted
// among those that nothing can be said of.
func TestEitherDirectionShowsTLS(t *testing.T) {
	sent, received, _ := session(t, tls.VersionTLS13, 0)
	for name, data := range map[string][2][]byte{"sent": {sent, nil}, "received": {nil, received}} {
		f := &factory{list: []*stream{{data: data}}}
		list, _, err := f.conversations(nil)
		if len(list) > 0 || err == nil || !strings.Contains(err.Error(), "1 over TLS without their keys") {
			t.Errorf("only %s: %d conversations, %v", name, len(list), err)
		}
	}
}

func TestSessionsThatCannotBeDecryptedSayWhy(t *testing.T) {
	sent, received, keys := session(t, tls.VersionTLS13, 0)
	other := bytes.Clone(received)
	other[len(other)-40] ^= 1
	for name, c := range map[string]struct {
		sent, received []byte
		want           string
	}{
		"middle":    {sent[5+int(sent[3])<<8+int(sent[4]):], received, "beginning"},
		"no answer": {sent, nil, "beginning"},
		"changed":   {sent, other, "does not decrypt"},
	} {
		if _, _, err := decryptTLS(c.sent, c.received, keys); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
	sent, received, keys = session(t, tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)
	for _, size := range []byte{0, 7, 8, 23} { // of the nonce there are 8, of the tag 16
		short := append(bytes.Clone(received), append([]byte{recordData, 3, 3, 0, size}, make([]byte, size)...)...)
		if _, _, err := decryptTLS(sent, short, keys); err == nil || !strings.Contains(err.Error(), "too short") {
			t.Errorf("a record of %d bytes: %v", size, err)
		}
	}
}

// FuzzTLS feeds the handshake parser.
func FuzzTLS(f *testing.F) {
	f.Add([]byte("\x16\x03\x01\x00\x04\x01\x00\x00\x00"), []byte("\x16\x03\x03\x00\x04\x02\x00\x00\x00"), []byte("CLIENT_RANDOM 00 00\n"))
	f.Fuzz(func(t *testing.T, sent, received, keys []byte) {
		decryptTLS(sent, received, keys)
	})
}
