// @ts-check
/** What getresponse() gave back: status, headers in wire order, and the body. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { concat, hex2, latin1, sizeText, visible } from "../model/bytes.js";
import { bodyRanges, responseOf } from "../model/view.js";
import { nodeOf, ofNode } from "../model/select.js";
import { decompress } from "../model/decompress.js";

/** @import { Selection, FieldNode, Range } from "../types.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { View, ResponseView } from "../model/view.js" */

/** Bytes of a body shown; the rest is in the wire view. */
const PREVIEW = 16384;

export class SwResponse extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false }, selection: { attribute: false }, layer: { state: true }, as: { state: true }, inflated: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** @type {Selection | null} */
    this.selection = null;
    /** @type {"raw" | "data" | "decoded"} */
    this.layer = "data";
    /** @type {"text" | "hex"} */
    this.as = "text";
    /** @type {{ view: View, id: string, bytes: Uint8Array | null, error: string, cut: boolean } | null} */
    this.inflated = null;
  }

  render() {
    const v = this.view, field = v.whole && nodeOf(v, this.session.pinned);
    const r = (field && responseOf(v.tree, field)) || v.response;
    if (!r) return v.whole && v.cursor ? html`<p class="empty">There is no response in it.</p>` : html`<p class="empty">No response at this step. <code>getresponse()</code> waits for one and reads its status line and headers.</p>`;
    const shown = nodeOf(this.view, this.selection);
    return html`<div class="response">
      <p class="status-line"><span class="status status-${String(r.status)[0]}">${r.status}</span> <b>${r.reason}</b>
        <span class="hint">HTTP/${r.version === 11 ? "1.1" : "1.0"} · ${!r.step ? `${r.node?.label}, connection ${r.node?.conn}` : html`${r.chunked ? "chunked" : r.length != null ? `${sizeText(r.length)} to read at the start` : "until the connection closes"} · ${r.willClose ? "closes after this" : "stays open"}`}</span></p>
      <table class="headers"><caption class="sr-only">Response headers in wire order</caption>
        <thead><tr><th scope="col">Header</th><th scope="col">Value</th></tr></thead>
        <tbody>${r.headers.map((h, i) => {
          const n = h.node;
          const dup = r.headers.some((o, k) => k < i && o.name.toLowerCase() === h.name.toLowerCase());
          return html`<tr class=${shown && n && (shown === n || shown.parent === n) ? "is-shown" : ""} @pointerenter=${(/** @type {PointerEvent} */ e) => { if (n && e.pointerType === "mouse") this.session.preview(ofNode(n, "headers")); }} @pointerleave=${() => this.session.preview(null)}>
            <th scope="row">${n ? html`<button type="button" @click=${() => this.session.pin(ofNode(n, "headers"))}>${h.name}</button>` : h.name}${dup ? html` <span class="badge" title="This name came before">again</span>` : nothing}</th>
            <td>${visible(h.value, 2000)}</td></tr>`;
        })}</tbody></table>
      ${r.headers.length ? nothing : html`<p class="hint">No headers.</p>`}
      ${this.#body(r)}
    </div>`;
  }

  /** @param {ResponseView} r */
  #body(r) {
    if (!r.node) return nothing;
    const stream = this.view.log.stream(r.node.conn, "received");
    const { raw, data } = bodyRanges(r.node);
    const rawSize = raw ? raw[1] - raw[0] : 0, size = data.reduce((n, [a, b]) => n + b - a, 0);
    const coding = r.headers.find((h) => h.name.toLowerCase() === "content-encoding")?.value.trim().toLowerCase() ?? "";
    const layer = this.layer === "decoded" && !coding ? "data" : this.layer;
    /** @type {Uint8Array} */
    let bytes;
    let total = layer === "raw" ? rawSize : size, note = "";
    if (layer === "raw") bytes = raw ? stream.slice(raw[0], Math.min(raw[1], raw[0] + PREVIEW)) : new Uint8Array();
    else if (layer === "data") bytes = take(data, (a, b) => stream.slice(a, b), PREVIEW);
    else {
      const inf = this.#inflate(coding, r.node.id, data, stream);
      bytes = inf?.bytes ?? new Uint8Array();
      total = bytes.length;
      note = inf ? inf.error || (inf.cut ? "Cut at 1 MiB." : "") : "Decompressing…";
    }
    return html`<section class="body" aria-label="Body">
      <div class="section-head"><h3 class="section-title">Body <span class="hint">${sizeText(size)} read${rawSize !== size ? `, ${sizeText(rawSize)} on the wire` : ""}</span></h3>
        <div class="body-controls">
          <div class="segmented" role="group" aria-label="Body view">
            ${[["raw", "raw"], ["data", r.chunked ? "dechunked" : "body"], ...(coding ? [["decoded", "decompressed"]] : [])].map(([k, l]) => html`<button type="button" aria-pressed=${layer === k} @click=${() => { this.layer = /** @type {any} */ (k); }}>${l}</button>`)}
          </div>
          <div class="segmented" role="group" aria-label="Body as">
            ${["text", "hex"].map((k) => html`<button type="button" aria-pressed=${this.as === k} @click=${() => { this.as = /** @type {any} */ (k); }}>${k}</button>`)}
          </div>
          <button class="btn btn-s" type="button" ?disabled=${!size} @click=${() => this.#save(take(data, (a, b) => stream.slice(a, b), Infinity), size)}>Save</button>
        </div>
      </div>
      ${note ? html`<p class="hint">${note}</p>` : nothing}
      ${total === 0 && !note ? html`<p class="hint">${rawSize === 0 && !r.length && !r.chunked && (r.status === 204 || r.status === 304) ? `A ${r.status} response has no body.` : r.step ? "None of the body has been read yet." : "It has no body."}</p>`
        : html`<pre class="body-text" tabindex="0" role="region" aria-label=${`Body as ${this.as}`}>${this.as === "hex" ? hexDump(bytes.subarray(0, 4096)) : textOf(bytes, r, layer)}</pre>`}
      ${total > bytes.length ? html`<p class="hint">The first ${sizeText(bytes.length)} of ${sizeText(total)}.</p>` : nothing}
    </section>`;
  }

  /** Hands the body out as a file, as it was read. @param {Uint8Array} bytes @param {number} size */
  #save(bytes, size) {
    if (bytes.length < size) {
      this.session.announce(`Only the first ${sizeText(bytes.length)} of ${sizeText(size)} were recorded; those are saved.`);
    }
    const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)], { type: "application/octet-stream" }));
    const a = document.createElement("a");
    a.href = url;
    a.download = "body.bin";
    a.click();
    // The download has its own hold of the data by the next turn.
    setTimeout(() => URL.revokeObjectURL(url));
  }

  /** @param {string} coding @param {string} id the message @param {Range[]} data @param {import("../model/log.js").Stream} stream */
  #inflate(coding, id, data, stream) {
    if (this.inflated?.view === this.view && this.inflated.id === id) return this.inflated;
    const view = this.view;
    const all = take(data, (a, b) => stream.slice(a, b), 8 << 20);
    decompress(coding, all).then((out) => { if (this.view === view) this.inflated = { view, id, ...out }; });
    return null;
  }
}
customElements.define("sw-response", SwResponse);

