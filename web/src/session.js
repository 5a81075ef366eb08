// @ts-check
/**
 * The page's state: the client module, the runs with their event logs, the
 * cursor and the selection. It carries calls to the client and events from it;
 * what they mean is the core's word alone.
 */
import { viewAt } from "./model/view.js";
import { nextFrame } from "./frames.js";
import { sameCall } from "./model/python.js";
import { composeProgram, splitOrigin } from "./model/program.js";
import { relayName } from "./model/relay.js";
import { Run, callsOf, sameOptions } from "./run.js";
import { invoke } from "./invoke.js";
import { Files, isLink } from "./files.js";
import { InPage } from "./inpage.js";
import { IN_PAGE, NO_FAULTS } from "./model/line.js";
import { BreakpointList } from "./breakpoint-list.js";
import { hitsAfter } from "./model/breakpoints.js";
import { BLANK, isBlank } from "./model/compose.js";
import { errorView } from "./model/exception.js";
import { ofRange, readout } from "./model/select.js";

/** @import { Call, Client, ClientModule, ComposerState, ConnectionArgs, Demo, ErrorView, Faults, Machine, Selection, TraceEvent } from "./types.d.ts" */
/** @import { View } from "./model/view.js" */
/** @import { Hit } from "./model/breakpoints.js" */

/** @typedef {{ phase: "loading" | "ready" | "failed", loaded: number, total: number, error: ErrorView | null }} ClientStatus */
/** @typedef {{ title: string, text: string, fix: string, party: string, detail?: string }} Notice */

/** Bytes of each direction that a run records: beyond, sizes and spans are kept without the bytes. */
const TRACE_LIMIT = 8 << 20;

export class Session extends EventTarget {
  /**
   * @param {object} deps
   * @param {() => Promise<ClientModule>} deps.importClient
   * @param {() => Promise<{ origin: string, secure?: { origin: string, ca: string }, demos: Demo[] }>} deps.fetchDemos
   * @param {{ chosen: string, named: string, keep(address: string): void }} [deps.relay] the person's choice, and what this copy of the page names
   */
  constructor(deps) {
    super();
    this.deps = deps;
    /** @type {ClientStatus} */
    this.status = { phase: "loading", loaded: 0, total: 0, error: null };
    /** @type {Client | null} */
    this.client = null;
    /** @type {Machine | null} */
    this.machine = null;
    /** The address of the relay that was chosen; empty: the page's own. */
    this.relay = deps.relay?.chosen ?? "";
    /** @type {{ phase: "loading" | "ready" | "failed", origin: string, secure: { origin: string, ca: string } | null, list: Demo[], error: string }} */
    this.demos = { phase: "loading", origin: "", secure: null, list: [], error: "" };
    /** @type {ComposerState} */
    this.composer = BLANK;
    /** The module with TLS, which comes when https is first chosen. @type {{ phase: "none" | "loading" | "ready" | "failed", loaded: number, total: number }} */
    this.tlsStatus = { phase: "none", loaded: 0, total: 0 };
    /** Whether connections keep the keys of TLS. It is asked for anew each time the page is opened. */
    this.keepKeys = false;
    /** @type {Run[]} */
    this.runs = [new Run(1, "", null, [])];
    this.current = this.runs[0];
    /** @type {Selection | null} */
    this.pinned = null;
    /** @type {Selection | null} */
    this.hover = null;
    /** @type {Notice | null} */
    this.notice = null;
    this.announcement = "";
    /** Those of every run; a run's own lines are its `breakpoints`. */
    this.breakpoints = new BreakpointList();
    /** Links, exports and files. */
    this.files = new Files(this);
    /** The server in the page, and what is to be wrong with the line to it. */
    this.inPage = new InPage(this);
    /** @type {Faults} */
    this.faults = NO_FAULTS;
    /** @type {View | null} */
    this.#view = null;
    this.#pendingChange = false;
    this.plan();
  }

  /** @type {View | null} */
  #view;
  #pendingChange;

