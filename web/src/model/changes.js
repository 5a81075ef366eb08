// @ts-check
/** What a step changed, as sentences: the difference of two views. */
import { sizeText } from "./bytes.js";
import { viewAt } from "./view.js";
import { remarkWord } from "../texts/remarks.js";

/** @import { View } from "./view.js" */

/**
 * @param {View} view
 * @returns {string[]}
 */
export function changesOf(view) {
  const step = view.step;
  if (!step) return [];
  const before = viewAt(view.log, step.first);
  /** @type {string[]} */
  const out = [];
  if (before.state !== view.state) out.push(`State: ${before.state} → ${view.state}.`);
  else if (view.taken.length) out.push(`State: ${view.state}, by way of ${view.taken.map((t) => t.input).join(", ")}.`);
  for (const c of view.conns) {
    const b = before.conns.find((x) => x.conn === c.conn) ?? { sent: 0, received: 0, eof: false };
    const on = view.conns.length > 1 ? ` on connection ${c.conn}` : "";
    if (c.sent > b.sent) out.push(`Sent ${sizeText(c.sent - b.sent)}${on}.`);
    if (c.received > b.received) out.push(`Received ${sizeText(c.received - b.received)}${on}.`);
    if (c.eof && !b.eof) out.push(`The server ended its stream${on}.`);
  }
  if (view.bufferSize !== before.bufferSize) {
    out.push(view.bufferSize > before.bufferSize
      ? `Buffer: ${sizeText(view.bufferSize - before.bufferSize)} more, ${sizeText(view.bufferSize)} unsent.`
      : `Buffer: emptied${before.bufferSize ? `, ${sizeText(before.bufferSize)} before` : ""}.`);
  }
  const fields = view.tree.begunSince(step.first).filter((n) => n.dir === "received" && n.children.length);
  if (fields.length) out.push(`Parsed: ${fields.slice(0, 12).map((n) => n.label).join(", ")}${fields.length > 12 ? ", …" : ""}.`);
  if (before.legal && view.legal) {
    const now = new Set(view.legal), was = new Set(before.legal);
    const gained = view.legal.filter((x) => !was.has(x)), lost = before.legal.filter((x) => !now.has(x));
    if (gained.length) out.push(`Now legal: ${gained.join(", ")}.`);
    if (lost.length) out.push(`No longer legal: ${lost.join(", ")}.`);
  }
  for (const d of view.remarks.slice(0, 5)) out.push(`${remarkWord(d)}: ${d.text}`);
  if (view.error) out.push(`Raised ${view.error.name}${view.error.message ? `: ${view.error.message}` : ""}.`);
  const printed = step.ret?.stdout;
  if (printed && !view.pending) out.push(`Printed: ${printed.trim()}`);
  return out;
}