/** The bytes of ranges, up to a limit. @param {Range[]} ranges @param {(a: number, b: number) => Uint8Array} slice @param {number} limit */
function take(ranges, slice, limit) {
  /** @type {Uint8Array[]} */
  const parts = [];
  let left = limit;
  for (const [a, b] of ranges) {
    if (left <= 0) break;
    const p = slice(a, Math.min(b, a + left));
    parts.push(p);
    left -= b - a;
  }
  return concat(parts);
}

/** Decoded as its Content-Type says, else UTF-8; chunk framing is ISO-8859-1. @param {Uint8Array} b @param {ResponseView} r @param {string} layer */
function textOf(b, r, layer) {
  if (layer === "raw") return latin1(b);
  const type = r.headers.find((h) => h.name.toLowerCase() === "content-type")?.value ?? "";
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(b);
  } catch {
    return new TextDecoder().decode(b);
  }
}

/** @param {Uint8Array} b */
function hexDump(b) {
  let out = "";
  for (let i = 0; i < b.length; i += 16) {
    const row = b.subarray(i, i + 16);
    const hex = Array.from(row, hex2).join(" ").padEnd(47);
    out += `${i.toString(16).padStart(4, "0")}  ${hex}  ${Array.from(row, (x) => (x >= 0x20 && x < 0x7f ? String.fromCharCode(x) : ".")).join("")}\n`;
  }
  return out;
}

/** @typedef {FieldNode} _F */
