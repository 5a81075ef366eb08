//go:build !js

package ssl

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// journal keeps what a tap reports, and checks as it does that the records
// follow each other without gap or overlap, and so does what they carried.
type journal struct {
	t       testing.TB
	stream  [2][]byte // what the records of each direction are, joined
	plain   [2]int64
	lines   []string // each handshake message where it ends, and each alert
	content map[string]int
	args    []map[string]any
	phases  []string
	subject []string
	from    [2]int64
}

func newJournal(t testing.TB) *journal { return &journal{t: t, content: map[string]int{}} }

func members(args []h1.Arg) map[string]any {
	m := map[string]any{}
	for _, a := range args {
		m[a.Name] = a.Value
	}
	return m
}

func (j *journal) trace(e *h1.Event) {
	m := members(e.Args)
	switch e.Kind {
	case h1.EventTLSHandshake:
		j.phases = append(j.phases, e.Phase)
		j.args = append(j.args, m)
	case h1.EventTLSCertificate:
		j.subject = append(j.subject, fmt.Sprint(m["subject"], " ", m["sent"]))
	case h1.EventTLSRecord:
		j.record(e, m)
	}
}

func (j *journal) record(e *h1.Event, m map[string]any) {
	if want := j.from[e.Dir] + int64(len(j.stream[e.Dir])); e.Start != want || len(e.Bytes) == 0 {
		j.t.Errorf("%v record of %d bytes at %d, want it at %d", e.Dir, len(e.Bytes), e.Start, want)
	}
	j.stream[e.Dir] = append(j.stream[e.Dir], e.Bytes...)
	j.content[m["content"].(string)]++
	if problem := m["problem"]; problem != nil {
		j.lines = append(j.lines, fmt.Sprint(e.Dir, " problem: ", problem))
	}
	if parts, ok := m["parts"].([]any); ok {
		size := 0
		for _, p := range parts {
			size += p.([]any)[1].(int)
		}
		if size != len(e.Bytes) {
			j.t.Errorf("%v record of %d bytes has parts %v", e.Dir, len(e.Bytes), parts)
		}
	}
	if p, ok := m["plaintext"].(h1.Pairs); ok {
		if p[0].Value != j.from[e.Dir]+j.plain[e.Dir] {
			j.t.Errorf("%v record carries plaintext from %v, want %d", e.Dir, p[0].Value, j.plain[e.Dir])
		}
		j.plain[e.Dir] = p[1].Value.(int64) - j.from[e.Dir]
	}
	if messages, ok := m["messages"].([]any); ok {
		for _, message := range messages {
			m := members(message.(h1.Pairs))
			if m["end"] == m["size"] {
				j.lines = append(j.lines, fmt.Sprint(e.Dir, " ", m["name"]))
			}
		}
	}
	if alert, ok := m["alert"].(h1.Pairs); ok {
		j.lines = append(j.lines, fmt.Sprint(e.Dir, " alert ", alert[1].Value))
	}
}

// wiretap keeps what really goes over a transport.
type wiretap struct {
	net.Conn
	stream [2]bytes.Buffer
}

func (w *wiretap) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.stream[h1.Received].Write(p[:n])
	return n, err
}

func (w *wiretap) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.stream[h1.Sent].Write(p[:n])
	return n, err
}

// converse sends a request of some size over TLS, reads an answer of some size
// and closes.
func converse(t *testing.T, settings *SSLContext, config *tls.Config, j *journal, up, down int) (*wiretap, error) {
	t.Helper()
	port := serve(t, func(theirs net.Conn) {
		server := tls.Server(theirs, config)
		if _, err := io.CopyN(io.Discard, server, int64(up)); err != nil {
			io.Copy(io.Discard, theirs)
			return
		}
		server.Write(bytes.Repeat([]byte("d"), down))
		server.CloseWrite()
		io.Copy(io.Discard, theirs)
	})
	ours, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		t.Fatal(err)
	}
	w := &wiretap{Conn: ours}
	defer ours.Close()
	conn, err := settings.WrapSocket(context.Background(), w, &core.WrapOptions{ServerHostname: "good.example", Trace: j.trace})
	if err != nil {
		return w, err
	}
	defer conn.Close()
	if _, err := conn.Write(bytes.Repeat([]byte("u"), up)); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil || len(got) != down {
		t.Fatalf("read %d bytes, %v; want %d", len(got), err, down)
	}
	return w, nil
}

func checkStreams(t *testing.T, j *journal, w *wiretap) {
	t.Helper()
	for d := range j.stream {
		if got, want := j.stream[d], w.stream[d].Bytes(); !bytes.Equal(got, want) {
			t.Errorf("%v: the records are %d bytes, the transport carried %d", h1.Direction(d), len(got), len(want))
		}
	}
}

