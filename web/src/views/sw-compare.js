// @ts-check
/** This run beside another one: which calls and which bytes differ. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { visible } from "../model/bytes.js";
import { compareViews } from "../model/compare.js";
import { ofRange } from "../model/select.js";
import { viewAt } from "../model/view.js";

/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */
/** @import { FieldPair, Parts } from "../model/compare.js" */

export class SwCompare extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false }, runs: { attribute: false }, other: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    this.runs = 0;
    this.other = 0;
  }

  render() {
    const s = this.session, here = s.current;
    const others = s.runs.filter((r) => r !== here && r.log.length);
    const other = others.find((r) => r.number === this.other) ?? others.at(-1);
    if (!other || !here.log.length) return html`<p class="empty">Two runs are needed to compare. Run a program, change it, and run it again: each run is kept.</p>`;
    const c = compareViews(viewAt(other.log, other.log.length), this.view);
    const steps = c.steps.filter((x) => !x.same), fields = c.fields.filter((f) => f.kind !== "same");
    return html`<div class="compare">
      <label class="compare-pick">Run ${here.number} beside <select class="select" aria-label="Compare with" @change=${(/** @type {any} */ e) => { this.other = Number(e.target.value); }}>
        ${others.map((r) => html`<option value=${r.number} ?selected=${r === other}>run ${r.number}</option>`)}</select></label>
      <p class="compare-sum">${c.same ? "The same, byte for byte." : html`<b>${steps.length}</b> of ${c.steps.length} steps and <b>${fields.length}</b> of ${c.fields.length} fields differ.`}</p>
      ${steps.length ? html`<table class="compare-table compare-steps"><caption>Steps that differ</caption><thead><tr><th scope="col">Step</th><th scope="col">Run ${other.number}</th><th scope="col">Run ${here.number}</th></tr></thead>
        <tbody>${steps.map((x) => html`<tr><th scope="row">${x.index + 1}</th><td>${x.a || "–"}</td><td>${x.b || "–"}</td></tr>`)}</tbody></table>` : nothing}
      ${fields.length ? html`<table class="compare-table compare-fields"><caption>Fields that differ</caption><thead><tr><th scope="col">Field</th><th scope="col">Run ${other.number}</th><th scope="col">Run ${here.number}</th></tr></thead>
        <tbody>${fields.slice(0, 200).map((f) => this.#field(f))}</tbody></table>
        ${fields.length > 200 ? html`<p class="hint">${fields.length - 200} more are left out.</p>` : nothing}` : nothing}
    </div>`;
  }

  /** @param {FieldPair} f */
  #field(f) {
    const n = f.b;
    const name = html`<span class="dir-${f.dir}" aria-hidden="true">${f.dir === "sent" ? "→" : "←"}</span><span class="sr-only">${f.dir}</span> ${f.label}`;
    const at = n && f.at >= 0 ? Math.min(n.start + f.at, n.end - 1) : n?.start ?? 0;
    return html`<tr><th scope="row">${n ? html`<button class="link" type="button" @click=${() => this.session.pin(ofRange(n.conn, n.dir, [at, n.end], "compare"))}>${name}</button>` : name}</th>
      <td>${f.a ? (f.parts ? parts(f.parts[0]) : visible(f.a.value, 80)) : html`<span class="hint">absent</span>`}</td><td>${f.b ? (f.parts ? parts(f.parts[1]) : visible(f.b.value, 80)) : html`<span class="hint">absent</span>`}</td></tr>`;
  }
}
customElements.define("sw-compare", SwCompare);

/** A text with what differs in it marked. @param {Parts} p */
const parts = (p) => html`${visible(p.before)}${p.differs ? html`<mark>${visible(p.differs)}</mark>` : nothing}${visible(p.after)}`;
