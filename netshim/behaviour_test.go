package netshim

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// The destinations of the tests' relays. Each is a name; what the port means
// depends on it.
//
//	pair     two connections to one port are connected to each other
//	echo     sends back what it gets
//	sink     takes what it gets
//	flood    sends without end
//	flooded  sends how many bytes the last flood has sent, as a uint64
//	cut      sends five bytes; then the WebSocket breaks off
//	reset    sends five bytes, then resets
//	fin      sends five bytes and closes its side, then sends to "late" what came
//	both     sends bothSends bytes and at once takes bothTakes
//	A.tcp    is the address A
//	fail     is refused by the relay with the reason in the port
type places struct {
	mu    sync.Mutex
	pairs map[int]net.Conn
	sent  int64
	late  chan []byte
}

func newPlaces() *places {
	return &places{pairs: map[int]net.Conn{}, late: make(chan []byte, 1)}
}

// tcpPair makes two connected TCP connections.
func tcpPair() (net.Conn, net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	b, err := l.Accept()
	return a, b, err
}

// dialer gives what a relay dials with. cut breaks its WebSocket.
func (p *places) dialer(cut func()) func(string, int) (net.Conn, error) {
	return func(host string, port int) (net.Conn, error) { return p.dial(host, port, cut) }
}

func (p *places) dial(host string, port int, cut func()) (net.Conn, error) {
	if ip, ok := strings.CutSuffix(host, ".tcp"); ok {
		return tcpDial(ip, port)
	}
	host = strings.TrimSuffix(host, ".test")
	if host == "fail" || net.ParseIP(host) != nil {
		return nil, wispReason(port)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if host == "pair" {
		if c := p.pairs[port]; c != nil {
			delete(p.pairs, port)
			return c, nil
		}
	}
	a, b, err := tcpPair()
	if err != nil {
		return nil, err
	}
	if host == "pair" {
		p.pairs[port] = b
		return a, nil
	}
	serve, ok := p.local()[host]
	if host == "cut" {
		serve, ok = func(c net.Conn) {
			io.WriteString(c, "hello")
			io.ReadFull(c, make([]byte, 1))
			cut()
		}, true
	}
	if !ok {
		return nil, &net.DNSError{Name: host}
	}
	go func() {
		defer b.Close()
		serve(b)
	}()
	return a, nil
}

// local are the places that are plain servers.
func (p *places) local() map[string]func(net.Conn) {
	return map[string]func(net.Conn){
		"echo":    func(c net.Conn) { io.Copy(c, c) },
		"sink":    func(c net.Conn) { io.Copy(io.Discard, c) },
		"flood":   p.flood,
		"flooded": p.flooded,
		"fin":     p.fin,
		"both":    both,
		"reset": func(c net.Conn) {
			io.WriteString(c, "hello")
			io.ReadFull(c, make([]byte, 1))
			c.(*net.TCPConn).SetLinger(0)
		},
	}
}

func (p *places) flood(c net.Conn) {
	p.mu.Lock()
	p.sent = 0
	p.mu.Unlock()
	buf := make([]byte, 256<<10)
	for {
		n, err := c.Write(buf)
		p.mu.Lock()
		p.sent += int64(n)
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *places) flooded(c net.Conn) {
	p.mu.Lock()
	n := p.sent
	p.mu.Unlock()
	c.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func (p *places) fin(c net.Conn) {
	io.WriteString(c, "hello")
	c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(c)
	if err == nil {
		p.late <- b
	}
}

const (
	bothSends = 3 * pauseAt
	bothTakes = 8 << 20
)

func both(c net.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() { c.Write(make([]byte, bothSends)) })
	n, _ := io.CopyN(io.Discard, c, bothTakes)
	if n == bothTakes {
		wg.Wait()
	}
}

//lint:ignore U1000 the tests in a browser use it
func readNumber(t *testing.T, c net.Conn) int64 {
	t.Helper()
	var b [8]byte
	if _, err := io.ReadFull(c, b[:]); err != nil {
		t.Fatal(err)
	}
	return int64(binary.LittleEndian.Uint64(b[:]))
}

// reasonError is what a close reason before the open must become.
type reasonError struct {
	name   string
	host   string
	reason wisp.Reason
	party  string
	is     []error
	says   string
}

var reasonErrors = []reasonError{
	{"refused", "fail", wisp.ReasonRefused, PartyNetwork, []error{syscall.ECONNREFUSED}, "dial fail:68: connection refused"},
	{"reset", "fail", wisp.ReasonNetworkError, PartyNetwork, []error{syscall.ECONNRESET}, "reset"},
	{"unresolved", "fail.test", wisp.ReasonUnreachable, PartyNetwork, []error{errDNSNotFound}, "no such host"},
	{"unreachable", "10.0.0.1", wisp.ReasonUnreachable, PartyNetwork, []error{syscall.EHOSTUNREACH}, "no route to host"},
	{"timeout", "fail", wisp.ReasonTimeout, PartyNetwork, []error{os.ErrDeadlineExceeded, syscall.ETIMEDOUT}, "timed out"},
	{"data timeout", "fail", wisp.ReasonDataTimeout, PartyNetwork, []error{os.ErrDeadlineExceeded}, "nothing moved"},
	{"blocked", "fail", wisp.ReasonBlocked, PartyRelay, []error{ErrDenied}, "--allow fail:72"},
	{"throttled", "fail", wisp.ReasonThrottled, PartyRelay, []error{ErrDenied}, "try again later"},
	{"invalid", "fail", wisp.ReasonInvalid, PartyRelay, []error{ErrDenied}, "check host and port"},
	{"unspecified", "fail", wisp.ReasonUnspecified, PartyRelay, []error{ErrRelay}, "unspecified reason"},
	{"unknown", "fail", 0x7E, PartyRelay, []error{ErrRelay}, "reason 0x7e"},
	{"voluntary", "fail", wisp.ReasonVoluntary, PartyNetwork, []error{syscall.ECONNRESET}, "before it was open"},
}

// errDNSNotFound stands for a *net.DNSError that says so.
var errDNSNotFound = errors.New("a *net.DNSError")

func (e reasonError) check(t *testing.T, err error) {
	t.Helper()
	var ne *Error
	if !errors.As(err, &ne) {
		t.Fatalf("got %v (%T); want an *Error", err, err)
	}
	if ne.Party() != e.party {
		t.Errorf("party %q; want %q", ne.Party(), e.party)
	}
	if ne.Reason != e.reason {
		t.Errorf("reason %v; want %v", ne.Reason, e.reason)
	}
	for _, is := range e.is {
		var dns *net.DNSError
		if is == errDNSNotFound {
			if !errors.As(err, &dns) || !dns.IsNotFound || dns.Name != e.host {
				t.Errorf("%v has no fitting *net.DNSError", err)
			}
		} else if !errors.Is(err, is) {
			t.Errorf("%v is not %v", err, is)
		}
	}
	if errors.Is(err, io.EOF) {
		t.Errorf("%v is io.EOF", err)
	}
	if want := e.reason == wisp.ReasonTimeout || e.reason == wisp.ReasonDataTimeout; ne.Timeout() != want {
		t.Errorf("Timeout() = %v; want %v", ne.Timeout(), want)
	}
	if !strings.Contains(err.Error(), e.says) {
		t.Errorf("text %q does not say %q", err, e.says)
	}
}

func checkRelayError(t *testing.T, err error, is error) {
	t.Helper()
	var ne *Error
	if !errors.As(err, &ne) || ne.Party() != PartyRelay || !errors.Is(err, is) || errors.Is(err, io.EOF) {
		t.Errorf("got %v; want an error of party relay that is %v", err, is)
	}
}

// checkTruncation: what came before the WebSocket broke off is read, and then
// an error, not io.EOF.
func checkTruncation(t *testing.T, dial func() (net.Conn, error)) {
	t.Helper()
	c, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := make([]byte, 5)
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "hello" {
		t.Fatalf("read %q, %v", b, err)
	}
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	n, err := c.Read(b)
	if n != 0 {
		t.Errorf("read %d bytes after the end", n)
	}
	checkRelayError(t, err, io.ErrUnexpectedEOF)
	checkRelayError(t, err, syscall.ECONNRESET)
	if _, err := c.Write([]byte("x")); err == nil {
		t.Error("a write after the end went well")
	}
}

// heldBack is more than the window, what the kernel queues for two TCP
// connections, and what a WebSocket's ends may hold.
const heldBack = 48 << 20

// checkHeldBack reads 200 bytes of an endless answer, waits until the
// destination is no longer read, and sees that this came soon.
func checkHeldBack(t *testing.T, dial func() (net.Conn, error), sent func() int64) {
	t.Helper()
	c, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.ReadFull(c, make([]byte, 200)); err != nil {
		t.Fatal(err)
	}
	last, still := int64(-1), 0
	for deadline := time.Now().Add(time.Minute); still < 5; {
		n := sent()
		if n > heldBack {
			t.Fatalf("the destination sent %d bytes although 200 were read", n)
		}
		if time.Now().After(deadline) {
			t.Fatalf("the destination still sends, after %d bytes", n)
		}
		if still++; n != last {
			last, still = n, 0
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Logf("held back after %d bytes", last)
	// The rest still comes when it is read.
	if _, err := io.CopyN(io.Discard, c, last+1<<20); err != nil {
		t.Fatal(err)
	}
}
