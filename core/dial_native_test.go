//go:build !js

package core

import (
	"context"
	"math"
	"net"
	"testing"
)

// What socket.create_connection refuses before it asks the network, in Python's
// words.
func TestDialRefuses(t *testing.T) {
	for _, test := range []struct {
		host   string
		port   int
		source *SourceAddress
		class  string
		want   string
	}{
		{"", 80, nil, "gaierror", "[Errno -2] Name or service not known"},
		{"[::1]", 80, nil, "gaierror", "[Errno -2] Name or service not known"},
		{"::1%lo", 80, nil, "gaierror", "[Errno -2] Name or service not known"},
		{"a..b", 80, nil, "UnicodeError", "encoding with 'idna' codec failed (UnicodeError: label empty or too long)"},
		{"127.0.0.1", -1, nil, "gaierror", "[Errno -8] Servname not supported for ai_socktype"},
		{"127.0.0.1", 1 << 31, nil, "gaierror", "[Errno -8] Servname not supported for ai_socktype"},
		{"", -1, nil, "gaierror", "[Errno -8] Servname not supported for ai_socktype"},
		{"127.0.0.1", math.MaxInt, nil, "OverflowError", "Python int too large to convert to C long"},
		{"127.0.0.1", math.MinInt, nil, "OverflowError", "Python int too large to convert to C long"},
		{"127.0.0.1", 80, &SourceAddress{"::1", 0}, "gaierror", "[Errno -9] Address family for hostname not supported"},
		{"::1", 80, &SourceAddress{"127.0.0.1", 0}, "gaierror", "[Errno -9] Address family for hostname not supported"},
		{"127.0.0.1", 80, &SourceAddress{"127.0.0.1", -1}, "OverflowError", "bind(): port must be 0-65535."},
		{"127.0.0.1", 80, &SourceAddress{"127.0.0.1", 65536}, "OverflowError", "bind(): port must be 0-65535."},
	} {
		c, err := NewHTTPConnection(test.host, &HTTPConnectionOptions{Port: &test.port, SourceAddress: test.source})
		if err != nil {
			t.Fatal(err)
		}
		err = c.Connect(context.Background())
		if err == nil {
			t.Errorf("%q port %d: connected", test.host, test.port)
			c.Close()
			continue
		}
		if got := Describe(err); got.Name != test.class || got.Message != test.want {
			t.Errorf("%q port %d: got %s: %s\nwant %s: %s", test.host, test.port, got.Name, got.Message, test.class, test.want)
		}
	}
}

// The C library's numbers for IPv4 addresses: what python3 gives for
// socket.inet_aton.
func TestInetAton(t *testing.T) {
	for _, test := range []struct{ host, want string }{
		{"127.0.0.1", "127.0.0.1"},
		{"127.1", "127.0.0.1"},
		{"0x7f000001", "127.0.0.1"},
		{"2130706433", "127.0.0.1"},
		{"0", "0.0.0.0"},
		{"017700000001", "127.0.0.1"},
		{"0x7f.1", "127.0.0.1"},
		{"127.0.1", "127.0.0.1"},
		{"127.0.0.01", "127.0.0.1"},
		{"0X7F.1", "127.0.0.1"},
		{"4294967295", "255.255.255.255"},
		{"0x7f.0x0.0x0.0x1", "127.0.0.1"},
		{"00", "0.0.0.0"},
		{"0x0", "0.0.0.0"},
		{"0xffffffff", "255.255.255.255"},
		{"", ""}, {"0x", ""}, {"08", ""}, {"4294967296", ""}, {"1.2.3.4.5", ""}, {"1.2.65536", ""}, {"1.16777216", ""},
		{"256.1", ""}, {"1.", ""}, {"1..2", ""}, {".1", ""}, {"1.2.3.256", ""}, {"+1", ""}, {"1_0", ""}, {"0b1", ""},
		{"-1", ""}, {"1e3", ""}, {"0x1g", ""}, {"0x100000000", ""}, {"localhost", ""}, {"::1", ""},
	} {
		if got, _ := inetAton(test.host); got != test.want {
			t.Errorf("%q: got %q, want %q", test.host, got, test.want)
		}
	}
}

// A server of this machine is reached by each of its numbers, and by a port of
// which the low sixteen bits are its own.
func TestDialNumbers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port + 1<<16
	for _, host := range []string{"127.1", "0x7f000001", "2130706433", "１２７.0.0.1"} {
		c, err := NewHTTPConnection(host, &HTTPConnectionOptions{Port: &port, SourceAddress: &SourceAddress{Host: "127.1"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Connect(context.Background()); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		c.Close()
	}
}
