package bridge

import "testing"

func TestIsLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"": true, "localhost": true, "127.0.0.1": true, "127.255.0.9": true, "0.0.0.0": true,
		"::1": true, "::": true, "0:0:0:0:0:0:0:1": true, "0::": true,
		"192.0.2.1": false, "::10": false, "2001:db8::1": false, "::1:0": false, "128.0.0.1": false,
		"127.example": false, "localhost.example": false, "1": false,
	} {
		if isLocal(host) != want {
			t.Errorf("isLocal(%q) = %v", host, !want)
		}
	}
}
