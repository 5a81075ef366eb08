//go:build js && wasm

// Command tools is what reads and writes recordings, as a WebAssembly program
// in a Worker of its own: the client does without it.
package main

import (
	"github.com/stepwire/stepwire/wasm/port"
	"github.com/stepwire/stepwire/wasm/toolbox"
)

// version is set by the build.
var version = "development"

func main() {
	post := func(message []any) { port.Post(message, false) }
	port.Serve(toolbox.New(post, version).Handle)
}
