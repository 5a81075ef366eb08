// @ts-check
/** The page's one view model: everything the views show, from (log, cursor). */
import { countAt } from "./search.js";
import { Tree } from "./tree.js";

/** @import { DiagnosticEvent, ErrorView, FieldNode, Range, Step, TransitionEvent } from "../types.d.ts" */
/** @import { EventLog } from "./log.js" */

/** @typedef {{ name: string, value: string, node: FieldNode | null }} HeaderRow */
/** @typedef {{ status: number, reason: string, version: number, headers: HeaderRow[], willClose: boolean, length: number | null, chunked: boolean, node: FieldNode | null, step: Step | null }} ResponseView */
/** What the views show, worked out when it is looked at. */
export class View {
  /** @param {EventLog} log @param {number} cursor */
  constructor(log, cursor) {
    this.log = log;
    this.cursor = cursor;
    /** Recorded steps visible at the cursor. */
    this.steps = log.stepsAt(cursor);
    /** The step the cursor stands after. @type {Step | null} */
    this.step = this.steps ? log.steps[this.steps - 1] : null;
    /** Whether that step is still under way. */
    this.pending = this.step != null && (this.step.last < 0 || this.step.last >= cursor);
    const ret = log.lastReturn(cursor);
    /** The rows taken in this step. @type {TransitionEvent[]} */
    this.taken = this.step ? transitionsBetween(log, this.step.first, cursor) : [];
    const last = log.transitions[countAt(log.transitions, cursor) - 1]?.transition;
    this.state = this.pending && this.taken.length ? this.taken[this.taken.length - 1].to : (ret?.state ?? last?.to ?? "Idle");
    /** Null before the first call returned. @type {string[] | null} */
    this.legal = ret?.legal ?? null;
    /** This step's exception. @type {ErrorView | null} */
    this.error = this.step && !this.pending ? (this.step.ret?.error ?? null) : null;
    this.conns = connsAt(log, cursor);
  }

