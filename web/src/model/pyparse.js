// @ts-check
/**
 * Programs in the syntax of Python's documented calls: one call a line. This is
 * no Python: names other than conn and resp, expressions and control flow are
 * refused, with the column at which it went wrong.
 */

/** @import { Call } from "../types.d.ts" */

/** @typedef {{ message: string, from: number, to: number }} LineError columns, half-open */
/** @typedef {{ line: number, call: Call | null, ctor: { host: string, port: number | null, tls: boolean } | null, error: LineError | null }} ParsedLine */

/** Parameters in order; `*` takes the rest; those after `/` only by name. @type {Record<string, string[]>} */
const CONN = {
  connect: [], close: [], getresponse: [], set_debuglevel: ["level"],
  putrequest: ["method", "url", "skip_host", "skip_accept_encoding"],
  putheader: ["header", "*values"],
  endheaders: ["message_body", "/", "encode_chunked"],
  send: ["data"],
  request: ["method", "url", "body", "headers", "/", "encode_chunked"],
  set_tunnel: ["host", "port", "headers"],
};
/** @type {Record<string, string[]>} */
const RESP = {
  read: ["amt"], readinto: ["n"], read1: ["n"], peek: ["n"], readline: ["limit"], readlines: [],
  getheader: ["name", "default"], getheaders: [], isclosed: [], close: [],
};
/** How many leading arguments each call needs. @type {Record<string, number>} */
const NEEDS = { set_debuglevel: 1, putrequest: 2, putheader: 1, send: 1, request: 2, set_tunnel: 1, readinto: 1, getheader: 1 };

class Fault extends Error {
  /** @param {string} message @param {number} from @param {number} [to] */
  constructor(message, from, to = from + 1) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

/** @param {Uint8Array | number[]} bytes */
const b64 = (bytes) => ({ b64: btoa(String.fromCharCode(...bytes)) });

class Scanner {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  space() { while (this.text[this.at] === " " || this.text[this.at] === "\t") this.at++; }

  /** @param {string} s */
  take(s) {
    this.space();
    if (!this.text.startsWith(s, this.at)) return false;
    this.at += s.length;
    return true;
  }

  /** @param {string} s @param {string} [what] */
  expect(s, what = `“${s}”`) {
    this.space();
    const found = this.text[this.at];
    if (!this.take(s)) throw new Fault(`expected ${what}${found === undefined ? " before the end of the line" : `, found “${found}”`}`, this.at);
  }

  name() {
    this.space();
    const m = /^[A-Za-z_][A-Za-z0-9_]*/.exec(this.text.slice(this.at));
    if (!m) return "";
    this.at += m[0].length;
    return m[0];
  }

  end() {
    this.space();
    return this.at >= this.text.length || this.text[this.at] === "#";
  }

