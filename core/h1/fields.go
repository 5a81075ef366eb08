package h1

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/stepwire/stepwire/core/py"
)

// Field is one header field. The value keeps the line breaks of its folds, as
// Python does; both are ISO-8859-1 text.
type Field struct {
	Name  string
	Value string
}

// Defect is something the header parser noticed, under the name of Python's
// class in email.errors.
type Defect struct {
	Name string
	Line string // the offending line or what is wrong with it, where the class carries one
}

// Head is a parsed header block. Python: email.parser as http.client uses it.
type Head struct {
	Fields   []Field
	Defects  []Defect
	UnixFrom string // a first line that begins "From "
	Payload  string // text after the line that ended the headers
}

// Get gives the value of the first field of that name, in any case.
func (h *Head) Get(name string) (value string, ok bool) {
	for i := range h.Fields {
		if f := &h.Fields[i]; len(f.Name) == len(name) && equalFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// SameName compares header names in any case.
func SameName(a, b string) bool { return equalFold(a, b) }

// equalFold compares ASCII text in any case.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
			return false
		}
	}
	return true
}

// ParseHead parses a header block with its empty line, as received.
func ParseHead(block []byte) Head {
	p := headParser{block: block}
	p.parse(true)
	return p.head
}

// headParser splits a header block into fields by the rules of Python's email
// parser, which sees the block as text: LF, CR and CRLF all end a line.
type headParser struct {
	block []byte
	ends  []int  // where its lines end, where they all end in CRLF and no CR is elsewhere; else nil
	text  string // the block as text, when it is ASCII: names and values are parts of it
	head  Head

	// spans receives each range once its line is understood; nil: not traced.
	spans *headSpans

	open       bool // a field is being gathered: name block[nameAt:colon]
	nameAt     int
	colon      int
	valueAt    int
	valueEnd   int
	valueLimit int // end of its last line
}

// line finds the line at i: its content block[i:content], its end.
func (p *headParser) line(i int) (content, end int) {
	n := bytes.IndexByte(p.block[i:], '\n')
	limit := len(p.block)
	if n >= 0 {
		limit = i + n
	}
	if r := bytes.IndexByte(p.block[i:limit], '\r'); r >= 0 {
		content = i + r
		if content+1 == limit && n >= 0 {
			return content, limit + 1
		}
		return content, content + 1
	}
	if n >= 0 {
		return limit, limit + 1
	}
	return limit, limit
}

// headerColon finds the colon of a line that looks like a field: only printable
// ASCII before it. Python: headerRE in email.feedparser.
func headerColon(line []byte) int {
	colon := bytes.IndexByte(line, ':')
	if colon > 0 && !isVisible(line[:colon]) {
		return -1
	}
	return colon
}

// isVisible reports whether b, which is not empty, has only printable ASCII but
// the space. It looks at eight bytes at once; the last eight may overlap others.
func isVisible(b []byte) bool {
	if len(b) < 8 {
		for _, c := range b {
			if c-'!' > '~'-'!' {
				return false
			}
		}
		return true
	}
	for i := 0; ; i = min(i+8, len(b)-8) {
		// The high bit of each byte: it is not ASCII, or is DEL, or less than '!'.
		x := binary.LittleEndian.Uint64(b[i:])
		if (x|(x+ones)|^(x+ones*(0x80-'!')))&highs != 0 {
			return false
		}
		if i == len(b)-8 {
			return true
		}
	}
}

// One, and the high bit, of each of eight bytes.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

var fromMark = []byte("From ")

