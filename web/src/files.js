// @ts-check
/**
 * What leaves the page and what comes into it, by a person's hand: links,
 * exports, files to decode. The tools that do it are a module of their own,
 * loaded when first needed. Nothing here sends anything.
 */
import { Run } from "./run.js";
import { errorView } from "./model/exception.js";
import { checkCall, checkEvents } from "./model/guard.js";
import { composerOf } from "./model/compose.js";
import { faultsOf, isInPage, linkOf } from "./model/line.js";
import { FORMATS, fileName, recordingOf, recordingOfCalls } from "./model/recording.js";

/** @import { Session } from "./session.js" */
/** @import { Call } from "./types.d.ts" */

/** Bytes of a file that is read at all; what the tools take, too. */
export const MAX_FILE = 64 << 20;
/** Characters of a link that every program passes on whole. */
export const COMFORTABLE = 8 << 10;

/** @typedef {{ phase: "none" | "loading" | "ready" | "failed", loaded: number, total: number }} ToolsStatus */
/** @typedef {{ step: number, range: { conn: number, dir: "sent" | "received", start: number, end: number } | null, left: string[], where: string, calls: number }} Linked */

/** What each kind of file is called. @type {Record<string, string>} */
export const KINDS = {
  recording: "a recording", har: "a HAR archive", "curl-trace": "the output of curl --trace", "hex-dump": "a hex dump",
  request: "the bytes of a request", response: "the bytes of a response", capture: "a packet capture",
};

/** @param {number} n */
export const callsText = (n) => `${n} ${n === 1 ? "call" : "calls"}`;

/** Whether a fragment is a permalink, of this version or another. @param {string} fragment */
export const isLink = (fragment) => /^#v\d+\./.test(fragment);

