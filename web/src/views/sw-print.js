// @ts-check
/**
 * What is printed in place of the page: a handout of the run. The steps, the heads
 * of the messages, what is selected with its bytes, and its explanation.
 */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { KINDS } from "../files.js";
import { hex2, glyph, latin1, sizeText, timeText } from "../model/bytes.js";
import { changesOf } from "../model/changes.js";
import { formatCall } from "../model/python.js";
import { readout } from "../model/select.js";
import { viewAt } from "../model/view.js";
import "./sw-explain.js";

/** @import { FieldNode, Selection } from "../types.d.ts" */
/** @import { Session } from "../session.js" */

/** A handout is some pages, not a book. */
const STEPS = 120, MESSAGES = 12, HEAD = 8192, BYTES = 768, PER_ROW = 16;

export class SwPrint extends Element {
  static properties = { session: { attribute: false }, printing: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    this.printing = false;
    this.media = matchMedia("print");
  }

  connectedCallback() {
    super.connectedCallback();
    this.media.addEventListener("change", this.#turn);
    addEventListener("beforeprint", this.#before);
    addEventListener("afterprint", this.#after);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.media.removeEventListener("change", this.#turn);
    removeEventListener("beforeprint", this.#before);
    removeEventListener("afterprint", this.#after);
  }

  #turn = () => (this.media.matches ? this.#before() : this.#after());

  /** The browser takes the page as it stands when this returns. */
  #before = () => {
    this.printing = true;
    this.performUpdate();
    /** @type {any} */ (this.querySelector("sw-explain"))?.performUpdate();
  };

  #after = () => { this.printing = false; };

  render() {
    if (!this.printing) return nothing;
    const s = this.session, run = s.current, v = s.view;
    const { source } = run;
    const where = source?.name ? source.name : run.host ? `${run.tls ? "https" : "http"}://${run.host}${run.port == null ? "" : `:${run.port}`}` : "";
    const now = v.whole && source ? `${KINDS[source.kind] ?? source.kind}${source.lacks ? `, in part: ${source.lacks}` : ""}` : v.step ? `after step ${v.steps} of ${v.log.steps.length + run.plan.length}, ${formatCall(v.step, { max: 60 })}` : "before the first call";
    return html`<article class="handout">
      <header><h1>Stepwire</h1><p>${where ? html`<b>${where}</b> · ` : nothing}run ${run.number}, ${new Date(run.created).toISOString().slice(0, 16).replace("T", " ")} UTC · ${now}${v.whole && source ? "" : ` · ${v.state}`}</p></header>
      ${this.#steps()}
      ${v.tree.roots.length ? html`<section><h2>Heads of the messages</h2>${v.tree.roots.slice(0, MESSAGES).map((n) => this.#head(n))}
        ${v.tree.roots.length > MESSAGES ? html`<p>${v.tree.roots.length - MESSAGES} more messages.</p>` : nothing}</section>` : nothing}
      ${s.selection ? this.#bytes(s.selection) : nothing}
      <section class="handout-explain"><h2>${s.selection ? "What it is" : "What happened"}</h2><sw-explain .session=${s} .view=${v} .selection=${s.selection} .state=${null}></sw-explain></section>
    </article>`;
  }

  #steps() {
    const v = this.session.view, plan = this.session.current.plan, made = v.log.steps;
    if (!made.length && !plan.length) return nothing;
    return html`<section><h2>Steps</h2><table class="handout-steps"><thead><tr><th scope="col">Step</th><th scope="col">Call</th><th scope="col">What it changed</th><th scope="col">At</th></tr></thead><tbody>
      ${made.slice(0, STEPS).map((s, i) => {
        const at = viewAt(v.log, v.log.cursorOf(i));
        return html`<tr class=${i === v.steps - 1 ? "is-now" : ""}><th scope="row">${i + 1}</th><td><code>${formatCall(s, { max: 90 })}</code></td>
          <td>${changesOf(at).join(" ") || "–"}</td><td>${timeText(v.log.events[s.first].t)}</td></tr>`;
      })}
      ${plan.slice(0, Math.max(0, STEPS - made.length)).map((c, i) => html`<tr class="is-planned"><th scope="row">${made.length + i + 1}</th><td><code>${formatCall(c, { max: 90 })}</code></td><td>Not made yet.</td><td></td></tr>`)}
      </tbody></table>${made.length + plan.length > STEPS ? html`<p>${made.length + plan.length - STEPS} more steps.</p>` : nothing}</section>`;
  }

  /** The head of a message, its line ends named. @param {FieldNode} n */
  #head(n) {
    const stream = this.session.view.log.stream(n.conn, n.dir);
    const end = n.leaves().find((l) => l.kind === "head-end")?.end ?? n.end;
    const text = latin1(stream.slice(n.start, Math.min(end, n.start + HEAD)));
    return html`<figure class="handout-head"><figcaption><span class="dir-${n.dir}">${n.dir === "sent" ? "→ sent" : "← received"}</span> ${n.label}, ${sizeText(end - n.start)}${n.end > end ? `; body and framing, ${sizeText(n.end - end)}` : ""}</figcaption>
      <pre>${(text.match(/[^\r\n]*(?:\r\n|\r|\n|$)/g) ?? []).filter(Boolean).map((l) => html`${l.replace(/[\r\n]+$/, "")}<span class="mark">${l.endsWith("\r\n") ? " CR LF" : l.endsWith("\n") ? " LF" : l.endsWith("\r") ? " CR" : ""}</span>\n`)}</pre></figure>`;
  }

  /** @param {Selection} sel */
  #bytes(sel) {
    const v = this.session.view, r = readout(v, sel), stream = v.log.stream(sel.conn, sel.dir);
    const [start] = sel.ranges[0], end = Math.min(sel.ranges[sel.ranges.length - 1][1], stream.length(v.cursor)), shown = Math.min(end, start + BYTES);
    const rows = [];
    for (let at = start - (start % PER_ROW); at < shown; at += PER_ROW) rows.push(at);
    /** @param {number} at */
    const inside = (at) => at >= start && at < shown && sel.ranges.some(([a, z]) => a <= at && at < z);
    /** @param {number} row @param {(b: number) => string} show @param {string} none */
    const cells = (row, show, none) => Array.from({ length: PER_ROW }, (_, i) => (inside(row + i) ? show(stream.byte(row + i)) : none));
    return html`<section><h2>Selected: ${r.path}</h2><p>${sel.dir} ${r.bytes} · ${r.size}</p>
      <pre class="handout-hex">${rows.map((row) => `${row.toString(16).padStart(6, "0")}  ${cells(row, (b) => (b < 0 ? "··" : hex2(b)), "  ").join(" ")}  ${cells(row, (b) => (b < 0 || glyph(b).length > 1 ? "." : glyph(b)), " ").join("")}\n`)}</pre>
      ${end > shown ? html`<p>The first ${shown - start} of ${sizeText(end - start)}.</p>` : nothing}</section>`;
  }
}
customElements.define("sw-print", SwPrint);
