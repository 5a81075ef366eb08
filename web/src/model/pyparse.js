// @ts-check
/**
 * Programs in the syntax of Python's documented calls. This is no Python:
 * literals, names for them, imports and the calls of http.client are read;
 * nothing is decided or repeated, and what is only looked at, with print() for
 * one, is skipped. What cannot be read is a fault, at its column.
 */
import { Expressions } from "./pyexpressions.js";
import { Broken, Method, Path, Thing, ValueMethod, known } from "./pycalls.js";
import { Fault } from "./pytokens.js";
import { Dict, Tuple, Unknown, operate } from "./pyvalues.js";
import { KEYWORDS, STATEMENTS } from "./pywords.js";

/** @import { Token } from "./pytokens.js" */
/** @import { Node } from "./pyvalues.js" */
/** @import { Program } from "./pyexpressions.js" */

class Parser extends Expressions {
  program() {
    while (this.token.type !== "end") {
      if (this.token.type === "newline") { this.at++; continue; }
      const first = this.token;
      this.calls = [];
      this.made = false;
      try {
        this.indented(first);
        do { if (!this.ended) this.statement(); } while (this.take(";"));
        if (!this.ended) throw this.tail();
        if (!this.made && !this.calls.length) this.out.skipped.push({ first: this.lineOf(first.from), last: this.lineOf(Math.max(first.from, this.token.from - 1)) });
      } catch (e) {
        if (!(e instanceof Fault)) throw e;
        // What follows from an earlier fault is none of its own.
        if (e.message) this.out.errors.push(this.problem(e));
        this.recover(first);
        continue;
      }
      const place = { first: this.lineOf(first.from), last: this.lineOf(Math.max(first.from, this.token.from - 1)) };
      for (const c of this.calls) {
        this.out.calls.push(c);
        this.out.places.push(place);
      }
    }
    return this.out;
  }

  /** What follows a statement that is complete. */
  tail() {
    const t = this.token;
    if (t.type === "fault") return /** @type {Fault} */ (t.fault);
    return new Fault("one call a line", t.from, this.endOf(t));
  }

  /** Where the line that a token is in ends, as far as it goes. @param {Token} t */
  endOf(t) {
    return t.from + (/[^\r\n]*/.exec(this.text.slice(t.from))?.[0].trimEnd().length ?? 1);
  }

  /** Lines begin where the first one does. @param {Token} t */
  indented(t) {
    const column = t.from - this.starts[this.lineOf(t.from)];
    if (this.indent < 0) this.indent = column;
    if (column !== this.indent) throw new Fault("unexpected indentation: lines begin where the first one does", t.from - column, t.from);
  }

  /** Goes on at the next statement: past the block, where it has one. @param {Token} first */
  recover(first) {
    const from = this.at, column = first.from - this.starts[this.lineOf(first.from)];
    while (!this.ended) this.at++;
    const begun = this.list.indexOf(first);
    if (first.type === "name" && !KEYWORDS.has(first.text) && this.list[begun + 1]?.text === "=") {
      const made = this.list.slice(begun, this.at).map((t) => t.text);
      this.names.set(first.text, made.some((t) => /^HTTPS?Connection$/.test(t)) ? new Thing("conn") : made.includes("getresponse") ? new Thing("resp") : new Broken());
    }
    if (!(this.at > from && this.list[this.at - 1].text === ":") && !Object.hasOwn(STATEMENTS, first.text)) return;
    for (;;) {
      while (this.token.type === "newline") this.at++;
      const t = this.token, inner = t.type !== "end" && t.from - this.starts[this.lineOf(t.from)] > column;
      if (!inner && !["elif", "else", "except", "finally"].includes(t.text)) return;
      while (!this.ended) this.at++;
    }
  }

  statement() {
    const t = this.token;
    if (t.type === "name") {
      if (t.text === "import") { this.next(); this.imports(); return; }
      if (t.text === "from") { this.next(); this.importsFrom(); return; }
      if (t.text === "pass") { this.next(); this.made = true; return; }
      if (KEYWORDS.has(t.text) && t.text !== "not") throw new Fault(STATEMENTS[t.text] || `“${t.text}” is no call: only calls are made here, one after the other`, t.from, t.to);
    }
    if (this.text.startsWith(">>>", t.from) || t.text === "...") {
      throw new Fault("this is the prompt of a Python session: leave it out", t.from, t.from + 3);
    }
    if (t.text === "@") throw new Fault(STATEMENTS.def, t.from);
    const values = this.targets();
    if (!values) return;
    // Assignments, the value last.
    const value = values.pop();
    for (const target of values) this.assign(target, /** @type {Node} */ (value));
  }

  /** `a = b = value`: the parts; null when nothing is assigned. @returns {Node[] | null} */
  targets() {
    /** @type {Node[]} */
    const out = [];
    for (;;) {
      const at = this.at, target = this.target();
      if (target && this.is("=")) {
        this.next();
        out.push(target);
        continue;
      }
      const plus = target && this.token.type === "op" && /^(\+|-|\*|\/|\/\/|%|\||&|\^|@|>>|<<|\*\*)=$/.test(this.token.text);
      if (target && plus) {
        const op = this.next().text.slice(0, -1), old = this.valueOf(target), b = this.items();
        this.assign(target, { v: known(old.v) && known(b.v) ? operate(op, old, b) : new Unknown("what a call returned"), from: b.from, to: b.to });
        return null;
      }
      this.at = at;
      out.push(this.items());
      break;
    }
    const { v, from, to } = out[out.length - 1];
    if (this.token.type === "fault") throw this.token.fault;
    if (v instanceof Method || v instanceof ValueMethod) throw new Fault(`this is ${v.what}`, from, to);
    this.made ||= out.length > 1;
    return out.length > 1 ? out : null;
  }

