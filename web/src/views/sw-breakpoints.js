// @ts-check
/** Where every run stops: the list of breakpoints, and the form that adds one. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";
import { describe } from "../model/breakpoints.js";
import { CALLS } from "../texts/calls.js";

/** @import { Session } from "../session.js" */
/** @import { Breakpoint, Hit } from "../model/breakpoints.js" */

/** What no program calls in a step of its own. */
const NEVER = new Set(["HTTPConnection", "HTTPSConnection", "attributes", "constants", "iterate"]);
const CALL_NAMES = Object.keys(CALLS).filter((c) => !NEVER.has(c));

export class SwBreakpoints extends Element {
  static properties = { session: { attribute: false }, all: { attribute: false }, hits: { attribute: false }, states: { attribute: false }, rev: { attribute: false }, kind: { state: true }, as: { state: true }, failed: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {Breakpoint[]} */
    this.all = [];
    /** @type {Hit[] | null} */
    this.hits = null;
    /** @type {string[]} */
    this.states = [];
    this.rev = 0;
    /** @type {"bytes" | "state" | "call"} */
    this.kind = "bytes";
    this.as = "text";
    this.failed = "";
    /** Open where there is something in it, until a person decides. @type {boolean | null} */
    this.open = null;
  }

  /** @param {SubmitEvent} e */
  #add(e) {
    e.preventDefault();
    const form = /** @type {HTMLFormElement} */ (e.target), data = Object.fromEntries(new FormData(form));
    try {
      const b = this.session.breakpoints.add({ ...data, kind: this.kind, on: true });
      this.failed = "";
      this.session.announce(`Breakpoint added: ${describe(b)}.`);
      const pattern = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=pattern]"));
      if (pattern) pattern.value = "";
    } catch (err) {
      this.failed = /** @type {Error} */ (err).message;
    }
  }

  /** @param {Breakpoint} b @param {boolean} on */
  #enable(b, on) {
    this.session.breakpoints.enable(b, on);
    this.session.announce(`Breakpoint ${describe(b)} ${on ? "on" : "off"}.`);
  }

  /** What was removed cannot keep the focus: the heading takes it. @param {string} what @param {() => void} remove */
  async #remove(what, remove) {
    remove();
    this.session.announce(`Breakpoint removed: ${what}.`);
    await this.updateComplete;
    /** @type {HTMLElement} */ (this.querySelector("summary")).focus();
  }

  render() {
    const run = this.session.current, lines = [...run.breakpoints].sort((a, b) => a - b);
    const count = this.all.length + lines.length;
    return html`<section class="section breakpoints" aria-label="Breakpoints">
      <details ?open=${this.open ?? count > 0} @toggle=${(/** @type {any} */ e) => { if (e.target.open !== (this.open ?? count > 0)) this.open = e.target.open; }}>
        <summary><span class="section-title">Breakpoints</span>${count ? html` <span class="badge">${count}<span class="sr-only"> set</span></span>` : nothing}</summary>
        ${count ? html`<ul class="break-list">
          ${this.all.map((b) => {
            const hit = this.hits?.some((h) => h.breakpoint === b);
            return html`<li class="break-row ${b.on ? "" : "is-off"} ${hit ? "is-hit" : ""}">
              <label><input type="checkbox" .checked=${b.on} @change=${(/** @type {any} */ e) => this.#enable(b, e.target.checked)}><span>${describe(b)}</span></label>
              ${hit ? html`<span class="badge break-here">stopped here</span>` : nothing}
              <button class="btn btn-quiet btn-icon btn-s" type="button" aria-label=${`Remove breakpoint ${describe(b)}`} @click=${() => this.#remove(describe(b), () => this.session.breakpoints.remove(b))}>${icons.cross}</button></li>`;
          })}
          ${lines.map((i) => {
            const what = `before step ${i + 1}`, hit = this.hits?.some((h) => h.breakpoint === null && h.text === what);
            return html`<li class="break-row ${hit ? "is-hit" : ""}"><span class="break-line">${what} <span class="hint">of this run</span></span>
              ${hit ? html`<span class="badge break-here">stopped here</span>` : nothing}
              <button class="btn btn-quiet btn-icon btn-s" type="button" aria-label=${`Remove breakpoint ${what}`} @click=${() => this.#remove(what, () => this.session.toggleBreakpoint(i))}>${icons.cross}</button></li>`;
          })}
        </ul>` : html`<p class="hint">Run stops where a breakpoint says so. They stay in this browser, and go into no link.</p>`}
        <form class="break-form" aria-label="New breakpoint" @submit=${this.#add}>
          <select class="select" aria-label="Stop" .value=${this.kind} @change=${(/** @type {any} */ e) => { this.kind = e.target.value; this.failed = ""; }}>
            <option value="bytes">on bytes</option><option value="state">on a state</option><option value="call">before a call</option></select>
          ${this.kind === "state" ? html`<select class="select" name="state" aria-label="State">${this.states.map((s) => html`<option value=${s}>${s}</option>`)}</select>`
            : this.kind === "call" ? html`<select class="select" name="call" aria-label="Call">${CALL_NAMES.map((c) => html`<option value=${c}>${c === "response_close" ? "resp.close" : c}</option>`)}</select>`
            : html`<select class="select" name="dir" aria-label="Direction"><option value="received">received</option><option value="sent">sent</option><option value="both">both</option></select>
              <select class="select" name="as" aria-label="Pattern written as" .value=${this.as} @change=${(/** @type {any} */ e) => { this.as = e.target.value; }}><option value="text">text</option><option value="hex">hex</option></select>
              <input class="input" name="pattern" type="text" aria-label="Byte pattern" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder=${this.as === "hex" ? "0d 0a" : "\\r\\n"}
                aria-invalid=${this.failed ? "true" : nothing} aria-describedby=${this.failed ? "break-failed" : nothing}>`}
          <button class="btn" type="submit" ?disabled=${this.kind === "state" && !this.states.length}>${icons.plus}Add</button>
        </form>
        ${this.failed ? html`<p class="sheet-failed" id="break-failed" role="alert">${this.failed}</p>` : nothing}
      </details></section>`;
  }
}
customElements.define("sw-breakpoints", SwBreakpoints);
