// @ts-check
/** Two runs side by side: their calls, and their bytes field by field. */
import { latin1 } from "./bytes.js";
import { formatCall } from "./python.js";

/** @import { Dir, FieldNode } from "../types.d.ts" */
/** @import { View } from "./view.js" */

/** @typedef {{ index: number, a: string, b: string, same: boolean }} StepPair */
/** @typedef {{ dir: Dir, label: string, kind: "same" | "changed" | "only-a" | "only-b", a: FieldNode | null, b: FieldNode | null, at: number, parts?: [Parts, Parts] }} FieldPair `at`: first differing byte within the field; `parts`: what is written of each, where both have it and they differ */
/** @typedef {{ before: string, differs: string, after: string }} Parts */

/** Characters shown of what differs, and around it. */
const SHOWN = 80, AROUND = 24;

/**
 * @param {View} a
 * @param {View} b
 * @returns {{ steps: StepPair[], fields: FieldPair[], same: boolean }}
 */
export function compareViews(a, b) {
  /** @type {StepPair[]} */
  const steps = [];
  for (let i = 0; i < Math.max(a.steps, b.steps); i++) {
    const x = outcome(a, i), y = outcome(b, i);
    steps.push({ index: i, a: x, b: y, same: x === y });
  }
  const fields = pairFields(a, b);
  return { steps, fields, same: steps.every((s) => s.same) && fields.every((f) => f.kind === "same") };
}

/** A step in one line: the call, what came of it, and the state after. @param {View} v @param {number} i */
function outcome(v, i) {
  if (i >= v.steps) return "";
  const s = v.log.steps[i];
  return `${formatCall(s, { max: 60 })} → ${s.ret ? (s.ret.error ? s.ret.error.name + ", " : "") + s.ret.state : "under way"}`;
}

/** Messages are paired in order; header lines by their name, other lines by their place. @param {View} a @param {View} b */
function pairFields(a, b) {
  /** @type {FieldPair[]} */
  const out = [];
  for (const dir of /** @type {const} */ (["sent", "received"])) {
    const ra = a.tree.roots.filter((r) => r.dir === dir), rb = b.tree.roots.filter((r) => r.dir === dir);
    for (let i = 0; i < Math.max(ra.length, rb.length); i++) {
      const la = lines(ra[i]), lb = lines(rb[i]);
      const order = orders(la, lb);
      if (order) {
        const at = firstDifference(a, ra[i], b, rb[i]);
        out.push({ dir, label: `${rb[i].label} › order of headers`, kind: "changed", a: ra[i], b: rb[i], at, parts: partsOf(order[0], order[1]) });
      }
      for (const key of new Set([...la.keys(), ...lb.keys()])) {
        const x = la.get(key) ?? null, y = lb.get(key) ?? null;
        const at = x && y ? firstDifference(a, x, b, y) : -1;
        const n = /** @type {FieldNode} */ (x ?? y);
        out.push({ dir, label: `${n.parent ? n.parent.label + " › " : ""}${n.label}`, kind: !y ? "only-a" : !x ? "only-b" : at < 0 ? "same" : "changed", a: x, b: y, at, ...(x && y && at >= 0 ? { parts: written(a, x, b, y, at) } : {}) });
      }
    }
  }
  return out;
}

/** @param {FieldNode} n */
const isHeader = (n) => n.children.some((c) => c.kind === "name");

/** The lines of a message: headers by name and the how-manieth of it they are, others by their path. @param {FieldNode | undefined} root @returns {Map<string, FieldNode>} */
function lines(root) {
  /** @type {Map<string, FieldNode>} */
  const out = new Map();
  for (const n of root?.children.length ? root.children : root ? [root] : []) {
    if (!isHeader(n)) { out.set(n.path.join("/"), n); continue; }
    // Trailers are apart from headers of the same name.
    const name = `${n.path.slice(0, -1).join("/")}/${n.path[n.path.length - 1].replace(/\[\d+\]$/, "")} ${n.label.toLowerCase()} `;
    let k = 0;
    while (out.has(name + k)) k++;
    out.set(name + k, n);
  }
  return out;
}

/** The names of the headers that both have, in the order of each, when that is not the same. @param {Map<string, FieldNode>} a @param {Map<string, FieldNode>} b @returns {[string, string] | null} */
function orders(a, b) {
  const both = [a, b].map((m) => [...m].filter(([key, n]) => isHeader(n) && a.has(key) && b.has(key)));
  if (both[0].every(([key], i) => key === both[1][i][0])) return null;
  return /** @type {[string, string]} */ (both.map((list) => list.map(([, n]) => n.label).join(", ")));
}

/** @param {View} v @param {FieldNode} n */
const bytesOf = (v, n) => v.log.stream(n.conn, n.dir).slice(n.start, n.end);

/** The first byte in which two fields differ, counted in the field; -1 for none. @param {View} a @param {FieldNode} x @param {View} b @param {FieldNode} y */
function firstDifference(a, x, b, y) {
  const p = bytesOf(a, x), q = bytesOf(b, y);
  const n = Math.min(p.length, q.length);
  for (let i = 0; i < n; i++) if (p[i] !== q[i]) return i;
  return p.length === q.length ? -1 : n;
}

/** Two fields as text: their values, or the bytes around the first difference where the values do not show it. @param {View} a @param {FieldNode} x @param {View} b @param {FieldNode} y @param {number} at @returns {[Parts, Parts]} */
function written(a, x, b, y, at) {
  if (x.value !== y.value) return partsOf(x.value, y.value);
  const from = Math.max(0, at - AROUND), [p, q] = [bytesOf(a, x), bytesOf(b, y)].map((bytes) => latin1(bytes.subarray(from, from + SHOWN + AROUND)));
  return partsOf(p, q, from > 0);
}

/** What two texts have in common at their ends, and what differs between. @param {string} p @param {string} q @param {boolean} [cut] whether something comes before @returns {[Parts, Parts]} */
function partsOf(p, q, cut = false) {
  const n = Math.min(p.length, q.length);
  let head = 0, tail = 0;
  while (head < n && p[head] === q[head]) head++;
  while (tail < n - head && p[p.length - 1 - tail] === q[q.length - 1 - tail]) tail++;
  const before = (cut || head > AROUND ? "…" : "") + p.slice(Math.max(0, head - AROUND), head);
  /** @param {string} s @param {number} max */
  const short = (s, max) => (s.length > max ? s.slice(0, max) + "…" : s);
  return /** @type {[Parts, Parts]} */ ([p, q].map((s) => ({ before, differs: short(s.slice(head, s.length - tail), SHOWN), after: short(s.slice(s.length - tail), AROUND) })));
}
