// @ts-check
/**
 * The field tree: the leaf spans of the log, grouped by the paths the core gave
 * them. Leaves that share a path (the pieces of one body) become one node with
 * several ranges.
 */
import { latin1, sizeText } from "./bytes.js";
import { spanText } from "../texts/spans.js";

/** @import { FieldNode, Dir, Range } from "../types.d.ts" */
/** @import { EventLog, Leaf, Stream } from "./log.js" */

/** How much of a value is read for labels; longer ones are shown in the body view. */
const VALUE_LIMIT = 400;

/** @typedef {{ roots: FieldNode[], byId: Map<string, FieldNode> }} Tree */

/** A node whose label and value are worked out when they are looked at: most never are. */
class Node {
  /** @param {Stream} stream @param {Leaf} leaf @param {string} id @param {number} depth @param {Node | null} parent */
  constructor(stream, leaf, id, depth, parent) {
    this.stream = stream;
    this.id = id;
    this.conn = leaf.conn;
    this.dir = leaf.dir;
    this.exchange = leaf.exchange;
    this.path = depth === leaf.path.length ? leaf.path : leaf.path.slice(0, depth);
    this.kind = depth === leaf.path.length ? leaf.kind : "";
    /** @type {Range[]} */
    this.ranges = [];
    this.start = leaf.start;
    this.end = leaf.end;
    this.size = 0;
    /** @type {Node[]} */
    this.children = [];
    this.parent = parent;
    this.level = depth;
    /** What the parser took, where the span says. @type {string | undefined} */
    this.taken = undefined;
    /** Tells messages of the same kind apart. */
    this.suffix = "";
  }

  /** @returns {string} */
  get label() {
    const v = labelOf(this) + this.suffix;
    Object.defineProperty(this, "label", { value: v });
    return v;
  }

  /** @returns {string} */
  get value() {
    const v = this.children.length ? (this.level > 1 ? summaryOf(this, this.stream) : "")
      : (this.taken ?? latin1(this.stream.slice(this.ranges[0][0], Math.min(this.ranges[0][1], this.ranges[0][0] + VALUE_LIMIT))));
    Object.defineProperty(this, "value", { value: v });
    return v;
  }
}

/**
 * @param {EventLog} log
 * @param {number} cursor
 * @returns {Tree}
 */
export function buildTree(log, cursor) {
  /** @type {Map<string, Node>} */
  const byId = new Map();
  /** @type {{ root: Node, event: number }[]} */
  const roots = [];
  for (const stream of log.streams.values()) {
    for (const leaf of stream.leaves) {
      if (leaf.event < cursor) add(byId, roots, leaf, stream);
    }
  }
  roots.sort((a, b) => a.event - b.event);
  const list = roots.map((r) => r.root);
  number(list);
  return { roots: list, byId };
}

/** The ids of a leaf's path, outermost first; a log's leaves never change. @type {WeakMap<Leaf, string[]>} */
const pathIds = new WeakMap();

/** @param {Leaf} leaf */
function idsOf(leaf) {
  let ids = pathIds.get(leaf);
  if (!ids) {
    let id = `c${leaf.conn}-${leaf.dir}-x${leaf.exchange}/`;
    ids = leaf.path.map((segment, i) => (id += (i ? "/" : "") + segment));
    pathIds.set(leaf, ids);
  }
  return ids;
}

/** @param {Map<string, Node>} byId @param {{ root: Node, event: number }[]} roots @param {Leaf} leaf @param {Stream} stream */
function add(byId, roots, leaf, stream) {
  /** @type {Node | null} */
  let parent = null;
  const ids = idsOf(leaf);
  for (let depth = 1; depth <= ids.length; depth++) {
    const id = ids[depth - 1];
    let node = byId.get(id);
    if (!node) {
      node = new Node(stream, leaf, id, depth, parent);
      byId.set(id, node);
      if (parent) parent.children.push(node);
      else roots.push({ root: node, event: leaf.event });
      if (depth === ids.length) node.taken = leaf.value;
    }
    addRange(node.ranges, leaf.start, leaf.end);
    if (leaf.start < node.start) node.start = leaf.start;
    if (leaf.end > node.end) node.end = leaf.end;
    node.size += leaf.end - leaf.start;
    parent = node;
  }
}

/** Leaves arrive in stream order, so a range only ever grows the last one. @param {Range[]} ranges @param {number} start @param {number} end */
function addRange(ranges, start, end) {
  const last = ranges[ranges.length - 1];
  if (last && last[1] === start) last[1] = end;
  else ranges.push([start, end]);
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

/** Numbers the messages of a kind when there are several. @param {Node[]} roots */
function number(roots) {
  /** @type {Map<string, number>} */
  const seen = new Map(), count = new Map();
  for (const r of roots) count.set(r.path[0], (count.get(r.path[0]) ?? 0) + 1);
  for (const r of roots) {
    const l = r.path[0], k = (seen.get(l) ?? 0) + 1;
    seen.set(l, k);
    if ((count.get(l) ?? 0) > 1) r.suffix = ` ${k}`;
  }
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
