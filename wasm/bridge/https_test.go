package bridge

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/scenario"
)

// secure runs a server over TLS and gives its address and its certificate.
func secure(t *testing.T) (address, certificate string) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, tls.VersionName(r.TLS.Version)+" "+r.TLS.NegotiatedProtocol)
	}))
	server.TLS = &tls.Config{NextProtos: []string{"http/1.1"}}
	server.StartTLS()
	t.Cleanup(server.Close)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return server.Listener.Addr().String(), string(text)
}

// https makes a connection with a context.
func https(address string, context any) []any {
	host, port, _ := strings.Cut(address, ":")
	n := 0
	for _, c := range port {
		n = n*10 + int(c-'0')
	}
	return []any{host, n, 20, nil, nil, nil, nil, nil, []any{nil}, context}
}

func TestHTTPS(t *testing.T) {
	address, certificate := secure(t)
	for name, test := range map[string]struct {
		context Object
		want    string
	}{
		"trusted":    {Object{{"caData", certificate}}, "TLS 1.3 http/1.1"},
		"as bytes":   {Object{{"caData", []byte(certificate)}}, "TLS 1.3 http/1.1"},
		"unverified": {Object{{"verify", false}}, "TLS 1.3 http/1.1"},
		"bounded":    {Object{{"caData", certificate}, {"maximumVersion", "TLSv1.2"}, {"minimumVersion", nil}}, "TLS 1.2 http/1.1"},
		"no ALPN":    {Object{{"caData", certificate}, {"alpn", []any{}}}, "TLS 1.3 "},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage(t)
			p.ok(1, "httpsConnection", https(address, test.context)...)
			p.ok(1, "request", "GET", "/", nil, nil, nil)
			p.ok(1, "getResponse", 2)
			if got := string(p.ok(2, "read").([]byte)); got != test.want {
				t.Errorf("the server saw %q, want %q", got, test.want)
			}
			p.find(func(m list) bool {
				events, _ := m.at(2).([]byte)
				return m.text(0) == "trace" && strings.Contains(string(events), `"type":"tls-record"`)
			})
			if e := p.fails(1, "keyLog"); e.Get("name") != "ValueError" {
				t.Errorf("a key log that nobody asked for: %v", e)
			}
		})
	}
}

func TestHTTPSKeyLog(t *testing.T) {
	address, certificate := secure(t)
	p := newPage(t)
	p.ok(1, "httpsConnection", https(address, Object{{"caData", certificate}, {"keyLog", true}})...)
	if got := p.ok(1, "keyLog"); got != "" {
		t.Errorf("before the handshake the key log is %q", got)
	}
	p.ok(1, "connect")
	if got := p.ok(1, "keyLog").(string); !strings.HasPrefix(got, "CLIENT_HANDSHAKE_TRAFFIC_SECRET ") || strings.Count(got, "\n") != 4 {
		t.Errorf("the key log is %q", got)
	}
}

func TestHTTPSRefusals(t *testing.T) {
	address, _ := secure(t)
	p := newPage(t)
	for i, test := range []struct {
		context any
		name    string
		message string
	}{
		{5, "TypeError", "context must be an object, not int"},
		{Object{{"verify", "no"}}, "TypeError", "context.verify must be a boolean, not str"},
		{Object{{"caData", 5}}, "TypeError", "context.caData must be PEM text, not int"},
		{Object{{"minimumVersion", "1.2"}}, "ValueError", `context.minimumVersion must be "TLSv1"`},
		{Object{{"verify", false}, {"checkHostname", true}}, "ValueError", "check_hostname needs a SSL context"},
		{Object{{"alpn", []any{5}}}, "TypeError", "context.alpn must be a list of strings"},
	} {
		e := p.fails(i+1, "httpsConnection", https(address, test.context)...)
		if message, _ := e.Get("message").(string); e.Get("name") != test.name || !strings.HasPrefix(message, test.message) {
			t.Errorf("%v: %v", test.context, e)
		}
	}
	p.ok(20, "httpsConnection", https(address, Absent{})...)
	if e := p.fails(20, "connect"); e.Get("name") != "SSLCertVerificationError" {
		t.Errorf("a certificate of an unknown authority: %v", e)
	}
}

// The certificates of a scenario come with the call: without them, and where one
// that it names is not among them, it goes as with files that do not exist.
func TestScenarioOverTLS(t *testing.T) {
	const folder = "../../core/testdata/conformance/"
	files := Object{}
	for _, name := range []string{"ca.pem", "server.pem"} {
		data, err := os.ReadFile(folder + "certs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, Member{name, data})
	}
	for _, of := range []struct {
		name   string
		given  any
		agrees bool
	}{
		{"cases/https-get.json", files, true},
		{"cases/https-get.json", Absent{}, false},
		{"more/https-no-authorities-file.json", files, true},
	} {
		text, err := os.ReadFile(folder + of.name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := scenario.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p := newPage(t)
		result, err := scenario.ParseValue([]byte(p.ok(0, "runScenario", string(text), nil, nil, "in-page", of.given).(string)))
		if err != nil {
			t.Fatal(err)
		}
		steps, _ := result.(scenario.Object).Get("steps")
		received, _ := result.(scenario.Object).Get("received")
		differences := doc.Compare(scenario.Observed{Steps: steps.([]scenario.Value), Received: received.([]scenario.Value)}, true)
		if of.agrees != (len(differences) == 0) {
			t.Errorf("%s with certificates %v: %v", of.name, of.given, differences)
		}
	}
	text, err := os.ReadFile(folder + "cases/https-get.json")
	if err != nil {
		t.Fatal(err)
	}
	p := newPage(t)
	if e := p.fails(0, "runScenario", string(text), nil, nil, "in-page", Object{{"ca.pem", 5}}); e.Get("name") != "TypeError" {
		t.Errorf("a certificate that is none: %v", e)
	}
}
