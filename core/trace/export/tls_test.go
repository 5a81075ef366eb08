package export_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/ssl"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/decode"
	"github.com/stepwire/stepwire/core/trace/export"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// newSecureOrigin is newOrigin over TLS, with a certificate of its own.
func newSecureOrigin(t *testing.T) (o *origin, certificate []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	o = &origin{host: "127.0.0.1", port: l.Addr().(*net.TCPAddr).Port, received: make(chan []byte, 8)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			o.serve(tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}), answer)
		}
	}()
	return o, der
}

// secureRecording makes a GET over TLS and gives its recording and its keys.
func secureRecording(t *testing.T, o *origin, der []byte) (rec *recording.Recording, keys []byte) {
	t.Helper()
	settings, err := ssl.CreateDefaultContext(&ssl.Locations{CAData: der})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	settings.SetKeyLogWriter(&log)
	events := trace.NewLog(0, nil)
	c, err := core.NewHTTPSConnection(o.host, &core.HTTPSConnectionOptions{Context: settings,
		HTTPConnectionOptions: core.HTTPConnectionOptions{Port: &o.port, Tracer: events}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := c.Request(ctx, "GET", "/secret?x=y", nil); err != nil {
		t.Fatal(err)
	}
	if err := readAll(ctx, &c.HTTPConnection); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if rec, err = recording.FromLog(events.Take(), "test", time.Now(), 0); err != nil {
		t.Fatal(err)
	}
	return rec, log.Bytes()
}

func TestExportedCodeSpeaksTLS(t *testing.T) {
	o, certificate := newSecureOrigin(t)
	rec, _ := secureRecording(t, o, certificate)
	want := <-o.received
	trusted := filepath.Join(t.TempDir(), "trusted.pem")
	if err := os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600); err != nil {
		t.Fatal(err)
	}
	for tool, r := range codeRunners {
		t.Run(tool, func(t *testing.T) {
			if _, err := exec.LookPath(tool); err != nil {
				t.Skipf("no %s here", tool)
			}
			var code bytes.Buffer
			if err := r.write(&code, rec, export.Options{}); err != nil {
				t.Fatal(err)
			}
			command := r.run(t, code.String())
			command.Env = append(os.Environ(), "SSL_CERT_FILE="+trusted, "CURL_CA_BUNDLE="+trusted)
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s\n%s", err, code.String(), out)
			}
			if got := <-o.received; !bytes.Equal(got, want) {
				t.Errorf("sent\n%q\nrecorded\n%q\nby\n%s", got, want, code.String())
			}
		})
	}
}

// A capture of TLS holds ciphertext only, unless its keys go with it.
func TestCapturesOfTLSDecryptWithTheirKeys(t *testing.T) {
	o, certificate := newSecureOrigin(t)
	rec, keys := secureRecording(t, o, certificate)
	var file bytes.Buffer
	if err := rec.Write(&file); err != nil {
		t.Fatal(err)
	}
	if err := validate(recording.Schema, file.Bytes()); err != nil {
		t.Errorf("the recording does not follow its schema: %v", err)
	}
	for _, full := range []bool{false, true} {
		var b bytes.Buffer
		if err := export.PCAPNG(&b, rec, keys, export.Options{Secrets: full}); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b.Bytes(), []byte("/secret")) {
			t.Error("the plaintext is in the capture")
		}
		back, _, err := decode.Decode(b.Bytes(), decode.Options{})
		if full != (err == nil) {
			t.Fatalf("keys inside %v: %v", full, err)
		}
		if full {
			if x := back.Exchanges(); len(x) != 1 || x[0].Request.Target != "/secret?x=y" || string(x[0].Response.Content) != "hello" {
				t.Errorf("decrypted to %+v", x)
			}
		}
	}
	var har bytes.Buffer
	if err := export.HAR(&har, rec, export.Options{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(har.String(), `"url": "https://127.0.0.1:`) || strings.Contains(har.String(), `"ssl": -1`) {
		t.Errorf("the HAR does not tell TLS:\n%s", har.String())
	}
}

// tshark decrypts it with no settings.
func TestTsharkDecryptsTheCapture(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark here")
	}
	o, certificate := newSecureOrigin(t)
	rec, keys := secureRecording(t, o, certificate)
	file := filepath.Join(t.TempDir(), "tls.pcapng")
	w, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := export.PCAPNG(w, rec, keys, export.Options{Secrets: true}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-r", file, "-T", "fields", "-e", "http.request.uri", "-e", "http.response.code").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"/secret?x=y", "200"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("tshark does not show %s:\n%s", want, out)
		}
	}
}

// A capture whose records have a hole would be one that nobody can decrypt.
func TestPCAPNGNeedsAllRecords(t *testing.T) {
	o, certificate := newSecureOrigin(t)
	rec, _ := secureRecording(t, o, certificate)
	first := slices.IndexFunc(rec.Events, func(e recording.Event) bool { return e.Type == "tls-record" && e.Dir == "received" })
	without := *rec
	without.Events = slices.Delete(slices.Clone(rec.Events), first+1, first+2)
	if hole := rec.Events[first+1]; hole.Type != "tls-record" || hole.Dir != "received" {
		t.Fatalf("event %d is a %s %s, want the second record received", first+1, hole.Type, hole.Dir)
	}
	cut := *rec
	cut.Events = slices.Clone(rec.Events)
	cut.Events[first].Dropped = 1
	for name, rec := range map[string]*recording.Recording{"a record left out": &without, "one cut short": &cut} {
		err := export.PCAPNG(io.Discard, rec, nil, export.Options{})
		if err == nil || !strings.Contains(err.Error(), "does not hold all records received over transport 1; record with a larger limit") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
