// @ts-check
/** What each exception means, the smallest fix, and where the rule stands. */

/** @typedef {{ text: string, fix: string, rfc?: string }} ExceptionText */

/** @type {Record<string, ExceptionText>} */
export const EXCEPTIONS = {
  CannotSendRequest: {
    text: "A request was begun while another one is still under way.",
    fix: "Finish the request with endheaders() and read its response with getresponse() and read(), or call close() first.",
    rfc: "9112 §9.3",
  },
  CannotSendHeader: {
    text: "A header was added, or the head ended, without a request line to add it to.",
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
    rfc: "9112 §9.5",
  },
  UnknownProtocol: { text: "The status line begins with HTTP/ but names a version this client does not speak.", fix: "Ask a server that speaks HTTP/1.0 or HTTP/1.1.", rfc: "9112 §2.3" },
  UnknownTransferEncoding: { text: "The body has a transfer coding that this client does not know.", fix: "Ask the server for chunked or for none.", rfc: "9112 §7" },
  UnimplementedFileMode: { text: "The file object was opened in a mode that cannot be used.", fix: "Open the file in binary mode." },
  IncompleteRead: {
    text: "The body could not be read to its end: it was cut short, or its framing broke. What did arrive is kept.",
    fix: "Use the partial bytes with care, or ask again; with a Range header where the server knows it.",
    rfc: "9112 §8",
  },
  LineTooLong: { text: "A line of the head is longer than 65,536 bytes, which is the limit.", fix: "Ask the server for smaller headers; a line like that is usually a fault or an attack.", rfc: "9112 §3" },
  HTTPException: { text: "The exchange broke a rule of HTTP.", fix: "Read the message: it names the rule." },
  ValueError: { text: "An argument or a number in the answer has the right type but a value that cannot be used.", fix: "Correct the value that the message names." },
  TypeError: { text: "An argument has a type that this call does not take.", fix: "Pass bytes for a body, and text or numbers for headers." },
  AssertionError: { text: "A condition that must hold did not.", fix: "Correct the argument that the message names." },
  NameError: { text: "The name does not stand for anything yet.", fix: "Call getresponse() first: it returns the response to read from." },
  AttributeError: { text: "The object has no such attribute: the response is closed.", fix: "Call getresponse() again before reading." },
  UnicodeEncodeError: { text: "The text has characters that cannot be sent: a head and a text body are ISO-8859-1 at most.", fix: "Encode the text to bytes yourself, and say so in Content-Type.", rfc: "9110 §5.5" },
  UnicodeDecodeError: { text: "Bytes could not be read as text.", fix: "Check the encoding the server uses.", rfc: "9110 §5.5" },
  ConnectionRefusedError: { text: "The host answered that nothing listens on that port.", fix: "Check the port, and that the server runs." },
  ConnectionResetError: { text: "The server cut the connection while it was in use.", fix: "Try again on a new connection if the request is safe to repeat.", rfc: "9112 §9.5" },
  ConnectionAbortedError: { text: "The connection was given up on this side of the network.", fix: "Try again on a new connection." },
  BrokenPipeError: { text: "Bytes were sent on a connection that the server had already closed.", fix: "Try again on a new connection; an answer may have come before.", rfc: "9112 §9.5" },
  ConnectionError: { text: "The connection failed.", fix: "Try again on a new connection." },
  TimeoutError: { text: "Nothing happened within the time allowed for one wait.", fix: "Allow a longer timeout, or look at why the server is slow." },
  gaierror: { text: "The host name has no address.", fix: "Check the spelling of the host name." },
  OSError: { text: "The system, or the relay acting for it, refused the operation.", fix: "Read the message: it says what was refused, and by whom." },
  PermissionError: { text: "The operation is not allowed.", fix: "Read the message: it says what is not allowed." },
  SSLError: { text: "The TLS layer failed.", fix: "Check that the port speaks TLS." },
  SSLCertVerificationError: { text: "The server’s certificate was not accepted.", fix: "Check the host name, the date and the issuer of the certificate." },
  FileNotFoundError: { text: "A file that the call needs is not there.", fix: "Check the name of the file." },
  BlockingIOError: { text: "The operation would have had to wait, and waiting was switched off with a timeout of 0.", fix: "Give a timeout above 0, or None." },
  UnsupportedOperation: { text: "This object cannot do that: in the page there is no file descriptor, for one.", fix: "Leave that call out." },
  RuntimeError: { text: "Something went wrong that fits no other class.", fix: "Read the message." },
  ArithmeticError: { text: "A calculation failed.", fix: "Correct the number that the message names." },
  OverflowError: { text: "A number is too large, or a port lies outside 0 to 65535.", fix: "Correct the number that the message names." },
  LookupError: { text: "What was looked up is not there.", fix: "Look for a name that exists." },
  KeyError: { text: "No header has that name.", fix: "Look for a name that exists: getheaders() lists them." },
  UnicodeError: { text: "Text and bytes could not be turned into each other.", fix: "Encode the text to bytes yourself.", rfc: "9110 §5.5" },
  StrictError: { text: "Strict mode refused what Python would let pass: the standard calls it invalid.", fix: "Have the sender corrected, or switch strict mode off.", rfc: "9112 §2.2" },
  SSLEOFError: { text: "The TLS connection was cut without a goodbye, so the end may be missing.", fix: "Ask again; the server, or something on the way, cut it." },
  SSLZeroReturnError: { text: "The TLS connection had been closed properly, so there is nothing more to read.", fix: "Open a new connection." },
  AbortError: { text: "The call was stopped from the page.", fix: "Close the connection, or make the call again." },
};

/** The nearest text: of the class, else of the first of its bases that has one. @param {{ name: string, bases?: string[] }} error @returns {ExceptionText} */
export function exceptionText(error) {
  for (const n of [error.name, ...(error.bases ?? [])]) if (EXCEPTIONS[n]) return EXCEPTIONS[n];
  return { text: "", fix: "Read the message." };
}

/** What to do when the relay, not the server, is at fault. */
export const RELAY_FIX = "Ask only for a target that the relay allows (the demo origin, or one named with --allow when it was started, or in a Worker’s ALLOW), and check that it runs. A Worker reaches no private address, none of its platform’s own, and no port 25. The server in this page needs no relay: choose it under Network.";
