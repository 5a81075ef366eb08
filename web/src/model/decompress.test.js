// @ts-check
import { Buffer } from "node:buffer";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { codingsOf, decompress } from "./decompress.js";

const plain = "one two three, one two three";

test("codings are those of all fields, in the order they were applied", () => {
  expect(codingsOf([{ name: "Content-Encoding", value: "deflate, , Identity" }, { name: "X", value: "br" }, { name: "content-encoding", value: "X-GZIP" }])).toEqual(["deflate", "x-gzip"]);
});

test("they are undone from the last to the first", async () => {
  const cases = /** @type {[string[], Buffer, RegExp][]} */ ([
    [["gzip"], gzipSync(plain), /^$/],
    [["deflate", "x-gzip"], gzipSync(deflateSync(plain)), /^$/],
    // Without the format around it: not what deflate stands for, and often sent.
    [["deflate"], deflateRawSync(plain), /^The data lacks the zlib format.*RFC 9110 §8\.4\.1\.2/],
  ]);
  for (const [codings, bytes, note] of cases) {
    const out = await decompress(codings, bytes);
    expect(Buffer.from(out.bytes ?? []).toString(), codings.join()).toBe(plain);
    expect(out.note).toMatch(note);
  }
});

test("what cannot be undone is said, and what could be read is kept", async () => {
  expect(await decompress(["br"], Buffer.from("x"))).toEqual({ bytes: null, note: "The coding “br” cannot be undone here.", cut: false });
  expect(await decompress(["gzip"], Buffer.from(plain))).toEqual({ bytes: null, note: "The bytes are not complete or not in that coding.", cut: false });
  const long = Buffer.from(Array.from({ length: 1 << 16 }, (_, i) => (i * i) >> 3 & 255)), part = await decompress(["gzip"], gzipSync(long).subarray(0, -9));
  expect(part.note).toMatch(/what could be read/);
  expect(Buffer.from(part.bytes ?? []).equals(long.subarray(0, part.bytes?.length))).toBe(true);
  expect((await decompress(["gzip"], gzipSync(Buffer.alloc(2 << 20)))).cut).toBe(true);
});
