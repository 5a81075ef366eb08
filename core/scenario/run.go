package scenario

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// RunOptions tells RunClient where the peer is and how to reach it.
type RunOptions struct {
	Host string // what $HOST stands for
	Port int    // what $PORT stands for
	// Certificates is the folder that $CERTS stands for; "." if empty.
	Certificates string
	// ReadFile reads the files of trusted authorities; nil for os.ReadFile.
	ReadFile func(name string) ([]byte, error)
	// CreateConnection opens transports; nil for TCP.
	CreateConnection core.CreateConnection
	// Tracer is given to every connection; nil for none.
	Tracer h1.Tracer
}

// An Observation is what one step showed.
type Observation struct {
	Skipped bool            // the connection or response that the step needs does not exist
	Err     *core.ErrorInfo // how it failed; nil if it did not
	Result  Value           // what it gave, if it did neither
	// Connected tells that a connection exists; State and Unread are null in the
	// format without one.
	Connected bool
	State     string // "Idle", "Request-started" or "Request-sent"
	Unread    bool   // the connection holds a response that is not closed
	Stdout    string // what the step printed
}

// Value is the observation in the form of the format.
func (o *Observation) Value() Object {
	var object Object
	switch {
	case o.Skipped:
		object = Object{{"skipped", true}}
	case o.Err != nil:
		object = Object{{"error", errorValue(o.Err)}}
	default:
		object = Object{{"ok", o.Result}}
	}
	var state, unread Value
	if o.Connected {
		state, unread = o.State, o.Unread
	}
	return append(object, Member{"state", state}, Member{"unread", unread}, Member{"stdout", o.Stdout})
}

func errorValue(err *core.ErrorInfo) Object {
	bases := make([]Value, len(err.Bases))
	for i, base := range err.Bases {
		bases[i] = base
	}
	object := Object{{"type", err.Name}, {"bases", bases}, {"message", err.Message}}
	if err.Name == "IncompleteRead" {
		var expected Value
		if err.Digits != "" {
			expected = Number(err.Digits)
		}
		object = append(object, Member{"partial", nonNil(err.Partial)}, Member{"expected", expected})
	}
	return object
}

func nonNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// AppendSteps appends a driver's answer, {"steps": [observation, …]}.
func AppendSteps(dst []byte, steps []Observation) []byte {
	return AppendValue(dst, Object{{"steps", Values(steps)}})
}

// Values is the observations in the form of the format.
func Values(steps []Observation) []Value {
	list := make([]Value, len(steps))
	for i := range steps {
		list[i] = steps[i].Value()
	}
	return list
}

// RunClient performs the scenario's client steps. An error of the client ends a
// step and is observed; only ctx ends the scenario, with the error it has.
func (d *Doc) RunClient(ctx context.Context, options RunOptions) ([]Observation, error) {
	r := runner{options: options}
	defer r.close()
	var seen []Observation
	for _, step := range d.Client {
		if err := ctx.Err(); err != nil {
			return seen, err
		}
		seen = append(seen, r.observe(ctx, step))
	}
	return seen, nil
}

// catchUp is how long a connection that was used rests before more is sent on it,
// so that what the peer did right after its answer (a reset, say) has arrived, as
// it has where Python's steps were recorded.
const catchUp = 3 * time.Millisecond

// runner performs steps on the one connection there is.
type runner struct {
	options    RunOptions
	connection *core.HTTPConnection
	used       bool // the connection has been answered on, in a former step
	responses  []*core.HTTPResponse
	printed    strings.Builder
}

// missing is the outcome of a step whose connection or response does not exist.
type missing struct{}

func (missing) Error() string { return "the step's connection or response does not exist" }

// raised is a failure of the step itself, before the client is called: what
// Python's own constructors refuse.
type raised core.ErrorInfo

func (r *raised) Error() string { return r.Name + ": " + r.Message }

func (r *runner) observe(ctx context.Context, step Step) Observation {
	r.printed.Reset()
	switch step.Call {
	case "request", "endheaders", "send":
		if r.used {
			wait(ctx, catchUp)
		}
	}
	var seen Observation
	result, err := r.perform(ctx, step)
	switch err := err.(type) {
	case nil:
		seen.Result = result
	case missing:
		seen.Skipped = true
	case *raised:
		seen.Err = (*core.ErrorInfo)(err)
	default:
		info := core.Describe(err)
		seen.Err = &info
	}
	if r.connection != nil {
		state := r.connection.State()
		seen.Connected, seen.State, seen.Unread = true, state.Python(), state.Unread()
	}
	seen.Stdout = r.printed.String()
	return seen
}

