package core

// The default ports.
const (
	HTTPPort  = 80  // Python: HTTP_PORT
	HTTPSPort = 443 // Python: HTTPS_PORT
)

// The status codes of http.HTTPStatus in CPython 3.11, which http.client has as
// constants of its own.
const (
	StatusContinue                      = 100 // Python: CONTINUE
	StatusSwitchingProtocols            = 101 // Python: SWITCHING_PROTOCOLS
	StatusProcessing                    = 102 // Python: PROCESSING
	StatusEarlyHints                    = 103 // Python: EARLY_HINTS
	StatusOK                            = 200 // Python: OK
	StatusCreated                       = 201 // Python: CREATED
	StatusAccepted                      = 202 // Python: ACCEPTED
	StatusNonAuthoritativeInformation   = 203 // Python: NON_AUTHORITATIVE_INFORMATION
	StatusNoContent                     = 204 // Python: NO_CONTENT
	StatusResetContent                  = 205 // Python: RESET_CONTENT
	StatusPartialContent                = 206 // Python: PARTIAL_CONTENT
	StatusMultiStatus                   = 207 // Python: MULTI_STATUS
	StatusAlreadyReported               = 208 // Python: ALREADY_REPORTED
	StatusIMUsed                        = 226 // Python: IM_USED
	StatusMultipleChoices               = 300 // Python: MULTIPLE_CHOICES
	StatusMovedPermanently              = 301 // Python: MOVED_PERMANENTLY
	StatusFound                         = 302 // Python: FOUND
	StatusSeeOther                      = 303 // Python: SEE_OTHER
	StatusNotModified                   = 304 // Python: NOT_MODIFIED
	StatusUseProxy                      = 305 // Python: USE_PROXY
	StatusTemporaryRedirect             = 307 // Python: TEMPORARY_REDIRECT
	StatusPermanentRedirect             = 308 // Python: PERMANENT_REDIRECT
	StatusBadRequest                    = 400 // Python: BAD_REQUEST
	StatusUnauthorized                  = 401 // Python: UNAUTHORIZED
	StatusPaymentRequired               = 402 // Python: PAYMENT_REQUIRED
	StatusForbidden                     = 403 // Python: FORBIDDEN
	StatusNotFound                      = 404 // Python: NOT_FOUND
	StatusMethodNotAllowed              = 405 // Python: METHOD_NOT_ALLOWED
	StatusNotAcceptable                 = 406 // Python: NOT_ACCEPTABLE
	StatusProxyAuthenticationRequired   = 407 // Python: PROXY_AUTHENTICATION_REQUIRED
	StatusRequestTimeout                = 408 // Python: REQUEST_TIMEOUT
	StatusConflict                      = 409 // Python: CONFLICT
	StatusGone                          = 410 // Python: GONE
	StatusLengthRequired                = 411 // Python: LENGTH_REQUIRED
	StatusPreconditionFailed            = 412 // Python: PRECONDITION_FAILED
	StatusRequestEntityTooLarge         = 413 // Python: REQUEST_ENTITY_TOO_LARGE
	StatusRequestURITooLong             = 414 // Python: REQUEST_URI_TOO_LONG
	StatusUnsupportedMediaType          = 415 // Python: UNSUPPORTED_MEDIA_TYPE
	StatusRequestedRangeNotSatisfiable  = 416 // Python: REQUESTED_RANGE_NOT_SATISFIABLE
	StatusExpectationFailed             = 417 // Python: EXPECTATION_FAILED
	StatusImATeapot                     = 418 // Python: IM_A_TEAPOT
	StatusMisdirectedRequest            = 421 // Python: MISDIRECTED_REQUEST
	StatusUnprocessableEntity           = 422 // Python: UNPROCESSABLE_ENTITY
	StatusLocked                        = 423 // Python: LOCKED
	StatusFailedDependency              = 424 // Python: FAILED_DEPENDENCY
	StatusTooEarly                      = 425 // Python: TOO_EARLY
	StatusUpgradeRequired               = 426 // Python: UPGRADE_REQUIRED
	StatusPreconditionRequired          = 428 // Python: PRECONDITION_REQUIRED
	StatusTooManyRequests               = 429 // Python: TOO_MANY_REQUESTS
	StatusRequestHeaderFieldsTooLarge   = 431 // Python: REQUEST_HEADER_FIELDS_TOO_LARGE
	StatusUnavailableForLegalReasons    = 451 // Python: UNAVAILABLE_FOR_LEGAL_REASONS
	StatusInternalServerError           = 500 // Python: INTERNAL_SERVER_ERROR
	StatusNotImplemented                = 501 // Python: NOT_IMPLEMENTED
	StatusBadGateway                    = 502 // Python: BAD_GATEWAY
	StatusServiceUnavailable            = 503 // Python: SERVICE_UNAVAILABLE
	StatusGatewayTimeout                = 504 // Python: GATEWAY_TIMEOUT
	StatusHTTPVersionNotSupported       = 505 // Python: HTTP_VERSION_NOT_SUPPORTED
	StatusVariantAlsoNegotiates         = 506 // Python: VARIANT_ALSO_NEGOTIATES
	StatusInsufficientStorage           = 507 // Python: INSUFFICIENT_STORAGE
	StatusLoopDetected                  = 508 // Python: LOOP_DETECTED
	StatusNotExtended                   = 510 // Python: NOT_EXTENDED
	StatusNetworkAuthenticationRequired = 511 // Python: NETWORK_AUTHENTICATION_REQUIRED
)

