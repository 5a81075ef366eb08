// @ts-check
/** A request written byte by byte: the program it stands for, and the bytes that a composed one would be. */
import { concat, toBytes } from "./bytes.js";
import { parseEscaped, parseHex, toEscaped, toHex } from "./escapes.js";

/** @import { Call, ComposerState, RawRequest } from "../types.d.ts" */

/** Bytes of a request written by hand. */
export const MOST_RAW = 1 << 20;

/** @type {RawRequest} */
export const NO_RAW = { text: "", as: "text", bytes: new Uint8Array(0), method: "", touched: false, from: "steps" };

/** @param {Uint8Array} bytes @param {RawRequest["as"]} as */
export const rawText = (bytes, as) => (as === "hex" ? toHex(bytes) : toEscaped(bytes));

/** The bytes that a text stands for; `starts` takes where in the text each begins. @param {string} text @param {RawRequest["as"]} as @param {number[]} [starts] */
export function rawBytes(text, as, starts) {
  const bytes = as === "hex" ? parseHex(text, starts) : parseEscaped(text, starts);
  if (bytes.length > MOST_RAW) throw new Error(`these are ${bytes.length.toLocaleString("en")} bytes: at most ${MOST_RAW >> 20} MiB are sent by hand`);
  return bytes;
}

/** The method that the bytes begin with, which says how the answer is to be read. @param {RawRequest} raw */
export function methodOf(raw) {
  const word = /^(?:\r?\n)*([!#$%&'*+.^_`|~0-9A-Za-z-]+) /.exec(String.fromCharCode(...raw.bytes.subarray(0, 64)));
  return raw.method || (word ? word[1] : "GET");
}

/** @param {Uint8Array} b */
function base64(b) {
  let s = "";
  for (let i = 0; i < b.length; i += 8190) s += btoa(String.fromCharCode(...b.subarray(i, i + 8190)));
  return s;
}

/** @param {RawRequest} raw @returns {Call[]} */
export function rawProgram(raw) {
  return [
    { name: "connect", args: {} }, { name: "send", args: { data: { b64: base64(raw.bytes) } } },
    { name: "begin", args: { method: methodOf(raw) } }, { name: "read", args: {} },
  ];
}

/** The bytes that a program sends by hand, if that is what it does. @param {Call[]} calls @returns {RawRequest | null} */
export function rawOf(calls) {
  const begin = calls.find((c) => c.name === "begin"), first = calls.find((c) => c.name !== "connect");
  if (!begin || first?.name !== "send") return null;
  const data = first.args.data;
  const bytes = data && ("b64" in data || "latin1" in data) ? toBytes(data) : new Uint8Array(0);
  const raw = { ...NO_RAW, text: toEscaped(bytes), bytes, touched: true };
  const method = begin.args.method ?? "";
  return { ...raw, method: method === methodOf(raw) ? "" : method };
}

/** The calls that put a composed request into the client's buffer, in the order in which request() makes them. @param {ComposerState} c @returns {Call[]} */
function putting(c) {
  const headers = c.headers.filter(([n, v]) => n !== "" || v !== "");
  const has = (/** @type {string} */ name) => headers.some(([n]) => n.toLowerCase() === name);
  const framed = has("content-length") || has("transfer-encoding"), size = new TextEncoder().encode(c.body).length;
  /** @type {Call} */
  const length = { name: "putheader", args: { header: "Content-Length", values: [String(size)] } };
  const implied = !framed && (size > 0 || (c.raw.from === "request" && ["PATCH", "POST", "PUT"].includes(c.method.toUpperCase())));
  const own = headers.map(([header, value]) => ({ name: "putheader", args: { header, values: [value] } }));
  /** @type {Record<string, any>} */
  const put = { method: c.method, url: c.target };
  if (has("host")) put.skip_host = true;
  if (has("accept-encoding")) put.skip_accept_encoding = true;
  return [{ name: "putrequest", args: put }, ...(implied && c.raw.from === "request" ? [length] : []), ...own, ...(implied && c.raw.from !== "request" ? [length] : [])];
}

/**
 * The exact bytes of a composed request, as the client would send them. They are
 * put into the buffer of a connection that is never opened, and read off its log.
 * @param {any} connection traced
 * @param {ComposerState} c
 * @param {(run: { conn: any, response: null }, call: Call, signal: AbortSignal) => Promise<any>} invoke
 */
export async function composedBytes(connection, c, invoke) {
  const { signal } = new AbortController();
  for (const call of putting(c)) await invoke({ conn: connection, response: null }, call, signal);
  const lines = connection.recording().events.filter((/** @type {any} */ e) => e.type === "buffer" && e.bytes).map((/** @type {any} */ e) => toBytes(e.bytes));
  return concat([...lines, new Uint8Array([0x0d, 0x0a]), new TextEncoder().encode(c.body)]);
}
