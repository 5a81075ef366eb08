// @ts-check
/** A request written byte by byte: any bytes, valid or not, with what a server would make of them said before they are sent. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { invoke } from "../invoke.js";
import { sizeText } from "../model/bytes.js";
import { splitOrigin } from "../model/program.js";
import { composedBytes, methodOf, rawBytes, rawText } from "../model/raw.js";
import { rangeText } from "../model/select.js";
import { remarkWord } from "../texts/remarks.js";
import { rfcLink } from "../texts/rfc.js";

/** @import { ComposerState, DiagnosticEvent, RawRequest } from "../types.d.ts" */
/** @import { Session } from "../session.js" */

/** Pause in typing after which the bytes are looked at, ms. */
const PAUSE = 200;
/** Remarks listed. */
const LISTED = 20;

export class SwRaw extends Element {
  static properties = { session: { attribute: false }, composer: { attribute: false }, ready: { attribute: false }, failed: { state: true }, remarks: { state: true }, unchecked: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {ComposerState} */
    this.composer = /** @type {any} */ (null);
    /** Whether there is a client to compose with. */
    this.ready = false;
    /** Why the text stands for no bytes. */
    this.failed = "";
    /** @type {DiagnosticEvent[] | null} */
    this.remarks = null;
    /** Why nothing is said of the bytes. */
    this.unchecked = "";
    /** The composed request that was last written out. */
    this.filled = "";
    /** @type {Uint8Array | null} */
    this.checked = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.checked = null;
  }

  updated() {
    const c = this.composer, { raw } = c;
    const composed = JSON.stringify([c.demo, c.origin, c.tls, c.method, c.target, c.headers, c.body, raw.from]);
    if (this.ready && composed !== this.filled) {
      const first = this.filled === "";
      this.filled = composed;
      // What was written by hand stays, until another request is chosen.
      if (!raw.touched || (!first && c.demo)) void this.#fill();
    }
    if (raw.bytes !== this.checked && (raw.bytes.length || raw.touched)) {
      this.checked = raw.bytes;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#check(raw.bytes), this.remarks ? PAUSE : 0);
    }
  }

