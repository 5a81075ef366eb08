// @ts-check
/** What is really on the wire: the TLS records of a step, byte by byte, beside the plaintext in them. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { hex2, sizeText, toBytes } from "../model/bytes.js";
import { carried, partAt, plaintextAt, recordsAt } from "../model/records.js";
import { ofLeaf, ofRange } from "../model/select.js";
import { PARTS } from "../texts/records.js";

/** @import { RecordEvent, Selection } from "../types.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */

/** Bytes a row; it stands beside the hex view, in half of its width. */
const PER = 8;
/** Rows of a record shown at first, and with each press of More. */
const ROWS = 16, MORE = 64;
/** Rows shown around what is selected further down. */
const AROUND = 6;
/** Records listed. */
const LISTED = 100;

export class SwWire extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false }, selection: { attribute: false }, pinned: { attribute: false }, all: { state: true }, more: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** @type {Selection | null} */
    this.selection = null;
    /** @type {Selection | null} */
    this.pinned = null;
    /** Every step's records, not only this one's. */
    this.all = false;
    /** Rows shown, for records where more were asked for. @type {Map<RecordEvent, number>} */
    this.more = new Map();
    /** @type {RecordEvent[]} */
    this.records = [];
  }

  willUpdate() {
    const step = recordsAt(this.view, !this.all);
    // What was pinned brings its records with it, whichever step they were of.
    const pinned = this.all || !this.pinned ? [] : recordsAt(this.view, false).filter((r) => !step.includes(r) && carried(r, this.pinned).length > 0);
    this.records = [...pinned, ...step];
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has("pinned") || !this.pinned || this.pinned.from === "wire") return;
    const on = this.querySelector(".wx-on")?.parentElement;
    if (!on) return;
    const box = this.getBoundingClientRect(), at = on.getBoundingClientRect();
    if (at.top < box.top || at.bottom > box.bottom) this.scrollTop += at.top - box.top - Math.min(60, box.height / 3);
  }

  /** The field, or the byte, that a byte of the wire carries. @param {Event} e */
  #at(e) {
    const cell = /** @type {HTMLElement} */ (e.target).closest?.(".wx[data-i]");
    const row = /** @type {HTMLElement | null} */ (cell?.closest("[data-record]") ?? null);
    if (!(cell instanceof HTMLElement) || !row) return null;
    const r = this.records[Number(row.dataset.record)], at = plaintextAt(r, Number(cell.dataset.i)), conn = r.conn ?? 1;
    const leaf = this.view.log.stream(conn, r.dir).leafAt(at, this.view.cursor);
    return leaf ? ofLeaf(this.view, leaf, "wire") : ofRange(conn, r.dir, [at, at + 1], "wire");
  }

  /** @param {PointerEvent} e */
  #over(e) {
    if (e.pointerType !== "mouse") return;
    this.session.preview(this.#at(e));
  }

  /** @param {Event} e */
  #pin(e) {
    const s = this.#at(e);
    if (s) this.session.pin(s);
  }

  render() {
    const records = this.records, listed = records.slice(-LISTED), first = records.length - listed.length;
    const size = records.reduce((n, r) => n + r.size, 0);
    const on = records.filter((r) => carried(r, this.selection).length > 0);
    return html`<div class="wire-top"><b>On the wire</b><span class="hint">${records.length === 1 ? "1 record" : `${records.length} records`}, ${sizeText(size)}</span>
        <label class="wire-all"><input type="checkbox" .checked=${this.all} @change=${(/** @type {any} */ e) => { this.all = e.target.checked; }}> every step</label></div>
      ${this.selection ? html`<p class="wire-on hint">${on.length ? html`The selection is in ${on.slice(0, 3).map((r, i) => html`${i ? ", " : ""}wire ${carried(r, this.selection).slice(0, 2).map(([a, z]) => `${r.offset + a}–${r.offset + z - 1}`).join(", ")}`)}${on.length > 3 ? ` and ${on.length - 3} more records` : ""}.` : "The selection is in none of these records."}</p>` : nothing}
      ${records.length === 0 ? html`<p class="empty">This step sent and received nothing.</p>` : html`
      ${first ? html`<p class="hint wire-on">${first} earlier records left out.</p>` : nothing}
      <ol class="wire-list" @pointerover=${this.#over} @pointerleave=${() => this.session.preview(null)} @click=${this.#pin}>${listed.map((r, i) => this.#record(r, first + i))}</ol>`}`;
  }

  /** @param {RecordEvent} r @param {number} index */
  #record(r, index) {
    const p = r.plaintext, conn = r.conn ?? 1, ranges = carried(r, this.selection), bytes = toBytes(r.bytes);
    const messages = (r.messages ?? []).map((m) => m.name.replaceAll("_", " ")).join(", ");
    const what = messages || r.content.replaceAll("_", " ");
    const name = html`<span class="dir-${r.dir}" aria-hidden="true">${r.dir === "sent" ? "→" : "←"}</span> <span class="sr-only">${r.dir} </span>${what}`;
    const note = p && p.end > p.start ? `carries ${p.start}–${p.end - 1}` : r.protected ? "encrypted, no HTTP in it" : "in the clear";
    return html`<li class="wire-record ${ranges.length ? "is-on" : ""}" data-record=${index}>
      <div class="wire-head">${p && p.end > p.start
        ? html`<button class="link" type="button" title="Select the plaintext" @click=${() => this.session.pin(ofRange(conn, r.dir, [p.start, p.end], "wire"))}>${name}<span class="sr-only">, record of ${r.size} bytes, ${note}: select the plaintext</span></button>`
        : html`<span>${name}</span>`}
        <span class="hint">${sizeText(r.size)} · ${note}${r.protected && r.outer && r.outer !== r.content ? `; seen as ${r.outer.replaceAll("_", " ")}` : ""}</span></div>
      <p class="wire-parts hint">${(r.parts ?? []).map(([part, n], i) => html`${i ? " · " : ""}<span title=${PARTS[part]?.text ?? ""}>${PARTS[part]?.label ?? part} ${n}</span>`)}</p>
      <div class="wire-rows mono" role="img" aria-label=${`${r.size} bytes of the wire from ${r.offset} on${ranges.length ? `; the selection is in bytes ${ranges.map(([a, z]) => `${r.offset + a}–${r.offset + z - 1}`).join(", ")}` : ""}`}>${this.#rows(r, bytes, ranges)}</div>
      ${this.#rowsOf(r) * PER < bytes.length ? html`<button class="link wire-more" type="button" @click=${() => { this.more = new Map(this.more).set(r, this.#rowsOf(r) + MORE); }}>Show more of ${bytes.length.toLocaleString("en")} bytes</button>` : nothing}
      ${bytes.length < r.size ? html`<p class="hint">${(r.size - bytes.length).toLocaleString("en")} bytes were not kept.</p>` : nothing}</li>`;
  }

  /** @param {RecordEvent} r */
  #rowsOf(r) { return this.more.get(r) ?? ROWS; }

  /** @param {RecordEvent} r @param {Uint8Array} bytes @param {import("../types.d.ts").Range[]} ranges */
  #rows(r, bytes, ranges) {
    const count = Math.ceil(bytes.length / PER), shown = Math.min(count, this.#rowsOf(r)), out = [];
    for (let row = 0; row < shown; row++) out.push(this.#row(r, bytes, row, ranges));
    const at = ranges.length ? Math.floor(ranges[0][0] / PER) : 0;
    if (ranges.length && at >= shown) {
      const from = Math.max(shown, at - 1);
      if (from > shown) out.push(html`<div class="wire-gap">⋯</div>`);
      for (let row = from; row < Math.min(count, from + AROUND); row++) out.push(this.#row(r, bytes, row, ranges));
    }
    return out;
  }

  /** @param {RecordEvent} r @param {Uint8Array} bytes @param {number} row @param {import("../types.d.ts").Range[]} ranges */
  #row(r, bytes, row, ranges) {
    const cells = [];
    for (let i = row * PER; i < Math.min(bytes.length, (row + 1) * PER); i++) {
      const on = ranges.some(([a, z]) => a <= i && i < z);
      cells.push(html`<span class="wx wx-${partAt(r, i)} ${on ? `wx-on wx-${r.dir}` : ""}" data-i=${plaintextAt(r, i) < 0 ? nothing : i}>${hex2(bytes[i])}</span>`);
    }
    return html`<div class="wire-row"><span class="wire-offset">${(r.offset + row * PER).toString(16).padStart(4, "0")}</span>${cells}</div>`;
  }
}
customElements.define("sw-wire", SwWire);
