package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/gopacket/gopacket/reassembly"
)

const (
	// maxPackets and maxConnections bound the work that a capture can ask for.
	maxPackets     = 1 << 20
	maxConnections = 4096
	// maxPages bounds what is held back for packets out of order, in pages of
	// about 1,900 bytes.
	maxPages = 16 << 10
)

// isCapture knows the magic numbers of pcap, in both byte orders and both time
// resolutions, and of pcapng.
func isCapture(data []byte) bool {
	if len(data) < 4 {
		return false
	}
	switch binary.LittleEndian.Uint32(data) {
	case 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a:
		return true
	}
	return false
}

// packets is what pcap and pcapng files have in common.
type packets interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	LinkType() layers.LinkType
}

// fromCapture puts the TCP streams of a capture together and keeps those that
// speak HTTP/1.x; with keys, in keyLog or in the file, also those over TLS. lacks
// says which it does not keep.
func fromCapture(data, keyLog []byte) (list []Conversation, lacks []string, err error) {
	source, err := openCapture(data)
	if err != nil {
		return nil, nil, err
	}
	f := &factory{}
	pool := reassembly.NewStreamPool(f)
	assembler := reassembly.NewAssembler(pool)
	assembler.MaxBufferedPagesTotal = maxPages
	for n := 0; ; n++ {
		if n == maxPackets {
			return nil, nil, fmt.Errorf("more than %d packets", maxPackets)
		}
		packet, info, err := source.ReadPacketData()
		if err == io.EOF {
			break
		}
		if errors.Is(err, io.ErrUnexpectedEOF) { // a capture that was cut off is still worth reading
			lacks = append(lacks, fmt.Sprintf("the file is cut off after packet %d", n))
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("packet %d: %w", n+1, err)
		}
		p := gopacket.NewPacket(packet, source.LinkType(), gopacket.DecodeOptions{Lazy: true, NoCopy: true})
		network := p.NetworkLayer()
		tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if !ok || network == nil {
			continue
		}
		assembler.AssembleWithContext(network.NetworkFlow(), tcp, moment(info))
		if len(f.list) > maxConnections {
			return nil, nil, fmt.Errorf("more than %d connections", maxConnections)
		}
	}
	assembler.FlushAll()
	list, more, err := f.conversations(append(bytes.Clone(keyLog), embeddedKeys(data)...))
	return list, append(lacks, more...), err
}

// payloadOf gives what TCP carries in a packet, which is how Wireshark copies one;
// what is none stays as it is.
func payloadOf(data []byte) []byte {
	for _, link := range []gopacket.Decoder{layers.LinkTypeEthernet, layers.LinkTypeRaw} {
		p := gopacket.NewPacket(data, link, gopacket.NoCopy)
		if tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP); ok && p.ErrorLayer() == nil && len(tcp.Payload) > 0 {
			return tcp.Payload
		}
	}
	return data
}

func openCapture(data []byte) (packets, error) {
	if binary.LittleEndian.Uint32(data) == 0x0a0d0d0a {
		return pcapgo.NewNgReader(bytes.NewReader(data), pcapgo.DefaultNgReaderOptions)
	}
	return pcapgo.NewReader(bytes.NewReader(data))
}