func TestRecordsTellTheWholeConversation(t *testing.T) {
	root := issue(t, nil, "Test Root CA", nil)
	leaf := issue(t, root, "good.example", nil)
	big := issue(t, root, "good.example", func(c *x509.Certificate) {
		for i := range 2000 {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("name-%d.good.example", i))
		}
	})
	rsa := issueFor(t, rsaKey(t, 2048), root, "good.example", nil)
	hello13 := []string{"sent client_hello", "received server_hello"}
	rest13 := []string{"received encrypted_extensions", "received certificate", "received certificate_verify",
		"received finished", "sent finished", "received alert close_notify", "sent alert close_notify"}
	all12 := []string{"sent client_hello", "received server_hello", "received certificate", "received server_key_exchange",
		"received server_hello_done", "sent client_key_exchange", "sent finished", "received finished",
		"received alert close_notify", "sent alert close_notify"}
	suite12 := func(leaf *identity, suite uint16) func(*tls.Config) {
		return func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites, c.Certificates = tls.VersionTLS12, []uint16{suite}, []tls.Certificate{leaf.served(0)}
		}
	}
	for _, test := range []struct {
		name   string
		change func(*tls.Config)
		want   []string
		agreed string
	}{
		{"TLS 1.3", func(*tls.Config) {}, slices.Concat(hello13, rest13), "TLS 1.3"},
		{"a retried hello", func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP521} },
			slices.Concat(hello13, hello13, rest13), "TLS 1.3"},
		{"a certificate over several records", func(c *tls.Config) { c.Certificates = []tls.Certificate{big.served(0)} },
			slices.Concat(hello13, rest13), "TLS 1.3"},
		{"AES-128", suite12(leaf, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256), all12, "TLS 1.2"},
		{"AES-256", suite12(leaf, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384), all12, "TLS 1.2"},
		{"ChaCha20", suite12(leaf, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256), all12, "TLS 1.2"},
		{"RSA, AES-128", suite12(rsa, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256), all12, "TLS 1.2"},
		{"RSA, AES-256", suite12(rsa, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384), all12, "TLS 1.2"},
		{"RSA, ChaCha20", suite12(rsa, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256), all12, "TLS 1.2"},
	} {
		for _, sizes := range [][2]int{{1, 1}, {100, 40_000}, {100_000, 3}} {
			t.Run(fmt.Sprint(test.name, " ", sizes), func(t *testing.T) {
				settings, err := CreateDefaultContext(&Locations{CAData: []byte(root.pem())})
				if err != nil {
					t.Fatal(err)
				}
				config := &tls.Config{Certificates: []tls.Certificate{leaf.served(0)}}
				test.change(config)
				j := newJournal(t)
				w, err := converse(t, settings, config, j, sizes[0], sizes[1])
				if err != nil {
					t.Fatal(err)
				}
				checkStreams(t, j, w)
				if !reflect.DeepEqual(j.lines, test.want) {
					t.Errorf("messages:\n got %s\nwant %s", strings.Join(j.lines, ", "), strings.Join(test.want, ", "))
				}
				if j.plain != [2]int64{int64(sizes[0]), int64(sizes[1])} {
					t.Errorf("the records carried %v, want %v", j.plain, sizes)
				}
				if !slices.Equal(j.phases, []string{"start", "done"}) || j.args[1]["version"] != test.agreed ||
					j.args[1]["server_name"] != "good.example" || j.args[1]["verified"] != true {
					t.Errorf("handshake: %v %v", j.phases, j.args)
				}
				if want := []string{"CN=good.example true", "CN=Test Root CA false"}; !slices.Equal(j.subject, want) {
					t.Errorf("certificates: %v, want %v", j.subject, want)
				}
			})
		}
	}
}

// A refusal shows, with the certificates that it is about.
func TestRecordsOfARefusal(t *testing.T) {
	root := issue(t, nil, "Test Root CA", nil)
	stranger := issue(t, nil, "good.example", nil)
	for version, alert := range map[uint16]string{tls.VersionTLS12: "sent alert bad certificate (42)", tls.VersionTLS13: "sent alert bad certificate (42)"} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			settings, err := CreateDefaultContext(&Locations{CAData: []byte(root.pem())})
			if err != nil {
				t.Fatal(err)
			}
			j := newJournal(t)
			w, err := converse(t, settings, &tls.Config{MaxVersion: version, Certificates: []tls.Certificate{stranger.served(0)}}, j, 1, 1)
			if err == nil {
				t.Fatal("a stranger was trusted")
			}
			checkStreams(t, j, w)
			if last := j.lines[len(j.lines)-1]; last != alert {
				t.Errorf("the last line is %s, want %s", last, alert)
			}
			if !slices.Equal(j.phases, []string{"start", "failed"}) || !slices.Equal(j.subject, []string{"CN=good.example true"}) {
				t.Errorf("phases %v, certificates %v", j.phases, j.subject)
			}
		})
	}
}

