package ssl

import (
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/core/h1"
)

// Handshake messages. RFC 8446 section 4, RFC 5246 section 7.4.
const (
	helloRequest        = 0
	clientHello         = 1
	serverHello         = 2
	newSessionTicket    = 4
	encryptedExtensions = 8
	certificateMessage  = 11
	serverKeyExchange   = 12
	certificateRequest  = 13
	certificateVerify   = 15
	finishedMessage     = 20
	keyUpdate           = 24
)

var messageNames = map[byte]string{
	helloRequest: "hello_request", clientHello: "client_hello", serverHello: "server_hello",
	newSessionTicket: "new_session_ticket", 5: "end_of_early_data", encryptedExtensions: "encrypted_extensions",
	certificateMessage: "certificate", serverKeyExchange: "server_key_exchange", certificateRequest: "certificate_request",
	14: "server_hello_done", certificateVerify: "certificate_verify", 16: "client_key_exchange",
	finishedMessage: "finished", 22: "certificate_status", keyUpdate: "key_update",
}

func messageName(typ byte) string {
	if name := messageNames[typ]; name != "" {
		return name
	}
	return "unknown (" + strconv.Itoa(int(typ)) + ")"
}

// Extensions that are looked into, or common. IANA's registry "TLS
// ExtensionType Values".
var extensionNames = map[uint16]string{
	0: "server_name", 5: "status_request", 10: "supported_groups", 11: "ec_point_formats", 13: "signature_algorithms",
	16: "application_layer_protocol_negotiation", 18: "signed_certificate_timestamp", 21: "padding",
	22: "encrypt_then_mac", 23: "extended_master_secret", 27: "compress_certificate", 28: "record_size_limit",
	35: "session_ticket", 41: "pre_shared_key", 42: "early_data", 43: "supported_versions", 44: "cookie",
	45: "psk_key_exchange_modes", 47: "certificate_authorities", 49: "post_handshake_auth",
	50: "signature_algorithms_cert", 51: "key_share", 65037: "encrypted_client_hello", 65281: "renegotiation_info",
}

// alertName is an alert's name in RFC 8446 section 6.
func alertName(number byte) string {
	if number == 0 {
		return "close_notify"
	}
	text := strings.TrimPrefix(tls.AlertError(number).Error(), "tls: ")
	return text + " (" + strconv.Itoa(int(number)) + ")"
}

func groupName(id tls.CurveID) string {
	if id == 0 {
		return ""
	}
	return strings.TrimPrefix(id.String(), "Curve")
}

