// @ts-check
/**
 * What each exception means, the smallest fix, and where the rule stands: for its
 * class, and more closely where the state or the message tells what happened.
 */

/** @typedef {{ text: string, fix: string, rfc?: string }} ExceptionText */

/** @type {ExceptionText} */
const STOPPED = { text: "The call was stopped from the page. What it had done until then stays done.", fix: "Make the call again, or close() the connection." };

/** @type {Record<string, ExceptionText>} */
export const EXCEPTIONS = {
  CannotSendRequest: {
    text: "A request was begun while another one is still under way.",
    fix: "Finish the request with endheaders() and read its response with getresponse() and read(), or call close() first.",
    rfc: "9112 §9.3",
  },
  CannotSendHeader: {
    text: "A header was added, or the head ended, while no head is being written: it was not begun, or has gone out.",
    fix: "Call putrequest() first.",
    rfc: "9112 §2.1",
  },
  ResponseNotReady: {
    text: "There is no response to wait for: no request is out, or an earlier response has not been read to its end.",
    fix: "Send a request first (endheaders() or request()), or read() the response that is still open.",
    rfc: "9112 §9.3",
  },
  ImproperConnectionState: { text: "The call does not fit the state of the connection.", fix: "Look at the legal calls, and make one of them." },
  NotConnected: { text: "There is no open transport, and opening one by itself is switched off.", fix: "Call connect() first." },
  InvalidURL: {
    text: "The request target, or the host and port, have characters that may not be there.",
    fix: "Percent-encode spaces and control characters in the target; check the port.",
    rfc: "9112 §3.2",
  },
  BadStatusLine: {
    text: "The first line of the answer is not a status line, so nothing after it can be trusted.",
    fix: "Check that the port speaks HTTP/1.x in the clear, and not TLS or another protocol.",
    rfc: "9112 §4",
  },
  RemoteDisconnected: {
    text: "The server closed the connection without sending a single byte of an answer.",
    fix: "Send the request again on a new connection if it is safe to repeat.",
    rfc: "9112 §9.3.1",
  },
  UnknownProtocol: { text: "The status line begins with HTTP/ but names a version this client does not speak.", fix: "Ask a server that speaks HTTP/1.0 or HTTP/1.1.", rfc: "9112 §2.3" },
  UnknownTransferEncoding: { text: "The body has a transfer coding that this client does not know.", fix: "Ask the server for chunked or for none.", rfc: "9112 §7" },
  UnimplementedFileMode: { text: "The file object was opened in a mode that cannot be used.", fix: "Open the file in binary mode." },
  IncompleteRead: {
    text: "The body could not be read to its end. What did arrive is kept.",
    fix: "Use the partial bytes with care, or ask again; with a Range header where the server knows it.",
    rfc: "9112 §8",
  },
  LineTooLong: { text: "A line is longer than 65,536 bytes, http.client’s limit.", fix: "Have the server send shorter fields; a line like that is usually a fault or an attack.", rfc: "9110 §5.4" },
  HTTPException: { text: "The exchange broke a rule of HTTP.", fix: "Read the message: it names the rule." },
  ValueError: { text: "An argument or a number in the answer has the right type but a value that cannot be used.", fix: "Correct the value that the message names." },
  TypeError: { text: "An argument has a type that this call does not take.", fix: "Pass bytes for a body, and text or numbers for headers." },
  AssertionError: { text: "A condition that must hold did not.", fix: "Correct the argument that the message names." },
  NameError: { text: "The name does not stand for anything yet.", fix: "Call getresponse() first: it returns the response to read from." },
  AttributeError: { text: "The object has no such attribute: what it would belong to is closed.", fix: "Make the call before the connection or the response is closed." },
  UnicodeEncodeError: { text: "The text has characters that cannot be sent: a head and a text body are ISO-8859-1 at most.", fix: "Encode the text to bytes yourself, and say so in Content-Type.", rfc: "9110 §5.5" },
  UnicodeDecodeError: { text: "Bytes could not be read as text.", fix: "Check the encoding the server uses.", rfc: "9110 §5.5" },
  ConnectionRefusedError: { text: "The host answered that nothing listens on that port.", fix: "Check the port, and that the server runs.", rfc: "9112 §9.1" },
  ConnectionResetError: { text: "The server cut the connection while it was in use.", fix: "Try again on a new connection if the request is safe to repeat.", rfc: "9112 §9.3.1" },
  ConnectionAbortedError: { text: "The connection was given up on this side of the network.", fix: "Try again on a new connection.", rfc: "9112 §9.5" },
  BrokenPipeError: { text: "Bytes were sent on a connection that the server had already closed.", fix: "Try again on a new connection; an answer may have come before.", rfc: "9112 §9.3.1" },
  ConnectionError: { text: "The connection failed.", fix: "Try again on a new connection.", rfc: "9112 §9.5" },
  TimeoutError: { text: "Nothing happened within the time allowed for one wait.", fix: "Allow a longer timeout, or look at why the server is slow.", rfc: "9112 §9.5" },
  gaierror: { text: "The host name has no address.", fix: "Check the spelling of the host name.", rfc: "9110 §4.3.2" },
  OSError: { text: "The system, or the relay acting for it, refused the operation.", fix: "Read the message: it says what was refused, and by whom." },
  PermissionError: { text: "The operation is not allowed.", fix: "Read the message: it says what is not allowed." },
  SSLError: { text: "The TLS layer failed.", fix: "Check that the port speaks TLS.", rfc: "8446 §6" },
  SSLCertVerificationError: { text: "The server’s certificate was not accepted.", fix: "Check the host name, the date and the issuer of the certificate.", rfc: "9110 §4.3.4" },
  FileNotFoundError: { text: "A file that the call needs is not there.", fix: "Check the name of the file." },
  BlockingIOError: { text: "The operation would have had to wait, and waiting was switched off with a timeout of 0.", fix: "Give a timeout above 0, or None." },
  UnsupportedOperation: { text: "This object cannot do that: in the page there is no file descriptor, for one.", fix: "Leave that call out." },
  RuntimeError: { text: "Something went wrong that fits no other class.", fix: "Read the message." },
  ArithmeticError: { text: "A calculation failed.", fix: "Correct the number that the message names." },
  OverflowError: { text: "A number is too large, or a port lies outside 0 to 65535.", fix: "Correct the number that the message names." },
  LookupError: { text: "What was looked up is not there.", fix: "Look for a name that exists." },
  KeyError: { text: "No header has that name.", fix: "Look for a name that exists: getheaders() lists them.", rfc: "9110 §5.1" },
  UnicodeError: { text: "Text and bytes could not be turned into each other.", fix: "Encode the text to bytes yourself.", rfc: "9110 §5.5" },
  StrictError: { text: "Strict mode refused what Python would let pass: the standard calls it invalid.", fix: "Have the sender corrected, or switch strict mode off.", rfc: "9112 §2.2" },
  SSLEOFError: { text: "The TLS connection was cut without a goodbye, so the end may be missing.", fix: "Ask again; the server, or something on the way, cut it.", rfc: "9112 §9.8" },
  SSLZeroReturnError: { text: "The TLS connection had been closed properly, so there is nothing more to read.", fix: "Open a new connection.", rfc: "9112 §9.8" },
  AbortError: STOPPED,
  CancelledError: STOPPED,
};

