// @ts-check
/** The documented calls: their parameters, and what may be given for each. */
import { Fault, Float } from "./pytokens.js";
import { ByteArray, Dict, File, Tuple, Unknown, kindOf } from "./pyvalues.js";

/** @import { Given, Node } from "./pyvalues.js" */

/** What an argument must be. @typedef {"text" | "whole" | "seconds" | "flag" | "body" | "headers" | "value" | "buffer" | "address" | "context" | "socket"} Kind */
/** A parameter: those after `*` only by name. @typedef {{ name: string, kind: Kind, need?: boolean, rest?: boolean, named?: boolean }} Param */

/** `name:kind`, `name!:kind` for one that must be given, `*name:kind` for the rest; after `/` only by name. @param {string} text @returns {Param[]} */
function params(text) {
  let named = false;
  return text.split(" ").filter(Boolean).flatMap((p) => {
    if (p === "/") { named = true; return []; }
    const [name, kind] = p.split(":");
    return [{ name: name.replace(/[*!]/g, ""), kind: /** @type {Kind} */ (kind), need: name.endsWith("!"), rest: name.startsWith("*"), named }];
  });
}

/** @param {Record<string, string>} table @returns {Record<string, Param[]>} */
const signatures = (table) => Object.fromEntries(Object.entries(table).map(([name, text]) => [name, params(text)]));

// In the order of CPython 3.11.
export const CONN = signatures({
  connect: "", close: "", getresponse: "", set_debuglevel: "level!:whole",
  putrequest: "method!:text url!:text skip_host:flag skip_accept_encoding:flag",
  putheader: "header!:text *values:value",
  endheaders: "message_body:body / encode_chunked:flag",
  send: "data!:body",
  request: "method!:text url!:text body:body headers:headers / encode_chunked:flag",
  set_tunnel: "host!:text port:whole headers:headers",
});
export const RESP = signatures({
  read: "amt:whole", readinto: "b!:buffer", read1: "n:whole", peek: "n:whole", readline: "limit:whole", readlines: "",
  getheader: "name!:text default:text", getheaders: "", isclosed: "", close: "",
});
export const CLASSES = signatures({
  "http.client.HTTPConnection": "host!:text port:whole timeout:seconds source_address:address blocksize:whole",
  "http.client.HTTPSConnection": "host!:text port:whole key_file:context cert_file:context timeout:seconds source_address:address / context:context check_hostname:context blocksize:whole",
  "http.client.HTTPResponse": "sock!:socket debuglevel:whole method:text url:text",
});
/** What can be looked at without a call. */
export const CONN_LOOKS = new Set(["host", "port", "timeout", "sock", "debuglevel", "auto_open", "blocksize", "source_address", "default_port"]);
export const RESP_LOOKS = new Set(["status", "reason", "version", "headers", "msg", "debuglevel", "will_close", "length", "chunked", "chunk_left", "code", "url", "info", "geturl", "getcode", "readable", "fp"]);
/** The connection, or a response: the how-manieth. */
export class Thing {
  /** @param {"conn" | "resp"} on @param {number} number -1: the newest, whichever that is */
  constructor(on, number = -1) {
    this.on = on;
    this.number = number;
    this.what = on === "conn" ? "the connection" : "a response";
  }
}
/** A method of one. */
export class Method {
  /** @param {Thing} self @param {string} name */
  constructor(self, name) {
    this.self = self;
    this.name = name;
    this.what = `the method ${name}, which is not called: add ()`;
  }
}
/** A method of a text, of bytes or of what is unknown. */
export class ValueMethod {
  /** @param {Node} self @param {string} name */
  constructor(self, name) {
    this.self = self;
    this.name = name;
    this.what = `the method ${name}, which is not called: add ()`;
  }
}
/** What a statement was to give a name to, had it been without fault: no fault of its own. */
export class Broken {
  what = "what an earlier line was to make";
}
/** A module, or what is in one, by its full name. */
export class Path {
  /** @param {string} path */
  constructor(path) {
    this.path = path;
    this.what = path;
  }
}

/** Whether a value is known before the program runs. @param {any} v */
export const known = (v) => !(v instanceof Unknown || v instanceof Path || v instanceof Thing || v instanceof Method || v instanceof ValueMethod);

/** The connection and responses are no arguments. @param {Node[]} args */
export function whole(args) {
  for (const n of args) {
    if (n.v instanceof Thing) throw new Fault(`${n.v.what} cannot be handed on here: call ${n.v.on === "resp" ? "its read() and hand on what that returns" : "its methods"}`, n.from, n.to);
    if (n.v instanceof Method || n.v instanceof ValueMethod) throw new Fault(`this is ${n.v.what}`, n.from, n.to);
  }
}

