package netshim

import (
	"context"
	"net"
	"strconv"
	"strings"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// Convention is what a relay's WebSockets carry.
type Convention int

// Conventions. FromURL is Wisp unless the relay's URL has the query
// convention=wsproxy.
const (
	FromURL Convention = iota
	Wisp
	WSProxy
)

// DialOptions may be nil where it is asked for.
type DialOptions struct {
	Convention Convention
	// OnEvent is told what happens between this side and the relay. It is
	// called from several goroutines and should not block.
	OnEvent func(Event)
	// NoFlow keeps from negotiating this project's extension of Wisp.
	NoFlow bool
	// Origin is sent in the WebSocket's handshake. Natively only: a browser
	// sends its page's.
	Origin string
}

// dial is what a call works with: its options, read.
type dial struct {
	DialOptions
	relay      relayURL
	convention Convention
}

func (d *dial) event(what, detail string) {
	if d.OnEvent != nil {
		d.OnEvent(Event{What: what, Detail: detail})
	}
}

// Dial connects to host and port through the relay at a URL such as
// "wss://relay.example/relay/": ws, wss, http or https; a missing slash at the
// end is added. It opens a WebSocket for this connection alone, which ends with
// it; OpenSession shares one.
//
// With a relay that confirms connections (this project's does) Dial returns
// when the destination is connected, or with the error of that: see Error.
// Otherwise it returns before, and the first Read fails instead.
//
// ctx bounds the dial; it does not concern the connection later.
func Dial(ctx context.Context, relay, host string, port int, opts *DialOptions) (net.Conn, error) {
	c, err := dialConn(ctx, relay, host, port, opts)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func dialConn(ctx context.Context, relay, host string, port int, opts *DialOptions) (*Conn, error) {
	d, fail := prepare(relay, opts)
	if fail == nil {
		fail = checkDestination(host, port)
	}
	if fail != nil {
		return nil, fail.during("dial", host, port)
	}
	if d.convention == WSProxy {
		c, fail := dialProxy(ctx, d, host, port)
		if fail != nil {
			return nil, fail.during("dial", host, port)
		}
		return c, nil
	}
	s, fail := openSession(ctx, d)
	if fail != nil {
		return nil, fail.during("dial", host, port)
	}
	s.single = true
	c, err := s.Dial(ctx, host, port)
	if err != nil {
		s.Close()
		return nil, err
	}
	return c, nil
}

func prepare(relay string, opts *DialOptions) (dial, *failure) {
	var d dial
	if opts != nil {
		d.DialOptions = *opts
	}
	u, conv, err := parseRelay(relay)
	if err != nil {
		return d, err
	}
	d.relay = u
	d.convention = d.Convention
	if d.convention == FromURL {
		d.convention = conv
	}
	return d, nil
}

// checkDestination refuses what no relay could be asked for.
func checkDestination(host string, port int) *failure {
	if port < 1 || port > 65535 {
		return &failure{text: "port " + strconv.Itoa(port) + " is not between 1 and 65535", party: PartyCaller, causes: []error{&net.AddrError{Err: "invalid port", Addr: strconv.Itoa(port)}}}
	}
	if err := wisp.CheckHost(host); err != nil {
		dns := &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		return &failure{text: dns.Error(), party: PartyCaller, causes: []error{dns, err}}
	}
	return nil
}

// relayURL is where a relay is.
type relayURL struct {
	base  string // scheme, host and path, the path ending in a slash
	query string // with its question mark, or empty
	name  string // scheme and host: the path may hold a token
}

func (u relayURL) wisp() string { return u.base + u.query }

// proxyURL is the URL of the wsproxy convention.
func (u relayURL) proxyURL(host string, port int) (string, *failure) {
	if strings.ContainsAny(host, "/?#%\\") {
		dns := &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		return "", &failure{text: dns.Error(), party: PartyCaller, causes: []error{dns}}
	}
	return u.base + net.JoinHostPort(host, strconv.Itoa(port)) + u.query, nil
}

// parseRelay reads a relay's URL (RFC 3986 §3, as far as relays need it).
func parseRelay(s string) (relayURL, Convention, *failure) {
	bad := func(why string) (relayURL, Convention, *failure) {
		return relayURL{}, 0, &failure{text: "the relay's URL " + why + "; expected one such as ws://127.0.0.1:8080/relay/", party: PartyCaller, causes: []error{ErrRelay}}
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return bad("has no scheme")
	}
	switch strings.ToLower(scheme) {
	case "ws", "http":
		scheme = "ws"
	case "wss", "https":
		scheme = "wss"
	default:
		return bad("has the scheme " + strconv.Quote(scheme))
	}
	if rest, _, ok = strings.Cut(rest, "#"); ok {
		return bad("has a fragment")
	}
	rest, query, _ := strings.Cut(rest, "?")
	host, path, _ := strings.Cut(rest, "/")
	if host == "" || strings.ContainsAny(host, " @\\") {
		return bad("has no usable host")
	}
	if path != "" && !strings.HasSuffix(path, "/") {
		path += "/"
	}
	conv := Wisp
	var keep []string
	for _, part := range strings.Split(query, "&") {
		switch part {
		case "":
		case "convention=wsproxy":
			conv = WSProxy
		case "convention=wisp":
		default:
			if strings.HasPrefix(part, "convention=") {
				return bad("asks for " + strconv.Quote(part) + ", which is neither wisp nor wsproxy")
			}
			keep = append(keep, part)
		}
	}
	u := relayURL{name: scheme + "://" + host}
	u.base = u.name + "/" + path
	if len(keep) > 0 {
		u.query = "?" + strings.Join(keep, "&")
	}
	return u, conv, nil
}

// openTransport opens a WebSocket for Wisp, and tells whether a subprotocol was
// offered. A browser fails the handshake when the answer selects none of those
// offered (WHATWG WebSockets §4), as relays of Wisp 1 do; it does not say so,
// and so the second try is made after any failure. That is not remembered: a
// relay that was away for a moment would count as an old one ever after.
func openTransport(ctx context.Context, d dial) (Transport, bool, *failure) {
	url := d.relay.wisp()
	t, err := openWebSocket(ctx, url, wisp.Subprotocol, &d.DialOptions)
	if err == nil {
		d.event(EventWebSocket, "Open to "+d.relay.name+", "+wisp.Subprotocol+" offered")
		return t, true, nil
	}
	if !retryPlain || ctx.Err() != nil {
		return nil, false, openFailure(ctx, d, "", err)
	}
	t, second := openWebSocket(ctx, url, "", &d.DialOptions)
	if second != nil {
		return nil, false, openFailure(ctx, d, "", err)
	}
	d.event(EventFallback, "The WebSocket opened only without a subprotocol: the relay does not speak Wisp 2.")
	d.event(EventWebSocket, "Open to "+d.relay.name)
	return t, false, nil
}

// openFailure says why a WebSocket did not open. dest is the destination where
// the relay may have refused that.
func openFailure(ctx context.Context, d dial, dest string, err error) *failure {
	if ctx.Err() != nil {
		return contextFailure(ctx.Err())
	}
	ce, ok := err.(*CloseError)
	if !ok {
		// No WebSocket was tried: there is none, or it refuses such a URL here.
		detail := strings.TrimSuffix(strings.TrimPrefix(err.Error(), "JavaScript error: "), ".")
		return relayFailure("cannot open a WebSocket to "+d.relay.name+": "+detail, ErrRelay)
	}
	detail := ""
	if ce.Err != nil {
		detail = ce.Err.Error()
	} else if ce.Code != 1006 {
		detail = ce.Error()
	}
	return unreachableFailure(d.relay.name, dest, detail)
}
