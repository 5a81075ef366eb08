// @ts-check
/**
 * The rows of the wire view: every block a header row and rows of `perRow` bytes
 * aligned to stream offsets.
 */

/** @import { Dir } from "../types.d.ts" */
/** @import { Block } from "./wire.js" */

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
