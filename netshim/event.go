package netshim

// Event is something that happened between this side and the relay: not to the
// connection's bytes.
type Event struct {
	// What is one of the Event constants.
	What string
	// Detail is a sentence for a person. It holds no secret of the relay's URL.
	Detail string
}

// Values of Event.What.
const (
	EventWebSocket  = "websocket"  // the WebSocket opened or closed
	EventNegotiated = "negotiated" // what both sides speak
	EventFallback   = "fallback"   // something was asked for and is not to be had
	EventMOTD       = "motd"       // the relay's words to its users
	EventStream     = "stream"     // a stream was asked for, opened or ended
)
