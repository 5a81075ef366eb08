package h1

import (
	"bytes"

	"github.com/stepwire/stepwire/core/py"
)

// statusLine is a status line taken apart.
type statusLine struct {
	version string
	code    int
	reason  string

	base                                   int64 // absolute offset of the line
	versionAt, versionEnd, codeAt, codeEnd int
	reasonAt, reasonEnd                    int
}

// isLatin1Space is Python's str.isspace for ISO-8859-1 text.
func isLatin1Space(c byte) bool {
	return c <= ' ' && (c >= 0x1c || c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0
}

// word finds the next run of non-blanks from i.
func word(line []byte, i int) (start, end int) {
	for i < len(line) && isLatin1Space(line[i]) {
		i++
	}
	start = i
	for i < len(line) && !isLatin1Space(line[i]) {
		i++
	}
	return start, i
}

// readStatus reads a status line. Python: HTTPResponse._read_status.
func (r *Response) readStatus() error {
	line, ok := r.in.readLine(MaxLine + 1)
	if !ok {
		return r.need()
	}
	base := r.in.offset() - int64(len(line))
	if len(line) > MaxLine {
		return r.tooLong("status line")
	}
	if r.Debug != nil && r.message != "tunnel-response" {
		r.print("reply:", py.Repr(py.DecodeLatin1(line)))
	}
	if len(line) == 0 {
		e := Raise(ErrRemoteDisconnected, "Remote end closed connection without response")
		e.Offset = base
		return r.raise(e)
	}
	s := statusLine{base: base}
	s.versionAt, s.versionEnd = word(line, 0)
	s.codeAt, s.codeEnd = word(line, s.versionEnd)
	s.reasonAt, _ = word(line, s.codeEnd)
	s.reasonEnd = len(line)
	for s.reasonEnd > s.reasonAt && isLatin1Space(line[s.reasonEnd-1]) {
		s.reasonEnd--
	}
	version := line[s.versionAt:s.versionEnd]
	if s.codeAt == s.codeEnd || !bytes.HasPrefix(version, []byte("HTTP/")) {
		err := r.badStatus(line, base)
		r.closeConn()
		return err
	}
	s.version = versionText(version)
	code := line[s.codeAt:s.codeEnd]
	if s.reasonAt == len(line) && !endsLine(line[s.codeEnd:]) {
		// A split that finds no third part leaves what follows with the second, and
		// int() knows less white space than split().
		code = line[s.codeAt:]
	}
	if len(code) == 3 && digit(code[0]) && digit(code[1]) && digit(code[2]) {
		s.code = int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	} else {
		v, big, err := py.Int(py.DecodeLatin1(code))
		if err != nil || big {
			return r.badStatus(line, base)
		}
		s.code = int(v)
	}
	if s.code < 100 || s.code > 999 {
		return r.badStatus(line, base)
	}
	s.reason = reasonText(line[s.reasonAt:s.reasonEnd])
	r.status = s
	if r.watched {
		r.watchStatus(line)
	}
	return nil
}

// endsLine reports whether b is what ends a line or a stream.
func endsLine(b []byte) bool { return len(b) == 0 || string(b) == "\n" || string(b) == "\r\n" }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// versionText spares the common versions an allocation.
func versionText(b []byte) string {
	switch string(b) {
	case "HTTP/1.1":
		return "HTTP/1.1"
	case "HTTP/1.0":
		return "HTTP/1.0"
	}
	return py.DecodeLatin1(b)
}

// reasonText spares the commonest phrase an allocation.
func reasonText(b []byte) string {
	switch string(b) {
	case "OK":
		return "OK"
	case "":
		return ""
	}
	return py.DecodeLatin1(b)
}

// badStatus raises BadStatusLine. Python: BadStatusLine.
func (r *Response) badStatus(line []byte, base int64) error {
	if r.watched && !r.closed {
		r.span(SpanJunk, base, base+int64(len(line)), r.path("status-line", -1, ""), "")
	}
	text := py.DecodeLatin1(line)
	e := Raise(ErrBadStatusLine, text)
	e.Line = text
	e.Offset = base
	return r.raise(e)
}

// settleVersion maps the version. Python: HTTPResponse.begin.
func (r *Response) settleVersion() error {
	if r.Version != 0 {
		return nil
	}
	r.Status, r.Reason = r.status.code, r.status.reason
	switch v := r.status.version; {
	case v == "HTTP/1.0" || v == "HTTP/0.9":
		r.Version = 10
	case len(v) >= 7 && v[:7] == "HTTP/1.":
		r.Version = 11
	default:
		e := Raise(ErrUnknownProtocol, v)
		e.Version = v
		e.Offset = r.status.base + int64(r.status.versionAt)
		return r.raise(e)
	}
	return nil
}

// watchStatus gives the status line its spans and looks for leniencies.
func (r *Response) watchStatus(line []byte) {
	s := &r.status
	message, index := r.message, -1
	if s.code == 100 && message == "response" {
		message, index = "interim", r.interims
	}
	part := func(kind SpanKind, i, end int, part, value string) {
		r.span(kind, s.base+int64(i), s.base+int64(end), Path{message, index, "status-line", -1, part}, value)
	}
	part(SpanSP, 0, s.versionAt, "sp", "")
	part(SpanVersion, s.versionAt, s.versionEnd, "version", s.version)
	part(SpanSP, s.versionEnd, s.codeAt, "sp", "")
	part(SpanStatusCode, s.codeAt, s.codeEnd, "code", itoa(s.code))
	end := len(line)
	for end > s.codeEnd && (line[end-1] == '\n' || line[end-1] == '\r') {
		end--
	}
	if s.reasonAt < s.reasonEnd {
		end = max(end, s.reasonEnd)
		part(SpanSP, s.codeEnd, s.reasonAt, "sp", "")
		part(SpanReason, s.reasonAt, s.reasonEnd, "reason", s.reason)
		part(SpanSP, s.reasonEnd, end, "sp", "")
	} else {
		part(SpanSP, s.codeEnd, end, "sp", "")
	}
	part(SpanCRLF, end, len(line), "crlf", "")
	r.diagnoseStatus(line, end)
}

func (r *Response) diagnoseStatus(line []byte, end int) {
	s := &r.status
	diag := func(d *Diagnostic, i, end int) { r.diag(d, s.base+int64(i), s.base+int64(end)) }
	switch string(line[end:]) {
	case "\r\n":
	case "\n":
		diag(diagBareLF, end, len(line))
	case "":
	default:
		diag(diagBareCR, end, len(line))
	}
	between := func(i, end int) bool { return end-i == 1 && line[i] == ' ' }
	if s.versionAt != 0 || !between(s.versionEnd, s.codeAt) || s.reasonAt < s.reasonEnd && !between(s.codeEnd, s.reasonAt) {
		diag(diagStatusBlank, 0, max(s.codeAt, 1))
	}
	if s.reasonAt >= s.reasonEnd && end == s.codeEnd {
		diag(diagNoReasonBlank, s.codeEnd, s.codeEnd)
	}
	v := s.version
	switch {
	case len(v) != 8 || !digit(v[5]) || v[6] != '.' || !digit(v[7]):
		diag(diagVersion, s.versionAt, s.versionEnd)
	case v != "HTTP/1.1" && v != "HTTP/1.0":
		diag(diagVersionOther, s.versionAt, s.versionEnd)
	}
	if s.codeEnd-s.codeAt != 3 || !isDigits(string(line[s.codeAt:s.codeEnd])) {
		diag(diagStatusDigits, s.codeAt, s.codeEnd)
	}
	switch {
	case s.code > 599:
		diag(diagStatusRange, s.codeAt, s.codeEnd)
	case s.code == 101:
		diag(diagSwitching, s.codeAt, s.codeEnd)
	case s.code > 101 && s.code < 200:
		diag(diagInterimFinal, s.codeAt, s.codeEnd)
	}
	if hasControl(line[s.codeEnd:end]) {
		diag(diagReasonControl, s.codeEnd, end)
	}
}
