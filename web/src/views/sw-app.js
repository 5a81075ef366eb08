// @ts-check
/** The shell: layout, keys, theme, live region. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";
import { PARTIES } from "../texts/parties.js";
import "./sw-toolbar.js";
import "./sw-composer.js";
import "./sw-program.js";
import "./sw-palette.js";
import "./sw-diagram.js";
import "./sw-details.js";
import "./sw-bytes.js";
import "./sw-explain.js";
import "./sw-help.js";
import "./sw-offline.js";
import "./sw-share.js";
import "./sw-open.js";
import "./sw-print.js";
import "./sw-breakpoints.js";
import "./sw-stopped.js";
import { say } from "./piece.js";
import { percent } from "./sw-share.js";
import { KINDS, callsText } from "../files.js";
import { load, save } from "../preferences.js";

/** @import { Session } from "../session.js" */

const PANES = [["code", "Code"], ["state", "State"], ["bytes", "Bytes"], ["explain", "Explain"]];
/** Where selecting leaves a person in the pane that they are in: the bytes are in it, or nobody asked for them. */
const IN_PLACE = new Set(["tree", "hex", "wire", "breakpoint", "link"]);
const THEMES = /** @type {const} */ (["auto", "light", "dark"]);

export class SwApp extends Element {
  static properties = { session: { attribute: false }, offline: { attribute: false }, rev: { state: true }, tab: { state: true }, phone: { state: true }, theme: { state: true }, bare: { state: true }, picked: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {import("../offline.js").Offline | null} */
    this.offline = null;
    this.rev = 0;
    this.tab = "code";
    this.media = matchMedia("(max-width: 759px)");
    this.phone = this.media.matches;
    this.theme = load("theme", "auto");
    this.bare = load("bare-keys", "on") === "on";
    /** A state picked on the diagram. @type {string | null} */
    this.picked = null;
    /** @type {unknown} */
    this.explained = null;
    /** What had the focus in each pane. @type {Map<string, HTMLElement>} */
    this.visited = new Map();
    /** The selection when it was last looked. @type {unknown} */
    this.pinned = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.session.addEventListener("change", () => this.#changed());
    this.media.addEventListener("change", (e) => {
      // Where one pane hides the others, it is the one that somebody was in.
      const pane = document.activeElement?.closest(".pane");
      if (e.matches && pane) this.tab = pane.id.slice(5);
      this.phone = e.matches;
    });
    addEventListener("keydown", (e) => this.#key(e));
    this.addEventListener("focusin", (e) => {
      const t = /** @type {HTMLElement} */ (e.target), pane = t.closest(".pane");
      if (pane && pane !== t) this.visited.set(pane.id.slice(5), t);
      // What the keys point at is let go once the focus is neither there nor reads of it.
      const { hover } = this.session;
      if (hover && !t.closest(`sw-${hover.from}, .pane-explain, .phone-tabs`)) this.session.preview(null);
    });
    this.addEventListener("pick-state", (e) => {
      const s = /** @type {CustomEvent} */ (e).detail;
      this.picked = this.picked === s ? null : s;
      this.session.pin(null);
      if (this.phone && this.picked) void this.#explain();
    });
    this.#applyTheme();
  }

  #changed() {
    const s = this.session;
    // A picked state gives way to what comes next.
    const now = `${s.current.number}/${s.current.cursor}/${s.pinned?.node ?? ""}/${s.pinned?.ranges.join() ?? ""}`;
    if (this.explained !== now && this.explained !== null && !(this.picked && s.pinned === null && this.lastCursor === s.current.cursor)) this.picked = null;
    this.explained = now;
    this.lastCursor = s.current.cursor;
    const { pinned } = s;
    if (this.phone && pinned && pinned !== this.pinned && !IN_PLACE.has(pinned.from ?? "")) void this.#bytes();
    this.pinned = pinned;
    this.rev++;
  }

  updated() {
    void say(this, this.querySelector(":scope > .app > [role=status]"), this.session.announcement);
  }

  /**
   * Where a notice was answered, its answer is seen to by the button that runs. At another width the buttons stand elsewhere,
   * and the tabs of the panes are gone or there.
   * @param {HTMLElement} lost
   */
  heir(lost) {
    if (lost.closest("sw-toolbar")) { void this.#again(lost.getAttribute("aria-label") ?? ""); return null; }
    if (lost.closest(".phone-tabs")) return /** @type {HTMLElement} */ (this.querySelector("#pane-" + this.tab));
    return lost.closest(".notice") ? /** @type {HTMLElement} */ (this.querySelector(".transport button:last-child")) : super.heir();
  }

  /** The control of the toolbar that was drawn anew. @param {string} name */
  async #again(name) {
    const toolbar = /** @type {import("./sw-toolbar.js").SwToolbar} */ (this.querySelector("sw-toolbar"));
    await toolbar.updateComplete;
    /** @type {HTMLElement | null} */ (toolbar.querySelector(`[aria-label="${name}"]`))?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const s = this.session;
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) void s.run();
    else if (e.key === "F10") void s.step();
    else if (e.key === "F9") s.back();
    else if (e.key === "F8") { if (s.running) s.pause(); else if (s.busy) s.stop(); else void s.run(); }
    else if (e.key === "F6" && !this.querySelector("dialog[open]")) void this.#go(e.shiftKey ? -1 : 1);
    else if (e.key === "?" && this.bare && !isTyping(e.target)) this.#help();
    else return;
    e.preventDefault();
  }

