// @ts-check
/**
 * Every call as a button. Legal ones (the core said which) stand out; the others
 * are dimmed yet can be pressed, to see the exception.
 */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { CALLS } from "../texts/calls.js";
import { parseEscaped } from "../model/escapes.js";
import { onResponse, shortCall } from "../model/python.js";

/** @import { Call, ComposerState, Machine } from "../types.d.ts" */
/** @import { Session } from "../session.js" */

/** Calls whose arguments are asked for beside the button. @type {Record<string, { key: string, label: string, placeholder: string, number?: boolean, initial: string }[]>} */
const FIELDS = {
  putheader: [
    { key: "header", label: "Header name", placeholder: "Name", initial: "Accept" },
    { key: "value", label: "Header value", placeholder: "value", initial: "*/*" },
  ],
  send: [{ key: "data", label: "Bytes to send", placeholder: "text, \\r\\n", initial: "" }],
  "read(n)": [{ key: "amt", label: "Bytes to read at most", placeholder: "n", number: true, initial: "16" }],
  readinto: [{ key: "n", label: "Size of the buffer", placeholder: "n", number: true, initial: "16" }],
  getheader: [{ key: "name", label: "Header name", placeholder: "Name", initial: "Content-Type" }],
};

/** @param {string} id */
const wordOf = (id) => (id === "response_close" ? "resp.close" : id);

const ROWS = [
  { title: "Connection", calls: ["connect", "close"] },
  { title: "Request", calls: ["putrequest", "putheader", "endheaders", "send", "request"] },
  { title: "Response", calls: ["getresponse", "read", "read(n)", "readinto", "readline", "peek", "getheader", "response_close"] },
];

