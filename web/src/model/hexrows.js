// @ts-check
/**
 * The rows of the wire view: what was sent and received in the order it
 * happened, in blocks of one direction each, every block a header row and rows
 * of `perRow` bytes aligned to stream offsets.
 */

/** @import { Dir } from "../types.d.ts" */
/** @import { EventLog, Stream } from "./log.js" */

/**
 * @typedef {object} Block
 * @property {number} conn
 * @property {Dir} dir
 * @property {Stream} stream
 * @property {number} start absolute stream offsets, half-open
 * @property {number} end
 * @property {number} t milliseconds, of the first byte
 * @property {number} t2 of the last
 * @property {number} pieces sends or receives
 * @property {boolean} eof the stream ended here
 */

/** @param {EventLog} log @param {number} cursor @returns {Block[]} */
export function wireBlocks(log, cursor) {
  /** @type {Block[]} */
  const blocks = [];
  for (let i = 0; i < cursor; i++) {
    const e = log.events[i];
    if (e.type !== "send" && e.type !== "recv") continue;
    const dir = e.type === "send" ? "sent" : "received", conn = e.conn ?? 1;
    const last = blocks[blocks.length - 1];
    if (e.size > 0) {
      if (last && last.conn === conn && last.dir === dir && last.end === e.offset) {
        last.end = e.offset + e.size;
        last.t2 = e.t;
        last.pieces++;
      } else {
        blocks.push({ conn, dir, stream: log.stream(conn, dir), start: e.offset, end: e.offset + e.size, t: e.t, t2: e.t, pieces: 1, eof: false });
      }
    }
    if (e.type === "recv" && e.eof) {
      const b = blocks.findLast((x) => x.conn === conn && x.dir === dir);
      if (b) b.eof = true;
    }
  }
  return blocks;
}

export class RowMap {
  /** @param {Block[]} blocks @param {number} perRow @param {number} rowHeight @param {number} headHeight px */
  constructor(blocks, perRow, rowHeight, headHeight) {
    this.blocks = blocks;
    this.perRow = perRow;
    this.rowHeight = rowHeight;
    this.headHeight = headHeight;
    /** Index of each block's header row. @type {number[]} */
    this.firstRow = [];
    /** Top of each block in px. @type {number[]} */
    this.top = [];
    let row = 0, y = 0;
    for (const b of blocks) {
      this.firstRow.push(row);
      this.top.push(y);
      const n = this.#rowsIn(b);
      row += 1 + n;
      y += headHeight + n * rowHeight;
    }
    this.rows = row;
    this.height = y;
  }

  /** @param {Block} b */
  #rowsIn(b) {
    return Math.floor((b.end - 1) / this.perRow) - Math.floor(b.start / this.perRow) + 1;
  }

  /** @param {number[]} list @param {number} x */
  #last(list, x) {
    let lo = 0, hi = list.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (list[mid] <= x) lo = mid + 1; else hi = mid;
    }
    return lo - 1;
  }

  /** The row at a height. @param {number} y */
  rowAt(y) {
    const b = Math.max(0, this.#last(this.top, y));
    if (!this.blocks.length) return 0;
    const inside = y - this.top[b] - this.headHeight;
    return this.firstRow[b] + (inside < 0 ? 0 : 1 + Math.min(this.#rowsIn(this.blocks[b]) - 1, Math.floor(inside / this.rowHeight)));
  }

  /** What a row shows: a block's header (`line` < 0) or the bytes from `offset` on. @param {number} row */
  describe(row) {
    const b = this.#last(this.firstRow, row), block = this.blocks[b], k = row - this.firstRow[b];
    if (k === 0) return { block, index: b, line: -1, offset: block.start, y: this.top[b], height: this.headHeight };
    const offset = (Math.floor(block.start / this.perRow) + k - 1) * this.perRow;
    return { block, index: b, line: k - 1, offset, y: this.top[b] + this.headHeight + (k - 1) * this.rowHeight, height: this.rowHeight };
  }

  /** The block of a byte, or -1. @param {number} conn @param {Dir} dir @param {number} at */
  blockOf(conn, dir, at) {
    return this.blocks.findIndex((b) => b.conn === conn && b.dir === dir && b.start <= at && at < b.end);
  }

  /** The row of a byte, or -1. @param {number} conn @param {Dir} dir @param {number} at */
  rowOf(conn, dir, at) {
    const b = this.blockOf(conn, dir, at);
    if (b < 0) return -1;
    return this.firstRow[b] + 1 + Math.floor(at / this.perRow) - Math.floor(this.blocks[b].start / this.perRow);
  }
}