// StatusInfo is what http.HTTPStatus knows of a status code.
type StatusInfo struct {
	Code        int
	Name        string // Python's name of the constant, such as NOT_FOUND
	Phrase      string // such as Not Found. Python: HTTPStatus.phrase
	Description string // a sentence, for some codes empty. Python: HTTPStatus.description
}

// Responses lists the known status codes in order. Python: responses
func Responses() []StatusInfo { return append([]StatusInfo(nil), statuses[:]...) }

// StatusOf is what is known of a status code; ok is false for an unknown one.
// Python: HTTPStatus(code)
func StatusOf(code int) (info StatusInfo, ok bool) {
	lo, hi := 0, len(statuses)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if statuses[mid].Code < code {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(statuses) || statuses[lo].Code != code {
		return StatusInfo{}, false
	}
	return statuses[lo], true
}

// StatusPhrase is the phrase of a status code, empty for an unknown one.
// Python: responses[code]
func StatusPhrase(code int) string {
	info, _ := StatusOf(code)
	return info.Phrase
}

// statuses is in the order of the codes.
var statuses = [...]StatusInfo{
	{StatusContinue, "CONTINUE", "Continue", "Request received, please continue"},
	{StatusSwitchingProtocols, "SWITCHING_PROTOCOLS", "Switching Protocols", "Switching to new protocol; obey Upgrade header"},
	{StatusProcessing, "PROCESSING", "Processing", ""},
	{StatusEarlyHints, "EARLY_HINTS", "Early Hints", ""},
	{StatusOK, "OK", "OK", "Request fulfilled, document follows"},
	{StatusCreated, "CREATED", "Created", "Document created, URL follows"},
	{StatusAccepted, "ACCEPTED", "Accepted", "Request accepted, processing continues off-line"},
	{StatusNonAuthoritativeInformation, "NON_AUTHORITATIVE_INFORMATION", "Non-Authoritative Information", "Request fulfilled from cache"},
	{StatusNoContent, "NO_CONTENT", "No Content", "Request fulfilled, nothing follows"},
	{StatusResetContent, "RESET_CONTENT", "Reset Content", "Clear input form for further input"},
	{StatusPartialContent, "PARTIAL_CONTENT", "Partial Content", "Partial content follows"},
	{StatusMultiStatus, "MULTI_STATUS", "Multi-Status", ""},
	{StatusAlreadyReported, "ALREADY_REPORTED", "Already Reported", ""},
	{StatusIMUsed, "IM_USED", "IM Used", ""},
	{StatusMultipleChoices, "MULTIPLE_CHOICES", "Multiple Choices", "Object has several resources -- see URI list"},
	{StatusMovedPermanently, "MOVED_PERMANENTLY", "Moved Permanently", "Object moved permanently -- see URI list"},
	{StatusFound, "FOUND", "Found", "Object moved temporarily -- see URI list"},
	{StatusSeeOther, "SEE_OTHER", "See Other", "Object moved -- see Method and URL list"},
	{StatusNotModified, "NOT_MODIFIED", "Not Modified", "Document has not changed since given time"},
	{StatusUseProxy, "USE_PROXY", "Use Proxy", "You must use proxy specified in Location to access this resource"},
	{StatusTemporaryRedirect, "TEMPORARY_REDIRECT", "Temporary Redirect", "Object moved temporarily -- see URI list"},
	{StatusPermanentRedirect, "PERMANENT_REDIRECT", "Permanent Redirect", "Object moved permanently -- see URI list"},
	{StatusBadRequest, "BAD_REQUEST", "Bad Request", "Bad request syntax or unsupported method"},
	{StatusUnauthorized, "UNAUTHORIZED", "Unauthorized", "No permission -- see authorization schemes"},
	{StatusPaymentRequired, "PAYMENT_REQUIRED", "Payment Required", "No payment -- see charging schemes"},
	{StatusForbidden, "FORBIDDEN", "Forbidden", "Request forbidden -- authorization will not help"},
	{StatusNotFound, "NOT_FOUND", "Not Found", "Nothing matches the given URI"},
	{StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Method Not Allowed", "Specified method is invalid for this resource"},
	{StatusNotAcceptable, "NOT_ACCEPTABLE", "Not Acceptable", "URI not available in preferred format"},
	{StatusProxyAuthenticationRequired, "PROXY_AUTHENTICATION_REQUIRED", "Proxy Authentication Required", "You must authenticate with this proxy before proceeding"},
	{StatusRequestTimeout, "REQUEST_TIMEOUT", "Request Timeout", "Request timed out; try again later"},
	{StatusConflict, "CONFLICT", "Conflict", "Request conflict"},
	{StatusGone, "GONE", "Gone", "URI no longer exists and has been permanently removed"},
	{StatusLengthRequired, "LENGTH_REQUIRED", "Length Required", "Client must specify Content-Length"},
	{StatusPreconditionFailed, "PRECONDITION_FAILED", "Precondition Failed", "Precondition in headers is false"},
	{StatusRequestEntityTooLarge, "REQUEST_ENTITY_TOO_LARGE", "Request Entity Too Large", "Entity is too large"},
	{StatusRequestURITooLong, "REQUEST_URI_TOO_LONG", "Request-URI Too Long", "URI is too long"},
	{StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", "Entity body in unsupported format"},
	{StatusRequestedRangeNotSatisfiable, "REQUESTED_RANGE_NOT_SATISFIABLE", "Requested Range Not Satisfiable", "Cannot satisfy request range"},
	{StatusExpectationFailed, "EXPECTATION_FAILED", "Expectation Failed", "Expect condition could not be satisfied"},
	{StatusImATeapot, "IM_A_TEAPOT", "I'm a Teapot", "Server refuses to brew coffee because it is a teapot."},
	{StatusMisdirectedRequest, "MISDIRECTED_REQUEST", "Misdirected Request", "Server is not able to produce a response"},
	{StatusUnprocessableEntity, "UNPROCESSABLE_ENTITY", "Unprocessable Entity", ""},
	{StatusLocked, "LOCKED", "Locked", ""},
	{StatusFailedDependency, "FAILED_DEPENDENCY", "Failed Dependency", ""},
	{StatusTooEarly, "TOO_EARLY", "Too Early", ""},
	{StatusUpgradeRequired, "UPGRADE_REQUIRED", "Upgrade Required", ""},
	{StatusPreconditionRequired, "PRECONDITION_REQUIRED", "Precondition Required", "The origin server requires the request to be conditional"},
	{StatusTooManyRequests, "TOO_MANY_REQUESTS", "Too Many Requests", "The user has sent too many requests in a given amount of time (\"rate limiting\")"},
	{StatusRequestHeaderFieldsTooLarge, "REQUEST_HEADER_FIELDS_TOO_LARGE", "Request Header Fields Too Large", "The server is unwilling to process the request because its header fields are too large"},
	{StatusUnavailableForLegalReasons, "UNAVAILABLE_FOR_LEGAL_REASONS", "Unavailable For Legal Reasons", "The server is denying access to the resource as a consequence of a legal demand"},
	{StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Internal Server Error", "Server got itself in trouble"},
	{StatusNotImplemented, "NOT_IMPLEMENTED", "Not Implemented", "Server does not support this operation"},
	{StatusBadGateway, "BAD_GATEWAY", "Bad Gateway", "Invalid responses from another server/proxy"},
	{StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "Service Unavailable", "The server cannot process the request due to a high load"},
	{StatusGatewayTimeout, "GATEWAY_TIMEOUT", "Gateway Timeout", "The gateway server did not receive a timely response"},
	{StatusHTTPVersionNotSupported, "HTTP_VERSION_NOT_SUPPORTED", "HTTP Version Not Supported", "Cannot fulfill request"},
	{StatusVariantAlsoNegotiates, "VARIANT_ALSO_NEGOTIATES", "Variant Also Negotiates", ""},
	{StatusInsufficientStorage, "INSUFFICIENT_STORAGE", "Insufficient Storage", ""},
	{StatusLoopDetected, "LOOP_DETECTED", "Loop Detected", ""},
	{StatusNotExtended, "NOT_EXTENDED", "Not Extended", ""},
	{StatusNetworkAuthenticationRequired, "NETWORK_AUTHENTICATION_REQUIRED", "Network Authentication Required", "The client needs to authenticate to gain network access"},
}
