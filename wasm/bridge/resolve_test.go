package bridge

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/stepwire/stepwire/core"
)

// What a relay is asked for, and what no relay is: errors are those of a
// connection without one.
func TestDialThroughRelay(t *testing.T) {
	refused := errors.New("the relay's policy does not allow it")
	for _, test := range []struct {
		host  string
		port  int
		asked []string // each refused
		want  string
	}{
		{"127.0.0.1", 80, []string{"127.0.0.1:80"}, ""},
		{"example.com", 80, []string{"example.com:80"}, ""},
		{"a_b.example.", 80, []string{"a_b.example.:80"}, ""},
		{"2001:db8::1", 80, []string{"[2001:db8::1]:80"}, ""},
		{"::ffff:127.0.0.1", 80, []string{"[::ffff:127.0.0.1]:80"}, ""},
		{"fe80::1%eth0", 80, []string{"[fe80::1%eth0]:80"}, ""},
		{"127.1", 80, []string{"127.0.0.1:80"}, ""},
		{"0x7f000001", 80, []string{"127.0.0.1:80"}, ""},
		{"１０.1", 80, []string{"10.0.0.1:80"}, ""},
		{"münchen.example", 80, []string{"xn--mnchen-3ya.example:80"}, ""},
		{"0", 80, []string{"127.0.0.1:80"}, ""},
		{"::", 80, []string{"[::1]:80"}, ""},
		{"localhost", 80, []string{"127.0.0.1:80", "localhost:80"}, ""},
		{"LocalHost.", 80, []string{"127.0.0.1:80", "LocalHost.:80"}, ""},
		{"app.localhost", 80, []string{"app.localhost:80"}, ""},
		{"127.0.0.1", 65536 + 80, []string{"127.0.0.1:80"}, ""},
		{"127.0.0.1", 0, nil, "ConnectionRefusedError network [Errno 111] Connection refused"},
		{"127.0.0.1", 65536, nil, "ConnectionRefusedError network [Errno 111] Connection refused"},
		{"127.0.0.1", -1, nil, "gaierror network [Errno -8] Servname not supported for ai_socktype"},
		{"", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"[::1]", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"::1%lo", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"http://x", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"a/b", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"-a", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"127.0.0.1.", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"127.0.0.256", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"127.0.0.08", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"1.2.3.4.5", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"a.0x", 80, nil, "gaierror network [Errno -2] Name or service not known"},
		{"nowhere.invalid", 0, nil, "gaierror network [Errno -2] Name or service not known"},
		{"a..b", 80, nil, "UnicodeError caller encoding with 'idna' codec failed (UnicodeError: label empty or too long)"},
	} {
		var asked []string
		b := &Bridge{config: Config{Dial: func(_ context.Context, host string, port int, _ func(what, detail string)) (net.Conn, error) {
			asked = append(asked, net.JoinHostPort(host, strconv.Itoa(port)))
			if len(asked) > 1 {
				return nil, syscall.EHOSTUNREACH // the first one's error is told
			}
			return nil, refused
		}}}
		c, err := core.NewHTTPConnection(test.host, &core.HTTPConnectionOptions{Port: &test.port,
			CreateConnection: func(ctx context.Context, host string, port int, source *core.SourceAddress) (net.Conn, error) {
				return b.dial(ctx, host, port, source, func(what, detail string) {})
			}})
		if err != nil {
			t.Fatal(err)
		}
		err = c.Connect(context.Background())
		if !slices.Equal(asked, test.asked) {
			t.Errorf("%q port %d asked the relay for %q, want %q", test.host, test.port, asked, test.asked)
		}
		if test.want == "" {
			if !errors.Is(err, refused) {
				t.Errorf("%q port %d: %v, want the relay's own error", test.host, test.port, err)
			}
		} else if got := core.Describe(err); got.Name+" "+got.Party+" "+got.Message != test.want {
			t.Errorf("%q port %d: got %s %s %s\nwant %s", test.host, test.port, got.Name, got.Party, got.Message, test.want)
		}
	}
}

// The second address of localhost is for a server that listens on it alone.
func TestDialLocalhostAgain(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	b := &Bridge{config: Config{Dial: func(_ context.Context, host string, _ int, _ func(what, detail string)) (net.Conn, error) {
		if host == "localhost" {
			return near, nil
		}
		return nil, syscall.ECONNREFUSED
	}}}
	conn, err := b.dial(context.Background(), "localhost", 80, nil, func(what, detail string) {})
	if conn != near || err != nil {
		t.Errorf("got %v, %v", conn, err)
	}
}

// denied is a relay's refusal.
type denied struct{}

func (denied) Error() string { return "not allowed" }
func (denied) Party() string { return "relay" }

// A relay that allows localhost by one of its addresses alone says of that one
// what the network said.
func TestDialLocalhostDeniedOnce(t *testing.T) {
	for _, allowed := range []string{"127.0.0.1", "localhost"} {
		b := &Bridge{config: Config{Dial: func(_ context.Context, host string, _ int, _ func(what, detail string)) (net.Conn, error) {
			if host == allowed {
				return nil, syscall.ECONNREFUSED
			}
			return nil, denied{}
		}}}
		if _, err := b.dial(context.Background(), "localhost", 80, nil, func(what, detail string) {}); err != syscall.ECONNREFUSED {
			t.Errorf("with %s allowed: %v", allowed, err)
		}
	}
}

// The relay chooses the source, but what no socket takes is refused as Python does.
func TestDialSource(t *testing.T) {
	b := &Bridge{config: Config{Dial: func(context.Context, string, int, func(what, detail string)) (net.Conn, error) {
		near, _ := net.Pipe()
		return near, nil
	}}}
	for _, test := range []struct {
		host   string
		source core.SourceAddress
		want   string
	}{
		{"127.0.0.1", core.SourceAddress{Host: "127.1"}, ""},
		{"127.0.0.1", core.SourceAddress{Host: "0"}, ""},
		{"127.0.0.1", core.SourceAddress{Host: "::1"}, "gaierror: [Errno -9] Address family for hostname not supported"},
		{"localhost", core.SourceAddress{Host: "::1"}, "gaierror: [Errno -9] Address family for hostname not supported"},
		{"::1", core.SourceAddress{Host: "127.1"}, "gaierror: [Errno -9] Address family for hostname not supported"},
		{"127.0.0.1", core.SourceAddress{Port: -1}, "OverflowError: bind(): port must be 0-65535."},
		{"127.0.0.1", core.SourceAddress{Host: "192.0.2.1", Port: 65536}, "OverflowError: bind(): port must be 0-65535."},
		{"127.0.0.1", core.SourceAddress{Port: 65535}, "the relay chooses the source address"},
		{"127.0.0.1", core.SourceAddress{Host: "192.0.2.1"}, "the relay chooses the source address"},
	} {
		_, err := b.dial(context.Background(), test.host, 80, &test.source, func(what, detail string) {})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s from %v: got %q, want %q", test.host, test.source, got, test.want)
		}
	}
}
