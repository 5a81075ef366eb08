// @ts-check
/** The copies of the page: the one this browser keeps, and the one to take away. */
import { html, nothing } from "lit";
import { Element } from "./element.js";

/** @import { Offline, OfflinePhase } from "../offline.js" */

/** @type {Record<OfflinePhase, string>} */
const PHASES = {
  off: "This copy of the page was built without it.",
  unsupported: "This browser keeps no copy here: it does so over HTTPS only, and in no private window.",
  saving: "A copy is being kept; it takes a moment, once.",
  ready: "This browser keeps a copy: the page opens without a network, and has the demonstrations itself. Other servers still need one.",
  update: "This browser keeps a copy, and a newer version is ready: it comes when all pages of this one are closed.",
  failed: "The copy could not be kept; the next visit tries again.",
};

export class SwCopy extends Element {
  static properties = { offline: { attribute: false }, archive: { state: true } };

  constructor() {
    super();
    /** @type {Offline | null} */
    this.offline = null;
    /** Whether the host hands out the page as a zip. @type {boolean | null} */
    this.archive = null;
    this.onChange = () => this.requestUpdate();
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    if (!changed.has("offline")) return;
    changed.get("offline")?.removeEventListener("change", this.onChange);
    this.offline?.addEventListener("change", this.onChange);
  }

  /** Looks whether the zip is there: a copy that came from it has none. */
  async look() {
    if (this.archive !== null) return;
    this.archive = await fetch(new URL("stepwire.zip", document.baseURI), { method: "HEAD" }).then((r) => r.ok, () => null);
  }

  render() {
    const phase = this.offline?.phase ?? "off";
    return html`<section aria-labelledby="copy-title"><h3 id="copy-title">Offline</h3>
      <p>${PHASES[phase]}${this.offline?.error ? html` <span class="hint">${this.offline.error}</span>` : nothing}</p>
      <p class="copy-links">${phase === "off" || phase === "unsupported" ? nothing : html`<a href="./reset.html">Remove the copy</a>`}${this.archive ? html`<a href="./stepwire.zip" download>Download the page as a zip</a>` : nothing}</p>
    </section>`;
  }
}
customElements.define("sw-copy", SwCopy);
