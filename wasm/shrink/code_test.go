package main

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// body is a function's: no locals, and code in hexadecimal.
func body(code string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(code), ""))
	if err != nil {
		panic(err)
	}
	return append([]byte{0}, b...)
}

func codeSection(bodies ...[]byte) []byte {
	section := []byte{byte(len(bodies))}
	for _, b := range bodies {
		section = append(append(section, byte(len(b))), b...)
	}
	return section
}

// Of a function with three parts behind its dispatch: PC_B 0 and 1 lead to the
// first, 2 to the second, all others to the third.
const dispatch = "03 40 02 40 02 40 02 40  20 00 0e 03 00 00 01 02  "

var codes = []struct{ name, before, after string }{
	{"a jump to a later part",
		dispatch + "0b 41 02 21 00 0c 02 0b 01 0b 01 0b 0b",
		dispatch + "0b 0c 00 0b 01 0b 01 0b 0b"},
	{"a jump over a part",
		dispatch + "0b 41 03 21 00 0c 02 0b 01 0b 01 0b 0b",
		dispatch + "0b 0c 01 0b 01 0b 01 0b 0b"},
	{"a jump back stays",
		dispatch + "0b 01 0b 41 00 21 00 0c 01 0b 01 0b 0b",
		dispatch + "0b 01 0b 41 00 21 00 0c 01 0b 01 0b 0b"},
	{"a jump to the part itself stays",
		dispatch + "0b 41 01 21 00 0c 02 0b 01 0b 01 0b 0b",
		dispatch + "0b 41 01 21 00 0c 02 0b 01 0b 01 0b 0b"},
	{"a conditional jump",
		dispatch + "0b 41 01 04 40 41 03 21 00 0c 03 0b 0b 01 0b 01 0b 0b",
		dispatch + "0b 41 01 0d 01 0b 01 0b 01 0b 0b"},
	{"a jump from inside another block",
		dispatch + "0b 02 40 41 01 04 40 01 41 02 21 00 0c 04 0b 0b 0b 01 0b 01 0b 0b",
		dispatch + "0b 02 40 41 01 04 40 01 0c 02 0b 0b 0b 01 0b 01 0b 0b"},
	{"a jump to another loop stays",
		dispatch + "0b 03 40 41 02 21 00 0c 00 0b 0b 01 0b 01 0b 0b",
		dispatch + "0b 03 40 41 02 21 00 0c 00 0b 0b 01 0b 01 0b 0b"},
	{"PC_B is read elsewhere",
		dispatch + "0b 41 02 21 00 0c 02 0b 20 00 1a 0b 01 0b 0b",
		dispatch + "0b 41 02 21 00 0c 02 0b 20 00 1a 0b 01 0b 0b"},
	{"PC_B swaps values",
		dispatch + "0b 41 02 21 00 0c 02 0b 42 00 a7 21 00 41 00 20 00 11 00 00 1a 0b 01 0b 0b",
		dispatch + "0b 0c 00 0b 41 00 21 00 41 00 20 00 11 00 00 1a 0b 01 0b 0b"},
	{"the loop does something first",
		"03 40 02 40 01 20 00 0e 01 00 00 0b 41 01 21 00 0c 00 0b 0b",
		"03 40 02 40 01 20 00 0e 01 00 00 0b 41 01 21 00 0c 00 0b 0b"},
	{"no dispatch",
		"02 40 41 02 21 00 0c 00 0b 0b",
		"02 40 41 02 21 00 0c 00 0b 0b"},
	{"an address", "20 01 ad 42 18 7c a7 1a 0b", "20 01 41 18 6a 1a 0b"},
	{"a load", "20 01 ad 42 18 7c a7 29 03 08 1a 0b", "20 01 29 03 20 1a 0b"},
	{"a store of a constant", "20 01 ad 42 18 7c a7 42 7f 37 03 00 0b", "20 01 42 7f 37 03 18 0b"},
	{"a store of a loaded value", "20 01 ad 42 80 01 7c a7 20 01 29 03 08 37 03 00 0b", "20 01 20 01 29 03 08 37 03 80 01 0b"},
	{"a store of something else", "20 01 ad 42 18 7c a7 42 01 42 02 7c 37 03 00 0b", "20 01 41 18 6a 42 01 42 02 7c 37 03 00 0b"},
	{"a negative offset stays", "20 01 ad 42 78 7c a7 1a 0b", "20 01 ad 42 78 7c a7 1a 0b"},
	{"an offset that is too far", "20 01 ad 42 18 7c a7 29 03 80 80 80 80 04 1a 0b", "20 01 41 18 6a 29 03 80 80 80 80 04 1a 0b"},
	{"a constant", "42 ff ff ff ff 0f a7 1a 0b", "41 7f 1a 0b"},
	{"unwinding", "02 40 02 40 41 01 0d 01 0b 41 01 0d 00 0b 41 01 0b",
		"02 40 02 40 41 01 04 40 41 01 0f 0b 0b 41 01 04 40 41 01 0f 0b 0b 41 01 0b"},
	{"a jump from an earlier block stays", "02 40 41 01 0d 00 0b 02 40 0b 41 01 0b", "02 40 41 01 0d 00 0b 02 40 0b 41 01 0b"},
	{"a jump to a loop stays", "03 40 41 01 0d 00 0b 41 01 0b", "03 40 41 01 0d 00 0b 41 01 0b"},
	{"a jump to a return of 0 stays", "02 40 41 01 0d 00 0b 41 00 0b", "02 40 41 01 0d 00 0b 41 00 0b"},
	{"a jump to more than a return stays", "02 40 41 01 0d 00 0b 01 41 01 0b", "02 40 41 01 0d 00 0b 01 41 01 0b"},
	{"a jump to an inner block stays", "02 40 02 40 41 01 0d 00 0b 0b 41 01 0b", "02 40 02 40 41 01 0d 00 0b 0b 41 01 0b"},
	{"a return from a frame",
		"20 01 41 28 6a 22 01 24 00 20 01 41 08 6a 22 01 24 00 41 00 0f 0b",
		"20 01 41 30 6a 24 00 41 00 0f 0b"},
	{"a call after two steps",
		"20 01 41 28 6a 22 01 24 00 20 01 41 08 6a 22 01 24 00 41 00 10 00 0b",
		"20 01 41 30 6a 22 01 24 00 41 00 10 00 0b"},
	{"steps of two locals",
		"20 01 41 28 6a 22 01 24 00 20 02 41 08 6a 22 02 24 00 41 00 0f 0b",
		"20 01 41 28 6a 22 01 24 00 20 02 41 08 6a 24 00 41 00 0f 0b"},
	{"steps of two globals",
		"20 01 41 28 6a 22 01 24 00 20 01 41 08 6a 22 01 24 01 41 00 0f 0b",
		"20 01 41 28 6a 22 01 24 00 20 01 41 08 6a 24 01 41 00 0f 0b"},
	{"a local and another", "20 01 41 28 6a 22 02 24 00 41 00 0f 0b", "20 01 41 28 6a 22 02 24 00 41 00 0f 0b"},
	{"one step to the end", "20 01 41 28 6a 22 01 24 00 0b", "20 01 41 28 6a 22 01 24 00 0b"},
	{"all kinds of instructions",
		"00 01 02 7f 41 80 7f 0b 04 40 05 0b 0f 1b 3f 00 40 00 43 00 00 80 3f 44 00 00 00 00 00 00 f0 3f fc 02 fc 0a 00 00 fc 0b 00 23 00 24 00 22 01 45 c4 0e 00 00 0b",
		"00 01 02 7f 41 80 7f 0b 04 40 05 0b 0f 1b 3f 00 40 00 43 00 00 80 3f 44 00 00 00 00 00 00 f0 3f fc 02 fc 0a 00 00 fc 0b 00 23 00 24 00 22 01 45 c4 0e 00 00 0b"},
}

