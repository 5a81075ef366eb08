package core

import (
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/py"
)

// FuzzHTTPMessage checks that any header block gives a message that all its
// calls can speak of, and that what it prints reads back with as many fields.
func FuzzHTTPMessage(f *testing.F) {
	for _, s := range []string{
		"A: 1\r\nB: 2\r\n\tfold\r\n\r\n",
		"Content-Type: text/html; charset*0=utf; charset*1=\"-8\"\r\n\r\n",
		"Content-Disposition: attachment; filename*=UTF-8''%e2%82%ac\r\n\r\n",
		"Content-Type: message/http\r\n\r\nContent-Type: multipart/x; boundary=\"b\r\n\r\n",
		"Content-Type: message/delivery-status\r\n\r\nA: 1\r\n\r\nB: 2\r\n",
		"From x\r\n: y\r\n z\r\nA\r\n", "X: caf\xe9 \x0c\x85\r\n\r\n", "a: ;\"\\\";=;;b=\"\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, block []byte) {
		m := parseMessage(t, py.DecodeLatin1(block))
		items := m.Items()
		if len(items) != m.Len() {
			t.Fatalf("%d items of %d fields", len(items), m.Len())
		}
		for _, item := range items {
			if v, ok := m.Get(strings.ToUpper(item.Name)); !ok || len(m.GetAll(item.Name)) == 0 || m.GetAll(item.Name)[0] != v {
				t.Errorf("Get(%q) = %q, %v", item.Name, v, ok)
			}
			if params, ok := m.GetParams(&ParamOptions{Header: item.Name}); !ok || len(params) == 0 {
				t.Errorf("GetParams of %q: none", item.Name)
			}
		}
		m.GetFilename()
		m.GetCharsets()
		m.GetContentDisposition()
		if _, err := m.AsBytes(nil); err != nil {
			if _, ok := err.(interface{ Classes() []string }); !ok && !strings.HasPrefix(err.Error(), "TypeError") {
				t.Errorf("AsBytes: %v", err)
			}
		}
		text, err := m.AsString(&TextOptions{MaxHeaderLen: 30})
		if err != nil {
			return
		}
		head, _, _ := strings.Cut(text, "\n\n")
		if again := parseMessage(t, head+"\n\n"); again.Len() != m.Len() && !strings.ContainsAny(head, "\x00\x0b\x0c\x1c\x1d\x1e") {
			t.Errorf("%q prints as %q, which has %d fields instead of %d", block, head, again.Len(), m.Len())
		}
	})
}

// FuzzFoldValue checks that folding loses no text and breaks only at white
// space.
func FuzzFoldValue(f *testing.F) {
	f.Add("a b;c, d\te", 10, 12)
	f.Add(strings.Repeat("word ", 30), 5, 78)
	f.Add("caf\u00e9 "+strings.Repeat("\u20ac", 50), 8, 40)
	f.Fuzz(func(t *testing.T, value string, headerLen, maxLen int) {
		headerLen, maxLen = 2+headerLen&0xFF, 1+maxLen&0x3FF
		folded := foldValue(value, headerLen, maxLen)
		if !py.IsASCII(folded) {
			t.Fatalf("foldValue(%q) = %q", value, folded)
		}
		if !py.IsASCII(value) || len(py.SplitLines(value, true)) > 1 || strings.ContainsAny(value, "\r\n\v\f\x1c\x1d\x1e") {
			return
		}
		if got := foldValue(value, headerLen, unfolded); len(value) < unfolded/2 && got != value {
			t.Errorf("foldValue(%q) without a limit = %q", value, got)
		}
		joined := strings.ReplaceAll(folded, "\n", "")
		if strings.TrimLeft(joined, " \t") != strings.TrimLeft(value, " \t") {
			t.Errorf("foldValue(%q, %d, %d) = %q", value, headerLen, maxLen, folded)
		}
	})
}