// parse walks the block. keep: gather the fields, not only the spans.
func (p *headParser) parse(keep bool) {
	if keep {
		if isASCII(p.block) {
			p.text = string(p.block)
		}
		n := len(p.ends)
		if n == 0 {
			n = bytes.Count(p.block, []byte{'\n'})
		}
		if n > 1 {
			p.head.Fields = make([]Field, 0, n-1)
		}
	}
	for i, lineno := 0, 0; i < len(p.block); lineno++ {
		var content, end int
		if lineno < len(p.ends) {
			end = p.ends[lineno]
			content = end - len("\r\n")
		} else {
			content, end = p.line(i)
		}
		line := p.block[i:content]
		switch {
		case content == i: // the empty line; what follows it is no header
			p.closeField()
			p.spans.headEnd(p.block, i, end)
			p.rest(end)
			return
		case line[0] == ' ' || line[0] == '\t':
			if p.open {
				p.valueEnd, p.valueLimit = content, end
				break
			}
			p.defect("FirstHeaderLineIsContinuationDefect", i, end)
			p.spans.junk(i, content, end, diagOrphanContinuation)
		case line[0] == 'F' && bytes.HasPrefix(line, fromMark):
			p.closeField()
			if lineno == 0 {
				p.head.UnixFrom = p.slice(i, content)
				p.spans.junk(i, content, end, diagFromLine)
				break
			}
			if last, rest := p.lastLine(end); last {
				// The parser takes it for the first line of the payload.
				p.head.Payload = p.slice(i, end)
				p.spans.junk(i, content, end, diagFromLine)
				if rest > end {
					p.spans.headEnd(p.block, end, rest)
				} else if rest < len(p.block) {
					p.endedEarly()
				}
				p.rest(rest)
				return
			}
			p.defect("MisplacedEnvelopeHeaderDefect", i, end)
			p.spans.junk(i, content, end, diagFromLine)
		default:
			colon := headerColon(line)
			p.closeField()
			if colon < 0 {
				p.endedEarly()
				p.spans.headEndedBy(line, i)
				p.rest(i)
				return
			}
			if colon == 0 {
				p.head.Defects = append(p.head.Defects, Defect{"InvalidHeaderDefect", "Missing header name."})
				p.spans.junk(i, content, end, diagEmptyName)
				break
			}
			p.open = true
			p.nameAt, p.colon = i, i+colon
			p.valueAt = i + colon + 1
			for p.valueAt < content && (p.block[p.valueAt] == ' ' || p.block[p.valueAt] == '\t') {
				p.valueAt++
			}
			p.valueEnd, p.valueLimit = content, end
		}
		i = end
	}
	p.closeField()
}

// lastLine reports whether the lines from i on hold no further header line, and
// where the text after the headers begins.
func (p *headParser) lastLine(i int) (last bool, rest int) {
	if i >= len(p.block) {
		return true, i
	}
	content, end := p.line(i)
	line := p.block[i:content]
	if content == i {
		return true, end
	}
	if line[0] == ' ' || line[0] == '\t' || bytes.HasPrefix(line, fromMark) || headerColon(line) >= 0 {
		return false, 0
	}
	return true, i
}

// rest takes what follows the headers for the payload.
func (p *headParser) rest(i int) {
	if i < len(p.block) {
		p.head.Payload += p.slice(i, len(p.block))
		p.spans.payload(i, len(p.block))
	}
}

// closeField stores the field that was being gathered, if any.
func (p *headParser) closeField() {
	if !p.open {
		return
	}
	p.open = false
	var f Field
	if p.text != "" {
		f = Field{p.text[p.nameAt:p.colon], p.text[p.valueAt:p.valueEnd]}
	} else {
		f = Field{p.slice(p.nameAt, p.colon), p.slice(p.valueAt, p.valueEnd)}
	}
	p.head.Fields = append(p.head.Fields, f)
	if p.spans != nil {
		p.spans.field(p, p.valueEnd)
	}
}

func (p *headParser) defect(name string, i, end int) {
	d := Defect{Name: name}
	if end > i {
		d.Line = p.slice(i, end)
	}
	p.head.Defects = append(p.head.Defects, d)
}

// endedEarly notes that a line which is no header ended the headers. Python
// finds that before it looks into the headers.
func (p *headParser) endedEarly() {
	p.head.Defects = append([]Defect{{Name: "MissingHeaderBodySeparatorDefect"}}, p.head.Defects...)
}

// slice gives a part of the block as text.
func (p *headParser) slice(i, j int) string {
	if p.text != "" {
		return p.text[i:j]
	}
	return py.DecodeLatin1(p.block[i:j])
}

func isASCII(b []byte) bool {
	for len(b) >= 16 {
		if (binary.LittleEndian.Uint64(b)|binary.LittleEndian.Uint64(b[8:]))&highs != 0 {
			return false
		}
		b = b[16:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// containsFold reports whether ASCII lower-case word occurs in text, in any case.
func containsFold(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if equalFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// trimOWS takes spaces and tabs off both ends.
func trimOWS(s string) string { return strings.Trim(s, " \t") }
