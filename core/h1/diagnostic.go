package h1

// Severity says how far a leniency is from the standard.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // the standard calls it invalid; strict mode refuses it
	SeverityWarning Severity = "warning" // the standard lets a recipient accept it
	SeverityNote    Severity = "note"    // valid, and worth knowing
)

// Diagnostic names a leniency that the engine granted because Python grants it.
type Diagnostic struct {
	Code     string // stable, kebab-case
	Severity Severity
	Section  string // "9112 §5.1": RFC number and section
	Text     string // one sentence
}

// diagnostics holds them all. The linker lays it out: code that made them at
// the start was 40 kB of wasm.
var diagnostics = [...]*Diagnostic{
	diagBareLF, diagBareCR, diagObsFold,
	diagStatusBlank, diagNoReasonBlank, diagVersion, diagVersionOther, diagStatusDigits, diagStatusRange,
	diagReasonControl, diagInterimFinal, diagSwitching,
	diagBlankBeforeColon, diagNoColon, diagNameNotASCII, diagEmptyName, diagNameToken, diagOrphanContinuation,
	diagFromLine, diagValueControl, diagObsText, diagEOFInHead,
	diagLengthDiffers, diagLengthRepeated, diagLengthSyntax, diagLengthInvalid, diagLengthAndCoding,
	diagLengthNoContent, diagCodingNoContent, diagCodingUnknown, diagCodingRepeated, diagCodingHTTP10,
	diagConnection, diagContent205, diagTunnelLength, diagTunnelCoding,
	diagChunkSize, diagChunkSizeInvalid, diagChunkSizeHuge, diagChunkExt, diagChunkLine, diagChunkEnd,
	diagEOFInTrailers, diagTrailerField, diagShortBody, diagPastLength, diagAfterMessage, diagTruncatedChunk,
	diagSentMethod, diagSentName, diagSentFold, diagSentControl,
	diagSentBlankLine, diagSentRequestLine, diagSentVersion, diagSentBareCR, diagSentNoColon, diagSentBlank,
	diagSentHost, diagSentUnfinished, diagSentLength, diagSentLengthAndCoding, diagSentCoding, diagSentShort,
	diagSentChunk, diagSentAfter,
}

// Diagnostics lists every diagnostic that the engine can emit.
func Diagnostics() []*Diagnostic { return append([]*Diagnostic(nil), diagnostics[:]...) }

// Lines.
var (
	diagBareLF = &Diagnostic{"bare-lf", SeverityWarning, "9112 §2.2",
		"The line ends in a bare LF; a recipient may accept it, a sender must write CRLF."}
	diagBareCR = &Diagnostic{"bare-cr", SeverityError, "9112 §2.2",
		"A bare CR counts as the end of a line here; the standard wants it refused or replaced by a space."}
	diagObsFold = &Diagnostic{"obs-fold", SeverityError, "9112 §5.2",
		"The value goes on in a folded line; a user agent must put spaces for the fold, Python keeps the line break."}
)

// Status line.
var (
	diagStatusBlank = &Diagnostic{"status-line-blank", SeverityError, "9112 §4",
		"The parts of a status line are separated by exactly one space, and nothing precedes the version."}
	diagNoReasonBlank = &Diagnostic{"status-line-no-blank", SeverityWarning, "9112 §4",
		"A status line has a space after its code even when the reason phrase is empty."}
	diagVersion = &Diagnostic{"version-syntax", SeverityError, "9112 §2.3",
		"A version is HTTP/ and two digits with a dot between; here it is read as the nearest known one."}
	diagVersionOther = &Diagnostic{"version-unexpected", SeverityError, "9112 §2.3",
		"The answer to an HTTP/1.1 request claims a version that is neither HTTP/1.0 nor HTTP/1.1."}
	diagStatusDigits = &Diagnostic{"status-code-syntax", SeverityError, "9112 §4",
		"A status code is exactly three digits; here Python's int() read it."}
	diagStatusRange = &Diagnostic{"status-code-range", SeverityError, "9110 §15",
		"Status codes run from 100 to 599; others are invalid."}
	diagReasonControl = &Diagnostic{"reason-control", SeverityError, "9112 §4",
		"A reason phrase has no control characters."}
	diagInterimFinal = &Diagnostic{"interim-as-final", SeverityError, "9110 §15.2",
		"A 1xx response is an interim one with the final response still to come; Python only skips 100 and takes this one for final."}
	diagSwitching = &Diagnostic{"switching-protocols", SeverityNote, "9110 §15.2.2",
		"After 101 the connection speaks another protocol, which this client does not."}
)

