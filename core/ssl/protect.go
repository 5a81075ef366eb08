package ssl

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/stepwire/stepwire/core/h1"
)

// session is what both directions share: what was negotiated, and the secrets.
type session struct {
	version      uint16 // 0: not known yet
	suite        uint16
	serverName   string
	clientRandom []byte
	serverRandom []byte
	secrets      map[string][]byte // by their label in the key log
}

// learn takes a line of the key log: label, client random, secret. RFC 9850
// section 2.
func (s *session) learn(line []byte) {
	words := bytes.Fields(line)
	if len(words) != 3 {
		return
	}
	secret, err := hex.DecodeString(string(words[2]))
	if err != nil {
		return
	}
	if s.secrets == nil {
		s.secrets = map[string][]byte{}
	}
	s.secrets[string(words[0])] = secret
}

// stage is which keys protect a direction.
type stage uint8

const (
	stagePlain stage = iota
	stageTLS12
	stageHandshake
	stageApplication
)

// protection is how the records of one direction are protected.
type protection struct {
	stage  stage
	opener *opener // nil: not derived yet
	secret []byte  // the traffic secret of TLS 1.3, once it has been updated
}

// enter begins a stage.
func (p *protection) enter(s stage) { p.stage, p.opener, p.secret = s, nil, nil }

// covers reports whether a record of an outer type is protected. In TLS 1.3
// all protected records look like application data, and what else there is is
// in the clear: change_cipher_spec for old middleboxes, and early alerts.
func (p *protection) covers(outer byte) bool {
	switch p.stage {
	case stagePlain:
		return false
	case stageTLS12:
		return outer != typeChangeCipherSpec
	}
	return outer == typeApplicationData
}

// changeCipherSpec is what the message of that name means in TLS 1.2; TLS 1.3
// has it for show.
func (s *session) changeCipherSpec(p *protection) {
	if s.version == tls.VersionTLS12 {
		p.enter(stageTLS12)
	}
}

// opener opens the records of one direction.
type opener struct {
	aead     cipher.AEAD
	iv       []byte
	explicit bool // the nonce's second part is in the record
	tls13    bool
	sequence uint64
}

var errSuite = errors.New("the cipher suite is not one that the client offers")

