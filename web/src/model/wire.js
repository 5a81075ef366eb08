// @ts-check
/** What was sent and received in the order it happened, in blocks of one direction each. */
import { countAt, countBelow } from "./search.js";

/** @import { Dir, RecvEvent, SendEvent } from "../types.d.ts" */
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

/** A block of the whole log, with the events that made it. @typedef {Block & { parts: { event: number, end: number, t: number }[], ended: number }} Grown */

export class Wire {
  constructor() {
    /** @type {Grown[]} */
    this.blocks = [];
    /** Blocks in which a stream ended. @type {{ event: number, block: number }[]} */
    this.ends = [];
  }

  /** @param {SendEvent | RecvEvent} e @param {number} event @param {EventLog} log */
  push(e, event, log) {
    const dir = e.type === "send" ? "sent" : "received", conn = e.conn ?? 1;
    const last = this.blocks[this.blocks.length - 1];
    if (e.size > 0) {
      const end = e.offset + e.size, part = { event, end, t: e.t };
      if (last && last.conn === conn && last.dir === dir && last.end === e.offset) {
        last.parts.push(part);
        Object.assign(last, { end, t2: e.t, pieces: last.parts.length });
      } else {
        this.blocks.push({ conn, dir, stream: log.stream(conn, dir), start: e.offset, end, t: e.t, t2: e.t, pieces: 1, eof: false, parts: [part], ended: Infinity });
      }
    }
    if (e.type === "recv" && e.eof) {
      const block = this.blocks.findLastIndex((x) => x.conn === conn && x.dir === dir), b = this.blocks[block];
      if (b && !b.eof) {
        Object.assign(b, { eof: true, ended: event });
        this.ends.push({ event, block });
      }
    }
  }

  /** When a byte was sent or received, and the event that says so. @param {number} conn @param {Dir} dir @param {number} at */
  partOf(conn, dir, at) {
    const b = this.blocks.find((x) => x.conn === conn && x.dir === dir && x.start <= at && at < x.end);
    return b?.parts[countBelow(b.parts, at + 1, (p) => p.end)] ?? null;
  }

  /** The blocks as of `cursor`: only the last can be less than it became. @param {number} cursor @returns {Block[]} */
  at(cursor) {
    /** @type {Block[]} */
    const out = this.blocks.slice(0, countBelow(this.blocks, cursor, (b) => b.parts[0].event));
    for (const { block } of this.ends.slice(countAt(this.ends, cursor))) if (block < out.length) out[block] = { ...out[block], eof: false };
    const last = /** @type {Grown | undefined} */ (out[out.length - 1]);
    const n = last ? countAt(last.parts, cursor) : 0;
    if (last && n < last.parts.length) out[out.length - 1] = { ...last, end: last.parts[n - 1].end, t2: last.parts[n - 1].t, pieces: n };
    return out;
  }
}
