package py

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var fuzzSeeds = []string{"", "200", " +1_0\u00a0", "0x_f\r\n", "it's \"x\"\\", "HTTP/1.1 200 OK\r\n", "\xed\xa0\x80\xff\x80é\U0001f600",
	"http://u@[fe80::1%e]:80/", "bücher。example.", "ΑΣ\u0301 İ", "\u1100\u1161\u11a8\u0323\u0307", "9999999999999999999999", "a\x1c\u2028\r\n b"}

func addSeeds(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add(s)
	}
}

// FuzzRunes checks that text survives being taken apart and put together.
func FuzzRunes(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for rest := s; rest != ""; n++ {
			r, size := decodeRune(rest)
			if r > 0x10FFFF || size < 1 || size > len(rest) {
				t.Fatalf("decodeRune(%q) = %#x, %d", rest, r, size)
			}
			rest = rest[size:]
		}
		if Len(s) != n {
			t.Errorf("Len(%q) = %d, want %d", s, Len(s), n)
		}
		if got := Slice(s, n/2, n); Prefix(s, n/2)+got != s {
			t.Errorf("halves of %q differ from the whole", s)
		}
		if got := strings.Join(SplitLines(s, true), ""); got != s {
			t.Errorf("SplitLines(%q, true) joins to %q", s, got)
		}
		for _, field := range SplitSpace(s, -1) {
			if field == "" || Strip(field) != field {
				t.Errorf("SplitSpace(%q) has the field %q", s, field)
			}
		}
	})
}

// FuzzRepr checks that a repr is one printable line in its quotes.
func FuzzRepr(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		r := Repr(s)
		if len(r) < 2 || r[0] != r[len(r)-1] || !utf8.ValidString(r) {
			t.Fatalf("Repr(%q) = %q", s, r)
		}
		for _, c := range r {
			if !IsPrintable(c) {
				t.Errorf("Repr(%q) holds %#x", s, c)
			}
		}
		if b := ReprBytes([]byte(s)); !IsASCII(b) || b[0] != 'b' {
			t.Errorf("ReprBytes(%q) = %q", s, b)
		}
		if got := ReprPrefix(s, 20); got != Prefix(r, 20) {
			t.Errorf("ReprPrefix(%q, 20) = %q", s, got)
		}
	})
}

// FuzzInt checks Int and IntBytes against each other where both apply.
func FuzzInt(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		v, big, err := Int(s)
		if !IsASCII(s) {
			return
		}
		bv, bbig, berr := IntBytes([]byte(s), 10)
		if v != bv || big != bbig || (err == nil) != (berr == nil) {
			t.Errorf("Int(%q) = %d, %v, %v; IntBytes = %d, %v, %v", s, v, big, err, bv, bbig, berr)
		}
		if _, _, err := IntBytes([]byte(s), 16); err != nil && !strings.HasPrefix(err.Error(), "invalid literal") {
			t.Errorf("IntBytes(%q, 16): %v", s, err)
		}
	})
}

// FuzzCodecs checks that what decodes encodes back and that faults lie inside
// their object.
func FuzzCodecs(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		if b, err := EncodeLatin1(DecodeLatin1([]byte(s))); err != nil || string(b) != s {
			t.Errorf("Latin-1 of %q comes back as %q, %v", s, b, err)
		}
		got, err := DecodeUTF8([]byte(s))
		if (err == nil) != utf8.ValidString(s) || err == nil && got != s {
			t.Errorf("DecodeUTF8(%q) = %q, %v", s, got, err)
		}
		if err != nil && (err.Start >= err.End || err.End > len(s) || !utf8.ValidString(s[:err.Start])) {
			t.Errorf("DecodeUTF8(%q) fails at %d to %d", s, err.Start, err.End)
		}
		if _, err := EncodeASCII(s); err != nil && (err.Start >= err.End || err.End > Len(s)) {
			t.Errorf("EncodeASCII(%q) fails at %d to %d", s, err.Start, err.End)
		}
	})
}

// FuzzHost checks what may become a Host field.
func FuzzHost(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		if netloc, err := URLNetloc(s); err == nil && strings.ContainsAny(netloc, "/?#\r\n\t") {
			t.Errorf("URLNetloc(%q) = %q", s, netloc)
		}
		b, err := EncodeIDNA(s)
		if err != nil {
			return
		}
		for label := range strings.SplitSeq(strings.TrimSuffix(string(b), "."), ".") {
			// The mapping of one character can hold a dot, which CPython keeps.
			if len(label) > maxLabel || !IsASCII(label) {
				t.Errorf("EncodeIDNA(%q) has the label %q", s, label)
			}
		}
	})
}

// TestIntIsLinear takes a megabyte of digits: nothing here may be quadratic.
func TestIntIsLinear(t *testing.T) {
	huge := strings.Repeat("f", 1<<20)
	if v, big, err := IntBytes([]byte(huge), 16); v != 1<<63-1 || !big || err != nil {
		t.Errorf("a megabyte of digits = %d, %v, %v", v, big, err)
	}
	if _, _, err := Int(strings.Repeat("9", 1<<20)); err == nil || !strings.Contains(err.Error(), "value has 1048576 digits") {
		t.Errorf("a megabyte of decimal digits: %v", err)
	}
}

// TestStrayBytes checks what stands for bytes that are not UTF-8.
func TestStrayBytes(t *testing.T) {
	for in, want := range map[string]string{
		"\xff":         `'\udcff'`,
		"a\x80b":       `'a\udc80b'`,
		"\xed\xa0\x80": `'\ud800'`,
		"\xed\xbf\xbf": `'\udfff'`,
		"\xed\xa0":     `'\udced\udca0'`,
	} {
		if got := Repr(in); got != want {
			t.Errorf("Repr(%q) = %s, want %s", in, got, want)
		}
	}
}

// TestAllocs holds the calls a response head makes to no garbage.
func TestAllocs(t *testing.T) {
	line, size := "HTTP/1.1 200 OK", []byte("1f4\r\n")
	got := testing.AllocsPerRun(100, func() {
		_, rest, _ := NextField(line)
		code, _, _ := NextField(rest)
		if v, _, _ := Int(code); v != 200 {
			t.Fatal(code)
		}
		if v, _, _ := IntBytes(size, 16); v != 500 {
			t.Fatal(size)
		}
		Lower("content-length")
	})
	if got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}
