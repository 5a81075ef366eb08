// @ts-check
import { describe, expect, test } from "vitest";
import { logOf } from "./log.js";
import { viewAt, bodyRanges, responseOf } from "./view.js";
import { Tree, enclosing, crumbs } from "./tree.js";
import { latin1 } from "./bytes.js";
import { formatCall } from "./python.js";
import { composeProgram, splitOrigin } from "./program.js";
import { compareViews } from "./compare.js";
import { leftOutText } from "../texts/left-out.js";
import { NO_RAW } from "./raw.js";
import { badStatusLine, chunked } from "../../test/fixtures/conversations.js";
import { LogBuilder, header, headEnd, requestLine } from "../../test/fixtures/log-builder.js";

describe("the log", () => {
  const log = logOf(chunked());

  test("has a step for each call, with its return", () => {
    expect(log.steps.map((s) => s.name)).toEqual(["connect", "putrequest", "putheader", "endheaders", "getresponse", "read"]);
    expect(log.steps.every((s) => s.ret)).toBe(true);
  });

  test("answers as of a cursor", () => {
    const sent = log.stream(1, "sent");
    expect(sent.length(log.cursorOf(2))).toBe(0);
    expect(sent.length(log.cursorOf(3))).toBe(95);
    expect(latin1(sent.slice(0, 12))).toBe("GET /chunked");
    expect(sent.byte(0)).toBe(0x47);
    expect(sent.byte(5000)).toBe(-1);
  });

  test("knows which leaf covers a byte, and only once it was taken", () => {
    const s = log.stream(1, "received");
    expect(s.leafAt(9, log.length)?.kind).toBe("status-code");
    expect(s.leafAt(9, log.cursorOf(3))).toBeNull();
  });
});

describe("what the log had no room for", () => {
  /** @type {any[]} */
  const events = [
    { type: "send", seq: 0, t: 0, conn: 1, offset: 0, size: 5, bytes: { b64: "YQ==" }, dropped: 4 },
    { type: "recv", seq: 1, t: 1, conn: 1, offset: 0, size: 2000, dropped: 2000, omitted: 1999 },
    { type: "recv", seq: 2, t: 1, conn: 1, offset: 2000, size: 0, eof: true },
    { type: "closed", seq: 3, t: 2, conn: 1, omitted: 2 },
  ];
  const log = logOf(events);

  test("is summed up as of a cursor, and said", () => {
    const said = [0, 1, 2, 3, 4].map((cursor) => leftOutText(viewAt(log, cursor).left));
    const end = ". The log keeps only so much of each direction; offsets and sizes stay true.";
    expect(said[0]).toBe("");
    expect(said[1]).toBe(`Not recorded: 4 bytes sent${end}`);
    expect(said[2]).toBe(`Not recorded: 1,999 fields and events, 4 bytes sent and 2,000 bytes received${end}`);
    expect(said[3]).toBe(said[2]);
    expect(said[4]).toBe(`Not recorded: 2,001 fields and events, 4 bytes sent and 2,000 bytes received${end}`);
  });

  test("leaves the streams as long as they were", () => {
    expect(log.stream(1, "received").length(4)).toBe(2000);
    expect(log.stream(1, "received").byte(1999)).toBe(-1);
  });
});

describe("the tree", () => {
  const log = logOf(chunked());
  const tree = new Tree(log, log.length);

  test("leaves partition each stream", () => {
    for (const s of log.streams.values()) {
      let at = 0;
      for (const l of s.leaves) { expect(l.start).toBe(at); at = l.end; }
      expect(at).toBe(s.length(log.length));
    }
  });

  test("a header line is named by its field", () => {
    const host = tree.node("c1-sent-x1/request/header[0]");
    expect(host?.label).toBe("Host");
    expect(host?.value).toBe("127.0.0.1:41234");
    expect(crumbs(/** @type {any} */ (host?.children[3]))).toEqual(["request", "Host", "value"]);
  });

  test("finds the smallest field around a range", () => {
    const n = enclosing(tree, 1, "received", 9, 12);
    expect(n?.kind).toBe("status-code");
    expect(enclosing(tree, 1, "received", 0, 12)?.label).toBe("status line");
  });

  test("a chunked body is its data without the framing", () => {
    const root = /** @type {any} */ (tree.roots.find((r) => r.dir === "received"));
    const { raw, data } = bodyRanges(root);
    const s = log.stream(1, "received");
    expect(data.map(([a, b]) => latin1(s.slice(a, b))).join("")).toBe("Hello, stepwise world.\n");
    expect(raw?.[1]).toBe(s.length(log.length));
  });
});

