// @ts-check
import { describe, expect, test } from "vitest";
import { formatCall } from "./python.js";
import { parseProgram, withoutPrompts } from "./pyparse.js";

/** @type {import("../types.d.ts").Call[]} */
const calls = [
  { name: "connect", args: {} },
  { name: "putrequest", args: { method: "GET", url: "/a b\"c\\d", skip_host: true } },
  { name: "putheader", args: { header: "Accept", values: ["text/html", "é\r\n\tx"] } },
  { name: "putheader", args: { header: "X", values: ["\u202e\u2028\ud800\u00a0\0\x7f😀"] } },
  { name: "putheader", args: { header: "Content-Length", values: [3] } },
  { name: "endheaders", args: { message_body: { b64: "AP8K" }, encode_chunked: true } },
  { name: "send", args: { data: { text: "hello" } } },
  { name: "send", args: { data: { iterable: [{ b64: "YQ==" }, { b64: "Yg==" }] } } },
  { name: "request", args: { method: "POST", url: "/", body: { file: { b64: "eA==" } }, headers: [["A", "1"], ["B", 2]] } },
  { name: "request", args: { method: "POST", url: "/", body: { textfile: "é" }, headers: [["A", "1"], ["A", { b64: "/w==" }]] } },
  { name: "set_tunnel", args: { host: "h", port: 1, headers: [["A", "1"]] } },
  { name: "getresponse", args: {} },
  { name: "begin", args: { method: "HEAD" } },
  { name: "begin", args: {} },
  { name: "read", args: {} },
  { name: "read", args: { amt: -16 } },
  { name: "readinto", args: { n: 4 } },
  { name: "readlines", args: {} },
  { name: "getheader", args: { name: "Server", default: "none" } },
  { name: "response_close", args: {} },
  { name: "closed", args: {} },
  { name: "close", args: {} },
  { name: "set_debuglevel", args: { level: 1 } },
];

/** The calls in the session's words; faults are shown, too. @param {string} text */
function read(text) {
  const { ctor, calls, errors } = parseProgram(text);
  const first = ctor ? [formatCall({ name: ctor.tls ? "HTTPSConnection" : "HTTPConnection", args: ctor })] : [];
  return [...first, ...calls.map((c) => formatCall(c)), ...errors.map((e) => `${e.line + 1}:${e.from + 1} ${e.message}`)];
}