// wait lets time pass, unless ctx ends before.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (r *runner) close() {
	for _, response := range r.responses {
		response.Close()
	}
	if r.connection != nil {
		r.connection.Close()
	}
}

func (r *runner) perform(ctx context.Context, step Step) (Value, error) {
	args := arguments(step.Args)
	if _, ok := responseCalls[step.Call]; ok {
		index := step.Response
		if index < 0 {
			index += len(r.responses)
		}
		if index < 0 || index >= len(r.responses) {
			return nil, missing{}
		}
		return onResponse(ctx, r.responses[index], step.Call, args)
	}
	switch step.Call {
	case "constants":
		return constants(), nil
	case "HTTPConnection", "HTTPSConnection":
		return nil, r.open(step.Call, args)
	}
	if r.connection == nil {
		return nil, missing{}
	}
	return r.onConnection(ctx, step.Call, args)
}

// open makes a connection; one that succeeds closes and replaces the former.
func (r *runner) open(call string, args arguments) error {
	host := strings.ReplaceAll(args.text("host"), "$HOST", r.options.Host)
	host = strings.ReplaceAll(host, "$PORT", strconv.Itoa(r.options.Port))
	options := &core.HTTPConnectionOptions{
		Port:             args.port("port", r.options.Port),
		CreateConnection: r.options.CreateConnection,
		Tracer:           r.options.Tracer,
		DebugOutput:      &r.printed,
	}
	if timeout, ok := args.Get("timeout"); ok && timeout != nil {
		seconds := timeout.(Number)
		wait := core.Seconds(seconds.Float(), seconds.IsInt())
		options.Timeout = &wait
	}
	if address, ok := args.Get("source_address"); ok {
		pair := address.([]Value)
		options.SourceAddress = &core.SourceAddress{Host: pair[0].(string), Port: intOf(pair[1])}
	}
	connection, err := r.construct(call, host, options, args)
	if err != nil {
		return err
	}
	if level, ok := args.Get("debuglevel"); ok {
		connection.SetDebugLevel(intOf(level))
	}
	if blocksize, ok := args.Get("blocksize"); ok {
		connection.Blocksize = intOf(blocksize) // 0, too, which the options take for the default
	}
	connection.AutoOpen = args.flag("auto_open", true)
	if r.connection != nil {
		r.connection.Close()
	}
	r.connection, r.used = connection, false
	return nil
}

func (r *runner) construct(call, host string, options *core.HTTPConnectionOptions, args arguments) (*core.HTTPConnection, error) {
	if call == "HTTPConnection" {
		return core.NewHTTPConnection(host, options)
	}
	if newHTTPS == nil {
		return nil, &raised{Name: "NotImplementedError", Bases: []string{"RuntimeError"},
			Message: "HTTPSConnection is not part of this build"}
	}
	https := httpsOptions{Verify: args.flag("verify", true), ReadFile: r.options.ReadFile}
	if checked, ok := args.Get("check_hostname"); ok {
		check := checked.(bool)
		https.CheckHostname = &check
	}
	if file := args.text("cafile"); file != "" {
		folder := r.options.Certificates
		if folder == "" {
			folder = "."
		}
		https.CAFile = strings.ReplaceAll(file, "$CERTS", folder)
	}
	return newHTTPS(host, options, https)
}

// httpsOptions is what an HTTPSConnection takes besides.
type httpsOptions struct {
	CAFile        string // file of trusted authorities; empty for the system's
	Verify        bool   // check chain and name
	CheckHostname *bool  // the constructor's parameter; nil when it was not given
	ReadFile      func(name string) ([]byte, error)
}

// newHTTPS makes an HTTPSConnection; nil where this build has none.
var newHTTPS func(host string, options *core.HTTPConnectionOptions, https httpsOptions) (*core.HTTPConnection, error)

// HasHTTPS reports whether this build performs scenarios over TLS.
func HasHTTPS() bool { return newHTTPS != nil && serveTLS != nil }

func constants() Value {
	var list []Value
	for _, response := range core.Responses() {
		list = append(list, []Value{Int(int64(response.Code)), response.Phrase})
	}
	return Object{{"HTTP_PORT", Int(core.HTTPPort)}, {"HTTPS_PORT", Int(core.HTTPSPort)}, {"responses", list}}
}

