package h1

// State is one of the six logical states of a connection: the three of
// Python's http.client, each with and without a response that the connection
// still holds unread. Python: _CS_IDLE, _CS_REQ_STARTED, _CS_REQ_SENT.
type State uint8

// The six states, named as in the diagram of Python's http/client.py.
const (
	Idle State = iota
	RequestStarted
	RequestSent
	UnreadResponse
	ReqStartedUnreadResponse
	ReqSentUnreadResponse
	stateCount
)

var stateNames = [stateCount]string{
	"Idle", "Request-started", "Request-sent",
	"Unread-response", "Req-started-unread-response", "Req-sent-unread-response",
}

// String gives the name of the state in the diagram.
func (s State) String() string { return stateNames[s] }

// Python gives the value of the connection's private state attribute in
// Python, which does not tell whether a response is unread.
func (s State) Python() string { return stateNames[s%3] }

// Unread reports whether the connection holds a response that is not closed.
func (s State) Unread() bool { return s >= UnreadResponse }

// States lists the six states in the order of the diagram.
func States() []State {
	return []State{Idle, RequestStarted, RequestSent, UnreadResponse, ReqStartedUnreadResponse, ReqSentUnreadResponse}
}

// Input is what makes a connection change its state. Guards are inputs: a
// response that keeps the connection alive is another input than one that
// closes it.
type Input uint8

// The inputs of the transition table.
const (
	InPutRequest Input = iota
	InPutHeader
	InEndHeaders
	InResponseKeepAlive
	InResponseWillClose
	InConnectionError
	InOtherFailure
	InResponseClosed
	InClose
	inputCount
)

var inputNames = [inputCount]string{
	"putrequest", "putheader", "endheaders",
	"response, keep-alive", "response, will close",
	"connection error while waiting", "other failure while waiting",
	"response closed", "close",
}

// String gives the name of the input in the table.
func (i Input) String() string { return inputNames[i] }

// Inputs lists all inputs in the order of the table.
func Inputs() []Input {
	list := make([]Input, inputCount)
	for i := range list {
		list[i] = Input(i)
	}
	return list
}

// Transition is one row of the table.
type Transition struct {
	From  State
	Input Input
	To    State
}

//go:generate go run ./gendiagram ../../README.md

// transitions is the whole state machine: a missing row is a refusal. The
// engine steps by it, tests enumerate it, and the diagrams are drawn from it.
var transitions = [...]Transition{
	{Idle, InPutRequest, RequestStarted},
	{RequestStarted, InPutHeader, RequestStarted},
	{RequestStarted, InEndHeaders, RequestSent},
	{RequestSent, InResponseKeepAlive, UnreadResponse},
	{RequestSent, InResponseWillClose, Idle},
	{RequestSent, InConnectionError, Idle},
	{RequestSent, InOtherFailure, RequestSent},
	{UnreadResponse, InPutRequest, ReqStartedUnreadResponse},
	{UnreadResponse, InResponseClosed, Idle},
	{ReqStartedUnreadResponse, InPutHeader, ReqStartedUnreadResponse},
	{ReqStartedUnreadResponse, InEndHeaders, ReqSentUnreadResponse},
	{ReqStartedUnreadResponse, InResponseClosed, RequestStarted},
	{ReqSentUnreadResponse, InResponseClosed, RequestSent},
	{Idle, InClose, Idle},
	{RequestStarted, InClose, Idle},
	{RequestSent, InClose, Idle},
	{UnreadResponse, InClose, Idle},
	{ReqStartedUnreadResponse, InClose, Idle},
	{ReqSentUnreadResponse, InClose, Idle},
}

// Transitions returns a copy of the table.
func Transitions() []Transition { return append([]Transition(nil), transitions[:]...) }

const refused = stateCount

// next is the table laid out for look-up; refused where it has no row.
var next = func() (t [stateCount][inputCount]State) {
	for s := range t {
		for i := range t[s] {
			t[s][i] = refused
		}
	}
	for _, row := range transitions {
		t[row.From][row.Input] = row.To
	}
	return t
}()

// Legal lists Python's names of the calls that the state allows, of those that a
// state can refuse. The list is shared: it must not be changed.
func (s State) Legal() []string { return legal[s] }

// Next looks the table up; ok is false where it has no row.
func Next(from State, input Input) (to State, ok bool) {
	to = next[from][input]
	return to, to != refused
}

// Refusal says which exception a call meets where the table has no row for it.
type Refusal struct {
	Call  string // Python's name of the call
	Input Input  // the input that the call needs
	Class *Class
}

// legal lists, by state, the calls of Refusals that the table does not refuse.
// The linker lays it out; a test holds it to the table.
var legal = [stateCount][]string{
	Idle:                     {"putrequest"},
	RequestStarted:           {"putheader", "endheaders"},
	RequestSent:              {"getresponse"},
	UnreadResponse:           {"putrequest"},
	ReqStartedUnreadResponse: {"putheader", "endheaders"},
	ReqSentUnreadResponse:    {},
}

// Refusals lists the calls that the table can refuse. Python: putrequest,
// putheader, endheaders, getresponse.
func Refusals() []Refusal {
	return []Refusal{
		{"putrequest", InPutRequest, ErrCannotSendRequest},
		{"putheader", InPutHeader, ErrCannotSendHeader},
		{"endheaders", InEndHeaders, ErrCannotSendHeader},
		{"getresponse", InResponseKeepAlive, ErrResponseNotReady},
	}
}