// embeddedKeys collects the key logs of a pcapng file's decryption secrets
// blocks (type 10), which the reader reads but keeps to itself.
func embeddedKeys(data []byte) (keys []byte) {
	if len(data) < 12 || binary.LittleEndian.Uint32(data) != 0x0a0d0d0a {
		return nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if order.Uint32(data[8:]) != 0x1a2b3c4d {
		order = binary.BigEndian
	}
	const tlsKeyLog = 0x544c534b
	for len(data) >= 12 {
		size := int(order.Uint32(data[4:]))
		if size < 12 || size > len(data) || size%4 != 0 {
			return keys
		}
		if order.Uint32(data) == 10 && size >= 20 && order.Uint32(data[8:]) == tlsKeyLog {
			if n := int(order.Uint32(data[12:])); n <= size-20 {
				keys = append(append(keys, data[16:16+n]...), '\n')
			}
		}
		data = data[size:]
	}
	return keys
}

// moment carries a packet's time through the assembler.
type moment gopacket.CaptureInfo

// GetCaptureInfo is what the assembler asks for.
func (m moment) GetCaptureInfo() gopacket.CaptureInfo { return gopacket.CaptureInfo(m) }

// factory makes a stream for each connection, in the order of their beginning.
type factory struct{ list []*stream }

// New is called for the first packet of a connection.
func (f *factory) New(network, transport gopacket.Flow, tcp *layers.TCP, _ reassembly.AssemblerContext) reassembly.Stream {
	s := &stream{server: network.Dst().String(), port: int(tcp.DstPort)}
	if tcp.SYN && tcp.ACK { // the capture begins with the answer
		s.server, s.port, s.swapped = network.Src().String(), int(tcp.SrcPort), true
	}
	f.list = append(f.list, s)
	return s
}

// stream gathers both directions of a connection.
type stream struct {
	server  string
	port    int
	swapped bool
	data    [2][]byte
	seen    [2]timeline
	ended   [2]bool
	missing bool // bytes were lost, or are too many: what follows is not read
}

// Accept takes every packet; the assembler begins in the middle where it must.
func (s *stream) Accept(_ *layers.TCP, _ gopacket.CaptureInfo, _ reassembly.TCPFlowDirection, next reassembly.Sequence, start *bool, _ reassembly.AssemblerContext) bool {
	if next == -1 {
		*start = true
	}
	return true
}

// ReassembledSG takes the bytes that come next in one direction.
func (s *stream) ReassembledSG(sg reassembly.ScatterGather, ac reassembly.AssemblerContext) {
	dir, _, end, skip := sg.Info()
	i := 0
	if (dir == reassembly.TCPDirServerToClient) != s.swapped {
		i = 1
	}
	if skip > 0 {
		s.missing = true
	}
	n, _ := sg.Lengths()
	if len(s.data[0])+len(s.data[1])+n > MaxInput {
		s.missing = true
	}
	if !s.missing {
		s.data[i] = append(s.data[i], sg.Fetch(n)...)
		s.seen[i] = s.seen[i].mark(len(s.data[i]), ac.GetCaptureInfo().Timestamp)
	}
	s.ended[i] = s.ended[i] || end
}

// ReassemblyComplete ends the connection.
func (s *stream) ReassemblyComplete(reassembly.AssemblerContext) bool { return true }

// conversations keeps the connections that can be read.
func (f *factory) conversations(keys []byte) (list []Conversation, lacks []string, err error) {
	var encrypted, undecided, holes int
	for _, s := range f.list {
		sent, received := s.data[0], s.data[1]
		secret := startsTLS(sent) || startsTLS(received)
		if secret {
			plainSent, plainReceived, err := decryptTLS(sent, received, keys)
			if err != nil {
				encrypted++
				continue
			}
			sent, received = plainSent.bytes, plainReceived.bytes
			s.seen = [2]timeline{plainSent.times(s.seen[0]), plainReceived.times(s.seen[1])}
		}
		if !isRequest(sent) && !bytes.HasPrefix(received, []byte("HTTP/")) {
			if len(sent)+len(received) > 0 {
				undecided++
			}
			continue
		}
		if s.missing {
			holes++
		}
		list = append(list, Conversation{Host: s.server, Port: s.port, TLS: secret, Sent: sent, Received: received, Cut: s.missing || !s.ended[1],
			SentAt: s.seen[0], ReceivedAt: s.seen[1]})
	}
	if len(list) == 0 {
		return nil, nil, fmt.Errorf("none of %d TCP connections speaks HTTP/1.x in a form that can be read (%d over TLS without their keys, %d of other protocols); give the session's key log for TLS", len(f.list), encrypted, undecided)
	}
	for _, left := range []string{
		some(encrypted, "connection over TLS is left out, as its keys are not there", "connections over TLS are left out, as their keys are not there"),
		some(undecided, "connection of another protocol is left out", "connections of other protocols are left out"),
		some(holes, "connection ends where packets are missing", "connections end where packets are missing"),
	} {
		if left != "" {
			lacks = append(lacks, left)
		}
	}
	return list, lacks, nil
}

// startsTLS reports a stream that begins with a TLS record.
func startsTLS(b []byte) bool {
	return len(b) >= 3 && b[0] == 22 && b[1] == 3 && b[2] <= 4
}
