// @ts-check
// Stepwire: Python's http.client for web pages. See index.d.ts.

export { load, loadTools } from "./client.js";
export {
	AssertionError, AttributeError, BadStatusLine, BlockingIOError, BrokenPipeError, CannotSendHeader,
	CannotSendRequest, ClientClosedError, ConnectionAbortedError, ConnectionError, ConnectionRefusedError,
	ConnectionResetError, FileNotFoundError, HTTPException, ImproperConnectionState, IncompleteRead, InvalidURL, KeyError,
	LineTooLong, LoadError, NotConnected, OSError, OverflowError, PermissionError, PyTypeError, PythonError,
	RemoteDisconnected, ResponseNotReady, RuntimeError, SSLCertVerificationError, SSLEOFError, SSLError,
	SSLZeroReturnError, StrictError, TimeoutError, UnicodeDecodeError,
	UnicodeEncodeError, UnicodeError, UnimplementedFileMode, UnknownProtocol, UnknownTransferEncoding,
	UnsupportedOperation, ValueError, error, gaierror,
} from "./errors.js";
export { HTTPMessage } from "./message.js";
export { HTTPStatus, HTTPS_PORT, HTTP_PORT, responses } from "./status.js";
