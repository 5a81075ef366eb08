// @ts-check
/**
 * What a program can write down without running it: literals, and the few
 * functions by which people make bodies and headers out of them.
 */
import { Fault, Float } from "./pytokens.js";

/** Bytes that a literal may grow to. */
const MOST = 16 << 20;

/** Key and value, and where they are written. @typedef {[key: any, value: any, keyAt?: Node, valueAt?: Node]} Entry */

/** A dictionary, in the order in which it was written; its names can be there twice. */
export class Dict {
  /** @param {Entry[]} entries */
  constructor(entries) { this.entries = entries; }

  /** @param {any} key @param {any} value */
  set(key, value) {
    const old = this.entries.find(([k]) => k === key);
    if (old) old.splice(1, 3, value);
    else this.entries.push([key, value]);
  }
}

export class Tuple {
  /** @param {any[]} items */
  constructor(items) { this.items = items; }
}

export class ByteArray {
  /** @param {Uint8Array} bytes */
  constructor(bytes) { this.bytes = bytes; }
}

/** An object to read a body from. */
export class File {
  /** @param {"file" | "textfile"} kind @param {Uint8Array | string} content */
  constructor(kind, content) {
    this.kind = kind;
    this.content = content;
  }
}

/** What is only known when a call has been made, such as what read() returned. */
export class Unknown {
  /** @param {string} what */
  constructor(what) { this.what = what; }
}

/** As Python has them: of those under one name, the last. @param {Dict} d @returns {[any, any][]} */
const unique = (d) => [...new Map(d.entries.map(([k, v]) => [k, v]))];

/** A value and where it is written; of an argument given by name, where that is. @typedef {{ v: any, from: number, to: number, name?: { from: number, to: number } }} Node */

/** What a value is called. @param {any} v */
export function kindOf(v) {
  if (v === null) return "None";
  if (typeof v === "boolean") return v ? "True" : "False";
  if (typeof v === "string") return "text";
  if (typeof v === "number") return "a number";
  if (v instanceof Float) return "a number with a fraction";
  if (v instanceof Uint8Array) return "bytes";
  if (v instanceof ByteArray) return "a bytearray";
  if (v instanceof Dict) return "a dictionary";
  if (v instanceof Tuple) return "a tuple";
  if (Array.isArray(v)) return "a list";
  if (v instanceof File) return "a file";
  return v?.what ?? "something else";
}