describe("the view", () => {
  test("headers are unsent until endheaders", () => {
    const log = logOf(chunked());
    const before = viewAt(log, log.cursorOf(2)), after = viewAt(log, log.cursorOf(3));
    expect(before.bufferSize).toBe(93);
    expect(before.conns).toEqual([]);
    expect(after.bufferSize).toBe(0);
    expect(after.conns[0].sent).toBe(95);
    expect(before.state).toBe("Request-started");
    expect(after.taken.map((t) => t.input)).toEqual(["endheaders"]);
  });

  test("headers keep wire order and duplicates, each with its bytes", () => {
    const log = logOf(chunked());
    const v = viewAt(log, log.length);
    expect(v.response?.headers.map((h) => h.name)).toEqual(["Server", "Content-Type", "Set-Cookie", "Set-Cookie", "Transfer-Encoding", "Trailer"]);
    expect(v.response?.headers[3].node?.value).toBe("wire=2; Path=/");
  });

  test("bytes without calls have the responses that their fields tell", () => {
    const log = logOf(chunked().filter((e) => e.type !== "call" && e.type !== "return").map((e, seq) => ({ ...e, seq })));
    const v = viewAt(log, log.length), called = viewAt(logOf(chunked()), chunked().length).response;
    expect(v.response).toMatchObject({ status: called?.status, reason: called?.reason, version: 11, chunked: true, step: null });
    expect(v.response?.headers.map((h) => [h.name, h.value])).toEqual(called?.headers.map((h) => [h.name, h.value]));
    const [request, response] = v.tree.roots;
    expect(v.response?.node).toBe(response);
    expect(responseOf(v.tree, request.children[0])?.node).toBe(response);
    expect(responseOf(v.tree, response.children[1])?.node).toBe(response);
  });

  test("an exception keeps what was received", () => {
    const log = logOf(badStatusLine());
    const v = viewAt(log, log.length);
    expect(v.error?.name).toBe("BadStatusLine");
    expect(v.state).toBe("Request-sent");
    expect(v.conns[0].received).toBe(25);
  });
});

describe("programs", () => {
  /** @type {import("../types.d.ts").ComposerState} */
  const base = { origin: "127.0.0.1:80", demo: "", method: "POST", target: "/echo", headers: [["Host", "x"]], body: "hé", style: "steps", raw: NO_RAW, tls: false };

  test("steps: the calls, with the length of the encoded body", () => {
    expect(composeProgram(base).map((c) => formatCall(c))).toEqual([
      "conn.connect()", 'conn.putrequest("POST", "/echo", skip_host=True)', 'conn.putheader("Host", "x")',
      'conn.putheader("Content-Length", "3")', 'conn.endheaders(b"h\\xc3\\xa9")', "resp = conn.getresponse()", "resp.read()",
    ]);
  });

  test("request: one call", () => {
    expect(formatCall(composeProgram({ ...base, style: "request" })[0])).toBe('conn.request("POST", "/echo", body=b"h\\xc3\\xa9", headers={"Host": "x"})');
  });

  test("origins", () => {
    expect(splitOrigin("127.0.0.1:8081")).toEqual({ host: "127.0.0.1", port: 8081 });
    expect(splitOrigin("[::1]:80")).toEqual({ host: "::1", port: 80 });
    expect(splitOrigin("http://example.com/x")).toEqual({ host: "example.com", port: null });
  });
});

describe("two runs", () => {
  const full = (/** @type {any[]} */ events) => { const log = logOf(events); return viewAt(log, log.length); };

  test("a run is the same as itself", () => {
    expect(compareViews(full(chunked()), full(chunked())).same).toBe(true);
  });

  test("what differs is named: the steps, the lines, the first byte", () => {
    const c = compareViews(full(chunked()), full(badStatusLine()));
    expect(c.same).toBe(false);
    expect(c.steps.filter((s) => s.same).map((s) => s.index)).toEqual([0]);
    const line = c.fields.find((f) => f.label === "request › request line");
    expect(line).toMatchObject({ kind: "changed", at: 5 });
    expect(c.fields.find((f) => f.label === "request › Host")?.kind).toBe("same");
    expect(c.fields.find((f) => f.label === "request › Accept")?.kind).toBe("only-a");
  });

  /** A request with these header lines. @param {[string, string][]} headers */
  const sent = (headers) => {
    const b = new LogBuilder();
    b.call("connect", {}, () => b.open(1));
    b.call("request", { method: "GET", url: "/" }, () => {
      b.exchange = 1;
      b.go("putrequest");
      b.buffer(requestLine("GET", "/"));
      headers.forEach(([name, value], i) => b.buffer(header("request", i, name, value)));
      b.buffer([headEnd("request")]);
      b.flush();
    });
    return full(b.events);
  };
  const differ = (/** @type {[string, string][]} */ a, /** @type {[string, string][]} */ b) => compareViews(sent(a), sent(b)).fields.filter((f) => f.kind !== "same");

  test("a header is held against the one of its name, wherever that stands", () => {
    const fields = differ([["Host", "x"], ["Accept", "text/html"]], [["Host", "x"], ["Cookie", "a=1"], ["Accept", "text/css"]]);
    expect(fields.map((f) => [f.label, f.kind])).toEqual([["request › Accept", "changed"], ["request › Cookie", "only-b"]]);
    expect(fields[0].parts).toEqual([{ before: "text/", differs: "html", after: "" }, { before: "text/", differs: "css", after: "" }]);
  });

  test("another order, and another case of a name, are differences", () => {
    const [order, ...more] = differ([["A", "1"], ["B", "2"]], [["B", "2"], ["A", "1"]]);
    expect(more).toEqual([]);
    expect(order).toMatchObject({ label: "request › order of headers", at: 16 });
    const [name] = differ([["Host", "x"]], [["host", "x"]]);
    expect(name).toMatchObject({ kind: "changed", at: 0, parts: [{ differs: "H", after: "ost: x\r\n" }, { differs: "h", after: "ost: x\r\n" }] });
  });
});
