// @ts-check
/** The program: the calls made, and the calls planned, as lines of Python. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { formatCall } from "../model/python.js";

/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */
/** @import { Call } from "../types.d.ts" */

export class SwProgram extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false }, plan: { attribute: false }, recorded: { attribute: false } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** @type {Call[]} */
    this.plan = [];
    this.recorded = 0;
  }

  render() {
    const v = this.view, run = this.session.current;
    const made = v.log.steps;
    const ctor = formatCall({ name: "HTTPConnection", args: { host: run.host, port: run.port } });
    const own = made[0]?.name.startsWith("HTTP");
    return html`
      <section class="section program" aria-label="Program">
        <div class="section-head"><h2 class="section-title">Program</h2>${run.forkOf ? html`<span class="badge">fork of run ${run.forkOf.run} after step ${run.forkOf.step}</span>` : nothing}</div>
        <ol class="program-lines">
          ${own ? nothing : html`<li class="line line-ctor"><span class="line-no"></span><code title=${ctor}>${ctor}</code></li>`}
          ${made.map((s, i) => {
            const now = i === v.steps - 1, failed = s.ret?.error;
            return html`<li class="line ${now ? "line-now" : i < v.steps ? "line-done" : "line-ahead"} ${failed ? "line-failed" : ""}" aria-current=${now ? "step" : nothing}>
              <button type="button" @click=${() => this.session.seek(i)} title=${formatCall(s, { max: 400 })}>
                <span class="line-no"><span class="sr-only">Step </span>${i + 1}</span><code>${formatCall(s, { max: 120 })}</code>${failed ? html`<span class="line-error"><span class="sr-only">raised </span>${failed.name}</span>` : nothing}
              </button></li>`;
          })}
          ${this.plan.map((c, i) => html`<li class="line line-plan ${i === 0 && v.steps === made.length ? "line-next" : ""}">
              <span class="line-no">${made.length + i + 1}</span><code>${formatCall(c, { max: 120 })}</code>
              ${i === 0 && v.steps === made.length ? html`<span class="line-tag">next</span>` : nothing}
            </li>`)}
        </ol>
      </section>`;
  }
}
customElements.define("sw-program", SwProgram);