// Header and trailer fields.
var (
	diagBlankBeforeColon = &Diagnostic{"blank-before-colon", SeverityError, "9112 §5.1",
		"No blank is allowed between a field name and its colon; Python ends the headers here and drops the rest."}
	diagNoColon = &Diagnostic{"no-colon", SeverityError, "9112 §5",
		"A field line has a colon; Python ends the headers here and drops the rest."}
	diagNameNotASCII = &Diagnostic{"name-not-ascii", SeverityError, "9110 §5.1",
		"A field name has only ASCII characters; Python ends the headers here and drops the rest."}
	diagEmptyName = &Diagnostic{"empty-name", SeverityError, "9112 §5",
		"A field line has a name before its colon; Python drops the line."}
	diagNameToken = &Diagnostic{"name-not-token", SeverityError, "9110 §5.6.2",
		"A field name is a token: letters, digits and !#$%&'*+-.^_`|~ only."}
	diagOrphanContinuation = &Diagnostic{"orphan-continuation", SeverityError, "9112 §2.2",
		"A line that begins with a blank follows no field; Python drops it."}
	diagFromLine = &Diagnostic{"from-line", SeverityError, "9112 §5",
		"Python takes a line that begins \"From \" for a mailbox separator, not for a header."}
	diagValueControl = &Diagnostic{"value-control", SeverityError, "9110 §5.5",
		"A field value has no NUL and no other control character but the tab."}
	diagObsText = &Diagnostic{"obs-text", SeverityNote, "9110 §5.5",
		"Bytes over 0x7F in a field value have no defined meaning; Python reads them as ISO-8859-1."}
	diagEOFInHead = &Diagnostic{"eof-in-head", SeverityError, "9112 §8",
		"The connection ended before the empty line that ends the headers; the message is incomplete."}
)

// Framing.
var (
	diagLengthDiffers = &Diagnostic{"content-length-differs", SeverityError, "9112 §6.3",
		"Content-Length values that differ make the message invalid; Python takes the first."}
	diagLengthRepeated = &Diagnostic{"content-length-repeated", SeverityWarning, "9110 §8.6",
		"Content-Length stands here more than once with the same value; a recipient may take it as one."}
	diagLengthSyntax = &Diagnostic{"content-length-syntax", SeverityError, "9110 §8.6",
		"A Content-Length is digits only; here Python's int() accepted signs, underscores or blanks."}
	diagLengthInvalid = &Diagnostic{"content-length-invalid", SeverityError, "9112 §6.3",
		"An invalid Content-Length makes the message invalid; Python reads on as if there were none."}
	diagLengthAndCoding = &Diagnostic{"length-and-transfer-encoding", SeverityError, "9112 §6.2",
		"A sender must not send Content-Length with Transfer-Encoding: it is how responses are smuggled."}
	diagLengthNoContent = &Diagnostic{"length-without-content", SeverityError, "9110 §8.6",
		"A 1xx or 204 response must not have a Content-Length."}
	diagCodingNoContent = &Diagnostic{"transfer-encoding-without-content", SeverityError, "9112 §6.1",
		"A 1xx or 204 response must not have a Transfer-Encoding."}
	diagCodingUnknown = &Diagnostic{"transfer-encoding-not-chunked", SeverityError, "9112 §6.1",
		"Python decodes the one value \"chunked\" only; with this one the body keeps its transfer coding."}
	diagCodingRepeated = &Diagnostic{"transfer-encoding-repeated", SeverityError, "9112 §6.1",
		"Several Transfer-Encoding fields make one list of codings; Python looks at the first only."}
	diagCodingHTTP10 = &Diagnostic{"chunked-in-http-1.0", SeverityError, "9112 §6.1",
		"An HTTP/1.0 message with Transfer-Encoding has faulty framing."}
)

// Other fields.
var (
	diagConnection = &Diagnostic{"connection-syntax", SeverityWarning, "9110 §7.6.1",
		"Connection is a list of tokens; Python looks for the words in it wherever they stand."}
	diagContent205 = &Diagnostic{"content-in-205", SeverityError, "9110 §15.3.6",
		"A 205 response has no content."}
	diagTunnelLength = &Diagnostic{"content-length-in-tunnel-reply", SeverityError, "9110 §8.6",
		"A successful reply to CONNECT must not have a Content-Length; what follows it is the tunnel."}
	diagTunnelCoding = &Diagnostic{"transfer-encoding-in-tunnel-reply", SeverityError, "9112 §6.1",
		"A successful reply to CONNECT must not have a Transfer-Encoding; what follows it is the tunnel."}
)

