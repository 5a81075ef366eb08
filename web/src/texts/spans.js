// @ts-check
/**
 * What each span kind is, why it is there, and where the rule stands.
 * `group` is the field class that the hex view gives a style.
 */

/** @typedef {{ label: string, group: FieldClass, text: string, rfc: string }} SpanText */
/** @typedef {"name" | "value" | "control" | "framing" | "size" | "body" | "lost"} FieldClass */

/** @type {Record<string, SpanText>} */
export const SPANS = {
  method: {
    label: "method", group: "control", rfc: "9110 §9.1",
    text: "What the client asks the server to do with the target. Methods are case-sensitive: “get” is not GET.",
  },
  sp: {
    label: "space", group: "framing", rfc: "9112 §3",
    text: "A single space (0x20) that separates the parts of a start line. It carries no meaning of its own.",
  },
  target: {
    label: "target", group: "value", rfc: "9112 §3.2",
    text: "The request target: usually a path and a query. The host travels apart from it, in the Host header.",
  },
  version: {
    label: "version", group: "control", rfc: "9112 §2.3",
    text: "The protocol version of the sender. It tells the other side which features it may use, such as chunked bodies and connections that stay open.",
  },
  crlf: {
    label: "CR LF", group: "framing", rfc: "9112 §2.2",
    text: "Carriage return and line feed (0d 0a) end a line of the head. A bare CR or LF is read differently by different software, and has been used to smuggle requests.",
  },
  name: {
    label: "name", group: "name", rfc: "9110 §5.1",
    text: "A field name. It ends at the colon, with no space before it; upper and lower case mean the same.",
  },
  colon: {
    label: "colon", group: "framing", rfc: "9112 §5",
    text: "The colon between a field’s name and its value.",
  },
  ows: {
    label: "optional space", group: "framing", rfc: "9110 §5.6.3",
    text: "Optional white space around a value. It is not part of the value; by custom one space is sent.",
  },
  value: {
    label: "value", group: "value", rfc: "9110 §5.5",
    text: "A field value, as the parser took it. White space around it is not part of it; http.client strips only what stands before.",
  },
  fold: {
    label: "folded line", group: "framing", rfc: "9112 §5.2",
    text: "The value goes on in the next line, which begins with white space. Senders must not do this any more, since two parsers may see two different headers.",
  },
  "head-end": {
    label: "end of head", group: "framing", rfc: "9112 §2.1",
    text: "An empty line. The head is complete; whatever follows is the body, as long as the head said.",
  },
  "chunk-size": {
    label: "chunk size", group: "size", rfc: "9112 §7.1",
    text: "How many bytes of data follow in this chunk, in hexadecimal.",
  },
  "chunk-ext": {
    label: "chunk extension", group: "value", rfc: "9112 §7.1.1",
    text: "Extra words after a chunk size, from a semicolon on. A recipient ignores those it does not know.",
  },
  "chunk-data": {
    label: "chunk data", group: "body", rfc: "9112 §7.1",
    text: "Body bytes of one chunk. The chunks’ data joined together is the body.",
  },
  "chunk-crlf": {
    label: "end of chunk line", group: "framing", rfc: "9112 §7.1",
    text: "The line ending after a chunk’s size or data. It belongs to the framing, not to the body.",
  },
  "last-chunk": {
    label: "last chunk", group: "size", rfc: "9112 §7.1",
    text: "A chunk of size zero: the body is complete. Trailers may follow, then an empty line.",
  },
  trailer: {
    label: "trailer", group: "name", rfc: "9112 §7.1.2",
    text: "A field sent after the body, for what the sender knew only at its end. http.client reads trailers and throws them away.",
  },
  "trailer-end": {
    label: "end of trailers", group: "framing", rfc: "9112 §7.1.2",
    text: "The empty line that ends the chunked message.",
  },
  body: {
    label: "body", group: "body", rfc: "9112 §6",
    text: "Content, carried as it is. Its length comes from Content-Length or, without one, from the end of the connection.",
  },
  raw: {
    label: "raw bytes", group: "body", rfc: "9112 §6",
    text: "Bytes given to send(), written as they are. Nothing checks that they fit the head that went before.",
  },
  "status-code": {
    label: "status code", group: "control", rfc: "9110 §15",
    text: "Three digits that say how it went. The first is the class: 1 interim, 2 success, 3 look elsewhere, 4 the request is at fault, 5 the server is.",
  },
  reason: {
    label: "reason", group: "value", rfc: "9112 §4",
    text: "Words for people that go with the status code. Programs ignore them, and they may be empty.",
  },
  junk: {
    label: "dropped bytes", group: "lost", rfc: "9112 §2.2",
    text: "Bytes in the head that the parser did not take: a line that is no status line, or no header. Some such lines are dropped alone; others end the headers, so that all that come after them are lost as well.",
  },
  discarded: {
    label: "lost in the buffer", group: "lost", rfc: "9112 §9.3",
    text: "Bytes read ahead from the connection that no call took. They were thrown away together with the response’s read buffer.",
  },
};

/** The text of a kind; an unknown one is named as it is. @param {string} kind @returns {SpanText} */
export function spanText(kind) {
  return SPANS[kind] ?? { label: kind, group: "value", text: "", rfc: "" };
}

/** What a group of spans is, by the first word of its path segment. @type {Record<string, { text: string, rfc: string }>} */
export const GROUPS = {
  request: { text: "A request: a request line, header lines, an empty line, and perhaps a body.", rfc: "9112 §3" },
  response: { text: "The final response: a status line, header lines, an empty line, and perhaps a body.", rfc: "9112 §4" },
  interim: { text: "An interim response (1xx). It comes before the final one; http.client skips 100 Continue and takes any other for the final response.", rfc: "9110 §15.2" },
  "tunnel-request": { text: "CONNECT, sent to a proxy: it asks for a plain byte tunnel to the host named in the target.", rfc: "9110 §9.3.6" },
  "tunnel-response": { text: "The proxy’s answer to CONNECT. After a 2xx the connection belongs to the two ends of the tunnel.", rfc: "9110 §9.3.6" },
  "request-line": { text: "The first line of a request: method, target and version, one space apart.", rfc: "9112 §3" },
  "status-line": { text: "The first line of a response: version, status code and reason.", rfc: "9112 §4" },
  header: { text: "One header line: name, colon, value. Order and repetition are kept as they came.", rfc: "9112 §5" },
  headers: { text: "The header section, one field a line.", rfc: "9112 §5" },
  body: { text: "The body. How long it is follows from the head: Content-Length, chunked, or to the end of the connection.", rfc: "9112 §6.3" },
  chunk: { text: "One chunk of a chunked body: its size, its data, and a line ending after each.", rfc: "9112 §7.1" },
  "last-chunk": { text: "The chunk of size zero that ends a chunked body.", rfc: "9112 §7.1" },
  trailer: { text: "A field after the body.", rfc: "9112 §7.1.2" },
  trailers: { text: "The fields after the body.", rfc: "9112 §7.1.2" },
};
