package recording

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Scenario makes a scenario of the recording, in the format of package
// scenario: its calls as the client's steps, and for each transport a peer that
// receives what was sent and sends what was received, in that order. What the
// log did not keep, and bodies that came from files, cannot be converted; under
// TLS the peer is one that speaks plain HTTP.
func (rec *Recording) Scenario(name, about string) ([]byte, error) {
	type action map[string]any
	type connection struct {
		Actions []action `json:"actions"`
	}
	type step struct {
		Call string         `json:"call"`
		Args map[string]any `json:"args,omitempty"`
	}
	peers := map[int]*connection{}
	var order []*connection
	pending := map[int]int64{} // bytes sent and not yet received by the peer
	client := []step{{"HTTPConnection", map[string]any{"host": "$HOST", "port": "$PORT"}}}
	for i := range rec.Events {
		e := &rec.Events[i]
		switch e.Type {
		case "call":
			var args map[string]any
			if err := json.Unmarshal(e.Args, &args); err != nil {
				return nil, fmt.Errorf("recording: event %d: arguments of %s: %w", i, e.Name, err)
			}
			for key, value := range args {
				if s, ok := value.(string); ok && (s == "<file>" || s == "<textfile>" || s == "<iterable>") {
					return nil, fmt.Errorf("recording: event %d: %s of %s came from a file, whose bytes the call does not hold", i, key, e.Name)
				}
			}
			client = append(client, step{e.Name, args})
		case "connect":
			switch {
			case e.Phase == "open":
				peers[e.Conn] = &connection{Actions: []action{}}
				order = append(order, peers[e.Conn])
			case e.Phase == "failed" && len(order) > 0 && e.Error != nil && e.Error.Name == "ConnectionRefusedError":
				// Before its last action, so that nobody connects in between.
				p := order[len(order)-1]
				at := max(len(p.Actions)-1, 0)
				p.Actions = slices.Insert(p.Actions, at, action{"stop_listening": true})
			}
		case "send", "recv":
			p := peers[e.Conn]
			if p == nil || e.Dropped > 0 {
				return nil, fmt.Errorf("recording: event %d: the log does not hold all bytes of transport %d; record with a larger limit", i, e.Conn)
			}
			if e.Type == "send" {
				pending[e.Conn] += e.Size
				continue
			}
			if pending[e.Conn] > 0 {
				p.Actions = append(p.Actions, action{"recv_n": pending[e.Conn]})
				pending[e.Conn] = 0
			}
			switch {
			case e.Bytes != nil && len(e.Bytes.B64) > 0:
				p.Actions = append(p.Actions, action{"send": map[string][]byte{"b64": e.Bytes.B64}})
			case e.EOF:
				p.Actions = append(p.Actions, action{"shutdown_write": true})
			case e.Error != nil && e.Error.Name == "ConnectionResetError":
				p.Actions = append(p.Actions, action{"reset": true})
			}
		}
	}
	if order == nil {
		order = []*connection{}
	}
	doc := struct {
		Version int           `json:"version"`
		Name    string        `json:"name"`
		About   string        `json:"about"`
		Peer    []*connection `json:"peer"`
		Client  []step        `json:"client"`
	}{1, name, about, order, client}
	data, err := json.MarshalIndent(doc, "", "  ")
	return append(data, '\n'), err
}
