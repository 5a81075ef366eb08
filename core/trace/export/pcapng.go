package export

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/stepwire/stepwire/core/trace/recording"
)

// secretsTLS is the type of a decryption secrets block with a TLS key log.
const secretsTLS = 0x544c534b

// maxSegment is how many bytes of a stream one synthetic packet carries.
const maxSegment = 16 << 10

// PCAPNG writes the transports as a packet capture. What the log holds is the
// streams, so TCP and IP are synthetic: documentation addresses (RFC 5737), the
// well-known ports, a handshake and a FIN, valid checksums; the section's
// comment says so, and each packet's comment names the event it stands for.
// keyLog, if any, is put inside so that TLS decrypts without settings; it is
// written only with opts.Secrets.
func PCAPNG(w io.Writer, rec *recording.Recording, keyLog []byte, opts Options) error {
	for _, s := range rec.Streams() {
		if s.Dropped > 0 {
			return fmt.Errorf("export: the log kept %d of %d bytes %s over transport %d; record with a larger limit", s.Size-s.Dropped, s.Size, s.Dir, s.Conn)
		}
	}
	link := pcapgo.NgInterface{Name: "stepwire", LinkType: layers.LinkTypeRaw, TimestampResolution: 9}
	section := pcapgo.NgSectionInfo{Application: "Stepwire",
		Comment: "TCP and IP are synthetic: a browser sees streams, not packets. The bytes of the streams and their times are as recorded."}
	ng, err := pcapgo.NewNgWriterInterface(w, link, pcapgo.NgWriterOptions{SectionInfo: section})
	if err != nil {
		return err
	}
	if opts.Secrets && len(keyLog) > 0 {
		if err := ng.WriteDecryptionSecretsBlock(secretsTLS, keyLog); err != nil {
			return err
		}
	}
	c := capture{rec: rec, opts: opts, out: ng, flows: map[int]*flow{}, protected: map[int]bool{}, records: map[place]int64{}}
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Type == "tls-record" {
			c.protected[e.Conn] = true
		}
	}
	for i := range rec.Events {
		if err := c.event(&rec.Events[i]); err != nil {
			return err
		}
	}
	return ng.Flush()
}

// capture writes packets for events.
type capture struct {
	rec       *recording.Recording
	opts      Options
	out       *pcapgo.NgWriter
	host      string
	port      int
	flows     map[int]*flow
	protected map[int]bool    // transports whose bytes are TLS records
	records   map[place]int64 // where the records of each direction go on
}

// place is one direction of a transport.
type place struct {
	conn int
	dir  string
}

// flow is a synthetic TCP connection.
type flow struct {
	number     int
	serverPort uint16
	next       [2]uint32 // sequence number of the next byte, by sender: client, server
	ended      [2]bool
	about      string
}

func (c *capture) event(e *recording.Event) error {
	switch e.Type {
	case "connect":
		c.host, c.port = e.Host, e.Port
		if e.Phase == "open" {
			return c.open(e)
		}
	case "send", "recv":
		if !c.protected[e.Conn] {
			return c.stream(e, e.Type == "send")
		}
	case "tls-record":
		return c.record(e)
	case "closed":
		return c.end(e, 0)
	}
	return nil
}

// open writes the handshake of a transport.
func (c *capture) open(e *recording.Event) error {
	f := &flow{number: e.Conn, serverPort: 80, next: [2]uint32{1000, 5000}, about: fmt.Sprintf("transport %d to %s:%d", e.Conn, c.host, c.port)}
	if c.protected[e.Conn] {
		f.serverPort = 443
	}
	c.flows[e.Conn] = f
	for _, p := range []struct {
		from     int
		syn, ack bool
	}{{0, true, false}, {1, true, true}, {0, false, true}} {
		if err := c.packet(e, f, p.from, layers.TCP{SYN: p.syn, ACK: p.ack}, nil, f.about); err != nil {
			return err
		}
	}
	return nil
}

