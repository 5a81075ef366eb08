package main

import (
	"bytes"
	"os"
	"testing"
)

// The README shows the table as it is.
func TestREADMEIsFresh(t *testing.T) {
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := replace(text)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, fresh) {
		t.Error("the diagram in README.md is not that of the transition table: run go generate ./core/h1")
	}
}

func TestMissingMarksAreNamed(t *testing.T) {
	for _, text := range []string{"", begin, end} {
		if _, err := replace([]byte(text)); err == nil {
			t.Errorf("replaced %q, want an error", text)
		}
	}
}
