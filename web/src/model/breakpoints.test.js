// @ts-check
import { describe, expect, test } from "vitest";
import { Stream, logOf } from "./log.js";
import { fromLatin1 } from "./bytes.js";
import { checkBreakpoint, findBytes, hitsAfter } from "./breakpoints.js";
import { chunked } from "../../test/fixtures/conversations.js";

/** A stream of these pieces; a number stands for so many bytes that were not kept. @param {(string | number)[]} pieces */
function streamOf(...pieces) {
  const s = new Stream(1, "received");
  let at = 0;
  pieces.forEach((p, event) => {
    const bytes = typeof p === "string" ? fromLatin1(p) : new Uint8Array(0), size = typeof p === "string" ? p.length : p;
    s.chunks.push({ offset: at, end: at + size, bytes, t: 0, event });
    at += size;
  });
  return s;
}

describe("bytes are found", () => {
  test("across pieces, and only where they end in the range", () => {
    const s = streamOf("ab\r", "\n\r", "\ncd");
    const p = fromLatin1("\r\n\r\n");
    expect(findBytes(s, p, 0, 8)).toEqual([2, 6]);
    expect(findBytes(s, p, 5, 8)).toEqual([2, 6]);
    expect(findBytes(s, p, 0, 5)).toBeNull();
    expect(findBytes(s, p, 6, 8)).toBeNull();
  });
  test("though a first try at them fails half way", () => {
    expect(findBytes(streamOf("aa", "ab"), fromLatin1("aab"), 0, 4)).toEqual([1, 4]);
    expect(findBytes(streamOf("abab", "abc"), fromLatin1("ababc"), 0, 7)).toEqual([2, 7]);
  });
  test("not across what the log dropped", () => {
    expect(findBytes(streamOf("a", 3, "b"), fromLatin1("ab"), 0, 5)).toBeNull();
    expect(findBytes(streamOf("a", 3, "ab"), fromLatin1("ab"), 0, 6)).toEqual([4, 6]);
  });
  test("as a search of the whole text finds them", () => {
    let seed = 7;
    const next = (/** @type {number} */ n) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
    for (let i = 0; i < 500; i++) {
      const pieces = Array.from({ length: 1 + next(6) }, () => Array.from({ length: 1 + next(5) }, () => "ab"[next(2)]).join(""));
      const text = pieces.join(""), want = Array.from({ length: 1 + next(4) }, () => "ab"[next(2)]).join("");
      const from = next(text.length + 1), at = text.indexOf(want, Math.max(0, from - want.length + 1));
      expect(findBytes(streamOf(...pieces), fromLatin1(want), from, text.length), `${want} in ${pieces} from ${from}`).toEqual(at < 0 ? null : [at, at + want.length]);
    }
  });
});

describe("a run stops", () => {
  const log = logOf(chunked());
  /** @param {any} b @param {number} n @param {string | null} [next] */
  const hits = (b, n, next = log.steps[n + 1]?.name ?? null) => hitsAfter([checkBreakpoint(b)], log, n, next).map((h) => h.text);

  test("before a call", () => {
    expect(hits({ kind: "call", call: "getresponse" }, 3)).toEqual(["before getresponse()"]);
    expect(hits({ kind: "call", call: "getresponse" }, 4)).toEqual([]);
    expect(hits({ kind: "call", call: "connect" }, -1)).toEqual(["before connect()"]);
  });
  test("where a state is entered, not where it stays", () => {
    expect(hits({ kind: "state", state: "Request-started" }, 1)).toEqual(["on state Request-started"]);
    expect(hits({ kind: "state", state: "Request-started" }, 2)).toEqual([]);
  });
  test("on bytes, in the direction asked for", () => {
    expect(hits({ kind: "bytes", as: "text", pattern: "GET /", dir: "sent" }, 3)).toEqual(["on sent bytes \"GET /\" at 0"]);
    expect(hits({ kind: "bytes", as: "text", pattern: "GET /", dir: "received" }, 3)).toEqual([]);
    expect(hits({ kind: "bytes", as: "hex", pattern: "0d0A 0d 0a", dir: "both" }, 3)).toEqual(["on bytes 0d0a 0d 0a, sent at 91"]);
  });
  test("not for one that is off", () => {
    expect(hits({ kind: "call", call: "getresponse", on: false }, 3)).toEqual([]);
  });
});

test.each([
  [{ kind: "bytes", as: "text", pattern: "\\q", dir: "sent" }, "The pattern \\q cannot be read"],
  [{ kind: "bytes", as: "hex", pattern: "0d 0", dir: "sent" }, "\"0\" at character 4 is no byte"],
  [{ kind: "bytes", as: "hex", pattern: " ", dir: "sent" }, "The pattern is empty"],
  [{ kind: "bytes", as: "text", pattern: "a".repeat(1025), dir: "sent" }, "at most 1,024"],
  [{ kind: "bytes", as: "text", pattern: "a", dir: "up" }, "This is no breakpoint."],
  [null, "This is no breakpoint."],
])("%j is refused", (b, said) => {
  expect(() => checkBreakpoint(b)).toThrow(said);
});
