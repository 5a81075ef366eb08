// @ts-check
/** The sequence ladder: page, relay and server, and what passed between them. */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { Element } from "./element.js";
import { RowWindow } from "./row-window.js";
import { sizeText, timeText } from "../model/bytes.js";
import { ofRange } from "../model/select.js";
import { shortCall } from "../model/python.js";

/** @import { Session } from "../session.js" */
/** @import { LadderRow } from "../model/ladder.js" */
/** @import { View } from "../model/view.js" */

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
    this.window = new RowWindow(this, { box: ".ladder-rows", height: 30 });
  }

  willUpdate() {
    // The newest row is the one of interest; of what is shown whole, the first.
    if (this.view.ladder !== this.shown) this.window.aim(this.view.whole ? 0 : this.view.ladder - 1);
    this.shown = this.view.ladder;
  }

  render() {
    const here = this.session.inPage.shown, { source } = this.session.current;
    // What others recorded tells of no relay.
    const direct = here || (source !== null && source.kind !== "recording");
    const count = this.view.ladder, rows = this.view.log.ladder.rows;
    if (!count) return html`<p class="empty">What passes between this page and the server, through the relay where there is one, appears here, with a time for each send and receive.</p>`;
    return html`<div class=${direct ? "ladder is-here" : "ladder"}>
      <div class="ladder-lanes" aria-hidden="true">${direct ? html`<span>client</span><span>${here ? "in this page" : ""}</span><span>server</span>` : html`<span>page</span><span>relay</span><span>server</span>`}</div>
      <ol class="ladder-rows" aria-label="Sequence ladder">${repeat(this.window.rows(count), this.window.slot, (i) => this.#row(rows[i], i, count))}</ol>
    </div>`;
  }

  /** @param {LadderRow} r @param {number} i @param {number} count */
  #row(r, i, count) {
    const first = r.step !== this.view.log.ladder.rows[i - 1]?.step;
    const call = this.view.log.steps[r.step];
    const now = r.step === this.view.steps - 1;
    const dir = r.kind === "send" ? "sent" : "received";
    const bytes = r.kind === "send" || r.kind === "recv";
    const label = bytes ? sizeText(r.size) : r.kind === "relay" ? "" : r.text;
    const spoken = r.kind === "send" ? `sent ${label}` : `received ${label}`;
    const body = html`<span class="ladder-wire w-${r.kind} to-${r.lanes}"><span class="ladder-text" title=${r.detail}>${r.lanes === "relay" ? html`<span class="sr-only">relay: </span>` : nothing}${label}${r.detail ? html` <span class="ladder-detail">${r.detail}</span>` : nothing}</span></span>`;
    return html`<li class="ladder-row ${now ? "is-now" : ""} ${first ? "is-first" : ""}" data-row=${i} aria-setsize=${count} aria-posinset=${i + 1}>
      <span class="ladder-call">${first && call ? html`<code>${shortCall(call, 18)}</code>` : nothing}</span>
      ${bytes
        ? html`<button type="button" class="ladder-line" aria-label=${`${spoken}, at ${timeText(r.t)}: show the bytes`} @click=${() => this.session.pin(ofRange(r.conn || 1, dir, [r.offset, r.offset + r.size], "ladder"))}>${body}</button>`
        : html`<span class="ladder-line ${r.kind === "relay" ? "is-relay" : ""}">${body}</span>`}
      <time class="ladder-time">${timeText(r.t)}</time>
    </li>`;
  }
}
customElements.define("sw-ladder", SwLadder);
