// @ts-check
/** Two runs side by side: their calls, and their bytes field by field. */
import { formatCall } from "./python.js";

/** @import { Dir, FieldNode } from "../types.d.ts" */
/** @import { View } from "./view.js" */

/** @typedef {{ index: number, a: string, b: string, same: boolean }} StepPair */
/** @typedef {{ dir: Dir, label: string, kind: "same" | "changed" | "only-a" | "only-b", a: FieldNode | null, b: FieldNode | null, at: number }} FieldPair `at`: first differing byte within the field */

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

/** Messages are paired in order; their lines by path. @param {View} a @param {View} b */
function pairFields(a, b) {
  /** @type {FieldPair[]} */
  const out = [];
  for (const dir of /** @type {const} */ (["sent", "received"])) {
    const ra = a.tree.roots.filter((r) => r.dir === dir), rb = b.tree.roots.filter((r) => r.dir === dir);
    for (let i = 0; i < Math.max(ra.length, rb.length); i++) {
      const la = lines(ra[i]), lb = lines(rb[i]);
      for (const key of new Set([...la.keys(), ...lb.keys()])) {
        const x = la.get(key) ?? null, y = lb.get(key) ?? null;
        const at = x && y ? firstDifference(a, x, b, y) : -1;
        const n = /** @type {FieldNode} */ (x ?? y);
        out.push({ dir, label: `${n.parent ? n.parent.label + " › " : ""}${n.label}`, kind: !y ? "only-a" : !x ? "only-b" : at < 0 ? "same" : "changed", a: x, b: y, at });
      }
    }
  }
  return out;
}

/** The lines of a message by their path. @param {FieldNode | undefined} root @returns {Map<string, FieldNode>} */
function lines(root) {
  return new Map((root?.children.length ? root.children : root ? [root] : []).map((n) => [n.path.join("/"), n]));
}

/** The first byte in which two fields differ, counted in the field; -1 for none. @param {View} a @param {FieldNode} x @param {View} b @param {FieldNode} y */
function firstDifference(a, x, b, y) {
  const p = a.log.stream(x.conn, x.dir).slice(x.start, x.end), q = b.log.stream(y.conn, y.dir).slice(y.start, y.end);
  const n = Math.min(p.length, q.length);
  for (let i = 0; i < n; i++) if (p[i] !== q[i]) return i;
  return p.length === q.length ? -1 : n;
}
