package export_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

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

// The packets are those of a TCP connection: each side acknowledges all that the
// other has sent, and says itself when it has ended, the server here first.
func TestCapturesAreConnections(t *testing.T) {
	rec := record(t, newOrigin(t, "HTTP/1.1 200 OK\r\n\r\nuntil the end"), conversations["get"])
	var b bytes.Buffer
	if err := export.PCAPNG(&b, rec, nil, export.Options{}); err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewNgReader(&b, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	const client, server = "192.0.2.1", "192.0.2.100"
	other := map[string]string{client: server, server: client}
	next := map[string]uint32{} // number of each side's next byte
	var ended []string
	// The handshake's packets say which transport it is.
	commented := regexp.MustCompile(`^event \d+(?:: (transport .+))?$`)
	for packets := 0; ; packets++ {
		data, _, options, err := r.ReadPacketDataWithOptions()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packet := gopacket.NewPacket(data, layers.LayerTypeIPv4, gopacket.Default)
		ip, tcp := packet.NetworkLayer().(*layers.IPv4), packet.TransportLayer().(*layers.TCP)
		from := ip.SrcIP.String()
		said := commented.FindStringSubmatch(strings.Join(options.Comments, " / "))
		if said == nil || (packets < 3) != (said[1] != "") {
			t.Errorf("%s: the comments are %q", from, options.Comments)
		}
		if tcp.SYN {
			next[from] = tcp.Seq
		}
		if tcp.Seq != next[from] || tcp.ACK && tcp.Ack != next[other[from]] || tcp.ACK == (tcp.SYN && from == client) {
			t.Errorf("%s: number %d, acknowledges %d (%t); sent before: %v", from, tcp.Seq, tcp.Ack, tcp.ACK, next)
		}
		next[from] += uint32(len(tcp.Payload))
		if tcp.SYN || tcp.FIN {
			next[from]++
		}
		if tcp.FIN {
			ended = append(ended, from)
		}
	}
	if !slices.Equal(ended, []string{server, client}) {
		t.Errorf("ended: %q, want the server and then the client", ended)
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