func (r *runner) onConnection(ctx context.Context, call string, args arguments) (Value, error) {
	c := r.connection
	switch call {
	case "set_tunnel":
		return nil, c.SetTunnel(args.text("host"), &core.TunnelOptions{
			Port: args.port("port", r.options.Port), Headers: args.headers()})
	case "set_debuglevel":
		c.SetDebugLevel(args.integer("level", 0))
		return nil, nil
	case "connect":
		r.used = true // a proxy answers here
		return nil, c.Connect(ctx)
	case "close":
		r.used = false
		return nil, c.Close()
	case "attributes":
		return Object{{"host", c.Host}, {"port", Int(int64(c.Port))},
			{"blocksize", Int(int64(c.Blocksize))}, {"debuglevel", Int(int64(c.DebugLevel))}}, nil
	case "request":
		return nil, c.Request(ctx, args.text("method"), args.text("url"), &core.RequestOptions{
			Headers: args.headers(), Body: args.body("body"), EncodeChunked: args.flag("encode_chunked", false)})
	case "putrequest":
		return nil, c.PutRequest(args.text("method"), args.text("url"), &core.PutRequestOptions{
			SkipHost: args.flag("skip_host", false), SkipAcceptEncoding: args.flag("skip_accept_encoding", false)})
	case "putheader":
		list, _ := args.Get("values")
		var values []any
		for _, item := range list.([]Value) {
			values = append(values, headerValue(item))
		}
		return nil, c.PutHeader(args.text("header"), values...)
	case "endheaders":
		return nil, c.EndHeaders(ctx, &core.EndHeadersOptions{
			MessageBody: args.body("message_body"), EncodeChunked: args.flag("encode_chunked", false)})
	case "send":
		return nil, c.Send(ctx, args.body("data"))
	case "getresponse":
		r.used = true
		response, err := c.GetResponse(ctx)
		if err != nil {
			return nil, err
		}
		r.responses = append(r.responses, response)
		return describeResponse(response), nil
	}
	panic("scenario: unchecked call " + call)
}

func describeResponse(response *core.HTTPResponse) Value {
	var length Value
	if digits := response.LengthText(); digits != "" {
		length = Number(digits)
	}
	return Object{
		{"status", Int(int64(response.Status))}, {"reason", response.Reason},
		{"version", Int(int64(response.Version))}, {"will_close", response.WillClose}, {"length", length},
		{"chunked", response.Chunked}, {"headers", headerList(response)},
	}
}

func headerList(response *core.HTTPResponse) Value {
	list := []Value{}
	for _, field := range response.GetHeaders() {
		list = append(list, []Value{field.Name, field.Value})
	}
	return list
}

// largestBuffer is the most that readinto gets. Python has no such limit, but a
// buffer beyond a machine's memory ends there as it does here.
const largestBuffer = 1 << 30

func onResponse(ctx context.Context, response *core.HTTPResponse, call string, args arguments) (Value, error) {
	if tooLarge(response, call, args) {
		message := "cannot fit 'int' into an index-sized integer"
		if call == "read1" || call == "peek" {
			message = "Python int too large to convert to C ssize_t"
		}
		return nil, &raised{Name: "OverflowError", Bases: []string{"ArithmeticError"}, Message: message}
	}
	switch call {
	case "read":
		if _, ok := args.Get("amt"); ok {
			return bytesOf(response.ReadAmt(ctx, args.integer("amt", 0)))
		}
		return bytesOf(response.ReadAll(ctx))
	case "readinto":
		size := args.integer("n", 0)
		switch {
		case size < 0:
			return nil, &raised{Name: "ValueError", Bases: []string{}, Message: "negative count"}
		case size > largestBuffer:
			return nil, &raised{Name: "MemoryError", Bases: []string{}}
		}
		buffer := make([]byte, size)
		n, err := response.ReadInto(ctx, buffer)
		if err != nil {
			return nil, err
		}
		return Object{{"n", Int(int64(n))}, {"bytes", buffer[:n]}}, nil
	case "read1":
		return bytesOf(response.Read1(ctx, args.integer("n", -1)))
	case "peek":
		return bytesOf(response.Peek(ctx, args.integer("n", -1)))
	case "readline":
		return bytesOf(response.ReadLine(ctx, args.integer("limit", -1)))
	case "readlines":
		lines, err := response.ReadLines(ctx)
		if err != nil {
			return nil, err
		}
		return byteList(lines), nil
	case "iterate":
		var lines [][]byte
		for line, err := range response.Lines(ctx) {
			if err != nil {
				return nil, err
			}
			lines = append(lines, append([]byte{}, line...))
		}
		return byteList(lines), nil
	case "getheader":
		fallback, _ := args.Get("default")
		if list, ok := fallback.([]Value); ok {
			texts := make([]string, len(list))
			for i, item := range list {
				texts[i] = item.(string)
			}
			fallback = texts
		}
		return response.GetHeaderDefault(args.text("name"), fallback), nil
	case "getheaders":
		return headerList(response), nil
	case "isclosed":
		return response.IsClosed(), nil
	case "closed":
		return response.Closed(), nil
	case "response_close":
		return nil, response.Close()
	}
	panic("scenario: unchecked call " + call)
}

