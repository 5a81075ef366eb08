// @ts-check
/** Calls as lines of Python, as the http.client manual writes them, and back. */
import { toBytes } from "./bytes.js";

/** @import { Call, LogBytes } from "../types.d.ts" */

/** Calls made on the response, not on the connection. */
const ON_RESPONSE = new Set(["read", "readinto", "read1", "peek", "readline", "readlines", "iterate", "getheader", "getheaders", "isclosed", "closed", "response_close"]);

/** @param {string} name */
export const onResponse = (name) => ON_RESPONSE.has(name);

/** Characters that nobody would see, or that would turn the line around: Python's repr() escapes them, too. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** A Python string literal. @param {string} s */
export function pyString(s) {
  let out = "";
  for (const ch of s) {
    const c = ch.codePointAt(0) ?? 0;
    if (ch === "\\") out += "\\\\";
    else if (ch === '"') out += '\\"';
    else if (ch === "\n") out += "\\n";
    else if (ch === "\r") out += "\\r";
    else if (ch === "\t") out += "\\t";
    else if (UNSEEN.test(ch)) out += c < 0x100 ? "\\x" + c.toString(16).padStart(2, "0") : c < 0x10000 ? "\\u" + c.toString(16).padStart(4, "0") : "\\U" + c.toString(16).padStart(8, "0");
    else out += ch;
  }
  return `"${out}"`;
}

/** A Python bytes literal, cut at `max` bytes. @param {Uint8Array} b @param {number} [max] */
export function pyBytes(b, max = Infinity) {
  let out = "";
  const n = Math.min(b.length, max);
  for (let i = 0; i < n; i++) {
    const c = b[i];
    if (c === 0x5c) out += "\\\\";
    else if (c === 0x22) out += '\\"';
    else if (c === 0x0a) out += "\\n";
    else if (c === 0x0d) out += "\\r";
    else if (c === 0x09) out += "\\t";
    else if (c < 0x20 || c >= 0x7f) out += "\\x" + c.toString(16).padStart(2, "0");
    else out += String.fromCharCode(c);
  }
  return `b"${out}"` + (n < b.length ? "…" : "");
}

/** @param {any} v a header value, a body or a plain argument @param {number} max @returns {string} */
function pyValue(v, max) {
  if (v === null || v === undefined) return "None";
  if (v === true) return "True";
  if (v === false) return "False";
  if (typeof v === "number") return String(v);
  if (typeof v === "string") return v.length > max ? pyString(v.slice(0, max)) + "…" : pyString(v);
  if (v instanceof Uint8Array || (typeof v === "object" && ("b64" in v || "latin1" in v))) return pyBytes(toBytes(v), max);
  if (Array.isArray(v)) return "[" + v.map((x) => pyValue(x, max)).join(", ") + "]";
  if ("text" in v) return pyValue(v.text, max);
  if ("iterable" in v) return pyValue(v.iterable, max);
  if ("file" in v) return `io.BytesIO(${pyValue(v.file, max)})`;
  if ("textfile" in v) return `io.StringIO(${pyValue(v.textfile, max)})`;
  return JSON.stringify(v);
}

/** @param {[string, any][]} headers @param {number} max */
const pyDict = (headers, max) => "{" + headers.map(([n, v]) => `${pyString(n)}: ${pyValue(v, max)}`).join(", ") + "}";

/**
 * The arguments of a call in Python.
 * @param {string} name
 * @param {Record<string, any>} a
 * @param {number} max literals are cut after so many characters
 */
