// @ts-check
/** The program: the calls made and the calls planned, as a list of steps or as code to edit. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { formatCall } from "../model/python.js";

/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */
/** @import { Call } from "../types.d.ts" */

export class SwProgram extends Element {
  static properties = {
    session: { attribute: false }, view: { attribute: false }, plan: { attribute: false }, recorded: { attribute: false }, rev: { attribute: false },
    mode: { state: true }, editor: { state: true },
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
    /** @type {"steps" | "code"} */
    this.mode = "steps";
    /** @type {"none" | "loading" | "ready" | "failed"} */
    this.editor = "none";
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
          <div class="segmented" role="group" aria-label="Program as">
            <button type="button" aria-pressed=${this.mode === "steps"} @click=${() => { this.mode = "steps"; }}>steps</button>
            <button type="button" aria-pressed=${this.mode === "code"} @click=${() => this.#code()}>code</button>
          </div></div>
        ${this.mode === "steps" ? this.#steps()
          : this.editor === "ready" ? html`<sw-editor .session=${this.session} .view=${this.view} .plan=${this.plan} .rev=${this.rev}></sw-editor>`
          : this.editor === "failed" ? html`<p class="hint">The editor could not be loaded. <button class="link" type="button" @click=${() => this.#code()}>Try again</button></p>`
          : html`<p class="hint">Loading the editor…</p>`}
      </section>`;
  }

  #steps() {
    const v = this.view, run = this.session.current, made = v.log.steps;
    const ctor = formatCall({ name: run.tls ? "HTTPSConnection" : "HTTPConnection", args: { host: run.host, port: run.port } });
    const own = made[0]?.name.startsWith("HTTP"), atEnd = v.steps === made.length;
    return html`<ol class="program-lines">
      ${run.source && !made.length ? html`<li class="hint">It holds bytes, and no calls.</li>` : nothing}
      ${own || run.source ? nothing : html`<li class="line line-ctor"><span class="line-no"></span><code title=${ctor}>${ctor}</code></li>`}
      ${made.map((s, i) => {
        const now = i === v.steps - 1, failed = s.ret?.error;
        return html`<li class="line ${now ? "line-now" : i < v.steps ? "line-done" : "line-ahead"} ${failed ? "line-failed" : ""}" aria-current=${now ? "step" : nothing}>
          <button class="line-go" type="button" @click=${() => this.session.seek(i)} title=${formatCall(s, { max: 400 })}>
            <span class="line-no"><span class="sr-only">Step </span>${i + 1}</span><code>${formatCall(s, { max: 120 })}</code>${failed ? html`<span class="line-error"><span class="sr-only">raised </span>${failed.name}</span>` : nothing}
          </button></li>`;
      })}
      ${this.plan.map((c, i) => {
        const at = made.length + i, stop = run.breakpoints.has(at);
        return html`<li class="line line-plan ${i === 0 && atEnd ? "line-next" : ""}">
          <button class="line-no line-break ${stop ? "is-set" : ""}" type="button" aria-pressed=${stop} aria-label=${`Breakpoint before step ${at + 1}`} title="Breakpoint: run stops before this call" @click=${() => this.session.toggleBreakpoint(at)}>${at + 1}</button>
          <code title=${formatCall(c, { max: 400 })}>${formatCall(c, { max: 120 })}</code>
          ${i === 0 && atEnd ? html`<span class="line-tag">next</span>` : nothing}</li>`;
      })}
    </ol>`;
  }
}
customElements.define("sw-program", SwProgram);
