// @ts-check
/** Which relay carries the bytes, and the field that names another. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { EXAMPLE, readRelay, relayName } from "../model/relay.js";

/** @import { Session } from "../session.js" */

export class SwRelay extends Element {
  static properties = { session: { attribute: false }, relay: { attribute: false }, error: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** What was chosen; empty for the page's own. */
    this.relay = "";
    this.error = "";
  }

  /** @param {Event} e */
  #use(e) {
    e.preventDefault();
    const { address, error } = readRelay(/** @type {HTMLInputElement} */ (this.querySelector("input")).value, location.href);
    this.error = error;
    if (!error) void this.session.useRelay(address);
  }

  #own() {
    this.error = "";
    /** @type {HTMLInputElement} */ (this.querySelector("input")).value = "";
    void this.session.useRelay("");
  }

  render() {
    const own = this.session.deps.relay?.named;
    return html`<details class="relay">
      <summary>Relay <span class="relay-name">${this.relay ? relayName(this.relay) : own ? relayName(own) : "this page’s own"}</span></summary>
      <form @submit=${this.#use}>
        <label class="field"><span>Address of another relay</span>
          <input class="input" type="text" inputmode="url" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder=${EXAMPLE} .value=${this.relay}
            aria-invalid=${this.error ? "true" : nothing} aria-describedby=${this.error ? "relay-error" : "relay-hint"}></label>
        ${this.error ? html`<p class="relay-error" id="relay-error" role="alert">${this.error}</p>` : nothing}
        <p class="hint" id="relay-hint">It opens the TCP connections for this page, and reads what goes through it unless that is https. This browser remembers it.</p>
        <div class="relay-buttons"><button class="btn btn-s">Use it</button>
          ${this.relay ? html`<button class="btn btn-quiet btn-s" type="button" @click=${this.#own}>Back to ${own ? relayName(own) : "this page’s own"}</button>` : nothing}</div>
      </form>
    </details>`;
  }
}
customElements.define("sw-relay", SwRelay);
