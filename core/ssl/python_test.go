//go:build !js

package ssl

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core"
)

// comparison is a connection that Python's client and this one make to the same
// server. The exported fields are what testdata/client.py takes.
type comparison struct {
	Name        string   `json:"name"`
	Host        string   `json:"host"`
	Port        int      `json:"port"`
	Authorities string   `json:"authorities"` // PEM text
	Unverified  bool     `json:"unverified"`
	Unchecked   bool     `json:"unchecked"`
	Minimum     int      `json:"minimum"`
	Maximum     int      `json:"maximum"`
	ALPN        []string `json:"alpn"`
	Certificate string   `json:"certificate"` // file of the client's own, with its key
	Timeout     float64  `json:"timeout"`     // in seconds; 0: none

	serve func(net.Conn) // plays the server on each connection
	want  string         // what both must say, a part of it; empty: that they agree is enough
}

// outcome is how a connection went.
type outcome struct {
	OK    []any `json:"ok,omitempty"`
	Error []any `json:"error,omitempty"`
}

func (o outcome) String() string { return fmt.Sprint(o.OK, o.Error) }

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"

// overTLS serves TLS, with after for what comes once a request was read.
func overTLS(config *tls.Config, after func(secure *tls.Conn, raw net.Conn)) func(net.Conn) {
	return func(raw net.Conn) {
		secure := tls.Server(raw, config)
		if secure.Handshake() != nil {
			io.Copy(io.Discard, raw) // until the client is gone, or its alert is lost in a reset
			return
		}
		if _, err := secure.Read(make([]byte, 4096)); err != nil {
			return
		}
		after(secure, raw)
	}
}

func respond(secure *tls.Conn, _ net.Conn) {
	io.WriteString(secure, answer)
	io.Copy(io.Discard, secure)
}

// sends answers the client's hello with bytes and closes.
func sends(b string) func(net.Conn) {
	return func(raw net.Conn) {
		raw.Read(make([]byte, 16384))
		io.WriteString(raw, b)
		raw.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, raw)
	}
}

