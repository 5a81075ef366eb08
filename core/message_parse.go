package core

import (
	"strings"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/py"
)

// newHTTPMessage makes the message of a parsed header block. Python's parser
// looks into the payload of the composite types even though http.client gives
// it nothing but headers, so message/* responses hold a message and multipart/*
// ones a defect. Python: parse_headers
func newHTTPMessage(fields []HeaderField, defects []Defect, unixFrom, payload string) *HTTPMessage {
	m := &HTTPMessage{Defects: defects, fields: fields, unixFrom: unixFrom}
	if i := m.index("content-type", 0); i >= 0 && maybeComposite(m.fields[i].Value) {
		m.parsePayload(payload)
		if m.GetContentMaintype() == "multipart" && !m.IsMultipart() {
			m.defect("MultipartInvariantViolationDefect")
		}
		return m
	}
	m.payload, m.hasPayload = payload, true
	return m
}

// maybeComposite keeps the common types from being parsed at all.
func maybeComposite(contentType string) bool {
	contentType = py.LStrip(contentType)
	return len(contentType) >= 8 &&
		(strings.EqualFold(contentType[:8], "message/") || strings.EqualFold(contentType[:8], "multipar"))
}

func (m *HTTPMessage) defect(name string) { m.Defects = append(m.Defects, Defect{Name: name}) }

// parsePayload is what Python's feed parser does after the header block.
func (m *HTTPMessage) parsePayload(payload string) {
	switch ctype := m.GetContentType(); {
	case ctype == "message/delivery-status":
		for {
			var block string
			block, payload = cutBlock(payload)
			m.parts = append(m.parts, parsePart(block))
			if payload == "" {
				return
			}
		}
	case strings.HasPrefix(ctype, "message/"):
		m.parts = append(m.parts, parsePart(payload))
	case strings.HasPrefix(ctype, "multipart/"):
		// A response's headers hold no boundary line, so the parts are not there.
		if _, ok := m.GetBoundary(); !ok {
			m.defect("NoBoundaryInMultipartDefect")
		} else {
			if cte, ok := m.Get("content-transfer-encoding"); ok {
				switch py.Lower(cte) {
				case "7bit", "8bit", "binary":
				default:
					m.defect("InvalidMultipartContentTransferEncodingDefect")
				}
			}
			m.defect("StartBoundaryNotFoundDefect")
		}
		fallthrough
	default:
		m.payload, m.hasPayload = payload, true
	}
}

// parsePart reads a message inside another; unlike the outer one, its defects
// do not include the invariant of multipart.
func parsePart(text string) *HTTPMessage {
	block, err := py.EncodeLatin1(text)
	if err != nil { // headers are ISO-8859-1 text by construction
		part := NewHTTPMessage()
		part.SetPayload(text)
		return part
	}
	head := h1.ParseHead(block)
	part := &HTTPMessage{Defects: head.Defects, fields: head.Fields, unixFrom: head.UnixFrom}
	part.parsePayload(head.Payload)
	return part
}

// cutBlock splits text after the lines before its first empty one, and drops
// the empty line.
func cutBlock(text string) (block, rest string) {
	for at := 0; at < len(text); {
		line := cutLine(text[at:])
		if line[0] == '\n' || line[0] == '\r' {
			return text[:at], text[at+len(line):]
		}
		at += len(line)
	}
	return text, ""
}

// cutLine is the first line of text with its line end: LF, CR or CRLF.
func cutLine(text string) string {
	i := strings.IndexAny(text, "\r\n")
	switch {
	case i < 0:
		return text
	case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
		return text[:i+2]
	}
	return text[:i+1]
}
