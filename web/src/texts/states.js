// @ts-check
/** What each state of the connection means, what HTTP says of it, and what each input of the table is. */

/** @type {Record<string, { text: string, next: string, rfc: string }>} */
export const STATES = {
  "Idle": {
    text: "No request is under way. A transport may or may not be open. A response after which the connection closes has taken it along, and can still be read.",
    next: "Begin with putrequest(), or let request() do all of it.",
    rfc: "9112 §9.3",
  },
  "Request-started": {
    text: "A request line is in the client’s buffer. Nothing has been sent yet.",
    next: "Add headers with putheader(), then send the head with endheaders().",
    rfc: "9112 §2.1",
  },
  "Request-sent": {
    text: "The head has gone out, and the body if there was one. The server has the turn.",
    next: "Call getresponse() to wait for the status line and the headers.",
    rfc: "9112 §9.2",
  },
  "Unread-response": {
    text: "The head of a response was read; its body has not been read to the end. The transport stays open for more.",
    next: "Read the response to its end, or start the next request without waiting.",
    rfc: "9112 §6.3",
  },
  "Req-started-unread-response": {
    text: "The next request is being written while the last response is still unread.",
    next: "Go on with putheader() and endheaders(), or read the response first.",
    rfc: "9112 §9.3.2",
  },
  "Req-sent-unread-response": {
    text: "The next request has gone out, yet the last response is still unread. Its bytes come first on the wire.",
    next: "Read the earlier response to its end; only then does getresponse() work.",
    rfc: "9112 §9.3.2",
  },
};

/** @type {Record<string, string>} */
export const INPUTS = {
  "putrequest": "putrequest() put a request line into the buffer.",
  "putheader": "putheader() put a header line into the buffer.",
  "endheaders": "endheaders() closed the head and sent the buffer.",
  "response, keep-alive": "A response head arrived, and the connection stays open after it.",
  "response, will close": "A response head arrived, and the connection closes after its body. The response owns the socket now.",
  "connection error while waiting": "The connection broke while waiting for a response, so it was closed.",
  "other failure while waiting": "Waiting failed without breaking the connection; the request is still unanswered.",
  "response closed": "The response was read to its end (or closed), so the connection is free for the next one.",
  "close": "close() dropped the transport and any unread response.",
};

/** Short labels for the edges of the diagram. @type {Record<string, string>} */
export const EDGE_LABELS = {
  "response, keep-alive": "response, keep-alive",
  "response, will close": "response, will close",
  "connection error while waiting": "connection error",
  "other failure while waiting": "other failure",
  "response closed": "response read",
};