// The secrets go to whom the context names, and to nobody without.
func TestKeyLogOnRequestOnly(t *testing.T) {
	root := issue(t, nil, "Test Root CA", nil)
	leaf := issue(t, root, "good.example", nil)
	settings, err := CreateDefaultContext(&Locations{CAData: []byte(root.pem())})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	settings.SetKeyLogWriter(&log)
	j := newJournal(t)
	if _, err := converse(t, settings, &tls.Config{Certificates: []tls.Certificate{leaf.served(0)}}, j, 1, 1); err != nil {
		t.Fatal(err)
	}
	var labels []string
	for line := range strings.Lines(log.String()) {
		labels = append(labels, strings.Fields(line)[0])
	}
	if want := []string{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
		"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}; !slices.Equal(labels, want) {
		t.Errorf("key log has %v, want %v", labels, want)
	}
}

// sealer makes records of TLS 1.3 as a server does.
type sealer struct {
	aead     cipher.AEAD
	iv       []byte
	sequence uint64
}

func newSealer(secret []byte) *sealer {
	s := &session{suite: tls.TLS_CHACHA20_POLY1305_SHA256}
	o := s.opener13(secret)
	return &sealer{aead: o.aead, iv: o.iv}
}

func (s *sealer) seal(typ byte, content []byte, padding int) []byte {
	inner := append(append(slices.Clone(content), typ), make([]byte, padding)...)
	header := []byte{typeApplicationData, 3, 3}
	header = binary.BigEndian.AppendUint16(header, uint16(len(inner)+s.aead.Overhead()))
	nonce := slices.Clone(s.iv)
	var sequence [8]byte
	binary.BigEndian.PutUint64(sequence[:], s.sequence)
	s.sequence++
	for i, b := range sequence {
		nonce[4+i] ^= b
	}
	return s.aead.Seal(slices.Clone(header), nonce, inner, header)
}

// Keys can change, and records be padded, though Go's servers do neither.
func TestRecordsAfterAKeyUpdate(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, sha256.Size)
	j := newJournal(t)
	tap := newTap(&core.WrapOptions{Trace: j.trace})
	tap.session = session{version: tls.VersionTLS13, suite: tls.TLS_CHACHA20_POLY1305_SHA256,
		secrets: map[string][]byte{"SERVER_TRAFFIC_SECRET_0": secret}}
	tap.streams[h1.Received].guard.enter(stageApplication)
	first := newSealer(secret)
	second := newSealer(expandLabel(sha256.New, secret, "traffic upd", sha256.Size))
	for _, record := range [][]byte{
		first.seal(typeApplicationData, []byte("one"), 100),
		first.seal(typeHandshake, []byte{keyUpdate, 0, 0, 1, 0}, 0),
		second.seal(typeApplicationData, []byte("three"), 0),
		second.seal(typeApplicationData, nil, 5),
		first.seal(typeApplicationData, []byte("with the old key"), 0),
	} {
		tap.moved(h1.Received, record[:7]) // however they come
		tap.moved(h1.Received, record[7:])
	}
	want := []string{"received key_update", "received problem: " + errOpen.Error()}
	if !slices.Equal(j.lines, want) || j.plain[h1.Received] != int64(len("onethree")) {
		t.Errorf("got %q and %d bytes of plaintext, want %q and 8", j.lines, j.plain[h1.Received], want)
	}
}

// FuzzTap feeds a tap with anything: it must report every byte once.
func FuzzTap(f *testing.F) {
	hello, _ := tlsHello()
	f.Add(hello, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), 3)
	f.Add(hello, []byte("\x16\x03\x03\x00\x2e\x02\x00\x00\x2a\x03\x03xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\x00\x13\x01\x00\x00\x02\x00\x00"), 1)
	f.Add([]byte("\x15\x03\x03\x00\x02\x02\x28"), []byte("\x16\x03\x03\x00\x06\x0b\x00\x00\x01\x00\x14\x14\x03\x03\x00\x01\x01"), 2)
	f.Fuzz(func(t *testing.T, sent, received []byte, step int) {
		if step <= 0 {
			step = 1
		}
		j := newJournal(t)
		j.from = [2]int64{39, 40}
		tap := newTap(&core.WrapOptions{Trace: j.trace, Sent: 39, Received: 40})
		tap.Write([]byte("CLIENT_RANDOM 00 0102030405060708\n"))
		for d, stream := range [][]byte{sent, received} {
			for part := range slices.Chunk(stream, step) {
				tap.moved(h1.Direction(d), part)
			}
		}
		tap.flush()
		if !bytes.Equal(j.stream[h1.Sent], sent) || !bytes.Equal(j.stream[h1.Received], received) {
			t.Errorf("reported %d and %d bytes of %d and %d", len(j.stream[0]), len(j.stream[1]), len(sent), len(received))
		}
	})
}

// tlsHello is what a client sends first.
func tlsHello() ([]byte, error) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	go func() {
		ours.SetDeadline(time.Now().Add(time.Minute))
		tls.Client(ours, &tls.Config{ServerName: "good.example", NextProtos: []string{"http/1.1"}}).Handshake()
	}()
	b := make([]byte, 16384)
	n, err := theirs.Read(b)
	return b[:n], err
}
