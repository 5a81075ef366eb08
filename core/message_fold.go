package core

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/stepwire/stepwire/core/py"
)

// unfolded stands for no limit on the length of a line.
const unfolded = 1000000

// foldValue writes a field value over lines of at most maxLen characters where
// it can be broken, keeping the line breaks it has; the first line is shorter by
// headerLen. Text that is not ASCII becomes encoded words (RFC 2047) of UTF-8.
// Python: email.header.Header.encode
func foldValue(value string, headerLen, maxLen int) string {
	f := folder{maxLen: maxLen, initial: headerLen, length: headerLen}
	ascii := py.IsASCII(value)
	lines := py.SplitLines(value, false)
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, line := range lines {
		switch {
		case i == 0 && ascii:
			f.feed("", line)
		case i == 0:
			f.feedWords("", line)
		case ascii:
			f.newline()
			text := py.LStrip(line)
			f.feed(line[:len(line)-len(text)], text)
		default:
			f.newline()
			f.feedWords(" ", " "+py.LStrip(line))
		}
	}
	if len(lines) > 1 {
		f.newline()
	}
	f.push(" ", "")
	f.newline()
	return strings.Join(f.lines, "\n")
}

// piece is white space that a line may break before, and the text after it.
type piece struct{ space, text string }

// folder gathers pieces into lines. All its text is ASCII.
// Python: email.header._ValueFormatter
type folder struct {
	maxLen  int
	lines   []string
	current []piece
	initial int // characters of the field name before the first line
	length  int // of the current line, initial included
}

func (f *folder) push(space, text string) {
	f.current = append(f.current, piece{space, text})
	f.length += len(space) + len(text)
}

func (f *folder) pop() piece {
	last := f.current[len(f.current)-1]
	f.current = f.current[:len(f.current)-1]
	f.length -= len(last.space) + len(last.text)
	return last
}

func (f *folder) reset(pieces []piece) {
	f.current, f.initial, f.length = pieces, 0, 0
	for _, p := range pieces {
		f.length += len(p.space) + len(p.text)
	}
}

func (f *folder) text() string {
	var b strings.Builder
	for _, p := range f.current {
		b.WriteString(p.space)
		b.WriteString(p.text)
	}
	return b.String()
}

// newline ends the current line, without a lone space at its end; one of white
// space alone goes to the line before it.
func (f *folder) newline() {
	if n := len(f.current); n > 0 && f.current[n-1] == (piece{" ", ""}) {
		f.pop()
	}
	if f.length > 0 {
		line := f.text()
		if f.initial == 0 && py.Strip(line) == "" && len(f.lines) > 0 {
			f.lines[len(f.lines)-1] += line
		} else {
			f.lines = append(f.lines, line)
		}
	}
	f.reset(nil)
}

// feed adds ASCII text, which may break before its spaces and tabs.
func (f *folder) feed(space, text string) {
	rest := space + text
	for rest != "" {
		blank := len(rest) - len(strings.TrimLeft(rest, " \t"))
		end := len(rest)
		if i := strings.IndexAny(rest[blank:], " \t"); i >= 0 {
			end = blank + i
		}
		f.add(rest[:blank], rest[blank:end])
		rest = rest[end:]
	}
}

// add appends a piece and breaks the line when it has become too long: before
// the last piece that follows a semicolon, or else a comma, or begins with a
// space, or a tab.
func (f *folder) add(space, text string) {
	f.push(space, text)
	if f.length <= f.maxLen {
		return
	}
	for _, split := range []byte(";, \t") {
		for i := len(f.current) - 1; i > 0; i-- {
			here, before := f.current[i].space, f.current[i-1].text
			blank := split == ' ' || split == '\t'
			if blank && here != "" && here[0] == split || before != "" && before[len(before)-1] == split {
				rest := append([]piece(nil), f.current[i:]...)
				f.current = f.current[:i]
				f.lines = append(f.lines, f.text())
				f.reset(rest)
				return
			}
		}
	}
	last := f.pop()
	if f.initial > 0 {
		// The field name stays alone on its line.
		f.newline()
		if last.space == "" {
			last.space = " "
		}
	}
	f.push(last.space, last.text)
}

// feedWords adds text as encoded words, each on a line of its own after the
// first. Python: email.charset.Charset.header_encode_lines
func (f *folder) feedWords(space, text string) {
	const chrome = len("=?utf-8?q??=")
	q := quotedLen(text) <= base64.StdEncoding.EncodedLen(len(text))
	var words []string
	fits := true // whether anything fits on the current line
	limit := f.maxLen - f.length - chrome
	start, size := 0, 0
	for i, n := 0, 0; i < len(text); i += n {
		_, n = utf8.DecodeRuneInString(text[i:])
		grown := size + quotedLen(text[i:i+n])
		if !q {
			grown = base64.StdEncoding.EncodedLen(i + n - start)
		}
		if grown > limit {
			if len(words) == 0 && start == i {
				words, fits = append(words, ""), false
			} else {
				words = append(words, encodedWord(text[start:i], q))
			}
			start, limit = i, f.maxLen-1-chrome
			grown = quotedLen(text[i : i+n])
		}
		size = grown
	}
	words = append(words, encodedWord(text[start:], q))
	if fits {
		f.add(space, words[0])
	}
	if len(words) == 1 {
		return
	}
	f.newline()
	last := len(words) - 1
	f.push(" ", words[last])
	for _, w := range words[1:last] {
		f.lines = append(f.lines, " "+w)
	}
}

// encodedWord is RFC 2047 §2 with UTF-8, in the Q or the B encoding.
func encodedWord(text string, q bool) string {
	if text == "" {
		return ""
	}
	if !q {
		return "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?="
	}
	b := []byte("=?utf-8?q?")
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			b = append(b, '_')
		case plainInWord(c):
			b = append(b, c)
		default:
			b = append(b, '=', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	return string(append(b, "?="...))
}

func plainInWord(c byte) bool { return isAlnum(c) || strings.IndexByte("-!*+/", c) >= 0 }

// quotedLen is the length of text in the Q encoding.
func quotedLen(text string) int {
	n := 0
	for i := range len(text) {
		if c := text[i]; c == ' ' || plainInWord(c) {
			n++
		} else {
			n += 3
		}
	}
	return n
}
