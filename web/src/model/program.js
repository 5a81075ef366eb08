// @ts-check
/** The program a composed request stands for: the calls of http.client, in order. */

import { rawProgram } from "./raw.js";

/** @import { Call, ComposerState } from "../types.d.ts" */

const encoder = new TextEncoder();

/** @param {string} s */
const bodyOf = (s) => ({ b64: btoa(String.fromCharCode(...encoder.encode(s))) });

/** Whether a header of that name is in the list. @param {[string, string][]} headers @param {string} name */
const has = (headers, name) => headers.some(([n]) => n.toLowerCase() === name);

/**
 * @param {ComposerState} c
 * @returns {Call[]}
 */
export function composeProgram(c) {
  if (c.style === "raw") return rawProgram(c.raw);
  const headers = c.headers.filter(([n, v]) => n !== "" || v !== "");
  const body = c.body === "" ? null : bodyOf(c.body);
  if (c.style === "request") {
    /** @type {Record<string, any>} */
    const args = { method: c.method, url: c.target };
    if (headers.length) args.headers = headers;
    if (body) args.body = body;
    return [{ name: "request", args }, { name: "getresponse", args: {} }, { name: "read", args: {} }];
  }
  /** @type {Record<string, any>} */
  const put = { method: c.method, url: c.target };
  // putrequest writes these two by itself; one of the caller's own would be a duplicate.
  if (has(headers, "host")) put.skip_host = true;
  if (has(headers, "accept-encoding")) put.skip_accept_encoding = true;
  /** @type {Call[]} */
  const calls = [{ name: "connect", args: {} }, { name: "putrequest", args: put }];
  for (const [header, value] of headers) calls.push({ name: "putheader", args: { header, values: [value] } });
  // Unlike request(), endheaders() adds no Content-Length for the body it sends.
  if (body && !has(headers, "content-length") && !has(headers, "transfer-encoding")) {
    calls.push({ name: "putheader", args: { header: "Content-Length", values: [String(encoder.encode(c.body).length)] } });
  }
  calls.push({ name: "endheaders", args: body ? { message_body: body } : {} }, { name: "getresponse", args: {} }, { name: "read", args: {} });
  return calls;
}

/** `host:port` split, the port null when absent; IPv6 in brackets. @param {string} text @returns {{ host: string, port: number | null }} */
export function splitOrigin(text) {
  const t = text.trim().replace(/^http:\/\//i, "").replace(/\/.*$/, "");
  const m = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(t);
  if (!m) return { host: t, port: null };
  const host = m[1].replace(/^\[|\]$/g, "");
  return { host, port: m[2] ? Number(m[2]) : null };
}
