// @ts-check
/** TLS records beside the plaintext: which record carried which bytes, and where in it they stand. */

/** @import { Range, RecordEvent, Selection } from "../types.d.ts" */
/** @import { EventLog } from "./log.js" */
/** @import { View } from "./view.js" */

/** @typedef {{ event: number, record: RecordEvent }} Recorded */

/** The records of each log, found as it grows. @type {WeakMap<EventLog, { seen: number, list: Recorded[] }>} */
const found = new WeakMap();

/** @param {EventLog} log @returns {Recorded[]} in the order they came */
function recordsOf(log) {
  let known = found.get(log);
  if (!known) found.set(log, (known = { seen: 0, list: [] }));
  for (; known.seen < log.events.length; known.seen++) {
    const record = log.events[known.seen];
    if (record.type === "tls-record") known.list.push({ event: known.seen, record });
  }
  return known.list;
}

/** Whether anything went over TLS. @param {View} view */
export function hasRecords(view) {
  const [first] = recordsOf(view.log);
  return !!first && first.event < view.cursor;
}

/** The records as of the cursor; `step`: of the step alone that it stands after. @param {View} view @param {boolean} step */
export function recordsAt(view, step) {
  const from = step ? (view.step?.first ?? 0) : 0;
  return recordsOf(view.log).filter((r) => r.event >= from && r.event < view.cursor).map((r) => r.record);
}

/** Where the content of a record begins in it: after the header, and a nonce if it has one. @param {RecordEvent} r */
export function contentAt(r) {
  let at = 0;
  for (const [name, size] of r.parts ?? []) {
    if (name === "content") return at;
    at += size;
  }
  return 5;
}

/**
 * The bytes of a record that carry a selection of plaintext. The ciphers are
 * stream-like: byte for byte the ciphertext is as long as what it hides.
 * @param {RecordEvent} r
 * @param {Selection | null} s
 * @returns {Range[]}
 */
export function carried(r, s) {
  const p = r.plaintext;
  if (!s || !p || s.dir !== r.dir || s.conn !== (r.conn ?? 1)) return [];
  const at = contentAt(r) - p.start;
  return s.ranges.flatMap(([start, end]) => {
    const a = Math.max(start, p.start), z = Math.min(end, p.end);
    return a < z ? [/** @type {Range} */ ([a + at, z + at])] : [];
  });
}

/** The offset in the plaintext of a record's byte, or -1 when it carries none of it. @param {RecordEvent} r @param {number} i */
export function plaintextAt(r, i) {
  const p = r.plaintext, at = i - contentAt(r);
  return p && at >= 0 && at < p.end - p.start ? p.start + at : -1;
}

/** The part of a record that a byte belongs to. @param {RecordEvent} r @param {number} i */
export function partAt(r, i) {
  let at = 0;
  for (const [name, size] of r.parts ?? [["header", 5]]) {
    at += size;
    if (i < at) return name;
  }
  return r.protected ? "ciphertext" : "content";
}
