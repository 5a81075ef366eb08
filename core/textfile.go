package core

import (
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
type TextFile struct {
	r      io.Reader
	buffer [4096]byte
	unread []byte // part of buffer
	err    error  // what ended the reading of r
}

// NewTextFile reads text from r, which is UTF-8.
func NewTextFile(r io.Reader) *TextFile { return &TextFile{r: r} }

// ReadText reads up to n characters. What is not UTF-8 becomes U+FFFD.
func (f *TextFile) ReadText(n int) (string, error) {
	var text []byte
	for ; n != 0; n-- {
		if err := f.fill(); err != nil {
			return "", err
		}
		if len(f.unread) == 0 {
			break
		}
		char, size := utf8.DecodeRune(f.unread)
		f.unread = f.unread[size:]
		text = utf8.AppendRune(text, char)
	}
	return string(text), nil
}

// fill reads on until there is a whole character, or no more is to come.
func (f *TextFile) fill() error {
	for idle := 0; f.err == nil && !utf8.FullRune(f.unread); idle++ {
		kept := copy(f.buffer[:], f.unread)
		var n int
		n, f.err = f.r.Read(f.buffer[kept:])
		f.unread = f.buffer[:kept+n]
		if n > 0 {
			idle = 0
		} else if f.err == nil && idle == 100 {
			f.err = io.ErrNoProgress
		}
	}
	if len(f.unread) == 0 && f.err != nil && f.err != io.EOF {
		return f.err
	}
	return nil
}
