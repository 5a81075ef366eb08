package h1

import "bytes"

// refuseBody turns a refusal of strict mode off where the call fails anyway.
func (r *Response) refuseBody() {
	if r.in.ended && r.in.r == r.in.w {
		r.refusal = nil
	}
}

// watchChunkSize gives a size line its spans and looks for leniencies.
func (r *Response) watchChunkSize(line, digits []byte, at int64, size int, big bool, err error) {
	content := len(line)
	for content > 0 && (line[content-1] == '\n' || line[content-1] == '\r') && len(line)-content < 2 {
		content--
	}
	sizeEnd := min(len(digits), content)
	kind, part := SpanChunkSize, "size"
	if err == nil && size == 0 {
		kind = SpanLastChunk
	}
	part64 := func(i int) int64 { return at + int64(i) }
	r.span(kind, at, part64(sizeEnd), r.path("chunk", r.chunk, part), string(line[:sizeEnd]))
	r.span(SpanChunkExt, part64(sizeEnd), part64(content), r.path("chunk", r.chunk, "extension"), string(line[sizeEnd:content]))
	r.span(SpanChunkCRLF, part64(content), part64(len(line)), r.path("chunk", r.chunk, "crlf"), "")
	switch {
	case len(line) == 0:
		r.diag(diagTruncatedChunk, at, at)
	case err != nil:
		r.diag(diagChunkSizeInvalid, at, part64(sizeEnd))
	case big || size < 0:
		r.diag(diagChunkSizeHuge, at, part64(sizeEnd))
	case !isHex(trimBWS(line[:sizeEnd], sizeEnd < content)):
		r.diag(diagChunkSize, at, part64(sizeEnd))
	}
	if err != nil {
		r.refusal = nil // it is refused anyway
		return
	}
	if string(line[content:]) != "\r\n" {
		r.diag(diagChunkLine, part64(content), part64(len(line)))
	}
	if sizeEnd < content && !validChunkExt(line[sizeEnd:content]) {
		r.diag(diagChunkExt, part64(sizeEnd), part64(content))
	}
}

// trimBWS takes off the blanks that a chunk extension may have before it.
func trimBWS(b []byte, extension bool) []byte {
	if extension {
		return bytes.TrimRight(b, " \t")
	}
	return b
}

func isHex(b []byte) bool {
	for _, c := range b {
		if !digit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return len(b) > 0
}

// validChunkExt checks *( BWS ";" BWS name [ BWS "=" BWS value ] ).
func validChunkExt(b []byte) bool {
	for len(b) > 0 {
		b = bytes.TrimLeft(b, " \t")
		if len(b) == 0 || b[0] != ';' {
			return false
		}
		b = bytes.TrimLeft(b[1:], " \t")
		n := tokenLen(b)
		if n == 0 {
			return false
		}
		b = b[n:]
		rest := bytes.TrimLeft(b, " \t")
		if len(rest) == 0 || rest[0] != '=' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t")
		if n = tokenLen(rest); n == 0 {
			if n = quotedLen(rest); n == 0 {
				return false
			}
		}
		b = rest[n:]
	}
	return true
}

func tokenLen(b []byte) int {
	n := 0
	for n < len(b) && isTokenByte(b[n]) {
		n++
	}
	return n
}

// quotedLen measures a quoted string, 0 when there is none. RFC 9110 section 5.6.4.
func quotedLen(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			i++
		case c < ' ' && c != '\t' || c == 0x7f:
			return 0
		}
	}
	return 0
}

// watchTrailers gives the trailer section its spans and looks for leniencies.
func (r *Response) watchTrailers() {
	p := headParser{block: r.head, spans: r.watch(r.message, -1, "trailer")}
	p.parse(true)
	if !endsBlank(r.head) {
		r.diag(diagEOFInTrailers, r.in.offset(), r.in.offset())
	}
	for i, f := range p.head.Fields {
		if forbiddenTrailer(f.Name) {
			r.diag(diagTrailerField, p.spans.values[i].start, p.spans.values[i].end)
		}
	}
}

// forbiddenTrailer names the fields that frame, route, authenticate or describe
// the content itself. RFC 9110 section 6.5.1.
func forbiddenTrailer(name string) bool {
	for _, f := range [...]string{
		"Transfer-Encoding", "Content-Length", "Host", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer",
		"Cache-Control", "Expect", "Max-Forwards", "Pragma", "Range", "Authorization", "Proxy-Authenticate",
		"Proxy-Authorization", "WWW-Authenticate", "Set-Cookie", "Age", "Expires", "Date", "Location",
		"Retry-After", "Vary", "Warning", "Content-Encoding", "Content-Type", "Content-Range",
	} {
		if equalFold(name, f) {
			return true
		}
	}
	return false
}
