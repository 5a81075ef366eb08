// @ts-check
/** The lower half of the middle: ladder, response, buffer and what changed, by tabs. */
import { html, nothing } from "lit";
import { Piece } from "./piece.js";
import { sizeText } from "../model/bytes.js";
import "./sw-ladder.js";
import "./sw-response.js";
import "./sw-buffer.js";
import "./sw-changes.js";
import "./sw-compare.js";
import "./sw-tls.js";

/** @import { Selection } from "../types.d.ts" */
/** @import { Session } from "../session.js" */

const TABS = [["ladder", "Ladder"], ["response", "Response"], ["buffer", "Buffer"], ["changes", "Changes"], ["compare", "Compare"], ["tls", "TLS"]];

/** The tab that shows most of what a call does. @type {Record<string, string>} */
const OF_CALL = { putrequest: "buffer", putheader: "buffer", getresponse: "response", read: "response", readinto: "response", read1: "response", readline: "response", getheader: "response", connect: "ladder", endheaders: "ladder", request: "ladder", send: "ladder", close: "ladder" };

export class SwDetails extends Piece {
  static properties = { ...Piece.properties, session: { attribute: false }, selection: { attribute: false }, tab: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {Selection | null} */
    this.selection = null;
    this.tab = "ladder";
    /** Once a tab is chosen by hand, the steps no longer choose it. */
    this.chosen = false;
    // Scrolled back where the frame's layout is done: here it would take one of its own.
    this.observer = new ResizeObserver(([e]) => {
      this.observer.disconnect();
      e.target.scrollTop = 0;
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (!changed.has("view") || this.chosen) return;
    const v = this.view;
    this.tab = v.error ? "ladder" : v.step ? (OF_CALL[v.step.name] ?? this.tab) : "ladder";
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has("tab")) return;
    this.observer.disconnect();
    if (this.tab !== "ladder") this.observer.observe(/** @type {HTMLElement} */ (this.querySelector(".details-body")));
  }

  render() {
    const v = this.view;
    /** @param {string} k */
    const badge = (k) => (k === "buffer" && v.bufferSize ? sizeText(v.bufferSize) : k === "response" && v.response?.step ? String(v.response.status) : "");
    return html`<div class="details-pane">
      <div class="tabs" role="tablist" aria-label="Details" @keydown=${this.#key}>
        ${TABS.map(([k, l]) => html`<button class="tab" type="button" role="tab" id=${"tab-" + k} aria-controls="details-panel" aria-selected=${this.tab === k} tabindex=${this.tab === k ? 0 : -1}
          @click=${() => { this.tab = k; this.chosen = true; }}>${l}${badge(k) ? html`<span class="badge">${badge(k)}</span>` : nothing}</button>`)}
      </div>
      <div class="details-body" id="details-panel" role="tabpanel" aria-labelledby=${"tab-" + this.tab} tabindex="0">
        ${this.tab === "ladder" ? html`<sw-ladder .session=${this.session} .view=${v}></sw-ladder>`
          : this.tab === "response" ? html`<sw-response .session=${this.session} .view=${v} .selection=${this.selection}></sw-response>`
          : this.tab === "buffer" ? html`<sw-buffer .view=${v}></sw-buffer>`
          : this.tab === "changes" ? html`<sw-changes .view=${v}></sw-changes>`
          : this.tab === "tls" ? html`<sw-tls .session=${this.session} .view=${v}></sw-tls>`
          : html`<sw-compare .session=${this.session} .view=${v} .runs=${this.session.runs.length}></sw-compare>`}
      </div></div>`;
  }

  heir() {
    return /** @type {HTMLElement | null} */ (this.querySelector("#details-panel"));
  }

  /** @param {KeyboardEvent} e */
  async #key(e) {
    const i = TABS.findIndex(([k]) => k === this.tab);
    const to = e.key === "ArrowRight" ? i + 1 : e.key === "ArrowLeft" ? i - 1 : e.key === "Home" ? 0 : e.key === "End" ? TABS.length - 1 : -1;
    if (to < 0 && e.key !== "ArrowLeft") return;
    e.preventDefault();
    this.tab = TABS[(to + TABS.length) % TABS.length][0];
    this.chosen = true;
    await this.updateComplete;
    const tab = /** @type {HTMLElement} */ (this.querySelector("#tab-" + this.tab));
    tab.focus();
    // The focus leaves a tab cut off that it finds in sight in part.
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
customElements.define("sw-details", SwDetails);
