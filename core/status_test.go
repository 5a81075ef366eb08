package core

import (
	"encoding/json"
	"os"
	"testing"
)

// TestStatuses compares the table with http.HTTPStatus of CPython 3.11.
func TestStatuses(t *testing.T) {
	data, err := os.ReadFile("testdata/status_golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var want [][4]any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	got := Responses()
	if len(got) != len(want) {
		t.Fatalf("%d status codes, want %d", len(got), len(want))
	}
	for i, w := range want {
		s := got[i]
		if s.Name != w[0] || float64(s.Code) != w[1] || s.Phrase != w[2] || s.Description != w[3] {
			t.Errorf("status %d is %+v, want %v", i, s, w)
		}
		if info, ok := StatusOf(s.Code); !ok || info != s || StatusPhrase(s.Code) != s.Phrase {
			t.Errorf("StatusOf(%d) = %+v, %v", s.Code, info, ok)
		}
	}
	for _, code := range []int{-1, 0, 99, 104, 306, 418 + 1, 512, 1 << 30} {
		if info, ok := StatusOf(code); ok || StatusPhrase(code) != "" {
			t.Errorf("StatusOf(%d) = %+v", code, info)
		}
	}
	got[0].Phrase = "changed"
	if StatusPhrase(100) != "Continue" {
		t.Error("a caller can change the table")
	}
}
