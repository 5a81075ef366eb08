package h1

import (
	"bytes"
	"testing"
)

// A byte that is not visible is found wherever it stands.
func TestIsVisible(t *testing.T) {
	for n := 1; n <= 26; n++ {
		for at := range n {
			for c := range 256 {
				name := bytes.Repeat([]byte{'~'}, n)
				name[at] = byte(c)
				if got, want := isVisible(name), c > ' ' && c < 0x7f; got != want {
					t.Fatalf("isVisible(%q) is %v", name, got)
				}
			}
		}
	}
}