/** @param {Uint8Array[]} parts */
export function join(parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** As Python writes it, which turns to exponents at other numbers than JavaScript. @param {Float} f */
function floatText({ value }) {
  const size = Math.abs(value);
  if (size >= 1e16 || (size < 1e-4 && size > 0)) return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** What str() makes of a value. @param {Node} n */
export function textOf({ v, from, to }) {
  if (typeof v === "string") return v;
  if (typeof v === "number") return String(v);
  if (v instanceof Float) return floatText(v);
  if (v === null || typeof v === "boolean") return kindOf(v);
  throw new Fault(`${kindOf(v)} is not made text here: write the text itself`, from, to);
}

/** @param {Node} n @param {string} what */
function text({ v, from, to }, what = "text") {
  if (typeof v !== "string") throw new Fault(`${what} was expected, found ${kindOf(v)}`, from, to);
  return v;
}

/** @param {Node} n */
function bytes({ v, from, to }) {
  if (v instanceof ByteArray) return v.bytes;
  if (!(v instanceof Uint8Array)) throw new Fault(`bytes were expected, found ${kindOf(v)}${typeof v === "string" ? ": write b in front of the quotes, or .encode() after them" : ""}`, from, to);
  return v;
}

/** @param {string} s @param {string} codec @param {Node} at */
function encoded(s, codec, at) {
  const name = codec.toLowerCase().replaceAll("_", "-");
  if (["utf-8", "utf8", "u8"].includes(name)) {
    if (/\p{Surrogate}/u.test(s)) throw new Fault("half a surrogate pair has no UTF-8", at.from, at.to);
    return new TextEncoder().encode(s);
  }
  const most = ["ascii", "us-ascii"].includes(name) ? 0x7f : ["latin-1", "latin1", "iso-8859-1", "iso8859-1"].includes(name) ? 0xff : -1;
  if (most < 0) throw new Fault(`“${codec}” is not known here: utf-8, iso-8859-1 and ascii are`, at.from, at.to);
  const wide = Array.from(s).find((c) => (c.codePointAt(0) ?? 0) > most);
  if (wide) throw new Fault(`“${wide}” is no character of ${codec}`, at.from, at.to);
  return Uint8Array.from(s, (c) => c.charCodeAt(0));
}

/** As urllib.parse.quote does. @param {Node} n @param {string} safe */
function quoted(n, safe) {
  const raw = n.v instanceof Uint8Array ? n.v : encoded(textOf(n), "utf-8", n);
  return Array.from(raw, (b) => {
    const c = String.fromCharCode(b);
    return /[A-Za-z0-9_.~-]/.test(c) || (b < 0x80 && safe.includes(c)) ? c : "%" + b.toString(16).toUpperCase().padStart(2, "0");
  }).join("");
}

/** Keys and values, as urlencode takes them. @param {Node} n @returns {[any, any][]} */
function pairs({ v, from, to }) {
  if (v instanceof Dict) return unique(v);
  const list = Array.isArray(v) ? v : v instanceof Tuple ? v.items : null;
  const out = list?.map((p) => (Array.isArray(p) ? p : p instanceof Tuple ? p.items : []));
  if (!out?.every((p) => p.length === 2)) throw new Fault(`a dictionary was expected, or a list of pairs, found ${kindOf(v)}`, from, to);
  return /** @type {[any, any][]} */ (out);
}

/** A text as JSON. @param {string} s @param {boolean} ascii */
function jsonText(s, ascii) {
  /** @param {string} c */
  const escape = (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");
  // JSON.stringify escapes what Python does, and halves of surrogate pairs.
  const out = JSON.stringify(s);
  return ascii ? out.replace(/[\x7f-\uffff]/g, escape) : out;
}

/** @param {any} v @param {{ ascii: boolean, item: string, key: string }} how @param {Node} at @returns {string} */
function json(v, how, at) {
  if (v === null) return "null";
  if (typeof v === "boolean" || typeof v === "number") return String(v);
  if (v instanceof Float) return floatText(v);
  if (typeof v === "string") return jsonText(v, how.ascii);
  if (v instanceof Tuple) return json(v.items, how, at);
  if (Array.isArray(v)) return "[" + v.map((x) => json(x, how, at)).join(how.item) + "]";
  if (v instanceof Dict) {
    return "{" + unique(v).map(([k, x]) => {
      if (k instanceof Uint8Array || (typeof k === "object" && k !== null && !(k instanceof Float))) throw new Fault(`JSON has no key that is ${kindOf(k)}`, at.from, at.to);
      return jsonText(typeof k === "string" ? k : json(k, how, at), how.ascii) + how.key + json(x, how, at);
    }).join(how.item) + "}";
  }
  throw new Fault(`JSON has nothing for ${kindOf(v)}`, at.from, at.to);
}

/** The arguments of one of the functions: by position, or by name. */
export class Given {
  /** @param {string} name @param {Node[]} list @param {Map<string, Node>} named @param {number} from @param {number} to */
  constructor(name, list, named, from, to) {
    this.name = name;
    this.list = list;
    this.named = named;
    this.from = from;
    this.to = to;
  }

  /** Puts them in the order of the parameters. @param {string[]} params @param {number} [need] @returns {(Node | undefined)[]} */
  take(params, need = 0) {
    const over = this.list[params.length];
    if (over) throw new Fault(`${this.name}() takes at most ${params.length} argument${params.length === 1 ? "" : "s"} by position`, over.from, over.to);
    const out = params.map((p, i) => this.list[i] ?? this.named.get(p));
    for (const [name, n] of this.named) {
      if (!params.includes(name)) throw new Fault(`${this.name}() has no parameter “${name}” here`, n.from, n.to);
    }
    const missing = params.slice(0, need).filter((_, i) => !out[i]);
    if (missing.length) throw new Fault(`${this.name}() needs ${missing.join(" and ")}`, this.to - 1, this.to);
    return out;
  }
}

/** @param {Given} g */
function dumps(g) {
  const [obj, ascii, separators] = g.take(["obj", "ensure_ascii", "separators"], 1);
  const sep = separators && (separators.v instanceof Tuple ? separators.v.items : separators.v);
  if (sep && !(Array.isArray(sep) && sep.length === 2 && sep.every((s) => typeof s === "string"))) throw new Fault("separators are a pair of texts", /** @type {Node} */ (separators).from, /** @type {Node} */ (separators).to);
  const at = /** @type {Node} */ (obj);
  return json(at.v, { ascii: ascii?.v !== false, item: sep?.[0] ?? ", ", key: sep?.[1] ?? ": " }, at);
}

/** Functions by their full names. @type {Record<string, (g: Given) => any>} */
export const FUNCTIONS = {
  "json.dumps": dumps,
  "urllib.parse.urlencode": (g) => {
    const [query] = g.take(["query"], 1);
    const at = /** @type {Node} */ (query);
    return pairs(at).map((p) => p.map((v) => quoted({ ...at, v }, "").replaceAll("%20", "+")).join("=")).join("&");
  },
  "urllib.parse.quote": (g) => {
    const [s, safe] = g.take(["string", "safe"], 1);
    return quoted(/** @type {Node} */ (s), safe ? text(safe) : "/");
  },
  "urllib.parse.quote_plus": (g) => quoted(/** @type {Node} */ (g.take(["string"], 1)[0]), " ").replaceAll(" ", "+"),
  "base64.b64encode": (g) => new TextEncoder().encode(btoa(String.fromCharCode(...bytes(/** @type {Node} */ (g.take(["s"], 1)[0]))))),
  "io.BytesIO": (g) => new File("file", bytes(g.take(["initial_bytes"])[0] ?? { v: new Uint8Array(), from: g.from, to: g.to })),
  "io.StringIO": (g) => new File("textfile", text(g.take(["initial_value"])[0] ?? { v: "", from: g.from, to: g.to })),
  "ssl.create_default_context": (g) => { g.take([]); return new Unknown("an SSL context"); },
  str: (g) => {
    const [object, encoding] = g.take(["object", "encoding"]);
    if (!encoding || !object) return object ? textOf(object) : "";
    return decoded(bytes(object), text(encoding), object);
  },
  len: (g) => {
    const { v, from, to } = /** @type {Node} */ (g.take(["obj"], 1)[0]);
    if (typeof v === "string") return Array.from(v).length;
    if (v instanceof Uint8Array || Array.isArray(v)) return v.length;
    if (v instanceof ByteArray) return v.bytes.length;
    if (v instanceof Dict) return unique(v).length;
    if (v instanceof Tuple) return v.items.length;
    throw new Fault(`${kindOf(v)} has no length`, from, to);
  },
  int: (g) => {
    const { v, from, to } = /** @type {Node} */ (g.take(["x"], 1)[0]);
    const n = typeof v === "boolean" ? Number(v) : v instanceof Float ? Math.trunc(v.value) : typeof v === "string" && /^\s*[-+]?\d+\s*$/.test(v) ? Number(v) : v;
    if (typeof n !== "number" || !Number.isSafeInteger(n)) throw new Fault(`int() takes a number, found ${kindOf(v)}`, from, to);
    return n;
  },
  bytes: (g) => {
    const [source, encoding] = g.take(["source", "encoding"]);
    return raw(source, encoding, g);
  },
  bytearray: (g) => {
    const [source, encoding] = g.take(["source", "encoding"]);
    return new ByteArray(raw(source, encoding, g));
  },
  memoryview: (g) => bytes(/** @type {Node} */ (g.take(["object"], 1)[0])),
  dict: (g) => {
    if (g.list.length > 1) g.take(["mapping"]);
    const given = g.list[0] ? pairs(g.list[0]) : [];
    const out = new Dict([]);
    for (const [k, v] of given) out.set(k, v);
    for (const [k, n] of g.named) out.set(k, n.v);
    return out;
  },
};

/** What bytes() and bytearray() make. @param {Node | undefined} source @param {Node | undefined} encoding @param {Given} g @returns {Uint8Array} */
function raw(source, encoding, g) {
  if (!source) return new Uint8Array();
  const { v, from, to } = source;
  if (typeof v === "string") {
    if (!encoding) throw new Fault(`${g.name}() needs an encoding for text: add "utf-8"`, from, to);
    return encoded(v, text(encoding), source);
  }
  if (typeof v === "number") return new Uint8Array(sized(v, from, to));
  const list = v instanceof Tuple ? v.items : v;
  if (Array.isArray(list) && list.every((b) => Number.isInteger(b) && b >= 0 && b < 256)) return Uint8Array.from(list);
  return bytes(source).slice();
}

/** @param {number} n @param {number} from @param {number} to */
function sized(n, from, to) {
  if (n < 0 || n > MOST) throw new Fault(`a size from 0 to ${MOST.toLocaleString("en")} was expected`, from, to);
  return n;
}

/** @param {Uint8Array} b @param {string} codec @param {Node} at */
function decoded(b, codec, at) {
  const utf8 = ["utf-8", "utf8"].includes(codec.toLowerCase());
  if (!utf8 && encoded("", codec, at).length === 0) return Array.from(b, (x) => String.fromCharCode(x)).join("");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(b);
  } catch {
    throw new Fault("these bytes are no UTF-8", at.from, at.to);
  }
}

/** Methods of texts and bytes. @type {Record<string, (self: Node, g: Given) => any>} */
export const METHODS = {
  encode: (self, g) => encoded(text(self), g.list[0] || g.named.get("encoding") ? text(/** @type {Node} */ (g.take(["encoding"])[0])) : "utf-8", self),
  decode: (self, g) => decoded(bytes(self), g.list[0] || g.named.get("encoding") ? text(/** @type {Node} */ (g.take(["encoding"])[0])) : "utf-8", self),
  join: (self, g) => {
    const { v, from, to } = /** @type {Node} */ (g.take(["iterable"], 1)[0]);
    const items = v instanceof Tuple ? v.items : v;
    if (!Array.isArray(items)) throw new Fault(`a list was expected, found ${kindOf(v)}`, from, to);
    if (typeof self.v === "string") return items.map((x) => text({ v: x, from, to })).join(self.v);
    return join(items.flatMap((x, i) => (i ? [bytes(self), bytes({ v: x, from, to })] : [bytes({ v: x, from, to })])));
  },
};

/** `a op b`, where both are known. @param {string} op @param {Node} a @param {Node} b @returns {any} */
export function operate(op, a, b) {
  const fault = () => new Fault(`“${op}” is not done here with ${kindOf(a.v)} and ${kindOf(b.v)}: write what comes of it`, a.from, b.to);
  if (op === "+") {
    if (typeof a.v === "string" && typeof b.v === "string") return sum(a.v + b.v, a, b);
    if (a.v instanceof Uint8Array && b.v instanceof Uint8Array) { sized(a.v.length + b.v.length, a.from, b.to); return join([a.v, b.v]); }
    if (Array.isArray(a.v) && Array.isArray(b.v)) { sized(a.v.length + b.v.length, a.from, b.to); return a.v.concat(b.v); }
    if ((typeof a.v === "string" || a.v instanceof Uint8Array) && typeof b.v !== typeof a.v) {
      throw new Fault(`${kindOf(a.v)} and ${kindOf(b.v)} cannot be added${typeof b.v === "number" ? ": write str() around the number" : ""}`, a.from, b.to);
    }
  }
  if (op === "*") {
    const [seq, n] = typeof a.v === "number" && typeof b.v !== "number" ? [b.v, a.v] : [a.v, b.v];
    if (typeof n === "number" && typeof seq === "string") { sized(Math.max(0, n) * seq.length, a.from, b.to); return seq.repeat(Math.max(0, n)); }
    if (typeof n === "number" && seq instanceof Uint8Array) { sized(Math.max(0, n) * seq.length, a.from, b.to); return join(Array(Math.max(0, n)).fill(seq)); }
    if (typeof n === "number" && Array.isArray(seq)) { sized(Math.max(0, n) * seq.length, a.from, b.to); return Array(Math.max(0, n)).fill(seq).flat(); }
  }
  if (typeof a.v === "number" && typeof b.v === "number") {
    if ((op === "//" || op === "%") && b.v === 0) throw new Fault("division by zero", a.from, b.to);
    const out = op === "+" ? a.v + b.v : op === "-" ? a.v - b.v : op === "*" ? a.v * b.v : op === "//" ? Math.floor(a.v / b.v)
      : op === "%" ? a.v - b.v * Math.floor(a.v / b.v) : op === "**" && b.v >= 0 ? a.v ** b.v : op === "<<" && b.v >= 0 ? a.v * 2 ** b.v : NaN;
    if (Number.isSafeInteger(out)) return out;
  }
  throw fault();
}

/** @param {string} s @param {Node} a @param {Node} b */
function sum(s, a, b) {
  sized(s.length, a.from, b.to);
  return s;
}