  /** The view at the cursor, computed once for each (log, cursor). */
  get view() {
    const { log, cursor } = this.current;
    if (!this.#view || this.#view.log !== log || this.#view.cursor !== cursor) this.#view = viewAt(log, cursor);
    return this.#view;
  }

  /** Whether a call of the run that is shown is under way: one that was left behind holds nobody up. */
  get busy() { return this.current.busy; }
  get running() { return this.current.running; }

  /** Whether the cursor stands before the end of what was recorded. */
  get inPast() { return this.current.cursor < this.current.log.length; }

  /** Tells the views before a frame, however many events came. */
  changed() {
    if (this.#pendingChange) return;
    this.#pendingChange = true;
    nextFrame(() => {
      this.#pendingChange = false;
      this.dispatchEvent(new Event("change"));
    });
  }

  /** @param {string} text */
  announce(text) {
    this.announcement = text;
    this.changed();
  }

  // ---- loading -------------------------------------------------------------

  /** Loads the client and the demo list, each on its own; then opens what the address asks for. @param {string} [fragment] */
  start(fragment = "") {
    return Promise.all([this.loadClient(), this.loadDemos().then(() => (isLink(fragment) ? this.files.openLink(fragment) : undefined))]);
  }

  async loadClient() {
    const { relay } = this;
    this.status = { phase: "loading", loaded: 0, total: 0, error: null };
    this.changed();
    try {
      const module = await this.deps.importClient();
      const client = await module.load({
        relay: relay || this.deps.relay?.named || undefined,
        onProgress: (/** @type {number} */ loaded, /** @type {number} */ total) => {
          this.status = { ...this.status, loaded, total };
          this.changed();
        },
      });
      if (relay !== this.relay) { client.close(); return; } // another was chosen meanwhile
      this.client = client;
      this.machine = client.machine;
      this.status = { phase: "ready", loaded: 0, total: 0, error: null };
      this.announce(`The client is ready.${relay ? ` Relay: ${relayName(relay)}.` : ""}`);
      this.#prepare();
    } catch (e) {
      if (relay !== this.relay) return;
      this.status = { phase: "failed", loaded: 0, total: 0, error: errorView(e, "page") };
      this.announce("The client could not be loaded.");
    }
  }

  /**
   * Reaches servers through another relay. The client is loaded anew; what was
   * recorded stays, and further calls in it are made on a new connection.
   * @param {string} address empty: the page's own
   */
  async useRelay(address) {
    if (address === this.relay) return;
    this.stop();
    this.relay = address;
    this.deps.relay?.keep(address);
    const { client } = this;
    this.client = null;
    client?.close();
    this.tlsStatus = { phase: "none", loaded: 0, total: 0 };
    await this.loadClient();
  }

  async loadDemos() {
    try {
      const d = await this.deps.fetchDemos();
      if (!d.demos.length) throw new Error("there are none");
      this.demos = { phase: "ready", origin: d.origin, secure: d.secure ?? null, list: d.demos, error: "" };
    } catch {
      await this.inPage.standIn();
    }
    const { composer, demos: { origin, secure, list } } = this;
    // What a person has composed while the list was on its way stays, and only lacks a server.
    if (!composer.origin && list.length) {
      if (isBlank(composer)) this.chooseDemo(list[0].id);
      else this.compose({ tls: composer.tls && secure !== null, origin: composer.tls && secure ? secure.origin : origin });
    }
    this.changed();
  }

  // ---- composing -----------------------------------------------------------

  /** @param {string} id */
  chooseDemo(id) {
    const d = this.demos.list.find((x) => x.id === id);
    if (!d) { this.compose({ demo: "" }); return; }
    const here = this.inPage.chosen, { origin, secure } = this.demos;
    const tls = this.composer.tls && (here || secure !== null);
    this.compose({ tls, origin: here ? IN_PAGE : tls && secure ? secure.origin : origin, demo: id, method: d.method, target: d.target, headers: (d.headers ?? []).map(([n, v]) => [n, v]), body: d.body ?? "" });
  }

  /** @param {Partial<ComposerState>} patch */
  compose(patch) {
    const scheme = /^(https?):\/\//i.exec(patch.origin ?? "");
    if (scheme) patch = { ...patch, origin: patch.origin?.slice(scheme[0].length), tls: scheme[1].toLowerCase() === "https" };
    this.composer = { ...this.composer, ...patch };
    this.plan();
    this.#prepare();
  }

  /** Loads what the composed request needs beside the client. */
  #prepare() {
    if (this.inPage.chosen) void this.inPage.load();
    else if (this.composer.tls) void this.loadTLS();
  }

  /** Makes the line to the server in the page faulty, or whole: the program begins anew. @param {Partial<Faults>} patch */
  setFaults(patch) {
    this.faults = { ...this.faults, ...patch };
    const r = this.current;
    if (r.source) this.plan();
    else this.fresh(r.host, r.port, callsOf(r), r.tls, r.options);
  }

  /** http or https; a demonstration is the same over both. @param {boolean} tls */
  setScheme(tls) {
    const { origin, secure } = this.demos, at = this.composer.origin;
    this.compose({ tls, ...(tls && secure && at === origin ? { origin: secure.origin } : !tls && secure && at === secure.origin ? { origin } : {}) });
  }

  /** @param {boolean} keep */
  keepKeysOf(keep) {
    this.keepKeys = keep;
    this.announce(keep ? "The keys of connections made from now on are kept in memory." : "The keys of further connections are not kept.");
  }

  /** The module with TLS is as large again as the client, so it comes when it is asked for. */
  async loadTLS() {
    const { client } = this;
    if (!client || this.tlsStatus.phase === "loading" || this.tlsStatus.phase === "ready") return;
    this.tlsStatus = { phase: "loading", loaded: 0, total: 0 };
    this.changed();
    try {
      await client.loadTLS({
        onProgress: (/** @type {number} */ loaded, /** @type {number} */ total) => {
          this.tlsStatus = { ...this.tlsStatus, loaded, total };
          this.changed();
        },
      });
      this.tlsStatus = { phase: "ready", loaded: 0, total: 0 };
      this.announce("TLS is ready.");
    } catch (e) {
      if (client !== this.client) return; // closed for another relay's
      this.tlsStatus = { phase: "failed", loaded: 0, total: 0 };
      this.notice = { title: "TLS could not be loaded.", text: errorView(e, "page").message, fix: "Check that the server still runs, then choose https again.", party: "page" };
      this.announce("TLS could not be loaded.");
    }
  }

  /** Lays out the composed program as a fresh run; a recorded one is kept beside it. */
  plan() {
    const { host, port } = splitOrigin(this.composer.origin);
    this.fresh(host, port, composeProgram(this.composer));
  }

  /** @param {string} host @param {number | null} port @param {Call[]} plan @param {boolean} [tls] @param {Run["options"]} [options] */
  fresh(host, port, plan, tls = this.composer.tls, options = {}) {
    this.files.linked = null;
    if (this.current.log.length || this.current.source || this.busy) {
      this.stop();
      this.current = new Run(this.runs.length + 1, host, port, plan);
      Object.assign(this.current, { tls, options });
      this.runs = [...this.runs, this.current];
      this.pinned = this.hover = null;
    } else {
      Object.assign(this.current, { host, port, plan, tls, options });
    }
    this.current.faults = this.faults;
    this.changed();
  }

  /** Lays out a request and its program as they are: from a link. @param {Partial<ComposerState>} composer @param {Call[]} calls */
  open(composer, calls) {
    this.composer = { ...this.composer, ...composer };
    const { host, port } = splitOrigin(this.composer.origin);
    this.fresh(host, port, calls);
    this.#prepare();
  }

  /** Adds a run that is complete, and shows it. @param {Run} run */
  show(run) {
    this.stop();
    this.runs = [...this.runs, run];
    this.current = run;
    this.pinned = this.hover = null;
    this.changed();
  }

  /**
   * A program written by hand. As long as the calls already made are left as they
   * are it goes on from them; else it is a run of its own.
   * @param {Pick<Run, "host" | "port" | "tls" | "options">} connection
   * @param {Call[]} calls
   * @param {Set<number>} breakpoints where they have moved to
   */
  setProgram({ host, port, tls, options }, calls, breakpoints) {
    const r = this.current, made = r.log.steps;
    // The call that is about to be recorded is the head of the plan still.
    const begun = r.planned ? [...made, r.plan[0]] : made;
    const same = r.host === host && r.port === port && r.tls === tls && sameOptions(r.options, options) && begun.every((s, i) => calls[i] && sameCall(s, calls[i]));
    if (same && !r.source) r.plan = calls.slice(made.length);
    else this.fresh(host, port, calls, tls, options);
    this.current.breakpoints = breakpoints;
    this.changed();
  }

  /** @param {number} i place in the program */
  toggleBreakpoint(i) {
    const b = this.current.breakpoints;
    if (!b.delete(i)) b.add(i);
    this.announce(`Breakpoint ${b.has(i) ? "set" : "removed"} at step ${i + 1}.`);
  }

  /** @param {number} number */
  showRun(number) {
    const r = this.runs.find((x) => x.number === number);
    if (!r || r === this.current) return;
    this.stop();
    this.current = r;
    this.pinned = this.hover = null;
    this.announce(`Run ${number}.`);
  }

  // ---- the cursor ----------------------------------------------------------

  /** Moves to after step `n` (0-based; -1: before all). Nothing is sent, and no further call follows the one under way. @param {number} n */
  seek(n) {
    const r = this.current;
    r.running = false;
    r.queued = 0;
    const k = Math.max(-1, Math.min(n, r.log.steps.length - 1));
    r.cursor = k < 0 ? 0 : r.log.cursorOf(k);
    r.follow = r.cursor >= r.log.length;
    this.hover = null;
    this.announce(this.describe());
  }

  back() {
    const n = this.view.steps;
    if (n > 0) this.seek(n - 2);
  }

  /** What the cursor stands at, for the live region. */
  describe() {
    const v = this.view, r = this.current;
    const past = this.inPast ? "Recorded. " : "";
    if (r.source && !r.log.steps.length) return "Everything that was read is shown.";
    if (!v.step) return `${past}Before the first call. ${v.state}.`;
    const at = `Step ${v.steps} of ${r.log.steps.length + r.plan.length}: ${v.step.name}`;
    if (v.pending) return `${past}${at}, under way.`;
    if (v.error) return `${past}${at} raised ${v.error.name}. ${v.state}.`;
    return `${past}${at}. ${v.state}.`;
  }

  // ---- calling -------------------------------------------------------------

  /** F10: forward in what was recorded, else the next planned call. */
  async step() {
    const r = this.current;
    if (this.inPast) { this.seek(this.view.steps); return; }
    if (r.busy) { r.queued++; return; }
    r.queued = 1;
    while (r.queued > 0 && r.plan.length) {
      r.queued--;
      if (!(await this.call(r.plan[0], true)) || r !== this.current) break;
    }
    r.queued = 0;
  }

  /**
   * Mod+Enter: through what was recorded and every call still planned, until one
   * raises or a breakpoint stops it. At the end, the program again as a new run.
   */
  async run() {
    if (this.busy || this.running || this.#stopsAtStart()) return;
    const from = this.current, past = this.inPast;
    if (past && this.#play()) return;
    if (from.source || (past && !from.plan.length)) return;
    if (!from.plan.length) {
      const { breakpoints } = from;
      this.fresh(from.host, from.port, callsOf(from), from.tls, from.options);
      this.current.breakpoints = new Set(breakpoints);
      if (this.#stopsAtStart()) return;
    }
    const run = this.current;
    run.running = true;
    this.changed();
    while (run.running && run.plan.length) {
      const ok = await this.call(run.plan[0], true);
      if (!ok || run !== this.current) break;
      if (run.running && this.#stopsAfter(run.log.steps.length - 1)) break;
    }
    run.running = false;
    this.changed();
  }

  /** Walks through recorded steps, as they were: nothing is sent. Whether a breakpoint stopped it. */
  #play() {
    const { steps } = this.current.log;
    for (let n = this.view.steps; n < steps.length; n++) {
      if (this.#stopsAfter(n)) return true;
    }
    this.seek(steps.length - 1);
    return false;
  }

  /** Where a breakpoint stopped the run. @type {{ run: Run, steps: number, hits: Hit[] } | null} */
  #stopped = null;

  /** What stopped the run where it stands; null once the cursor has moved on. */
  get stopped() {
    const at = this.#stopped;
    return at && !this.busy && at.run === this.current && at.steps === this.view.steps ? at.hits : null;
  }

  /** Before the first call a run stops once: what goes on from there does not stop there again. */
  #stopsAtStart() {
    return this.view.steps === 0 && !this.stopped && this.#stopsAfter(-1);
  }

  /** Stands still after step `n` if a breakpoint says so, and says which. @param {number} n */
  #stopsAfter(n) {
    const run = this.current, next = run.log.steps[n + 1] ?? run.plan[0];
    const hits = hitsAfter(this.breakpoints.all, run.log, n, next?.name ?? null);
    if (next && run.breakpoints.has(n + 1)) hits.unshift({ breakpoint: null, text: `before step ${n + 2}` });
    if (!hits.length) return false;
    this.seek(n);
    this.#stopped = { run, steps: n + 1, hits };
    const found = hits.find((h) => h.found)?.found;
    if (found) this.pin(ofRange(found.conn, found.dir, found.range, "breakpoint"));
    this.announce(`Breakpoint ${hits.map((h) => h.text).join("; ")}.`);
    return true;
  }

  /** Lets the stop be, without going on. */
  dismissStop() {
    this.#stopped = null;
    this.changed();
  }

  /** Stands still after the call under way. */
  pause() {
    this.current.running = false;
    this.announce("Paused after the call under way.");
  }

  /** Ends waiting: the call under way is aborted. */
  stop() {
    const r = this.current;
    r.running = false;
    r.queued = 0;
    r.halted = true;
    r.abort?.abort();
    this.changed();
  }

  /**
   * Makes a call, at the end of the run. From the past it forks: the earlier
   * calls are made again, on a new connection, and then this one.
   * @param {Call} call
   * @param {boolean} [planned] whether it is the head of the plan
   * @returns {Promise<boolean>} whether it returned without an exception
   */
  async call(call, planned = false) {
    if (this.busy || !this.client) return false;
    if (this.current.source) {
      this.notice = { title: "Nothing can be called here.", text: "This run was read from a file: there is no connection behind it.", fix: "Choose another run, or compose a request, to make calls.", party: "" };
      this.changed();
      return false;
    }
    // What was pointed at gives way to what the call does.
    this.hover = null;
    const from = this.current, run = this.inPast || from.ended ? await this.fork() : from;
    if (!run) return false;
    run.planned = planned;
    run.halted = false;
    this.notice = null;
    run.busy = true;
    this.changed();
    const ok = await this.#make(run, call);
    run.busy = run.planned = false;
    if (run === this.current) this.announce(run === from ? this.describe() : `Run ${run.number}, a fork of run ${from.number}. ${this.describe()}`);
    this.changed();
    return ok;
  }

  /** A new run with the calls up to the cursor; null when it was stopped on the way. */
  async fork() {
    const from = this.current, at = this.view.steps;
    const again = from.log.steps.slice(0, at).map((s) => ({ name: s.name, args: s.args })).filter((c) => !c.name.startsWith("HTTP"));
    const run = (this.current = new Run(this.runs.length + 1, from.host, from.port, []));
    run.tls = from.tls;
    run.options = from.options;
    run.faults = from.faults;
    run.forkOf = { run: from.number, step: at };
    this.runs = [...this.runs, run];
    this.pinned = this.hover = null;
    run.busy = true;
    this.changed();
    for (const c of again) {
      await this.#make(run, c);
      if (run.halted) break;
    }
    run.busy = false;
    if (run.halted && run === this.current) this.announce(this.describe());
    return run.halted ? null : run;
  }

  /** @param {Run} run @param {Call} call */
  async #make(run, call) {
    run.follow = true;
    run.cursor = run.log.length;
    const before = run.log.steps.length;
    try {
      if (!run.conn) await this.#open(run);
    } catch (e) {
      const error = errorView(e, "caller");
      this.notice = { title: error.name, text: error.message, fix: "Correct the host and the port in the composer.", party: error.party };
      return false;
    }
    if (run.halted) return false;
    // The constructor may log a call of its own.
    const n = Math.max(before, run.log.steps.length);
    const abort = (run.abort = new AbortController());
    /** @type {any} */
    let failed = null, out;
    try {
      out = await invoke(run, call, abort.signal);
      if (call.name === "getresponse" || call.name === "begin") run.response = out;
    } catch (e) {
      failed = e;
    }
    run.abort = null;
    // The events of a call reach the page before its result does; one turn of
    // the event loop lets the iterator hand over the last of them.
    if (!run.log.steps[n]?.ret) await new Promise((r) => setTimeout(r));
    const begun = run.log.steps[n];
    while (begun && !begun.ret && !run.ended) await run.next();
    if (begun?.ret) return !begun.ret.error;
    if (begun || (failed && !("party" in failed && failed.party === "caller"))) {
      const error = errorView(failed ?? new Error("the client stopped"), "client");
      this.notice = { title: error.name, text: error.message, fix: "Load the page again; what was recorded stays here until then.", party: error.party };
      return false;
    }
    this.#record(run, call, out, failed);
    return !failed;
  }

  /**
   * A call that only looks at what is there (getheader), or that never reached the
   * client, leaves no event of its own: it is recorded here, changing nothing.
   * @param {Run} run @param {Call} call @param {any} out @param {any} failed
   */
  #record(run, call, out, failed) {
    const last = run.log.lastReturn(run.log.length), t = run.log.events.at(-1)?.t ?? 0;
    const number = -1 - run.log.length;
    const base = { t, conn: last?.conn, exchange: last?.exchange };
    run.push({ ...base, type: "call", seq: run.log.length, call: number, name: call.name, args: call.args });
    run.push({
      ...base, type: "return", seq: run.log.length, call: number, name: call.name,
      ...(failed ? { error: errorView(failed, "caller") } : { result: out === undefined ? null : out }),
      state: last?.state ?? "Idle", unread: last?.unread ?? false, legal: last?.legal ?? this.#legalAtStart(), stdout: "",
    });
  }

  /** What the table admits before anything was called. */
  #legalAtStart() {
    const m = this.machine;
    return m ? m.refusals.map((r) => r.call).filter((c) => m.transitions.some((t) => t.from === "Idle" && t.input === c)) : [];
  }

