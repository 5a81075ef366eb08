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

/**
 * @param {EventLog} log
 * @param {number} cursor
 * @returns {Tree}
 */
export function buildTree(log, cursor) {
  /** @type {Map<string, FieldNode>} */
  const byId = new Map();
  /** @type {{ root: FieldNode, event: number }[]} */
  const roots = [];
  for (const stream of log.streams.values()) {
    for (const leaf of stream.leaves) {
      if (leaf.event >= cursor) continue;
      add(byId, roots, leaf);
    }
  }
  roots.sort((a, b) => a.event - b.event);
  const list = roots.map((r) => r.root);
  for (const root of list) finish(root, log.stream(root.conn, root.dir));
  number(list);
  return { roots: list, byId };
}

/** @param {Leaf} leaf @param {number} depth */
function idOf(leaf, depth) {
  return `c${leaf.conn}-${leaf.dir}-x${leaf.exchange}/` + leaf.path.slice(0, depth).join("/");
}

/**
 * @param {Map<string, FieldNode>} byId
 * @param {{ root: FieldNode, event: number }[]} roots
 * @param {Leaf} leaf
 */
function add(byId, roots, leaf) {
  /** @type {FieldNode | null} */
  let parent = null;
  for (let depth = 1; depth <= leaf.path.length; depth++) {
    const id = idOf(leaf, depth);
    let node = byId.get(id);
    if (!node) {
      node = {
        id, conn: leaf.conn, dir: leaf.dir, exchange: leaf.exchange, path: leaf.path.slice(0, depth),
        kind: depth === leaf.path.length ? leaf.kind : "", label: "", value: "", ranges: [],
        start: leaf.start, end: leaf.end, size: 0, children: [], parent, level: depth,
      };
      byId.set(id, node);
      if (parent) parent.children.push(node);
      else roots.push({ root: node, event: leaf.event });
    }
    addRange(node.ranges, leaf.start, leaf.end);
    node.start = Math.min(node.start, leaf.start);
    node.end = Math.max(node.end, leaf.end);
    node.size += leaf.end - leaf.start;
    if (depth === leaf.path.length && leaf.value != null && node.ranges.length === 1 && !node.value) node.value = leaf.value;
    parent = node;
  }
}

/** Leaves arrive in stream order, so a range only ever grows the last one. @param {Range[]} ranges @param {number} start @param {number} end */
function addRange(ranges, start, end) {
  const last = ranges[ranges.length - 1];
  if (last && last[1] === start) last[1] = end;
  else ranges.push([start, end]);
}

/** Labels and values, children first: a header line is named by its own name field. @param {FieldNode} node @param {Stream} stream */
function finish(node, stream) {
  for (const c of node.children) finish(c, stream);
  if (!node.value && !node.children.length) {
    const [s, e] = node.ranges[0];
    node.value = latin1(stream.slice(s, Math.min(e, s + VALUE_LIMIT)));
  }
  node.label = labelOf(node);
  if (node.children.length && node.level > 1) node.value = summaryOf(node, stream);
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

/** Numbers the messages of a direction when there are several. @param {FieldNode[]} roots */
function number(roots) {
  /** @type {Map<string, number>} */
  const seen = new Map(), count = new Map();
  for (const r of roots) count.set(r.label, (count.get(r.label) ?? 0) + 1);
  for (const r of roots) {
    const l = r.label, k = (seen.get(l) ?? 0) + 1;
    seen.set(l, k);
    if ((count.get(l) ?? 0) > 1) r.label = `${l} ${k}`;
  }
}

/** The id of the tree node of a leaf. @param {Leaf} leaf */
export const leafId = (leaf) => idOf(leaf, leaf.path.length);

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