export class SwPalette extends Element {
  static properties = {
    session: { attribute: false }, legal: { attribute: false }, machine: { attribute: false }, composer: { attribute: false },
    state: { attribute: false }, ready: { attribute: false }, hasResponse: { attribute: false }, busy: { attribute: false }, fields: { state: true }, pointed: { state: true },
  };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {string[] | null} */
    this.legal = null;
    /** @type {Machine | null} */
    this.machine = null;
    /** @type {ComposerState} */
    this.composer = /** @type {any} */ (null);
    this.state = "Idle";
    this.ready = false;
    this.hasResponse = false;
    this.busy = false;
    /** @type {Record<string, string>} */
    this.fields = {};
    /** The call that has the focus or the pointer over it. */
    this.pointed = "";
  }

  /** The list of calls above grows with each call: the one that has the focus stays in sight. */
  updated() {
    const held = this.querySelector(":focus-visible");
    if (held) requestAnimationFrame(() => held.scrollIntoView({ block: "nearest" }));
  }

  /** @param {Event} e */
  #point(e) {
    this.pointed = /** @type {HTMLElement} */ (e.target).closest?.(".call")?.getAttribute("data-call") ?? "";
  }

  /** @param {string} id @param {{ key: string, initial: string }} f */
  #field(id, f) {
    return this.fields[id + "." + f.key] ?? f.initial;
  }

  /** The call a button stands for, with the arguments as they are now. @param {string} id @returns {Call} */
  #call(id) {
    const f = FIELDS[id] ?? [];
    /** @param {number} i */
    const val = (i) => this.#field(id, f[i]);
    const c = this.composer;
    switch (id) {
      case "putrequest": return { name: id, args: { method: c.method, url: c.target } };
      case "putheader": return { name: id, args: { header: val(0), values: [val(1)] } };
      case "send": return { name: id, args: { data: { b64: btoa(String.fromCharCode(...typedBytes(val(0)))) } } };
      case "request": {
        const headers = c.headers.filter(([n]) => n !== "");
        return { name: id, args: { method: c.method, url: c.target, ...(headers.length ? { headers } : {}), ...(c.body ? { body: { text: c.body } } : {}) } };
      }
      case "read(n)": return { name: "read", args: { amt: Number(val(0)) } };
      case "readinto": return { name: id, args: { n: Number(val(0)) } };
      case "getheader": return { name: id, args: { name: val(0) } };
      default: return { name: id, args: {} };
    }
  }

  /**
   * Whether the call can be made now. Calls that the table can refuse are as the
   * core said; before its first word, as the table says. The others are refused
   * in no state, but those on a response need one.
   * @param {string} name
   */
  #isLegal(name) {
    if (!this.machine) return false;
    const governed = name === "request" ? "putrequest" : name;
    if (this.machine.refusals.some((r) => r.call === governed)) {
      if (this.legal) return this.legal.includes(governed);
      return this.machine.transitions.some((t) => t.from === this.state && t.input === governed);
    }
    return !onResponse(name) || this.hasResponse;
  }

  render() {
    return html`
      <section class="section palette" aria-label="Calls" @focusin=${this.#point} @focusout=${() => { this.pointed = ""; }} @pointerover=${this.#point} @pointerleave=${() => { this.pointed = ""; }}>
        <div class="section-head"><h2 class="section-title">Calls</h2><span class="legend-legal"><i></i>legal in ${this.state}</span></div>
        <p class="hint palette-note" aria-hidden="true">${this.#note()}</p>
        ${ROWS.map((row) => html`
          <div class="palette-group" role="group" aria-label=${row.title}>
            <div class="palette-title">${row.title}</div>
            <div class="palette-rows">${row.calls.map((id) => this.#button(id))}</div>
          </div>`)}
      </section>`;
  }

  /** What a call that is not legal would raise. @param {string} name */
  #refusal(name) {
    return onResponse(name) ? "NameError: there is no response yet" : this.machine?.refusals.find((r) => r.call === (name === "request" ? "putrequest" : name))?.error;
  }

  /** What the call that is pointed at would do, for those who see the page: the button's description says it to the others. */
  #note() {
    if (!this.pointed) return "Any call can be pressed. A dimmed one is not legal now, and shows its exception.";
    const { name } = this.#call(this.pointed);
    if (this.#isLegal(name)) return html`<b>${wordOf(this.pointed)}</b> ${CALLS[name]?.text ?? ""}`;
    const refusal = this.#refusal(name);
    return html`<b>${wordOf(this.pointed)}</b> is not legal in ${this.state}${refusal ? `: it would raise ${refusal}` : ""}.`;
  }

  /** @param {string} id */
  #button(id) {
    const call = this.#call(id), legal = this.#isLegal(call.name), can = this.ready && !this.busy, fields = FIELDS[id];
    const refusal = this.#refusal(call.name), word = wordOf(id);
    const text = CALLS[call.name]?.text ?? "";
    const describe = `call-note-${id.replace(/\W/g, "")}`;
    return html`
      <div data-call=${id} class="call ${legal ? "call-legal" : "call-illegal"} ${fields ? "call-wide" : ""}">
        <button class="call-button" type="button" aria-disabled=${can ? nothing : "true"}
          aria-describedby=${describe} title=${shortCall(call, 200)} @click=${() => { if (can) void this.session.call(call); }}>
          <code>${word}</code>
        </button>
        ${fields?.map((f) => html`<input class="input call-input ${f.number ? "call-number" : ""}" type=${f.number ? "number" : "text"} min=${f.number ? 0 : nothing}
          aria-label=${`${word}: ${f.label}`} placeholder=${f.placeholder} autocomplete="off" autocapitalize="none" spellcheck="false"
          .value=${this.#field(id, f)} @input=${(/** @type {any} */ e) => { this.fields = { ...this.fields, [id + "." + f.key]: e.target.value }; }}
          @keydown=${(/** @type {KeyboardEvent} */ e) => { if (e.key === "Enter" && !e.ctrlKey && !e.metaKey && can) void this.session.call(this.#call(id)); }}>`)}
        <span class="sr-only" id=${describe}>${legal ? "Legal now." : `Not legal in ${this.state}${refusal ? `: would raise ${refusal}` : ""}.`} ${text}</span>
      </div>`;
  }
}
customElements.define("sw-palette", SwPalette);

/** What is typed for send(), which takes no text: with escapes where they are right, else as it stands. @param {string} text */
function typedBytes(text) {
  try {
    return parseEscaped(text);
  } catch {
    return new TextEncoder().encode(text);
  }
}