// retryRandom marks a server_hello as a hello_retry_request. RFC 8446 section 4.1.3.
var retryRandom, _ = hex.DecodeString("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

// reader reads the fields of a message; after the first that is not there all
// others are empty.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.failed, r.b = true, nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// number reads an integer of n bytes.
func (r *reader) number(n int) (v int) {
	for _, b := range r.bytes(n) {
		v = v<<8 | int(b)
	}
	return v
}

// vector reads what a length of n bytes precedes.
func (r *reader) vector(n int) *reader { return &reader{b: r.bytes(r.number(n))} }

// list reads items of two bytes, by their names.
func (r *reader) list(name func(uint16) string) []any {
	names := []any{}
	for len(r.b) >= 2 {
		names = append(names, name(uint16(r.number(2))))
	}
	return names
}

// message reads a whole handshake message: for what the tap must know itself,
// and for its details in the log.
func (s *session) message(d h1.Direction, message []byte, guards [2]*protection) h1.Pairs {
	r := &reader{b: message[4:]}
	var details h1.Pairs
	add := func(name string, value any) { details = append(details, h1.Arg{Name: name, Value: value}) }
	tls13 := s.version == tls.VersionTLS13
	switch message[0] {
	case clientHello:
		add("version", tls.VersionName(uint16(r.number(2))))
		s.clientRandom = bytes.Clone(r.bytes(32))
		add("random", hex.EncodeToString(s.clientRandom))
		add("session_id", hex.EncodeToString(r.vector(1).b))
		add("cipher_suites", r.vector(2).list(tls.CipherSuiteName))
		r.vector(1) // compression methods: none
		details = append(details, s.extensions(r, clientHello)...)
	case serverHello:
		version, random := uint16(r.number(2)), bytes.Clone(r.bytes(32))
		add("version", tls.VersionName(version))
		add("random", hex.EncodeToString(random))
		add("session_id", hex.EncodeToString(r.vector(1).b))
		suite := uint16(r.number(2))
		add("cipher_suite", tls.CipherSuiteName(suite))
		r.number(1)
		retry := bytes.Equal(random, retryRandom)
		add("hello_retry_request", retry)
		s.version, s.suite, s.serverRandom = version, suite, random
		details = append(details, s.extensions(r, serverHello)...)
		if s.version == tls.VersionTLS13 && !retry {
			guards[h1.Sent].enter(stageHandshake)
			guards[h1.Received].enter(stageHandshake)
		}
	case encryptedExtensions:
		details = append(details, s.extensions(r, encryptedExtensions)...)
	case certificateMessage:
		if tls13 {
			r.vector(1)
		}
		list, sizes := r.vector(3), []any{}
		for len(list.b) > 0 {
			sizes = append(sizes, len(list.vector(3).b))
			if tls13 {
				list.vector(2)
			}
		}
		add("certificates", sizes)
	case certificateVerify:
		add("signature_algorithm", tls.SignatureScheme(r.number(2)).String())
	case serverKeyExchange:
		if r.number(1) == 3 { // named_curve
			add("group", groupName(tls.CurveID(r.number(2))))
		}
	case newSessionTicket:
		add("lifetime", r.number(4))
	case keyUpdate:
		add("update_requested", r.number(1) == 1)
		if guards[d].stage == stageApplication {
			s.update(guards[d])
		}
	case finishedMessage:
		add("verify_data", hex.EncodeToString(r.b))
		if tls13 {
			guards[d].enter(stageApplication)
		}
	}
	return details
}

// extensions reads the extensions of a hello.
func (s *session) extensions(r *reader, message byte) (details h1.Pairs) {
	list, names := r.vector(2), []any{}
	add := func(name string, value any) { details = append(details, h1.Arg{Name: name, Value: value}) }
	version := func(v uint16) string { return tls.VersionName(v) }
	group := func(id uint16) string { return groupName(tls.CurveID(id)) }
	scheme := func(id uint16) string { return tls.SignatureScheme(id).String() }
	for len(list.b) > 0 {
		typ := uint16(list.number(2))
		e := list.vector(2)
		name := extensionNames[typ]
		if name == "" {
			name = strconv.Itoa(int(typ))
		}
		names = append(names, name)
		switch {
		case typ == 0 && message == clientHello:
			entries := e.vector(2)
			entries.number(1) // host_name, the only type
			s.serverName = string(entries.vector(2).b)
			add("server_name", s.serverName)
		case typ == 16:
			protocols, offered := e.vector(2), []any{}
			for len(protocols.b) > 0 {
				offered = append(offered, string(protocols.vector(1).b))
			}
			add("alpn", offered)
		case typ == 43 && message == clientHello:
			add("supported_versions", e.vector(1).list(version))
		case typ == 43 && message == serverHello:
			s.version = uint16(e.number(2))
			add("selected_version", version(s.version))
		case typ == 10 && message == clientHello:
			add("supported_groups", e.vector(2).list(group))
		case typ == 13 && message == clientHello:
			add("signature_algorithms", e.vector(2).list(scheme))
		case typ == 51 && message == clientHello:
			shares, groups := e.vector(2), []any{}
			for len(shares.b) > 0 {
				groups = append(groups, group(uint16(shares.number(2))))
				shares.vector(2)
			}
			add("key_shares", groups)
		case typ == 51 && message == serverHello:
			add("key_share", group(uint16(e.number(2))))
		}
	}
	add("extensions", names)
	return details
}
