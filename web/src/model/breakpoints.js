// @ts-check
/**
 * Breakpoints that hold for every run: on entering a state, before a call, on
 * bytes that pass. They look at the log alone, so that they stop a run under way
 * and a walk through recorded steps alike.
 */
import { parseEscaped, parseHex } from "./escapes.js";

/** @import { Dir, Range } from "../types.d.ts" */
/** @import { EventLog, Stream } from "./log.js" */

/** @typedef {{ kind: "state", state: string }} StateBreakpoint */
/** @typedef {{ kind: "call", call: string }} CallBreakpoint */
/** @typedef {{ kind: "bytes", pattern: string, as: "text" | "hex", dir: Dir | "both" }} BytesBreakpoint */
/** @typedef {(StateBreakpoint | CallBreakpoint | BytesBreakpoint) & { on: boolean }} Breakpoint */
/** What stopped, in words; `breakpoint` is null for one of the program's lines. @typedef {{ breakpoint: Breakpoint | null, text: string, found?: { conn: number, dir: Dir, range: Range } }} Hit */

/** More would be a mistake, or somebody else's doing. */
export const MOST = 100;
/** Bytes of a pattern. */
export const LONGEST = 1024;

/** The bytes of a pattern, or why there are none. @param {BytesBreakpoint} b */
export function patternOf(b) {
  /** @type {Uint8Array} */
  let bytes;
  try {
    bytes = b.as === "hex" ? parseHex(b.pattern) : parseEscaped(b.pattern);
  } catch (e) {
    throw new Error(`The pattern ${b.pattern.slice(0, 80)} cannot be read: ${/** @type {Error} */ (e).message}.`, { cause: e });
  }
  if (!bytes.length) throw new Error("The pattern is empty: at least one byte was expected.");
  if (bytes.length > LONGEST) throw new Error(`The pattern has ${bytes.length.toLocaleString("en")} bytes: at most ${LONGEST.toLocaleString("en")} are looked for.`);
  return bytes;
}

/**
 * A breakpoint, if it is one: what is stored may have been written by anyone.
 * @param {any} b
 * @returns {Breakpoint}
 */
export function checkBreakpoint(b) {
  const on = b?.on !== false, text = (/** @type {any} */ v) => typeof v === "string" && v !== "" && v.length <= 4 * LONGEST;
  if (b?.kind === "state" && text(b.state)) return { kind: "state", state: b.state, on };
  if (b?.kind === "call" && text(b.call)) return { kind: "call", call: b.call, on };
  if (b?.kind === "bytes" && typeof b.pattern === "string" && (b.as === "text" || b.as === "hex") && ["sent", "received", "both"].includes(b.dir)) {
    /** @type {Breakpoint} */
    const made = { kind: "bytes", pattern: b.pattern, as: b.as, dir: b.dir, on };
    patternOf(made);
    return made;
  }
  throw new Error("This is no breakpoint.");
}

/** Whether two stop at the same. @param {Breakpoint} a @param {Breakpoint} b */
export const sameBreakpoint = (a, b) => describe(a) === describe(b);

/** @param {StateBreakpoint | CallBreakpoint | BytesBreakpoint} b */
export function describe(b) {
  if (b.kind === "state") return `on state ${b.state}`;
  if (b.kind === "call") return `before ${b.call === "response_close" ? "resp.close" : b.call}()`;
  return `on ${b.dir === "both" ? "" : b.dir + " "}bytes ${b.as === "hex" ? b.pattern.trim().toLowerCase() : JSON.stringify(b.pattern).replaceAll("\\\\", "\\")}`;
}

/**
 * What stops after step `n` (0-based; -1: before the first), the call `next` being the one to come.
 * @param {Breakpoint[]} list
 * @param {EventLog} log
 * @param {number} n
 * @param {string | null} next
 * @returns {Hit[]}
 */
export function hitsAfter(list, log, n, next) {
  /** @type {Hit[]} */
  const hits = [];
  for (const breakpoint of list) {
    if (!breakpoint.on) continue;
    if (breakpoint.kind === "call") {
      if (breakpoint.call === next) hits.push({ breakpoint, text: describe(breakpoint) });
    } else if (n >= 0) {
      const from = log.steps[n].first, to = log.cursorOf(n);
      if (breakpoint.kind === "state") {
        if (log.transitions.some((t) => t.event >= from && t.event < to && t.transition.to === breakpoint.state && t.transition.from !== breakpoint.state)) {
          hits.push({ breakpoint, text: describe(breakpoint) });
        }
      } else {
        const found = bytesBetween(log, breakpoint, from, to);
        if (found) hits.push({ breakpoint, found, text: `${describe(breakpoint)}${breakpoint.dir === "both" ? `, ${found.dir}` : ""} at ${found.range[0]}` });
      }
    }
  }
  return hits;
}

/** The first match that came to its end between two cursors. @param {EventLog} log @param {BytesBreakpoint} b @param {number} from @param {number} to */
function bytesBetween(log, b, from, to) {
  const pattern = patternOf(b);
  for (const s of log.streams.values()) {
    if (b.dir !== "both" && b.dir !== s.dir) continue;
    const range = findBytes(s, pattern, s.length(from), s.length(to));
    if (range) return { conn: s.conn, dir: s.dir, range };
  }
  return null;
}

/**
 * The first place of a pattern that ends in [from, to) of a stream; it may begin
 * before, and lie across pieces. Bytes that the log did not keep match nothing.
 * @param {Stream} stream
 * @param {Uint8Array} pattern
 * @param {number} from
 * @param {number} to
 * @returns {Range | null}
 */
export function findBytes(stream, pattern, from, to) {
  const back = pattern.length - 1, begin = Math.max(0, from - back);
  /** How much of the pattern the bytes so far end with, by its failure function. */
  const fail = failures(pattern);
  let k = 0, at = begin;
  for (let c = stream.firstChunk(begin); c < stream.chunks.length; c++) {
    const { offset, bytes } = stream.chunks[c];
    if (offset >= to) break;
    const start = Math.max(offset, begin);
    if (start !== at) k = 0;
    const end = Math.min(offset + bytes.length, to);
    for (at = start; at < end; at++) {
      const byte = bytes[at - offset];
      while (k > 0 && byte !== pattern[k]) k = fail[k - 1];
      if (byte === pattern[k]) k++;
      if (k < pattern.length) continue;
      if (at >= from) return [at - back, at + 1];
      k = fail[k - 1];
    }
  }
  return null;
}

/** For each prefix the longest proper prefix that it ends with (Knuth, Morris and Pratt). @param {Uint8Array} p */
function failures(p) {
  const out = new Uint16Array(p.length);
  for (let i = 1, k = 0; i < p.length; i++) {
    while (k > 0 && p[i] !== p[k]) k = out[k - 1];
    if (p[i] === p[k]) k++;
    out[i] = k;
  }
  return out;
}
