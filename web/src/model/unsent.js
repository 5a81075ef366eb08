// @ts-check
/** What is in the client's buffer, not yet sent, at each event. */
import { toBytes } from "./bytes.js";
import { countAt } from "./search.js";

/** @import { BufferEvent } from "../types.d.ts" */

/** @typedef {{ kind: string, bytes: Uint8Array, path: string[] }} BufferItem */

export class Unsent {
  constructor() {
    /** Everything that was ever put in. @type {BufferItem[]} */
    this.items = [];
    /** After each event: the size, and which items are in. @type {{ event: number, size: number, from: number, to: number }[]} */
    this.fills = [];
  }

  /** @param {BufferEvent} e @param {number} event */
  push(e, event) {
    if (e.size && e.bytes) this.items.push({ kind: e.kind ?? "", bytes: toBytes(e.bytes), path: e.path ?? [] });
    const to = this.items.length;
    this.fills.push({ event, size: e.size, from: e.size ? (this.fills.at(-1)?.from ?? 0) : to, to });
  }

  /** @param {number} cursor @returns {{ items: BufferItem[], size: number }} */
  at(cursor) {
    const f = this.fills[countAt(this.fills, cursor) - 1];
    return f ? { items: this.items.slice(f.from, f.to), size: f.size } : { items: [], size: 0 };
  }
}
