package wisp

// Reason is the payload of a CLOSE packet.
type Reason byte

// Close reasons of the protocol. Those from 0x41 to 0x49 are the server's,
// 0x81 is the client's, and those from 0xC0 belong to extensions.
const (
	ReasonUnspecified   Reason = 0x01 // not said
	ReasonVoluntary     Reason = 0x02 // the orderly end
	ReasonNetworkError  Reason = 0x03 // the connection broke: a reset
	ReasonIncompatible  Reason = 0x04 // handshake: extensions do not agree
	ReasonInvalid       Reason = 0x41 // the CONNECT is not usable
	ReasonUnreachable   Reason = 0x42 // no such host, or no route to it
	ReasonTimeout       Reason = 0x43 // the host did not answer the connect
	ReasonRefused       Reason = 0x44 // the host refused the connect
	ReasonDataTimeout   Reason = 0x47 // the connection was idle or stuck too long
	ReasonBlocked       Reason = 0x48 // the relay's policy denies the destination
	ReasonThrottled     Reason = 0x49 // a limit of the relay
	ReasonClientError   Reason = 0x81 // the client cannot take more data
	ReasonBadPassword   Reason = 0xC0 // handshake: user name or password
	ReasonBadSignature  Reason = 0xC1 // handshake: key
	ReasonNeedsPassword Reason = 0xC2 // handshake: nothing was offered
)

// String says in a few words what the reason means.
func (r Reason) String() string {
	switch r {
	case ReasonUnspecified:
		return "unspecified reason"
	case ReasonVoluntary:
		return "voluntary close"
	case ReasonNetworkError:
		return "network error"
	case ReasonIncompatible:
		return "incompatible extensions"
	case ReasonInvalid:
		return "invalid destination"
	case ReasonUnreachable:
		return "unreachable or unknown host"
	case ReasonTimeout:
		return "connect timed out"
	case ReasonRefused:
		return "connection refused"
	case ReasonDataTimeout:
		return "data transfer timed out"
	case ReasonBlocked:
		return "destination blocked by the relay"
	case ReasonThrottled:
		return "throttled by the relay"
	case ReasonClientError:
		return "client error"
	case ReasonBadPassword:
		return "wrong user name or password"
	case ReasonBadSignature:
		return "wrong signature"
	case ReasonNeedsPassword:
		return "authentication required"
	}
	return "reason 0x" + hex(byte(r))
}

// wsproxyBase is where the wsproxy convention of this project puts reasons
// among the WebSocket close codes (RFC 6455 §7.4.2: 4000–4999 are private).
const wsproxyBase = 4000

// CloseCode is the WebSocket close code that tells r to a wsproxy client: 4000
// + r, and 1000 for ReasonVoluntary.
func (r Reason) CloseCode() int {
	if r == ReasonVoluntary {
		return 1000
	}
	return wsproxyBase + int(r)
}

// ReasonOf is the inverse of CloseCode. It is false for a code that carries no
// reason.
func ReasonOf(code int) (Reason, bool) {
	switch {
	case code == 1000:
		return ReasonVoluntary, true
	case code > wsproxyBase && code <= wsproxyBase+0xFF:
		return Reason(code - wsproxyBase), true
	}
	return 0, false
}