  /** @param {Partial<RawRequest>} patch */
  #set(patch) {
    this.session.compose({ raw: { ...this.composer.raw, ...patch }, ...(patch.touched ? { demo: "" } : {}) });
  }

  /** Writes the composed request out, as the client would send it. Nothing is sent. */
  async #fill() {
    const c = this.composer, { client } = this.session, { host, port } = splitOrigin(c.origin);
    if (!client) return;
    let connection;
    try {
      connection = await (c.tls ? client.httpsConnection(host, { port, trace: true }) : client.httpConnection(host, { port, trace: true }));
      const bytes = await composedBytes(connection, c, invoke);
      this.failed = "";
      if (c === this.composer || !this.composer.raw.touched) this.#set({ bytes, text: rawText(bytes, this.composer.raw.as), touched: false });
    } catch (e) {
      this.failed = `The composed request cannot be written out. ${/** @type {Error} */ (e).name}: ${/** @type {Error} */ (e).message}`;
    } finally {
      connection?.release();
    }
  }

  /** @param {string} text */
  #typed(text) {
    const { as } = this.composer.raw;
    try {
      const bytes = rawBytes(text, as);
      this.failed = "";
      this.#set({ text, bytes, touched: true });
    } catch (e) {
      this.failed = `${/** @type {Error} */ (e).message}. The bytes before this edit still stand.`;
      this.#set({ text, touched: true });
    }
  }

  /** @param {RawRequest["as"]} as */
  #as(as) {
    if (as === this.composer.raw.as || this.failed) return;
    this.#set({ as, text: rawText(this.composer.raw.bytes, as) });
  }

  /** @param {Uint8Array} bytes */
  async #check(bytes) {
    try {
      const { events } = await (await this.session.files.tools()).request(bytes);
      if (bytes !== this.composer.raw.bytes) return;
      this.remarks = events.filter((/** @type {any} */ e) => e.type === "diagnostic");
      this.unchecked = "";
    } catch (e) {
      this.unchecked = `The bytes were not looked at: ${/** @type {Error} */ (e).message}. They can be sent all the same.`;
      this.checked = null;
    }
  }

  /** Marks the bytes of a remark in the text. @param {DiagnosticEvent} d */
  #show(d) {
    const { text, as } = this.composer.raw, box = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
    /** @type {number[]} */
    const starts = [];
    rawBytes(text, as, starts);
    box.focus();
    box.setSelectionRange(starts[d.start] ?? text.length, starts[d.end] ?? text.length);
  }

  render() {
    const { raw } = this.composer, auto = methodOf({ ...raw, method: "" });
    /** @type {DiagnosticEvent[]} */
    const remarks = this.remarks ?? [];
    return html`<div class="raw">
      <div class="composer-sub"><label class="label" for="raw-bytes">Bytes to send</label>
        <div class="segmented" role="group" aria-label="Bytes written as">
          ${/** @type {const} */ (["text", "hex"]).map((as) => html`<button type="button" aria-pressed=${raw.as === as} ?disabled=${raw.as !== as && this.failed !== ""} @click=${() => this.#as(as)}>${as}</button>`)}</div></div>
      <textarea class="textarea raw-text" id="raw-bytes" rows="8" wrap="off" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="raw-hint" aria-invalid=${this.failed ? "true" : nothing}
        .value=${raw.text} @input=${(/** @type {any} */ e) => this.#typed(e.target.value)}></textarea>
      ${this.failed ? html`<p class="sheet-failed" role="alert">${this.failed}</p>` : nothing}
      <div class="composer-sub"><span class="hint">${sizeText(raw.bytes.length)}, sent as they are by one <code>send()</code></span>
        <button class="btn btn-quiet btn-s" type="button" ?disabled=${!this.ready || !raw.touched} @click=${() => this.#fill()}>As composed</button></div>
      <p class="hint" id="raw-hint">${raw.as === "hex" ? "Two hex digits a byte." : html`<code>\\r</code> <code>\\n</code> <code>\\t</code> <code>\\0</code> <code>\\xHH</code> <code>\\\\</code>; the line breaks of this box stand for nothing.`}</p>
      <label class="field raw-method"><span>Answer read as the one to</span>
        <input class="input" type="text" list="methods" autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder=${auto} .value=${raw.method} @input=${(/** @type {any} */ e) => this.#set({ method: e.target.value.trim() })}></label>
      <datalist id="methods"><option value="GET"></option><option value="HEAD"></option><option value="CONNECT"></option></datalist>
      <section class="raw-remarks" aria-label="Remarks on the bytes">
        ${this.unchecked ? html`<p class="hint">${this.unchecked} <button class="link" type="button" @click=${() => this.#check(raw.bytes)}>Look again</button></p>`
          : this.remarks === null ? html`<p class="hint">The bytes are being looked at…</p>`
          : html`<p class="raw-verdict">${remarks.length ? `${remarks.length} ${remarks.length === 1 ? "remark" : "remarks"}; the bytes are sent all the same` : "A request as the RFCs have it"}</p>
            <ul>${remarks.slice(0, LISTED).map((d) => html`<li class="diag diag-${d.severity}"><b>${remarkWord(d)}</b>: ${d.text}
              ${d.end > d.start ? html`<button class="link" type="button" @click=${() => this.#show(d)}>${d.end - d.start === 1 ? "byte" : "bytes"} ${rangeText([[d.start, d.end]])}</button>` : nothing} ${rfc(d.rfc)}</li>`)}</ul>
            ${remarks.length > LISTED ? html`<p class="hint">${remarks.length - LISTED} more.</p>` : nothing}`}
      </section></div>`;
  }
}
customElements.define("sw-raw", SwRaw);

/** @param {string | undefined} ref */
function rfc(ref) {
  const l = rfcLink(ref);
  return l ? html`<a class="rfc" href=${l.href} target="_blank" rel="noopener noreferrer">${l.label}</a>` : nothing;
}
