package netshim

import (
	"context"
	"errors"
	"net"
	"strconv"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// proxied is the link of a Conn whose WebSocket's messages are its bytes.
type proxied struct {
	t Transport
	c *Conn
	d dial
}

// proxyMessage is the largest message that is sent, in bytes: what relays of
// this convention take.
const proxyMessage = 64 << 10

func dialProxy(ctx context.Context, d dial, host string, port int) (*Conn, *failure) {
	u, fail := d.relay.proxyURL(host, port)
	if fail != nil {
		return nil, fail
	}
	t, err := openWebSocket(ctx, u, "", &d.DialOptions)
	if err != nil {
		return nil, proxyFailure(ctx, d, host, port, err)
	}
	c := newConn(host, port, "wsproxy", d.relay.name)
	l := &proxied{t: t, c: c, d: d}
	c.link = l
	c.open()
	t.OnDrain(c.credit)
	d.event(EventWebSocket, "Open to "+d.relay.name)
	d.event(EventNegotiated, "wsproxy")
	d.event(EventFallback, "The wsproxy convention has no half-close, no confirmed connections (a refused one shows at the first read), and does not hold back what nobody reads.")
	go l.run()
	return c, nil
}

// proxyFailure says why a WebSocket to a destination did not open. A browser
// does not tell, and a relay refuses a destination just as it refuses a page.
// But one that opens a WebSocket for Wisp is there and lets this side in.
func proxyFailure(ctx context.Context, d dial, host string, port int, err error) *failure {
	dest := net.JoinHostPort(host, strconv.Itoa(port))
	if _, tried := err.(*CloseError); tried && ctx.Err() == nil {
		if t, failed := openWebSocket(ctx, d.relay.wisp(), "", &d.DialOptions); failed == nil {
			t.Close(1000, "")
			d.event(EventWebSocket, "Refused for "+dest+", though the relay opens one for Wisp")
			f := relayFailure("the relay refuses "+dest+": its policy does not allow it (allow it where the relay is started: --allow "+dest+"), or it has no wsproxy convention", ErrDenied)
			f.reason = wisp.ReasonBlocked
			return f
		}
	}
	return openFailure(ctx, d, dest, err)
}

// run reads the WebSocket until its end.
func (l *proxied) run() {
	for {
		msg, err := l.t.Recv()
		if err != nil {
			l.ended(err)
			return
		}
		if l.c.deliver(msg, l.t) > pauseAt {
			l.c.waitRoom(pauseAt, false)
		}
	}
}

func (l *proxied) ended(err error) {
	l.t.Close(1000, "")
	var ce *CloseError
	if !errors.As(err, &ce) {
		l.c.end(lostFailure(err))
		return
	}
	l.c.mu.Lock()
	closed := l.c.closed
	l.c.mu.Unlock()
	if !closed {
		l.d.event(EventWebSocket, err.Error())
	}
	if ce.Code == 1005 {
		// Relays that give no code close so for every end that they notice.
		l.d.event(EventFallback, "The relay does not say how the connection ended; taken as an orderly end.")
		l.c.eof(true)
		return
	}
	reason, ok := wisp.ReasonOf(ce.Code)
	switch {
	case !ok:
		l.c.end(lostFailure(err))
	case reason == wisp.ReasonVoluntary:
		l.c.eof(true)
	default:
		l.c.end(reasonFailure(reason, l.c.host, l.c.port))
	}
}

func (l *proxied) write(p []byte) (int, error) {
	if l.t.Full() {
		return 0, nil
	}
	n := min(len(p), proxyMessage)
	return n, l.t.Send(nil, p[:n])
}

func (l *proxied) consumed(int) {}

func (l *proxied) finish() error { return errNoHalfClose }

func (l *proxied) close() {}

func (l *proxied) release() { l.t.Close(1000, "") }
