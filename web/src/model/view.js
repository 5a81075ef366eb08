// @ts-check
/** The page's one view model: everything the views show, from (log, cursor). */
import { toBytes } from "./bytes.js";
import { buildTree } from "./tree.js";

/** @import { Dir, DiagnosticEvent, ErrorView, FieldNode, Range, Step, TransitionEvent, TraceEvent } from "../types.d.ts" */
/** @import { EventLog } from "./log.js" */
/** @import { Tree } from "./tree.js" */

/** @typedef {{ kind: string, bytes: Uint8Array, path: string[] }} BufferItem */
/** @typedef {{ name: string, value: string, node: FieldNode | null }} HeaderRow */
/** @typedef {{ status: number, reason: string, version: number, headers: HeaderRow[], willClose: boolean, length: number | null, chunked: boolean, node: FieldNode | null, step: Step }} ResponseView */
/** @typedef {{ event: number, step: number, t: number, kind: "connect" | "send" | "recv" | "eof" | "closed" | "error" | "relay" | "tls", text: string, detail: string, conn: number, size: number, offset: number, lanes: "relay" | "server" }} LadderRow */
/**
 * @typedef {object} View
 * @property {EventLog} log
 * @property {number} cursor
 * @property {number} steps recorded steps visible at the cursor
 * @property {Step | null} step the step the cursor stands after
 * @property {boolean} pending whether that step is still under way
 * @property {string} state
 * @property {string[] | null} legal null before the first call returned
 * @property {TransitionEvent[]} taken the rows taken in this step
 * @property {ErrorView | null} error this step's exception
 * @property {BufferItem[]} buffer
 * @property {number} bufferSize
 * @property {Tree} tree
 * @property {{ conn: number, sent: number, received: number, eof: boolean }[]} conns
 * @property {ResponseView | null} response
 * @property {LadderRow[]} ladder
 * @property {DiagnosticEvent[]} diagnostics
 */

/**
 * @param {EventLog} log
 * @param {number} cursor
 * @returns {View}
 */
export function viewAt(log, cursor) {
  const steps = log.stepsAt(cursor);
  const step = steps ? log.steps[steps - 1] : null;
  const pending = step != null && (step.last < 0 || step.last >= cursor);
  const ret = log.lastReturn(cursor);
  const taken = step ? transitionsBetween(log, step.first, cursor) : [];
  const last = transitionsBetween(log, 0, cursor).at(-1);
  const tree = buildTree(log, cursor);
  const { buffer, size } = bufferAt(log, cursor);
  return {
    log, cursor, steps, step, pending,
    state: pending && taken.length ? taken[taken.length - 1].to : (ret?.state ?? last?.to ?? "Idle"),
    legal: ret?.legal ?? null,
    taken,
    error: step && !pending ? (step.ret?.error ?? null) : null,
    buffer, bufferSize: size,
    tree,
    conns: connsAt(log, cursor),
    response: responseAt(log, cursor, tree),
    ladder: ladderAt(log, cursor),
    diagnostics: log.diagnostics.filter((d) => d.event < cursor).map((d) => d.diagnostic),
  };
}

/** @param {EventLog} log @param {number} from @param {number} to */
function transitionsBetween(log, from, to) {
  return log.transitions.filter((t) => t.event >= from && t.event < to).map((t) => t.transition);
}

/** What is in the client's buffer, not yet sent. @param {EventLog} log @param {number} cursor */
function bufferAt(log, cursor) {
  /** @type {BufferItem[]} */
  let buffer = [];
  let size = 0;
  for (let i = 0; i < cursor; i++) {
    const e = log.events[i];
    if (e.type !== "buffer") continue;
    size = e.size;
    if (e.size === 0) buffer = [];
    else if (e.bytes) buffer = [...buffer, { kind: e.kind ?? "", bytes: toBytes(e.bytes), path: e.path ?? [] }];
  }
  return { buffer, size };
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
    if (step.name !== "getresponse" || step.last < 0 || step.last >= cursor || !r) continue;
    const at = step.ret?.exchange ?? log.events[step.first].exchange;
    const conn = step.ret?.conn;
    const roots = tree.roots.filter((x) => x.dir === "received" && x.path[0] === "response");
    const node = roots.find((x) => x.exchange === at && (conn == null || x.conn === conn)) ?? roots.find((x) => x.exchange === at) ?? null;
    const lines = node ? headerNodes(node) : [];
    return {
      status: r.status, reason: r.reason, version: r.version, willClose: r.will_close, length: r.length ?? null, chunked: r.chunked,
      headers: (r.headers ?? []).map((/** @type {[string, string]} */ [name, value], /** @type {number} */ i) => ({ name, value, node: lines[i] ?? null })),
      node, step,
    };
  }
  return null;
}

