// @ts-check
/**
 * Python's expressions, as far as programs of calls have them: literals, names for
 * them, operators, and the calls, which are kept as they are come upon. What only
 * a run would tell is unknown; what cannot be read is a fault, at its place.
 */
import { CLASSES, CONN, CONN_LOOKS, Method, Broken, Path, RESP, RESP_LOOKS, Thing, ValueMethod, argumentsOf, known, whole } from "./pycalls.js";
import { Fault, Float, tokens } from "./pytokens.js";
import { Dict, FUNCTIONS, Given, METHODS, Tuple, Unknown, join, kindOf, operate, textOf } from "./pyvalues.js";
import { KEYWORDS, LOOP, STATEMENTS } from "./pywords.js";

/** @import { Call, ConnectionArgs } from "../types.d.ts" */
/** @import { Token } from "./pytokens.js" */
/** @import { Node } from "./pyvalues.js" */

/** Columns are UTF-16 offsets in the line, half-open. @typedef {{ line: number, from: number, to: number, message: string }} Problem */
/** Where a call stands: its first and its last line, from 0. @typedef {{ first: number, last: number }} Place */
/**
 * @typedef {object} Program
 * @property {Call[]} calls
 * @property {Place[]} places of the calls
 * @property {(ConnectionArgs & { tls: boolean }) | null} ctor
 * @property {Place | null} ctorPlace
 * @property {Problem[]} errors
 * @property {Problem[]} warnings what is read otherwise than Python reads it
 * @property {Place[]} skipped statements that make no call
 * @property {{ conn: string, resp: string }} names of the connection and the newest response, at the end
 */

/** Functions that only look at what they are given. */
const LOOKS = new Set(["print", "repr", "type", "id", "bool", "isinstance", "sorted", "set", "tuple", "pprint.pprint", "json.loads", "ascii"]);
/** Names that stand for a module, or for what is in one, before anything is imported. @type {Record<string, string>} */
const KNOWN = {
  http: "http", json: "json", io: "io", ssl: "ssl", urllib: "urllib", base64: "base64", pprint: "pprint",
  HTTPConnection: "http.client.HTTPConnection", HTTPSConnection: "http.client.HTTPSConnection", HTTPResponse: "http.client.HTTPResponse",
};

/** Brackets and signs in one another that are read. */
const DEEPEST = 200;