// tooLarge tells of a size of more than 64 bits, which the core's arguments do
// not hold, where Python does not bound it by what is left of the body first.
func tooLarge(response *core.HTTPResponse, call string, args arguments) bool {
	size, ok := args.Get(map[string]string{"read": "amt", "readinto": "n", "read1": "n", "peek": "n", "readline": "limit"}[call])
	number, isNumber := size.(Number)
	if _, fits := number.Int64(); !ok || !isNumber || fits {
		return false
	}
	_, known := response.Length()
	switch call {
	case "readinto":
		return true // it is the buffer's
	case "read":
		known = number[0] != '-' && (known || response.Chunked)
	case "read1":
		known = known || response.Chunked
	case "peek":
		known = response.Chunked
	}
	return !known && !response.IsClosed()
}

// bytesOf keeps a copy: the client may use its memory again.
func bytesOf(data []byte, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return append([]byte{}, data...), nil
}

func byteList(lines [][]byte) Value {
	list := []Value{}
	for _, line := range lines {
		list = append(list, append([]byte{}, line...))
	}
	return list
}

// arguments is a step's arguments, checked already.
type arguments Object

// Get is the argument, and whether it was given.
func (a arguments) Get(name string) (Value, bool) { return Object(a).Get(name) }

func (a arguments) text(name string) string {
	value, _ := a.Get(name)
	text, _ := value.(string)
	return text
}

func (a arguments) integer(name string, fallback int) int {
	if value, ok := a.Get(name); ok {
		return intOf(value)
	}
	return fallback
}

func (a arguments) flag(name string, fallback bool) bool {
	if value, ok := a.Get(name); ok {
		return value.(bool)
	}
	return fallback
}

// port is a port, nil for None, with the peer's for "$PORT".
func (a arguments) port(name string, peer int) *int {
	value, _ := a.Get(name)
	switch value := value.(type) {
	case string:
		return &peer
	case Number:
		port := intOf(value)
		return &port
	}
	return nil
}

func (a arguments) headers() []core.Header {
	value, _ := a.Get("headers")
	list, _ := value.([]Value)
	var headers []core.Header
	for _, item := range list {
		pair := item.([]Value)
		headers = append(headers, core.Header{Name: pair[0].(string), Value: headerValue(pair[1])})
	}
	return headers
}

// headerValue is a string, int or []byte. An integer of more than 64 bits is
// given as its digits: it is only printed.
func headerValue(value Value) any {
	switch value := value.(type) {
	case Number:
		if n, ok := value.Int64(); ok {
			return int(n)
		}
		return string(value)
	case string:
		return value
	}
	data, _ := asBytes(value)
	return data
}

// body is a request's content, as the core takes it.
func (a arguments) body(name string) any {
	value, _ := a.Get(name)
	if value == nil {
		return nil
	}
	if data, ok := asBytes(value); ok {
		return data
	}
	member := value.(Object)[0]
	switch member.Name {
	case "text":
		return member.Value.(string)
	case "textfile":
		return &textFile{core.NewTextFile(strings.NewReader(member.Value.(string)))}
	case "file":
		data, _ := asBytes(member.Value)
		return &file{strings.NewReader(string(data))}
	}
	items := [][]byte{}
	for _, item := range member.Value.([]Value) {
		data, _ := asBytes(item)
		items = append(items, data)
	}
	return items
}

// file and textFile print as the format's file bodies do.
type file struct{ io.Reader }

func (*file) Repr() string { return "<file>" }

type textFile struct{ *core.TextFile }

func (*textFile) Repr() string { return "<textfile>" }