  /** @param {Run} run */
  async #open(run) {
    if (!this.client) throw new Error("the client is not loaded");
    const { timeout, blocksize, source_address: sourceAddress } = run.options;
    const options = { port: run.port, timeout, blocksize, sourceAddress, trace: { limit: TRACE_LIMIT }, ...this.inPage.options(run) };
    const { secure } = this.demos;
    // The demonstrations' authority is trusted for them and for nothing else.
    const caData = secure && `${run.host}:${run.port}` === secure.origin ? secure.ca : undefined;
    run.keyed = run.tls && this.keepKeys;
    const context = { ...(caData ? { caData } : {}), ...(run.keyed ? { keyLog: true } : {}) };
    const conn = run.tls ? await this.client.httpsConnection(run.host, { ...options, context }) : await this.client.httpConnection(run.host, options);
    run.conn = conn;
    run.created = new Date().toISOString();
    void this.#follow(run, conn);
  }

  /** @param {Run} run @param {any} conn */
  async #follow(run, conn) {
    try {
      for await (const e of conn.trace()) {
        run.push(e);
        if (run === this.current) this.changed();
      }
    } catch (e) {
      const error = errorView(e, "page");
      this.notice = { title: error.name, text: error.message, fix: "Load the page again.", party: "page" };
    }
    run.ended = true;
    for (const w of run.waiters.splice(0)) w();
    this.changed();
  }

  // ---- selection -----------------------------------------------------------

  /** @param {Selection | null} s */
  pin(s) {
    this.pinned = s;
    this.hover = null;
    // A field of the tree says itself what it is.
    if (s && s.from !== "tree") {
      const r = readout(this.view, s);
      this.announce(`Selected: ${s.dir} ${r.bytes}${r.path ? `, ${r.path}` : ""}.`);
    } else this.changed();
  }

  /** @param {Selection | null} s */
  preview(s) {
    if (s === this.hover) return;
    this.hover = s;
    this.changed();
  }

  /** What is shown as selected: the preview, else what is pinned. */
  get selection() { return this.hover ?? this.pinned; }
}
