package wisp

import (
	"encoding/binary"
	"strconv"
)

// Subprotocol is what a client offers in Sec-WebSocket-Protocol to ask for
// version 2. Servers take any value so; this one is the ecosystem's habit.
const Subprotocol = "wisp-v2"

// Extension ids.
const (
	ExtUDP         byte = 0x01
	ExtPassword    byte = 0x02
	ExtKey         byte = 0x03
	ExtMOTD        byte = 0x04
	ExtOpenConfirm byte = 0x05
	ExtFlow        byte = 0xF8 // ours; see the package comment
)

// Info is the payload of an INFO packet.
type Info struct {
	Major, Minor byte
	Extensions   []Extension
}

// Extension is one entry of an INFO packet. What Data means depends on the id
// and on the side that sent it.
type Extension struct {
	ID   byte
	Data []byte
}

// Find gives the first extension with that id.
func (i *Info) Find(id byte) (Extension, bool) {
	for _, e := range i.Extensions {
		if e.ID == id {
			return e, true
		}
	}
	return Extension{}, false
}

// Info reads the payload of an INFO. Data of the extensions aliases it.
func (p Packet) Info() (Info, error) {
	i := Info{Major: p.Payload[0], Minor: p.Payload[1]}
	rest := p.Payload[2:]
	for len(rest) > 0 {
		if len(rest) < 5 {
			return i, protocolError("INFO ends inside an extension's id and length: " + strconv.Itoa(len(rest)) + " of 5 bytes")
		}
		id, n := rest[0], binary.LittleEndian.Uint32(rest[1:])
		rest = rest[5:]
		if uint64(n) > uint64(len(rest)) {
			return i, protocolError("INFO extension 0x" + hex(id) + " of " + utoa(n) + " bytes; only " + strconv.Itoa(len(rest)) + " follow")
		}
		i.Extensions = append(i.Extensions, Extension{ID: id, Data: rest[:n:n]})
		rest = rest[n:]
	}
	return i, nil
}

// AppendInfo appends an INFO packet.
func AppendInfo(dst []byte, i Info) []byte {
	dst = append(AppendHeader(dst, TypeInfo, 0), i.Major, i.Minor)
	for _, e := range i.Extensions {
		dst = binary.LittleEndian.AppendUint32(append(dst, e.ID), uint32(len(e.Data)))
		dst = append(dst, e.Data...)
	}
	return dst
}

// Flow is the metadata of the flow extension: what its sender can take.
type Flow struct {
	// Window is how many bytes of each stream the peer may send before the
	// first CREDIT.
	Window uint32
	// MaxData is the largest payload of a DATA packet, in bytes.
	MaxData uint32
}

const (
	flowVersion = 1
	flowLen     = 10
	// MinMaxData is the least MaxData that a peer may announce: smaller ones
	// would make headers a large part of what is sent.
	MinMaxData = 1024
)

// maxWindow bounds the credit that a sender may hold, in bytes.
const maxWindow = 1<<31 - 1

// Extension encodes f for an INFO packet.
func (f Flow) Extension() Extension {
	d := append(make([]byte, 0, flowLen), flowVersion, 0)
	d = binary.LittleEndian.AppendUint32(d, f.Window)
	d = binary.LittleEndian.AppendUint32(d, f.MaxData)
	return Extension{ID: ExtFlow, Data: d}
}

// parseFlow reads the metadata. A version that is not known is no error: the
// extension is then not negotiated.
func parseFlow(e Extension) (f Flow, known bool, err error) {
	if len(e.Data) < 1 {
		return f, false, protocolError("flow extension without metadata; expected " + strconv.Itoa(flowLen) + " bytes")
	}
	if e.Data[0] != flowVersion {
		return f, false, nil
	}
	if len(e.Data) < flowLen {
		return f, false, protocolError("flow extension of " + strconv.Itoa(len(e.Data)) + " bytes; expected " + strconv.Itoa(flowLen))
	}
	f.Window = binary.LittleEndian.Uint32(e.Data[2:])
	f.MaxData = binary.LittleEndian.Uint32(e.Data[6:])
	switch {
	case f.Window > maxWindow:
		return f, false, protocolError("flow extension with a window of " + utoa(f.Window) + " bytes; expected less than 2^31")
	case f.MaxData < MinMaxData:
		return f, false, protocolError("flow extension with packets of at most " + utoa(f.MaxData) + " bytes; expected 1024 or more")
	}
	return f, true, nil
}
