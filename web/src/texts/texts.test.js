// @ts-check
/** Whatever the core can emit has a text: the lists are read from the core's own sources. */
import { readFileSync, readdirSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { expect, test } from "vitest";
import { CALLS } from "./calls.js";
import { EXCEPTIONS, exceptionText } from "./exceptions.js";
import { HEADERS, headerText } from "./headers.js";
import { rfcLink } from "./rfc.js";
import { GROUPS, SPANS } from "./spans.js";
import { EDGE_LABELS, INPUTS, STATES } from "./states.js";
import { STATUS } from "./status.js";
import { PARTIES } from "./parties.js";
import { PARTS } from "./records.js";

const core = new URL("../../../core/", import.meta.url);

/** @param {string} folder */
function sources(folder) {
  const at = new URL(folder, core);
  return readdirSync(at).filter((f) => f.endsWith(".go") && !f.endsWith("_test.go")).map((f) => readFileSync(new URL(f, at), "utf8")).join("\n");
}
const h1 = sources("h1/");

/** All first groups of a pattern. @param {string} text @param {RegExp} re */
const all = (text, re) => [...text.matchAll(re)].map((m) => m[1]);

test("every span kind", () => {
  const kinds = all(h1, /SpanKind = "([a-z-]+)"/g);
  expect(kinds.length).toBeGreaterThan(20);
  for (const k of kinds) expect(SPANS, k).toHaveProperty([k]);
});

test("every state and every input", () => {
  const at = /stateNames = \[[^\]]*\]string\{([^}]*)\}/.exec(h1), inputs = /inputNames = \[[^\]]*\]string\{([^}]*)\}/.exec(h1);
  const states = all(at?.[1] ?? "", /"([^"]+)"/g), names = all(inputs?.[1] ?? "", /"([^"]+)"/g);
  expect(states.length).toBe(6);
  expect(names.length).toBe(9);
  for (const s of states) expect(rfcLink(STATES[s]?.rfc), s).not.toBeNull();
  for (const i of names) expect(INPUTS, i).toHaveProperty([i]);
  for (const i of Object.keys(EDGE_LABELS)) expect(names).toContain(i);
});