  /** What can stand before an equals sign; null if something else does. @returns {Node | null} */
  target() {
    const t = this.token;
    if (t.type !== "name" || KEYWORDS.has(t.text)) return null;
    const start = this.at;
    this.at++;
    if (this.is(":") && this.list[this.at + 1]?.type === "name") {
      // An annotation says nothing here.
      while (this.token.type !== "newline" && this.token.type !== "end" && !this.is("=")) this.at++;
      return { v: { name: t.text }, from: t.from, to: t.to };
    }
    if (this.token.type === "op" && /^([-+*/%&|^@]|\/\/|\*\*|<<|>>)?=$/.test(this.token.text)) return { v: { name: t.text }, from: t.from, to: t.to };
    if (this.is(",")) {
      const names = [t.text];
      while (this.take(",") && this.token.type === "name" && !KEYWORDS.has(this.token.text)) names.push(this.next().text);
      if (this.is("=")) return { v: { names }, from: t.from, to: this.list[this.at - 1].to };
    }
    if (this.is("[")) {
      // As in headers["Accept"] = …
      const close = this.at + 2;
      if (this.list[close]?.text === "]" && this.list[close + 1]?.text === "=") {
        this.at++;
        const key = this.expression();
        this.at = close + 1;
        return { v: { name: t.text, key: key.v }, from: t.from, to: this.list[close].to };
      }
    }
    if (this.is(".") && this.list[this.at + 1]?.type === "name" && this.list[this.at + 2]?.text === "=") {
      throw new Fault(`attributes are not set here${this.list[this.at + 1].text === "debuglevel" ? ": call set_debuglevel()" : ""}`, t.from, this.list[this.at + 1].to);
    }
    this.at = start;
    return null;
  }

  /** @param {Node} target */
  valueOf({ v, from, to }) {
    if (v.name === undefined || "key" in v || !this.names.has(v.name)) throw new Fault(`“${v.name ?? "this"}” has no value yet`, from, to);
    return { v: this.names.get(v.name), from, to };
  }

  /** @param {Node} target @param {Node} value */
  assign(target, value) {
    const { name, names, key } = target.v;
    this.made = true;
    if (["None", "True", "False"].includes(name)) throw new Fault(`“${name}” cannot be given another value`, target.from, target.to);
    if (names) {
      const list = value.v instanceof Tuple ? value.v.items : value.v;
      if (Array.isArray(list) && list.length !== names.length) throw new Fault(`${names.length} names and ${list.length} values`, target.from, value.to);
      for (const [i, n] of names.entries()) this.names.set(n, Array.isArray(list) ? list[i] : new Unknown("what a call returned"));
      return;
    }
    if (key !== undefined) {
      const dict = this.names.get(name);
      if (!(dict instanceof Dict)) throw new Fault(`“${name}” is no dictionary here`, target.from, target.to);
      dict.set(key, value.v);
      return;
    }
    this.names.set(name, value.v);
    if (value.v instanceof Thing) this.out.names[value.v.on] = name;
  }

  /** `a.b.c`, as after import. */
  dotted() {
    let path = this.word("a module");
    while (this.take(".")) path += "." + this.word("a name");
    return path;
  }

  /** @param {string} what */
  word(what) {
    if (this.token.type !== "name" || KEYWORDS.has(this.token.text)) throw this.unexpected(`expected ${what}`);
    return this.next().text;
  }

  imports() {
    this.made = true;
    do {
      const path = this.dotted();
      if (this.take("as")) this.names.set(this.word("a name"), new Path(path));
      else this.names.set(path.split(".")[0], new Path(path.split(".")[0]));
    } while (this.take(","));
  }

  importsFrom() {
    this.made = true;
    const path = this.dotted();
    this.expect("import");
    if (this.take("*")) return;
    const brackets = this.take("(");
    do {
      if (brackets && this.is(")")) break;
      const name = this.word("a name");
      this.names.set(this.take("as") ? this.word("a name") : name, new Path(`${path}.${name}`));
    } while (this.take(","));
    if (brackets) this.expect(")");
  }
}

/** The last program that was read, as it is asked for again and again. @type {{ text: string, program: Program } | null} */
let last = null;

/** @param {string} text @returns {Program} */
export function parseProgram(text) {
  if (last?.text !== text) last = { text, program: new Parser(text).program() };
  return last.program;
}

/** What was copied from a Python session, as a program: without its prompts, and with what it printed as comments. @param {string} text */
export function withoutPrompts(text) {
  if (!/^[ \t]*>>> /m.test(text)) return text;
  return text.split(/\r\n?|\n/).map((line) => {
    const code = /^[ \t]*(?:>>>|\.\.\.)(?: (.*))?$/.exec(line);
    return code ? code[1] ?? "" : line.trim() ? "# " + line : line;
  }).join("\n");
}