export class Files {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    /** @type {ToolsStatus} */
    this.status = { phase: "none", loaded: 0, total: 0 };
    /** What an opened link asks for, until it is run or let go. @type {Linked | null} */
    this.linked = null;
    /** @type {Promise<any> | null} */
    this.#tools = null;
  }

  /** @type {Promise<any> | null} */
  #tools;

  tools() {
    return (this.#tools ??= this.#load());
  }

  async #load() {
    const s = this.session;
    this.status = { phase: "loading", loaded: 0, total: 0 };
    s.changed();
    try {
      const module = await s.deps.importClient();
      const tools = await module.loadTools({
        onProgress: (/** @type {number} */ loaded, /** @type {number} */ total) => {
          this.status = { ...this.status, loaded, total };
          s.changed();
        },
      });
      this.status = { phase: "ready", loaded: 0, total: 0 };
      return tools;
    } catch (e) {
      this.status = { phase: "failed", loaded: 0, total: 0 };
      // The next use tries again.
      this.#tools = null;
      throw e;
    } finally {
      s.changed();
    }
  }

  // ---- links ---------------------------------------------------------------

  /**
   * The address of this page at the step and the range of bytes that are shown.
   * @param {{ secrets?: boolean, bodies?: boolean }} [options]
   * @returns {Promise<{ url: string, left: string[] }>}
   */
  async link(options = {}) {
    const tools = await this.tools(), s = this.session, run = s.current;
    const all = [...run.log.steps, ...run.plan].map((c) => ({ name: c.name, args: c.args }));
    const first = all.findIndex((c) => !c.name.startsWith("HTTP"));
    const calls = first < 0 ? [] : all.slice(first);
    const link = await tools.linkOf(recordingOfCalls(calls), options);
    const step = Math.max(0, s.view.steps - (all.length - calls.length));
    const demo = s.demos.list.find((d) => d.id === s.composer.demo);
    const inPage = isInPage(run.host), line = linkOf(run.faults);
    const here = inPage || `${run.host}:${run.port}` === (run.tls ? s.demos.secure?.origin : s.demos.origin);
    const packed = {
      ...link, step, ...(run.tls ? { tls: true } : {}),
      ...(demo && here ? { demo: demo.id } : {}),
      ...(inPage || !(demo && here) ? { host: run.host, ...(run.port == null ? {} : { port: run.port }) } : {}),
      ...(inPage && Object.keys(line).length ? { line } : {}),
      ...(s.pinned ? { range: { conn: s.pinned.conn, dir: s.pinned.dir, start: s.pinned.ranges[0][0], end: s.pinned.ranges[s.pinned.ranges.length - 1][1] } } : {}),
    };
    const fragment = await tools.encodePermalink(packed);
    return { url: new URL(fragment, document.baseURI).href, left: link.left ?? [] };
  }

  /** Opens a fragment: the program is laid out, and waits. @param {string} fragment */
  async openLink(fragment) {
    const s = this.session;
    try {
      const link = await (await this.tools()).decodePermalink(fragment);
      /** @type {Call[]} */
      const calls = (link.calls ?? []).map((/** @type {any} */ c, /** @type {number} */ i) => checkCall(c, `call ${i + 1}`));
      const demo = link.demo ? s.demos.list.find((d) => d.id === link.demo) : null;
      if (link.demo && !demo) throw new Error(`this server has no demonstration ${JSON.stringify(String(link.demo).slice(0, 60))}`);
      const host = link.host ?? "", port = link.port ?? null;
      const tls = link.tls === true;
      const inPage = isInPage(host), faults = faultsOf(link.line);
      if (demo && tls && !inPage && !s.demos.secure) throw new Error("this server has its demonstrations without TLS only");
      const origin = demo && !inPage ? (tls ? s.demos.secure?.origin ?? "" : s.demos.origin) : `${host.includes(":") ? `[${host}]` : host}${port == null ? "" : `:${port}`}`;
      s.faults = inPage ? faults : s.faults;
      s.open({ ...composerOf(calls), tls, demo: demo?.id ?? "", origin }, calls);
      this.linked = { step: link.step ?? 0, range: link.range ?? null, left: link.left ?? [], where: origin ? (tls ? "https://" : "") + origin : "no server", calls: calls.length };
      s.announce(`A link was opened: ${callsText(calls.length)} to ${this.linked.where}. Nothing was sent.`);
    } catch (e) {
      s.notice = { title: "The link could not be opened.", text: errorView(e, "caller").message, fix: "It may have been cut on its way, or come from another version: ask for it again. Nothing was sent.", party: "" };
      s.announce("The link could not be opened.");
    }
    s.changed();
  }

  /** Makes the calls of an opened link, up to its step, and selects its bytes. */
  async runLinked() {
    const s = this.session, l = this.linked, run = s.current;
    if (!l) return;
    this.linked = null;
    while (run === s.current && !s.inPast && run.plan.length && run.log.steps.length < l.step) {
      if (!(await s.call(run.plan[0], true))) break;
    }
    const r = l.range;
    if (!r || run !== s.current) return;
    const stream = run.log.streams.get(`${r.conn}/${r.dir}`);
    if (stream && stream.length(run.cursor) >= r.end) {
      s.pin({ conn: r.conn, dir: r.dir, ranges: [[r.start, r.end]], node: null, from: "link" });
      s.announce(`${s.describe()} ${s.announcement}`);
    } else {
      s.notice = { title: "The bytes that the link points at are not there.", text: `It asks for bytes ${r.start}–${r.end - 1} ${r.dir}.`, fix: "The server answered otherwise than when the link was made.", party: "" };
      s.changed();
    }
  }

  letGo() {
    this.linked = null;
    this.session.changed();
  }

  // ---- exports -------------------------------------------------------------

  /** @param {string} id @param {{ secrets?: boolean }} [options] @returns {Promise<{ name: string, type: string, data: string | Uint8Array }>} */
  async export(id, options = {}) {
    const format = FORMATS.find((f) => f.id === id);
    if (!format) throw new Error(`there is no format ${id}`);
    const tools = await this.tools(), s = this.session, run = s.current;
    const recording = run.source?.recording ?? recordingOf(run.log.events, { creator: `stepwire ${s.client?.version ?? ""}`.trim(), created: run.created });
    // pcapng and raw bytes come as bytes, the rest as text.
    const data = await tools.exportRecording(recording, id, { secrets: !!options.secrets, ...(format.keys && run.keyed ? { keyLog: await run.conn.keyLog() } : {}) });
    return { name: fileName(run, format), type: format.type, data };
  }

  // ---- opening -------------------------------------------------------------

  /**
   * Shows a file, or what was pasted, as a run that nothing can be called in.
   * @param {string | Blob} data
   * @param {{ name?: string, keyLog?: Blob | string }} [options]
   */
  async decode(data, { name = "", keyLog } = {}) {
    const size = typeof data === "string" ? data.length : data.size;
    if (!size) throw new Error("There is nothing in it.");
    if (size > MAX_FILE) throw new Error(`It has ${size.toLocaleString("en")} bytes; at most ${MAX_FILE >> 20} MiB are read.`);
    const recording = await (await this.tools()).decode(data, { keyLog });
    const events = checkEvents(recording.events);
    const s = this.session;
    const at = events.find((e) => e.type === "connect");
    const run = new Run(s.runs.length + 1, at?.type === "connect" ? at.host : "", at?.type === "connect" ? at.port : null, []);
    run.source = { kind: recording.kind, name, lacks: recording.lacks ?? "", recording };
    if (recording.created) run.created = recording.created;
    for (const e of events) run.push(e);
    run.ended = true;
    s.show(run);
    s.announce(`Opened ${KINDS[recording.kind] ?? "a file"}: ${events.length} events. Nothing was sent.${run.source.lacks ? ` Note: ${run.source.lacks}.` : ""}`);
  }
}