  /** Whether it is of bytes that were read from a file, without calls: they are shown from their beginning, all at once. */
  get whole() { return this.log.steps.length === 0; }
  get tree() { return this.#once("tree", () => new Tree(this.log, this.cursor)); }
  /** @returns {ResponseView | null} */
  get response() { return this.#once("response", () => (this.whole ? responseOf(this.tree, null) : responseAt(this.log, this.cursor, this.tree))); }
  /** What is in the client's buffer. */
  get buffer() { return this.#unsent.items; }
  get bufferSize() { return this.#unsent.size; }
  get #unsent() { return this.#once("unsent", () => this.log.unsent.at(this.cursor)); }
  /** What the log had no room for. */
  get left() { return this.log.left.at(this.cursor); }
  /** Rows of the ladder: the first so many of the log's. */
  get ladder() { return this.log.ladder.lengthAt(this.cursor); }
  /** @returns {DiagnosticEvent[]} */
  get diagnostics() { return this.#once("diagnostics", () => this.log.diagnostics.slice(0, countAt(this.log.diagnostics, this.cursor)).map((d) => d.diagnostic)); }
  /** Those of this step. */
  get remarks() { return this.#once("remarks", () => this.diagnostics.slice(this.step ? countAt(this.log.diagnostics, this.step.first) : 0)); }
  get blocks() { return this.#once("blocks", () => this.log.wire.at(this.cursor)); }

  /** @type {Map<string, unknown>} */
  #known = new Map();

  /** @template T @param {string} what @param {() => T} work @returns {T} */
  #once(what, work) {
    if (!this.#known.has(what)) this.#known.set(what, work());
    return /** @type {T} */ (this.#known.get(what));
  }
}

/** @param {EventLog} log @param {number} cursor */
export const viewAt = (log, cursor) => new View(log, cursor);

/** @param {EventLog} log @param {number} from @param {number} to */
function transitionsBetween(log, from, to) {
  return log.transitions.slice(countAt(log.transitions, from), countAt(log.transitions, to)).map((t) => t.transition);
}

/** @param {EventLog} log @param {number} cursor */
function connsAt(log, cursor) {
  /** @type {Map<number, { conn: number, sent: number, received: number, eof: boolean }>} */
  const out = new Map();
  for (const s of log.streams.values()) {
    const first = s.chunks[0]?.event ?? s.eof;
    if (first < 0 || first >= cursor) continue;
    const c = out.get(s.conn) ?? { conn: s.conn, sent: 0, received: 0, eof: false };
    c[s.dir] = s.length(cursor);
    if (s.dir === "received" && s.eof >= 0 && s.eof < cursor) c.eof = true;
    out.set(s.conn, c);
  }
  return [...out.values()].sort((a, b) => a.conn - b.conn);
}

/** @param {EventLog} log @param {number} cursor @param {Tree} tree @returns {ResponseView | null} */
function responseAt(log, cursor, tree) {
  for (let n = log.stepsAt(cursor) - 1; n >= 0; n--) {
    const step = log.steps[n];
    const r = step.ret?.result;
    if ((step.name !== "getresponse" && step.name !== "begin") || step.last < 0 || step.last >= cursor || !r) continue;
    const at = step.ret?.exchange ?? log.events[step.first].exchange;
    const conn = step.ret?.conn;
    const node = (conn != null && tree.node(`c${conn}-received-x${at}/response`)) || (tree.roots.find((x) => x.exchange === at && x.dir === "received" && x.path[0] === "response") ?? null);
    const lines = node ? headerNodes(node, r.headers?.length ?? 0) : [];
    return {
      status: r.status, reason: r.reason, version: r.version, willClose: r.will_close, length: r.length ?? null, chunked: r.chunked,
      headers: (r.headers ?? []).map((/** @type {[string, string]} */ [name, value], /** @type {number} */ i) => ({ name, value, node: lines[i] ?? null })),
      node, step,
    };
  }
  return null;
}

/** @param {FieldNode} n */
const isResponse = (n) => n.dir === "received" && /^(response|interim)\b/.test(n.path[0]);

/**
 * The response that a field is of or that answers it, as its own fields have it: of
 * bytes that no call has read. Of no field, the first one.
 * @param {Tree} tree
 * @param {FieldNode | null} field
 * @returns {ResponseView | null}
 */
export function responseOf(tree, field) {
  let message = field;
  while (message?.parent) message = message.parent;
  const node = message && isResponse(message) ? message
    : tree.roots.find((n) => isResponse(n) && (!message || (n.conn === message.conn && n.exchange === message.exchange))) ?? null;
  if (!node) return null;
  const leaves = node.children.flatMap((line) => line.children);
  /** @param {FieldNode[]} list @param {string} kind */
  const text = (list, kind) => list.find((n) => n.kind === kind)?.value ?? "";
  return {
    status: Number(text(leaves, "status-code")), reason: text(leaves, "reason"), version: text(leaves, "version") === "HTTP/1.0" ? 10 : 11, willClose: false, length: null,
    chunked: node.leaves().some((l) => l.kind === "chunk-size" || l.kind === "last-chunk"),
    headers: headerNodes(node, Infinity).filter((n) => !/^trailer/.test(n.path[1])).map((n) => ({ name: text(n.children, "name"), value: text(n.children, "value"), node: n })),
    node, step: null,
  };
}

/** The first header lines of a message, in wire order. @param {FieldNode} message @param {number} most @returns {FieldNode[]} */
export function headerNodes(message, most) {
  /** @type {FieldNode[]} */
  const out = [];
  /** @param {FieldNode} n */
  const walk = (n) => {
    if (out.length >= most) return;
    if (n.children.some((c) => c.kind === "name")) out.push(n);
    else n.children.forEach(walk);
  };
  walk(message);
  return out;
}

/** The ranges of a response's body in the received stream: as sent, and without the framing. @param {FieldNode} message @returns {{ raw: Range | null, data: Range[] }} */
export function bodyRanges(message) {
  /** @type {Range[]} */
  const data = [];
  /** @type {Range | null} */
  let raw = null;
  const framing = new Set(["chunk-size", "chunk-ext", "chunk-crlf", "last-chunk", "trailer", "trailer-end"]);
  for (const { kind, start, end } of message.leaves()) {
    const isData = kind === "body" || kind === "chunk-data" || kind === "raw";
    if (!isData && !framing.has(kind)) continue;
    const last = data[data.length - 1];
    if (isData && last && last[1] === start) last[1] = end;
    else if (isData) data.push([start, end]);
    raw = raw ? [Math.min(raw[0], start), Math.max(raw[1], end)] : [start, end];
  }
  return { raw, data };
}
