// @ts-check
/** What the log left out because it keeps only so much, as of each event. */
import { countAt } from "./search.js";

/** @import { TraceEvent } from "../types.d.ts" */

/** Events (fields, notes, transfers, records), and bytes of each direction. @typedef {{ events: number, sent: number, received: number }} Left */

/** @type {Left} */
const NOTHING = { events: 0, sent: 0, received: 0 };

export class LeftOut {
  constructor() {
    /** Sums, at the events that added to them. @type {(Left & { event: number })[]} */
    this.sums = [];
  }

  /** @param {TraceEvent} e @param {number} event */
  push(e, event) {
    const dropped = e.type === "send" || e.type === "recv" ? e.dropped ?? 0 : 0;
    if (!e.omitted && !dropped) return;
    const sum = { ...NOTHING, ...this.sums.at(-1), event };
    sum.events += e.omitted ?? 0;
    sum[e.type === "send" ? "sent" : "received"] += dropped;
    this.sums.push(sum);
  }

  /** @param {number} cursor @returns {Left} */
  at(cursor) {
    return this.sums[countAt(this.sums, cursor) - 1] ?? NOTHING;
  }
}
