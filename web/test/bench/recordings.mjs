// @ts-check
/** Long recordings, made as the core would have made them: what the views are measured with. */
import { LogBuilder, chunk, header, headEnd, requestLine, statusLine } from "../fixtures/log-builder.js";

/** @import { Piece } from "../fixtures/log-builder.js" */

/** @param {LogBuilder} b the finished log */
function recording(b) {
  let state = "Idle";
  const events = b.events.map((e) => {
    if (e.type === "transition") state = e.to;
    return e.type === "call" ? { ...e, state } : e;
  });
  return { format: "stepwire-recording", version: 1, creator: "stepwire bench", created: "2026-01-01T00:00:00Z", events };
}

/** @param {LogBuilder} b @param {number} n */
function request(b, n) {
  b.call("putrequest", { method: "GET", url: `/item/${n}` }, () => {
    b.exchange = n;
    b.go("putrequest");
    b.buffer([...requestLine("GET", `/item/${n}`), ...header("request", 0, "Host", "127.0.0.1:41234"), ...header("request", 1, "Accept-Encoding", "identity")]);
  });
  b.call("putheader", { header: "Accept", values: ["text/plain"] }, () => {
    b.go("putheader");
    b.buffer(header("request", 2, "Accept", "text/plain"));
  });
  b.call("endheaders", {}, () => {
    b.go("endheaders");
    b.buffer([headEnd("request")]);
    b.flush();
  });
}

/** @param {LogBuilder} b @param {Piece[]} pieces what the head says of its body */
function response(b, pieces) {
  const head = [...statusLine("200", "OK"), ...header("response", 0, "Server", "bench"), ...header("response", 1, "Content-Type", "text/plain"), ...pieces, headEnd("response")];
  const fields = head.filter(([kind]) => kind === "name" || kind === "value").map(([, , text]) => text);
  const headers = fields.flatMap((_, i) => (i % 2 ? [] : [[fields[i], fields[i + 1]]]));
  const chunked = headers.some(([name]) => name === "Transfer-Encoding");
  b.call("getresponse", {}, () => {
    b.recv(head);
    b.spans("received", b.received - head.reduce((n, [, , text]) => n + text.length, 0), head);
    b.go("response, keep-alive");
    return { status: 200, reason: "OK", version: 11, will_close: false, length: chunked ? null : 11, chunked, headers };
  });
}

/** @param {LogBuilder} b @param {Piece[]} pieces */
function arrives(b, pieces) {
  const at = b.received;
  b.recv(pieces);
  b.spans("received", at, pieces);
}

/** Exchange after exchange on one connection, until there are that many events. @param {number} events */
export function manyExchanges(events) {
  const b = new LogBuilder();
  b.call("connect", {}, () => b.open(1));
  for (let n = 1; b.events.length < events; n++) {
    request(b, n);
    response(b, header("response", 2, "Content-Length", "11"));
    b.call("read", {}, () => {
      arrives(b, [["body", "response/body", "Hello there"]]);
      b.go("response closed");
      return { latin1: "Hello there" };
    });
  }
  return recording(b);
}

/** One response whose body is read chunk by chunk, until there are that many events. @param {number} events */
export function manyChunks(events) {
  const b = new LogBuilder();
  b.call("connect", {}, () => b.open(1));
  request(b, 1);
  response(b, header("response", 2, "Transfer-Encoding", "chunked"));
  for (let n = 0; b.events.length < events; n++) {
    b.call("read", { amt: 16 }, () => {
      arrives(b, chunk(n, "sixteen bytes ok"));
      return { latin1: "sixteen bytes ok" };
    });
  }
  return recording(b);
}
