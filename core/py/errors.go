package py

// ValueError is Python's ValueError with the text str(exc) gives.
// Python: ValueError
type ValueError struct{ Message string }

func (e *ValueError) Error() string { return e.Message }

// Classes names the exception class and its ancestors in method resolution
// order, up to and excluding Exception.
func (e *ValueError) Classes() []string { return []string{"ValueError"} }

// UnicodeError is a text conversion failure with no position, as the idna
// codec raises it.
// Python: UnicodeError
type UnicodeError struct{ Message string }

func (e *UnicodeError) Error() string { return e.Message }

// Classes is as [ValueError.Classes].
func (e *UnicodeError) Classes() []string { return []string{"UnicodeError", "ValueError"} }

// UnicodeEncodeError says which characters of Object the codec cannot encode.
// Start and End are code point offsets, half-open.
// Python: UnicodeEncodeError
type UnicodeEncodeError struct {
	Encoding string
	Object   string
	Start    int
	End      int
	Reason   string
}

// Error is str(exc).
func (e *UnicodeEncodeError) Error() string {
	b := append([]byte{'\''}, e.Encoding...)
	if e.End == e.Start+1 {
		if r, ok := runeAt(e.Object, e.Start); ok {
			b = append(b, "' codec can't encode character '"...)
			b = appendEscape(b, r)
			b = append(b, "' in position "...)
			b = appendInt(b, e.Start)
			b = append(b, ": "...)
			return string(append(b, e.Reason...))
		}
	}
	b = append(b, "' codec can't encode characters in position "...)
	return string(appendRange(b, e.Start, e.End, e.Reason))
}

// Classes is as [ValueError.Classes].
func (e *UnicodeEncodeError) Classes() []string {
	return []string{"UnicodeEncodeError", "UnicodeError", "ValueError"}
}

// UnicodeDecodeError says which bytes of Object the codec cannot decode.
// Start and End are byte offsets, half-open.
// Python: UnicodeDecodeError
type UnicodeDecodeError struct {
	Encoding string
	Object   []byte
	Start    int
	End      int
	Reason   string
}

// Error is str(exc).
func (e *UnicodeDecodeError) Error() string {
	b := append([]byte{'\''}, e.Encoding...)
	if e.End == e.Start+1 && e.Start >= 0 && e.Start < len(e.Object) {
		b = append(b, "' codec can't decode byte 0x"...)
		b = appendHex(b, uint32(e.Object[e.Start]), 2)
		b = append(b, " in position "...)
		b = appendInt(b, e.Start)
		b = append(b, ": "...)
		return string(append(b, e.Reason...))
	}
	b = append(b, "' codec can't decode bytes in position "...)
	return string(appendRange(b, e.Start, e.End, e.Reason))
}

// Classes is as [ValueError.Classes].
func (e *UnicodeDecodeError) Classes() []string {
	return []string{"UnicodeDecodeError", "UnicodeError", "ValueError"}
}

// appendRange adds "START-LAST: REASON"; Python names the last position, not
// the one after it.
func appendRange(b []byte, start, end int, reason string) []byte {
	b = appendInt(b, start)
	b = append(b, '-')
	b = appendInt(b, end-1)
	b = append(b, ": "...)
	return append(b, reason...)
}

// LookupError is Python's LookupError, as for a codec that does not exist.
// Python: LookupError
type LookupError struct{ Message string }

func (e *LookupError) Error() string { return e.Message }

// Classes is as [ValueError.Classes].
func (e *LookupError) Classes() []string { return []string{"LookupError"} }