func TestCode(t *testing.T) {
	for _, c := range codes {
		got, err := simplify(codeSection(body(c.before)))
		if want := codeSection(body(c.after)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v, want %x", c.name, got, err, want)
		}
	}
}

func TestCodeRefused(t *testing.T) {
	for name, section := range map[string]string{
		"nothing":                   "",
		"cut function":              "\x01\x05\x00",
		"cut locals":                "\x01\x02\x01\x01",
		"endless locals":            "\x01\x05\xff\xff\xff\xff\x0f",
		"cut instruction":           "\x01\x02\x00\x20",
		"endless table":             "\x01\x07\x00\x0e\xff\xff\xff\xff\x0f",
		"unknown instruction":       "\x01\x02\x00\xd0",
		"unknown after the prefix":  "\x01\x03\x00\xfc\x08",
		"more than it says":         "\x00\x02\x00\x0b",
		"fewer functions than said": "\x02\x02\x00\x0b",
	} {
		if got, err := simplify([]byte(section)); err == nil {
			t.Errorf("%s is taken and becomes %x", name, got)
		}
	}
}

// FuzzCode: what is taken, is taken again once it is simplified.
func FuzzCode(f *testing.F) {
	for _, c := range codes {
		f.Add(codeSection(body(c.before)))
	}
	f.Fuzz(func(t *testing.T, section []byte) {
		once, err := simplify(bytes.Clone(section))
		if err != nil {
			return
		}
		if _, err := simplify(once); err != nil {
			t.Errorf("%x becomes %x: %v", section, once, err)
		}
	})
}
