// @ts-check
/**
 * What shows a recording and calls nothing: the page's own views, small enough
 * for another page. The panes stand side by side where there is room, else they
 * come by tabs.
 */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";
import "./sw-toolbar.js";
import "./sw-program.js";
import "./sw-diagram.js";
import { say } from "./piece.js";
import "./sw-bytes.js";
import "./sw-explain.js";

/** @import { Session } from "../session.js" */

/** @type {[id: string, label: string][]} */
export const PANES = [["calls", "Calls"], ["state", "State"], ["bytes", "Bytes"], ["explain", "Explain"]];

/** Narrower, the panes come by tabs. */
const SIDE_BY_SIDE = 860;

/** @typedef {{ phase: "empty" | "loading" | "ready" | "failed", what: string, error: string, pct: number }} PlayerStatus */
/** `run` makes the calls that are laid out. @typedef {{ text: string, href: string, run?: () => void }} PlayerNote */

export class SwPlayer extends Element {
  static properties = {
    session: { attribute: false }, status: { attribute: false }, name: { attribute: false }, only: { attribute: false }, note: { attribute: false },
    rev: { state: true }, narrow: { state: true }, tab: { state: true }, picked: { state: true },
  };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {PlayerStatus} */
    this.status = { phase: "empty", what: "", error: "", pct: 0 };
    /** What a screen reader calls it. */
    this.name = "Recording";
    /** The one pane to show; "" shows all. */
    this.only = "";
    /** @type {PlayerNote | null} */
    this.note = null;
    this.rev = 0;
    this.narrow = false;
    this.tab = "calls";
    /** A state picked on the diagram. @type {string | null} */
    this.picked = null;
    this.observer = new ResizeObserver(([e]) => { this.narrow = e.contentRect.width < SIDE_BY_SIDE; });
    this.onChange = () => { this.rev++; };
    this.addEventListener("keydown", (e) => this.#key(e));
    this.addEventListener("pick-state", (e) => {
      const s = /** @type {CustomEvent} */ (e).detail;
      this.picked = this.picked === s ? null : s;
      this.session.pin(null);
    });
  }

  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    if (changed.has("session")) {
      changed.get("session")?.removeEventListener("change", this.onChange);
      this.session?.addEventListener("change", this.onChange);
    }
    // A picked state gives way to what comes next.
    const at = this.session ? `${this.session.current.cursor}/${this.session.pinned?.node ?? ""}` : "";
    if (this.picked && at !== this.at && this.at !== undefined && !changed.has("picked")) this.picked = null;
    this.at = at;
  }

  /** @type {string | undefined} */
  at;

  updated() {
    void say(this, this.querySelector(".player-said"), this.session.announcement);
  }

  /** The page around has keys of its own: these work inside alone. @param {KeyboardEvent} e */
  #key(e) {
    if (this.status.phase !== "ready") return;
    const s = this.session;
    if (e.key === "F10") void s.step();
    else if (e.key === "F9") s.back();
    else if (e.key === "F8" || (e.key === "Enter" && (e.ctrlKey || e.metaKey))) { if (s.running) s.pause(); else void s.run(); }
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  render() {
    const { status } = this;
    return html`<section class="player ${this.narrow ? "is-narrow" : "is-wide"} ${this.only ? "is-single" : ""}" aria-label=${this.name}>
      ${status.phase === "ready" ? this.#recording()
        : status.phase === "failed" ? html`<div class="notice player-failed" role="alert"><span class="notice-mark">${icons.warn}</span>
            <div><strong>The recording cannot be shown.</strong> <span class="player-error">${status.error}</span>${status.what ? html`<p class="hint mono">${status.what}</p>` : nothing}</div></div>`
        : status.phase === "loading" ? html`<p class="empty player-loading" role="status">${status.what ? html`Loading <span class="mono">${status.what}</span>` : "Loading"}${status.pct ? ` · ${status.pct} %` : "…"}</p>`
        : html`<p class="empty">No recording is named: give its address as <code>src</code>.</p>`}
    </section>`;
  }

  #recording() {
    const s = this.session, v = s.view, shown = this.only || (this.narrow ? this.tab : "");
    /** @param {string} id @param {string} label @param {unknown} content */
    const pane = (id, label, content) => (shown && shown !== id ? nothing
      : html`<div class="player-pane player-${id}" id=${"player-" + id} role=${this.narrow && !this.only ? "tabpanel" : "group"} aria-label=${label} tabindex="0">${content}</div>`);
    const played = v.log.steps.length + s.current.plan.length > 0;
    return html`
      ${played || this.note ? html`<header class="player-bar">
        ${this.note ? html`<p class="player-note">${this.note.text} ${this.note.run ? html`<button class="btn btn-primary btn-s" type="button" title="With the server in this page: nothing is sent" @click=${this.note.run}>${icons.runAll}Run here</button> ` : nothing}${this.note.href ? html`<a href=${this.note.href} target="_blank" rel="noopener">Open in Stepwire</a>` : nothing}</p>` : nothing}
        ${v.log.steps.length || s.status.phase === "ready" ? html`<sw-toolbar .session=${s} .rev=${this.rev}></sw-toolbar>` : nothing}</header>` : nothing}
      ${this.narrow && !this.only ? html`<div class="tabs player-tabs" role="tablist" aria-label="Panes" @keydown=${this.#tabKey}>
        ${PANES.map(([id, label]) => html`<button class="tab" type="button" role="tab" id=${"player-tab-" + id} aria-controls=${"player-" + id} aria-selected=${this.tab === id} tabindex=${this.tab === id ? 0 : -1} @click=${() => { this.tab = id; }}>${label}${id === "explain" && v.error ? html`<span class="tab-alert"></span><span class="sr-only">, an exception</span>` : nothing}</button>`)}</div>` : nothing}
      <div class="player-panes">
        ${pane("calls", "Calls", html`<sw-program .session=${s} .view=${v} .plan=${s.current.plan} .recorded=${v.log.steps.length} .rev=${this.rev} .fixed=${true}></sw-program>`)}
        ${pane("state", "State", html`<sw-diagram .machine=${s.machine} .view=${v} .selected=${this.picked}></sw-diagram>`)}
        ${pane("bytes", "Bytes and fields", html`<sw-bytes .session=${s} .view=${v} .selection=${s.selection} .pinned=${s.pinned}></sw-bytes>`)}
        ${pane("explain", "Explanation", html`<sw-explain .session=${s} .view=${v} .selection=${s.selection} .state=${this.picked}></sw-explain>`)}
      </div>
      <div class="player-said sr-only" role="status" aria-live="polite"></div>`;
  }

  /** @param {KeyboardEvent} e */
  async #tabKey(e) {
    const d = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
    if (!d) return;
    e.preventDefault();
    const i = PANES.findIndex(([id]) => id === this.tab);
    this.tab = PANES[(i + d + PANES.length) % PANES.length][0];
    await this.updateComplete;
    /** @type {HTMLElement} */ (this.querySelector("#player-tab-" + this.tab)).focus();
  }
}
customElements.define("sw-player", SwPlayer);
