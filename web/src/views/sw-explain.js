// @ts-check
/** The explanation: of an error, of the selection, of a state, else of the step. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { GROUPS, spanText } from "../texts/spans.js";
import { STATES, INPUTS } from "../texts/states.js";
import { CALLS } from "../texts/calls.js";
import { PARTIES } from "../texts/parties.js";
import { headerText } from "../texts/headers.js";
import { statusText } from "../texts/status.js";
import { exceptionText, RELAY_FIX } from "../texts/exceptions.js";
import { remarkWord } from "../texts/remarks.js";
import { rfcLink } from "../texts/rfc.js";
import { formatCall, formatResult } from "../model/python.js";
import { timeText, visible } from "../model/bytes.js";
import { splitSegment, crumbs } from "../model/tree.js";
import { nodeOf, ofRange, rangeText } from "../model/select.js";
import { failingRanges } from "./sw-hex.js";

/** @import { ErrorView, FieldNode, Selection } from "../types.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */

/** How many remarks stand beside the call that met them. */
const FEW = 4;
/** How many places of the bytes a remark leads to. */
const PLACES = 6;

export class SwExplain extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false }, selection: { attribute: false }, state: { attribute: false } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** @type {Selection | null} */
    this.selection = null;
    /** A state picked on the diagram. @type {string | null} */
    this.state = null;
    /** What was pinned when it was last drawn. @type {Selection | null} */
    this.pinned = null;
  }

  /** What was just pinned is explained in sight, below an error too. */
  updated() {
    const { pinned } = this.session;
    if (pinned && pinned !== this.pinned) this.querySelector(".card-field")?.scrollIntoView({ block: "nearest" });
    this.pinned = pinned;
  }

  render() {
    const v = this.view, node = nodeOf(v, this.selection);
    const parts = [];
    // Remarks stay beside what one of them led to: the next is one key away.
    const remarks = !v.error && !v.step && this.session.current.source !== null && (v.diagnostics.length > 0 || !(node || this.state));
    if (v.error) parts.push(this.#error(v.error));
    if (remarks) parts.push(this.#read());
    if (node && this.selection) parts.push(this.#field(node, this.selection));
    else if (this.state) parts.push(this.#state(this.state));
    else if (!v.error && !remarks) parts.push(v.step ? this.#step() : this.#welcome());
    return html`<section class="explain" aria-label="Explanation">${parts}</section>`;
  }

  /** @param {string | undefined} ref */
  #rfc(ref) {
    const l = rfcLink(ref);
    return l ? html`<a class="rfc" href=${l.href} target="_blank" rel="noopener noreferrer">${l.label}</a>` : nothing;
  }

  /** What was found in bytes that no call of the page has read. */
  #read() {
    const list = this.view.diagnostics;
    return html`<article class="card"><h2 class="card-title">${list.length ? "Remarks" : "Nothing remarkable"}</h2>
      ${list.length ? this.#remarks(list, 50) : html`<p>The bytes were read as http.client reads them, and nothing in them is against the RFCs.</p>`}</article>`;
  }

  /** Each once, with all its bytes and its section. @param {import("../types.d.ts").DiagnosticEvent[]} list @param {number} most */
  #remarks(list, most) {
    if (!list.length) return nothing;
    /** @type {Map<string, import("../types.d.ts").DiagnosticEvent[]>} */
    const alike = new Map();
    for (const d of list) {
      const key = `${d.code} ${d.dir}`, known = alike.get(key);
      if (known) known.push(d); else alike.set(key, [d]);
    }
    const all = [...alike.values()], more = all.length - most;
    /** @param {import("../types.d.ts").DiagnosticEvent[]} of */
    const places = (of) => of.filter((d) => d.end > d.start).slice(0, PLACES).map((d, i) => html`${i ? ", " : nothing}<button class="link" type="button" @click=${() => this.session.pin(ofRange(d.conn ?? 1, d.dir, [d.start, d.end], "explain"))}>${i ? nothing : `${d.dir} `}${rangeText([[d.start, d.end]])}</button>`);
    return html`<ul class="rows" aria-label="Remarks">${all.slice(0, most).map((of) => html`<li class="diag diag-${of[0].severity}"><b>${remarkWord(of[0])}</b>: ${of[0].text} ${places(of)}${of.length > PLACES ? html` and ${of.length - PLACES} more` : nothing} ${this.#rfc(of[0].rfc)}</li>`)}</ul>
      ${more > 0 ? html`<p class="hint">${more === 1 ? "1 more is shown with its" : `${more} more are shown with their`} bytes.</p>` : nothing}`;
  }

  /** @param {ErrorView} e */
  #error(e) {
    const text = exceptionText(e, { state: this.view.state, tls: this.session.current.tls }), party = PARTIES[e.party] ?? { label: e.party, text: "" };
    const marks = failingRanges(this.view).filter((m) => m.dir === "received").slice(-1);
    const step = this.view.step;
    const fix = e.party === "relay" ? RELAY_FIX : text.fix;
    return html`<article class="card card-error"><div class="error-what">
      <h2 class="card-title"><span class="error-name">${e.name}</span>${e.bases.length ? html`<span class="hint">${e.bases.join(" › ")}</span>` : nothing}</h2>
      ${e.message ? html`<p class="error-message mono">${visible(e.message, 600)}</p>` : nothing}
      <p>${e.party === "relay" ? "The relay did not open the connection." : text.text}</p>
      ${this.#remarks(this.view.remarks, FEW)}</div>
      <dl class="facts">
        <div><dt>At fault</dt><dd><b>${party.label}</b>. ${party.text}</dd></div>
        <div><dt>Call</dt><dd><code>${step ? formatCall(step, { max: 60 }) : ""}</code></dd></div>
        <div><dt>State now</dt><dd>${this.view.state}${this.view.taken.length ? "" : ", unchanged"}</dd></div>
        ${marks.map((m) => html`<div><dt>Failing bytes</dt><dd><button class="link" type="button" @click=${() => this.session.pin(ofRange(m.conn, m.dir, [m.start, m.end], "explain"))}>received ${rangeText([[m.start, m.end]])}</button>${m.ended ? ", the last that came" : nothing}</dd></div>`)}
        <div><dt>Smallest fix</dt><dd>${fix} ${this.#rfc(text.rfc)}</dd></div>
      </dl>
    </article>`;
  }

  /** @param {FieldNode} n @param {Selection} sel */
  #field(n, sel) {
    const leaf = !n.children.length;
    const [base] = splitSegment(n.path[n.path.length - 1]);
    const text = leaf ? spanText(n.kind) : (GROUPS[n.children.some((c) => c.kind === "last-chunk") ? "last-chunk" : base] ?? { text: "", rfc: "" });
    const start = sel.ranges[0][0], end = sel.ranges[sel.ranges.length - 1][1];
    const extra = this.#particular(n);
    const diags = this.view.diagnostics.filter((d) => (d.conn ?? 1) === n.conn && d.dir === n.dir && d.start < end && d.end > start);
    return html`<article class="card card-field"><div>
      <h2 class="card-title"><span><span class="dir-${n.dir}"><span aria-hidden="true">${n.dir === "sent" ? "→" : "←"}</span><span class="sr-only">${n.dir}</span></span> ${crumbs(n).join(" › ")}</span> ${this.#rfc(text.rfc)}</h2>
      <p>${text.text}</p>
      ${extra ? html`<p><b>${extra.name}</b>: ${extra.text} ${this.#rfc(extra.rfc)}</p>` : nothing}
      </div><div>
      ${n.value && !(leaf && spanText(n.kind).group === "framing") ? html`<p class="field-value"><span class="hint">value</span> <code>${visible(n.value, 300)}</code></p>` : nothing}
      ${this.#when(n.conn, n.dir, start, end)}
      ${diags.slice(0, 6).map((d) => html`<p class="diag diag-${d.severity}"><b>${remarkWord(d)}</b>: ${d.text} ${this.#rfc(d.rfc)}</p>`)}
    </div></article>`;
  }

  /** The calls that sent or received bytes, and when. @param {number} conn @param {import("../types.d.ts").Dir} dir @param {number} start @param {number} end */
  #when(conn, dir, start, end) {
    const { log } = this.view, parts = [start, Math.max(start, end - 1)].map((at) => log.wire.partOf(conn, dir, at));
    const steps = parts.map((p) => (p ? log.stepsAt(p.event + 1) : 0)), [first, last] = parts;
    if (!first || !last || !steps[0]) return nothing;
    /** @param {number} n */
    const call = (n) => html`<button class="link" type="button" @click=${() => this.session.seek(n - 1)}>step ${n}, <code>${formatCall(log.steps[n - 1], { max: 40 })}</code></button>`;
    return html`<p class="field-when"><span class="hint">${dir} by</span> ${call(steps[0])}${steps[1] === steps[0] ? nothing : html` <span class="hint">to</span> ${call(steps[1])}`}
      <span class="hint">at ${timeText(first.t)}${last === first ? "" : ` – ${timeText(last.t)}`}</span></p>`;
  }

  /** What this very header, or this status code, is for. @param {FieldNode} n @returns {{ name: string, text: string, rfc: string } | null} */
  #particular(n) {
    const line = n.children.some((c) => c.kind === "name") ? n : n.parent?.children.some((c) => c.kind === "name") ? n.parent : null;
    const header = line && headerText(line.label);
    if (header) return { name: line.label, ...header };
    const code = n.kind === "status-code" ? n : n.children.find((c) => c.kind === "status-code");
    const status = code && statusText(code.value);
    return status ? { name: code.value, ...status } : null;
  }

  /** @param {string} s */
  #state(s) {
    const t = STATES[s] ?? { text: "", next: "", rfc: "" };
    const rows = this.session.machine?.transitions.filter((r) => r.from === s) ?? [];
    return html`<article class="card">
      <h2 class="card-title">${s}${s === this.view.state ? html` <span class="badge">now</span>` : nothing} ${this.#rfc(t.rfc)}</h2>
      <p>${t.text} ${t.next}</p>
      <ul class="rows">${rows.map((r) => html`<li><b>${r.input}</b> → ${r.to} <span class="hint">${INPUTS[r.input] ?? ""}</span></li>`)}</ul>
    </article>`;
  }

  #step() {
    const v = this.view, step = /** @type {import("../types.d.ts").Step} */ (v.step), text = CALLS[step.name];
    const result = v.pending ? "" : formatResult(step.ret?.result);
    return html`<article class="card card-step"><div>
      <h2 class="card-title"><code>${formatCall(step, { max: 80 })}</code> ${this.#rfc(text?.rfc)}</h2>
      <p>${v.pending ? "Under way: waiting for the network. " : ""}${text?.text ?? ""}</p>
      ${result ? html`<p class="field-value"><span class="hint">returned</span> <code>${result}</code></p>` : nothing}
      ${this.#remarks(v.remarks, FEW)}
      </div><div>
      ${v.taken.filter((t, i) => v.taken.findIndex((o) => o.input === t.input && o.from === t.from) === i).map((t) => html`<p><b>${t.input}</b>: ${t.from === t.to ? `${t.to} still` : `${t.from} → ${t.to}`}. <span class="hint">${INPUTS[t.input] ?? ""}</span></p>`)}
      <p><b>${v.state}.</b> ${STATES[v.state]?.text ?? ""} <span class="hint">${v.taken.some((t) => t.input === "response, will close") ? "Read the response: the next request opens a connection of its own." : STATES[v.state]?.next ?? ""}</span></p>
      </div></article>`;
  }

  #welcome() {
    return html`<article class="card">
      <h2 class="card-title">One request, a step at a time</h2>
      <p>Stepwire runs Python’s <code>http.client</code>, ported to Go and WebAssembly, in this page. It speaks real HTTP/1.1 to a real server, through a relay or in this page, and records every state, byte and header on the way.</p>
      <p class="hint">Choose a demonstration and press <b>Step</b> (F10), or <b>Run all</b> (Ctrl or ⌘ + Enter). Then step back, and point at any byte to see what it is. A call that is not legal can be pressed as well: it shows the exception.</p>
    </article>`;
  }
}
customElements.define("sw-explain", SwExplain);
