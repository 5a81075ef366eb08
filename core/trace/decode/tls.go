package decode

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"
)

// Record types and handshake messages that decryption has to know. RFC 8446
// sections 5.1 and 4.
const (
	recordChangeCipher = 20
	recordHandshake    = 22
	recordData         = 23

	messageClientHello = 1
	messageServerHello = 2
	messageFinished    = 20
	messageKeyUpdate   = 24
)

// suite is a cipher suite with its hash and key size.
type suite struct {
	hash func() hash.Hash
	key  int
	aead func(key []byte) (cipher.AEAD, error)
	// implicit: the nonce is the IV with the record number mixed in, and no
	// part of it travels along.
	implicit bool
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// suites are those of TLS 1.3, and of TLS 1.2 those with an AEAD.
var suites = map[uint16]suite{
	0x1301: {sha256.New, 16, gcm, true},
	0x1302: {sha512.New384, 32, gcm, true},
	0x1303: {sha256.New, 32, chacha20poly1305.New, true},
	0xc02b: {sha256.New, 16, gcm, false},
	0xc02f: {sha256.New, 16, gcm, false},
	0x009c: {sha256.New, 16, gcm, false},
	0xc02c: {sha512.New384, 32, gcm, false},
	0xc030: {sha512.New384, 32, gcm, false},
	0x009d: {sha512.New384, 32, gcm, false},
	0xcca8: {sha256.New, 32, chacha20poly1305.New, true},
	0xcca9: {sha256.New, 32, chacha20poly1305.New, true},
}

// decryptTLS decrypts both directions of a TLS 1.2 or 1.3 session with the
// secrets of a key log. RFC 9850, RFC 8446, RFC 5246.
func decryptTLS(sent, received, keyLog []byte) (plainSent, plainReceived plaintext, err error) {
	client, err := hello(sent, messageClientHello)
	if err != nil {
		return plaintext{}, plaintext{}, fmt.Errorf("client: %w", err)
	}
	server, err := hello(received, messageServerHello)
	if err != nil {
		return plaintext{}, plaintext{}, fmt.Errorf("server: %w", err)
	}
	s, ok := suites[server.suite]
	if !ok {
		return plaintext{}, plaintext{}, fmt.Errorf("cipher suite 0x%04x is not supported: expected one with an AEAD", server.suite)
	}
	secrets := secretsOf(keyLog, client.random)
	if server.tls13 {
		plainSent, err = decrypt13(sent, s, secrets["CLIENT_HANDSHAKE_TRAFFIC_SECRET"], secrets["CLIENT_TRAFFIC_SECRET_0"])
		if err != nil {
			return plaintext{}, plaintext{}, err
		}
		plainReceived, err = decrypt13(received, s, secrets["SERVER_HANDSHAKE_TRAFFIC_SECRET"], secrets["SERVER_TRAFFIC_SECRET_0"])
		return plainSent, plainReceived, err
	}
	master := secrets["CLIENT_RANDOM"]
	if master == nil {
		return plaintext{}, plaintext{}, errNoKeys
	}
	iv := 4
	if s.implicit {
		iv = 12
	}
	block := prf(s.hash, master, "key expansion", append(bytes.Clone(server.random), client.random...), 2*(s.key+iv))
	keys, ivs := block[:2*s.key], block[2*s.key:]
	if plainSent, err = decrypt12(sent, s, keys[:s.key], ivs[:iv]); err != nil {
		return plaintext{}, plaintext{}, err
	}
	plainReceived, err = decrypt12(received, s, keys[s.key:], ivs[iv:])
	return plainSent, plainReceived, err
}

var errNoKeys = errors.New("the key log has no secrets of this session")

// record is one TLS record.
type record struct {
	kind   byte
	header []byte
	body   []byte
	end    int // where it ends in the stream
}

// plaintext is the application data of one direction, with where each record
// that carried it ends there and in the stream.
type plaintext struct {
	bytes   []byte
	records []struct{ plain, stream int }
}

func (p *plaintext) add(content []byte, r record) {
	p.bytes = append(p.bytes, content...)
	p.records = append(p.records, struct{ plain, stream int }{len(p.bytes), r.end})
}

// times says when the plaintext could be read, from when the stream arrived.
func (p *plaintext) times(stream timeline) (times timeline) {
	for _, r := range p.records {
		if last, ok := stream.at(r.stream - 1); ok {
			times = times.mark(r.plain, last.at)
		}
	}
	return times
}

// records takes a stream apart; a last record that was cut off is left out.
func records(b []byte) (list []record) {
	end := 0
	for len(b) >= 5 {
		n := int(binary.BigEndian.Uint16(b[3:]))
		if 5+n > len(b) {
			break
		}
		end += 5 + n
		list = append(list, record{b[0], b[:5], b[5 : 5+n], end})
		b = b[5+n:]
	}
	return list
}

// greeting is what decryption needs of a hello.
type greeting struct {
	random []byte
	suite  uint16 // server
	tls13  bool   // server
}

// retry is the random of a HelloRetryRequest. RFC 8446 section 4.1.3.
var retry, _ = hex.DecodeString("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

// hello finds a ClientHello or ServerHello at the beginning of a stream.
func hello(stream []byte, kind byte) (greeting, error) {
	var messages []byte
	for _, r := range records(stream) {
		if r.kind != recordHandshake {
			if r.kind == recordChangeCipher {
				continue
			}
			break
		}
		messages = append(messages, r.body...)
	}
	for len(messages) >= 4 {
		n := int(messages[1])<<16 | int(messages[2])<<8 | int(messages[3])
		if 4+n > len(messages) {
			break
		}
		body := messages[4 : 4+n]
		if messages[0] == kind && len(body) >= 35 {
			g := greeting{random: body[2:34]}
			if kind == messageClientHello {
				return g, nil
			}
			if !bytes.Equal(g.random, retry) {
				return g, g.server(body[34:])
			}
		}
		messages = messages[4+n:]
	}
	return greeting{}, errors.New("the capture does not have the beginning of the TLS handshake")
}

// server reads a ServerHello from its session id on.
func (g *greeting) server(b []byte) error {
	bad := errors.New("the ServerHello is malformed")
	id := int(b[0])
	if len(b) < 1+id+3 {
		return bad
	}
	b = b[1+id:]
	g.suite = binary.BigEndian.Uint16(b)
	if b = b[3:]; len(b) < 2 {
		return nil
	}
	b = b[2:]
	for len(b) >= 4 {
		n := int(binary.BigEndian.Uint16(b[2:]))
		if 4+n > len(b) {
			return bad
		}
		const supportedVersions = 43
		if binary.BigEndian.Uint16(b) == supportedVersions && n == 2 {
			g.tls13 = binary.BigEndian.Uint16(b[4:]) == 0x0304
		}
		b = b[4+n:]
	}
	return nil
}

// secretsOf finds a session's secrets in a key log, by label.
func secretsOf(keyLog, random []byte) map[string][]byte {
	found := map[string][]byte{}
	lines := bufio.NewScanner(bytes.NewReader(keyLog))
	for lines.Scan() {
		fields := bytes.Fields(lines.Bytes())
		if len(fields) != 3 || fields[0][0] == '#' {
			continue
		}
		id, err := hex.DecodeString(string(fields[1]))
		secret, err2 := hex.DecodeString(string(fields[2]))
		if err == nil && err2 == nil && bytes.Equal(id, random) {
			found[string(fields[0])] = secret
		}
	}
	return found
}

// keys13 is the state of one direction of TLS 1.3.
type keys13 struct {
	suite  suite
	secret []byte
	aead   cipher.AEAD
	iv     []byte
	number uint64
}

// expand is HKDF-Expand-Label with an empty context. RFC 8446 section 7.1.
func (s suite) expand(secret []byte, label string, n int) ([]byte, error) {
	label = "tls13 " + label
	info := append([]byte{byte(n >> 8), byte(n), byte(len(label))}, label...)
	return hkdf.Expand(s.hash, secret, string(append(info, 0)), n)
}

func (k *keys13) use(secret []byte) error {
	if secret == nil {
		return errNoKeys
	}
	key, err := k.suite.expand(secret, "key", k.suite.key)
	if err != nil {
		return err
	}
	if k.iv, err = k.suite.expand(secret, "iv", 12); err != nil {
		return err
	}
	k.aead, err = k.suite.aead(key)
	k.secret, k.number = secret, 0
	return err
}

// nonce mixes the record's number into the IV. RFC 8446 section 5.3.
func nonce(iv []byte, number uint64) []byte {
	n := bytes.Clone(iv)
	for i := range 8 {
		n[len(n)-1-i] ^= byte(number >> (8 * i))
	}
	return n
}

// decrypt13 decrypts one direction of TLS 1.3 and gives its application data.
func decrypt13(stream []byte, s suite, handshake, traffic []byte) (plain plaintext, err error) {
	k := keys13{suite: s}
	if err := k.use(handshake); err != nil {
		return plain, err
	}
	var messages []byte // of the handshake, not yet whole
	for i, r := range records(stream) {
		if r.kind != recordData { // the hello, and the ChangeCipherSpec for middleboxes
			continue
		}
		inner, err := k.aead.Open(nil, nonce(k.iv, k.number), r.body, r.header)
		if err != nil {
			return plain, fmt.Errorf("record %d does not decrypt: %w", i, err)
		}
		k.number++
		inner = bytes.TrimRight(inner, "\x00")
		if len(inner) == 0 {
			return plain, fmt.Errorf("record %d has no content type", i)
		}
		kind, content := inner[len(inner)-1], inner[:len(inner)-1]
		switch kind {
		case recordData:
			plain.add(content, r)
		case recordHandshake:
			messages = append(messages, content...)
			for len(messages) >= 4 {
				n := int(messages[1])<<16 | int(messages[2])<<8 | int(messages[3])
				if 4+n > len(messages) {
					break
				}
				if err := k.message(messages[0], traffic); err != nil {
					return plain, err
				}
				messages = messages[4+n:]
			}
		}
	}
	return plain, nil
}

// message changes the keys where a handshake message says so.
func (k *keys13) message(kind byte, traffic []byte) error {
	switch kind {
	case messageFinished:
		return k.use(traffic)
	case messageKeyUpdate:
		next, err := k.suite.expand(k.secret, "traffic upd", k.suite.hash().Size())
		if err != nil {
			return err
		}
		return k.use(next)
	}
	return nil
}

// prf is the pseudorandom function of TLS 1.2. RFC 5246 section 5.
func prf(h func() hash.Hash, secret []byte, label string, seed []byte, n int) []byte {
	seed = append([]byte(label), seed...)
	mac := hmac.New(h, secret)
	sum := func(parts ...[]byte) []byte {
		mac.Reset()
		for _, p := range parts {
			mac.Write(p)
		}
		return mac.Sum(nil)
	}
	var out []byte
	for a := sum(seed); len(out) < n; a = sum(a) {
		out = append(out, sum(a, seed)...)
	}
	return out[:n]
}

// decrypt12 decrypts one direction of TLS 1.2 and gives its application data.
func decrypt12(stream []byte, s suite, key, iv []byte) (plain plaintext, err error) {
	aead, err := s.aead(key)
	if err != nil {
		return plain, err
	}
	encrypted := false
	var number uint64
	for i, r := range records(stream) {
		if r.kind == recordChangeCipher {
			encrypted = true
			continue
		}
		if !encrypted {
			continue
		}
		body := r.body
		var n []byte
		if s.implicit {
			n = nonce(iv, number)
		} else {
			if len(body) < 8 {
				return plain, fmt.Errorf("record %d is too short", i)
			}
			n = append(bytes.Clone(iv), body[:8]...)
			body = body[8:]
		}
		size := len(body) - aead.Overhead()
		if size < 0 {
			return plain, fmt.Errorf("record %d is too short", i)
		}
		extra := binary.BigEndian.AppendUint64(nil, number)
		extra = append(extra, r.header[:3]...)
		extra = binary.BigEndian.AppendUint16(extra, uint16(size))
		content, err := aead.Open(nil, n, body, extra)
		if err != nil {
			return plain, fmt.Errorf("record %d does not decrypt: %w", i, err)
		}
		number++
		if r.kind == recordData {
			plain.add(content, r)
		}
	}
	return plain, nil
}
