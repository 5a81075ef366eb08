// @ts-check
/** Whether the keys of TLS sessions are kept: never unless a person says so, and then in memory alone. */
import { html } from "lit";
import { Element } from "./element.js";

/** @import { Session } from "../session.js" */

let count = 0;

export class SwKeys extends Element {
  static properties = { session: { attribute: false }, keep: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    this.keep = false;
    /** It stands in two places, which say the same. */
    this.number = ++count;
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
    const id = `keys-${this.number}`;
    return html`<div class="keys"><input type="checkbox" id=${id} aria-describedby=${id + "-hint"} .checked=${this.keep} @change=${(/** @type {any} */ e) => this.session.keepKeysOf(e.target.checked)}>
      <span><label for=${id}>Keep the keys of connections made from now on</label><span class="hint" id=${id + "-hint"}>In this page’s memory only. With them anybody who recorded the traffic can read it: Share writes them when asked, as a key log or inside a pcapng.</span></span></div>`;
  }
}
customElements.define("sw-keys", SwKeys);
