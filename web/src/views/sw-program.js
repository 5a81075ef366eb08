// @ts-check
/** The program: the calls made and the calls planned, as a list of steps or as code to edit. */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { Element } from "./element.js";
import { RowWindow } from "./row-window.js";
import { formatCall } from "../model/python.js";

/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */
/** @import { Call } from "../types.d.ts" */

/** Where a row stands. @typedef {{ row: number, count: number }} Place */

export class SwProgram extends Element {
  static properties = {
    session: { attribute: false }, view: { attribute: false }, plan: { attribute: false }, recorded: { attribute: false }, rev: { attribute: false },
    fixed: { attribute: false }, mode: { state: true }, editor: { state: true },
  };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** @type {Call[]} */
    this.plan = [];
    this.recorded = 0;
    this.rev = 0;
    /** Whether the calls are shown and not edited. */
    this.fixed = false;
    /** @type {"steps" | "code"} */
    this.mode = "steps";
    /** @type {"none" | "loading" | "ready" | "failed"} */
    this.editor = "none";
    /** The row that has the focus, or had it last. */
    this.focused = -1;
    this.revealed = "";
    this.window = new RowWindow(this, { box: ".program-lines", height: 26 });
  }

  willUpdate() {
    // The call that was made last, or comes next, is kept in sight.
    const run = this.session.current, now = `${run.number}/${this.view.steps}`;
    if (now !== this.revealed) this.window.aim(this.#lead + Math.max(0, this.view.steps - 1), 0.5);
    this.revealed = now;
  }

  /** Rows before the first call. */
  get #lead() {
    const run = this.session.current, own = this.view.log.steps[0]?.name.startsWith("HTTP");
    return own || run.source ? 0 : 1;
  }

  /** The editor is a third of the page's code, so it comes when it is asked for. */
  async #code() {
    this.mode = "code";
    if (this.editor === "ready" || this.editor === "loading") return;
    this.editor = "loading";
    try {
      await import("./sw-editor.js");
      this.editor = "ready";
    } catch {
      this.editor = "failed";
    }
  }

  render() {
    const run = this.session.current;
    return html`
      <section class="section program" aria-label="Program">
        <div class="section-head"><h2 class="section-title">Program</h2>${run.forkOf ? html`<span class="badge">fork of run ${run.forkOf.run} after step ${run.forkOf.step}</span>` : nothing}
          ${this.fixed ? nothing : html`<div class="segmented" role="group" aria-label="Program as">
            <button type="button" aria-pressed=${this.mode === "steps"} @click=${() => { this.mode = "steps"; }}>steps</button>
            <button type="button" aria-pressed=${this.mode === "code"} @click=${() => this.#code()}>code</button>
          </div>`}</div>
        ${this.mode === "steps" ? this.#steps()
          : this.editor === "ready" ? html`<sw-editor .session=${this.session} .view=${this.view} .plan=${this.plan} .rev=${this.rev}></sw-editor>`
          : this.editor === "failed" ? html`<p class="hint">The editor could not be loaded. <button class="link" type="button" @click=${() => this.#code()}>Try again</button></p>`
          : html`<p class="hint">Loading the editor…</p>`}
      </section>`;
  }

  #steps() {
    const run = this.session.current, made = this.view.log.steps.length, lead = this.#lead, count = lead + made + this.plan.length;
    if (!count) return html`<p class="hint">It holds bytes, and no calls.</p>`;
    return html`<div class="program-scroll"><ol class="program-lines" @focusin=${this.#focus}>
      ${repeat(this.window.rows(count, this.focused), this.window.slot, (row) => {
        const i = row - lead, place = { row, count };
        return i < 0 ? this.#connection(run, place) : i < made ? this.#made(i, place) : this.#planned(i, place);
      })}
    </ol></div>`;
  }

  /** A planned call that was made is another row in the same place. */
  heir() {
    return /** @type {HTMLElement | null} */ (this.querySelector(`li[data-row="${this.focused}"] button`)) ?? super.heir();
  }

  /** @param {FocusEvent} e */
  #focus(e) {
    this.focused = Number(/** @type {HTMLElement} */ (e.target).closest("li")?.dataset.row ?? -1);
  }

  /** @param {import("../run.js").Run} run @param {Place} place */
  #connection(run, { row, count }) {
    const text = formatCall({ name: run.tls ? "HTTPSConnection" : "HTTPConnection", args: { host: run.host, port: run.port } });
    return html`<li class="line line-ctor" data-row=${row} aria-setsize=${count} aria-posinset=${row + 1}><span class="line-no"></span><code title=${text}>${text}</code></li>`;
  }

  /** @param {number} i @param {Place} place */
  #made(i, { row, count }) {
    const v = this.view, s = v.log.steps[i], now = i === v.steps - 1, failed = s.ret?.error;
    return html`<li class="line ${now ? "line-now" : i < v.steps ? "line-done" : "line-ahead"} ${failed ? "line-failed" : ""}" aria-current=${now ? "step" : nothing} data-row=${row} aria-setsize=${count} aria-posinset=${row + 1}>
      <button class="line-go" type="button" @click=${() => this.session.seek(i)} title=${formatCall(s, { max: 400 })}>
        <span class="line-no"><span class="sr-only">Step </span>${i + 1}</span><code>${formatCall(s, { max: 120 })}</code>${failed ? html`<span class="line-error"><span class="sr-only">raised </span>${failed.name}</span>` : nothing}
      </button></li>`;
  }

  /** @param {number} at @param {Place} place */
  #planned(at, { row, count }) {
    const v = this.view, made = v.log.steps.length, c = this.plan[at - made], next = at === made && v.steps === made, stop = this.session.current.breakpoints.has(at);
    return html`<li class="line line-plan ${next ? "line-next" : ""}" data-row=${row} aria-setsize=${count} aria-posinset=${row + 1}>
      <button class="line-no line-break ${stop ? "is-set" : ""}" type="button" aria-pressed=${stop} aria-label=${`Breakpoint before step ${at + 1}`} title="Breakpoint: run stops before this call" @click=${() => this.session.toggleBreakpoint(at)}>${at + 1}</button>
      <code title=${formatCall(c, { max: 400 })}>${formatCall(c, { max: 120 })}</code>
      ${next ? html`<span class="line-tag">next</span>` : nothing}</li>`;
  }
}
customElements.define("sw-program", SwProgram);