/** The header lines of a message, in wire order. @param {FieldNode} message @returns {FieldNode[]} */
export function headerNodes(message) {
  /** @type {FieldNode[]} */
  const out = [];
  /** @param {FieldNode} n */
  const walk = (n) => {
    if (n.children.some((c) => c.kind === "name")) out.push(n);
    else n.children.forEach(walk);
  };
  walk(message);
  return out;
}

/** @param {EventLog} log @param {number} cursor @returns {LadderRow[]} */
function ladderAt(log, cursor) {
  /** @type {LadderRow[]} */
  const rows = [];
  let step = -1;
  /** @param {TraceEvent} e @param {Partial<LadderRow> & { kind: LadderRow["kind"] }} row */
  const add = (e, row) => rows.push({ event: e.seq, step, t: e.t, text: "", detail: "", conn: e.conn ?? 0, size: 0, offset: 0, lanes: "server", ...row });
  for (let i = 0; i < cursor; i++) {
    const e = log.events[i];
    switch (e.type) {
      case "call": step++; break;
      case "connect":
        if (e.phase === "start") add(e, { kind: "connect", text: "connect", detail: `${e.host}:${e.port}` });
        else if (e.phase === "open") add(e, { kind: "connect", text: "open", detail: `${e.host}:${e.port}` });
        else add(e, { kind: "error", text: e.error?.name ?? "failed", detail: e.error?.message ?? `${e.host}:${e.port}`, lanes: e.error?.party === "relay" ? "relay" : "server" });
        break;
      case "send":
        if (e.size) add(e, { kind: "send", text: "", size: e.size, offset: e.offset });
        if (e.error) add(e, { kind: "error", text: e.error.name, detail: e.error.message, lanes: e.error.party === "relay" ? "relay" : "server" });
        break;
      case "recv":
        if (e.size) add(e, { kind: "recv", text: "", size: e.size, offset: e.offset });
        if (e.eof) add(e, { kind: "eof", text: "end of stream" });
        if (e.error) add(e, { kind: "error", text: e.error.name, detail: e.error.message, lanes: e.error.party === "relay" ? "relay" : "server" });
        break;
      case "closed": add(e, { kind: "closed", text: "closed by the client" }); break;
      case "tls-handshake":
        if (e.phase === "failed") add(e, { kind: "error", text: e.error?.name ?? "TLS failed", detail: e.error?.message ?? "" });
        else if (e.phase === "start") add(e, { kind: "tls", text: "TLS handshake", detail: e.server_hostname ?? "" });
        else add(e, { kind: "tls", text: e.version ?? "TLS", detail: [e.cipher_suite, e.group, e.verified ? "verified" : "not verified"].filter(Boolean).join(" · ") });
        break;
      case "tls-certificate": add(e, { kind: "tls", text: "certificate", detail: e.subject }); break;
      case "tls-record":
        // Those of application data stand beside the plaintext that they carried.
        if (e.content !== "application_data") add(e, { kind: "tls", text: `${e.dir === "sent" ? "→" : "←"} ${e.content.replaceAll("_", " ")}`, detail: `record of ${e.size} bytes` });
        break;
      case "relay": add(e, { kind: "relay", text: e.what, detail: e.detail ?? "", lanes: "relay" }); break;
    }
  }
  return rows;
}

/** The ranges of a response's body in the received stream: as sent, and without the framing. @param {FieldNode} message @returns {{ raw: Range | null, data: Range[] }} */
export function bodyRanges(message) {
  /** @type {Range[]} */
  const data = [];
  /** @type {Range | null} */
  let raw = null;
  const framing = new Set(["chunk-size", "chunk-ext", "chunk-crlf", "last-chunk", "trailer", "trailer-end"]);
  /** @param {FieldNode} n */
  const walk = (n) => {
    if (n.children.length) { n.children.forEach(walk); return; }
    const isData = n.kind === "body" || n.kind === "chunk-data" || n.kind === "raw";
    if (!isData && !framing.has(n.kind)) return;
    if (isData) data.push(...n.ranges);
    raw = raw ? [Math.min(raw[0], n.start), Math.max(raw[1], n.end)] : [n.start, n.end];
  };
  walk(message);
  data.sort((a, b) => a[0] - b[0]);
  return { raw, data };
}

/** @typedef {Dir} _D */
