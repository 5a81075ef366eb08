package bridge

import (
	"bytes"
	"encoding/hex"
	"os"
	"reflect"
	"strings"
	"testing"
)

// vectors are the values of wasm/js/codec.test.mjs, which reads the same file.
var vectors = []struct {
	name  string
	value any
}{
	{"undefined", Absent{}},
	{"null", nil},
	{"false", false},
	{"true", true},
	{"zero", 0},
	{"minus one", -1},
	{"two to 53 less one", 1<<53 - 1},
	{"half", 0.5},
	{"a large number", float64(1 << 60)},
	{"empty", ""},
	{"text", "Grüße, 世界 \U0001F600"},
	{"bytes", []byte{0, 255, 10}},
	{"no bytes", []byte{}},
	{"array", []any{1, []any{2, "x"}, []any{}}},
	{"object", Object{{"a", 1}, {"é", []any{nil}}}},
	{"digits", Digits("123456789012345678901234567890")},
}

func TestVectors(t *testing.T) {
	file, err := os.ReadFile("testdata/values.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(file)), "\n")
	if len(lines) != len(vectors) {
		t.Fatalf("%d vectors in the file, %d in the test", len(lines), len(vectors))
	}
	for i, v := range vectors {
		name, digits, _ := strings.Cut(lines[i], ": ")
		if name != v.name {
			t.Fatalf("vector %d is %q in the file, %q in the test", i, name, v.name)
		}
		want, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendValue(nil, v.value, nil); !bytes.Equal(got, want) {
			t.Errorf("%s packs to %x, want %x", name, got, want)
		}
		for _, alias := range []bool{false, true} {
			got, err := Unpack(want, alias)
			if err != nil || !reflect.DeepEqual(got, v.value) {
				t.Errorf("%s unpacks to %#v, %v, want %#v", name, got, err, v.value)
			}
		}
		for n := range want {
			if v, err := Unpack(want[:n], false); err == nil {
				t.Errorf("%s cut to %d bytes unpacks to %#v", name, n, v)
			}
		}
	}
}

func TestAliasing(t *testing.T) {
	packed := AppendValue(nil, []byte("abc"), nil)
	copied, _ := Unpack(packed, false)
	aliased, _ := Unpack(packed, true)
	packed[len(packed)-1] = 'X'
	if string(copied.([]byte)) != "abc" || string(aliased.([]byte)) != "abX" {
		t.Errorf("copied %q, aliased %q", copied, aliased)
	}
}

func TestManyBytesCrossByAddress(t *testing.T) {
	var seen []byte
	many := bytes.Repeat([]byte("abcd"), worthAddress/4)
	packed := AppendValue(nil, []any{many, []byte("few")}, func(b []byte) uint32 {
		seen = b
		return 0x01020304
	})
	if !bytes.Equal(seen, many) {
		t.Errorf("the address of %d bytes was asked for", len(seen))
	}
	if want := "0802000000" + "0a0403020100100000" + "0703000000666577"; hex.EncodeToString(packed) != want {
		t.Errorf("packed %x, want %s", packed, want)
	}
}

func TestLargeIntegersCrossAsDigits(t *testing.T) {
	for _, n := range []int64{1<<53 + 1, -1<<53 - 1, 1<<63 - 1} {
		got, err := Unpack(AppendValue(nil, n, nil), false)
		if _, ok := got.(Digits); !ok || err != nil {
			t.Errorf("%d crosses as %#v, %v", n, got, err)
		}
	}
}

func TestMalformed(t *testing.T) {
	deep := bytes.Repeat([]byte{tagArray, 1, 0, 0, 0}, maxDepth+2)
	for name, data := range map[string][]byte{
		"nothing":           {},
		"unknown tag":       {99},
		"address from page": {tagAddress, 0, 0, 0, 0, 0, 0, 0, 0},
		"trailing byte":     {tagNull, tagNull},
		"long count":        {tagArray, 255, 255, 255, 255},
		"long object":       {tagObject, 255, 255, 255, 255, 1, 2, 3},
		"not UTF-8":         {tagString, 1, 0, 0, 0, 0xff},
		"fraction as int":   {tagInt, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f},
		"NaN as int":        {tagInt, 1, 0, 0, 0, 0, 0, 0xf8, 0x7f},
		"too deep":          append(deep, tagNull),
	} {
		if v, err := Unpack(data, false); err == nil {
			t.Errorf("%s unpacks to %#v", name, v)
		}
	}
}

// FuzzUnpack: what unpacks, packs to the same value again.
func FuzzUnpack(f *testing.F) {
	for _, v := range vectors {
		f.Add(AppendValue(nil, v.value, nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Unpack(data, false)
		if err != nil {
			return
		}
		again := AppendValue(nil, v, nil)
		w, err := Unpack(again, false)
		if err != nil || !bytes.Equal(AppendValue(nil, w, nil), again) {
			t.Errorf("%x unpacks to %#v, which packs to %x", data, v, again)
		}
	})
}
