package export_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/trace/decode"
	"github.com/stepwire/stepwire/core/trace/export"
)

// A capture that was written decodes to the bytes that were recorded.
func TestCapturesHoldTheStreams(t *testing.T) {
	o := newOrigin(t, answer)
	rec := record(t, o, conversations["post"])
	var b bytes.Buffer
	if err := export.PCAPNG(&b, rec, nil, export.Options{Secrets: true}); err != nil {
		t.Fatal(err)
	}
	back, kind, err := decode.Decode(b.Bytes(), decode.Options{})
	if err != nil || kind != decode.KindCapture {
		t.Fatalf("%s, %v", kind, err)
	}
	want, got := rec.Streams(), back.Streams()
	if len(got) != len(want) {
		t.Fatalf("%d streams, want %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i].All(), want[i].All()) {
			t.Errorf("%s: %q, want %q", want[i].Dir, got[i].All(), want[i].All())
		}
	}
}

func TestCapturesAreRedacted(t *testing.T) {
	o := newOrigin(t, answer)
	rec := record(t, o, withSecrets)
	for _, full := range []bool{false, true} {
		var b bytes.Buffer
		if err := export.PCAPNG(&b, rec, []byte("CLIENT_RANDOM 00 11\n"), export.Options{Secrets: full}); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hunter2", "CLIENT_RANDOM"} {
			if bytes.Contains(b.Bytes(), []byte(secret)) != full {
				t.Errorf("secrets %v: %s is in the capture: %v", full, secret, !full)
			}
		}
	}
}

// tshark opens the capture as it is and finds the messages.
func TestTsharkReadsTheCapture(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark here")
	}
	o := newOrigin(t, answer)
	rec := record(t, o, conversations["get"])
	file := filepath.Join(t.TempDir(), "get.pcapng")
	w, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := export.PCAPNG(w, rec, nil, export.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-r", file, "-o", "tcp.check_checksum:TRUE", "-T", "fields",
		"-e", "http.request.uri", "-e", "http.response.code", "-e", "tcp.checksum.status", "-e", "_ws.expert.message").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"/a?b=c%20d&e", "200"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("tshark does not show %s:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "Bad checksum") {
		t.Errorf("checksums are wrong:\n%s", out)
	}
}
