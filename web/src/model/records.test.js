// @ts-check
import { describe, expect, test } from "vitest";
import { logOf } from "./log.js";
import { viewAt } from "./view.js";
import { carried, hasRecords, partAt, plaintextAt, recordsAt } from "./records.js";

/** @type {import("../types.d.ts").RecordEvent} */
const record = { type: "tls-record", seq: 0, t: 0, conn: 1, dir: "sent", offset: 500, size: 45, content: "application_data", protected: true, parts: [["header", 5], ["nonce", 8], ["content", 15], ["content-type", 1], ["tag", 16]], plaintext: { start: 100, end: 115 } };

describe("a record", () => {
  test("carries what of a selection lies in it", () => {
    const of = (/** @type {[number, number][]} */ ...ranges) => carried(record, { conn: 1, dir: "sent", ranges, node: null });
    expect(of([100, 101])).toEqual([[13, 14]]);
    expect(of([90, 105], [110, 200])).toEqual([[13, 18], [23, 28]]);
    expect(of([90, 100], [115, 120])).toEqual([]);
    expect(carried(record, { conn: 1, dir: "received", ranges: [[100, 101]], node: null })).toEqual([]);
    expect(carried(record, { conn: 2, dir: "sent", ranges: [[100, 101]], node: null })).toEqual([]);
  });
  test("says which plaintext each of its bytes carries, and what the others are", () => {
    expect([0, 12, 13, 27, 28, 44].map((i) => plaintextAt(record, i))).toEqual([-1, -1, 100, 114, -1, -1]);
    expect([4, 5, 13, 28, 29].map((i) => partAt(record, i))).toEqual(["header", "nonce", "content", "content-type", "tag"]);
    expect(partAt({ ...record, parts: undefined }, 7)).toBe("ciphertext");
  });
});

test("records are those up to the cursor, or of its step", () => {
  const call = (/** @type {number} */ n) => /** @type {any} */ ([{ type: "call", seq: 0, t: 0, call: n, name: "connect" }, { ...record, offset: n }, { type: "return", seq: 0, t: 0, call: n, name: "connect", state: "Idle", unread: false, legal: [] }]);
  const log = logOf([...call(1), ...call(2)]);
  const at = (/** @type {number} */ n) => viewAt(log, log.cursorOf(n));
  expect(hasRecords(at(-1))).toBe(false);
  expect(hasRecords(at(0))).toBe(true);
  expect(recordsAt(at(0), false).map((r) => r.offset)).toEqual([1]);
  expect(recordsAt(at(1), true).map((r) => r.offset)).toEqual([2]);
  for (const e of call(3)) log.push(e);
  expect(recordsAt(at(2), false).map((r) => r.offset)).toEqual([1, 2, 3]);
});
