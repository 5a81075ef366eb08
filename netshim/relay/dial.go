package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/pump"
	"github.com/stepwire/stepwire/netshim/wisp"
)

const (
	// headStart is how long an address is tried before the next joins in
	// (RFC 8305 §5 recommends 250 ms).
	headStart = 250 * time.Millisecond
	// maxAddresses is how many addresses of a name are tried.
	maxAddresses = 8
)

// open connects to a destination on behalf of a client, or says with a
// [pump.Refusal] why not. The policy comes before DNS and again at the socket.
func (r *Relay) open(ctx context.Context, rules *rules, t policy.Target) (pump.Target, error) {
	if err := rules.Policy.Check(t); err != nil {
		return nil, &pump.Refusal{Reason: wisp.ReasonBlocked, Err: err}
	}
	free, err := r.places.stream(rules.limits)
	if err != nil {
		return nil, &pump.Refusal{Reason: wisp.ReasonThrottled, Err: err}
	}
	var open *target
	defer func() { // on every path, a panic's too
		if open == nil {
			free()
		}
	}()
	conn, err := r.connect(ctx, rules, t)
	if err != nil {
		return nil, &pump.Refusal{Reason: dialReason(err), Err: err}
	}
	raw, err := rawOf(conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	open = &target{raw: raw, tcp: conn, pace: r.pace(rules), metrics: r.metrics, release: free}
	return open, nil
}

// errDials is the cap on dials under way.
var errDials = errors.New("too many dials at once")

func (r *Relay) connect(ctx context.Context, rules *rules, t policy.Target) (*net.TCPConn, error) {
	if !r.places.dial(rules.limits) {
		return nil, &pump.Refusal{Reason: wisp.ReasonThrottled, Err: errDials}
	}
	defer r.places.dialed()
	start := time.Now()
	addrs, err := r.resolve(ctx, rules, t)
	if err != nil {
		return nil, err
	}
	conn, err := r.race(ctx, rules, t, addrs)
	if err != nil {
		return nil, err
	}
	r.metrics.dial.Observe(time.Since(start).Seconds())
	return conn, nil
}

// resolve gives the addresses of the target that the policy lets be dialled. A
// name of which it lets none is blocked.
func (r *Relay) resolve(ctx context.Context, rules *rules, t policy.Target) ([]netip.AddrPort, error) {
	if t.Name == "" {
		return []netip.AddrPort{netip.AddrPortFrom(t.Addr, t.Port)}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, rules.limits.DNSTimeout)
	defer cancel()
	found, err := r.lookup(ctx, "ip", t.Name)
	if ctx.Err() == context.DeadlineExceeded {
		return nil, fmt.Errorf("resolving %s: %w", t.Name, context.DeadlineExceeded)
	}
	if err != nil {
		return nil, fmt.Errorf("resolving %s: %w", t.Name, err)
	}
	var addrs []netip.AddrPort
	denied := fmt.Errorf("resolving %s: no address", t.Name)
	for _, a := range found {
		ap := netip.AddrPortFrom(a.Unmap(), t.Port)
		if err := rules.Policy.CheckAddr(t, ap); err != nil {
			denied = err
		} else if len(addrs) < maxAddresses {
			addrs = append(addrs, ap)
		}
	}
	if addrs == nil {
		return nil, denied
	}
	return addrs, nil
}

// race connects to the first address that answers.
func (r *Relay) race(ctx context.Context, rules *rules, t policy.Target, addrs []netip.AddrPort) (*net.TCPConn, error) {
	ctx, cancel := context.WithTimeout(ctx, rules.limits.DialTimeout)
	defer cancel()
	if len(addrs) == 1 {
		return r.dial(ctx, rules, t, addrs[0])
	}
	type outcome struct {
		conn *net.TCPConn
		err  error
	}
	outcomes := make(chan outcome)
	started, failed := 0, 0
	start := func() {
		ap := addrs[started]
		started++
		go func() {
			conn, err := r.dial(ctx, rules, t, ap)
			outcomes <- outcome{conn, err}
		}()
	}
	start()
	next := time.NewTimer(headStart)
	defer next.Stop()
	var first error
	for {
		select {
		case o := <-outcomes:
			if o.err == nil {
				// The others are cancelled; one may have won a moment later.
				cancel()
				for range started - failed - 1 {
					if late := <-outcomes; late.conn != nil {
						late.conn.Close()
					}
				}
				return o.conn, nil
			}
			failed++
			if first == nil {
				first = o.err
			}
			if failed == len(addrs) {
				return nil, first
			}
			if started < len(addrs) {
				start()
				next.Reset(headStart)
			}
		case <-next.C:
			if started < len(addrs) {
				start()
				next.Reset(headStart)
			}
		}
	}
}

// dial connects to one address, which the policy sees once more in the form in
// which the kernel gets it.
func (r *Relay) dial(ctx context.Context, rules *rules, t policy.Target, ap netip.AddrPort) (*net.TCPConn, error) {
	d := net.Dialer{ControlContext: func(_ context.Context, _, address string, c syscall.RawConn) error {
		unpace(ap.Addr(), c)
		return checkSocket(rules.Policy, t, address)
	}}
	conn, err := d.DialContext(ctx, "tcp", ap.String())
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

// checkSocket judges the text form of an address about to be connected to; one
// that does not parse is denied.
func checkSocket(p *policy.Policy, t policy.Target, address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &policy.Denied{Target: t.String(), Why: "address " + address + " does not parse"}
	}
	return p.CheckAddr(t, ap)
}

// dialReason is what a client learns of a failed dial.
func dialReason(err error) wisp.Reason {
	var refusal *pump.Refusal
	var denied *policy.Denied
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &refusal):
		return refusal.Reason
	case errors.As(err, &denied):
		return wisp.ReasonBlocked
	case errors.Is(err, syscall.ECONNREFUSED):
		return wisp.ReasonRefused
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return wisp.ReasonThrottled
	case errors.As(err, &timeout) && timeout.Timeout():
		return wisp.ReasonTimeout
	}
	return wisp.ReasonUnreachable
}
