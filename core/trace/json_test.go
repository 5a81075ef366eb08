package trace

import (
	"math"
	"strconv"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func FuzzAppendQuote(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "Grüße 世界 \U0001F600", "\xff a\xc3", "\xed\xa0\x80", "\u2028<&>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, _ := jsontext.AppendQuote(nil, s)
		if got := appendQuote(nil, s); string(got) != string(want) {
			t.Errorf("%q becomes %s, want %s", s, got, want)
		}
	})
}

func TestAppendInt(t *testing.T) {
	for _, n := range []int64{0, 1, 9, 10, 99, 100, 1234567, 1e18 - 1, 1e18, math.MaxInt64, -1, -10, math.MinInt64} {
		if got, want := appendInt([]byte("x"), n), "x"+strconv.FormatInt(n, 10); string(got) != want {
			t.Errorf("%d becomes %s, want %s", n, got, want)
		}
	}
}

func TestAppendMillis(t *testing.T) {
	for _, us := range []int64{0, 1, 10, 120, 999, 1000, 1001, 1010, 1500, 123456789, 1<<50 - 1} {
		want := strconv.AppendFloat(nil, float64(us)/1000, 'f', -1, 64)
		if got := appendMillis([]byte{}, us); string(got) != string(want) {
			t.Errorf("%d µs becomes %s, want %s", us, got, want)
		}
	}
}