/** Arguments by the names of their parameters, as a scenario writes them. @param {string} call @param {Param[]} all @param {Given} g */
export function argumentsOf(call, all, g) {
  /** @type {Record<string, any>} */
  const out = {};
  const positional = all.filter((p) => !p.named), rest = positional.find((p) => p.rest);
  for (const [i, n] of g.list.entries()) {
    const p = positional[i]?.rest ? rest : positional[i] ?? rest;
    if (!p) throw new Fault(`${call}() takes at most ${positional.length} argument${positional.length === 1 ? "" : "s"} by position`, n.from, n.to);
    const value = argument(p, n);
    if (p.rest) (out[p.name] ??= []).push(value);
    else out[p.name] = value;
  }
  for (const [name, n] of g.named) {
    const at = n.name ?? n, p = all.find((x) => x.name === name && !x.rest);
    if (!p) throw new Fault(`${call}() has no parameter “${name}”${all.length ? `: it has ${all.filter((x) => !x.rest).map((x) => x.name).join(", ")}` : ""}`, at.from, at.to);
    if (name in out) throw new Fault(`“${name}” is given twice`, at.from, at.to);
    out[name] = argument(p, n);
  }
  const missing = all.filter((p) => p.need && !(p.name in out)).map((p) => p.name);
  if (missing.length) throw new Fault(`${call}() needs ${missing.join(" and ")}`, g.to - 1, g.to);
  return out;
}

/** @param {Param} p @param {Node} n @returns {any} */
function argument(p, n) {
  const { v, from, to } = n;
  /** @param {string} what @param {string} [instead] */
  const expected = (what, instead = "") => new Fault(`${p.name} is ${what}, found ${kindOf(v)}${instead && `: ${instead}`}`, from, to);
  if (p.kind === "socket") {
    if (!(v instanceof Path && v.path === "conn.sock")) throw expected("the connection’s: write conn.sock");
    return v;
  }
  if (p.kind === "context") {
    if (v === null || (p.name === "context" && v instanceof Unknown && v.what === "an SSL context")) return null;
    throw new Fault(p.name === "context" ? "only ssl.create_default_context() is known here" : `“${p.name}” cannot be chosen here: leave it out`, from, to);
  }
  whole([n]);
  if (v instanceof Unknown || v instanceof Path) throw new Fault(`this is ${v.what}, and not known before the program runs: write the value itself`, from, to);
  switch (p.kind) {
    case "text":
      if (typeof v === "string" || (v === null && !p.need)) return v;
      if (p.name === "header" && v instanceof Uint8Array) return Array.from(v, (b) => String.fromCharCode(b)).join("");
      throw expected("text", v instanceof Uint8Array ? "leave out the b in front of the quotes" : typeof v === "number" ? "write it in quotes" : "");
    case "whole":
      if (typeof v === "number" || (v === null && !p.need)) return v;
      if (typeof v === "boolean") return Number(v);
      throw expected("a whole number", typeof v === "string" && /^\d+$/.test(v) ? "leave out the quotes" : "");
    case "seconds":
      if (typeof v === "number" || v instanceof Float || v === null) return v;
      throw expected("a number of seconds");
    case "flag": return typeof v === "boolean" || v === null ? v : typeof v === "number" ? v !== 0 : (() => { throw expected("True or False"); })();
    case "value": return headerValue(n);
    case "headers":
      if (v === null) return null;
      if (!(v instanceof Dict)) throw expected("a dictionary", "{\"Name\": \"value\"}");
      return v.entries.map(([k, x, key = n, value = n]) => {
        // Where it is written, unless it has a name of its own there.
        const at = key.from >= from && key.to <= to ? [key, value] : [n, n];
        if (typeof k !== "string") throw new Fault(`a header name is text, found ${kindOf(k)}`, at[0].from, at[0].to);
        return [k, headerValue({ ...at[1], v: x })];
      });
    case "buffer":
      if (!(v instanceof ByteArray)) throw expected("a bytearray", "bytearray(16) for one");
      return v.bytes.length;
    case "address": {
      const items = v instanceof Tuple ? v.items : v;
      if (v === null) return null;
      if (!(Array.isArray(items) && items.length === 2 && typeof items[0] === "string" && typeof items[1] === "number")) throw expected("a pair of host and port", "(\"\", 0) for one");
      return items;
    }
    case "body": return body(n);
  }
}

/** @param {Uint8Array} bytes */
const b64 = (bytes) => {
  let s = "";
  for (let i = 0; i < bytes.length; i += 0x8000) s += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return { b64: btoa(s) };
};

/** @param {Node} n */
function headerValue({ v, from, to }) {
  if (typeof v === "string" || typeof v === "number") return v;
  if (v instanceof Uint8Array) return b64(v);
  if (typeof v === "boolean") return kindOf(v);
  const unknown = !known(v);
  throw new Fault(unknown ? `this is ${kindOf(v)}, and not known before the program runs: write the value itself` : `a header value is text, bytes or a whole number, found ${kindOf(v)}`, from, to);
}

/** A body as a scenario writes it. @param {Node} n */
function body({ v, from, to }) {
  if (v === null) return null;
  if (typeof v === "string") return { text: v };
  if (v instanceof Uint8Array) return b64(v);
  if (v instanceof ByteArray) return b64(v.bytes);
  if (v instanceof File) return typeof v.content === "string" ? { textfile: v.content } : { file: b64(v.content) };
  const list = v instanceof Tuple ? v.items : v;
  if (Array.isArray(list)) {
    if (!list.every((x) => x instanceof Uint8Array || x instanceof ByteArray)) throw new Fault("the pieces of a body are bytes: write b in front of the quotes", from, to);
    return { iterable: list.map((x) => b64(x instanceof ByteArray ? x.bytes : x)) };
  }
  throw new Fault(`a body is text, bytes, a file or a list of bytes, found ${kindOf(v)}${v instanceof Dict ? ": json.dumps() or urllib.parse.urlencode() makes text of it" : ""}`, from, to);
}