/** What leads on from each state, where the call was refused for the state. @type {Record<string, Record<string, string>>} */
const FIX_IN_STATE = {
  CannotSendRequest: {
    "Request-started": "Send the request that was begun with endheaders() and call getresponse(), or call close() first.",
    "Request-sent": "Call getresponse() for the request that is out, or close() first.",
    "Req-started-unread-response": "Send the request that was begun with endheaders(), read() the earlier response to its end and call getresponse(), or call close() first.",
    "Req-sent-unread-response": "Call read() until the earlier response has ended, then getresponse() for the request that is out, or close() first.",
  },
  CannotSendHeader: {
    "Request-sent": "Call putheader() before endheaders(): this head has gone out. Another request can begin after getresponse().",
    "Req-sent-unread-response": "Call putheader() before endheaders(): this head has gone out. Another request can begin once the earlier response was read and getresponse() called.",
  },
  ResponseNotReady: {
    "Idle": "Send a request first: request(), or putrequest() and endheaders().",
    "Request-started": "Call endheaders() first: the request has not been sent.",
    "Unread-response": "The response is here: read() it. Another one needs another request.",
    "Req-started-unread-response": "Call read() until the earlier response has ended, and endheaders(), first.",
    "Req-sent-unread-response": "Call read() until the earlier response has ended, first.",
  },
};

/**
 * Where the message says more than the class.
 * @type {{ name: string, party?: string, message?: RegExp, tls?: boolean, said: Partial<ExceptionText> }[]}
 */
