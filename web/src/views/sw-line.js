// @ts-check
/** What is wrong with the line to the server in the page. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { MOST, NO_FAULTS, faultWords } from "../model/line.js";

/** @import { Faults } from "../types.d.ts" */
/** @import { Session } from "../session.js" */

/** @typedef {keyof typeof MOST} Knob */

export class SwLine extends Element {
  static properties = { session: { attribute: false }, faults: { attribute: false }, wrong: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {Faults} */
    this.faults = NO_FAULTS;
    /** The field that holds no usable number. @type {Knob | null} */
    this.wrong = null;
  }

  /** @param {Knob} knob @param {string} text */
  #set(knob, text) {
    const n = text.trim() === "" ? 0 : Number(text);
    if (!Number.isInteger(n) || n < 0 || n > MOST[knob]) { this.wrong = knob; return; }
    this.wrong = null;
    this.session.setFaults({ [knob]: n });
  }

  /** @param {Knob} knob @param {string} label @param {string} placeholder what an empty field stands for */
  #number(knob, label, placeholder) {
    const n = this.faults[knob], wrong = this.wrong === knob;
    return html`<label class="field"><span>${label}</span>
      <input class="input" type="text" inputmode="numeric" autocomplete="off" spellcheck="false" placeholder=${placeholder} .value=${wrong ? this.#typed(knob) : n ? String(n) : ""}
        name=${knob} aria-invalid=${wrong ? "true" : nothing} aria-describedby=${wrong ? "line-wrong" : nothing} @input=${(/** @type {any} */ e) => this.#set(knob, e.target.value)}></label>`;
  }

  /** What stands in a field now. @param {Knob} knob */
  #typed(knob) {
    return /** @type {HTMLInputElement | null} */ (this.querySelector(`input[name=${knob}]`))?.value ?? "";
  }

  render() {
    const f = this.faults, words = faultWords(f);
    return html`<details class="line-faults">
      <summary>Faults of the line <span class="line-words">${words.length ? words.join(", ") : "none"}</span></summary>
      <div class="line-grid" role="group" aria-label="Faults of the line">
        ${this.#number("pieceSize", "Bytes in a piece", "as they are sent")}
        ${this.#number("pauseMs", "Pause before each, ms", "none")}
        <label class="field"><span>The server’s bytes</span>
          <select class="select" .value=${f.end} @change=${(/** @type {any} */ e) => this.session.setFaults({ end: e.target.value })}>
            <option value="">end as they do</option><option value="cut">are cut off</option><option value="reset">end in a reset</option></select></label>
        ${f.end ? this.#number("endAfter", f.end === "cut" ? "Bytes before the cut" : "Bytes before the reset", "0") : html`<span></span>`}
        ${this.#number("spoilSize", "Bytes to spoil", "none")}
        ${f.spoilSize ? this.#number("spoilAt", "The first at offset", "0") : html`<span></span>`}
        ${this.wrong ? html`<p class="line-wrong" id="line-wrong" role="alert">A whole number up to ${MOST[this.wrong].toLocaleString("en")} is expected.</p>` : nothing}
        <p class="hint">They befall what the server sends, counted on each connection from its first byte. A spoilt byte has its highest bit flipped. Over https they befall the ciphertext.</p>
        <div><button class="btn btn-s" type="button" ?disabled=${!words.length && !this.wrong} @click=${() => { this.wrong = null; this.session.setFaults(NO_FAULTS); }}>No faults</button></div>
      </div>
    </details>`;
  }
}
customElements.define("sw-line", SwLine);