// opener gives what opens the next record; false: its secret is still to come.
func (s *session) opener(p *protection, d h1.Direction) (*opener, bool) {
	if p.opener != nil {
		return p.opener, true
	}
	if p.stage == stageTLS12 {
		master := s.secrets["CLIENT_RANDOM"]
		if master == nil {
			return nil, false
		}
		p.opener = s.opener12(master, d)
		return p.opener, true
	}
	secret := p.secret
	if secret == nil {
		labels := map[stage][2]string{
			stageHandshake:   {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"},
			stageApplication: {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"},
		}
		if secret = s.secrets[labels[p.stage][d]]; secret == nil {
			return nil, false
		}
		p.secret = secret
	}
	p.opener = s.opener13(secret)
	return p.opener, true
}

// algorithm is what a suite consists of. sealed is nil for a suite that is not
// offered.
func algorithm(suite uint16) (digest func() hash.Hash, keySize int, seal func(key []byte) (cipher.AEAD, error)) {
	gcm := func(key []byte) (cipher.AEAD, error) {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return cipher.NewGCM(block)
	}
	switch suite {
	case tls.TLS_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:
		return sha256.New, 16, gcm
	case tls.TLS_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384:
		return sha512.New384, 32, gcm
	case tls.TLS_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256:
		return sha256.New, chacha20poly1305.KeySize, chacha20poly1305.New
	}
	return nil, 0, nil
}

// expandLabel is HKDF-Expand-Label with an empty context. RFC 8446 section 7.1.
func expandLabel(digest func() hash.Hash, secret []byte, label string, n int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "+label...)
	info = append(info, 0)
	key, err := hkdf.Expand(digest, secret, string(info), n)
	if err != nil {
		panic(err) // n is a key's size
	}
	return key
}

// opener13 derives the keys of RFC 8446 section 7.3.
func (s *session) opener13(secret []byte) *opener {
	digest, size, seal := algorithm(s.suite)
	if seal == nil {
		return &opener{}
	}
	aead, err := seal(expandLabel(digest, secret, "key", size))
	if err != nil {
		return &opener{}
	}
	return &opener{aead: aead, iv: expandLabel(digest, secret, "iv", aead.NonceSize()), tls13: true}
}

// opener12 derives the keys of RFC 5246 section 6.3.
func (s *session) opener12(master []byte, d h1.Direction) *opener {
	digest, size, seal := algorithm(s.suite)
	if seal == nil {
		return &opener{}
	}
	fixed, explicit := 4, true
	if size == chacha20poly1305.KeySize && digest().Size() == sha256.Size {
		fixed, explicit = chacha20poly1305.NonceSize, false
	}
	seed := append(append([]byte("key expansion"), s.serverRandom...), s.clientRandom...)
	block := prf(digest, master, seed, 2*size+2*fixed)
	own := int(d) // the client's come first
	aead, err := seal(block[own*size : (own+1)*size])
	if err != nil {
		return &opener{}
	}
	ivs := block[2*size:]
	return &opener{aead: aead, iv: ivs[own*fixed : (own+1)*fixed], explicit: explicit}
}

// prf is P_hash of RFC 5246 section 5.
func prf(digest func() hash.Hash, secret, seed []byte, n int) []byte {
	sum := func(parts ...[]byte) []byte {
		m := hmac.New(digest, secret)
		for _, p := range parts {
			m.Write(p)
		}
		return m.Sum(nil)
	}
	var out []byte
	for a := sum(seed); len(out) < n; a = sum(a) {
		out = append(out, sum(a, seed)...)
	}
	return out[:n]
}

// update is what key_update does. RFC 8446 section 7.2.
func (s *session) update(p *protection) {
	digest, _, seal := algorithm(s.suite)
	if seal == nil || p.secret == nil {
		return
	}
	p.secret = expandLabel(digest, p.secret, "traffic upd", len(p.secret))
	p.opener = nil
}

// opened is a record without its protection.
type opened struct {
	typ     byte
	content []byte
	nonce   int // bytes of the record, around the content
	padding int
	tag     int
	tls13   bool
}

// parts lists what a record consists of after its header, in order.
func (o *opened) parts() (list []any) {
	if o.nonce > 0 {
		list = append(list, part("nonce", o.nonce))
	}
	list = append(list, part("content", len(o.content)))
	if o.tls13 {
		list = append(list, part("content-type", 1))
	}
	if o.padding > 0 {
		list = append(list, part("padding", o.padding))
	}
	return append(list, part("tag", o.tag))
}

var errOpen = errors.New("the record does not open: it was damaged, or made with another key")

// open opens a record; it counts them.
func (o *opener) open(record []byte) (*opened, error) {
	if o.aead == nil {
		return nil, errSuite
	}
	nonce := make([]byte, o.aead.NonceSize())
	copy(nonce, o.iv)
	sealed := record[recordHeader:]
	result := &opened{typ: record[0], tag: o.aead.Overhead(), tls13: o.tls13}
	var sequence [8]byte
	binary.BigEndian.PutUint64(sequence[:], o.sequence)
	o.sequence++
	if o.explicit {
		result.nonce = copy(nonce[len(o.iv):], sealed)
		sealed = sealed[result.nonce:]
	} else {
		for i, b := range sequence {
			nonce[len(nonce)-len(sequence)+i] ^= b
		}
	}
	if len(sealed) < result.tag {
		return nil, errOpen
	}
	additional := record[:recordHeader]
	if !o.tls13 {
		additional = append(sequence[:], record[:3]...)
		additional = binary.BigEndian.AppendUint16(additional, uint16(len(sealed)-result.tag))
	}
	content, err := o.aead.Open(nil, nonce, sealed, additional)
	if err != nil {
		return nil, errOpen
	}
	if o.tls13 { // the type follows the content, and zeros may follow it
		end := len(bytes.TrimRight(content, "\x00"))
		if end == 0 {
			return nil, errOpen
		}
		result.padding = len(content) - end
		result.typ, content = content[end-1], content[:end-1]
	}
	result.content = content
	return result, nil
}
