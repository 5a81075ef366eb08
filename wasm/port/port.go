//go:build js && wasm

// Package port carries packed messages between a Go program in a Worker and
// wasm/js/worker.js, nothing more.
//
// It does so by imported and exported functions: a message in and its answer
// out cost 6 µs so, against 28 µs by a js.Func with one bytes argument each way
// (Node 20, medians of 20,000).
package port

import (
	"unsafe"

	"github.com/stepwire/stepwire/wasm/bridge"
)

// smallMessage is the size up to which messages share one buffer. A larger one
// gets a buffer of its own, of which its bytes are parts, uncopied.
const smallMessage = 64 << 10

var (
	handle func(message any, late *bridge.Late)
	late   *bridge.Late // of the last message, while parts of it arrive
	shared = make([]byte, smallMessage)
	inbox  []byte // what the page fills next
	outbox []byte // what the page reads next
	parts  []part // what it reads beside
)

// part is bytes that a message refers to by their address.
type part struct{ address, length uint32 }

// postMessage hands the page a packed message and its parts, which are copied at
// once.
//
//go:wasmimport stepwire post
func postMessage(address unsafe.Pointer, length uint32, parts unsafe.Pointer, count uint32, more bool)

// buffer gives room for the next message.
//
//go:wasmexport stepwire_buffer
func buffer(size uint32) unsafe.Pointer {
	inbox = shared
	if size > smallMessage {
		inbox = make([]byte, size)
	}
	return unsafe.Pointer(unsafe.SliceData(inbox))
}

// push takes the messages, in a list of length bytes, that were put there; with
// arriving, large bytes among them follow, which arrived tells.
//
//go:wasmexport stepwire_push
func push(length uint32, arriving bool) {
	late = nil
	if arriving {
		late = bridge.NewLate(inbox[:length])
	}
	list, err := bridge.Unpack(inbox[:length], len(inbox) > smallMessage)
	inbox = nil
	messages, ok := list.([]any)
	if err != nil || !ok {
		panic("port: a malformed message")
	}
	for _, message := range messages {
		handle(message, late)
	}
}

// arrived tells that the first n bytes of the last message are there.
//
//go:wasmexport stepwire_arrived
func arrived(n uint32) {
	if late.Arrived(int(n)) {
		late = nil
	}
}

// addressOf gives where bytes lie; they are copied while the call that posts them
// holds them.
func addressOf(b []byte) uint32 {
	p := part{uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))), uint32(len(b))}
	parts = append(parts, p)
	return p.address
}

// Post hands the page a message, which may wait a moment where more is coming.
// Calls must not overlap.
func Post(message []any, more bool) {
	parts = parts[:0]
	outbox = bridge.AppendValue(outbox[:0], message, addressOf)
	postMessage(unsafe.Pointer(unsafe.SliceData(outbox)), uint32(len(outbox)), unsafe.Pointer(unsafe.SliceData(parts)), uint32(len(parts)), more)
}

// Serve hands each message of the page to h, which must not block, with what of it
// still arrives, nil where nothing does. It does not return.
func Serve(h func(message any, late *bridge.Late)) {
	handle = h
	select {} // the exported functions serve from here on
}
