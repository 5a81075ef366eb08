// @ts-check
/** The notice that a newer version of the page waits. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";

/** @import { Offline } from "../offline.js" */

export class SwOffline extends Element {
  static properties = { offline: { attribute: false }, runs: { attribute: false }, later: { state: true } };

  constructor() {
    super();
    /** @type {Offline | null} */
    this.offline = null;
    /** Whether there is something to lose. */
    this.runs = false;
    this.later = false;
    this.onChange = () => this.requestUpdate();
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    if (!changed.has("offline")) return;
    changed.get("offline")?.removeEventListener("change", this.onChange);
    this.offline?.addEventListener("change", this.onChange);
  }

  render() {
    if (this.offline?.phase !== "update" || this.later) return nothing;
    return html`<div class="notice notice-info" role="group" aria-label="Newer version"><span class="notice-mark">${icons.save}</span>
      <div><strong>A newer version of this page is ready.</strong>${this.runs ? " Loading it begins anew: save first what you want to keep." : ""}</div>
      <div class="notice-actions"><button class="btn btn-s btn-primary" type="button" @click=${() => this.offline?.update()}>Load it</button>
        <button class="btn btn-quiet btn-s btn-icon" type="button" aria-label="Later" title="Later: it comes when all its pages are closed" @click=${() => { this.later = true; }}>${icons.cross}</button></div></div>`;
  }
}
customElements.define("sw-offline", SwOffline);
