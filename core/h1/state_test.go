package h1

import (
	"slices"
	"testing"
)

// recorded is what CPython 3.11.7 did in every state at every input; what is
// not here it refused, or the input cannot occur.
var recorded = map[string]map[string]string{
	"Idle":                        {"putrequest": "Request-started"},
	"Request-started":             {"putheader": "Request-started", "endheaders": "Request-sent"},
	"Request-sent":                {"response, keep-alive": "Unread-response", "response, will close": "Idle", "connection error while waiting": "Idle", "other failure while waiting": "Request-sent"},
	"Unread-response":             {"putrequest": "Req-started-unread-response", "response closed": "Idle"},
	"Req-started-unread-response": {"putheader": "Req-started-unread-response", "endheaders": "Req-sent-unread-response", "response closed": "Request-started"},
	"Req-sent-unread-response":    {"response closed": "Request-sent"},
}

func TestEveryStateAtEveryInput(t *testing.T) {
	for _, from := range States() {
		for _, input := range Inputs() {
			want, ok := recorded[from.String()][input.String()]
			if input == InClose {
				want, ok = "Idle", true
			}
			to, got := Next(from, input)
			if got != ok || ok && to.String() != want {
				t.Errorf("%v at %v: %v (%v), want %q (%v)", from, input, to, got, want, ok)
			}
			c := Conn{state: from}
			if c.Allowed(input) != ok {
				t.Errorf("%v allows %v: %v, want %v", from, input, c.Allowed(input), ok)
			}
		}
	}
	if n := len(Transitions()); n != 19 {
		t.Errorf("the table has %d rows, want 19", n)
	}
}

func TestLegalCallsAreThoseTheTableAllows(t *testing.T) {
	for _, state := range States() {
		c := &Conn{state: state}
		var want []string
		for _, r := range Refusals() {
			if c.Allowed(r.Input) {
				want = append(want, r.Call)
			}
		}
		if got := c.Legal(); !slices.Equal(got, want) {
			t.Errorf("legal in %v: %q, want %q", state, got, want)
		}
	}
}

// A refused call leaves everything as it was.
func TestRefusedCallsChangeNothing(t *testing.T) {
	authority := Authority{Host: "a.example", Port: 80, DefaultPort: 80}
	calls := map[string]func(*Conn) error{
		"putrequest":  func(c *Conn) error { return c.PutRequest("GET", "/", authority, false, false) },
		"putheader":   func(c *Conn) error { return c.PutHeader("A", TextValue("b")) },
		"endheaders":  func(c *Conn) error { _, _, err := c.EndHeaders(); return err },
		"getresponse": func(c *Conn) error { return c.GetResponse(new(Response)) },
	}
	for _, r := range Refusals() {
		for _, state := range States() {
			c := &Conn{state: state, buffer: []byte("GET / HTTP/1.1\r\n")}
			c.Opened()
			if c.Allowed(r.Input) {
				continue
			}
			err := calls[r.Call](c)
			if e, ok := err.(*Error); !ok || e.Class != r.Class {
				t.Errorf("%s in %v: %v, want %v", r.Call, state, err, r.Class)
			}
			if c.state != state || string(c.buffer) != "GET / HTTP/1.1\r\n" || c.exchange != 0 {
				t.Errorf("%s in %v changed the connection to %v, buffer %q", r.Call, state, c.state, c.buffer)
			}
		}
	}
}

func TestErrorClassesFollowPython(t *testing.T) {
	want := map[*Class]string{
		ErrRemoteDisconnected: "ConnectionResetError ConnectionError OSError BadStatusLine HTTPException",
		ErrCannotSendHeader:   "ImproperConnectionState HTTPException",
		ErrUnicodeEncodeError: "UnicodeError ValueError",
		ErrHTTPException:      "",
	}
	for class, bases := range want {
		got := ""
		for i, b := range class.Bases() {
			if i > 0 {
				got += " "
			}
			got += b
		}
		if got != bases {
			t.Errorf("bases of %v: %q, want %q", class, got, bases)
		}
	}
}
