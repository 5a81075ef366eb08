// @ts-check
/** The list of keys, and the switch for those that are bare characters. */
import { html } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";
import { legend } from "./legend.js";
import "./sw-copy.js";

const KEYS = [
  [["Ctrl / ⌘", "Enter"], "Run all that is planned"],
  [["F10"], "Step"],
  [["F9"], "Step back: nothing is sent"],
  [["F8"], "Run; pause; stop the call under way"],
  [["Ctrl", "B"], "Program as code: set a breakpoint on the line, or remove it"],
  [["F6"], "Next part of the page; with Shift the one before"],
  [["←", "→"], "Timeline, tree, bytes: move"],
  [["Enter"], "Tree, bytes: pin what is under the cursor"],
  [["Shift", "arrows"], "Bytes: select a range"],
  [["Esc"], "Let go of the selection"],
  [["?"], "This list"],
];

export class SwHelp extends Element {
  static properties = { bare: { attribute: false }, offline: { attribute: false } };

  constructor() {
    super();
    /** Whether `?` works. */
    this.bare = true;
    /** @type {import("../offline.js").Offline | null} */
    this.offline = null;
  }

  show() {
    const d = /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
    if (!d.open) d.showModal();
    void /** @type {import("./sw-copy.js").SwCopy} */ (this.querySelector("sw-copy")).look();
  }

  render() {
    return html`<dialog class="sheet help" aria-labelledby="help-title">
      <div class="sheet-head"><h2 id="help-title">Keys</h2><form method="dialog"><button class="btn btn-quiet btn-icon" aria-label="Close" title="Close (Esc)">${icons.cross}</button></form></div>
      <table><tbody>${KEYS.map(([keys, what]) => html`<tr><th scope="row">${/** @type {string[]} */ (keys).map((k, i) => html`${i ? " " : ""}<kbd>${k}</kbd>`)}</th><td>${what}</td></tr>`)}</tbody></table>
      <label><input type="checkbox" .checked=${this.bare} @change=${(/** @type {any} */ e) => this.dispatchEvent(new CustomEvent("bare-keys", { detail: e.target.checked }))}> Let <kbd>?</kbd> open this list</label>
      <section class="help-marks"><h3>How bytes are marked</h3>${legend()}</section>
      <sw-copy .offline=${this.offline}></sw-copy>
    </dialog>`;
  }
}
customElements.define("sw-help", SwHelp);
