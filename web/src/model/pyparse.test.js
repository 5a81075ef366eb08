// @ts-check
import { describe, expect, test } from "vitest";
import { formatCall } from "./python.js";
import { parseLine, parseProgram } from "./pyparse.js";

/** @type {import("../types.d.ts").Call[]} */
const calls = [
  { name: "connect", args: {} },
  { name: "putrequest", args: { method: "GET", url: "/a b\"c\\d", skip_host: true } },
  { name: "putheader", args: { header: "Accept", values: ["text/html", "é\r\n\tx"] } },
  { name: "putheader", args: { header: "Content-Length", values: [3] } },
  { name: "endheaders", args: { message_body: { b64: "AP8K" }, encode_chunked: true } },
  { name: "send", args: { data: { text: "hello" } } },
  { name: "send", args: { data: { iterable: [{ b64: "YQ==" }, { b64: "Yg==" }] } } },
  { name: "request", args: { method: "POST", url: "/", body: { file: { b64: "eA==" } }, headers: [["A", "1"], ["B", 2]] } },
  { name: "getresponse", args: {} },
  { name: "begin", args: { method: "HEAD" } },
  { name: "begin", args: {} },
  { name: "read", args: {} },
  { name: "read", args: { amt: 16 } },
  { name: "readinto", args: { n: 4 } },
  { name: "getheader", args: { name: "Server", default: "none" } },
  { name: "response_close", args: {} },
  { name: "iterate", args: {} },
  { name: "closed", args: {} },
  { name: "close", args: {} },
  { name: "set_debuglevel", args: { level: 1 } },
];

describe("a program in Python's syntax", () => {
  test.each(calls)("is read as it is written: $name", (call) => {
    const line = formatCall(call);
    expect(parseLine(line)).toMatchObject({ call, error: null });
  });

  test("names the host, skips comments and blank lines", () => {
    const p = parseProgram('conn = HTTPConnection("::1", 8080)  # here\n\n# nothing\nconn.connect()');
    expect(p.ctor).toEqual({ host: "::1", port: 8080, tls: false });
    expect(parseProgram('conn = HTTPSConnection("h")').ctor).toEqual({ host: "h", port: null, tls: true });
    expect(parseProgram('conn = http.client.HTTPSConnection("h", 1)').ctor).toEqual({ host: "h", port: 1, tls: true });
    expect(p.calls).toEqual([{ name: "connect", args: {} }]);
    expect(p.errors).toEqual([]);
  });

  test.each([
    ["conn.conect()", 5, 11, "no call “conect”"],
    ["conn.putrequest('GET')", 21, 22, "needs url"],
    ["conn.putheader('a', x)", 20, 21, "“x” is not defined"],
    ["conn.send('abc", 10, 14, "does not end"],
    ["conn.connect(1)", 13, 14, "at most 0 arguments"],
    ["conn.request('GET', '/', bodi=1)", 25, 29, "no parameter “bodi”"],
    ["conn.connect() conn.close()", 15, 27, "one call a line"],
    ["import os", 0, 6, "not defined here"],
    ["conn.send(b'é')", 12, 13, "ASCII"],
    ["conn.send('\\xg')", 11, 13, "2 hexadecimal digits"],
    ["conn.send('\\U00110000')", 11, 21, "no such character"],
    ["conn", 4, 5, "expected “.” before the end"],
  ])("%s: points at the column", (line, from, to, message) => {
    const { error } = parseLine(line);
    expect(error).toMatchObject({ from, to });
    expect(error?.message).toContain(message);
  });

  test("never throws, whatever the text", () => {
    const seed = "conn.putheader('a', b\"\\x00\", 1) resp = list({}[]:#\\u";
    let state = 7;
    for (let i = 0; i < 4000; i++) {
      let s = "";
      for (let k = 0; k < 24; k++) { state = (state * 1103515245 + 12345) & 0x7fffffff; s += seed[(state >> 8) % seed.length]; }
      const { error } = parseLine(i % 2 ? s : "conn.send(" + s);
      if (error) { expect(error.from).toBeGreaterThanOrEqual(0); expect(error.to).toBeGreaterThan(error.from); }
    }
  });
});
