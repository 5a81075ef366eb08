package core

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTextFile(t *testing.T) {
	const text = "a\u00e9\u4e16\U0001F600\xff\xe4\xb8z"
	const want = "a\u00e9\u4e16\U0001F600\ufffd\ufffd\ufffdz"
	long := strings.Repeat(text, 1000)
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(long), "byte by byte": iotest.OneByteReader(strings.NewReader(long)),
		"end with data": iotest.DataErrReader(strings.NewReader(long)),
	} {
		f := NewTextFile(r)
		first, err := f.ReadText(5)
		if first != string([]rune(want)[:5]) || err != nil {
			t.Errorf("%s: first %q, %v", name, first, err)
		}
		rest, err := f.ReadText(-1)
		if first+rest != strings.Repeat(want, 1000) || err != nil {
			t.Errorf("%s: %d bytes, %v", name, len(first+rest), err)
		}
		if end, err := f.ReadText(3); end != "" || err != nil {
			t.Errorf("%s: after the end %q, %v", name, end, err)
		}
	}
	broken := errors.New("broken")
	f := NewTextFile(io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken)))
	if text, err := f.ReadText(2); text != "ab" || err != nil {
		t.Errorf("before the error %q, %v", text, err)
	}
	if _, err := f.ReadText(1); err != broken {
		t.Errorf("error %v", err)
	}
	if _, err := NewTextFile(idle{}).ReadText(1); err != io.ErrNoProgress {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

// idle never reads anything.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
