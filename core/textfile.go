package core

import (
	"bufio"
	"io"
	"unicode/utf8"
)

// TextReader is a file opened for text: it is read in characters, which are
// sent in ISO-8859-1. Python: io.TextIOBase.
type TextReader interface {
	// ReadText reads up to n characters, all that are left for n < 0; an empty
	// string is the end of the file.
	ReadText(n int) (string, error)
}

// TextFile is a [TextReader] over UTF-8 text.
type TextFile struct{ r *bufio.Reader }

// NewTextFile reads text from r, which is UTF-8.
func NewTextFile(r io.Reader) *TextFile { return &TextFile{bufio.NewReader(r)} }

// ReadText reads up to n characters.
func (f *TextFile) ReadText(n int) (string, error) {
	var text []byte
	for ; n != 0; n-- {
		char, _, err := f.r.ReadRune()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		text = utf8.AppendRune(text, char)
	}
	return string(text), nil
}
