// @ts-check
/** The field tree at a cursor: messages, their lines, the parts of those. */
import { latin1, sizeText } from "./bytes.js";
import { idsOf } from "./fields.js";
import { spanText } from "../texts/spans.js";

/** @import { FieldNode, Dir } from "../types.d.ts" */
/** @import { EventLog, Leaf, Stream } from "./log.js" */
/** @import { Extent, Field } from "./fields.js" */

/** How much of a value is read for labels; longer ones are shown in the body view. */
const VALUE_LIMIT = 400;

/** A message at a cursor: its nodes, made when they are looked at. */
class Message {
  /** @param {number} cursor @param {string} suffix what tells it from others of its kind */
  constructor(cursor, suffix) {
    this.cursor = cursor;
    this.suffix = suffix;
    /** @type {Map<Field, Node>} */
    this.nodes = new Map();
  }

  /** @param {Field} field */
  node(field) {
    let n = this.nodes.get(field);
    if (!n) this.nodes.set(field, (n = new Node(this, field)));
    return n;
  }
}

/** A field at a cursor. What is said of it is worked out when it is looked at: most fields never are. */
class Node {
  /** @param {Message} message @param {Field} field */
  constructor(message, field) {
    this.message = message;
    this.field = field;
    this.id = field.id;
    this.kind = field.kind;
    this.level = field.level;
  }

  /** @type {Extent | null} */
  #extent = null;
  /** @type {Node[] | null} */
  #children = null;
  /** @type {string | null} */
  #label = null;
  /** @type {string | null} */
  #value = null;

  get conn() { return this.field.conn; }
  get dir() { return this.field.dir; }
  get exchange() { return this.field.exchange; }
  get path() { return this.field.path; }
  get #at() { return (this.#extent ??= this.field.at(this.message.cursor)); }
  get ranges() { return this.#at.ranges; }
  get start() { return this.#at.start; }
  get end() { return this.#at.end; }
  get size() { return this.#at.size; }
  /** @returns {FieldNode | null} */
  get parent() { return this.field.parent && this.message.node(this.field.parent); }
  /** @returns {FieldNode[]} */
  get children() { return (this.#children ??= this.field.childrenAt(this.message.cursor).map((c) => this.message.node(c))); }
  /** @returns {string} */
  get label() { return (this.#label ??= labelOf(this) + (this.level === 1 ? this.message.suffix : "")); }

  /** @returns {string} */
  get value() {
    return (this.#value ??= this.children.length ? (this.level > 1 ? summaryOf(this, this.field.stream) : "")
      : (this.#at.value ?? latin1(this.field.stream.slice(this.ranges[0][0], Math.min(this.ranges[0][1], this.ranges[0][0] + VALUE_LIMIT)))));
  }

  /** The leaves under it, in stream order. */
  leaves() { return this.field.leavesAt(this.message.cursor); }
}

/** Messages that are all there are the same at every later cursor. @type {WeakMap<Field, Message>} */
const whole = new WeakMap();

export class Tree {
  /** @param {EventLog} log @param {number} cursor */
  constructor(log, cursor) {
    this.fields = log.fields;
    this.cursor = cursor;
    /** @type {Map<Field, Message>} */
    this.messages = new Map();
    /** @type {FieldNode[]} */
    this.roots = this.fields.messagesAt(cursor).map((f) => this.#node(f));
  }

  /** The field with an id, if it is there at the cursor. @param {string} id @returns {FieldNode | null} */
  node(id) {
    const f = this.fields.byId.get(id);
    return f && f.first < this.cursor ? this.#node(f) : null;
  }

  /** The lines and parts of messages that began at event `from` or later. @param {number} from @returns {FieldNode[]} */
  begunSince(from) {
    return this.fields.messagesAt(this.cursor).filter((m) => m.last >= from)
      .flatMap((m) => m.children.filter((c) => c.first >= from && c.first < this.cursor).map((c) => this.#node(c)));
  }

  /** @param {Field} field */
  #node(field) {
    const f = field.message;
    let m = this.messages.get(f);
    if (!m) this.messages.set(f, (m = this.#message(f)));
    return m.node(field);
  }

  /** @param {Field} f */
  #message(f) {
    const suffix = this.fields.numberOf(f, this.cursor);
    if (f.last >= this.cursor) return new Message(this.cursor, suffix);
    const known = whole.get(f);
    // One that grew since, or was alone of its kind, is another.
    if (known && known.cursor > f.last && known.suffix === suffix) return known;
    const m = new Message(f.last + 1, suffix);
    whole.set(f, m);
    return m;
  }
}

/** @param {FieldNode} node @param {string} kind */
const child = (node, kind) => node.children.find((c) => c.kind === kind);

/** @param {string} segment `header[3]` → `["header", "3"]` */
export function splitSegment(segment) {
  const m = /^(.*)\[(\d+)\]$/.exec(segment);
  return m ? [m[1], m[2]] : [segment, ""];
}

/** @param {FieldNode} node */
function labelOf(node) {
  const [base, n] = splitSegment(node.path[node.path.length - 1]);
  if (node.level === 1) {
    return `${base === "interim" ? `interim response ${Number(n) + 1}` : base.replace("-", " ")}`;
  }
  if (!node.children.length) return spanText(node.kind).label;
  const name = child(node, "name");
  if (name) return name.value || "(empty name)";
  if (child(node, "last-chunk")) return "last chunk";
  return base.replace(/-/g, " ") + (n === "" ? "" : " " + n);
}

/** @param {FieldNode} node @param {Stream} stream */
function summaryOf(node, stream) {
  const value = child(node, "value");
  if (child(node, "name")) return value?.value ?? "";
  const data = node.children.filter((c) => c.kind === "chunk-data" || c.kind === "body");
  if (data.length) return sizeText(data.reduce((n, c) => n + c.size, 0));
  return latin1(stream.slice(node.start, Math.min(node.end, node.start + VALUE_LIMIT))).replace(/\r?\n$/, "");
}

/** The id of the tree node of a leaf. @param {Leaf} leaf */
export const leafId = (leaf) => /** @type {string} */ (idsOf(leaf).at(-1));

/** The path of a node for the readout: `Host › value`. @param {FieldNode} node */
export function crumbs(node) {
  /** @type {string[]} */
  const out = [];
  for (let n = /** @type {FieldNode | null} */ (node); n; n = n.parent) out.unshift(n.label);
  return out;
}

/** The deepest node that covers all of a range. @param {Tree} tree @param {number} conn @param {Dir} dir @param {number} start @param {number} end */
export function enclosing(tree, conn, dir, start, end) {
  /** @type {FieldNode | null} */
  let best = null;
  let list = tree.roots.filter((r) => r.conn === conn && r.dir === dir);
  for (;;) {
    const hit = list.find((n) => n.ranges.some(([s, e]) => s <= start && end <= e));
    if (!hit) return best;
    best = hit;
    list = hit.children;
  }
}
