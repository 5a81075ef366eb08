// @ts-check
/** Bytes as a person types them: text in which escapes stand for what cannot be seen, or hex. */
import { hex2 } from "./bytes.js";

const encoder = new TextEncoder();

/** @type {Record<string, number>} */
const NAMED = { r: 0x0d, n: 0x0a, t: 0x09, 0: 0x00, "\\": 0x5c };

/**
 * Text with escapes: `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH`; other characters as
 * UTF-8. Line breaks of the text are for the eye alone and stand for no byte.
 * @param {string} text
 * @param {number[]} [starts] takes where in the text each byte begins
 * @returns {Uint8Array}
 */
export function parseEscaped(text, starts) {
  /** @type {number[]} */
  const out = [];
  const re = /\\x([0-9a-f]{2})|\\(.?)|[\r\n]|[^\\\r\n]+/gisu;
  for (let m; (m = re.exec(text)); ) {
    if (m[1] !== undefined) {
      out.push(parseInt(m[1], 16));
      starts?.push(m.index);
    } else if (m[2] !== undefined) {
      const byte = NAMED[m[2]];
      if (byte === undefined) {
        const shown = m[2] === "x" ? text.slice(m.index, m.index + 4) : `\\${m[2]}`;
        throw new Error(`${JSON.stringify(shown).replaceAll("\\\\", "\\")} at character ${m.index + 1} is no escape: there are \\r, \\n, \\t, \\0, \\\\ and \\x with two hex digits`);
      }
      out.push(byte);
      starts?.push(m.index);
    } else if (m[0] !== "\r" && m[0] !== "\n") {
      let at = m.index;
      for (const c of m[0]) {
        for (const b of encoder.encode(c)) {
          out.push(b);
          starts?.push(at);
        }
        at += c.length;
      }
    }
  }
  return Uint8Array.from(out);
}

/**
 * Hex: two digits a byte, with whatever white space between bytes.
 * @param {string} text
 * @param {number[]} [starts] takes where in the text each byte begins
 * @returns {Uint8Array}
 */
export function parseHex(text, starts) {
  /** @type {number[]} */
  const out = [];
  const re = /\s+|(\S)(\S?)/gu;
  for (let m; (m = re.exec(text)); ) {
    if (m[1] === undefined) continue;
    if (!/^[0-9a-f]{2}$/i.test(m[0])) throw new Error(`${JSON.stringify(m[0])} at character ${m.index + 1} is no byte: two hex digits were expected, as in 0d 0a`);
    out.push(parseInt(m[0], 16));
    starts?.push(m.index);
  }
  return Uint8Array.from(out);
}

/** @param {number} b @param {number} next */
function escape(b, next) {
  if (b === 0x5c) return "\\\\";
  if (b === 0x0d) return "\\r";
  if (b === 0x0a) return next < 0 ? "\\n" : "\\n\n";
  if (b === 0x09) return "\\t";
  return b < 0x20 || b >= 0x7f ? "\\x" + hex2(b) : String.fromCharCode(b);
}

/** Bytes as text with escapes, a line break after each LF. @param {Uint8Array} bytes */
export function toEscaped(bytes) {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += escape(bytes[i], bytes[i + 1] ?? -1);
  return out;
}

/** Bytes as hex, sixteen a line. @param {Uint8Array} bytes */
export function toHex(bytes) {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += (i === 0 ? "" : i % 16 === 0 ? "\n" : " ") + hex2(bytes[i]);
  return out;
}
