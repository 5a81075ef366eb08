// @ts-check
/** The request in the composer: a blank one, and the one that the program of a link stands for. */
import { latin1, toBytes } from "./bytes.js";
import { NO_RAW, rawOf } from "./raw.js";

/** @import { Call, ComposerState } from "../types.d.ts" */

/** A request before anybody has composed one. @type {ComposerState} */
export const BLANK = { origin: "", demo: "", method: "GET", target: "/", headers: [], body: "", style: "steps", raw: NO_RAW, tls: false };

/** Whether nothing but the scheme was chosen yet. @param {ComposerState} composer */
export const isBlank = (composer) => Object.entries({ ...BLANK, tls: composer.tls }).every(([name, value]) => composer[/** @type {keyof ComposerState} */ (name)] === value);

/** @param {any} b a body @returns {string} */
function bodyText(b) {
  if (b == null) return "";
  if (typeof b === "string") return b;
  if ("text" in b) return b.text;
  if ("textfile" in b) return b.textfile;
  const bytes = "iterable" in b ? b.iterable.map(toBytes) : [toBytes("file" in b ? b.file : b)];
  return bytes.map((/** @type {Uint8Array} */ x) => new TextDecoder().decode(x)).join("");
}

/** @param {any} v */
const valueText = (v) => (typeof v === "object" && v !== null ? latin1(toBytes(v)) : String(v));

/**
 * The first request of a program.
 * @param {Call[]} calls
 * @returns {Pick<ComposerState, "method" | "target" | "headers" | "body" | "style"> & Partial<Pick<ComposerState, "raw">>}
 */
export function composerOf(calls) {
  const raw = rawOf(calls);
  if (raw) return { method: "GET", target: "/", headers: [], body: "", style: "raw", raw };
  const at = calls.findIndex((c) => c.name === "putrequest" || c.name === "request");
  if (at < 0) return { method: "GET", target: "/", headers: [], body: "", style: "steps" };
  const { name, args } = calls[at];
  if (name === "request") {
    return { method: args.method, target: args.url, headers: (args.headers ?? []).map((/** @type {[string, any]} */ [n, v]) => [n, valueText(v)]), body: bodyText(args.body), style: "request" };
  }
  /** @type {[string, string][]} */
  const headers = [];
  let body = "";
  for (const c of calls.slice(at + 1)) {
    if (c.name === "putrequest" || c.name === "request" || c.name === "getresponse") break;
    if (c.name === "putheader") headers.push([c.args.header, (c.args.values ?? []).map(valueText).join("\r\n\t")]);
    if (c.name === "endheaders") body = bodyText(c.args.message_body);
  }
  return { method: args.method, target: args.url, headers, body, style: "steps" };
}