// comparisons are all kinds of failures, and what they must not be mistaken for.
func comparisons(t *testing.T) (list []*comparison) {
	add := func(c comparison) *comparison {
		c.Host = cmpOr(c.Host, "good.example")
		c.Minimum, c.Maximum = int(TLSv1_2), int(MaximumSupported)
		list = append(list, &c)
		return &c
	}
	root := issue(t, nil, "Test Root CA", nil)
	other := issue(t, nil, "Other Root CA", nil)
	between := issue(t, root, "Intermediate CA", nil)
	past := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	}
	future := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	}

	chain := func(name string, leaf *identity, sent int, trusted string, host, want string) *comparison {
		return add(comparison{Name: "chain: " + name, Host: host, Authorities: trusted, want: want,
			serve: overTLS(&tls.Config{Certificates: []tls.Certificate{leaf.served(sent)}}, respond)})
	}
	good := issue(t, between, "good.example", nil)
	chain("good", good, 0, root.pem(), "", "200")
	chain("root sent", good, 3, root.pem(), "", "200")
	chain("name in capitals", good, 0, root.pem(), "GOOD.example", "200")
	chain("self-signed", issue(t, nil, "good.example", nil), 0, root.pem(), "", "self-signed certificate (")
	own := issue(t, nil, "good.example", nil)
	chain("self-signed and trusted", own, 0, own.pem(), "", "")
	chain("untrusted root sent", good, 3, other.pem(), "", "self-signed certificate in certificate chain")
	chain("untrusted root", good, 2, other.pem(), "", "unable to get local issuer certificate")
	chain("intermediate missing", good, 1, root.pem(), "", "unable to get local issuer certificate")
	chain("intermediate in the store", good, 1, root.pem()+between.pem(), "", "200")
	chain("intermediate in the store, without its root", good, 1, between.pem(), "", "unable to get issuer certificate")
	chain("expired", issue(t, between, "good.example", past), 0, root.pem(), "", "certificate has expired")
	chain("not yet valid", issue(t, between, "good.example", future), 0, root.pem(), "", "certificate is not yet valid")
	chain("intermediate expired", issue(t, issue(t, root, "Old Intermediate CA", past), "good.example", nil), 0, root.pem(), "", "certificate has expired")
	oldRoot := issue(t, nil, "Old Root CA", past)
	chain("root expired", issue(t, oldRoot, "good.example", nil), 1, oldRoot.pem(), "", "certificate has expired")
	chain("expired and of another name", issue(t, between, "other.example", past), 0, root.pem(), "", "Hostname mismatch")
	chain("expired and untrusted", issue(t, other, "good.example", past), 1, root.pem(), "", "unable to get local issuer")
	chain("other name", issue(t, between, "other.example", nil), 0, root.pem(), "",
		"Hostname mismatch, certificate is not valid for 'good.example'. (_ssl.c:1006)")
	chain("other address", issue(t, between, "127.0.0.2", nil), 0, root.pem(), "127.0.0.1",
		"IP address mismatch, certificate is not valid for '127.0.0.1'.")
	chain("address", issue(t, between, "127.0.0.1", nil), 0, root.pem(), "127.0.0.1", "200")
	chain("address of version 6", issue(t, between, "::1", nil), 0, root.pem(), "::1", "200")
	chain("address for a name", issue(t, between, "127.0.0.1", nil), 0, root.pem(), "", "Hostname mismatch")
	chain("name for an address", good, 0, root.pem(), "127.0.0.1", "IP address mismatch")
	for _, names := range [][2]string{{"*.good.example", "a.good.example"}, {"*.good.example", "a.b.good.example"},
		{"*.good.example", "good.example"}, {"*.example", "good.example"}, {"g*.example.org", "good.example.org"},
		{"*", "good"}, {"*.*.example", "a.good.example"}, {"*.good.example", "a_b.good.example"},
		{"*.good.example", "xn--bcher-kva.good.example"}, {"good.*.example", "good.a.example"},
		{"xn--bcher-kva.example", "bücher.example"}} {
		leaf := issue(t, between, "placeholder.example", func(c *x509.Certificate) { c.DNSNames = []string{names[0]} })
		chain(names[0]+" for "+names[1], leaf, 0, root.pem(), names[1], "")
	}
	chain("purpose", issue(t, between, "good.example", func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}), 0, root.pem(), "", "certificate purpose")
	noCA := issue(t, root, "No Authority CA", func(c *x509.Certificate) { c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature })
	chain("issued by no authority", issue(t, noCA, "good.example", nil), 0, root.pem(), "", "invalid CA certificate")
	short := issue(t, root, "Short CA", func(c *x509.Certificate) { c.MaxPathLenZero = true })
	chain("path too long", issue(t, issue(t, short, "Lower CA", nil), "good.example", nil), 0, root.pem(), "", "path length constraint exceeded")
	forger := issue(t, root, "Intermediate CA", func(c *x509.Certificate) { c.SubjectKeyId = between.certificate.SubjectKeyId })
	forged := issue(t, forger, "good.example", nil)
	forged.chain = append(forged.chain[:1:1], between.chain...)
	chain("forged signature", forged, 0, root.pem(), "", "certificate signature failure")
	limited := issue(t, root, "Limited CA", func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"allowed.example"}
	})
	chain("name not permitted", issue(t, limited, "good.example", nil), 0, root.pem(), "", "permitted subtree violation")
	barred := issue(t, root, "Barred CA", func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.ExcludedDNSDomains = true, []string{"good.example"}
	})
	chain("name excluded", issue(t, barred, "good.example", nil), 0, root.pem(), "", "excluded subtree violation")
	chain("unknown critical extension", issue(t, between, "good.example", func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
	}), 0, root.pem(), "", "unhandled critical extension")
	chain("weak key", issueFor(t, rsaKey(t, 1024), between, "good.example", nil), 0, root.pem(), "", "EE certificate key too weak")
	unchecked := chain("other name, unchecked", issue(t, between, "other.example", nil), 0, root.pem(), "", "200")
	unchecked.Unchecked = true
	unverified := chain("self-signed, unverified", issue(t, nil, "other.example", nil), 0, root.pem(), "", "200")
	unverified.Unverified = true

	for number := range 256 {
		if number != 0 { // close_notify is below
			add(comparison{Name: "alert " + strconv.Itoa(number), Authorities: root.pem(), serve: sends("\x15\x03\x03\x00\x02\x02" + string([]byte{byte(number)}))})
		}
	}
	for name, b := range map[string]string{
		"http":               "HTTP/1.1 400 Bad Request\r\n\r\n",
		"request":            "POST / HTTP/1.1\r\n\r\n",
		"proxy request":      "CONNECT a.example:443 HTTP/1.1\r\n\r\n",
		"ssh":                "SSH-2.0-OpenSSH_9\r\n",
		"less than a record": "HT",
		"nothing":            "",
		"half a record":      "\x16\x03\x03\x00\x50\x02",
		"zeros":              strings.Repeat("\x00", 100),
		"close_notify":       "\x15\x03\x03\x00\x02\x01\x00",
		"wrong message":      "\x16\x03\x03\x00\x04\x0e\x00\x00\x00",
		"long record":        "\x16\x03\x03\xff\xff" + strings.Repeat("x", 70000),
		"cut hello":          "\x16\x03\x03\x00\x08\x02\x00\x00\x04abcd",
		"application data":   "\x17\x03\x03\x00\x08\x02\x00\x00\x04abcd",
	} {
		add(comparison{Name: "handshake: " + name, Authorities: root.pem(), serve: sends(b)})
	}
	add(comparison{Name: "handshake: reset", Authorities: root.pem(), want: "[Errno 104] Connection reset by peer", serve: func(raw net.Conn) {
		raw.Read(make([]byte, 16384))
		raw.(*net.TCPConn).SetLinger(0)
	}})
	add(comparison{Name: "handshake: silence", Authorities: root.pem(), Timeout: 0.05, want: "_ssl.c:989: The handshake operation timed out",
		serve: func(raw net.Conn) { io.Copy(io.Discard, raw) }})

	with := func(name string, config *tls.Config, change func(*comparison), after func(*tls.Conn, net.Conn), want string) {
		config.Certificates = []tls.Certificate{good.served(0)}
		change(add(comparison{Name: name, Authorities: root.pem(), serve: overTLS(config, after), want: want}))
	}
	asIs := func(*comparison) {}
	with("version: 1.3 wanted of 1.2", &tls.Config{MaxVersion: tls.VersionTLS12}, func(c *comparison) { c.Minimum = int(TLSv1_3) }, respond, "TLSV1_ALERT_PROTOCOL_VERSION")
	with("version: 1.2 wanted of 1.3", &tls.Config{MinVersion: tls.VersionTLS13}, func(c *comparison) { c.Maximum = int(TLSv1_2) }, respond, "TLSV1_ALERT_PROTOCOL_VERSION")
	with("version: 1.2", &tls.Config{MaxVersion: tls.VersionTLS12}, asIs, respond, "200")
	with("version: none", &tls.Config{}, func(c *comparison) { c.Minimum, c.Maximum = int(TLSv1_3), int(TLSv1_2) }, respond, "NO_PROTOCOLS_AVAILABLE")
	with("version: 1.1 at most", &tls.Config{MinVersion: tls.VersionTLS10}, func(c *comparison) { c.Minimum, c.Maximum = int(TLSv1), int(TLSv1_1) }, respond, "NO_CIPHERS_AVAILABLE")
	with("version: any", &tls.Config{}, func(c *comparison) { c.Minimum = int(MinimumSupported) }, respond, "200")
	with("alpn", &tls.Config{NextProtos: []string{"http/1.1"}}, func(c *comparison) { c.ALPN = []string{"http/1.1"} }, respond, "200")
	with("alpn: none in common", &tls.Config{NextProtos: []string{"other"}}, func(c *comparison) { c.ALPN = []string{"http/1.1"} }, respond, "[SSL] tlsv1 alert no application protocol")
	client := issue(t, root, "client.example", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	pool := x509.NewCertPool()
	pool.AddCert(root.certificate)
	file := filepath.Join(t.TempDir(), "client.pem")
	if err := os.WriteFile(file, []byte(client.pair(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		name := "client certificate in " + tls.VersionName(version)
		config := func() *tls.Config {
			return &tls.Config{MaxVersion: version, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
		}
		with(name, config(), func(c *comparison) { c.Certificate = file }, respond, "200")
		with(name+", missing", config(), asIs, respond, "ALERT")
		for _, end := range []struct {
			name  string
			after func(*tls.Conn, net.Conn)
			want  string
		}{
			{"no goodbye before the response", func(_ *tls.Conn, raw net.Conn) { raw.Close() }, "Remote end closed"},
			{"goodbye before the response", func(s *tls.Conn, raw net.Conn) { s.Close() }, "Remote end closed"},
			{"no goodbye in the body", func(s *tls.Conn, raw net.Conn) { io.WriteString(s, answer[:len(answer)-2]); raw.Close() }, "IncompleteRead"},
			{"goodbye in the body", func(s *tls.Conn, raw net.Conn) { io.WriteString(s, answer[:len(answer)-2]); s.Close() }, "IncompleteRead"},
			{"end inside a record", func(s *tls.Conn, raw net.Conn) { io.WriteString(raw, "\x17\x03\x03\x00\x30x"); raw.Close() }, "Remote end closed"},
			{"reset", func(s *tls.Conn, raw net.Conn) { raw.(*net.TCPConn).SetLinger(0); raw.Close() }, "Remote end closed"},
			{"damaged record", func(s *tls.Conn, raw net.Conn) {
				io.WriteString(raw, "\x17\x03\x03\x00\x30"+strings.Repeat("x", 48))
				io.Copy(io.Discard, raw)
			}, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"},
			{"plain text", func(s *tls.Conn, raw net.Conn) {
				io.WriteString(raw, "HTTP/1.1 400 Bad Request\r\n\r\n")
				io.Copy(io.Discard, raw)
			}, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:2580)"},
		} {
			with(tls.VersionName(version)+": "+end.name, &tls.Config{MaxVersion: version}, asIs, end.after, end.want)
		}
		with(tls.VersionName(version)+": silence", &tls.Config{MaxVersion: version}, func(c *comparison) { c.Timeout = 0.2 },
			func(s *tls.Conn, raw net.Conn) { io.Copy(io.Discard, raw) }, "The read operation timed out")
	}
	return list
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// TestLikePython makes every connection with CPython and with this client, and
// compares what they raise.
func TestLikePython(t *testing.T) {
	list := comparisons(t)
	for _, c := range list {
		if c.ALPN == nil {
			c.ALPN = []string{}
		}
		c.Port = serve(t, c.serve)
	}
	theirs := python(t, list)
	for i, c := range list {
		t.Run(c.Name, func(t *testing.T) {
			ours := c.run(t)
			var pythons outcome
			if theirs != nil {
				pythons = theirs[i]
			}
			// On a slow machine a timeout strikes before the silence it is for.
			for early := func(o outcome) bool { return o.Error != nil && !strings.Contains(o.String(), c.want) }; c.Timeout > 0 && c.Timeout < 10 && (early(ours) || early(pythons)); {
				c.Timeout *= 5
				ours = c.run(t)
				if theirs != nil {
					pythons = python(t, []*comparison{c})[0]
				}
			}
			if theirs != nil && !reflect.DeepEqual(ours, pythons) {
				t.Errorf("\n   got %v\nPython %v", ours, pythons)
			}
			if !strings.Contains(ours.String(), c.want) {
				t.Errorf("got %v, want %s", ours, c.want)
			}
		})
	}
}

// serve plays a server on every connection to the port that it gives.
func serve(t *testing.T, play func(net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				play(conn)
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// python runs the connections with CPython, nil where there is none of 3.11.
func python(t *testing.T, list []*comparison) []outcome {
	version, err := exec.Command("python3", "-c", "import ssl, sys; print(sys.version_info[:2] == (3, 11) and ssl.OPENSSL_VERSION_INFO[:2] == (3, 0))").Output()
	if err != nil || strings.TrimSpace(string(version)) != "True" {
		t.Log("there is no CPython 3.11 with OpenSSL 3.0 to compare with")
		return nil
	}
	input, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("python3", "testdata/client.py")
	command.Stdin, command.Stderr = bytes.NewReader(input), os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []outcome
	if err := json.Unmarshal(output, &outcomes); err != nil || len(outcomes) != len(list) {
		t.Fatalf("%d outcomes for %d connections: %v", len(outcomes), len(list), err)
	}
	return outcomes
}

// run makes the connection with this client.
func (c *comparison) run(t *testing.T) outcome {
	t.Helper()
	settings, err := CreateDefaultContext(&Locations{CAData: []byte(c.Authorities)})
	if err != nil {
		t.Fatal(err)
	}
	if c.Unverified || c.Unchecked {
		settings.SetCheckHostname(false)
	}
	for _, err := range []error{
		settings.SetMinimumVersion(TLSVersion(c.Minimum)), settings.SetMaximumVersion(TLSVersion(c.Maximum)), settings.SetALPNProtocols(c.ALPN...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if c.Unverified {
		if err := settings.SetVerifyMode(CertNone); err != nil {
			t.Fatal(err)
		}
	}
	if c.Certificate != "" {
		if err := settings.LoadCertChain(c.Certificate, ""); err != nil {
			t.Fatal(err)
		}
	}
	port := 443
	options := &core.HTTPSConnectionOptions{Context: settings}
	options.Port = &port
	options.CreateConnection = func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) {
		return net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(c.Port))
	}
	if c.Timeout > 0 {
		timeout := time.Duration(c.Timeout * float64(time.Second))
		options.Timeout = &timeout
	}
	status, body, err := get(c.Host, options)
	if err != nil {
		info := core.Describe(err)
		bases := []any{}
		for _, base := range info.Bases {
			bases = append(bases, base)
		}
		return outcome{Error: []any{info.Name, bases, info.Message}}
	}
	return outcome{OK: []any{float64(status), hex.EncodeToString(body)}}
}

func get(host string, options *core.HTTPSConnectionOptions) (int, []byte, error) {
	ctx := context.Background()
	connection, err := core.NewHTTPSConnection(host, options)
	if err != nil {
		return 0, nil, err
	}
	defer connection.Close()
	if err := connection.Request(ctx, "GET", "/", nil); err != nil {
		return 0, nil, err
	}
	response, err := connection.GetResponse(ctx)
	if err != nil {
		return 0, nil, err
	}
	body, err := response.ReadAll(ctx)
	return response.Status, body, err
}
