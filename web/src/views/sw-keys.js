// @ts-check
/** Whether the keys of TLS sessions are kept: never unless a person says so, and then in memory alone. */
import { html } from "lit";
import { Element } from "./element.js";

/** @import { Session } from "../session.js" */

export class SwKeys extends Element {
  static properties = { session: { attribute: false }, keep: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    this.keep = false;
    /** It stands in two places, which say the same. */
    this.heard = () => { this.keep = this.session.keepKeys; };
  }

  connectedCallback() {
    super.connectedCallback();
    this.session.addEventListener("change", this.heard);
    this.heard();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.session.removeEventListener("change", this.heard);
  }

  render() {
    return html`<label class="keys"><input type="checkbox" .checked=${this.keep} @change=${(/** @type {any} */ e) => this.session.keepKeysOf(e.target.checked)}>
      <span>Keep the keys of connections made from now on<span class="hint">In this page’s memory only. With them anybody who recorded the traffic can read it: Share writes them when asked, as a key log or inside a pcapng.</span></span></label>`;
  }
}
customElements.define("sw-keys", SwKeys);
