package h1

import (
	"os"
	"regexp"
	"testing"
)

// TestDiagnosticsListed: the list has every diagnostic of the file, once.
func TestDiagnosticsListed(t *testing.T) {
	source, err := os.ReadFile("diagnostic.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^\tdiag\w+ += &Diagnostic\{"([^"]+)"`).FindAllSubmatch(source, -1)
	listed := map[string]int{}
	for _, d := range Diagnostics() {
		listed[d.Code]++
	}
	for _, d := range declared {
		if listed[string(d[1])] != 1 {
			t.Errorf("%s is listed %d times", d[1], listed[string(d[1])])
		}
	}
	if len(declared) < 40 || len(declared) != len(listed) {
		t.Errorf("%d declared, %d listed", len(declared), len(listed))
	}
}