describe("a program in Python's syntax", () => {
  test.each(calls)("is read as it is written: $name $args", (call) => {
    for (const names of [undefined, { conn: "c", resp: "r1" }]) {
      const line = formatCall(call, { names });
      const { calls, errors } = parseProgram(names ? `c = HTTPConnection("h")\nr1 = c.getresponse()\n${line}` : line);
      expect(errors).toEqual([]);
      expect(calls.at(-1)).toEqual(call);
    }
    expect(formatCall(call)).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|(?! )\p{Zs}/u);
  });

  test("names the host, and skips comments and blank lines", () => {
    const p = parseProgram('conn = HTTPConnection("::1", 8080)  # here\n\n# nothing\nconn.connect()');
    expect(p.ctor).toEqual({ host: "::1", port: 8080, tls: false });
    expect(p.calls).toEqual([{ name: "connect", args: {} }]);
    expect(p.places).toEqual([{ first: 3, last: 3 }]);
    expect(p.errors).toEqual([]);
    expect(parseProgram('conn = HTTPSConnection("h")').ctor).toEqual({ host: "h", port: null, tls: true });
  });

  test.each([
    ['conn = HTTPConnection("h", 1, 2.5, ("", 0), 512)', 'conn = HTTPConnection("h", 1, timeout=2.5, source_address=("", 0), blocksize=512)'],
    ['conn = http.client.HTTPSConnection("h", timeout=5, context=ssl.create_default_context())', 'conn = HTTPSConnection("h", timeout=5)'],
    ['conn = HTTPConnection(timeout=None, host="h")', 'conn = HTTPConnection("h")'],
  ])("makes the connection with what it is given: %s", (line, written) => {
    expect(read(line)).toEqual([written]);
    expect(read(written)).toEqual([written]);
  });

  // The manual's own, and what teachers make of them.
  test("reads a POST as the manual has it, with a name for each thing", () => {
    const p = parseProgram(`import http.client, urllib.parse
params = urllib.parse.urlencode({'@number': 12524, '@type': 'issue', '@action': 'show'})
headers = {"Content-type": "application/x-www-form-urlencoded",
           "Accept": "text/plain"}
conn = http.client.HTTPConnection("bugs.python.org")
conn.request("POST", "", params, headers)
response = conn.getresponse()
print(response.status, response.reason)
data = response.read()
data
conn.close()`);
    expect(p.errors).toEqual([]);
    expect(p.calls.map((c) => formatCall(c))).toEqual([
      'conn.request("POST", "", body="%40number=12524&%40type=issue&%40action=show", headers={"Content-type": "application/x-www-form-urlencoded", "Accept": "text/plain"})',
      "resp = conn.getresponse()", "resp.read()", "conn.close()",
    ]);
    expect(p.skipped.map((s) => s.first + 1)).toEqual([8, 10]);
    expect(p.names).toEqual({ conn: "conn", resp: "response" });
  });

  test.each([
    // Names, imports and what makes values
    ['from http.client import HTTPSConnection as H\nc = H("h")\nc.connect()', ['conn = HTTPSConnection("h")', "conn.connect()"]],
    ['import json\nbody = json.dumps({"é": [1, 2.0, None, True], "b": "\\x7f\\ud83d"})\nconn.send(body.encode())', ['conn.send(b"{\\"\\\\u00e9\\": [1, 2.0, null, true], \\"b\\": \\"\\\\u007f\\\\ud83d\\"}")']],
    ["conn.send(json.dumps([1e16, -1e15, 0.00001, 0.1]))", ['conn.send("[1e+16, -1000000000000000.0, 1e-05, 0.1]")']],
    ["conn.send(json.dumps({'é': (1,)}, ensure_ascii=False, separators=(',', ':')))", ['conn.send("{\\"é\\":[1]}")']],
    ["import base64\nb = base64.b64encode(b'u:p').decode()\nconn.putheader('Authorization', 'Basic ' + b)", ['conn.putheader("Authorization", "Basic dTpw")']],
    ["n = 5\nconn.putheader('X', f'{n}/{{{len(\"é\")}}}', str(n * 2))", ['conn.putheader("X", "5/{1}", "10")']],
    ["h = {}\nh['A'] = '1'\nh['A'] = '2'\nh.update({'B': '3'}, C='4')\nconn.request('GET', '/', headers=h)", ['conn.request("GET", "/", headers={"A": "2", "B": "3", "C": "4"})']],
    ["body = b''\nbody += b'a' * 3\nconn.send(body)", ['conn.send(b"aaa")']],
    ["buf: bytearray = bytearray(10)\nn = resp.readinto(buf)\nprint(buf[:n])", ["resp.readinto(bytearray(10))"]],
    // Several lines, several calls
    ['conn.request(\n    "POST", "/",\n    headers={\n        "A": "1",  # first\n    },\n)', ['conn.request("POST", "/", headers={"A": "1"})']],
    ['conn.send("""a\n"b\\\n""" r"\\n" u\'c\')', ['conn.send("a\\n\\"b\\\\nc")']],
    ["conn.send(b'\\101\\0' rb'\\x')", ['conn.send(b"A\\x00\\\\x")']],
    ["conn.connect(); conn.close()", ["conn.connect()", "conn.close()"]],
    ["print(conn.getresponse().read().decode('utf-8'), resp.status)", ["resp = conn.getresponse()", "resp.read()"]],
    ["for_read = list(resp)", ["resp.readlines()"]],
    ['r = http.client.HTTPResponse(conn.sock, method="HEAD")\nr.begin()\nr.read()', ['resp = HTTPResponse(conn.sock, method="HEAD"); resp.begin()', "resp.read()"]],
    ["    conn.connect()\n\n    conn.close()", ["conn.connect()", "conn.close()"]],
    ["conn.connect()\r\nconn.close()\rconn.connect()", ["conn.connect()", "conn.close()", "conn.connect()"]],
  ])("reads what people write: %s", (text, written) => {
    expect(read(text)).toEqual(written);
  });

  test.each([
    ["conn.conect()", 6, 12, "no call “conect”: there are connect,"],
    ["conn.putrequest('GET')", 22, 23, "needs url"],
    ["conn.putheader('a', x)", 21, 22, "“x” is not defined"],
    ["conn.send('abc", 11, 15, "does not end"],
    ["conn.send('''abc", 11, 17, "never closed"],
    ["conn.send('abc'", 10, 11, "“(” is never closed"],
    ["conn.send('abc'])", 16, 17, "“]” does not close “(”"],
    ["conn.connect(1)", 14, 15, "at most 0 arguments"],
    ["conn.request('GET', '/', bodi=1)", 26, 30, "no parameter “bodi”: it has method, url, body"],
    ["conn.request(method='GET', '/')", 28, 31, "comes before"],
    ["conn.request('GET', '/', None, {}, True)", 36, 40, "at most 4 arguments"],
    ["conn.connect() conn.close()", 16, 28, "one call a line"],
    ["conn.connect", 1, 13, "not called: add ()"],
    ["os.getenv('x')", 1, 3, "“os” is not defined here"],
    ["import requests; requests.get('x')", 18, 30, "the calls of http.client are"],
    ["conn.send(b'é')", 13, 14, "ASCII"],
    ["conn.send('\\xg')", 12, 14, "2 hexadecimal digits"],
    ["conn.send('\\U00110000')", 12, 22, "no such character"],
    ["conn.send('\\N{DASH}')", 12, 14, "write \\u"],
    ["conn.send('a' b'b')", 11, 19, "not one literal"],
    ["conn.send(“a”)", 11, 12, "write \" or '"],
    ["conn.send(\u00a0'a')", 11, 12, "U+00A0"],
    ["conn.send(007)", 11, 14, "does not begin with 0"],
    ["conn.send(12345678901234567890)", 11, 31, "as text, in quotes"],
    ["conn.request('POST', '/', {'a': 1})", 27, 35, "json.dumps()"],
    ["conn.request('GET', '/', headers={'a': None})", 40, 44, "found None"],
    ["conn.request('GET', '/', headers='a')", 34, 37, "found text: {\"Name\""],
    ["conn.putrequest(b'GET', '/')", 17, 23, "leave out the b"],
    ["resp.read('5')", 11, 14, "leave out the quotes"],
    ["resp.readinto(5)", 15, 16, "bytearray(16)"],
    ["x = HTTPConnection('h', context=None)", 25, 32, "no parameter “context”"],
    ["HTTPSConnection('h', context=ssl._create_unverified_context())", 30, 60, "ssl.create_default_context() is"],
    ["data = resp.read(); conn.send(data)", 31, 35, "not known before the program runs"],
    ["json.load(resp)", 11, 15, "call its read()"],
    ["while chunk := resp.read(200):\n    print(repr(chunk))", 1, 6, "list(resp)"],
    ["[x for x in resp]", 4, 7, "loops are not run"],
    ["with open('f') as f:\n  conn.send(f)", 1, 5, "without indentation"],
    ["if True:\n  conn.connect()\nelse:\n  conn.close()", 1, 3, "conditions"],
    ["conn.connect() or conn.close()", 19, 31, "conditions"],
    ["conn.debuglevel = 1", 1, 16, "set_debuglevel()"],
    [">>> conn.connect()", 1, 4, "prompt"],
    ["conn.connect()\n  conn.close()", 1, 3, "unexpected indentation"],
    ["conn.connect()\nconn = HTTPConnection('h')", 8, 27, "move this line to the top"],
    ["a = HTTPConnection('h')\nb = HTTPConnection('i')\nb.connect()", 5, 24, "one connection"],
    ["r1 = conn.getresponse()\nr2 = conn.getresponse()\nr1.read()", 1, 8, "the newest, “r2”"],
    ["conn", 0, 0, ""],
  ])("%s: points at the column", (text, from, to, message) => {
    const { errors } = parseProgram(text);
    if (!message) { expect(errors).toEqual([]); return; }
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ from: from - 1, to: to - 1 });
    expect(errors[0].message).toContain(message);
  });

  test("goes on after a fault, past the block that it stands before, and says nothing of what follows from it", () => {
    const p = parseProgram("c = HTTPConnection(5)\nx = nothing\nfor i in x:\n    c.send(i)\n\n    c.send(i)\nc.close()\nc.send(x)\nc.conect()");
    expect(p.errors.map((e) => e.line + 1)).toEqual([1, 2, 3, 9]);
    expect(p.calls.map((c) => c.name)).toEqual(["close"]);
  });

  test("warns of a name that is twice in a dictionary, as Python has it once", () => {
    const { errors, warnings, calls } = parseProgram('conn.request("GET", "/", headers={"A": "1", "A": "2"})');
    expect([errors, warnings.map((w) => [w.from, w.to])]).toEqual([[], [[44, 47]]]);
    expect(calls[0].args.headers).toEqual([["A", "1"], ["A", "2"]]);
  });

  test("points into the line, whatever the text", () => {
    const seed = ["conn", ".", "putheader", "(", ")", "'a'", "b\"\\x00\"", "f'{a}'", "1", "=", " ", "\n", "\r\n", "[", "]", "{", "}", ":", "#", "\\", "'", "\"\"\"", "é", "😀", "\t", "resp", "list", "import", "while", "not", "in", ",", ";", "-", "**", "x"];
    let state = 7;
    for (let i = 0; i < 2000; i++) {
      let s = i % 2 ? "" : "conn.send(";
      for (let k = 0; k < 14; k++) { state = (state * 1103515245 + 12345) & 0x7fffffff; s += seed[(state >> 8) % seed.length]; }
      const lines = s.split(/\r\n?|\n/);
      for (const e of [...parseProgram(s).errors, ...parseProgram(s).warnings]) {
        expect(e.from, s).toBeLessThanOrEqual(lines[e.line].length);
        expect(e.to, s).toBeGreaterThan(e.from);
        expect(e.to, s).toBeLessThanOrEqual(Math.max(lines[e.line].length, e.from + 1));
      }
    }
  });

  test("takes the prompts off what was copied from a session, and keeps its output as comments", () => {
    expect(withoutPrompts(">>> conn.request('GET',\n...   '/')\n>>> r = conn.getresponse()\n>>> print(r.status)\n200\n...\n")).toBe("conn.request('GET',\n  '/')\nr = conn.getresponse()\nprint(r.status)\n# 200\n\n");
    expect(withoutPrompts("conn.send('>>> ')\n")).toBe("conn.send('>>> ')\n");
  });
});

test("what would fill the memory or the stack is a fault at its place", () => {
  for (const [text, line, message] of /** @type {[string, number, RegExp][]} */ ([
    [`conn.send(${"(".repeat(50_000)}`, 0, /nested too deeply/],
    [`conn.send(${"-".repeat(50_000)}1)`, 0, /nested too deeply/],
    [`x = ${"{1: ".repeat(50_000)}`, 0, /nested too deeply/],
    ["x = 'a' * 10**9", 0, /a size from 0/],
    ["x = [1] * 10**9", 0, /a size from 0/],
    [`x = b"aaaa"\n${"x = x + x\n".repeat(40)}`, 23, /a size from 0/],
  ])) {
    const [error] = parseProgram(text).errors;
    expect(error.message).toMatch(message);
    expect(error.line).toBe(line);
  }
  expect(parseProgram(`x = ${"not ".repeat(50_000)}1`).errors).toEqual([]);
});
