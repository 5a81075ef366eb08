//go:build js && wasm

// Command wasm is the client as a WebAssembly program in a Worker. It carries
// packed messages between package bridge and wasm/js/worker.js, nothing more.
//
// It does so by imported and exported functions: a message in and its answer
// out cost 6 µs so, against 28 µs by a js.Func with one bytes argument each way
// (Node 20, medians of 20,000).
package main

import (
	"context"
	"net"
	"os"
	"unsafe"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/wasm/bridge"
)

// version is set by the build.
var version = "development"

// smallMessage is the size up to which messages share one buffer. A larger one
// gets a buffer of its own, of which its bytes are parts, uncopied.
const smallMessage = 64 << 10

var (
	client *bridge.Bridge
	shared = make([]byte, smallMessage)
	inbox  []byte // what the page fills next
	outbox []byte // what the page reads next
)

// postMessage hands the page a packed message, which it reads at once.
//
//go:wasmimport stepwire post
func postMessage(address unsafe.Pointer, length uint32)

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

// push takes the message of length bytes that was put there.
//
//go:wasmexport stepwire_push
func push(length uint32) {
	message, err := bridge.Unpack(inbox[:length], len(inbox) > smallMessage)
	inbox = nil
	if err != nil {
		panic(err)
	}
	client.Handle(message)
}

// addressOf gives where bytes lie; the page copies them while the call that
// posts them holds them.
func addressOf(b []byte) uint32 {
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
}

func post(message []any) {
	outbox = bridge.AppendValue(outbox[:0], message, addressOf)
	postMessage(unsafe.Pointer(unsafe.SliceData(outbox)), uint32(len(outbox)))
}

func main() {
	relay, hasWebSocket := os.Args[1], os.Args[2] == "true"
	client = bridge.New(bridge.Config{
		Version: version,
		Post:    post,
		Dial: func(ctx context.Context, host string, port int, onEvent func(what, detail string)) (net.Conn, error) {
			if !hasWebSocket {
				return nil, noWebSocket{}
			}
			return netshim.Dial(ctx, relay, host, port, &netshim.DialOptions{
				OnEvent: func(e netshim.Event) { onEvent(e.What, e.Detail) },
			})
		},
	})
	select {} // the exported functions serve from here on
}

// noWebSocket is the failure to dial in a Worker that has no WebSocket.
type noWebSocket struct{}

func (noWebSocket) Error() string {
	return "this browser gives its Workers no WebSocket, so no relay can be reached; use a current browser, or switch WebSockets on"
}

// Party implements what core.Describe asks for.
func (noWebSocket) Party() string { return "client" }
