//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/pump"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// target is a connection of the platform's connect() as [pump.Target].
type target struct {
	*events
	wire    *wire
	id      int
	timeout time.Duration
	stopped chan struct{} // closed by Interrupt
	over    bool          // stopped is closed
	dropped bool
}

var (
	errDials       = errors.New("too many destinations are being connected to at once")
	errInterrupted = errors.New("interrupted")
)

// dialer opens connections for one WebSocket.
type dialer struct {
	wire  *wire
	rules *rules
	slots chan struct{} // one for each dial that may be under way
}

// open connects to a destination on behalf of a client, or says with a
// [pump.Refusal] why not. The platform resolves names itself, so that the policy
// sees only what was asked for: package policy says what that rules out.
func (d *dialer) open(ctx context.Context, t policy.Target) (pump.Target, error) {
	if err := d.rules.Policy.Check(t); err != nil {
		return nil, &pump.Refusal{Reason: wisp.ReasonBlocked, Err: err}
	}
	late := time.NewTimer(d.rules.limits.DialTimeout)
	defer late.Stop()
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
		// Who waited for a place has the whole time all the same, or the end of
		// that wait would be told as the destination's.
		late.Reset(d.rules.limits.DialTimeout)
	case <-late.C:
		return nil, &pump.Refusal{Reason: wisp.ReasonThrottled, Err: errDials}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if t.Port == 25 {
		return nil, &pump.Refusal{Reason: dialReason(errPort25), Err: errPort25}
	}
	conn, err := d.dial(ctx, t, late.C)
	switch {
	case err == nil:
		return conn, nil
	case isVague(err):
		return nil, d.explain(ctx, t, late.C, err)
	}
	return nil, &pump.Refusal{Reason: dialReason(err), Err: err}
}

// explain finds out what a vague error of the platform means: it asks a resolver
// what the name stands for.
func (d *dialer) explain(ctx context.Context, t policy.Target, late <-chan time.Time, vague error) error {
	if t.Name == "" {
		return &pump.Refusal{Reason: addressReason([]netip.Addr{t.Addr}, d.rules.local), Err: vague}
	}
	v, err := d.wire.object.Call("lookup", d.rules.resolver, t.Name)
	if err != nil {
		return err
	}
	id, err := v.Int()
	if err != nil {
		return err
	}
	answered := d.wire.watch(id)
	defer d.wire.forget(id)
	select {
	case <-answered.readable:
	case <-late:
	case <-ctx.Done():
	}
	addrs, err := parseAnswer(d.wire.text("answer", id))
	if err != nil {
		return &pump.Refusal{Reason: wisp.ReasonUnreachable, Err: fmt.Errorf("%w; %w", vague, err)}
	}
	return &pump.Refusal{Reason: addressReason(addrs, d.rules.local), Err: fmt.Errorf("%w; %s is %v", vague, t.Name, addrs)}
}

func (d *dialer) dial(ctx context.Context, t policy.Target, late <-chan time.Time) (*target, error) {
	v, err := d.wire.object.Call("open", t.Host(), int(t.Port))
	if err != nil {
		return nil, platformError(err.Error())
	}
	id, err := v.Int()
	if err != nil {
		return nil, err
	}
	c := &target{wire: d.wire, events: d.wire.watch(id), id: id, timeout: d.rules.limits.WriteTimeout, stopped: make(chan struct{})}
	for {
		if d.wire.truth("opened", id) {
			return c, nil
		}
		if fault := d.wire.text("readFault", id); fault != "" {
			c.drop()
			return nil, platformError(fault)
		}
		select {
		case <-c.readable:
		case <-late:
			c.drop()
			return nil, errConnectTimeout
		case <-ctx.Done():
			c.drop()
			return nil, ctx.Err()
		}
	}
}

// Read implements [pump.Target].
func (c *target) Read(take func() []byte, _ func()) (int, error) {
	for !c.over && !c.dropped {
		switch n := wireReady(int32(c.id)); n {
		case nothing:
			select {
			case <-c.readable:
			case <-c.stopped:
			}
		case ended:
			return 0, io.EOF
		case failed:
			return 0, c.fault("read", "readFault")
		default:
			p := take()
			return int(wireRead(int32(c.id), unsafe.Pointer(&p[0]), int32(len(p)))), nil
		}
	}
	return 0, errInterrupted
}

func (c *target) fault(op, method string) error {
	return fmt.Errorf("%s: %w", op, platformError(c.wire.text(method, c.id)))
}

// minRate is how fast a destination must take what is written to it, in bytes a
// second, after the write timeout.
const minRate = 16 << 10

// Write implements [pump.Target].
func (c *target) Write(p []byte) (int, error) {
	var late *time.Timer
	for {
		n, err := c.TryWrite(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		if late == nil {
			late = time.NewTimer(c.timeout + time.Duration(len(p))*time.Second/minRate)
			defer late.Stop()
		}
		select {
		case <-c.writable:
		case <-late.C:
			return 0, fmt.Errorf("write: %w", os.ErrDeadlineExceeded)
		}
	}
}

// TryWrite implements [pump.Target]: it takes all or nothing, and what it takes
// is on its way within a bound.
func (c *target) TryWrite(p []byte) (int, error) {
	if c.dropped {
		return 0, errInterrupted
	}
	if len(p) == 0 {
		return 0, nil
	}
	switch n := wireWrite(int32(c.id), unsafe.Pointer(&p[0]), int32(len(p))); n {
	case nothing:
		return 0, nil
	case failed:
		return 0, c.fault("write", "writeFault")
	default:
		return int(n), nil
	}
}

// CloseWrite implements [pump.Target]. It does not wait for the FIN, which goes
// behind what was written.
func (c *target) CloseWrite() error {
	c.wire.do("shut", c.id)
	return nil
}

// Interrupt implements [pump.Target].
func (c *target) Interrupt() {
	if !c.over {
		c.over = true
		close(c.stopped)
	}
}

// linger is how long a destination may take to answer the relay's FIN with its
// own. Without the wait, bytes it still sends would be answered with a reset,
// which can destroy what it has not read yet.
// A destination that only goes on sending is not waited for: reading costs.
const (
	linger      = 5 * time.Second
	lingerBytes = 1 << 20
)

// Close implements [pump.Target].
func (c *target) Close() {
	defer c.drop()
	c.wire.do("shut", c.id)
	late := time.NewTimer(c.timeout)
	defer late.Stop()
	for !c.wire.truth("flushed", c.id) {
		if c.wire.text("writeFault", c.id) != "" {
			return
		}
		select {
		case <-c.writable:
		case <-late.C:
			return
		}
	}
	late.Reset(linger)
	scratch := make([]byte, 16<<10)
	for read := 0; read < lingerBytes; {
		switch n := wireReady(int32(c.id)); n {
		case nothing:
			select {
			case <-c.readable:
			case <-late.C:
				return
			}
		case ended, failed:
			return
		default:
			read += int(wireRead(int32(c.id), unsafe.Pointer(&scratch[0]), int32(len(scratch))))
		}
	}
}

// Reset implements [pump.Target]. The platform has no way to ask for a reset;
// the destination sees one where bytes it sent were not read, and else an end.
func (c *target) Reset() { c.drop() }

func (c *target) drop() {
	if c.dropped {
		return
	}
	c.dropped = true
	c.Interrupt()
	c.wire.do("drop", c.id)
	c.wire.forget(c.id)
}
