package ssl

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// tap reads along below TLS and reports every record that goes over the
// transport: it cuts the two streams into records and opens them with the
// secrets that Go's TLS hands out for a key log.
type tap struct {
	emit    func(*h1.Event)
	streams [2]stream // by direction
	session session
	keyLog  io.Writer // of the context; nil: nobody else gets the secrets
}

// stream is one direction of the transport.
type stream struct {
	pending []byte // what has gone over it and is not reported
	offset  int64  // of pending, in the transport's stream
	plain   int64  // where the next application data begins, in the plaintext stream
	foreign bool   // what goes over it is not TLS, or not any more
	guard   protection
	message []byte // of the handshake, as far as it has come
}

func newTap(opts *core.WrapOptions) *tap {
	t := &tap{emit: opts.Trace}
	t.streams[h1.Sent].offset, t.streams[h1.Sent].plain = opts.Sent, opts.Sent
	t.streams[h1.Received].offset, t.streams[h1.Received].plain = opts.Received, opts.Received
	return t
}

// moved takes what went over the transport.
func (t *tap) moved(d h1.Direction, p []byte) {
	s := &t.streams[d]
	s.pending = append(s.pending, p...)
	t.drain(d)
}

// Write takes a line of the key log.
func (t *tap) Write(line []byte) (int, error) {
	t.session.learn(line)
	for _, d := range []h1.Direction{h1.Sent, h1.Received} {
		t.drain(d) // records may have waited for this secret
	}
	if t.keyLog != nil {
		return t.keyLog.Write(line)
	}
	return len(line), nil
}

// Sizes of a record. RFC 8446 section 5.
const (
	recordHeader = 5
	maxFragment  = 1<<14 + 2048 // what TLS 1.2 allows
)

// Content types. RFC 8446 section B.1.
const (
	typeChangeCipherSpec = 20
	typeAlert            = 21
	typeHandshake        = 22
	typeApplicationData  = 23
)

func contentName(typ byte) string {
	switch typ {
	case typeChangeCipherSpec:
		return "change_cipher_spec"
	case typeAlert:
		return "alert"
	case typeHandshake:
		return "handshake"
	case typeApplicationData:
		return "application_data"
	}
	return "unknown"
}

// drain reports the records that are complete and can be opened.
func (t *tap) drain(d h1.Direction) {
	s := &t.streams[d]
	for len(s.pending) > 0 {
		if !s.foreign && (s.pending[0] < typeChangeCipherSpec || s.pending[0] > typeApplicationData+1) {
			s.foreign = true
		}
		if s.foreign {
			t.opaque(d, len(s.pending), "not-tls")
			return
		}
		if len(s.pending) < recordHeader {
			return
		}
		length := int(s.pending[3])<<8 | int(s.pending[4])
		if s.pending[1] != 3 || length > maxFragment {
			s.foreign = true
			continue
		}
		if len(s.pending) < recordHeader+length {
			return
		}
		if !t.report(d, s.pending[:recordHeader+length]) {
			return // its keys are still to come
		}
	}
}

// flush reports what is left when nothing more comes.
func (t *tap) flush() {
	for _, d := range []h1.Direction{h1.Sent, h1.Received} {
		s := &t.streams[d]
		for len(s.pending) > 0 {
			n, content := len(s.pending), "incomplete"
			if len(s.pending) >= recordHeader {
				if length := recordHeader + int(s.pending[3])<<8 + int(s.pending[4]); length <= n {
					n, content = length, contentName(s.pending[0])
				}
			}
			t.opaque(d, n, content)
		}
	}
}

// opaque reports bytes that cannot be looked into.
func (t *tap) opaque(d h1.Direction, n int, content string) {
	t.record(d, n, []h1.Arg{{Name: "content", Value: content}})
}

