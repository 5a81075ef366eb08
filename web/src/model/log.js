// @ts-check
/**
 * The event log, indexed as it grows. It is append-only: every query takes a
 * cursor, the number of events seen, and answers as of then.
 */
import { toBytes, concat } from "./bytes.js";
import { FieldIndex } from "./fields.js";
import { Ladder } from "./ladder.js";
import { LeftOut } from "./left-out.js";
import { Unsent } from "./unsent.js";
import { Wire } from "./wire.js";
import { countAt, countBelow } from "./search.js";

/** @import { TraceEvent, Step, Dir, SpanEvent, ReturnEvent, TransitionEvent, DiagnosticEvent } from "../types.d.ts" */

/** @typedef {{ offset: number, end: number, bytes: Uint8Array, t: number, event: number }} Chunk */
/** @typedef {{ start: number, end: number, kind: string, path: string[], value?: string, event: number, exchange: number, conn: number, dir: Dir }} Leaf */

/** One direction of one transport: its bytes and the leaf spans that partition them. */
export class Stream {
  /** @param {number} conn @param {Dir} dir */
  constructor(conn, dir) {
    this.conn = conn;
    this.dir = dir;
    /** @type {Chunk[]} in stream order */
    this.chunks = [];
    /** @type {Leaf[]} in stream order */
    this.leaves = [];
    /** Index of the event that ended the stream, or -1. */
    this.eof = -1;
  }

  /** Bytes on the stream as of `cursor`. @param {number} cursor */
  length(cursor) {
    return this.chunks[countAt(this.chunks, cursor) - 1]?.end ?? 0;
  }

  /** The byte at `at`, or -1 when the log dropped it. @param {number} at */
  byte(at) {
    const c = this.#chunk(at);
    if (!c || at - c.offset >= c.bytes.length) return -1;
    return c.bytes[at - c.offset];
  }

  /** The chunk that carries offset `at`. @param {number} at */
  #chunk(at) {
    let lo = 0, hi = this.chunks.length - 1;
    while (lo <= hi) {
      const mid = (lo + hi) >> 1, c = this.chunks[mid];
      if (at < c.offset) hi = mid - 1;
      else if (at >= c.end) lo = mid + 1;
      else return c;
    }
    return null;
  }

  /** The kept bytes of a range; dropped ones are left out. @param {number} start @param {number} end */
  slice(start, end) {
    /** @type {Uint8Array[]} */
    const parts = [];
    for (let i = this.firstChunk(start); i < this.chunks.length; i++) {
      const c = this.chunks[i];
      if (c.offset >= end) break;
      parts.push(c.bytes.subarray(Math.max(0, start - c.offset), Math.min(c.bytes.length, end - c.offset)));
    }
    return parts.length === 1 ? parts[0] : concat(parts);
  }

  /** Index of the first chunk that ends after `at`. @param {number} at */
  firstChunk(at) {
    return countBelow(this.chunks, at + 1, (c) => c.end);
  }

  /** Index of the first leaf that ends after `at`. @param {number} at */
  firstLeaf(at) {
    return countBelow(this.leaves, at + 1, (l) => l.end);
  }

  /** The leaf that covers `at` as of `cursor`, or null. @param {number} at @param {number} cursor */
  leafAt(at, cursor) {
    const l = this.leaves[this.firstLeaf(at)];
    return l && l.start <= at && l.event < cursor ? l : null;
  }
}

export class EventLog {
  constructor() {
    /** @type {TraceEvent[]} */
    this.events = [];
    /** @type {Step[]} */
    this.steps = [];
    /** @type {Map<string, Stream>} by `${conn}/${dir}` */
    this.streams = new Map();
    /** @type {{ event: number, transition: TransitionEvent }[]} */
    this.transitions = [];
    /** @type {{ event: number, diagnostic: DiagnosticEvent }[]} */
    this.diagnostics = [];
    this.fields = new FieldIndex();
    this.ladder = new Ladder();
    this.unsent = new Unsent();
    this.left = new LeftOut();
    this.wire = new Wire();
    /** Calls under way, by their number. @type {Map<number, Step>} */
    this.#open = new Map();
  }

  /** @type {Map<number, Step>} */
  #open;

  get length() { return this.events.length; }

  /** @param {TraceEvent} ev */
  push(ev) {
    const i = this.events.length;
    this.events.push(ev);
    this.left.push(ev, i);
    switch (ev.type) {
      case "call": {
        // request() may log the calls it is made of; the step is the outer one.
        if (this.#open.size) break;
        const step = { index: this.steps.length, call: ev.call, name: ev.name, args: ev.args ?? {}, first: i, last: -1, ret: null };
        this.steps.push(step);
        this.#open.set(ev.call, step);
        break;
      }
      case "return": {
        const step = this.#open.get(ev.call);
        if (step) {
          step.last = i;
          step.ret = ev;
          this.#open.delete(ev.call);
        }
        break;
      }
      case "send":
      case "recv": {
        const s = this.stream(ev.conn ?? 1, ev.type === "send" ? "sent" : "received");
        if (ev.size > 0) {
          s.chunks.push({ offset: ev.offset, end: ev.offset + ev.size, bytes: toBytes(ev.bytes), t: ev.t, event: i });
        }
        if (ev.type === "recv" && ev.eof) s.eof = i;
        break;
      }
      case "span": {
        if (ev.end <= ev.start) break;
        const s = this.stream(ev.conn ?? 1, ev.dir);
        const leaf = { start: ev.start, end: ev.end, kind: ev.kind, path: ev.path, value: ev.value, event: i, exchange: ev.exchange ?? 1, conn: ev.conn ?? 1, dir: ev.dir };
        let at = s.leaves.length;
        while (at > 0 && s.leaves[at - 1].start > leaf.start) at--;
        s.leaves.splice(at, 0, leaf);
        this.fields.add(leaf, s);
        break;
      }
      case "transition":
        this.transitions.push({ event: i, transition: ev });
        break;
      case "diagnostic":
        this.diagnostics.push({ event: i, diagnostic: ev });
        break;
      case "buffer":
        this.unsent.push(ev, i);
        break;
    }
    this.ladder.push(ev, i, this.steps.length - 1);
    if (ev.type === "send" || ev.type === "recv") this.wire.push(ev, i, this);
  }

  /** @param {number} conn @param {Dir} dir */
  stream(conn, dir) {
    const key = conn + "/" + dir;
    let s = this.streams.get(key);
    if (!s) this.streams.set(key, (s = new Stream(conn, dir)));
    return s;
  }

  /** Steps begun before `cursor`. @param {number} cursor */
  stepsAt(cursor) {
    return countBelow(this.steps, cursor, (s) => s.first);
  }

  /** The cursor at which step `n` (0-based) has returned, or all of it so far; -1 means before every call. @param {number} n */
  cursorOf(n) {
    if (n < 0) return this.steps.length ? this.steps[0].first : this.events.length;
    const next = this.steps[n + 1];
    return next ? next.first : this.events.length;
  }

  /** The last return before `cursor`. @param {number} cursor @returns {ReturnEvent | null} */
  lastReturn(cursor) {
    for (let n = this.stepsAt(cursor) - 1; n >= 0; n--) {
      const s = this.steps[n];
      if (s.last >= 0 && s.last < cursor) return s.ret;
    }
    return null;
  }
}

/** An EventLog of recorded events. @param {TraceEvent[]} events */
export function logOf(events) {
  const log = new EventLog();
  for (const e of events) log.push(e);
  return log;
}

/** @typedef {SpanEvent} _Span */
