// @ts-check
/** What can be brought in: a file or pasted bytes, shown with the same views. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";
import { isKeyLog, isMessage, withCRLF } from "../model/paste.js";
import { percent } from "./sw-share.js";

/** @import { Session } from "../session.js" */

/** What is to be read: a file, or what was pasted, without a name. @typedef {{ data: string | Blob, name: string, keyLog?: Blob }} Reading */

export class SwOpen extends Element {
  static properties = { session: { attribute: false }, status: { attribute: false }, text: { state: true }, failed: { state: true }, reading: { state: true }, over: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    this.status = null;
    this.text = "";
    /** Why what was to be read could not be. @type {string[]} */
    this.failed = [];
    /** What is being read. @type {Reading | null} */
    this.reading = null;
    /** What is read after it. @type {Reading[]} */
    this.waiting = [];
    /** Whether something is being dragged over the page. */
    this.over = false;
    this.crlf = true;
    this.depth = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    // A file dropped anywhere on the page is opened, rather than shown by the browser in its place.
    addEventListener("dragenter", (e) => { if (hasFiles(e)) { this.depth++; this.over = true; } });
    addEventListener("dragleave", (e) => { if (hasFiles(e) && --this.depth <= 0) { this.depth = 0; this.over = false; } });
    addEventListener("dragover", (e) => { if (hasFiles(e)) e.preventDefault(); });
    addEventListener("drop", (e) => {
      if (!hasFiles(e)) return;
      e.preventDefault();
      this.depth = 0;
      this.over = false;
      void this.#files(e.dataTransfer?.files);
    });
  }

  /** A key log among them is for the captures. @param {FileList | null | undefined} files */
  async #files(files) {
    const all = [...files ?? []], chosen = /** @type {HTMLInputElement | null} */ (this.querySelector("#open-keylog"))?.files?.[0];
    const begin = await Promise.all(all.map((f) => f.slice(0, 1024).text().catch(() => ""))); // a folder has none
    const logs = all.filter((_, i) => isKeyLog(begin[i])), rest = all.filter((f) => !logs.includes(f));
    const keyLog = logs.length ? new Blob(logs.flatMap((log) => [log, "\n"])) : chosen;
    await this.#open(rest.map((data) => ({ data, name: data.name, keyLog })));
    if (!logs.length || rest.length) return;
    this.failed = [`${logs[0].name} is a key log: drop it together with its capture.`];
    this.show();
  }

  show() {
    const d = /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
    if (!d.open) d.showModal();
  }

  /** One after the other: each becomes a run, and the last is shown. @param {Reading[]} more */
  async #open(more) {
    this.waiting.push(...more);
    if (this.reading) return;
    this.failed = [];
    if (more[0]?.name) this.session.announce(`Reading ${more[0].name}.`);
    while ((this.reading = this.waiting.shift() ?? null)) {
      const { data, name, keyLog } = this.reading;
      try {
        await this.session.files.decode(data, { name, keyLog });
        if (!name) this.text = "";
      } catch (e) {
        this.failed = [...this.failed, `${name || "What was pasted"} could not be read. ${String(/** @type {any} */ (e)?.message ?? e).replace(/^decode: /, "")}`];
      }
    }
    if (this.failed.length) this.show();
    else if (more.length) /** @type {HTMLDialogElement} */ (this.querySelector("dialog")).close();
  }

  #paste() {
    // Pressed twice it is still one text.
    if (!this.reading) void this.#open([{ data: isMessage(this.text) && this.crlf ? withCRLF(this.text) : this.text, name: "" }]);
  }

  render() {
    const loading = this.session.files.status.phase === "loading";
    const hint = this.over ? "Drop the files to open them" : this.reading?.name ? `Reading ${this.reading.name}…` : "";
    return html`${hint ? html`<div class="drop-hint ${this.over ? "" : "is-reading"}" aria-hidden="true"><span>${hint}</span></div>` : nothing}
    <dialog class="sheet" aria-labelledby="open-title">
      <div class="sheet-head"><h2 id="open-title">Open</h2><form method="dialog"><button class="btn btn-quiet btn-icon" aria-label="Close" title="Close (Esc)">${icons.cross}</button></form></div>
      <p class="hint">A recording, a HAR, a pcap or pcapng, the output of <span class="whole">curl --trace</span>, a hex dump, or the raw bytes of a request or response. It is read in this page and shown with the same views; nothing is sent anywhere.</p>
      <section class="sheet-part" aria-labelledby="open-file-title">
        <h3 id="open-file-title">A file</h3>
        <label class="field"><span>File to open (or drop some anywhere on the page)</span>
          <input class="input input-file" type="file" multiple @change=${(/** @type {any} */ e) => { void this.#files(e.target.files); e.target.value = ""; }}></label>
        <details class="sheet-more"><summary>The capture has TLS in it</summary>
          <label class="field"><span>Key log for a capture (choose it first, or drop both at once)</span><input class="input input-file" id="open-keylog" type="file"></label></details>
      </section>
      <section class="sheet-part" aria-labelledby="open-paste-title">
        <h3 id="open-paste-title">Pasted text</h3>
        <textarea class="textarea" aria-label="Bytes or dump to decode" rows="7" spellcheck="false" placeholder=${"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"} .value=${this.text} @input=${(/** @type {any} */ e) => { this.text = e.target.value; }}></textarea>
        ${isMessage(this.text) ? html`<div class="sheet-choices"><label><input type="checkbox" .checked=${this.crlf} @change=${(/** @type {any} */ e) => { this.crlf = e.target.checked; }}> Lines of the head end with CRLF (pasting loses the CR)</label></div>` : nothing}
        <div class="sheet-row sheet-end"><button class="btn btn-primary" type="button" ?disabled=${!this.text} aria-disabled=${this.reading ? "true" : nothing} @click=${() => this.#paste()}>Decode</button></div>
      </section>
      ${loading ? html`<div class="loading"><progress aria-label="Loading the tools" max="100" .value=${percent(this.session.files.status) || nothing}></progress><span>Loading the tools</span></div>` : nothing}
      ${this.failed.length ? html`<div class="sheet-failed" role="alert">${this.failed.map((why) => html`<p>${why}</p>`)}</div>` : nothing}
    </dialog>`;
  }
}
customElements.define("sw-open", SwOpen);

/** @param {DragEvent} e */
const hasFiles = (e) => !!e.dataTransfer?.types.includes("Files");