  /** To the next part of the page, or the one before: to what had the focus there, else to the fields, else to the part itself. @param {1 | -1} by */
  async #go(by) {
    const parts = ["toolbar", ...PANES.map(([k]) => k)];
    const at = document.activeElement?.closest(".pane, sw-toolbar"), now = at ? at.id.slice("pane-".length) || "toolbar" : "";
    // From the tabs of the panes, or from nowhere, the next part is the pane that is shown.
    const from = now ? parts.indexOf(now) : this.phone && by > 0 ? parts.indexOf(this.tab) - 1 : 0;
    const to = parts[(from + by + parts.length) % parts.length];
    if (to === "toolbar") return void /** @type {HTMLElement} */ (this.querySelector(".transport [aria-label=Step]")).focus();
    this.tab = to;
    await this.updateComplete;
    const pane = /** @type {HTMLElement} */ (this.querySelector("#pane-" + to)), last = this.visited.get(to);
    const first = last?.isConnected && pane.contains(last) && last.tabIndex >= 0 ? last : pane.querySelector(".tree [tabindex='0']");
    /** @type {HTMLElement} */ (first ?? pane).focus();
  }

  /** Shows a state that was asked about. */
  async #explain() {
    this.tab = "explain";
    await this.updateComplete;
    /** @type {HTMLElement} */ (this.querySelector("#pane-explain")).focus();
  }

  /** Shows bytes that were asked for elsewhere, where one pane hides the others. */
  async #bytes() {
    this.tab = "bytes";
    await this.updateComplete;
    await /** @type {import("./sw-hex.js").SwHex} */ (this.querySelector("sw-hex")).focusCell();
  }

  #help() {
    /** @type {import("./sw-help.js").SwHelp} */ (this.querySelector("sw-help")).show();
  }

  /** @param {"sw-share" | "sw-open"} name */
  #sheet(name) {
    /** @type {import("./sw-share.js").SwShare | import("./sw-open.js").SwOpen} */ (this.querySelector(name)).show();
  }

  #applyTheme() {
    if (this.theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }

  #nextTheme() {
    this.theme = THEMES[(THEMES.indexOf(/** @type {any} */ (this.theme)) + 1) % THEMES.length];
    save("theme", this.theme);
    this.#applyTheme();
  }

  render() {
    const s = this.session, v = s.view, ready = s.status.phase === "ready";
    const toolbar = html`<sw-toolbar .session=${s} .rev=${this.rev}></sw-toolbar>`;
    const role = this.phone ? "tabpanel" : "region";
    return html`<div class="app">
      <header><div class=${`topbar ${s.runs.length > 1 ? "has-runs" : ""}`}>
        <div class="brand">${icons.mark}<h1>Stepwire</h1></div>
        ${this.phone ? nothing : toolbar}
        <div class="topbar-end">
          ${s.runs.length > 1 ? html`<select class="select run-select" aria-label="Run" @change=${(/** @type {any} */ e) => s.showRun(Number(e.target.value))}>
            ${s.runs.map((r) => html`<option value=${r.number} ?selected=${r === s.current}>Run ${r.number}${r.forkOf ? ` (fork of ${r.forkOf.run})` : r.source ? ` (${r.source.name ? short(r.source.name) : r.source.kind})` : ""}</option>`)}</select>` : nothing}
          <button class="btn btn-quiet btn-icon" type="button" aria-label="Open a file" title="Open a file or pasted bytes" aria-haspopup="dialog" @click=${() => this.#sheet("sw-open")}>${icons.open}</button>
          <button class="btn btn-quiet btn-icon" type="button" aria-label="Share" title="Share: link and exports" aria-haspopup="dialog" @click=${() => this.#sheet("sw-share")}>${icons.link}</button>
          <button class="btn btn-quiet btn-icon" type="button" aria-label=${`Theme: ${this.theme}`} title=${`Theme: ${this.theme}`} @click=${() => this.#nextTheme()}>${this.theme === "auto" ? icons.auto : this.theme === "light" ? icons.sun : icons.moon}</button>
          <button class="btn btn-quiet btn-icon" type="button" aria-label="Keys" title="Keys (?)" aria-keyshortcuts=${this.bare ? "?" : nothing} @click=${() => this.#help()}>${icons.help}</button>
        </div></div>
      <div class="banners"><sw-offline .offline=${this.offline} .runs=${s.runs.some((r) => r.log.length > 0)}></sw-offline>${this.#banners()}
        ${this.phone ? html`<div class="phone-tabs" role="tablist" aria-label="Panes" @keydown=${this.#tabKey}>
          ${PANES.map(([k, l]) => html`<button class="tab" type="button" role="tab" id=${"pane-tab-" + k} aria-controls=${"pane-" + k} aria-selected=${this.tab === k} tabindex=${this.tab === k ? 0 : -1} @click=${() => { this.tab = k; }}>${l}${k === "explain" && v.error ? html`<span class="tab-alert"></span><span class="sr-only">, an exception</span>` : nothing}</button>`)}</div>` : nothing}
      </div></header>
      <main class="panes" data-tab=${this.tab}>
        <div class="pane pane-code" id="pane-code" role=${role} aria-label="Code" tabindex="-1">
          <sw-composer .session=${s} .composer=${s.composer} .demos=${s.demos} .relay=${s.relay} .here=${s.inPage.chosen} .faults=${s.faults}></sw-composer>
          <sw-program class="section-wrap" .session=${s} .view=${v} .plan=${s.current.plan} .recorded=${s.current.log.steps.length} .rev=${this.rev}></sw-program>
          <sw-breakpoints .session=${s} .all=${s.breakpoints.all} .hits=${s.stopped} .states=${s.machine?.states ?? []} .rev=${this.rev}></sw-breakpoints>
          <sw-palette .session=${s} .legal=${v.legal} .machine=${s.machine} .composer=${s.composer} .state=${v.state} .ready=${ready && !s.current.source} .busy=${s.busy} .hasResponse=${v.response !== null}></sw-palette>
        </div>
        <div class="pane pane-state" id="pane-state" role=${role} aria-label="State and exchange" tabindex="-1">
          <sw-diagram .machine=${s.machine} .view=${v} .selected=${this.picked}></sw-diagram>
          <sw-details .session=${s} .view=${v} .selection=${s.selection}></sw-details>
        </div>
        <div class="pane pane-bytes" id="pane-bytes" role=${role} aria-label="Bytes and fields" tabindex="-1">
          <sw-bytes .session=${s} .view=${v} .selection=${s.selection} .pinned=${s.pinned}></sw-bytes>
        </div>
        <div class=${`pane pane-explain ${v.error ? "is-failed" : ""}`} id="pane-explain" role=${role} aria-label="Explain" tabindex="-1">
          <sw-explain .session=${s} .view=${v} .selection=${s.selection} .state=${this.picked}></sw-explain>
        </div>
      </main>
      ${this.phone ? html`<footer class="bottombar">${toolbar}</footer>` : nothing}
      <div class="sr-only" role="status" aria-live="polite"></div>
      <sw-print .session=${s}></sw-print>
      <sw-share .session=${s} .status=${this.rev}></sw-share>
      <sw-open .session=${s} .status=${this.rev}></sw-open>
      <sw-help .offline=${this.offline} .bare=${this.bare} @bare-keys=${(/** @type {CustomEvent} */ e) => { this.bare = e.detail; save("bare-keys", this.bare ? "on" : "off"); }}></sw-help>
    </div>`;
  }

  #banners() {
    const s = this.session, out = [];
    if (s.status.phase === "loading") {
      const pct = s.status.total ? Math.round((100 * s.status.loaded) / s.status.total) : 0;
      out.push(html`<div class="loading"><progress aria-label="Loading the client" max="100" .value=${pct || nothing}></progress><span>Loading the client${pct ? ` · ${pct} %` : "…"}</span></div>`);
    } else if (s.status.phase === "failed" && s.status.error) {
      const e = s.status.error;
      out.push(html`<div class="notice" role="alert"><span class="notice-mark">${icons.warn}</span>
        <div><strong>The client could not be loaded.</strong> <span class="mono">${e.message}</span><p class="hint">At fault: ${PARTIES.page.label}, or the server it came from. Nothing was sent. Check that the server still runs and that this browser has WebAssembly and module workers.</p></div>
        <div class="notice-actions"><button class="btn btn-s" type="button" @click=${() => s.loadClient()}>Try again</button></div></div>`);
    }
    const { linked, status } = s.files;
    if (status.phase === "loading") {
      const pct = percent(status);
      out.push(html`<div class="loading"><progress aria-label="Loading the tools" max="100" .value=${pct || nothing}></progress><span>Loading the tools for links and files${pct ? ` · ${pct} %` : "…"}</span></div>`);
    }
    if (s.tlsStatus.phase === "loading") {
      const pct = percent(s.tlsStatus);
      out.push(html`<div class="loading"><progress aria-label="Loading TLS" max="100" .value=${pct || nothing}></progress><span>Loading TLS${pct ? ` · ${pct} %` : "…"}</span></div>`);
    }
    if (s.inPage.status.phase === "loading") {
      const pct = percent(s.inPage.status);
      out.push(html`<div class="loading"><progress aria-label="Loading the server in this page" max="100" .value=${pct || nothing}></progress><span>Loading the server in this page${pct ? ` · ${pct} %` : "…"}</span></div>`);
    }
    if (s.inPage.news) {
      out.push(html`<div class="notice notice-info" role="group" aria-label="Server in this page"><span class="notice-mark">${icons.help}</span>
        <div><strong>No server answers beside this page, so it runs the demonstrations’ server itself.</strong> Client, server and bytes are the real ones, but nothing leaves the page.
          <p class="hint">To reach another server, choose a relay under Network.</p></div>
        <div class="notice-actions"><button class="btn btn-quiet btn-s btn-icon" type="button" aria-label="Dismiss" @click=${() => { s.inPage.news = false; s.changed(); }}>${icons.cross}</button></div></div>`);
    }
    if (linked) {
      out.push(html`<div class="notice notice-info" role="group" aria-label="Opened link"><span class="notice-mark">${icons.link}</span>
        <div><strong>A link was opened; nothing was sent.</strong> It holds ${callsText(linked.calls)} to <span class="mono">${linked.where}</span>${linked.step ? `, at step ${linked.step}` : ""}${linked.range ? html`, ${linked.range.dir} bytes ${linked.range.start}–${Math.max(linked.range.start, linked.range.end - 1)}` : nothing}.
          ${linked.left.length ? html`<p class="hint">Left out when it was made: ${linked.left.map((l) => (l === "secrets" ? "the values of Authorization and cookies, which read REDACTED" : "the bodies of requests")).join("; ")}.</p>` : nothing}</div>
        <div class="notice-actions">${linked.step ? html`<button class="btn btn-s btn-primary" type="button" ?disabled=${s.status.phase !== "ready"} @click=${() => s.files.runLinked()}>Run to step ${linked.step}</button>` : nothing}
          <button class="btn btn-quiet btn-s btn-icon" type="button" aria-label="Dismiss" @click=${() => s.files.letGo()}>${icons.cross}</button></div></div>`);
    }
    if (s.stopped) out.push(html`<sw-stopped .session=${s} .hits=${s.stopped}></sw-stopped>`);
    const { source } = s.current;
    if (source) {
      out.push(html`<div class="notice notice-info" role="group" aria-label="Read from a file"><span class="notice-mark">${icons.open}</span>
        <div><strong>${source.kind === "recording" ? "Replayed" : "Decoded"}:</strong> ${source.name ? html`<span class="mono">${source.name}</span>, ` : nothing}${KINDS[source.kind] ?? source.kind}. Nothing was sent, and nothing can be called in this run.${s.view.diagnostics.length ? ` ${s.view.diagnostics.length} ${s.view.diagnostics.length === 1 ? "remark" : "remarks"} below.` : ""}${source.lacks ? html`<p>Note: ${source.lacks}.</p>` : nothing}</div><div></div></div>`);
    }
    if (s.notice) {
      const n = s.notice, party = PARTIES[n.party];
      out.push(html`<div class="notice" role="alert"><span class="notice-mark">${icons.warn}</span>
        <div><strong>${n.title}</strong> ${n.text}<p class="hint">${party ? `At fault: ${party.label}. ` : ""}${n.fix}</p></div>
        <div class="notice-actions"><button class="btn btn-quiet btn-s btn-icon" type="button" aria-label="Dismiss" @click=${() => { s.notice = null; s.changed(); }}>${icons.cross}</button></div></div>`);
    }
    return out;
  }

  /** @param {KeyboardEvent} e */
  async #tabKey(e) {
    const i = PANES.findIndex(([k]) => k === this.tab);
    const d = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
    if (!d) return;
    e.preventDefault();
    this.tab = PANES[(i + d + PANES.length) % PANES.length][0];
    await this.updateComplete;
    /** @type {HTMLElement} */ (this.querySelector("#pane-tab-" + this.tab)).focus();
  }
}
customElements.define("sw-app", SwApp);

/** @param {string} name */
const short = (name) => (name.length > 24 ? `${name.slice(0, 23)}…` : name);

/** @param {EventTarget | null} t */
function isTyping(t) {
  return t instanceof HTMLElement && (t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName) || t.getAttribute("role") === "treeitem");
}