const PARTICULAR = [
  // eslint-disable-next-line no-control-regex
  { name: "BadStatusLine", message: /^[\u0014-\u0017]\u0003/, tls: false, said: { text: "The answer begins as a TLS record does: the port speaks TLS.", fix: "Choose https; in Python, HTTPSConnection.", rfc: "8446 §5.1" } },
  { name: "BadStatusLine", message: /^HTTP\//, said: { fix: "Have the server write a status code after the version: three digits, one space before them." } },
  { name: "BadStatusLine", message: /^(\r?\n)?$/, said: { fix: "Have the server begin with the status line. After another response on the connection an empty line is often the end of that one, sent beyond its length." } },
  { name: "BadStatusLine", tls: true, said: { fix: "Check that the port speaks HTTP/1.x." } },
  { name: "IncompleteRead", message: /more expected\)$/, said: { text: "The connection ended before as many bytes had come as the head announced. What did arrive is kept." } },
  { name: "IncompleteRead", said: { text: "The chunked body broke off: the connection ended inside it, or the size of a chunk could not be read. The chunks that were complete are kept." } },
  { name: "LineTooLong", message: /chunk size$/, said: { text: "A line with the size of a chunk is longer than 65,536 bytes, http.client’s limit.", fix: "Have the server send shorter chunk extensions; a line like that is usually a fault or an attack.", rfc: "9112 §7.1.1" } },
  { name: "LineTooLong", message: /status line$/, said: { text: "The status line is longer than 65,536 bytes, http.client’s limit.", fix: "Have the server send a shorter reason, or none; a line like that is usually a fault or an attack.", rfc: "9112 §4" } },
  { name: "HTTPException", message: /^got more than \d+ headers$/, said: { text: "The head has more lines than http.client takes; the empty line at its end counts as one. HTTP itself sets no limit.", fix: "Have the server send fewer fields; in Python, http.client._MAXHEADERS is the limit.", rfc: "9110 §5.4" } },
  { name: "HTTPException", message: /^got more than \d+ interim responses$/, said: { text: "More 100 Continue came in a row than this client skips. HTTP itself sets no limit.", fix: "Have the server send its final response.", rfc: "9110 §15.2" } },
  { name: "HTTPException", message: /^got more than \d+ (trailer|header) lines$/, said: { text: "More lines came than this client reads over. HTTP itself sets no limit.", fix: "Have the server send fewer fields.", rfc: "9110 §5.4" } },
  { name: "ValueError", party: "server", said: { text: "The size of a chunk is negative: http.client believes it, and the read of so many bytes is refused.", fix: "Have the server send sizes of hexadecimal digits alone.", rfc: "9112 §7.1" } },
  { name: "OverflowError", party: "server", said: { text: "The length that the server announced is larger than Python can read at once.", fix: "Have the server send the length of its body.", rfc: "9110 §8.6" } },
  { name: "OSError", message: /^Tunnel connection failed: 407/, said: { text: "The proxy wants credentials before it opens the tunnel. The connection was closed.", fix: "Give set_tunnel() a Proxy-Authorization among its headers.", rfc: "9110 §15.5.8" } },
  { name: "OSError", message: /^Tunnel connection failed/, said: { text: "The proxy answered CONNECT with another status than 200, so there is no tunnel. The connection was closed.", fix: "Look at the status: the proxy may refuse the target, or not reach it.", rfc: "9110 §9.3.6" } },
];

/**
 * The nearest text: of the class, else of the first of its bases that has one, and what the circumstances add.
 * @param {{ name: string, bases?: string[], message?: string, party?: string }} error
 * @param {{ state?: string, tls?: boolean }} [at] the state now, and whether the connection speaks TLS
 * @returns {ExceptionText}
 */
export function exceptionText(error, { state = "", tls = false } = {}) {
  const name = [error.name, ...(error.bases ?? [])].find((n) => EXCEPTIONS[n]);
  if (!name) return { text: "", fix: "Read the message." };
  const fix = FIX_IN_STATE[name]?.[state];
  const near = PARTICULAR.find((p) => p.name === name && (p.message?.test(error.message ?? "") ?? true) && (p.party ?? error.party) === error.party && (p.tls ?? tls) === tls);
  return { ...EXCEPTIONS[name], ...near?.said, ...(fix ? { fix } : {}) };
}

/** What to do when the relay, not the server, is at fault. */
export const RELAY_FIX = "Ask only for a target that the relay allows (the demo origin, or one named with --allow when it was started, or in a Worker’s ALLOW), and check that it runs. A Worker reaches no private address, none of its platform’s own, and no port 25. The server in this page needs no relay: choose it under Network.";
