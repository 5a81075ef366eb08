package scenario

import (
	"slices"
	"strconv"
)

// A Difference is one point in which an implementation does not conform.
type Difference struct {
	Where    string // "step 3 (read)", "received 0"
	Field    string // "ok", "error.type", "state", "bytes", …
	Expected Value
	Got      Value // nil also where there is nothing
}

// String is the difference in one line.
func (d Difference) String() string {
	return d.Where + ": " + d.Field + ": expected " + string(AppendValue(nil, d.Expected)) +
		", got " + string(AppendValue(nil, d.Got))
}

// Observed is what a run of a scenario showed, in the form that is recorded:
// with the peer's address hidden.
type Observed struct {
	Steps    []Value
	Received []Value
}

// Play plays the scenario's peer on l, which it owns from here on, has client
// perform the steps against it, and tells what both saw.
func (d *Doc) Play(l DeadlineListener, options *PeerOptions, client func(host string, port int) ([]Value, error)) (Observed, error) {
	peer := StartPeer(d.Peer, l, options)
	steps, err := client(peer.Host, peer.Port)
	received := peer.Stop()
	var seen Observed
	for _, step := range steps {
		seen.Steps = append(seen.Steps, HideEndpoint(step, peer.Host, peer.Port))
	}
	for _, data := range received {
		seen.Received = append(seen.Received, HideEndpoint(data, peer.Host, peer.Port))
	}
	return seen, err
}

var outcomes = []string{"ok", "error", "skipped"}

// Compare is the differences between what was recorded and what was observed;
// none when the client conforms. Messages of errors count if messages is set.
func (d *Doc) Compare(got Observed, messages bool) []Difference {
	var c comparison
	want := d.Expect
	c.check("steps", "count", Int(int64(len(want.Steps))), Int(int64(len(got.Steps))))
	for i := range min(len(want.Steps), len(got.Steps)) {
		c.where = "step " + strconv.Itoa(i) + " (" + d.Client[i].Call + ")"
		expected, _ := want.Steps[i].(Object)
		observed, _ := got.Steps[i].(Object)
		c.step(expected, observed, messages)
	}
	c.check("received", "count", Int(int64(len(want.Received))), Int(int64(len(got.Received))))
	for i := range min(len(want.Received), len(got.Received)) {
		c.check("received "+strconv.Itoa(i), "bytes", want.Received[i], got.Received[i])
	}
	return c.found
}

type comparison struct {
	where string
	found []Difference
}

func (c *comparison) check(where, field string, want, got Value) {
	if !equal(want, got) {
		c.found = append(c.found, Difference{where, field, want, got})
	}
}

func (c *comparison) step(want, got Object, messages bool) {
	kind := outcome(want)
	expected, _ := want.Get(kind)
	observed, _ := got.Get(kind)
	expectedError, isError := expected.(Object)
	switch {
	case kind != outcome(got):
		c.check(c.where, "outcome", summary(want), summary(got))
	case kind == "error" && isError:
		observedError, _ := observed.(Object)
		for _, member := range expectedError {
			if member.Name != "message" || messages {
				value, _ := observedError.Get(member.Name)
				c.check(c.where, "error."+member.Name, member.Value, value)
			}
		}
	default:
		c.check(c.where, kind, expected, observed)
	}
	for _, field := range []string{"state", "unread", "stdout"} {
		expected, _ := want.Get(field)
		observed, _ := got.Get(field)
		c.check(c.where, field, expected, observed)
	}
}

// outcome names the member that says how a step went.
func outcome(observation Object) string {
	i := slices.IndexFunc(outcomes, func(name string) bool { _, ok := observation.Get(name); return ok })
	if i < 0 {
		return ""
	}
	return outcomes[i]
}

// summary is the outcome in short: the class of an error, or the result.
func summary(observation Object) Value {
	kind := outcome(observation)
	value, _ := observation.Get(kind)
	if kind == "error" {
		object, _ := value.(Object)
		class, _ := object.Get("type")
		return Object{{"error", class}}
	}
	if kind == "" {
		return nil
	}
	return Object{{kind, value}}
}