  /** A literal, as a scenario writes it. @returns {any} */
  value() {
    this.space();
    const start = this.at, c = this.text[this.at];
    if (c === undefined) throw new Fault("expected a value before the end of the line", this.at);
    if (c === '"' || c === "'") return this.string(false);
    if ((c === "b" || c === "B") && /["']/.test(this.text[this.at + 1] ?? "")) { this.at++; return b64(/** @type {number[]} */ (this.string(true))); }
    const number = /^-?\d[\d_]*/.exec(this.text.slice(this.at));
    if (number) { this.at += number[0].length; return Number(number[0].replaceAll("_", "")); }
    if (c === "[" || c === "(") {
      const close = c === "[" ? "]" : ")";
      this.at++;
      const list = [];
      while (!this.take(close)) {
        list.push(this.value());
        if (!this.take(",")) { this.expect(close, `“,” or “${close}”`); break; }
      }
      return list;
    }
    if (c === "{") {
      this.at++;
      /** @type {[string, any][]} */
      const dict = [];
      while (!this.take("}")) {
        const at = this.at, key = this.value();
        if (typeof key !== "string") throw new Fault("a header name is a string", at, this.at);
        this.expect(":");
        dict.push([key, this.value()]);
        if (!this.take(",")) { this.expect("}", "“,” or “}”"); break; }
      }
      return dict;
    }
    const name = this.name();
    if (name === "None") return null;
    if (name === "True") return true;
    if (name === "False") return false;
    if (name === "bytearray") { this.expect("("); const n = this.value(); this.expect(")"); return n; }
    if (name === "io" && this.take(".")) {
      const kind = this.name();
      this.expect("(");
      const v = this.value();
      this.expect(")");
      if (kind === "BytesIO") return { file: v };
      if (kind === "StringIO") return { textfile: v };
    }
    throw new Fault(name ? `“${name}” is not defined here: only literals are` : `expected a value, found “${c}”`, start, Math.max(start + 1, this.at));
  }

  /** A string literal; of bytes, the list of their values. @param {boolean} bytes @returns {string | number[]} */
  string(bytes) {
    const start = this.at, quote = this.text[this.at++];
    let out = "";
    for (;;) {
      const c = this.text[this.at];
      if (c === undefined) throw new Fault("the string does not end on this line", start, this.text.length);
      this.at++;
      if (c === quote) break;
      if (c !== "\\") {
        if (bytes && c > "\x7f") throw new Fault("bytes can only contain ASCII literal characters", this.at - 1);
        out += c;
        continue;
      }
      const e = this.text[this.at++];
      const simple = /** @type {Record<string, string>} */ ({ n: "\n", r: "\r", t: "\t", "0": "\0", "\\": "\\", "'": "'", '"': '"', a: "\x07", b: "\b", f: "\f", v: "\v" })[e ?? ""];
      const digits = e === "x" ? 2 : e === "u" && !bytes ? 4 : e === "U" && !bytes ? 8 : 0;
      if (simple !== undefined) out += simple;
      else if (digits) {
        const hex = this.text.slice(this.at, this.at + digits);
        if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < digits) throw new Fault(`\\${e} takes ${digits} hexadecimal digits`, this.at - 2, this.at);
        const point = parseInt(hex, 16);
        if (point > 0x10ffff) throw new Fault("there is no such character", this.at - 2, this.at + digits);
        out += String.fromCodePoint(point);
        this.at += digits;
      } else out += "\\" + (e ?? "");
    }
    return bytes ? Array.from(out, (x) => x.charCodeAt(0)) : out;
  }

  /** `(…)`: positional and named arguments. @param {string[]} params @param {string} call */
  args(params, call) {
    /** @type {Record<string, any>} */
    const out = {};
    this.expect("(");
    const positional = params.indexOf("/") < 0 ? params : params.slice(0, params.indexOf("/"));
    let i = 0;
    while (!this.take(")")) {
      this.space();
      const at = this.at;
      const named = /^([A-Za-z_]\w*)\s*=(?!=)/.exec(this.text.slice(this.at));
      if (named) {
        this.at += named[0].length;
        if (!params.includes(named[1]) || named[1] === "/") throw new Fault(`${call}() has no parameter “${named[1]}”`, at, at + named[1].length);
        if (named[1] in out) throw new Fault(`“${named[1]}” is given twice`, at, at + named[1].length);
        out[named[1]] = this.value();
      } else {
        const rest = positional[Math.min(i, positional.length - 1)]?.startsWith("*") ? positional[positional.length - 1].slice(1) : "";
        const value = this.value();
        if (rest && i >= positional.length - 1) (out[rest] ??= []).push(value);
        else if (i >= positional.length) throw new Fault(`${call}() takes at most ${positional.length} argument${positional.length === 1 ? "" : "s"} by position`, at, this.at);
        else out[positional[i]] = value;
        i++;
      }
      if (!this.take(",")) { this.expect(")", "“,” or “)”"); break; }
    }
    const need = NEEDS[call] ?? 0;
    const missing = params.slice(0, need).filter((p) => !(p in out));
    if (missing.length) throw new Fault(`${call}() needs ${missing.join(" and ")}`, this.at - 1, this.at);
    return out;
  }
}

/** A string argument as a body is text. @param {any} v */
const body = (v) => (typeof v === "string" ? { text: v } : Array.isArray(v) ? { iterable: v } : v);

/** @param {string} text @param {number} line from 0 @returns {ParsedLine} */
export function parseLine(text, line = 0) {
  /** @type {ParsedLine} */
  const out = { line, call: null, ctor: null, error: null };
  const s = new Scanner(text);
  try {
    if (s.end()) return out;
    let at = s.at, name = s.name();
    if ((name === "conn" || name === "resp") && s.take("=")) { s.space(); at = s.at; name = s.name(); }
    if (name === "HTTPConnection" || name === "HTTPSConnection" || name === "http") {
      const tls = name === "http" ? s.take(".client.HTTPSConnection") : name === "HTTPSConnection";
      if (name === "http" && !tls) s.expect(".client.HTTPConnection");
      const a = s.args(["host", "port", "timeout", "blocksize"], "HTTPConnection");
      if (typeof a.host !== "string") throw new Fault("a host is a string", at, s.at);
      out.ctor = { host: a.host, port: a.port ?? null, tls };
    } else if (name === "HTTPResponse") {
      s.expect("(conn.sock");
      /** @type {Record<string, any>} */
      const args = {};
      if (s.take(",")) {
        s.expect("method");
        s.expect("=");
        at = s.at;
        args.method = s.value();
        if (typeof args.method !== "string") throw new Fault("a method is a string", at, s.at);
      }
      s.expect(")");
      s.expect(";");
      s.expect("resp.begin()");
      out.call = { name: "begin", args };
    } else if (name === "list") {
      s.expect("(resp)");
      out.call = { name: "iterate", args: {} };
    } else if (name === "conn" || name === "resp") {
      s.expect(".");
      s.space();
      const from = s.at, method = s.name(), table = name === "conn" ? CONN : RESP;
      if (name === "resp" && method === "closed" && s.end()) return { ...out, call: { name: "closed", args: {} } };
      const params = Object.hasOwn(table, method) ? table[method] : null;
      if (!params) throw new Fault(`${name} has no call “${method}”`, from, Math.max(from + 1, s.at));
      const args = s.args(params, method);
      for (const k of ["message_body", "data", "body"]) if (k in args) args[k] = body(args[k]);
      for (const k of Object.keys(args)) if (args[k] === null || args[k] === undefined) delete args[k];
      if (method === "putheader") args.values ??= [];
      out.call = { name: name === "resp" && method === "close" ? "response_close" : method, args };
    } else throw new Fault(name ? `“${name}” is not defined here: use conn or resp` : `expected a call, found “${text[s.at]}”`, at, Math.max(at + 1, s.at));
    if (!s.end()) throw new Fault("one call a line", s.at, text.length);
  } catch (e) {
    if (!(e instanceof Fault)) throw e;
    return { line, call: null, ctor: null, error: { message: e.message, from: Math.min(e.from, text.length), to: Math.min(Math.max(e.to, e.from + 1), Math.max(text.length, e.from + 1)) } };
  }
  return out;
}

/** @param {string} text */
export function parseProgram(text) {
  const lines = text.split("\n").map(parseLine);
  return {
    lines,
    calls: /** @type {Call[]} */ (lines.map((l) => l.call).filter(Boolean)),
    ctor: lines.find((l) => l.ctor)?.ctor ?? null,
    errors: lines.filter((l) => l.error),
  };
}
