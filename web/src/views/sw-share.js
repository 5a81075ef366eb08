// @ts-check
/** What can be taken away: a link to what is shown, and the run in the formats people use. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";
import { COMFORTABLE } from "../files.js";
import { FORMATS } from "../model/recording.js";
import { rangeText } from "../model/select.js";

/** @import { Session } from "../session.js" */

/** Formats that connect to the server again. */
const RUNNABLE = new Set(["curl", "python", "go"]);

export class SwShare extends Element {
  static properties = {
    session: { attribute: false }, status: { attribute: false },
    url: { state: true }, left: { state: true }, said: { state: true }, failed: { state: true }, about: { state: true }, working: { state: true }, format: { state: true },
  };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    this.status = null;
    this.url = "";
    /** @type {string[]} */
    this.left = [];
    this.said = "";
    this.failed = "";
    /** The part of the sheet that what is said is about. @type {"link" | "export"} */
    this.about = "link";
    this.working = false;
    this.format = "har";
    /** Every choice begins as the careful one. */
    this.keep = { linkSecrets: false, bodies: false, secrets: false };
    this.asked = 0;
  }

  show() {
    this.keep = { linkSecrets: false, bodies: false, secrets: false };
    this.said = this.failed = "";
    for (const c of /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("input[type=checkbox]"))) c.checked = false;
    const d = /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
    if (!d.open) d.showModal();
    void this.#link();
  }

  async #link() {
    const mine = ++this.asked;
    this.url = "";
    try {
      const { url, left } = await this.session.files.link({ secrets: this.keep.linkSecrets, bodies: this.keep.bodies });
      if (mine !== this.asked) return;
      this.url = url;
      this.left = left;
    } catch (e) {
      if (mine !== this.asked) return;
      this.about = "link";
      this.failed = `The link could not be made: ${/** @type {any} */ (e)?.message ?? e}`;
    }
  }

  async #copyLink() {
    const field = /** @type {HTMLInputElement} */ (this.querySelector("#share-link"));
    this.about = "link";
    await this.#copy(this.url, "Link copied.", field);
  }

  /** @param {string} text @param {string} done @param {HTMLInputElement} [field] */
  async #copy(text, done, field) {
    this.failed = "";
    try {
      await navigator.clipboard.writeText(text);
      this.said = done;
    } catch {
      this.said = "";
      this.failed = "This browser did not let the page copy; the text is selected, so that it can be copied by hand.";
      field?.select();
    }
  }

  /** @param {"save" | "copy"} how */
  async #export(how) {
    // Its buttons stay as they are meanwhile: one that is disabled loses the focus.
    if (this.working) return;
    this.about = "export";
    this.said = this.failed = "";
    this.working = true;
    try {
      const { name, type, data } = await this.session.files.export(this.format, { secrets: this.keep.secrets });
      if (how === "copy" && typeof data === "string") await this.#copy(data, "Copied.");
      else {
        save(name, type, data);
        this.said = `Saved as ${name}.`;
      }
    } catch (e) {
      this.failed = String(/** @type {any} */ (e)?.message ?? e);
    }
    this.working = false;
  }

  render() {
    const s = this.session, run = s.current, v = s.view, format = FORMATS.find((f) => f.id === this.format);
    const recorded = run.log.length > 0;
    const loading = s.files.status.phase === "loading";
    return html`<dialog class="sheet" aria-labelledby="share-title">
      <div class="sheet-head"><h2 id="share-title">Share</h2><form method="dialog"><button class="btn btn-quiet btn-icon" aria-label="Close" title="Close (Esc)">${icons.cross}</button></form></div>
      ${run.source ? html`<p class="hint">A run that was read from a file has no link of its own: pass on the file, or export it.</p>` : html`
      <section class="sheet-part" aria-labelledby="share-link-title">
        <h3 id="share-link-title">Link to what is shown</h3>
        <p class="hint">Run ${run.number}, after step ${v.steps}${s.pinned ? html`, ${s.pinned.dir} bytes ${rangeText([[s.pinned.ranges[0][0], s.pinned.ranges[s.pinned.ranges.length - 1][1]]])} selected` : nothing}. Opening it lays the program out; it never sends anything by itself.</p>
        <div class="sheet-row"><input class="input" id="share-link" type="text" readonly aria-label="Link" .value=${this.url} placeholder=${loading ? "Loading the tools…" : "Making the link…"}>
          <button class="btn btn-primary" type="button" ?disabled=${!this.url} @click=${() => this.#copyLink()}>${icons.link}Copy link</button></div>
        ${this.url.length > COMFORTABLE ? html`<p class="hint">The link is ${this.url.length.toLocaleString("en")} characters long, and some programs cut one so long: a recording serves better.</p>` : nothing}
        ${this.left.length ? html`<p class="hint">Left out: ${this.left.map((l) => (l === "secrets" ? "the values of Authorization and cookies" : "the bodies of requests")).join("; ")}.</p>` : nothing}
        <div class="sheet-choices">
          <label><input type="checkbox" @change=${(/** @type {any} */ e) => { this.keep.bodies = e.target.checked; void this.#link(); }}> Put request bodies into the link</label>
          <label><input type="checkbox" @change=${(/** @type {any} */ e) => { this.keep.linkSecrets = e.target.checked; void this.#link(); }}> Put secrets into the link (Authorization, Cookie)</label>
        </div>
        ${this.#outcome("link")}
      </section>`}
      <section class="sheet-part" aria-labelledby="share-export-title">
        <h3 id="share-export-title">Export run ${run.number}</h3>
        ${recorded ? html`
        <div class="formats" role="radiogroup" aria-label="Format">${FORMATS.filter((f) => f.keys !== "only" || run.keyed).map((f) => html`<label class="format ${f.id === this.format ? "is-on" : ""}"><input type="radio" name="format" value=${f.id} .checked=${f.id === this.format} @change=${() => { this.format = f.id; this.said = this.failed = ""; }}><span><b>${f.label}</b><span class="hint">${f.hint}</span></span></label>`)}</div>
        <div class="sheet-choices"><label><input type="checkbox" @change=${(/** @type {any} */ e) => { this.keep.secrets = e.target.checked; }}> Keep secrets in the file: the values of Authorization, Proxy-Authorization, Cookie and Set-Cookie${run.keyed ? "; and the keys of its TLS sessions, in a pcapng or a key log" : ""}</label></div>
        ${s.inPage.shown && RUNNABLE.has(this.format) ? html`<p class="hint">The server of this run is in the page: put another host in to run it elsewhere.</p>` : nothing}
        <div class="sheet-row sheet-end">
          ${format?.copy ? html`<button class="btn" type="button" aria-disabled=${this.working ? "true" : nothing} @click=${() => this.#export("copy")}>Copy</button>` : nothing}
          <button class="btn btn-primary" type="button" aria-disabled=${this.working ? "true" : nothing} @click=${() => this.#export("save")}>${icons.save}Save file</button></div>
        ${this.#outcome("export")}`
        : html`<p class="hint">Nothing was recorded yet: run the program first.</p>`}
      </section>
      ${loading ? html`<div class="loading"><progress aria-label="Loading the tools" max="100" .value=${percent(s.files.status) || nothing}></progress><span>Loading the tools</span></div>` : nothing}
    </dialog>`;
  }

  /** What came of a button, beside it. @param {"link" | "export"} part */
  #outcome(part) {
    const here = part === this.about;
    return html`${here && this.failed ? html`<p class="sheet-failed" role="alert">${this.failed}</p>` : nothing}
      <p class="sheet-said" role="status">${here ? this.said : ""}</p>`;
  }
}
customElements.define("sw-share", SwShare);

/** @param {{ loaded: number, total: number }} s */
export const percent = (s) => (s.total ? Math.round((100 * s.loaded) / s.total) : 0);

/** @param {string} name @param {string} type @param {string | Uint8Array} data */
function save(name, type, data) {
  const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (data)], { type }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  // The browser has begun to read it when the click returns, but not before.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
