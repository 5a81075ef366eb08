// @ts-check
/** The sequence ladder: page, relay and server, and what passed between them. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { sizeText, timeText } from "../model/bytes.js";
import { ofRange } from "../model/select.js";
import { shortCall } from "../model/python.js";

/** @import { Session } from "../session.js" */
/** @import { LadderRow, View } from "../model/view.js" */

/** Rows kept on the page; older ones are reached by stepping back. */
const LIMIT = 300;

export class SwLadder extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** Rows at the last update. */
    this.shown = 0;
  }

  updated() {
    // The newest row is the one of interest.
    const box = this.closest(".details-body");
    if (box && this.view.ladder.length !== this.shown) box.scrollTop = box.scrollHeight;
    this.shown = this.view.ladder.length;
  }

  render() {
    const rows = this.view.ladder;
    if (!rows.length) return html`<p class="empty">What passes between this page, the relay and the server appears here, with a time for each send and receive.</p>`;
    const cut = Math.max(0, rows.length - LIMIT);
    let step = -2;
    return html`<div class="ladder">
      <div class="ladder-lanes" aria-hidden="true"><span>page</span><span>relay</span><span>server</span></div>
      ${cut ? html`<p class="hint ladder-cut">${cut} earlier rows left out.</p>` : nothing}
      <ol class="ladder-rows">${rows.slice(cut).map((r) => {
        const first = r.step !== step;
        step = r.step;
        return this.#row(r, first);
      })}</ol>
    </div>`;
  }

  /** @param {LadderRow} r @param {boolean} first */
  #row(r, first) {
    const call = this.view.log.steps[r.step];
    const now = r.step === this.view.steps - 1;
    const dir = r.kind === "send" ? "sent" : "received";
    const bytes = r.kind === "send" || r.kind === "recv";
    const label = bytes ? sizeText(r.size) : r.kind === "relay" ? "" : r.text;
    const spoken = r.kind === "send" ? `sent ${label}` : r.kind === "recv" ? `received ${label}` : `${label} ${r.detail}`;
    const body = html`<span class="ladder-wire w-${r.kind} to-${r.lanes}"><span class="ladder-text" title=${r.detail}>${label}${r.detail ? html` <span class="ladder-detail">${r.detail}</span>` : nothing}</span></span>`;
    return html`<li class="ladder-row ${now ? "is-now" : ""} ${first ? "is-first" : ""}">
      <span class="ladder-call">${first && call ? html`<code>${shortCall(call, 18)}</code>` : nothing}</span>
      ${bytes
        ? html`<button type="button" class="ladder-line" aria-label=${`${spoken}, at ${timeText(r.t)}: show the bytes`} @click=${() => this.session.pin(ofRange(r.conn || 1, dir, [r.offset, r.offset + r.size], "ladder"))}>${body}</button>`
        : html`<span class="ladder-line">${body}</span>`}
      <time class="ladder-time">${timeText(r.t)}</time>
    </li>`;
  }
}
customElements.define("sw-ladder", SwLadder);
