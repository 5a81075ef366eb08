// @ts-check
/** What getresponse() gave back: status, headers in wire order, and the body. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { concat, hex2, latin1, sizeText, visible } from "../model/bytes.js";
import { bodyRanges, responseOf } from "../model/view.js";
import { nodeOf, ofNode } from "../model/select.js";
import { codingsOf, decompress } from "../model/decompress.js";

/** @import { Selection, FieldNode, Range } from "../types.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { View, ResponseView } from "../model/view.js" */

/** Bytes of a body shown as text, and as hex; the rest is in the wire view. */
const PREVIEW = 16384, PREVIEW_HEX = 4096;

export class SwResponse extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false }, selection: { attribute: false }, layer: { state: true }, as: { state: true }, inflated: { state: true }, wide: { state: true } };

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
    /** What was chosen; until then, what the bytes are fit for. @type {"text" | "hex" | null} */
    this.as = null;
    /** @type {{ view: View, id: string, bytes: Uint8Array | null, note: string, cut: boolean } | null} */
    this.inflated = null;
    /** Whether a row of hex has room for 16 bytes. */
    this.wide = false;
    this.observer = new ResizeObserver(([e]) => { this.wide = e.contentRect.width >= 580; });
  }

  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
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
    const codings = codingsOf(r.headers);
    const layer = this.layer === "decoded" && !codings.length ? "data" : this.layer;
    /** @type {Uint8Array} */
    let bytes;
    let total = layer === "raw" ? rawSize : size, note = "";
    if (layer === "raw") bytes = raw ? stream.slice(raw[0], Math.min(raw[1], raw[0] + PREVIEW)) : new Uint8Array();
    else if (layer === "data") bytes = take(data, (a, b) => stream.slice(a, b), PREVIEW);
    else {
      const inf = this.#inflate(codings, r.node.id, data, stream);
      bytes = inf?.bytes ?? new Uint8Array();
      total = bytes.length;
      note = !size ? "" : inf ? [inf.note, inf.cut ? "Cut at 1 MiB." : ""].filter(Boolean).join(" ") : "Decompressing…";
    }
    const as = this.as ?? (isBinary(bytes) ? "hex" : "text");
    if (as === "hex") bytes = bytes.subarray(0, PREVIEW_HEX);
    return html`<section class="body" aria-label="Body">
      <div class="section-head"><h3 class="section-title">Body <span class="hint">${sizeText(size)} read${rawSize !== size ? `, ${sizeText(rawSize)} on the wire` : ""}</span></h3>
        <div class="body-controls">
          <div class="segmented" role="group" aria-label="Body view">
            ${[["raw", "raw"], ["data", r.chunked ? "dechunked" : "body"], ...(codings.length ? [["decoded", "decompressed"]] : [])].map(([k, l]) => html`<button type="button" aria-pressed=${layer === k} @click=${() => { this.layer = /** @type {any} */ (k); }}>${l}</button>`)}
          </div>
          <div class="segmented" role="group" aria-label="Body as">
            ${["text", "hex"].map((k) => html`<button type="button" aria-pressed=${as === k} @click=${() => { this.as = /** @type {any} */ (k); }}>${k}</button>`)}
          </div>
          <button class="btn btn-s" type="button" ?disabled=${!size} @click=${() => this.#save(take(data, (a, b) => stream.slice(a, b), Infinity), size)}>Save</button>
        </div>
      </div>
      ${note ? html`<p class="hint">${note}</p>` : nothing}
      ${total === 0 ? (note ? nothing : html`<p class="hint">${this.#nothing(r, r.node)}</p>`)
        : html`<pre class="body-text" tabindex="0" role="region" aria-label=${`Body as ${as}`}>${as === "hex" ? hexDump(bytes, this.wide ? 16 : 8) : textOf(bytes, r, layer)}</pre>`}
      ${total > bytes.length ? html`<p class="hint">The first ${sizeText(bytes.length)} of ${sizeText(total)}.</p>` : nothing}
    </section>`;
  }

  /** Why there is nothing of the body. @param {ResponseView} r @param {FieldNode} node */
  #nothing(r, node) {
    if (r.status < 200 || r.status === 204 || r.status === 304) return `A ${r.status} response has no body.`;
    if (node.leaves().some((l) => l.kind === "last-chunk")) return "The body is empty: the first chunk is the last.";
    if (!r.step) return "It has no body.";
    if (r.length === 0 && !r.chunked) {
      const length = r.headers.find((h) => h.name.toLowerCase() === "content-length");
      return length && Number(length.value) === 0 ? "The body is empty: its length is 0." : "The response to a HEAD has no body. Its headers are those that GET would get.";
    }
    if (!this.view.conns.some((c) => c.conn === node.conn && c.eof)) return "None of the body has been read yet.";
    const whole = node.leaves().some((l) => l.kind === "head-end");
    return r.length == null && !r.chunked ? `The body is empty: the connection ended ${whole ? "right after" : "inside"} the head.` : "The connection ended before any of the body came.";
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

  /** @param {string[]} codings @param {string} id the message @param {Range[]} data @param {import("../model/log.js").Stream} stream */
  #inflate(codings, id, data, stream) {
    if (this.inflated?.view === this.view && this.inflated.id === id) return this.inflated;
    const view = this.view;
    const all = take(data, (a, b) => stream.slice(a, b), 8 << 20);
    decompress(codings, all).then((out) => { if (this.view === view) this.inflated = { view, id, ...out }; });
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

/** Whether a body begins with bytes that no text has. WHATWG MIME Sniffing calls them binary data bytes. @param {Uint8Array} b */
function isBinary(b) {
  return b.subarray(0, 1445).some((x) => x < 0x09 || x === 0x0b || (x > 0x0d && x < 0x20 && x !== 0x1b));
}

/** @param {Uint8Array} b @param {number} perRow */
function hexDump(b, perRow) {
  let out = "";
  for (let i = 0; i < b.length; i += perRow) {
    const row = b.subarray(i, i + perRow);
    const hex = Array.from(row, hex2).join(" ").padEnd(3 * perRow - 1);
    out += `${i.toString(16).padStart(4, "0")}  ${hex}  ${Array.from(row, (x) => (x >= 0x20 && x < 0x7f ? String.fromCharCode(x) : ".")).join("")}\n`;
  }
  return out;
}

/** @typedef {FieldNode} _F */
