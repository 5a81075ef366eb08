// @ts-check
/** Selections: of a field of the tree, of a leaf of a stream, of plain bytes. */
import { crumbs, enclosing, leafId } from "./tree.js";
import { hexNumber } from "./bytes.js";
import { spanText } from "../texts/spans.js";

/** @import { Dir, FieldNode, Range, Selection } from "../types.d.ts" */
/** @import { View } from "./view.js" */
/** @import { Leaf } from "./log.js" */

/** @param {FieldNode} n @param {string} from @returns {Selection} */
export const ofNode = (n, from) => ({ conn: n.conn, dir: n.dir, ranges: n.ranges, node: n.id, from });

/** @param {View} view @param {Leaf} leaf @param {string} from @returns {Selection} */
export function ofLeaf(view, leaf, from) {
  const node = view.tree.node(leafId(leaf));
  return node ? ofNode(node, from) : { conn: leaf.conn, dir: leaf.dir, ranges: [[leaf.start, leaf.end]], node: null, from };
}

/** @param {number} conn @param {Dir} dir @param {Range} range @param {string} from @returns {Selection} */
export const ofRange = (conn, dir, range, from) => ({ conn, dir, ranges: [range], node: null, from });

/** The tree node a selection stands for, or the one around its bytes. @param {View} view @param {Selection | null} s */
export function nodeOf(view, s) {
  if (!s) return null;
  if (s.node) return view.tree.node(s.node);
  const start = s.ranges[0][0], end = s.ranges[s.ranges.length - 1][1];
  return enclosing(view.tree, s.conn, s.dir, start, end);
}

/** Ranges as people count bytes: `16–36`. @param {Range[]} ranges */
export function rangeText(ranges) {
  const shown = ranges.slice(0, 4).map(([s, e]) => (e - s === 1 ? String(s) : `${s}–${e - 1}`));
  if (ranges.length > 4) shown.push(`… (${ranges.length} ranges)`);
  return shown.join(", ");
}

/**
 * The readout of a selection: `bytes 16–36 · 21 (0x15) · Host › value`.
 * @param {View} view
 * @param {Selection} s
 */
export function readout(view, s) {
  const size = s.ranges.reduce((n, [a, b]) => n + b - a, 0);
  const node = nodeOf(view, s);
  const path = node ? crumbs(node).slice(node.level > 1 ? 1 : 0).join(" › ") : "";
  return { bytes: `${size === 1 ? "byte" : "bytes"} ${rangeText(s.ranges)}`, size: `${size} (${hexNumber(size)})`, path, node };
}

/** The field class of a leaf, which gives its style. @param {string} kind */
export const groupOf = (kind) => spanText(kind).group;
