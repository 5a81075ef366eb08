// @ts-check
/** A step through a long run looks at what the step shows, not at all that came before. */
import { expect, test } from "vitest";
import { changesOf } from "./changes.js";
import { logOf } from "./log.js";
import { viewAt } from "./view.js";
import { manyChunks, manyExchanges } from "../../test/bench/recordings.mjs";

/**
 * Counts the items of a list that are read. @template T @param {T[]} list @param {{ reads: number }} count
 * @returns {T[]}
 */
const counted = (list, count) => new Proxy(list, {
  get(target, key, self) {
    if (typeof key === "string" && /^\d+$/.test(key)) count.reads++;
    return Reflect.get(target, key, self);
  },
});

/** What the views read of a step. @param {import("./view.js").View} v */
function look(v) {
  return [v.state, v.buffer, v.bufferSize, v.ladder, v.diagnostics, v.blocks, v.response?.headers.map((h) => h.node?.label), v.conns, v.tree.roots.at(-1)?.label, changesOf(v)];
}

for (const [what, recording] of /** @type {const} */ ([["many exchanges", manyExchanges], ["one response in many pieces", manyChunks]])) {
  test(`${what}: the events and spans read by a step do not grow with the run`, () => {
    const log = logOf(recording(10_000).events), count = { reads: 0 };
    log.events = counted(log.events, count);
    for (const s of log.streams.values()) s.leaves = counted(s.leaves, count);
    let most = 0;
    for (let n = 0; n < log.steps.length; n += 7) {
      count.reads = 0;
      look(viewAt(log, log.cursorOf(n)));
      most = Math.max(most, count.reads);
    }
    expect(most).toBeLessThan(64);
  });
}

test("a step shows the same, come to forwards, backwards or at once", () => {
  const { events } = manyExchanges(600), log = logOf(events);
  const at = (/** @type {number} */ n) => JSON.stringify(look(viewAt(log, log.cursorOf(n))), (k, v) => (k === "stream" || k === "parts" || k === "ended" ? undefined : v));
  const forwards = log.steps.map((_, n) => at(n));
  const backwards = log.steps.map((_, n) => at(log.steps.length - 1 - n)).reverse();
  expect(backwards).toEqual(forwards);
  // And as when nothing more had come.
  log.steps.forEach((_, n) => {
    if (n % 5) return;
    const short = logOf(events.slice(0, log.cursorOf(n)));
    expect(JSON.stringify(look(viewAt(short, short.length)), (k, v) => (k === "stream" || k === "parts" || k === "ended" ? undefined : v)), `step ${n}`).toBe(forwards[n]);
  });
});
