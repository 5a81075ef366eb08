package scenario

import (
	"bytes"
	"net"
	"strconv"
	"strings"
)

// HideEndpoint replaces the peer's address, which differs from run to run:
// host:port by $HOST:$PORT wherever it appears, and the members host and port
// of an object by $HOST and $PORT.
func HideEndpoint(value Value, host string, port int) Value {
	h := hider{host: host, port: Int(int64(port)), pair: host + ":" + strconv.Itoa(port)}
	return h.hide(value)
}

type hider struct {
	host string
	port Number
	pair string
}

const hiddenPair = "$HOST:$PORT"

func (h *hider) hide(value Value) Value {
	if data, ok := asBytes(value); ok {
		return bytes.ReplaceAll(data, []byte(h.pair), []byte(hiddenPair))
	}
	switch value := value.(type) {
	case string:
		return strings.ReplaceAll(value, h.pair, hiddenPair)
	case []Value:
		hidden := make([]Value, len(value))
		for i, item := range value {
			hidden[i] = h.hide(item)
		}
		return hidden
	case Object:
		hidden := make(Object, len(value))
		for i, member := range value {
			hidden[i] = Member{member.Name, h.hide(member.Value)}
			switch {
			case member.Name == "host" && member.Value == h.host:
				hidden[i].Value = "$HOST"
			case member.Name == "port" && member.Value == h.port:
				hidden[i].Value = "$PORT"
			}
		}
		return hidden
	}
	return value
}

// splitAddress is the host and port of a listener's address.
func splitAddress(addr net.Addr) (host string, port int) {
	host, text, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String(), 0
	}
	port, _ = strconv.Atoi(text)
	return host, port
}