// Bodies.
var (
	diagChunkSize = &Diagnostic{"chunk-size-syntax", SeverityError, "9112 §7.1",
		"A chunk size is hexadecimal digits only; here Python's int() accepted signs, underscores, blanks or 0x."}
	diagChunkSizeInvalid = &Diagnostic{"chunk-size-invalid", SeverityError, "9112 §7.1",
		"The chunk size is not a hexadecimal number."}
	diagChunkSizeHuge = &Diagnostic{"chunk-size-overflow", SeverityError, "9112 §7.1",
		"The chunk size is negative, or larger than any count of bytes; a recipient must guard against such numbers."}
	diagChunkExt = &Diagnostic{"chunk-ext-syntax", SeverityError, "9112 §7.1.1",
		"A chunk extension is ;name or ;name=value, with tokens or a quoted string; Python drops it unread."}
	diagChunkLine = &Diagnostic{"chunk-bare-lf", SeverityError, "9112 §7.1",
		"The lines of chunked coding end in CRLF."}
	diagChunkEnd = &Diagnostic{"chunk-crlf-missing", SeverityError, "9112 §7.1",
		"Two bytes after the data of a chunk are thrown away, yet they are not CRLF."}
	diagEOFInTrailers = &Diagnostic{"eof-in-trailers", SeverityError, "9112 §8",
		"The connection ended before the empty line that ends a chunked body; Python takes the body for complete."}
	diagTrailerField = &Diagnostic{"trailer-forbidden", SeverityError, "9110 §6.5.1",
		"Fields for framing, routing or authentication do not belong into trailers."}
	diagShortBody = &Diagnostic{"short-body", SeverityError, "9112 §8",
		"The connection ended before Content-Length bytes had come; this call returns what there is without an error."}
	diagPastLength = &Diagnostic{"read-past-length", SeverityWarning, "9112 §6.3",
		"A negative amount reads to the end of the connection, past the announced length."}
	diagAfterMessage = &Diagnostic{"data-after-message", SeverityError, "9112 §9.2",
		"Bytes follow the end of the response that no request has asked for; they are lost with the response's buffer."}
	diagTruncatedChunk = &Diagnostic{"chunk-truncated", SeverityError, "9112 §8",
		"The connection ended inside a chunked body."}
)

// Requests, as the caller shaped them.
var (
	diagSentMethod = &Diagnostic{"sent-method-not-token", SeverityWarning, "9110 §9.1",
		"A method is a token; a recipient answers 400 or 501 to this one."}
	diagSentName = &Diagnostic{"sent-name-not-token", SeverityWarning, "9110 §5.6.2",
		"A field name is a token: letters, digits and !#$%&'*+-.^_`|~ only."}
	diagSentFold = &Diagnostic{"sent-obs-fold", SeverityWarning, "9112 §5.2",
		"Several values, or a break inside one, make a folded line, which a sender must not generate."}
	diagSentControl = &Diagnostic{"sent-value-control", SeverityWarning, "9110 §5.5",
		"A field value has no NUL and no other control character but the tab."}
)

// Requests that the caller wrote byte by byte.
var (
	diagSentBlankLine = &Diagnostic{"sent-blank-line", SeverityNote, "9112 §2.2",
		"A server ignores an empty line before the request line; a client must not send one."}
	diagSentRequestLine = &Diagnostic{"sent-request-line", SeverityError, "9112 §3",
		"A request line is a method, a target and a version, with one space between them and none elsewhere."}
	diagSentVersion = &Diagnostic{"sent-version", SeverityError, "9112 §2.3",
		"The version is neither HTTP/1.1 nor HTTP/1.0; a server answers 400 or 505."}
	diagSentBareCR = &Diagnostic{"sent-bare-cr", SeverityError, "9112 §2.2",
		"A sender must not write a CR without its LF."}
	diagSentNoColon = &Diagnostic{"sent-no-colon", SeverityError, "9112 §5",
		"A field line is a name, a colon and a value; this line is none."}
	diagSentBlank = &Diagnostic{"sent-blank-before-colon", SeverityError, "9112 §5.1",
		"No blank is allowed between a field name and its colon; a server must answer 400."}
	diagSentHost = &Diagnostic{"sent-host", SeverityError, "9112 §3.2",
		"A request of HTTP/1.1 has exactly one Host; a server must answer 400 to none and to several."}
	diagSentUnfinished = &Diagnostic{"sent-head-unfinished", SeverityWarning, "9112 §2.1",
		"No empty line ends the head; the server waits for the rest of it."}
	diagSentLength = &Diagnostic{"sent-content-length", SeverityError, "9112 §6.3",
		"A Content-Length is one decimal number; a server must answer 400 to anything else."}
	diagSentLengthAndCoding = &Diagnostic{"sent-length-and-transfer-encoding", SeverityError, "9112 §6.2",
		"A sender must not send Content-Length with Transfer-Encoding: it is how requests are smuggled."}
	diagSentCoding = &Diagnostic{"sent-transfer-encoding-not-chunked", SeverityError, "9112 §6.3",
		"Where chunked is not the last transfer coding of a request its end cannot be told; a server must answer 400."}
	diagSentShort = &Diagnostic{"sent-content-short", SeverityWarning, "9112 §6.3",
		"Fewer bytes follow than Content-Length says; the server waits for the rest of them."}
	diagSentChunk = &Diagnostic{"sent-chunk", SeverityError, "9112 §7.1",
		"A chunk is its size in hexadecimal digits, CRLF, so many bytes and CRLF; one of size 0 and an empty line are the end."}
	diagSentAfter = &Diagnostic{"sent-after-message", SeverityWarning, "9112 §9.3.2",
		"These bytes come after the end of the request; the server takes them for the next one."}
)

func isTokenByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~':
		return true
	}
	return false
}

func isToken[T string | []byte](s T) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return len(s) > 0
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// hasControl reports a control character other than the tab.
func hasControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}
