// @ts-check
/**
 * The fields of a log, grouped by the paths the core gave their leaf spans, as
 * they come. Leaves that share a path (the pieces of one body) are one field with
 * several ranges. The index holds all of the log; what there is of it at a cursor
 * is asked of each field, and only of those that are looked at.
 */
import { countAt, countBelow } from "./search.js";

/** @import { Dir, Range } from "../types.d.ts" */
/** @import { Leaf, Stream } from "./log.js" */

/** What a field is at a cursor. @typedef {{ start: number, end: number, size: number, ranges: Range[], value: string | undefined }} Extent */

export class Field {
  /** @param {Stream} stream @param {Leaf} leaf @param {string} id @param {number} level @param {Field | null} parent */
  constructor(stream, leaf, id, level, parent) {
    this.stream = stream;
    this.id = id;
    this.conn = leaf.conn;
    this.dir = leaf.dir;
    this.exchange = leaf.exchange;
    this.path = level === leaf.path.length ? leaf.path : leaf.path.slice(0, level);
    this.kind = level === leaf.path.length ? leaf.kind : "";
    this.level = level;
    this.parent = parent;
    /** @type {Field} the message it is in */
    this.message = parent?.message ?? this;
    /** @type {Field[]} in stream order */
    this.children = [];
    /** Its leaves and those of its children, in stream order. @type {Leaf[]} */
    this.leaves = [];
    /** The first and the last event of its leaves. */
    this.first = leaf.event;
    this.last = leaf.event;
    /** Whether stream order is the order of events, too. */
    this.ordered = true;
    /** Bytes before and with each leaf. @type {number[]} */
    this.sizes = [];
    /** Leaves that do not touch the one before. @type {number[]} */
    this.gaps = [];
  }

  /** @param {Leaf} leaf */
  add(leaf) {
    const before = this.leaves.at(-1);
    this.first = Math.min(this.first, leaf.event);
    this.last = Math.max(this.last, leaf.event);
    if (before && (leaf.start < before.start || leaf.event < before.event)) {
      this.ordered = false;
      let at = this.leaves.length;
      while (at > 0 && this.leaves[at - 1].start > leaf.start) at--;
      this.leaves.splice(at, 0, leaf);
      return;
    }
    if (before && before.end !== leaf.start) this.gaps.push(this.leaves.length);
    this.sizes.push((this.sizes.at(-1) ?? 0) + leaf.end - leaf.start);
    this.leaves.push(leaf);
  }

  /** Leaves as of `cursor`, in stream order. @param {number} cursor */
  leavesAt(cursor) {
    if (this.last < cursor) return this.leaves;
    return this.ordered ? this.leaves.slice(0, countAt(this.leaves, cursor)) : this.leaves.filter((l) => l.event < cursor);
  }

  /** What there is of it as of `cursor`: at least one leaf. @param {number} cursor @returns {Extent} */
  at(cursor) {
    if (!this.ordered) return extentOf(this.leavesAt(cursor), this);
    const n = this.last < cursor ? this.leaves.length : countAt(this.leaves, cursor);
    const gaps = this.gaps.slice(0, countBelow(this.gaps, n, (g) => g)), leaves = this.leaves;
    /** @type {Range[]} */
    const ranges = [0, ...gaps].map((g, i) => [leaves[g].start, leaves[(gaps[i] ?? n) - 1].end]);
    return { start: leaves[0].start, end: leaves[n - 1].end, size: this.sizes[n - 1], ranges, value: this.kind ? leaves[0].value : undefined };
  }

  /** Its children as of `cursor`. @param {number} cursor */
  childrenAt(cursor) {
    return this.last < cursor ? this.children : this.children.filter((c) => c.first < cursor);
  }
}

/** @param {Leaf[]} leaves @param {Field} field @returns {Extent} */
function extentOf(leaves, field) {
  /** @type {Range[]} */
  const ranges = [];
  let size = 0, end = 0;
  for (const l of leaves) {
    const last = ranges[ranges.length - 1];
    if (last && last[1] === l.start) last[1] = l.end; else ranges.push([l.start, l.end]);
    size += l.end - l.start;
    end = Math.max(end, l.end);
  }
  return { start: leaves[0].start, end, size, ranges, value: field.kind ? leaves[0].value : undefined };
}

export class FieldIndex {
  constructor() {
    /** @type {Map<string, Field>} */
    this.byId = new Map();
    /** Messages in the order in which they began. @type {Field[]} */
    this.messages = [];
    /** Messages by what they are, to number them. @type {Map<string, Field[]>} */
    this.kinds = new Map();
  }

  /** @param {Leaf} leaf @param {Stream} stream */
  add(leaf, stream) {
    const ids = idsOf(leaf);
    /** @type {Field | null} */
    let parent = null;
    for (let level = 1; level <= ids.length; level++) {
      const id = ids[level - 1];
      let field = this.byId.get(id);
      if (!field) {
        field = new Field(stream, leaf, id, level, parent);
        this.byId.set(id, field);
        if (parent) insert(parent.children, field, leaf.start);
        else {
          this.messages.push(field);
          const alike = this.kinds.get(leaf.path[0]);
          if (alike) alike.push(field); else this.kinds.set(leaf.path[0], [field]);
        }
      }
      field.add(leaf);
      parent = field;
    }
  }

  /** Messages begun before `cursor`. @param {number} cursor */
  messagesAt(cursor) {
    return this.messages.slice(0, countBelow(this.messages, cursor, (m) => m.first));
  }

  /** What tells a message from others of its kind: ` 2`; nothing while it is alone. @param {Field} message @param {number} cursor */
  numberOf(message, cursor) {
    const alike = this.kinds.get(message.path[0]) ?? [];
    return alike.length > 1 && alike[1].first < cursor ? ` ${countBelow(alike, message.first, (m) => m.first) + 1}` : "";
  }
}

/** Puts a field in by stream order; nearly always it is the last. @param {Field[]} list @param {Field} field @param {number} start */
function insert(list, field, start) {
  let at = list.length;
  while (at > 0 && list[at - 1].leaves[0].start > start) at--;
  list.splice(at, 0, field);
}

/** The ids of a leaf's path, outermost first; a log's leaves never change. @type {WeakMap<Leaf, string[]>} */
const pathIds = new WeakMap();

/** @param {Leaf} leaf */
export function idsOf(leaf) {
  let ids = pathIds.get(leaf);
  if (!ids) {
    let id = `c${leaf.conn}-${leaf.dir}-x${leaf.exchange}/`;
    ids = leaf.path.map((segment, i) => (id += (i ? "/" : "") + segment));
    pathIds.set(leaf, ids);
  }
  return ids;
}
