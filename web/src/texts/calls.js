// @ts-check
/** What each documented call does, in a sentence or two. */

/** What a call does, and where HTTP says what it is about; of Python alone: none. @typedef {{ group: "connection" | "request" | "response", text: string, rfc?: string }} CallText */

/** @type {Record<string, CallText>} */
export const CALLS = {
  HTTPConnection: { group: "connection", text: "Makes a connection object for a host and a port. Nothing is opened yet.", rfc: "9110 §4.2.1" },
  HTTPSConnection: { group: "connection", text: "As HTTPConnection, over TLS. Nothing is opened yet.", rfc: "9110 §4.2.2" },
  connect: { group: "connection", text: "Opens the transport. Without it the first call that sends does so by itself.", rfc: "9112 §9.1" },
  close: { group: "connection", text: "Drops the transport and returns to Idle. Lines still in the buffer stay there.", rfc: "9112 §9.6" },
  set_tunnel: { group: "connection", text: "Makes the next connect ask a proxy for a tunnel to another host, with CONNECT.", rfc: "9110 §9.3.6" },
  set_debuglevel: { group: "connection", text: "Above 0, each call prints what it sends and reads." },
  attributes: { group: "connection", text: "Reads the connection’s host, port, block size and debug level.", rfc: "9110 §4.2" },
  constants: { group: "connection", text: "Reads the module’s constants.", rfc: "9110 §15" },
  putrequest: { group: "request", text: "Writes the request line into the buffer, with Host and Accept-Encoding unless told to skip them. Nothing is sent.", rfc: "9112 §3" },
  putheader: { group: "request", text: "Writes one header line into the buffer. Several values become one folded header.", rfc: "9112 §5" },
  endheaders: { group: "request", text: "Ends the head with an empty line and sends the whole buffer, then the body if one is given.", rfc: "9112 §2.1" },
  send: { group: "request", text: "Sends bytes as they are, at once. It opens the transport when needed and checks nothing.", rfc: "9112 §6" },
  request: { group: "request", text: "putrequest, a putheader for each header, and endheaders with the body, in one call. It adds Content-Length for a body.", rfc: "9112 §3" },
  getresponse: { group: "response", text: "Waits for a response and reads its status line and headers. The body stays unread.", rfc: "9112 §4" },
  begin: { group: "response", text: "Reads the status line and headers of whatever comes next on the transport, in any state: the answer to bytes that send alone sent.", rfc: "9112 §4" },
  read: { group: "response", text: "Reads the body: all of it, or at most so many bytes. At its end the response closes and the connection is free.", rfc: "9112 §6.3" },
  readinto: { group: "response", text: "Reads at most so many bytes of the body into a buffer.", rfc: "9112 §6.3" },
  read1: { group: "response", text: "Reads with at most one receive. It does not close a response of known length at its end.", rfc: "9112 §6.3" },
  peek: { group: "response", text: "Looks at bytes that were read ahead, without taking them.", rfc: "9112 §6.3" },
  readline: { group: "response", text: "Reads one line of the body.", rfc: "9112 §6.3" },
  readlines: { group: "response", text: "Reads the body as a list of lines.", rfc: "9112 §6.3" },
  iterate: { group: "response", text: "Goes through the body line by line.", rfc: "9112 §6.3" },
  getheader: { group: "response", text: "The value of a header; several of one name are joined with a comma.", rfc: "9110 §5.3" },
  getheaders: { group: "response", text: "All headers, in the order they came, duplicates included.", rfc: "9110 §5.3" },
  isclosed: { group: "response", text: "Whether the response has been read to its end or closed.", rfc: "9112 §6.3" },
  closed: { group: "response", text: "Whether the response’s file is closed.", rfc: "9112 §6.3" },
  response_close: { group: "response", text: "Closes the response without reading the rest.", rfc: "9112 §9.6" },
};