test("every exception class", () => {
  const classes = all(h1 + sources("./"), /\w+\s*= &(?:h1\.)?Class\{name: "([A-Za-z]+)"/g);
  expect(classes.length).toBeGreaterThan(10);
  for (const c of classes) expect(EXCEPTIONS, c).toHaveProperty([c]);
});

test("a refused call leads on from the state that refused it", () => {
  /** @param {string} name @param {string} state */
  const first = (name, state) => /(\w+)\(\)/.exec(exceptionText({ name }, { state }).fix)?.[1];
  expect(["Idle", "Unread-response", "Request-sent"].map((s) => first("CannotSendHeader", s))).toEqual(["putrequest", "putrequest", "putheader"]);
  expect(["Request-started", "Request-sent", "Req-started-unread-response", "Req-sent-unread-response"].map((s) => first("CannotSendRequest", s))).toEqual(["endheaders", "getresponse", "endheaders", "read"]);
  expect(["Idle", "Request-started", "Unread-response", "Req-started-unread-response", "Req-sent-unread-response"].map((s) => first("ResponseNotReady", s))).toEqual(["request", "endheaders", "read", "read", "read"]);
});

test("a message that says more than its class is explained as what it is", () => {
  /** @param {string} name @param {string} message @param {{ tls?: boolean, party?: string }} [at] */
  const of = (name, message, { tls = false, party = "server" } = {}) => exceptionText({ name, message, party }, { tls });
  expect(of("BadStatusLine", "SSH-2.0-OpenSSH_9.2\r\n").fix).toMatch(/and not TLS/);
  expect(of("BadStatusLine", "SSH-2.0-OpenSSH_9.2\r\n", { tls: true }).fix).not.toMatch(/TLS/);
  expect(of("BadStatusLine", "\x15\x03\x01\x00\x02\x02F").fix).toMatch(/Choose https/);
  expect(of("BadStatusLine", "HTTP/1.1 2OO OK\r\n").fix).toMatch(/three digits/);
  expect(of("BadStatusLine", "\r\n").fix).toMatch(/empty line/);
  expect(of("IncompleteRead", "IncompleteRead(5 bytes read, 495 more expected)").text).toMatch(/announced/);
  expect(of("IncompleteRead", "IncompleteRead(5 bytes read)").text).toMatch(/chunk/);
  expect(["status line", "header line", "chunk size", "trailer line"].map((what) => of("LineTooLong", `got more than 65536 bytes when reading ${what}`).rfc)).toEqual(["9112 §4", "9110 §5.4", "9112 §7.1.1", "9110 §5.4"]);
  for (const [what, found] of [["100 headers", /the empty line/], ["100 interim responses", /100 Continue/], ["100 trailer lines", /lines/]]) expect(of("HTTPException", `got more than ${what}`).text).toMatch(found);
  expect(of("ValueError", "read length must be non-negative or -1").text).toMatch(/negative/);
  expect(of("ValueError", "Invalid header name b'a b'", { party: "caller" }).fix).toMatch(/the message names/);
  expect(of("OSError", "Tunnel connection failed: 407 Proxy Authentication Required").fix).toMatch(/Proxy-Authorization/);
  expect(exceptionText({ name: "Elsewhere", bases: ["TimeoutError", "OSError"], message: "" }).text).toMatch(/^Nothing happened/);
});

test("every call", () => {
  // Those that the client traces, and those that a scenario can make.
  const scenario = readFileSync(new URL("scenario/run.go", core), "utf8");
  const calls = new Set([...all(sources("./"), /\btrace\("([A-Za-z_0-9]+)"/g), ...[...scenario.matchAll(/case ((?:"[a-z_0-9]+"(?:, )?)+):/g)].flatMap(([, names]) => all(names, /"([a-z_0-9]+)"/g))]);
  expect(calls.size).toBeGreaterThan(20);
  const bodies = ["text", "textfile", "file"]; // kinds of bodies stand in the same file
  for (const c of calls) if (!bodies.includes(c)) expect(CALLS, c).toHaveProperty([c]);
});

test("every party that can be at fault", () => {
  const schema = JSON.parse(readFileSync(new URL("trace/recording/recording.schema.json", core), "utf8"));
  const parties = schema.$defs.error.properties.party.enum;
  expect(parties).toContain("relay");
  for (const p of parties) expect(PARTIES, p).toHaveProperty([p]);
});

test("every registered status code", () => {
  const codes = Object.keys(STATUS_CODES);
  expect(codes.length).toBeGreaterThan(50);
  expect(codes.filter((c) => !Object.hasOwn(STATUS, c))).toEqual([]);
});

test("every header that the core or the demonstrations write or read", () => {
  const demos = new URL("../../../netshim/demo/", import.meta.url);
  const text = [h1, sources("./"), ...readdirSync(demos).filter((f) => f.endsWith(".go") && !f.endsWith("_test.go")).map((f) => readFileSync(new URL(f, demos), "utf8"))].join("\n");
  const names = new Set([...all(text, /"([A-Z][A-Za-z]+(?:-[A-Z][A-Za-z]+)+): /g), ...all(text, /\{"([A-Z][a-z]+(?:-[A-Z][a-z]+)*)", "/g)]);
  expect(names.size).toBeGreaterThan(8);
  // Of a demonstration's own make, as the X says.
  expect([...names].filter((n) => !/^X-/.test(n) && !Object.hasOwn(HEADERS, n.toLowerCase()))).toEqual([]);
});

test("every header that servers and browsers of today send", () => {
  // What answers of large sites, their proxies and CDNs, and requests of browsers have in common.
  const met = "Accept-CH Access-Control-Allow-Origin Access-Control-Request-Method Alt-Svc Cache-Status Content-Security-Policy Content-Digest Early-Data Forwarded"
    + " If-Range If-Unmodified-Since Permissions-Policy Prefer Priority Proxy-Authenticate Referrer-Policy Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User"
    + " Server-Timing Traceparent Upgrade-Insecure-Requests X-Content-Type-Options X-Forwarded-For X-Forwarded-Proto X-Frame-Options";
  expect(met.split(" ").filter((n) => !Object.hasOwn(HEADERS, n.toLowerCase()))).toEqual([]);
  expect(Object.keys(HEADERS).filter((n) => n !== n.toLowerCase())).toEqual([]);
  expect(headerText("Content-LENGTH")?.rfc).toBe("9110 §8.6");
  expect(headerText("X-Powered-By")?.text).toMatch(/own/);
  expect(headerText("constructor")).toBeNull();
});

test("a standard that is no RFC is linked by its name", () => {
  expect(rfcLink(HEADERS["access-control-allow-origin"].rfc)).toEqual({ href: "https://fetch.spec.whatwg.org/#http-access-control-allow-origin", label: "Fetch" });
  for (const [k, { rfc }] of Object.entries(HEADERS)) if (/^[A-Z]/.test(rfc)) expect(rfcLink(rfc)?.href, k).toMatch(/^https:.*\/#[a-z-]+$/);
  for (const ref of ["Fetched #x", "Fetch", "9110 §5.1 and on", undefined]) expect(rfcLink(ref), ref).toBeNull();
});

test("every part of a TLS record", () => {
  const parts = all(sources("ssl/"), /\bpart\("([a-z-]+)"/g);
  expect(parts.length).toBeGreaterThan(4);
  for (const p of parts) expect(PARTS, p).toHaveProperty([p]);
});

test("every diagnostic has its sentence and its section", () => {
  const found = [...h1.matchAll(/&Diagnostic\{"([a-z0-9.-]+)", Severity\w+, "([^"]+)",\s*"((?:[^"\\]|\\.)+)"/g)];
  expect(found.length).toBeGreaterThan(30);
  for (const [, code, section, text] of found) {
    expect(rfcLink(section), code).not.toBeNull();
    expect(text.length, code).toBeGreaterThan(20);
  }
});

test("every call but those of Python alone has a section", () => {
  expect(Object.keys(CALLS).filter((c) => !CALLS[c].rfc)).toEqual(["set_debuglevel"]);
});

test("every exception but Python's own has a section", () => {
  // What a program does wrong in any language, and what stands for others.
  const own = "ImproperConnectionState NotConnected UnimplementedFileMode HTTPException ValueError TypeError AssertionError NameError AttributeError OSError PermissionError"
    + " FileNotFoundError BlockingIOError UnsupportedOperation RuntimeError ArithmeticError OverflowError LookupError AbortError CancelledError";
  expect(Object.keys(EXCEPTIONS).filter((e) => !EXCEPTIONS[e].rfc && !own.split(" ").includes(e))).toEqual([]);
});

test("every text has a section that can be linked, or needs none", () => {
  for (const table of [SPANS, GROUPS, STATUS, HEADERS]) {
    for (const [k, v] of Object.entries(table)) {
      expect(v.text.length, k).toBeGreaterThan(8);
      expect(rfcLink(v.rfc), k).not.toBeNull();
    }
  }
  for (const [k, v] of Object.entries({ ...CALLS, ...EXCEPTIONS })) if (v.rfc) expect(rfcLink(v.rfc), k).not.toBeNull();
});
