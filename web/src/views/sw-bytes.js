// @ts-check
/** The bytes: field tree above the wire view, and the readout of the one selection they share. */
import { html, nothing } from "lit";
import { Piece } from "./piece.js";
import * as icons from "./icons.js";
import { readout } from "../model/select.js";
import { leftOutText } from "../texts/left-out.js";
import "./sw-tree.js";
import "./sw-hex.js";
import "./sw-wire.js";
import { hasRecords } from "../model/records.js";
import { load, save } from "../preferences.js";

/** @import { Selection } from "../types.d.ts" */
/** @import { Session } from "../session.js" */

export class SwBytes extends Piece {
  static properties = { ...Piece.properties, session: { attribute: false }, selection: { attribute: false }, pinned: { attribute: false }, wire: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {Selection | null} */
    this.selection = null;
    /** @type {Selection | null} */
    this.pinned = null;
    /** Whether the records of TLS stand beside the plaintext. */
    this.wire = load("wire", "off") === "on";
  }

  #toggle() {
    this.wire = !this.wire;
    save("wire", this.wire ? "on" : "off");
  }

  heir() {
    return /** @type {HTMLElement | null} */ (this.querySelector(".tree [tabindex='0']")) ?? super.heir();
  }

  render() {
    const s = this.selection, v = this.view;
    const r = s ? readout(v, s) : null, none = !v.blocks.length, tls = hasRecords(v), left = leftOutText(v.left);
    const hex = html`<sw-hex class="bytes-hex" .session=${this.session} .view=${v} .selection=${s} .pinned=${this.pinned}></sw-hex>`;
    return html`
      <div class="bytes-head"><div class="section-head"><h2 class="section-title">Bytes</h2>
        ${tls ? html`<button class="btn btn-s" type="button" aria-pressed=${this.wire} title="The TLS records of this step beside the plaintext" @click=${() => this.#toggle()}>Ciphertext</button>` : nothing}
        <span class="hint">${v.conns.length ? html`<span class="dir-sent">→ ${v.conns.reduce((n, c) => n + c.sent, 0).toLocaleString("en")}</span> sent · <span class="dir-received">← ${v.conns.reduce((n, c) => n + c.received, 0).toLocaleString("en")}</span> received` : nothing}</span></div>
        ${left ? html`<p class="bytes-left" role="note">${left}</p>` : nothing}</div>
      <sw-tree class="bytes-tree" ?hidden=${none} .session=${this.session} .view=${v} .selection=${s} .pinned=${this.pinned}></sw-tree>
      ${tls && this.wire ? html`<div class="bytes-both"><div class="bytes-pair">${hex}<sw-wire role="region" aria-label="On the wire" tabindex="0" .session=${this.session} .view=${v} .selection=${s} .pinned=${this.pinned}></sw-wire></div></div>` : hex}
      <div class="readout" ?hidden=${none} role="group" aria-label="Selection">
        ${r && s ? html`<span class="dir-${s.dir}"><span aria-hidden="true">${s.dir === "sent" ? "→" : "←"}</span><span class="sr-only">${s.dir}</span></span><span class="mono">${r.bytes}</span><span class="readout-dot">·</span><span class="mono">${r.size}</span>${r.path ? html`<span class="readout-dot">·</span><span class="readout-path">${r.path}</span>` : nothing}
          ${this.pinned ? html`<button class="btn btn-quiet btn-s btn-icon" type="button" aria-label="Let go of the selection" title="Let go (Esc)" @click=${() => this.session.pin(null)}>${icons.cross}</button>` : nothing}`
          : html`<span>Point at a byte or a field; click or Enter pins it.</span>`}
      </div>`;
  }
}
customElements.define("sw-bytes", SwBytes);