/** What it reads from, and what it has found so far. */
export class Expressions {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.list = tokens(text);
    this.at = 0;
    /** Where lines begin. */
    this.starts = [0];
    for (const m of text.matchAll(/\r\n?|\n/g)) this.starts.push(m.index + m[0].length);
    /** @type {Program} */
    this.out = { calls: [], places: [], ctor: null, ctorPlace: null, errors: [], warnings: [], skipped: [], names: { conn: "conn", resp: "resp" } };
    /** @type {Map<string, any>} */
    this.names = new Map(/** @type {[string, any][]} */ ([["conn", new Thing("conn")], ["resp", new Thing("resp")], ["None", null], ["True", true], ["False", false]]));
    /** Responses so far. */
    this.responses = 0;
    /** The method that a response made by hand is to be read for. */
    this.pending = /** @type {Record<string, any> | null} */ (null);
    this.indent = -1;
    /** Expressions that are being read, one in another. */
    this.depth = 0;
    /** Calls of the statement that is read. @type {Call[]} */
    this.calls = [];
    this.made = false;
  }

  /** @param {number} offset */
  lineOf(offset) {
    let a = 0, z = this.starts.length;
    while (z - a > 1) {
      const m = (a + z) >> 1;
      if (this.starts[m] <= offset) a = m;
      else z = m;
    }
    return a;
  }

  /** @param {Fault} f @returns {Problem} */
  problem({ message, from, to }) {
    const line = this.lineOf(from), start = this.starts[line];
    const end = /[^\r\n]*/.exec(this.text.slice(start))?.[0].length ?? 0, a = Math.min(from - start, end);
    return { line, from: a, to: Math.max(a + 1, Math.min(to - start, end)), message };
  }

  get token() { return this.list[this.at]; }

  /** Whether the logical line is over. */
  get ended() { return this.token.type === "newline" || this.token.type === "end"; }

  /** @returns {Token} */
  next() {
    const t = this.token;
    if (t.type === "fault") throw t.fault;
    if (t.type !== "end") this.at++;
    return t;
  }

  /** @param {string} text */
  is(text) { return (this.token.type === "op" || this.token.type === "name") && this.token.text === text; }

  /** @param {string} text */
  take(text) {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  /** @param {string} text @param {string} [what] @returns {Token} */
  expect(text, what = `“${text}”`) {
    if (!this.is(text)) throw this.unexpected(`expected ${what}`);
    return this.next();
  }

  /** @param {string} expected */
  unexpected(expected) {
    const t = this.token;
    if (t.type === "fault") return /** @type {Fault} */ (t.fault);
    if (t.type === "newline" || t.type === "end") return new Fault(`${expected} before the end of the line`, t.from);
    return new Fault(`${expected}, found ${t.type === "op" || t.type === "name" ? `“${t.text}”` : `“${this.text.slice(t.from, Math.min(t.to, t.from + 20))}”`}`, t.from, t.to);
  }

  /** One, or several with commas between, which are a tuple. @returns {Node} */
  items() {
    const first = this.expression();
    if (!this.is(",")) return first;
    const all = [first];
    while (this.take(",") && this.token.type !== "newline" && !this.is("=") && !this.is(";")) all.push(this.expression());
    return { v: new Tuple(all.map((n) => n.v)), from: first.from, to: all[all.length - 1].to };
  }

  /** @returns {Node} */
  expression() {
    const a = this.either();
    if (this.is("if")) throw new Fault("conditions are not decided here: write the value", this.token.from, this.token.to);
    if (this.is(":=")) throw new Fault("“:=” is not done here: give the name its value on a line of its own", this.token.from, this.token.to);
    return a;
  }

  either() { return this.logic(["or"], () => this.logic(["and"], () => this.negated())); }

  /** What only compares is not worked out. @param {string[]} ops @param {() => Node} inner @returns {Node} */
  logic(ops, inner) {
    let a = inner();
    while (this.token.type === "name" && ops.includes(this.token.text)) {
      this.at++;
      const made = this.calls.length, b = inner();
      if (this.calls.length > made) throw new Fault("conditions are not decided here: write each call on a line of its own", b.from, b.to);
      a = { v: new Unknown("a condition"), from: a.from, to: b.to };
    }
    return a;
  }

  /** @returns {Node} */
  negated() {
    const t = this.token;
    if (this.is("not")) {
      while (this.take("not"));
      return { v: new Unknown("a condition"), from: t.from, to: this.negated().to };
    }
    let a = this.binary(0);
    for (;;) {
      if (this.take("is")) this.take("not");
      else if (this.is("not") && this.list[this.at + 1]?.text === "in") this.at += 2;
      else if ((this.token.type === "op" && /^([<>]=?|[=!]=)$/.test(this.token.text)) || this.is("in")) this.at++;
      else return a;
      a = { v: new Unknown("a condition"), from: a.from, to: this.binary(0).to };
    }
  }

  /** @param {number} level @returns {Node} */
  binary(level) {
    const LEVELS = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "//", "%", "@"]];
    if (level === LEVELS.length) return this.unary();
    let a = this.binary(level + 1);
    while (this.token.type === "op" && LEVELS[level].includes(this.token.text)) {
      const op = this.next().text, b = this.binary(level + 1);
      a = { v: known(a.v) && known(b.v) ? operate(op, a, b) : this.unknown(a, b), from: a.from, to: b.to };
    }
    return a;
  }

  /** @param {Node[]} parts */
  unknown(...parts) {
    const at = parts.find((n) => !known(n.v));
    return at?.v instanceof Unknown ? at.v : new Unknown(kindOf(at?.v));
  }

  /** @returns {Node} */
  unary() {
    const t = this.token;
    if (this.depth === DEEPEST) throw new Fault("this is nested too deeply: give its parts names", t.from, t.to);
    this.depth++;
    try {
      return this.signed(t);
    } finally {
      this.depth--;
    }
  }

  /** @param {Token} t @returns {Node} */
  signed(t) {
    if (t.type === "op" && ["-", "+", "~"].includes(t.text)) {
      this.at++;
      const a = this.unary(), at = { from: t.from, to: a.to };
      if (!known(a.v)) return { ...at, v: a.v };
      if (a.v instanceof Float && t.text !== "~") return { ...at, v: new Float(t.text === "-" ? -a.v.value : a.v.value) };
      const n = typeof a.v === "boolean" ? Number(a.v) : a.v;
      if (typeof n !== "number") throw new Fault(`“${t.text}” stands before a number, not before ${kindOf(a.v)}`, t.from, a.to);
      return { ...at, v: t.text === "-" ? (n === 0 ? 0 : -n) : t.text === "~" ? -n - 1 : n };
    }
    const a = this.primary();
    if (!this.is("**")) return a;
    this.at++;
    const b = this.unary();
    return { v: known(a.v) && known(b.v) ? operate("**", a, b) : this.unknown(a, b), from: a.from, to: b.to };
  }

  /** @returns {Node} */
  primary() {
    let a = this.atom();
    for (;;) {
      if (this.is("(")) a = this.call(a);
      else if (this.is("[")) a = this.subscript(a);
      else if (this.take(".")) {
        const t = this.token;
        if (t.type !== "name") throw this.unexpected("expected a name");
        this.at++;
        a = { v: this.attribute(a, t), from: a.from, to: t.to };
      } else return a;
    }
  }

  /** @returns {Node} */
  atom() {
    const t = this.token;
    if (t.type === "string" || t.type === "f-string") return this.strings();
    if (t.type === "number") { this.at++; return { v: t.value, from: t.from, to: t.to }; }
    if (t.type === "fault") throw t.fault;
    if (this.take("(")) return this.bracketed(t);
    if (this.take("[")) return this.sequence(t);
    if (this.take("{")) return this.dictionary(t);
    if (t.text === "..." && t.type === "op") { this.at++; return { v: new Unknown("“...”"), from: t.from, to: t.to }; }
    if (t.type !== "name" || (KEYWORDS.has(t.text) && t.text !== "lambda")) throw this.unexpected("expected a value");
    this.at++;
    if (KEYWORDS.has(t.text)) throw new Fault(STATEMENTS.def, t.from, t.to);
    return { v: this.lookUp(t), from: t.from, to: t.to };
  }

  /** @param {Token} t */
  lookUp(t) {
    if (this.names.has(t.text)) {
      const v = this.names.get(t.text);
      if (v instanceof Broken) throw new Fault("", t.from, t.to);
      return v;
    }
    if (this.is("for")) throw new Fault(LOOP, this.token.from, this.token.to);
    if (Object.hasOwn(KNOWN, t.text)) return new Path(KNOWN[t.text]);
    if (Object.hasOwn(FUNCTIONS, t.text) || LOOKS.has(t.text) || t.text === "list") return new Path(t.text);
    const instead = { null: "None", none: "None", true: "True", false: "False", response: "resp", connection: "conn" }[t.text];
    const first = this.token.text === "." ? (instead ? `: write ${instead}, or give the name its value first` : ": use conn or resp, or give the name its value first") : instead ? `: write ${instead}` : ": give the name its value first, or write the value";
    throw new Fault(`“${t.text}” is not defined here${first}`, t.from, t.to);
  }

  /** Literals side by side are one. @returns {Node} */
  strings() {
    const first = this.token;
    /** @type {(string | Uint8Array | Unknown)[]} */
    const parts = [];
    let to = first.to;
    for (; this.token.type === "string" || this.token.type === "f-string"; to = this.list[this.at - 1].to) {
      const t = this.next();
      if (t.type === "string") parts.push(/** @type {string | Uint8Array} */ (t.value));
      else parts.push(...this.formatted(t));
      const last = parts[parts.length - 1];
      if (last !== undefined && parts[0] instanceof Uint8Array !== last instanceof Uint8Array) throw new Fault("bytes and text side by side are not one literal", first.from, t.to);
    }
    const unknown = parts.find((p) => p instanceof Unknown);
    const v = unknown ?? (parts[0] instanceof Uint8Array ? join(/** @type {Uint8Array[]} */ (parts)) : parts.join(""));
    return { v, from: first.from, to };
  }

  /** @param {Token} t an f-string @returns {(string | Unknown)[]} */
  formatted(t) {
    return /** @type {import("./pytokens.js").Piece[]} */ (t.value).map((piece) => {
      if (typeof piece === "string") return piece;
      const { list, at } = this;
      this.list = tokens(this.text, piece.from, piece.to);
      this.at = 0;
      try {
        if (this.token.type === "end") throw new Fault("an expression was expected in the braces", piece.from - 1, piece.to + 1);
        const n = this.expression();
        if (this.is("=") || this.is(":") || this.token.type === "fault") throw new Fault("formats are not known here: leave only the name in the braces", this.token.from, piece.to);
        if (this.token.type !== "newline") throw this.unexpected("expected “}”");
        return known(n.v) ? textOf(n) : this.unknown(n);
      } finally {
        this.list = list;
        this.at = at;
      }
    });
  }

  /** `(…)`: an expression, or a tuple. @param {Token} open @returns {Node} */
  bracketed(open) {
    /** @type {any[]} */
    const items = [];
    let tuple = this.is(")");
    while (!this.is(")")) {
      items.push(this.expression().v);
      this.comprehension();
      if (!this.take(",")) break;
      tuple = true;
    }
    const { to } = this.expect(")", "“,” or “)”");
    return { v: tuple ? new Tuple(items) : items[0], from: open.from, to };
  }

  comprehension() {
    if (this.is("for") || this.is("async")) throw new Fault(LOOP, this.token.from, this.token.to);
  }

  /** @param {Token} open @returns {Node} */
  sequence(open) {
    /** @type {any[]} */
    const items = [];
    while (!this.is("]")) {
      items.push(this.expression().v);
      this.comprehension();
      if (!this.take(",")) break;
    }
    const { to } = this.expect("]", "“,” or “]”");
    return { v: items, from: open.from, to };
  }

  /** @param {Token} open @returns {Node} */
  dictionary(open) {
    const dict = new Dict([]);
    while (!this.is("}")) {
      if (this.take("**")) {
        const n = this.expression();
        if (!(n.v instanceof Dict)) throw new Fault(`a dictionary was expected, found ${kindOf(n.v)}`, n.from, n.to);
        for (const [k, v] of n.v.entries) dict.set(k, v);
      } else {
        const key = this.expression();
        this.expect(":");
        const value = this.expression();
        this.comprehension();
        if (dict.entries.some(([k]) => k === key.v)) {
          this.out.warnings.push(this.problem(new Fault("a dictionary has a name once: Python would keep the last of them, here each is sent", key.from, key.to)));
        }
        dict.entries.push([key.v, value.v, key, value]);
      }
      if (!this.take(",")) break;
    }
    const { to } = this.expect("}", "“,” or “}”");
    return { v: dict, from: open.from, to };
  }

  /** @param {Node} a @returns {Node} */
  subscript(a) {
    this.next();
    if (!this.is(":")) this.expression();
    while (this.take(":")) if (!this.is("]") && !this.is(":")) this.expression();
    const { to } = this.expect("]");
    const key = this.list[this.at - 2];
    if (a.v instanceof Dict && this.list[this.at - 3]?.text === "[" && key.type === "string") {
      const found = a.v.entries.filter(([k]) => k === key.value).pop();
      if (found) return { v: found[1], from: a.from, to };
    }
    return { v: new Unknown(known(a.v) ? "a part of a value" : "what a call returned"), from: a.from, to };
  }

  /** @param {Node} a @param {Token} t @returns {any} */
  attribute(a, t) {
    const { v } = a;
    if (v instanceof Thing) {
      const [table, looks] = v.on === "conn" ? [CONN, CONN_LOOKS] : [RESP, RESP_LOOKS];
      if (v.on === "resp" && t.text === "closed") { this.make("closed", {}, v, a); return new Unknown("what a call returned"); }
      if (v.on === "resp" && t.text === "begin" && this.pending) return new Method(v, t.text);
      if (Object.hasOwn(table, t.text)) return new Method(v, t.text);
      if (looks.has(t.text)) return v.on === "conn" && t.text === "sock" ? new Path("conn.sock") : new Unknown(`the attribute ${t.text}, which is only known when the program runs`);
      throw new Fault(`${this.text.slice(a.from, a.to).slice(0, 30)} has no call “${t.text}”: there are ${Object.keys(table).join(", ")}`, t.from, t.to);
    }
    if (v instanceof Path) return new Path(`${v.path}.${t.text}`);
    if (v instanceof Method || v instanceof ValueMethod) throw new Fault(`“${v.name}” is not called: add () before the dot`, a.from, a.to);
    return new ValueMethod(a, t.text);
  }

  /** @param {Node} f what is called @returns {Node} */
  call(f) {
    const { v } = f;
    if (v instanceof Path && v.path === "list") {
      const [t, close] = [this.list[this.at + 1], this.list[this.at + 2]];
      const thing = t?.type === "name" ? this.names.get(t.text) : null;
      if (thing instanceof Thing && thing.on === "resp" && close?.text === ")") {
        this.at += 3;
        // What it does is what readlines() does: both go through the lines.
        this.make("readlines", {}, thing, { v: thing, from: t.from, to: t.to });
        return { v: new Unknown("what a call returned"), from: f.from, to: close.to };
      }
    }
    const g = this.given(v instanceof Method || v instanceof ValueMethod ? v.name : v instanceof Path ? v.path.split(".").pop() ?? "" : "it");
    const out = this.result(f, g);
    return { v: out, from: f.from, to: g.to };
  }

  /** What a call returns, as far as that is known. @param {Node} f @param {Given} g @returns {any} */
  result(f, g) {
    const { v } = f;
    if (v instanceof Method) return this.method(v, f, g);
    if (v instanceof Path) return this.called(v.path, f, g);
    const all = [...g.list, ...g.named.values()];
    if (v instanceof ValueMethod) {
      whole(all);
      if (!known(v.self.v) || all.some((n) => !known(n.v))) return new Unknown("what a call returned");
      if (v.self.v instanceof Dict && v.name === "update") {
        for (const [k, x] of FUNCTIONS.dict(g).entries) v.self.v.set(k, x);
        this.made = true;
        return null;
      }
      if (v.self.v instanceof Dict && v.name === "copy") return new Dict(v.self.v.entries.map(([k, x]) => [k, x]));
      if (!Object.hasOwn(METHODS, v.name)) throw new Fault(`“${v.name}” is not known here: write what comes of it`, f.to - v.name.length, f.to);
      return METHODS[v.name](v.self, g);
    }
    throw new Fault(`${kindOf(v)} cannot be called`, f.from, f.to);
  }

  /** @param {string} path @param {Node} f @param {Given} g @returns {any} */
  called(path, f, g) {
    const all = [...g.list, ...g.named.values()];
    if (Object.hasOwn(CLASSES, path)) {
      const args = argumentsOf(path.split(".").pop() ?? "", CLASSES[path], g);
      if (path === "http.client.HTTPResponse") {
        this.pending = args.method == null ? {} : { method: args.method };
        this.made = true;
        return new Thing("resp", this.responses);
      }
      return this.connection(path, args, f, g);
    }
    if (LOOKS.has(path)) {
      const method = all.find((n) => n.v instanceof Method || n.v instanceof ValueMethod);
      if (method) whole([method]);
      return new Unknown("what is only looked at");
    }
    whole(all);
    if (Object.hasOwn(FUNCTIONS, path)) {
      if (all.some((n) => !known(n.v))) return new Unknown("what a call returned");
      return FUNCTIONS[path](g);
    }
    throw new Fault(path.startsWith("ssl.") ? `“${path}” is not known here: ssl.create_default_context() is, which verifies` : `“${path}” is not run here: the calls of http.client are, and what makes values for them, such as json.dumps, urllib.parse.urlencode, base64.b64encode, io.BytesIO`, f.from, f.to);
  }

  /** @param {string} path @param {Record<string, any>} args @param {Node} f @param {Given} g */
  connection(path, args, f, g) {
    const { host, port, timeout, source_address: source, blocksize } = args;
    if (this.out.ctor) throw new Fault("a program here has one connection: a further one is a program of its own", f.from, g.to);
    if (this.calls.length || this.out.calls.length) throw new Fault("the connection is made before its calls: move this line to the top", f.from, g.to);
    this.made = true;
    this.out.ctor = {
      host, port: port ?? null, tls: path.endsWith("HTTPSConnection"),
      ...(timeout == null ? {} : { timeout: timeout instanceof Float ? timeout.value : timeout }),
      ...(source == null ? {} : { source_address: /** @type {[string, number]} */ (source) }), ...(blocksize == null ? {} : { blocksize }),
    };
    this.out.ctorPlace = { first: this.lineOf(f.from), last: this.lineOf(g.to - 1) };
    return new Thing("conn");
  }

  /** @param {Method} m @param {Node} f @param {Given} g */
  method({ self, name }, f, g) {
    const at = { v: self, from: f.from, to: f.to };
    if (name === "begin") {
      g.take([]);
      const args = this.pending ?? {};
      this.pending = null;
      this.responses++;
      this.calls.push({ name: "begin", args });
      return null;
    }
    if (self.on === "resp" && this.pending) throw new Fault("call begin() first: it reads the status line and the headers", f.from, f.to);
    const raw = argumentsOf(name, (self.on === "conn" ? CONN : RESP)[name], g);
    /** @type {Record<string, any>} */
    const args = {};
    // What is given as it would be by itself is left out, as it is by everything else that makes calls.
    for (const [k, v] of Object.entries(raw)) {
      if (v !== null && v !== false && !(k === "headers" && !v.length)) args[name === "readinto" ? "n" : k] = v;
    }
    if (name === "putheader") args.values ??= [];
    this.make(self.on === "resp" && name === "close" ? "response_close" : name, args, self, at);
    if (name === "getresponse") return new Thing("resp", this.responses++);
    return new Unknown("what a call returned");
  }

  /** @param {string} name @param {Record<string, any>} args @param {Thing} self @param {Node} at */
  make(name, args, self, at) {
    if (self.on === "resp" && self.number >= 0 && self.number < this.responses - 1) {
      throw new Fault(`this is an earlier response: calls go to the newest, “${this.out.names.resp}”`, at.from, at.to);
    }
    this.calls.push({ name, args });
  }

  /** `(…)`: what is given by position and by name. @param {string} name @returns {Given} */
  given(name) {
    const open = this.next();
    /** @type {Node[]} */
    const list = [];
    /** @type {Map<string, Node>} */
    const named = new Map();
    while (!this.is(")")) {
      const t = this.token;
      if (this.is("*") || this.is("**")) throw new Fault("arguments are not unpacked here: write them out", t.from, t.to);
      if (t.type === "name" && this.list[this.at + 1]?.type === "op" && this.list[this.at + 1].text === "=") {
        this.at += 2;
        if (named.has(t.text)) throw new Fault(`“${t.text}” is given twice`, t.from, t.to);
        named.set(t.text, { ...this.expression(), name: t });
      } else {
        const n = this.expression();
        this.comprehension();
        if (named.size) throw new Fault("an argument without a name comes before those with one", n.from, n.to);
        list.push(n);
      }
      if (!this.take(",")) break;
    }
    const { to } = this.expect(")", "“,” or “)”");
    return new Given(name, list, named, open.from, to);
  }
}
