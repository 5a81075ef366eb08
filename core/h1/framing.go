package h1

// diagnoseFraming looks at the fields that frame the body.
func (r *Response) diagnoseFraming(t *headSpans) {
	var lengths, codings []int
	for i, f := range r.Head.Fields {
		switch {
		case equalFold(f.Name, "Content-Length"):
			lengths = append(lengths, i)
		case equalFold(f.Name, "Transfer-Encoding"):
			codings = append(codings, i)
		}
	}
	at := func(d *Diagnostic, i int) { r.diag(d, t.values[i].start, t.values[i].end) }
	noContent := r.Status == 204 || r.Status >= 100 && r.Status < 200
	for n, i := range lengths {
		value := r.Head.Fields[i].Value
		switch l := parseLength(value); {
		case !l.known:
			at(diagLengthInvalid, i)
		case !isDigits(trimOWS(value)):
			at(diagLengthSyntax, i)
		}
		if n > 0 {
			if trimOWS(value) == trimOWS(r.Head.Fields[lengths[0]].Value) {
				at(diagLengthRepeated, i)
			} else {
				at(diagLengthDiffers, i)
			}
		}
		if noContent {
			at(diagLengthNoContent, i)
		}
	}
	if len(codings) > 0 && len(lengths) > 0 {
		at(diagLengthAndCoding, lengths[0])
	}
	for n, i := range codings {
		value := r.Head.Fields[i].Value
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
	}
}
