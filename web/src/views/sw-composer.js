// @ts-check
/** The request: where to, what, with which headers and body. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";
import "./sw-line.js";
import "./sw-relay.js";
import "./sw-raw.js";
import "./sw-keys.js";
import { IN_PAGE, NO_FAULTS } from "../model/line.js";

/** @import { ComposerState, Demo } from "../types.d.ts" */
/** @import { Session } from "../session.js" */

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

export class SwComposer extends Element {
  static properties = { session: { attribute: false }, composer: { attribute: false }, demos: { attribute: false }, relay: { attribute: false }, here: { attribute: false }, faults: { attribute: false } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {ComposerState} */
    this.composer = /** @type {any} */ (null);
    /** @type {Session["demos"]} */
    this.demos = /** @type {any} */ (null);
    this.relay = "";
    /** Whether the server is in the page. */
    this.here = false;
    /** @type {import("../types.d.ts").Faults} */
    this.faults = NO_FAULTS;
    this.added = false;
    this.focused = false;
  }

  /** @param {Partial<ComposerState>} patch */
  #set(patch) {
    this.session.compose({ ...("origin" in patch || "target" in patch || "method" in patch || "headers" in patch || "body" in patch ? { demo: "" } : {}), ...patch });
  }

  /** @param {number} i @param {0 | 1} k @param {string} v */
  #header(i, k, v) {
    const headers = this.composer.headers.map((h) => /** @type {[string, string]} */ ([...h]));
    headers[i][k] = v;
    this.#set({ headers });
  }

  render() {
    const c = this.composer, d = this.demos;
    const chosen = d.list.find((x) => x.id === c.demo);
    return html`
      <section class="section composer" aria-label="Request">
        <div class="section-head"><h2 class="section-title">Request</h2>
          <div class="segmented" role="group" aria-label="Write the program as">
            <button type="button" aria-pressed=${c.style === "steps"} title="putrequest, putheader, endheaders" @click=${() => this.session.compose({ style: "steps" })}>step by step</button>
            <button type="button" aria-pressed=${c.style === "request"} title="One request() call" @click=${() => this.session.compose({ style: "request" })}>request()</button>
            <button type="button" aria-pressed=${c.style === "raw"} title="Any bytes, by send()" @click=${() => this.session.compose({ style: "raw", ...(c.style === "raw" ? {} : { raw: { ...c.raw, from: c.style } }) })}>bytes</button>
          </div>
        </div>
        <div class="composer-grid">
          <label class="field"><span>Demonstration</span>
            <select class="select" @change=${(/** @type {any} */ e) => this.session.chooseDemo(e.target.value)}>
              <option value="" .selected=${!chosen}>${d.phase === "ready" ? "Your own" : d.phase === "loading" ? "Loading…" : "No demonstrations here"}</option>
              ${groups(d.list).map(([g, list]) => html`<optgroup label=${g}>${list.map((x) => html`<option value=${x.id} .selected=${x.id === c.demo}>${x.title}</option>`)}</optgroup>`)}
            </select>
          </label>
          ${chosen ? html`<p class="hint composer-shows">${chosen.shows}</p>` : nothing}
          <label class="field"><span>Network</span>
            <select class="select composer-network" .value=${this.here ? "page" : "relay"} @change=${(/** @type {any} */ e) => this.session.inPage.choose(e.target.value === "page")}>
              <option value="relay">Through the relay</option><option value="page">None: the server is in this page</option></select></label>
          <div class="composer-server"><label class="field"><span>Scheme</span>
            <select class="select" @change=${(/** @type {any} */ e) => this.session.setScheme(e.target.value === "https")}>
              <option value="http" .selected=${!c.tls}>http</option><option value="https" .selected=${c.tls}>https</option></select></label>
          ${this.here ? html`<div class="field"><span>Server</span><span class="composer-here">${IN_PAGE}</span></div>` : html`<label class="field"><span>Server</span>
            <input class="input" type="text" inputmode="url" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="host:port" .value=${c.origin}
              @input=${(/** @type {any} */ e) => this.#set({ origin: e.target.value.trim() })}>
          </label>`}</div>
          ${c.tls ? html`<sw-keys .session=${this.session}></sw-keys>` : nothing}
          ${this.here ? html`<p class="hint composer-shows">The demonstrations’ server, run by this page: nothing leaves it.</p><sw-line .session=${this.session} .faults=${this.faults}></sw-line>`
            : html`<sw-relay .session=${this.session} .relay=${this.relay}></sw-relay>`}
          ${c.style === "raw" ? html`<sw-raw .session=${this.session} .composer=${c} .ready=${this.session.client !== null && (!c.tls || this.session.tlsStatus.phase === "ready")}></sw-raw>` : html`
          <div class="composer-line">
            <label class="field composer-method"><span>Method</span>
              <input class="input" type="text" list="methods" autocomplete="off" autocapitalize="characters" spellcheck="false" .value=${c.method} @input=${(/** @type {any} */ e) => this.#set({ method: e.target.value })}>
            </label>
            <datalist id="methods">${METHODS.map((m) => html`<option value=${m}></option>`)}</datalist>
            <label class="field composer-target"><span>Target</span>
              <input class="input" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" .value=${c.target} @input=${(/** @type {any} */ e) => this.#set({ target: e.target.value })}>
            </label>
          </div>
          <div class="composer-headers" role="group" aria-label="Headers">
            <div class="composer-sub"><span class="label">Headers</span>
              <button class="btn btn-quiet btn-s" type="button" @click=${() => this.#addHeader()}>${icons.plus}Add header</button></div>
            ${c.headers.map(([n, v], i) => html`
              <div class="composer-header">
                <input class="input" type="text" aria-label=${`Name of header ${i + 1}`} placeholder="Name" autocomplete="off" autocapitalize="none" spellcheck="false" .value=${n} @input=${(/** @type {any} */ e) => this.#header(i, 0, e.target.value)}>
                <input class="input" type="text" aria-label=${`Value of header ${i + 1}`} placeholder="value" autocomplete="off" autocapitalize="none" spellcheck="false" .value=${v} @input=${(/** @type {any} */ e) => this.#header(i, 1, e.target.value)}>
                <button class="btn btn-quiet btn-icon btn-s" type="button" aria-label=${`Remove header ${n || i + 1}`} @click=${() => this.#set({ headers: c.headers.filter((_, k) => k !== i) })}>${icons.cross}</button>
              </div>`)}
          </div>
          <details class="composer-body" ?open=${c.body !== ""}>
            <summary>Body${c.body ? html` <span class="badge">${new TextEncoder().encode(c.body).length} bytes</span>` : nothing}</summary>
            <textarea class="textarea" aria-label="Body" rows="3" spellcheck="false" .value=${c.body} @input=${(/** @type {any} */ e) => this.#set({ body: e.target.value })}></textarea>
          </details>`}
        </div>
      </section>`;
  }

  #addHeader() {
    this.added = true;
    this.#set({ headers: [...this.composer.headers, ["", ""]] });
  }

  willUpdate() {
    this.focused = this.contains(document.activeElement);
  }

  /** A row that was just added takes the focus; and where the field that had it is gone, the choice that replaces it. */
  updated() {
    if (this.focused && !this.contains(document.activeElement)) /** @type {HTMLElement} */ (this.querySelector(".composer-network")).focus();
    if (!this.added) return;
    const inputs = this.querySelectorAll(".composer-header input");
    if (inputs.length !== 2 * this.composer.headers.length) return;
    this.added = false;
    /** @type {HTMLElement} */ (inputs[inputs.length - 2]).focus();
  }
}
customElements.define("sw-composer", SwComposer);

/** Demos by their group, in the order given. @param {Demo[]} list @returns {[string, Demo[]][]} */
function groups(list) {
  /** @type {Map<string, Demo[]>} */
  const out = new Map();
  for (const d of list) {
    const g = d.group ? d.group[0].toUpperCase() + d.group.slice(1) : "Demonstrations";
    out.set(g, [...(out.get(g) ?? []), d]);
  }
  return [...out];
}