// record writes a record. Those of one direction follow each other without a hole
// unless the log had no room for all of them.
func (c *capture) record(e *recording.Event) error {
	at := place{e.Conn, e.Dir}
	if end, begun := c.records[at]; e.Dropped > 0 || begun && end != e.Offset {
		return fmt.Errorf("export: the log does not hold all records %s over transport %d; record with a larger limit", e.Dir, e.Conn)
	}
	c.records[at] = e.Offset + e.Size
	return c.stream(e, e.Dir == "sent")
}

// stream writes what an event moved, and the FIN that ends it.
func (c *capture) stream(e *recording.Event, sent bool) error {
	f := c.flows[e.Conn]
	if f == nil {
		return fmt.Errorf("export: event %d moves bytes over transport %d, which was never opened", e.Seq, e.Conn)
	}
	from, dir := 1, "received"
	if sent {
		from, dir = 0, "sent"
	}
	var data []byte
	if e.Bytes != nil {
		data = e.Bytes.B64
		if e.Type != "tls-record" {
			data = c.opts.mask(c.rec, e.Conn, dir, e.Offset, data)
		}
	}
	for len(data) > 0 {
		n := min(len(data), maxSegment)
		if err := c.packet(e, f, from, layers.TCP{ACK: true, PSH: true}, data[:n], ""); err != nil {
			return err
		}
		data = data[n:]
	}
	if e.EOF {
		return c.end(e, from)
	}
	return nil
}

// end writes a FIN, once a side, and the other side's acknowledgement.
func (c *capture) end(e *recording.Event, from int) error {
	f := c.flows[e.Conn]
	if f == nil || f.ended[from] {
		return nil
	}
	f.ended[from] = true
	if err := c.packet(e, f, from, layers.TCP{FIN: true, ACK: true}, nil, ""); err != nil {
		return err
	}
	return c.packet(e, f, 1-from, layers.TCP{ACK: true}, nil, "")
}

// packet writes one packet of a flow.
func (c *capture) packet(e *recording.Event, f *flow, from int, tcp layers.TCP, data []byte, about string) error {
	addresses := [2]net.IP{{192, 0, 2, 1}, {192, 0, 2, 100}}
	ports := [2]uint16{uint16(49152 + f.number%16000), f.serverPort}
	ip := &layers.IPv4{Version: 4, TTL: 64, Id: uint16(e.Seq), Flags: layers.IPv4DontFragment, Protocol: layers.IPProtocolTCP,
		SrcIP: addresses[from], DstIP: addresses[1-from]}
	tcp.SrcPort, tcp.DstPort = layers.TCPPort(ports[from]), layers.TCPPort(ports[1-from])
	tcp.Seq, tcp.Window = f.next[from], 65535
	if tcp.ACK {
		tcp.Ack = f.next[1-from]
	}
	f.next[from] += uint32(len(data))
	if tcp.SYN || tcp.FIN {
		f.next[from]++
	}
	if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
		return err
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ip, &tcp, gopacket.Payload(data)); err != nil {
		return err
	}
	comment := fmt.Sprintf("event %d", e.Seq)
	if about != "" {
		comment += ": " + about
	}
	n := len(buf.Bytes())
	moment := c.rec.Created.Add(time.Duration(e.T * float64(time.Millisecond)))
	if c.rec.Created.IsZero() { // a recording that was decoded has no date
		moment = time.Unix(0, 0).Add(time.Duration(e.T * float64(time.Millisecond)))
	}
	return c.out.WritePacketWithOptions(gopacket.CaptureInfo{Timestamp: moment, CaptureLength: n, Length: n}, buf.Bytes(),
		pcapgo.NgPacketOptions{Comments: []string{comment}})
}

// KeyLog writes the lines of a key log (RFC 9850) that belong to TLS; it needs
// opts.Secrets, as the lines decrypt everything.
func KeyLog(w io.Writer, keyLog []byte, opts Options) error {
	if !opts.Secrets {
		return fmt.Errorf("export: a key log decrypts the whole session; ask for secrets to write it")
	}
	if len(strings.TrimSpace(string(keyLog))) == 0 {
		return fmt.Errorf("export: no TLS session has left its keys")
	}
	_, err := w.Write(keyLog)
	return err
}
