package h1

import "strings"

// diagnoseFraming looks at the fields that frame the body and the connection.
func (r *Response) diagnoseFraming(t *headSpans, fields []Field, status int) {
	var few [2][4]int
	lengths, codings := few[0][:0], few[1][:0]
	at := func(d *Diagnostic, i int) { r.diag(d, t.values[i].start, t.values[i].end) }
	for i, f := range fields {
		switch {
		case equalFold(f.Name, "Connection"):
			if !isTokenList(f.Value) {
				at(diagConnection, i)
			}
		case equalFold(f.Name, "Content-Length"):
			lengths = append(lengths, i)
		case equalFold(f.Name, "Transfer-Encoding"):
			codings = append(codings, i)
		}
	}
	noContent := status == 204 || status >= 100 && status < 200
	for n, i := range lengths {
		value := fields[i].Value
		switch l := parseLength(value); {
		case !l.known:
			at(diagLengthInvalid, i)
		case !isDigits(trimOWS(value)):
			at(diagLengthSyntax, i)
		}
		if n > 0 {
			if trimOWS(value) == trimOWS(fields[lengths[0]].Value) {
				at(diagLengthRepeated, i)
			} else {
				at(diagLengthDiffers, i)
			}
		}
		if noContent {
			at(diagLengthNoContent, i)
		}
		if status == 205 && parseLength(value).n > 0 {
			at(diagContent205, i)
		}
	}
	if len(codings) > 0 && len(lengths) > 0 {
		at(diagLengthAndCoding, lengths[0])
	}
	for n, i := range codings {
		value := fields[i].Value
		if !equalFold(value, "chunked") {
			at(diagCodingUnknown, i)
		}
		if n > 0 {
			at(diagCodingRepeated, i)
		}
		if r.Version == 10 {
			at(diagCodingHTTP10, i)
		}
		if noContent {
			at(diagCodingNoContent, i)
		}
		if status == 205 {
			at(diagContent205, i)
		}
	}
}

// diagnoseTunnel looks at the fields of a successful reply to CONNECT, which has
// no content to frame.
func (r *Response) diagnoseTunnel(t *headSpans, fields []Field) {
	for i, f := range fields {
		switch {
		case equalFold(f.Name, "Content-Length"):
			r.diag(diagTunnelLength, t.values[i].start, t.values[i].end)
		case equalFold(f.Name, "Transfer-Encoding"):
			r.diag(diagTunnelCoding, t.values[i].start, t.values[i].end)
		}
	}
}

// isTokenList checks a comma-separated list of tokens, empty members allowed as
// RFC 9110 section 5.6.1.2 lets a recipient.
func isTokenList(value string) bool {
	for member := range strings.SplitSeq(value, ",") {
		if member = trimOWS(member); member != "" && !isToken(member) {
			return false
		}
	}
	return true
}