// record reports the first n bytes that are pending.
func (t *tap) record(d h1.Direction, n int, args []h1.Arg) {
	s := &t.streams[d]
	t.emit(&h1.Event{Kind: h1.EventTLSRecord, Dir: d, Start: s.offset, Bytes: s.pending[:n:n], Args: args})
	s.offset += int64(n)
	s.pending = s.pending[n:]
	if len(s.pending) == 0 {
		s.pending = nil
	}
}

// report opens a record and reports it. False: its keys are not known yet.
func (t *tap) report(d h1.Direction, record []byte) bool {
	s := &t.streams[d]
	outer := record[0]
	typ, content := outer, record[recordHeader:]
	args := []h1.Arg{{Name: "content", Value: ""}, {Name: "outer", Value: contentName(outer)},
		{Name: "version", Value: tls.VersionName(uint16(record[1])<<8 | uint16(record[2]))}}
	parts := []any{part("header", recordHeader)}
	if protected := s.guard.covers(outer); protected {
		open, known := t.session.opener(&s.guard, d)
		if !known {
			return false
		}
		opened, err := open.open(record)
		if err != nil {
			args[0].Value = contentName(outer)
			args = append(args, h1.Arg{Name: "protected", Value: true}, h1.Arg{Name: "problem", Value: err.Error()})
			t.record(d, len(record), args)
			return true
		}
		typ, content = opened.typ, opened.content
		parts = append(parts, opened.parts()...)
		args = append(args, h1.Arg{Name: "protected", Value: true})
	} else {
		parts = append(parts, part("content", len(content)))
		args = append(args, h1.Arg{Name: "protected", Value: false})
	}
	args[0].Value = contentName(typ)
	args = append(args, h1.Arg{Name: "parts", Value: parts})
	switch typ {
	case typeApplicationData:
		args = append(args, h1.Arg{Name: "plaintext", Value: h1.Pairs{
			{Name: "start", Value: s.plain}, {Name: "end", Value: s.plain + int64(len(content))}}})
		s.plain += int64(len(content))
	case typeHandshake:
		args = append(args, h1.Arg{Name: "inner", Value: content}, h1.Arg{Name: "messages", Value: t.handshake(d, content)})
	case typeAlert:
		args = append(args, h1.Arg{Name: "inner", Value: content})
		if len(content) == 2 {
			args = append(args, h1.Arg{Name: "alert", Value: h1.Pairs{
				{Name: "level", Value: alertLevel(content)}, {Name: "description", Value: alertName(content[1])}}})
		}
	case typeChangeCipherSpec:
		t.session.changeCipherSpec(&s.guard)
	}
	t.record(d, len(record), args)
	return true
}

func part(name string, size int) any { return []any{name, size} }

func alertLevel(alert []byte) string {
	if alert[0] == 1 {
		return "warning"
	}
	return "fatal"
}

// handshake reads the handshake messages that a record carries, and lists them
// with the range of each message that is in this record.
func (t *tap) handshake(d h1.Direction, content []byte) []any {
	const header = 4
	s := &t.streams[d]
	list := []any{}
	for len(content) > 0 {
		start := len(s.message)
		need := header
		if start >= header {
			need += messageLength(s.message)
		} else if start+len(content) >= header {
			need += messageLength(append(s.message[:start:start], content[:header-start]...))
		}
		n := min(need-start, len(content))
		s.message = append(s.message, content[:n]...)
		content = content[n:]
		m := h1.Pairs{{Name: "name", Value: messageName(s.message[0])}, {Name: "start", Value: start}, {Name: "end", Value: start + n}}
		if len(s.message) >= header {
			m = append(m, h1.Arg{Name: "size", Value: need})
		}
		if len(s.message) == need && len(s.message) >= header {
			message := s.message
			s.message = nil
			if details := t.session.message(d, message, t.guards()); len(details) > 0 {
				m = append(m, h1.Arg{Name: "details", Value: details})
			}
		}
		list = append(list, m)
	}
	return list
}

func (t *tap) guards() [2]*protection {
	return [2]*protection{&t.streams[h1.Sent].guard, &t.streams[h1.Received].guard}
}

