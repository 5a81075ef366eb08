// @ts-check
/** The banner that says which breakpoint stopped a run, and lets it go on. */
import { html } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";

/** @import { Session } from "../session.js" */
/** @import { Hit } from "../model/breakpoints.js" */

export class SwStopped extends Element {
  static properties = { session: { attribute: false }, hits: { attribute: false } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {Hit[]} */
    this.hits = [];
  }

  render() {
    const s = this.session, run = s.current, more = s.inPast || (run.plan.length > 0 && !run.source);
    return html`<div class="notice notice-info notice-stopped" role="group" aria-label="Stopped at a breakpoint"><span class="notice-mark">${icons.pause}</span>
      <div><strong>Stopped by a breakpoint</strong> ${this.hits.map((h) => h.text).join("; ")}.</div>
      <div class="notice-actions">${more ? html`<button class="btn btn-s" type="button" @click=${() => s.run()}>Go on</button>` : ""}
        <button class="btn btn-quiet btn-s btn-icon" type="button" aria-label="Dismiss" @click=${() => s.dismissStop()}>${icons.cross}</button></div></div>`;
  }
}
customElements.define("sw-stopped", SwStopped);
