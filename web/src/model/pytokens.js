// @ts-check
/** Python's tokens: names, numbers, strings with their escapes, operators, and where logical lines end. */

/** What is wrong, and where: offsets of the text, half-open. */
export class Fault extends Error {
  /** @param {string} message @param {number} from @param {number} [to] */
  constructor(message, from, to = from + 1) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

/** A number with a fraction, which Python writes with its point. */
export class Float {
  /** @param {number} value */
  constructor(value) { this.value = value; }
}

/**
 * A piece of an f-string is its text, or the place of an expression in it.
 * @typedef {string | { from: number, to: number }} Piece
 */
/**
 * @typedef {object} Token
 * @property {"name" | "number" | "string" | "f-string" | "op" | "newline" | "fault" | "end"} type
 * @property {string} text of a newline nothing
 * @property {number} from
 * @property {number} to
 * @property {string | Uint8Array | number | Float | Piece[]} [value] of a number or a string
 * @property {Fault} [fault]
 * @property {boolean} [first] whether it begins a logical line
 */

const OPERATORS = /\*\*=|\/\/=|>>=|<<=|\.\.\.|:=|->|==|!=|<=|>=|\*\*|\/\/|<<|>>|[-+*/%&|^@]=|[-+*/%@&|^~<>()[\]{},:.;=]/y;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const NUMBER = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][-+]?\d(?:_?\d)*)?/y;
const STRING = /(?:[rR][bBfF]?|[bBfF][rR]?|[uU])?(?:"""|'''|"|')/y;
/** White space that ends no logical line: a line ending in brackets or after a backslash does not. */
const BLANK = /[ \t\f]+|\\(?:\r\n?|\n)/y;
const BREAK = /\r\n?|\n/y;

/** @type {Record<string, string>} */
const CLOSES = { "(": ")", "[": "]", "{": "}" };
/** @type {Record<string, string>} */
const SIMPLE = { "\n": "", n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"', a: "\x07", b: "\b", f: "\f", v: "\v" };

/** @param {string} text @param {number} [from] @param {number} [end] @returns {Token[]} */
export function tokens(text, from = 0, end = text.length) {
  /** @type {Token[]} */
  const out = [];
  /** Brackets that are open. @type {{ text: string, at: number }[]} */
  const open = [];
  let at = from, first = true;
  /** @param {RegExp} re */
  const match = (re) => {
    re.lastIndex = at;
    const found = re.exec(text)?.[0];
    return found !== undefined && at + found.length <= end ? found : undefined;
  };
  /** @param {Omit<Token, "first">} t */
  const push = (t) => {
    out.push({ ...t, first });
    first = t.type === "newline";
    at = t.to;
  };
  while (at < end) {
    let found;
    if ((found = match(BLANK)) !== undefined) at += found.length;
    else if (text[at] === "#") {
      while (at < end && text[at] !== "\n" && text[at] !== "\r") at++;
    } else if ((found = match(BREAK)) !== undefined) {
      if (open.length || first) at += found.length;
      else push({ type: "newline", text: "", from: at, to: at + found.length });
    } else if ((found = match(STRING)) !== undefined) push(string(text, at, end, found));
    else if ((found = match(NUMBER)) !== undefined && /\d/.test(found)) push(number(text, at, found));
    else if ((found = match(NAME)) !== undefined) push({ type: "name", text: found.normalize("NFKC"), from: at, to: at + found.length });
    else if ((found = match(OPERATORS)) !== undefined) {
      const here = at;
      if (CLOSES[found]) open.push({ text: found, at });
      else if (")]}".includes(found)) {
        const last = open.pop();
        if (!last || CLOSES[last.text] !== found) {
          const fault = new Fault(last ? `“${found}” does not close “${last.text}”` : `“${found}” closes nothing`, here);
          push({ type: "fault", text: found, from: here, to: here + 1, fault });
          continue;
        }
      }
      push({ type: "op", text: found, from: here, to: here + found.length });
    } else {
      const ch = String.fromCodePoint(text.codePointAt(at) ?? 0);
      push({ type: "fault", text: ch, from: at, to: at + ch.length, fault: new Fault(strange(ch), at, at + ch.length) });
    }
  }
  const last = open.pop();
  if (last) {
    // Everything after it is inside. A string that is not closed is why.
    const before = out.findIndex((t) => t.from === last.at), inside = out.findIndex((t, i) => i > before && t.type === "fault");
    if (inside >= 0) out.splice(inside + 1);
    else out.splice(before, out.length, { type: "fault", text: last.text, from: last.at, to: last.at + 1, fault: new Fault(`“${last.text}” is never closed`, last.at) });
  }
  if (out.length && out[out.length - 1].type !== "newline") out.push({ type: "newline", text: "", from: at, to: at });
  out.push({ type: "end", text: "", from: at, to: at, first: true });
  return out;
}

/** What to say of a character that begins nothing. @param {string} ch */
function strange(ch) {
  const code = "U+" + (ch.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  if (/[“”„«»‘’‚]/.test(ch)) return `${ch} is no quote of Python’s: write " or ' (${code} comes from a word processor)`;
  return /[\s\p{C}]/u.test(ch) ? `the character ${code} cannot stand here: it looks like a space, and is none` : `“${ch}” cannot stand here`;
}

/** @param {string} text @param {number} at @param {string} found @returns {Token} */
function number(text, at, found) {
  const to = at + found.length, t = /** @type {const} */ ({ type: "number", text: found, from: at, to });
  /** @param {string} message @returns {Token} */
  const faulty = (message) => ({ ...t, type: "fault", fault: new Fault(message, at, to) });
  if (/[\w.]/.test(text[to] ?? "")) return faulty("this is no number");
  const plain = found.replaceAll("_", "");
  if (/^0\d*[1-9]\d*$/.test(plain)) return faulty("a number does not begin with 0");
  if (!/^0[xob]/i.test(plain) && /[.e]/i.test(plain)) return { ...t, value: new Float(Number(plain)) };
  const value = Number(plain);
  if (!Number.isSafeInteger(value)) return faulty(`numbers here go up to ${Number.MAX_SAFE_INTEGER}: write longer ones as text, in quotes`);
  return { ...t, value };
}

/** @param {string} text @param {number} at @param {number} end @param {string} opening prefix and quotes @returns {Token} */
function string(text, at, end, opening) {
  const quotes = opening.replace(/^[a-zA-Z]+/, ""), prefix = opening.slice(0, opening.length - quotes.length).toLowerCase();
  const start = at + opening.length, long = quotes.length === 3, raw = prefix.includes("r");
  let i = start;
  for (; !text.startsWith(quotes, i) || i >= end; i++) {
    if (i >= end || (!long && (text[i] === "\n" || text[i] === "\r"))) {
      const to = long ? Math.min(end, text.length) : i;
      const fault = new Fault(long ? `the string is never closed: ${quotes} is missing` : "the string does not end on this line", at, Math.max(to, at + 1));
      return { type: "fault", text: "", from: at, to: Math.max(to, at + 1), fault };
    }
    if (text[i] === "\\") i += text.startsWith("\r\n", i + 1) ? 2 : 1;
  }
  const to = i + quotes.length;
  try {
    if (prefix.includes("f")) return { type: "f-string", text: "", from: at, to, value: pieces(text, start, i, raw) };
    const chars = unescape(text, start, i, { raw, bytes: prefix.includes("b") });
    return { type: "string", text: "", from: at, to, value: prefix.includes("b") ? Uint8Array.from(chars, (c) => c.charCodeAt(0)) : chars };
  } catch (e) {
    if (!(e instanceof Fault)) throw e;
    return { type: "fault", text: "", from: at, to, fault: e };
  }
}

/**
 * What the inside of a literal stands for. Of bytes, a character for each.
 * @param {string} text @param {number} from @param {number} to @param {{ raw: boolean, bytes: boolean }} how
 */
function unescape(text, from, to, { raw, bytes }) {
  let out = "";
  for (let i = from; i < to; ) {
    const c = text[i];
    if (c === "\r") {
      // Python reads every line ending as LF.
      out += "\n";
      i += text[i + 1] === "\n" ? 2 : 1;
      continue;
    }
    if (c !== "\\" || raw) {
      if (bytes && c > "\x7f") throw new Fault("bytes can only contain ASCII literal characters: write \\x and two hexadecimal digits", i, i + String.fromCodePoint(text.codePointAt(i) ?? 0).length);
      out += c;
      i++;
      continue;
    }
    const e = text[i + 1];
    if (e === "\r") { i += text[i + 2] === "\n" ? 3 : 2; continue; }
    if (Object.hasOwn(SIMPLE, e)) { out += SIMPLE[e]; i += 2; continue; }
    const octal = /^[0-7]{1,3}/.exec(text.slice(i + 1, Math.min(i + 4, to)))?.[0];
    if (octal) {
      out += String.fromCharCode(parseInt(octal, 8) & (bytes ? 0xff : 0x1ff));
      i += 1 + octal.length;
      continue;
    }
    const digits = e === "x" ? 2 : e === "u" && !bytes ? 4 : e === "U" && !bytes ? 8 : 0;
    if (digits) {
      const hex = /^[0-9a-fA-F]*/.exec(text.slice(i + 2, Math.min(i + 2 + digits, to)))?.[0] ?? "";
      if (hex.length < digits) throw new Fault(`\\${e} takes ${digits} hexadecimal digits`, i, i + 2);
      const point = parseInt(hex, 16);
      if (point > 0x10ffff) throw new Fault("there is no such character", i, i + 2 + digits);
      out += String.fromCodePoint(point);
      i += 2 + digits;
      continue;
    }
    if (e === "N" && !bytes) throw new Fault("\\N{…} is not known here: write \\u and the four hexadecimal digits of the character", i, i + 2);
    // Python keeps the backslash of an escape that it does not know.
    out += "\\";
    i++;
  }
  return out;
}

/** An f-string's inside, in pieces. @param {string} text @param {number} from @param {number} to @param {boolean} raw @returns {Piece[]} */
function pieces(text, from, to, raw) {
  /** @type {Piece[]} */
  const out = [];
  let at = from, plain = "";
  for (let i = from; i <= to; i++) {
    if (text[i] === "\\" && i < to && !raw) { i++; continue; }
    if (i < to && text[i] !== "{" && text[i] !== "}") continue;
    plain += unescape(text, at, i, { raw, bytes: false });
    if (i === to) break;
    if (text[i + 1] === text[i] && i + 1 < to) { plain += text[i]; at = ++i + 1; continue; }
    if (text[i] === "}") throw new Fault("“}” closes nothing: write “}}” for the character", i);
    const close = text.indexOf("}", i);
    if (close < 0 || close >= to) throw new Fault("“{” is never closed: write “{{” for the character", i);
    if (plain) out.push(plain);
    plain = "";
    out.push({ from: i + 1, to: close });
    i = close;
    at = close + 1;
  }
  if (plain) out.push(plain);
  return out;
}