func messageLength(message []byte) int {
	return int(message[1])<<16 | int(message[2])<<8 | int(message[3])
}

// begin reports what the client is about to ask for.
func (t *tap) begin(config *tls.Config, host string, v *verifier) {
	args := []h1.Arg{{Name: "server_hostname", Value: host}, {Name: "verify", Value: v != nil},
		{Name: "check_hostname", Value: v != nil && v.host != ""}, {Name: "alpn", Value: anyStrings(config.NextProtos)}}
	t.emit(&h1.Event{Kind: h1.EventTLSHandshake, Phase: "start", Args: args})
}

// agreed reports what client and server agreed on; chain leads from the
// server's certificate to the trusted authority, nil where nothing is verified.
func (t *tap) agreed(s tls.ConnectionState, chain []*x509.Certificate) {
	for i, c := range chain {
		sent := false
		for _, other := range s.PeerCertificates {
			sent = sent || other.Equal(c)
		}
		if !sent {
			t.certificate(i, c, false)
		}
	}
	args := []h1.Arg{
		{Name: "version", Value: tls.VersionName(s.Version)},
		{Name: "cipher_suite", Value: tls.CipherSuiteName(s.CipherSuite)},
		{Name: "group", Value: groupName(s.CurveID)},
		{Name: "server_name", Value: t.session.serverName},
		{Name: "alpn", Value: nil},
		{Name: "verified", Value: chain != nil},
	}
	if s.NegotiatedProtocol != "" {
		args[4].Value = s.NegotiatedProtocol
	}
	t.emit(&h1.Event{Kind: h1.EventTLSHandshake, Phase: "done", Args: args})
}

// failed reports that the handshake failed.
func (t *tap) failed(err error) {
	t.emit(&h1.Event{Kind: h1.EventTLSHandshake, Phase: "failed", Err: err})
}

// certificate reports one of the chain: what the server sent, or what the
// client added from its own store.
func (t *tap) certificate(index int, c *x509.Certificate, sent bool) {
	print := sha256.Sum256(c.Raw)
	names := anyStrings(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	t.emit(&h1.Event{Kind: h1.EventTLSCertificate, Args: []h1.Arg{
		{Name: "index", Value: index},
		{Name: "sent", Value: sent},
		{Name: "subject", Value: c.Subject.String()},
		{Name: "issuer", Value: c.Issuer.String()},
		{Name: "names", Value: names},
		{Name: "not_before", Value: c.NotBefore.UTC().Format(time.RFC3339)},
		{Name: "not_after", Value: c.NotAfter.UTC().Format(time.RFC3339)},
		{Name: "serial", Value: hex.EncodeToString(c.SerialNumber.Bytes())},
		{Name: "authority", Value: c.BasicConstraintsValid && c.IsCA},
		{Name: "self_signed", Value: bytes.Equal(c.RawIssuer, c.RawSubject)},
		{Name: "key", Value: keyName(c)},
		{Name: "signature", Value: c.SignatureAlgorithm.String()},
		{Name: "sha256", Value: hex.EncodeToString(print[:])},
		{Name: "der", Value: c.Raw},
	}})
}

// truncated is what is granted to a peer that ends without a goodbye.
var truncated = &h1.Diagnostic{Code: "tls-no-close-notify", Severity: h1.SeverityError, Section: "8446 §6.1",
	Text: "The transport ended without TLS's close_notify, so that somebody may have cut it; Python takes it for the end."}

// ragged reports an end without close_notify.
func (t *tap) ragged() {
	t.flush()
	s := &t.streams[h1.Received]
	t.emit(&h1.Event{Kind: h1.EventDiagnostic, Dir: h1.Received, Start: s.plain, End: s.plain, Diagnostic: truncated})
}

func anyStrings(list []string) []any {
	values := make([]any, len(list))
	for i, s := range list {
		values[i] = s
	}
	return values
}
