//go:build !js

package core

import (
	"context"
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
		{"a..b", 80, nil, "UnicodeError", "encoding with 'idna' codec failed (UnicodeError: label empty or too long)"},
		{"127.0.0.1", -1, nil, "gaierror", "[Errno -8] Servname not supported for ai_socktype"},
		{"127.0.0.1", 1 << 31, nil, "gaierror", "[Errno -8] Servname not supported for ai_socktype"},
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
