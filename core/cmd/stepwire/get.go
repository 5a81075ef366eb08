package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/ssl"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// list is an option that may be given more than once.
type list []string

func (l *list) String() string         { return strings.Join(*l, ", ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

// getOptions are the options of "stepwire get".
type getOptions struct {
	method   string
	headers  list
	data     string
	hasData  bool
	proxy    string
	cacert   string
	insecure bool
	strict   bool
	timeout  time.Duration
	limit    int64
	output   string
	fail     bool
	out      outputs
}

var getCommand = command{
	name:    "get",
	usage:   "[-X METHOD] [-H 'NAME: VALUE']… [-d DATA|@FILE] URL",
	summary: "make a request and print every step of it",
	setup: func(flags *flag.FlagSet) func(context.Context, streams, []string) error {
		var o getOptions
		flags.StringVar(&o.method, "X", "", "`METHOD`; GET by default, POST with -d")
		flags.Var(&o.headers, "H", "a header, `NAME: VALUE`; may be given more than once")
		flags.Func("d", "send `DATA` as the body, or the content of a file for @FILE (@- for standard input)", func(v string) error {
			o.data, o.hasData = v, true
			return nil
		})
		flags.StringVar(&o.proxy, "proxy", "", "reach the server through a tunnel of the HTTP proxy at `HOST:PORT`")
		flags.StringVar(&o.cacert, "cacert", "", "trust the authorities in this PEM `FILE` instead of the system's")
		flags.BoolVar(&o.insecure, "insecure", false, "verify neither chain nor name of the server's certificate: anybody can be the server")
		flags.StringVar(&o.out.keyLog, "keylog", "", "write the secrets of the TLS session to `FILE`, for whoever decrypts a capture")
		flags.BoolVar(&o.strict, "strict", false, "refuse what the RFCs call invalid")
		o.timeout = 30 * time.Second
		flags.Func("timeout", "`TIME` of each single wait for the network; 0 for none (default 30s)", func(v string) (err error) {
			if o.timeout, err = time.ParseDuration(v); err != nil || o.timeout < 0 {
				return errors.New("expected a time such as 10s or 1m30s, or 0")
			}
			return nil
		})
		o.limit = trace.DefaultLimit
		flags.Func("limit", fmt.Sprintf("keep this many `BYTES` of each direction in the recording (default %d)", o.limit), func(v string) (err error) {
			if o.limit, err = strconv.ParseInt(v, 10, 64); err != nil || o.limit < 1 {
				return errors.New("expected a number of bytes, at least 1")
			}
			return nil
		})
		flags.StringVar(&o.output, "o", "", "write the body to `FILE` as it arrives; - for standard output, the steps then go to standard error")
		flags.BoolVar(&o.fail, "fail", false, "exit with status 1 for a status of 400 and above")
		o.out.declare(flags)
		return func(ctx context.Context, s streams, args []string) error {
			if len(args) != 1 {
				return usageError(fmt.Sprintf("expected one URL, got %d arguments", len(args)))
			}
			return o.get(ctx, s, args[0])
		}
	},
}

// errStatus ends the program after a status of 400 and above.
var errStatus = errors.New("the server answered with an error")

func (o *getOptions) get(ctx context.Context, s streams, address string) error {
	u, err := parseURL(address)
	if err != nil {
		return err
	}
	files := o.out.files()
	if o.output != "-" {
		files = append(files, o.output)
	}
	if err := writable(files); err != nil {
		return err
	}
	request, err := o.request(s)
	if err != nil {
		return err
	}
	var keys bytes.Buffer
	settings, err := o.context(u.Scheme, &keys)
	if err != nil {
		return err
	}
	began := time.Now()
	log := trace.NewLog(o.limit, nil)
	status, failed := o.converse(ctx, s, u, request, log, settings)
	rec, err := recording.FromLog(log.Take(), "stepwire get", began, o.limit)
	if err != nil {
		return err
	}
	o.out.keyLogLines = keys.Bytes()
	if o.output == "-" {
		s.out = s.err
	}
	unwritten := o.out.write(s, rec)
	if _, ok := errors.AsType[usageError](failed); ok {
		return failed
	}
	if failed != nil || unwritten != nil {
		return errors.Join(told(failed), unwritten)
	}
	if o.fail && status >= 400 {
		return fmt.Errorf("%w: %d", errStatus, status)
	}
	return nil
}

// told is an exception as Python prints it, and what is left of a body that it cut.
func told(err error) error {
	if err == nil {
		return nil
	}
	info := core.Describe(err)
	text := info.Message
	if info.Name != "Exception" { // none of Python's: a file that cannot be written
		text = info.Name + ": " + text
	}
	if cut, ok := errors.AsType[*cutError](err); ok {
		text += "; " + cut.left
	}
	return errors.New(text)
}

// parseURL takes an address as people type it; http:// may be left out.
func parseURL(address string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, usageError(err.Error())
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, usageError(fmt.Sprintf("%q: expected a URL that begins http:// or https://", address))
	}
	if u.Hostname() == "" {
		return nil, usageError(fmt.Sprintf("%q names no host", address))
	}
	return u, nil
}

// request is what the options make of the request.
func (o *getOptions) request(s streams) (*core.RequestOptions, error) {
	request := &core.RequestOptions{}
	for _, h := range o.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || name == "" {
			return nil, usageError(fmt.Sprintf("-H %q: expected NAME: VALUE", h))
		}
		request.Headers = append(request.Headers, core.Header{Name: name, Value: strings.TrimLeft(value, " ")})
	}
	if o.method == "" {
		o.method = "GET"
		if o.hasData {
			o.method = "POST"
		}
	}
	if !o.hasData {
		return request, nil
	}
	body := []byte(o.data)
	if name, ok := strings.CutPrefix(o.data, "@"); ok {
		var err error
		if body, err = readInput(s, name, 1<<30); err != nil {
			return nil, err
		}
	}
	request.Body = body
	return request, nil
}

