package h1

import "bytes"

// headSpans turns the ranges of a header block into spans and diagnostics. A
// nil *headSpans does nothing: the parser is not watched.
type headSpans struct {
	r       *Response
	base    int64 // absolute offset of the block
	message string
	index   int
	item    string // "header" or "trailer"
	fields  int
	values  []valueRange // where each field's value is, for later diagnostics
}

// watch begins to turn the ranges of the gathered block into spans. A connection
// has one headSpans, as no block is parsed within another.
func (r *Response) watch(message string, index int, item string) *headSpans {
	t := &r.conn.spans
	*t = headSpans{r: r, base: r.headBase, message: message, index: index, item: item, values: t.values[:0]}
	return t
}

type valueRange struct{ start, end int64 }

func (t *headSpans) path(item string, i int, part string) Path {
	return Path{Message: t.message, MessageIndex: t.index, Item: item, ItemIndex: i, Part: part}
}

func (t *headSpans) emit(kind SpanKind, i, end int, path Path, value string) {
	if end > i {
		t.r.span(kind, t.base+int64(i), t.base+int64(end), path, value)
	}
}

func (t *headSpans) diag(d *Diagnostic, i, end int) {
	t.r.diag(d, t.base+int64(i), t.base+int64(end))
}

// headEnd reports the empty line.
func (t *headSpans) headEnd(block []byte, i, end int) {
	if t == nil {
		return
	}
	kind, item := SpanHeadEnd, "head-end"
	if t.item == "trailer" {
		kind, item = SpanTrailerEnd, "trailer-end"
	}
	t.emit(kind, i, end, t.path(item, -1, ""), "")
	t.lineEnd(block, i, end)
}

// junk reports a line that the parser drops, and goes on after.
func (t *headSpans) junk(i, content, end int, d *Diagnostic) {
	if t == nil {
		return
	}
	t.emit(SpanJunk, i, end, t.path("junk", -1, ""), "")
	t.diag(d, i, content)
}

// headEndedBy says why a line is no field.
func (t *headSpans) headEndedBy(line []byte, i int) {
	if t == nil {
		return
	}
	d := diagNoColon
	if colon := bytes.IndexByte(line, ':'); colon >= 0 {
		d = diagNameToken
		for _, c := range line[:colon] {
			if c >= 0x80 {
				d = diagNameNotASCII
				break
			}
			if c == ' ' || c == '\t' {
				d = diagBlankBeforeColon
				break
			}
		}
	}
	t.diag(d, i, i+len(line))
}

// payload reports what follows the line that ended the headers.
func (t *headSpans) payload(i, end int) {
	if t == nil {
		return
	}
	t.emit(SpanJunk, i, end, t.path("junk", -1, ""), "")
}

// field reports the field that the parser has closed; its value ends at end.
func (t *headSpans) field(p *headParser, end int) {
	n := t.fields
	t.fields++
	f := &p.head.Fields[len(p.head.Fields)-1]
	t.emit(SpanName, p.nameAt, p.colon, t.path(t.item, n, "name"), f.Name)
	t.emit(SpanColon, p.colon, p.colon+1, t.path(t.item, n, "colon"), "")
	t.emit(SpanOWS, p.colon+1, p.valueAt, t.path(t.item, n, "ows"), "")
	t.values = append(t.values, valueRange{t.base + int64(p.valueAt), t.base + int64(end)})
	if !isToken(p.block[p.nameAt:p.colon]) {
		t.diag(diagNameToken, p.nameAt, p.colon)
	}
	value := f.Value
	for i := p.valueAt; i < end; {
		content, next := p.line(i)
		content = min(content, end)
		t.emit(SpanValue, i, content, t.path(t.item, n, "value"), value)
		value = ""
		t.checkValue(p, i, content)
		if content == end {
			break
		}
		i = next
		for i < end && (p.block[i] == ' ' || p.block[i] == '\t') {
			i++
		}
		t.emit(SpanFold, content, i, t.path(t.item, n, "fold"), "")
		t.diag(diagObsFold, content, i)
		t.lineEnd(p.block, content, next)
	}
	t.emit(SpanCRLF, end, p.valueLimit, t.path(t.item, n, "crlf"), "")
	t.lineEnd(p.block, end, p.valueLimit)
}

func (t *headSpans) checkValue(p *headParser, i, end int) {
	value := p.block[i:end]
	if hasControl(value) {
		t.diag(diagValueControl, i, end)
	}
	if !isASCII(value) {
		t.diag(diagObsText, i, end)
	}
}

// lineEnd looks at how a line ends.
func (t *headSpans) lineEnd(block []byte, i, end int) {
	switch string(block[i:end]) {
	case "\n":
		t.diag(diagBareLF, i, end)
	case "\r":
		t.diag(diagBareCR, i, end)
	}
}
