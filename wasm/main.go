//go:build js && wasm

// Command wasm is the client as a WebAssembly program in a Worker. With the
// build tag tls it has HTTPSConnection, too.
package main

import (
	"context"
	"net"
	"os"

	"github.com/stepwire/stepwire/netshim"
	_ "github.com/stepwire/stepwire/netshim/imports"
	"github.com/stepwire/stepwire/wasm/bridge"
	"github.com/stepwire/stepwire/wasm/port"
)

// version is set by the build.
var version = "development"

func main() {
	relay, hasWebSocket := os.Args[1], os.Args[2] == "true"
	client := bridge.New(bridge.Config{
		Version: version,
		Post:    port.Post,
		Dial: func(ctx context.Context, host string, port int, onEvent func(what, detail string)) (net.Conn, error) {
			if !hasWebSocket {
				return nil, noWebSocket{}
			}
			return netshim.Dial(ctx, relay, host, port, &netshim.DialOptions{
				OnEvent: func(e netshim.Event) { onEvent(e.What, e.Detail) },
			})
		},
	})
	port.Serve(client.HandleLate)
}

// noWebSocket is the failure to dial in a Worker that has no WebSocket.
type noWebSocket struct{}

func (noWebSocket) Error() string {
	return "this browser gives its Workers no WebSocket, so no relay can be reached; use a current browser, or switch WebSockets on"
}

// Party implements what core.Describe asks for.
func (noWebSocket) Party() string { return "client" }
