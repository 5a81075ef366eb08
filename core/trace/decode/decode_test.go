package decode

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/export"
	"github.com/stepwire/stepwire/core/trace/recording"
)

const (
	request  = "POST /p?q=1 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\nX: y\r\n\r\nabc"
	response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
)

// told is what a recording says of its first exchange.
func told(rec *recording.Recording) string {
	x := rec.Exchanges()
	if len(x) == 0 {
		return "no exchange"
	}
	r, a := x[0].Request, x[0].Response
	return fmt.Sprintf("%s %s %v %q / %d %s %v %q", r.Method, r.Target, r.Fields, r.Content, a.Status, a.Reason, a.Fields, a.Content)
}

const (
	asked    = `POST /p?q=1 [{Host a.example} {Content-Length 3} {X y}] "abc"`
	answered = `200 OK [{Content-Type text/plain} {Content-Length 5}] "hello"`
	nothing  = `  [] ""`
	silence  = `0  [] ""`
)

func TestEveryFormatGivesTheSameConversation(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		kind Kind
		want string
	}{
		"response":   {[]byte(response), KindResponse, nothing + " / " + answered},
		"request":    {[]byte(request), KindRequest, asked + " / " + silence},
		"hexdump -C": {[]byte(hex.Dump([]byte(response))), KindHexDump, nothing + " / " + answered},
		"xxd":        {[]byte(xxd(response)), KindHexDump, nothing + " / " + answered},
		"xxd -c 8":   {[]byte(xxdOf(response, 8)), KindHexDump, nothing + " / " + answered},
		"xxd -c 32":  {[]byte(xxdOf(response, 32)), KindHexDump, nothing + " / " + answered},
		"wireshark":  {[]byte(wireshark(response)), KindHexDump, nothing + " / " + answered},
		"hex stream": {[]byte(hex.EncodeToString([]byte(response)) + "\n"), KindHexDump, nothing + " / " + answered},
		"curl":       {curlTrace(), KindCurlTrace, asked + " / " + answered},
		"pcap":       {capture(t, false), KindCapture, asked + " / " + answered},
		"pcapng":     {capture(t, true), KindCapture, asked + " / " + answered},
		"recording":  {recorded(t), KindRecording, asked + " / " + answered},
		"packet":     {[]byte(hex.Dump(frame(t, false, 1, "A", response))), KindHexDump, nothing + " / " + answered},
		"gzip":       {gzipped(t, capture(t, true)), KindCapture, asked + " / " + answered},
		"BOM":        {append([]byte("\xef\xbb\xbf"), recorded(t)...), KindRecording, asked + " / " + answered},
		"har":        {har(t), KindHAR, `POST /p?q=1 [{Host a.example} {X y} {Content-Length 3}] "abc" / ` + answered},
	} {
		rec, kind, err := Decode(c.data, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if kind != c.kind {
			t.Errorf("%s is taken for %s, want %s", name, kind, c.kind)
		}
		if got := told(rec); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// curl numbers its connections, and may go on with one that it had before.
func TestConnectionsOfCurl(t *testing.T) {
	block := func(title, data string) (text string) {
		for i := 0; i < len(data); i += 16 {
			line := data[i:min(i+16, len(data))]
			text += fmt.Sprintf("%s, %d bytes (0x%x)\n0000: % x \n", title, len(line), len(line), line)
		}
		return text
	}
	ask := func(target string) string {
		return block("=> Send header", "GET /"+target+" HTTP/1.1\r\n\r\n") + block("<= Recv header", "HTTP/1.1 204 No Content\r\n\r\n")
	}
	for name, c := range map[string]struct{ connects, again string }{
		"7.88": {"== Info: Connected to a.example (192.0.2.1) port 80 (#0)\n" + ask("1") + "== Info: Connection #0 to host a.example left intact\n== Info: Connected to b.example (192.0.2.2) port 81 (#1)\n", "== Info: Re-using existing connection #0 with host a.example\n"},
		"8.16": {"== Info: Established connection to a.example (192.0.2.1 port 80) from 192.0.2.9 port 5000\n" + ask("1") + "== Info: Established connection to b.example (192.0.2.2 port 81) from 192.0.2.9 port 5001\n", ""},
	} {
		text := c.connects + "=> Send SSL data, 1 bytes (0x1)\n0000: 16\n" + ask("2") + c.again + ask("3")
		rec, _, err := Decode([]byte(text), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, x := range rec.Exchanges() {
			got = append(got, fmt.Sprintf("%s:%d %v %s", x.Host, x.Port, x.TLS, x.Request.Target))
		}
		want := []string{"a.example:80 false /1", "a.example:80 false /3", "b.example:81 true /2"}
		if c.again == "" {
			want = []string{"a.example:80 false /1", "b.example:81 true /2", "b.example:81 true /3"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func xxd(s string) string { return xxdOf(s, usual) }

func xxdOf(s string, width int) string {
	var b strings.Builder
	for i := 0; i < len(s); i += width {
		line := s[i:min(i+width, len(s))]
		var digits string
		for j := 0; j < len(line); j += 2 {
			digits += fmt.Sprintf("%x ", line[j:min(j+2, len(line))])
		}
		fmt.Fprintf(&b, "%08x: %-*s %s\n", i, width*5/2, digits, printable(line))
	}
	return b.String()
}

func wireshark(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += 16 {
		line := s[i:min(i+16, len(s))]
		fmt.Fprintf(&b, "%04x   % -47x   %s\n", i, line, printable(line))
	}
	return b.String()
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, s)
}

func curlTrace() []byte {
	head, body, _ := strings.Cut(request, "\r\n\r\n")
	var b strings.Builder
	b.WriteString("== Info: Connected to a.example (192.0.2.1) port 80 (#0)\n")
	block := func(title, data string) {
		fmt.Fprintf(&b, "%s, %d bytes (0x%x)\n", title, len(data), len(data))
		for i := 0; i < len(data); i += 16 {
			line := data[i:min(i+16, len(data))]
			fmt.Fprintf(&b, "%04x: %-48s%s\n", i, fmt.Sprintf("% x ", line), printable(line))
		}
	}
	block("=> Send header", head+"\r\n\r\n")
	block("=> Send data", body)
	for line := range strings.Lines(response) {
		block("<= Recv header", line)
	}
	return []byte(b.String())
}

// capture writes the conversation as packets, one of them sent twice and two
// out of order.
func capture(t *testing.T, ng bool) []byte {
	t.Helper()
	var b bytes.Buffer
	var write func(gopacket.CaptureInfo, []byte) error
	var flush func() error
	if ng {
		w, err := pcapgo.NewNgWriter(&b, layers.LinkTypeEthernet)
		if err != nil {
			t.Fatal(err)
		}
		write, flush = w.WritePacket, w.Flush
	} else {
		w := pcapgo.NewWriter(&b)
		if err := w.WriteFileHeader(65536, layers.LinkTypeEthernet); err != nil {
			t.Fatal(err)
		}
		write, flush = w.WritePacket, func() error { return nil }
	}
	at := time.Unix(1, 0)
	packet := func(client bool, seq uint32, flags string, data string) {
		bytes := frame(t, client, seq, flags, data)
		at = at.Add(10 * time.Millisecond)
		if err := write(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(bytes), Length: len(bytes)}, bytes); err != nil {
			t.Fatal(err)
		}
	}
	packet(true, 100, "S", "")
	packet(false, 900, "SA", "")
	packet(true, 101, "A", request[:20])
	packet(true, 101, "A", request[:20])
	packet(true, 141, "A", request[40:])
	packet(true, 121, "A", request[20:40])
	packet(false, 901, "A", response[:40])
	packet(false, 941, "A", response[40:])
	packet(false, 901+uint32(len(response)), "FA", "")
	packet(true, 101+uint32(len(request)), "FA", "")
	if err := flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// frame is one packet.
func frame(t *testing.T, client bool, seq uint32, flags string, data string) []byte {
	t.Helper()
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: net.IP{192, 0, 2, 1}, DstIP: net.IP{192, 0, 2, 2}}
	tcp := &layers.TCP{SrcPort: 40000, DstPort: 80, Seq: seq, Window: 65535,
		SYN: strings.Contains(flags, "S"), ACK: strings.Contains(flags, "A"), FIN: strings.Contains(flags, "F"), PSH: data != ""}
	if !client {
		ip.SrcIP, ip.DstIP = ip.DstIP, ip.SrcIP
		tcp.SrcPort, tcp.DstPort = tcp.DstPort, tcp.SrcPort
	}
	tcp.SetNetworkLayerForChecksum(ip)
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		&layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeIPv4},
		ip, tcp, gopacket.Payload(data))
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What a file has and its recording has not is said in the recording.
func TestWhatIsLeftOutIsTold(t *testing.T) {
	sent, received, _ := session(t, tls.VersionTLS13, 0)
	spoken := &stream{data: [2][]byte{[]byte(request), []byte(response)}, ended: [2]bool{true, true}}
	secret, odd := &stream{data: [2][]byte{sent, received}}, &stream{data: [2][]byte{[]byte("SSH-2.0-x\r\n"), nil}}
	cut := &stream{data: spoken.data, missing: true}
	for want, list := range map[string][]*stream{
		"": {spoken, {}},
		"1 connection over TLS is left out, as its keys are not there; 1 connection of another protocol is left out":      {secret, spoken, odd},
		"2 connections over TLS are left out, as their keys are not there; 2 connections of other protocols are left out": {secret, spoken, secret, odd, odd},
		"1 connection ends where packets are missing":                                                                     {cut},
	} {
		list, lacks, err := (&factory{list: list}).conversations(nil)
		if got := strings.Join(lacks, "; "); err != nil || len(list) != 1 || got != want {
			t.Errorf("%d conversations, %q, %v\nwant 1 and %q", len(list), got, err, want)
		}
	}
	const entry = `{"request":{"method":"GET","url":%q},"response":{"status":200}}`
	urls := []string{"http://a.example/", "data:,x", "wss://a.example/s", "blob:http://a.example/1", "HTTPS://a.example/"}
	var entries []string
	for _, u := range urls {
		entries = append(entries, fmt.Sprintf(entry, u))
	}
	whole := capture(t, false)
	for want, data := range map[string][]byte{
		"2 entries that are not of HTTP are left out": []byte(`{"log":{"entries":[` + strings.Join(entries, ",") + `]}}`),
		"1 entry that is not of HTTP is left out":     []byte(`{"log":{"entries":[` + strings.Join(entries[:2], ",") + `]}}`),
		"the file is cut off after packet 9":          whole[:len(whole)-5],
		"":                                            whole,
	} {
		rec, _, err := Decode(data, Options{})
		if err != nil || rec.Lacks != want {
			t.Errorf("%.60q: %+v, %v; want %q", data, rec, err, want)
		}
	}
	rec, _, _ := Decode([]byte(`{"log":{"entries":[`+strings.Join(entries, ",")+`]}}`), Options{})
	var ports []int
	for _, e := range rec.Events {
		if e.Type == "connect" {
			ports = append(ports, e.Port)
		}
	}
	if want := []int{80, 443, 443}; !slices.Equal(ports, want) {
		t.Errorf("connected to ports %v, want %v", ports, want)
	}
}

// What follows a packet that the capture lacks is not taken for what it lacks.
func TestCapturesWithAHoleEndThere(t *testing.T) {
	r, err := pcapgo.NewReader(bytes.NewReader(capture(t, false)))
	if err != nil {
		t.Fatal(err)
	}
	var holed bytes.Buffer
	w := pcapgo.NewWriter(&holed)
	if err := w.WriteFileHeader(65536, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for {
		data, info, err := r.ReadPacketData()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasSuffix(data, []byte(response[:40])) {
			continue
		}
		if err := w.WritePacket(info, data); err != nil {
			t.Fatal(err)
		}
	}
	rec, _, err := Decode(holed.Bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := told(rec), asked+" / "+silence; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for _, s := range rec.Streams() {
		if s.Dir == "received" && s.Size > 0 {
			t.Errorf("%d bytes were received: %q", s.Size, s.All())
		}
	}
}

// An asterisk repeats the line before it up to the next offset, and no further
// than a file may be long.
func TestRepeatedLinesOfAHexDump(t *testing.T) {
	const line = "00000000  41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41  |AAAAAAAAAAAAAAAA|\n"
	for text, want := range map[string]string{
		line + "*\n00000030\n":           strings.Repeat("A", 48),
		line + "*\n00000020  42\n":       strings.Repeat("A", 32) + "B",
		line + "*\n00000025\n":           "line 3: offset 25 does not follow",
		line + "*\n00000008\n":           "line 3: offset 8 does not follow",
		line + "*\n4000010  42\n":        "line 3: offset 4000010 does not follow",
		"*\n00000010  42\n":              "line 2: offset 10 does not follow",
		line + "*\n00000020\n00000021\n": "line 4: offset 21, expected 20",
	} {
		got, err := fromHexDump([]byte(text))
		if err != nil {
			got = []byte(err.Error())
		}
		if !strings.HasPrefix(string(got), want) || err == nil && len(got) != len(want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A group of digits is sixteen bytes at most; a line with a longer one has none.
func TestGroupsOfAHexDump(t *testing.T) {
	for digits, want := range map[int]int{2: 1, 3: 0, 32: 16, 34: 0} {
		if _, data, ok := hexLine([]byte("00000000: "+strings.Repeat("4", digits)), usual); ok != (want > 0) || len(data) != want {
			t.Errorf("%d digits: %q, %v, want %d bytes", digits, data, ok, want)
		}
	}
}

// live makes the same conversation live.
func live(t *testing.T) *recording.Recording {
	t.Helper()
	log := trace.NewLog(0, nil)
	c, err := core.NewHTTPConnection("a.example", &core.HTTPConnectionOptions{Tracer: log, CreateConnection: func(context.Context, string, int, *core.SourceAddress) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			io.ReadFull(server, make([]byte, len(request)))
			io.WriteString(server, response)
		}()
		return client, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	c.PutRequest("POST", "/p?q=1", &core.PutRequestOptions{SkipAcceptEncoding: true})
	c.PutHeader("Content-Length", 3)
	c.PutHeader("X", "y")
	if err := c.EndHeaders(ctx, &core.EndHeadersOptions{MessageBody: []byte("abc")}); err != nil {
		t.Fatal(err)
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r.ReadAll(ctx)
	c.Close()
	rec, err := recording.FromLog(log.Take(), "test", time.Unix(0, 0), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func recorded(t *testing.T) []byte {
	var b bytes.Buffer
	if err := live(t).Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func har(t *testing.T) []byte {
	var b bytes.Buffer
	if err := export.HAR(&b, live(t), export.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFaultsOfTheMessagesAreTold(t *testing.T) {
	for text, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nA : b\r\n\r\n":                                             "blank-before-colon",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n": "chunk-size-syntax",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello":       "content-length-differs",
		"HTTP/1.1 200 OK\nContent-Length: 0\n\n":                                       "bare-lf",
	} {
		rec, _, err := Decode([]byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, e := range rec.Events {
			found = found || e.Type == "diagnostic" && bytes.Contains(e.Raw, []byte(want))
		}
		if !found {
			t.Errorf("%q draws no %s", text, want)
		}
	}
}

// Several messages on one connection are told apart.
func TestPipelinesAreTakenApart(t *testing.T) {
	v := Conversation{
		Sent:     []byte("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET  /2 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /3 HTTP/1.1\r\nHost: a\r\n\r\n"),
		Received: []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"),
	}
	log := trace.NewLog(0, nil)
	if errs := v.trace(log, new(clock), 1); len(errs) > 0 {
		t.Errorf("errors: %v", errs)
	}
	rec, err := recording.FromLog(log.Take(), "", time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range rec.Exchanges() {
		got = append(got, fmt.Sprintf("%s %d %q", x.Request.Target, x.Response.Status, x.Response.Content))
	}
	want := `/1 200 "abc"|? 201 "ok"|/3 200 ""`
	if s := strings.Replace(strings.Join(got, "|"), "| 201", "|? 201", 1); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"":             "empty",
		"good morning": "nothing known here",
		`{"a":1}`:      "neither a recording",
		`{"log":`:      "JSON",
		`{"log":{"entries":[{"request":{"url":"x"}}]}}`:                      `"x"`,
		"0000: 47 45 54 20 2f 20 48\n0020: 54 54 50 2f 31 2e 31\n":           "offset 20, expected 7",
		"=> Send header, 99 bytes (0x63)\n0000: 47 45                  GE\n": "missing",
		"=> Send header, many\n":                                             "size of a block",
		"\x0a\x0d\x0d\x0agarbage-in-the-header":                              "capture",
		"\xd4\xc3\xb2\xa1":                                                   "capture",
		"\x1f\x8b\x08cut":                                                    "gzip",
	} {
		_, _, err := Decode([]byte(text), Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, want an error with %q", text, err, want)
		}
	}
}

// FuzzDecode takes any input; the leaves of what it gives follow each other.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{request, response, hex.Dump([]byte(response)), xxd(response), wireshark(request), string(curlTrace()),
		`{"log":{"entries":[{"request":{"method":"GET","url":"http://a/"},"response":{"status":200,"content":{"text":"eA==","encoding":"base64"}}}]}}`,
		"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n", "0000: 47\n*\n0040\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, kind, err := Decode(data, Options{})
		if err != nil || kind == KindRecording {
			return
		}
		ends := map[string]int64{}
		for _, e := range rec.Events {
			if e.Type != "span" {
				continue
			}
			key := fmt.Sprint(e.Conn, e.Dir)
			if e.Start != ends[key] || e.End <= e.Start {
				t.Fatalf("leaf %s %d–%d after %d", e.Kind, e.Start, e.End, ends[key])
			}
			ends[key] = e.End
		}
		for _, s := range rec.Streams() {
			if s.Size != ends[fmt.Sprint(s.Conn, s.Dir)] {
				t.Fatalf("leaves cover %d of %d bytes %s", ends[fmt.Sprint(s.Conn, s.Dir)], s.Size, s.Dir)
			}
		}
	})
}

// A few megabytes of tiny parts would fill the memory with what there is to tell
// of them.
func TestInputOfVeryManyPartsIsRefused(t *testing.T) {
	data := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 100)
	if _, _, err := Decode([]byte(data), Options{events: 1000}); err != nil {
		t.Error(err)
	}
	if _, _, err := Decode([]byte(data), Options{events: 400}); err == nil || !strings.Contains(err.Error(), "decode: response: more than 400 events") {
		t.Errorf("%v", err)
	}
}
