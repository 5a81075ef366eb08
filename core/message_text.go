package core

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// bytesMaxLen is the line length as_bytes folds at. Python: max_line_length of
// the compat32 policy
const bytesMaxLen = 78

// TextOptions are the keyword arguments of as_string and as_bytes; a nil
// pointer is all defaults.
type TextOptions struct {
	// UnixFrom begins the text with a "From " line, made up if the message has
	// none. Python: unixfrom
	UnixFrom bool
	// MaxHeaderLen is the length to fold fields at, 0 for not at all; as_bytes
	// always folds at 78. Python: maxheaderlen
	MaxHeaderLen int
}

// AsString is the message as text: the fields, an empty line, the payload, with
// LF line ends. A field value that would read as another field is a
// [*HeaderParseError]. Python: as_string
func (m *HTTPMessage) AsString(opts *TextOptions) (string, error) {
	maxLen := unfolded
	if opts != nil && opts.MaxHeaderLen > 0 {
		maxLen = opts.MaxHeaderLen
	}
	w := textWriter{maxLen: maxLen}
	w.message(m, opts != nil && opts.UnixFrom)
	return w.b.String(), w.err
}

// AsBytes is as [HTTPMessage.AsString] but folds fields at 78 characters and
// fails with a UnicodeEncodeError where a name or the payload is not ASCII.
// Python: as_bytes, __bytes__
func (m *HTTPMessage) AsBytes(opts *TextOptions) ([]byte, error) {
	w := textWriter{maxLen: bytesMaxLen, ascii: true}
	w.message(m, opts != nil && opts.UnixFrom)
	if w.err != nil {
		return nil, w.err
	}
	return []byte(w.b.String()), nil
}

// String is [HTTPMessage.AsString] with its defaults, which it gives even where
// that fails. Python: __str__
func (m *HTTPMessage) String() string {
	s, _ := m.AsString(nil)
	return s
}

// textWriter writes messages. Python: email.generator.Generator
type textWriter struct {
	b      strings.Builder
	maxLen int
	ascii  bool
	err    error // the first
}

func (w *textWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// write adds text as it is.
func (w *textWriter) write(text string) {
	if w.ascii {
		if _, err := py.EncodeASCII(text); err != nil {
			w.fail(err)
		}
	}
	w.b.WriteString(text)
}

// lines adds text with every line end as LF.
func (w *textWriter) lines(text string) {
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	if w.ascii {
		// Python writes line by line, and the error speaks of the line.
		for line := range strings.SplitSeq(text, "\n") {
			if _, err := py.EncodeASCII(line); err != nil {
				w.fail(err)
			}
		}
	}
	w.b.WriteString(text)
}

func (w *textWriter) message(m *HTTPMessage, unixFrom bool) {
	if unixFrom {
		from, ok := m.GetUnixFrom()
		if !ok {
			from = "From nobody " + time.Now().Format(time.ANSIC)
		}
		w.write(from + "\n")
	}
	// The payload comes first: it may settle the boundary that a field names.
	body := textWriter{maxLen: w.maxLen, ascii: w.ascii}
	body.payload(m)
	for i := range m.fields {
		w.field(&m.fields[i])
	}
	w.b.WriteByte('\n')
	w.b.WriteString(body.b.String())
	w.fail(body.err)
}

func (w *textWriter) field(f *HeaderField) {
	value := foldValue(f.Value, py.Len(f.Name)+2, w.maxLen)
	if embedsHeader(value) {
		w.fail(&HeaderParseError{"header value appears to contain an embedded header: " + py.Repr(value)})
	}
	w.write(f.Name + ": " + value + "\n")
}

// embedsHeader reports whether a line after the first begins with a name and a
// colon. Like Python's pattern it lets the name run over line ends.
func embedsHeader(value string) bool {
	for {
		_, after, found := strings.Cut(value, "\n")
		if !found {
			return false
		}
		end := strings.IndexAny(after, " \t")
		if end < 0 {
			end = len(after)
		}
		if strings.LastIndexByte(after[:end], ':') > 0 {
			return true
		}
		value = after[end:]
	}
}

func (w *textWriter) payload(m *HTTPMessage) {
	switch main := m.GetContentMaintype(); {
	case main == "multipart":
		w.multipart(m)
	case main == "message" && m.GetContentSubtype() == "delivery-status" && m.IsMultipart():
		for i, part := range m.parts {
			if i > 0 {
				w.b.WriteByte('\n')
			}
			block := textWriter{maxLen: w.maxLen, ascii: w.ascii}
			block.message(part, false)
			w.fail(block.err)
			w.b.WriteString(strings.TrimSuffix(block.b.String(), "\n"))
		}
	case main == "message" && m.IsMultipart():
		w.message(m.parts[0], false)
	case main == "message":
		w.write(m.payload)
	case m.IsMultipart():
		w.fail(h1.Raise(h1.ErrTypeError, "string payload expected: <class 'list'>"))
	default:
		w.lines(m.payload)
	}
}

func (w *textWriter) multipart(m *HTTPMessage) {
	if m.hasPayload {
		w.write(m.payload)
		return
	}
	var texts []string
	for _, part := range m.parts {
		t := textWriter{maxLen: w.maxLen, ascii: w.ascii}
		t.message(part, false)
		w.fail(t.err)
		texts = append(texts, t.b.String())
	}
	boundary, _ := m.GetBoundary()
	if boundary == "" {
		boundary = makeBoundary(strings.Join(texts, "\n"))
		if err := m.SetBoundary(boundary); err != nil {
			w.fail(err)
		}
	}
	w.write("--" + boundary + "\n" + strings.Join(texts, "\n--"+boundary+"\n") + "\n--" + boundary + "--\n")
}

// makeBoundary invents a boundary that is no line of text.
// Python: email.generator.Generator._make_boundary
func makeBoundary(text string) string {
	digits := strconv.FormatInt(rand.Int64(), 10)
	base := strings.Repeat("=", 15) + strings.Repeat("0", 19-len(digits)) + digits + "=="
	boundary := base
	for n := 0; strings.Contains(text, "--"+boundary); n++ {
		boundary = base + "." + strconv.Itoa(n)
	}
	return boundary
}