function args(name, a, max) {
  /** @type {string[]} */
  const out = [];
  /** @param {string} key @param {string} [py] */
  const opt = (key, py = key) => { if (a[key] != null && a[key] !== false) out.push(`${py}=${pyValue(a[key], max)}`); };
  switch (name) {
    case "HTTPConnection":
    case "HTTPSConnection":
      out.push(pyValue(a.host, max));
      if (a.port != null) out.push(pyValue(a.port, max));
      opt("timeout");
      if (a.source_address) out.push(`source_address=(${a.source_address.map((/** @type {any} */ v) => pyValue(v, max)).join(", ")})`);
      opt("blocksize");
      break;
    case "putrequest":
      out.push(pyValue(a.method, max), pyValue(a.url, max));
      opt("skip_host"); opt("skip_accept_encoding");
      break;
    case "putheader":
      out.push(pyValue(a.header, max), ...(a.values ?? []).map((/** @type {any} */ v) => pyValue(v, max)));
      break;
    case "endheaders":
      if (a.message_body != null) out.push(pyValue(a.message_body, max));
      opt("encode_chunked");
      break;
    case "send": out.push(pyValue(a.data, max)); break;
    case "request":
      out.push(pyValue(a.method, max), pyValue(a.url, max));
      if (a.body != null) out.push(`body=${pyValue(a.body, max)}`);
      if (a.headers?.length) out.push(`headers=${pyDict(a.headers, max)}`);
      opt("encode_chunked");
      break;
    case "set_tunnel":
      out.push(pyValue(a.host, max));
      if (a.port != null) out.push(pyValue(a.port, max));
      if (a.headers?.length) out.push(`headers=${pyDict(a.headers, max)}`);
      break;
    case "begin": if (a.method) opt("method"); break;
    case "set_debuglevel": out.push(pyValue(a.level, max)); break;
    case "read": if (a.amt != null) out.push(pyValue(a.amt, max)); break;
    case "readinto": out.push(`bytearray(${pyValue(a.n, max)})`); break;
    // -1 is what they are given where nothing is.
    case "read1": case "peek": if (a.n != null && a.n !== -1) out.push(pyValue(a.n, max)); break;
    case "readline": if (a.limit != null && a.limit !== -1) out.push(pyValue(a.limit, max)); break;
    case "getheader":
      out.push(pyValue(a.name, max));
      if (a.default != null) out.push(pyValue(a.default, max));
      break;
  }
  return out.join(", ");
}

/** What the connection and the response are called where nobody named them. */
const NAMES = { conn: "conn", resp: "resp" };

/**
 * A call as a line of Python.
 * @param {{ name: string, args?: Record<string, any> }} call
 * @param {{ max?: number, names?: { conn: string, resp: string } }} [options]
 */
export function formatCall(call, { max = 400, names: { conn, resp } = NAMES } = {}) {
  const a = args(call.name, call.args ?? {}, max);
  switch (call.name) {
    case "HTTPConnection": case "HTTPSConnection": return `${conn} = ${call.name}(${a})`;
    case "getresponse": return `${resp} = ${conn}.getresponse()`;
    case "begin": return `${resp} = HTTPResponse(${conn}.sock${a && ", " + a}); ${resp}.begin()`;
    case "iterate": return `list(${resp})`;
    case "closed": return `${resp}.closed`;
    case "response_close": return `${resp}.close()`;
    case "attributes": case "constants": return `# ${call.name}`;
  }
  return `${onResponse(call.name) ? resp : conn}.${call.name}(${a})`;
}

/** The call without its object, for buttons and lists: `putheader("Accept", "*\/*")`. @param {{ name: string, args?: Record<string, any> }} call @param {number} [max] */
export const shortCall = (call, max = 60) =>
  call.name === "response_close" ? "close()" : call.name === "closed" ? "closed" : `${call.name}(${args(call.name, call.args ?? {}, max)})`;

/** What a call returned, in Python; "" for None. @param {any} result @param {number} [max] */
export function formatResult(result, max = 80) {
  if (result == null) return "";
  if (typeof result === "object" && "status" in result) return `<HTTPResponse ${result.status} ${result.reason}>`;
  if (typeof result === "object" && "n" in result && "bytes" in result) return `${result.n}`;
  if (typeof result === "object" && "b64" in result) {
    const b = toBytes(result), size = result.size ?? b.length;
    return `${pyBytes(b, max)}${size > max ? ` (${size} bytes)` : ""}`;
  }
  if (Array.isArray(result) && result.length > 12) return `[… ${result.length} items]`;
  return pyValue(result, max);
}

/** @typedef {LogBytes} _B */ /** @typedef {Call} _C */

/** Whether two calls are written alike. @param {{ name: string, args: any }} a @param {{ name: string, args: any }} b */
export const sameCall = (a, b) => formatCall(a, { max: Infinity }) === formatCall(b, { max: Infinity });
