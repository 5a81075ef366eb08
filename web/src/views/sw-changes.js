// @ts-check
/** What changed since the step before. */
import { html } from "lit";
import { Element } from "./element.js";
import { changesOf } from "../model/changes.js";

/** @import { View } from "../model/view.js" */

export class SwChanges extends Element {
  static properties = { view: { attribute: false } };

  constructor() {
    super();
    /** @type {View} */
    this.view = /** @type {any} */ (null);
  }

  render() {
    if (!this.view.step) return html`<p class="empty">What each step changes is listed here: state, bytes, buffer and legal calls.</p>`;
    const list = changesOf(this.view);
    if (!list.length) return html`<p class="empty"><code>${this.view.step.name}()</code> changed nothing that can be seen.</p>`;
    return html`<ul class="changes">${list.map((l) => html`<li>${l}</li>`)}</ul>`;
  }
}
customElements.define("sw-changes", SwChanges);
