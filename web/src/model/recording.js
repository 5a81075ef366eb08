// @ts-check
/** A run as a recording, and the formats that the tools write one in. */

/** @import { Call, TraceEvent } from "../types.d.ts" */

/** The call number of what the page alone recorded is negative: it is no event of the client. @param {TraceEvent} e */
const own = (e) => (e.type === "call" || e.type === "return") && e.call < 0;

/**
 * @param {TraceEvent[]} events
 * @param {{ creator: string, created: string, limit?: number }} header
 */
export function recordingOf(events, header) {
  return { format: "stepwire-recording", version: 1, ...header, events: events.filter((e) => !own(e)).map((e, seq) => ({ ...e, seq })) };
}

/**
 * A recording of nothing but calls: what a permalink keeps of a program.
 * @param {Call[]} calls
 */
export function recordingOfCalls(calls) {
  return {
    format: "stepwire-recording", version: 1,
    events: calls.map((c, i) => ({ type: "call", seq: i, t: 0, call: i + 1, name: c.name, args: c.args })),
  };
}

/** `keys`: what the keys of TLS sessions go into, if they were kept. @typedef {{ id: string, label: string, hint: string, ext: string, type: string, copy?: boolean, keys?: "inside" | "only" }} Format */

/** @type {Format[]} */
export const FORMATS = [
  { id: "recording", label: "Recording (JSON)", hint: "Every event with its time: opens here again, with the same views.", ext: "recording.json", type: "application/json" },
  { id: "har", label: "HAR 1.2", hint: "An archive for browsers' developer tools and proxies.", ext: "har", type: "application/json" },
  { id: "pcapng", label: "pcapng", hint: "A capture for Wireshark; its TCP/IP is synthetic.", ext: "pcapng", type: "application/octet-stream", keys: "inside" },
  { id: "key-log", label: "Key log", hint: "The keys of this run’s TLS sessions (RFC 9850).", ext: "keys.txt", type: "text/plain", keys: "only" },
  { id: "curl-trace", label: "curl --trace", hint: "The text that curl writes of a transfer.", ext: "trace.txt", type: "text/plain", copy: true },
  { id: "curl", label: "curl command", hint: "The same requests, from a shell.", ext: "sh", type: "text/plain", copy: true },
  { id: "python", label: "Python", hint: "The same calls, for the real http.client.", ext: "py", type: "text/plain", copy: true },
  { id: "go", label: "Go", hint: "The same requests as a Go program.", ext: "go", type: "text/plain", copy: true },
  { id: "raw-sent", label: "Raw bytes, sent", hint: "What went to the server, byte for byte.", ext: "sent.http", type: "application/octet-stream" },
  { id: "raw-received", label: "Raw bytes, received", hint: "What came from the server, byte for byte.", ext: "received.http", type: "application/octet-stream" },
];

/** `stepwire-example.org-8080-run2.har` @param {{ host: string, port: number | null, number: number }} run @param {Format} format */
export function fileName(run, format) {
  const host = `${run.host}${run.port == null ? "" : `-${run.port}`}`.replace(/[^A-Za-z0-9.-]+/g, "_").replace(/^[._-]+/, "").slice(0, 60);
  return ["stepwire", host, `run${run.number}`].filter(Boolean).join("-") + "." + format.ext;
}
