// @ts-check
/** One documented call, carried to the client module. */
import { toBytes } from "./model/bytes.js";
import { onResponse } from "./model/python.js";

/** @import { Call } from "./types.d.ts" */

/** What Python would raise before http.client is even reached. */
export class CallerError extends Error {
  /** @param {string} name @param {string} message */
  constructor(name, message) {
    super(message);
    this.name = name;
    this.party = "caller";
  }
}

/** A body as a scenario writes it, as the client takes it. @param {any} b */
function bodyArg(b) {
  if (b == null) return undefined;
  if (b instanceof Uint8Array || typeof b === "string") return b;
  if ("b64" in b || "latin1" in b) return toBytes(b);
  if ("iterable" in b) return { iterable: b.iterable.map(toBytes) };
  if ("file" in b) return { file: toBytes(b.file) };
  return b;
}

/** @param {any} v a header value */
const valueArg = (v) => (v && typeof v === "object" && !(v instanceof Uint8Array) ? toBytes(v) : v);

/**
 * @param {{ conn: any, response: any }} run
 * @param {Call} call
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function invoke(run, call, signal) {
  const { conn, response } = run;
  const a = call.args;
  if (onResponse(call.name) && !response) {
    throw new CallerError("NameError", "name 'resp' is not defined");
  }
  switch (call.name) {
    case "connect": return conn.connect({ signal });
    case "close": return conn.close();
    case "set_tunnel": return conn.setTunnel(a.host, { port: a.port ?? null, headers: a.headers });
    case "set_debuglevel": return conn.setDebugLevel(a.level);
    case "attributes": return conn.attributes();
    case "putrequest": return conn.putRequest(a.method, a.url, { skipHost: !!a.skip_host, skipAcceptEncoding: !!a.skip_accept_encoding });
    case "putheader": return conn.putHeader(a.header, ...(a.values ?? []).map(valueArg));
    case "endheaders": return conn.endHeaders({ messageBody: bodyArg(a.message_body), encodeChunked: !!a.encode_chunked, signal });
    case "send": return conn.send(bodyArg(a.data), { signal });
    case "request":
      return conn.request(a.method, a.url, {
        headers: (a.headers ?? []).map((/** @type {[string, any]} */ [n, v]) => [n, valueArg(v)]),
        body: bodyArg(a.body), encodeChunked: !!a.encode_chunked, signal,
      });
    case "getresponse": return conn.getResponse({ signal });
    case "begin": return conn.beginResponse(a.method ?? "", { signal });
    case "read": return a.amt == null ? response.read(undefined, { signal }) : response.read(a.amt, { signal });
    case "readinto": return response.readInto(a.n, { signal });
    case "read1": return response.read1(a.n ?? -1, { signal });
    case "peek": return response.peek(a.n ?? -1, { signal });
    case "readline": return response.readLine(a.limit ?? -1, { signal });
    case "readlines": case "iterate": return response.readLines({ signal });
    case "getheader": return a.default == null ? response.getHeader(a.name) : response.getHeader(a.name, a.default);
    case "getheaders": return response.getHeaders();
    case "isclosed": return response.isClosed();
    case "closed": return response.closed();
    case "response_close": return response.close();
  }
  throw new CallerError("AttributeError", `'HTTPConnection' object has no attribute '${call.name}'`);
}