// context is what the options make of the settings of TLS; nil for http.
func (o *getOptions) context(scheme string, keys io.Writer) (*ssl.SSLContext, error) {
	if scheme == "http" {
		return nil, nil
	}
	var settings *ssl.SSLContext
	var err error
	switch {
	case o.insecure:
		settings = ssl.CreateUnverifiedContext()
	case o.cacert != "":
		settings, err = ssl.CreateDefaultContext(&ssl.Locations{CAFile: o.cacert})
		if err != nil {
			info := core.Describe(err)
			return nil, fmt.Errorf("--cacert %q: %s: %s", o.cacert, info.Name, info.Message)
		}
	default:
		settings, err = ssl.CreateDefaultContext(nil)
	}
	if err != nil {
		return nil, err
	}
	if err := settings.SetALPNProtocols("http/1.1"); err != nil {
		return nil, err
	}
	if o.out.keyLog != "" || o.out.secrets && o.out.pcapng != "" {
		settings.SetKeyLogWriter(keys)
	}
	return settings, nil
}

// connection makes the connection that a URL asks for.
func (o *getOptions) connection(u *url.URL, log *trace.Log, settings *ssl.SSLContext) (*core.HTTPConnection, error) {
	host, port := u.Hostname(), portOf(u)
	if o.proxy == "" {
		return o.open(host, port, log, settings)
	}
	proxy, digits, err := net.SplitHostPort(o.proxy)
	if err != nil {
		return nil, usageError(fmt.Sprintf("--proxy %q: expected HOST:PORT", o.proxy))
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 65535 {
		return nil, usageError(fmt.Sprintf("--proxy %q: %q is no port", o.proxy, digits))
	}
	c, err := o.open(proxy, n, log, settings)
	if err != nil {
		return nil, err
	}
	return c, c.SetTunnel(host, &core.TunnelOptions{Port: &port})
}

func portOf(u *url.URL) int {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	if u.Scheme == "https" {
		return core.HTTPSPort
	}
	return core.HTTPPort
}

func (o *getOptions) open(host string, port int, log *trace.Log, settings *ssl.SSLContext) (*core.HTTPConnection, error) {
	plain := core.HTTPConnectionOptions{Port: &port, Tracer: log, Strict: o.strict, DebugOutput: io.Discard}
	if o.timeout > 0 {
		plain.Timeout = &o.timeout
	}
	if settings == nil {
		return core.NewHTTPConnection(host, &plain)
	}
	c, err := core.NewHTTPSConnection(host, &core.HTTPSConnectionOptions{HTTPConnectionOptions: plain, Context: settings})
	if err != nil {
		return nil, err
	}
	return &c.HTTPConnection, nil
}

// converse makes the request and reads the response to its end.
func (o *getOptions) converse(ctx context.Context, s streams, u *url.URL, request *core.RequestOptions, log *trace.Log, settings *ssl.SSLContext) (status int, err error) {
	c, err := o.connection(u, log, settings)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := c.Request(ctx, o.method, u.RequestURI(), request); err != nil {
		return 0, err
	}
	r, err := c.GetResponse(ctx)
	if err != nil {
		return 0, err
	}
	length, _ := r.Length()
	body, err := newSink(s, o.output, length)
	if err != nil {
		return r.Status, err
	}
	return r.Status, body.close(receive(ctx, r, body))
}
