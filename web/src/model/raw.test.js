// @ts-check
import { describe, expect, test } from "vitest";
import { fromLatin1, latin1 } from "./bytes.js";
import { composerOf } from "./compose.js";
import { composeProgram } from "./program.js";
import { MOST_RAW, NO_RAW, composedBytes, methodOf, rawBytes, rawText } from "./raw.js";

const request = fromLatin1("HEAD /\xff HTTP/1.1\r\nHost: a\r\n\r\n");
/** @type {import("../types.d.ts").ComposerState} */
const composer = { origin: "a", demo: "", method: "GET", target: "/", headers: [], body: "", style: "raw", raw: { ...NO_RAW, bytes: request }, tls: false };

describe("a request of bytes", () => {
  test("is a program that sends them and reads the answer by their method", () => {
    const calls = composeProgram(composer);
    expect(calls.map((c) => c.name)).toEqual(["connect", "send", "begin", "read"]);
    expect(calls[1].args).toEqual({ data: { b64: btoa(latin1(request)) } });
    expect(calls[2].args).toEqual({ method: "HEAD" });
  });
  test("comes back from its program", () => {
    expect(composerOf(composeProgram(composer))).toMatchObject({ style: "raw", raw: { bytes: request, text: "HEAD /\\xff HTTP/1.1\\r\\n\nHost: a\\r\\n\n\\r\\n", method: "" } });
    expect(composerOf(composeProgram({ ...composer, raw: { ...composer.raw, method: "GET" } }))).toMatchObject({ raw: { method: "GET" } });
  });
  test("keeps its form where its bytes were left out", () => {
    expect(composerOf([{ name: "send", args: {} }, { name: "begin", args: {} }])).toMatchObject({ style: "raw", raw: { text: "" } });
  });
  test.each([["GET / HTTP/1.1", "GET"], ["\r\nPUT /", "PUT"], ["\0\x01", "GET"], ["", "GET"]])("%j is answered as %s", (text, method) => {
    expect(methodOf({ ...NO_RAW, bytes: fromLatin1(text) })).toBe(method);
  });
  test("says where in the text each byte stands", () => {
    /** @type {number[]} */
    const starts = [];
    rawBytes("a\\r\\n\né\\x00", "text", starts);
    expect(starts).toEqual([0, 1, 3, 6, 6, 7]);
    starts.length = 0;
    rawBytes("0d 0a\nff", "hex", starts);
    expect(starts).toEqual([0, 3, 6]);
  });
  test("has its limit", () => {
    expect(() => rawBytes("a".repeat(MOST_RAW + 1), "text")).toThrow("at most 1 MiB");
  });
  test("is the same in both notations", () => {
    for (const as of /** @type {const} */ (["text", "hex"])) expect(rawBytes(rawText(request, as), as)).toEqual(request);
  });
});

test("the composed request is read off the client's buffer, and never sent", async () => {
  /** @type {any[]} */
  const made = [];
  const conn = { recording: () => ({ events: [{ type: "buffer", bytes: { latin1: "POST / HTTP/1.1\r\n" }, size: 17 }, { type: "transition" }, { type: "buffer", bytes: { latin1: "A: b\r\n" }, size: 23 }] }) };
  const bytes = await composedBytes(conn, { ...composer, method: "post", body: "é", headers: [["A", "b"], ["", ""]], raw: { ...NO_RAW, from: "request" } }, async (run, call) => { made.push([call.name, call.args.header ?? call.args.method]); });
  expect(latin1(bytes)).toBe("POST / HTTP/1.1\r\nA: b\r\n\r\n\xc3\xa9");
  expect(made).toEqual([["putrequest", "post"], ["putheader", "Content-Length"], ["putheader", "A"]]);
});
