// @ts-check
/** Bytes as the log carries them, and bytes as people read them. */

/** @import { LogBytes } from "../types.d.ts" */

const EMPTY = new Uint8Array(0);

/**
 * The array behind a log's bytes; empty for absent ones.
 * @param {LogBytes | null | undefined} b
 * @returns {Uint8Array}
 */
export function toBytes(b) {
  if (b == null) return EMPTY;
  if (b instanceof Uint8Array) return b;
  if ("latin1" in b) return fromLatin1(b.latin1);
  return fromBase64(b.b64);
}

/** @param {string} s standard base64 */
export function fromBase64(s) {
  const text = atob(s);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** @param {string} s one character a byte */
export function fromLatin1(s) {
  const out = new Uint8Array(s.length);
  for (let i = 0; i < s.length; i++) out[i] = s.charCodeAt(i) & 0xff;
  return out;
}

/** @param {Uint8Array} b @param {number} [from] @param {number} [to] */
export function latin1(b, from = 0, to = b.length) {
  let s = "";
  for (let i = from; i < to; i += 8192) {
    s += String.fromCharCode(...b.subarray(i, Math.min(to, i + 8192)));
  }
  return s;
}

/** @param {Uint8Array[]} parts */
export function concat(parts) {
  let n = 0;
  for (const p of parts) n += p.length;
  const out = new Uint8Array(n);
  let at = 0;
  for (const p of parts) { out.set(p, at); at += p.length; }
  return out;
}

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));

/** @param {number} b */
export const hex2 = (b) => HEX[b];

/** An offset or size in hexadecimal, `0x1e`. @param {number} n */
export const hexNumber = (n) => "0x" + n.toString(16);

/** How the ASCII column shows a byte: CR, LF and HT by name, SP as a middle dot; what has no shape of its own as a dot on the line, drawn faintly. @param {number} b */
export function glyph(b) {
  if (b === 0x20) return "·";
  if (b > 0x20 && b < 0x7f) return String.fromCharCode(b);
  if (b === 0x0d) return "CR";
  if (b === 0x0a) return "LF";
  if (b === 0x09) return "HT";
  return ".";
}

const NAMES = new Map([[0x00, "NUL"], [0x09, "TAB"], [0x0a, "LF"], [0x0d, "CR"], [0x20, "SP"], [0x7f, "DEL"]]);

/** How a byte is said aloud and in the readout. @param {number} b */
export function byteName(b) {
  const n = NAMES.get(b);
  if (n) return n;
  if (b > 0x20 && b < 0x7f) return String.fromCharCode(b);
  return b < 0x20 ? "control" : "byte";
}

/** Text with its invisible bytes escaped as Python does, cut at `max` characters. @param {string} s @param {number} [max] */
export function visible(s, max = 120) {
  let out = "";
  for (const c of s) {
    if (out.length >= max) return out + "…";
    if (c === "\r") out += "\\r";
    else if (c === "\n") out += "\\n";
    else if (c === "\t") out += "\\t";
    else if (c < " " || c === "\x7f") out += "\\x" + hex2(c.charCodeAt(0));
    else out += c;
  }
  return out;
}

/** A byte count for people: `0 bytes`, `1 byte`, `1,234 bytes`, `1.2 MiB`. @param {number} n */
export function sizeText(n) {
  if (n === 1) return "1 byte";
  if (n < 1 << 20) return n.toLocaleString("en") + " bytes";
  return (n / (1 << 20)).toFixed(1) + " MiB";
}

/** A time for people: `0.4 ms`, `12 ms`, `1.23 s`. @param {number} ms */
export function timeText(ms) {
  if (ms < 10) return ms.toFixed(1) + " ms";
  if (ms < 1000) return Math.round(ms) + " ms";
  return (ms / 1000).toFixed(2) + " s";
}
