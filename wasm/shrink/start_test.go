package main

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// sections takes a module apart.
func sections(t *testing.T, module []byte) map[byte]string {
	t.Helper()
	all := map[byte]string{}
	for r := (reader{rest: module[8:]}); len(r.rest) > 0; {
		id := r.byte()
		all[id] = hex.EncodeToString(r.take(int(r.uint32())))
		if r.failed {
			t.Fatalf("section %d is cut short", id)
		}
	}
	return all
}

func TestStart(t *testing.T) {
	got, err := addStart(smallModule(), []byte{0, opEnd})
	if err != nil {
		t.Fatal(err)
	}
	all := sections(t, got)
	for id, want := range map[byte]string{
		sectionType:     "02" + "60017f017f" + "600000",
		sectionFunction: "020001",
		sectionStart:    "02", // after the import and the module's own
	} {
		if all[id] != want {
			t.Errorf("section %d: %s, want %s", id, all[id], want)
		}
	}
	if code := all[sectionCode]; !strings.HasPrefix(code, "02") || !strings.HasSuffix(code, "02000b") {
		t.Errorf("code %s", code)
	}
	if again, err := addStart(got, []byte{0, opEnd}); err == nil {
		t.Errorf("a module that is started gets another start: %x", again)
	}
}

// TestVoidType: a type that is there is taken.
func TestVoidType(t *testing.T) {
	types := []byte{3, formFunction, 0, 1, typeI32, formFunction, 0, 0, formFunction, 1, typeI32, 0}
	if i, after, err := withVoidType(types); i != 1 || !bytes.Equal(after, types) || err != nil {
		t.Errorf("%d %x %v", i, after, err)
	}
}

func TestStartRefused(t *testing.T) {
	for name, sections := range map[string]string{
		"a type of another form": "\x01\x04\x01\x50\x00\x00",
		"a cut type":             "\x01\x02\x01\x60",
		"an imported memory":     "\x01\x01\x00\x02\x06\x01\x00\x00\x02\x00\x01",
		"a cut import":           "\x01\x01\x00\x02\x02\x01\x09",
		"no types":               "\x0a\x01\x00",
		"a cut section":          "\x01\x09",
	} {
		if got, err := addStart([]byte("\x00asm\x01\x00\x00\x00"+sections), nil); err == nil {
			t.Errorf("%s is taken: %x", name, got)
		}
	}
}
