// @ts-check
/** Step back, step, run; the timeline; where the cursor stands. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import * as icons from "./icons.js";

/** @import { Session } from "../session.js" */

export class SwToolbar extends Element {
  static properties = { session: { attribute: false }, rev: { attribute: false }, compact: { type: Boolean } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    this.rev = 0;
    this.compact = false;
  }

  render() {
    const s = this.session, v = s.view, run = s.current;
    const recorded = run.log.steps.length, total = recorded + run.plan.length;
    const ready = s.status.phase === "ready";
    const canStep = s.inPast || (ready && !s.busy && run.plan.length > 0);
    // In the past with nothing planned, what was recorded is walked through, up to a breakpoint.
    const play = s.inPast && !run.plan.length, word = play ? "Play" : run.plan.length || !recorded ? "Run all" : "Run again";
    const text = v.step ? `${v.step.name}${v.error ? ` raised ${v.error.name}` : v.pending ? ", under way" : ""}, ${v.state}` : "before the first call";
    return html`
      <div class="transport" role="group" aria-label="Stepping">
        <button class="btn btn-icon" type="button" aria-label="Step back" title="Step back (F9)" aria-keyshortcuts="F9"
          ?disabled=${v.steps === 0} @click=${() => s.back()}>${icons.stepBack}</button>
        <button class="btn" type="button" aria-label="Step" title="Step (F10)" aria-keyshortcuts="F10"
          ?disabled=${!canStep} @click=${() => s.step()}>${icons.stepForward}<span class="btn-word">Step</span></button>
        ${s.running
          ? html`<button class="btn" type="button" aria-label="Pause" title="Pause after this call (F8)" aria-keyshortcuts="F8" @click=${() => s.pause()}>${icons.pause}<span class="btn-word">Pause</span></button>`
          : s.busy
          ? html`<button class="btn" type="button" aria-label="Stop" title="Stop (F8)" aria-keyshortcuts="F8" @click=${() => s.stop()}>${icons.stop}<span class="btn-word">Stop</span></button>`
          : html`<button class="btn btn-primary" type="button" aria-label=${word} title=${`${word} (Ctrl or ⌘ + Enter)`} aria-keyshortcuts="Control+Enter Meta+Enter"
              ?disabled=${play ? false : !ready || total === 0 || run.source !== null} @click=${() => s.run()}>${icons.runAll}<span class="btn-word">${word}</span></button>`}
      </div>
      <div class="timeline">
        <input class="timeline-range" type="range" min="0" max=${Math.max(recorded, 1)} step="1" .value=${String(v.steps)}
          aria-label="Timeline" aria-valuetext=${`${v.steps} of ${total}: ${text}`} ?disabled=${recorded === 0}
          @input=${(/** @type {any} */ e) => s.seek(Number(e.target.value) - 1)}>
        <output class="timeline-count"><b>${v.steps}</b> of ${total}</output>
        ${s.inPast ? html`<span class="badge badge-past">recorded</span>` : nothing}
      </div>`;
  }
}
customElements.define("sw-toolbar", SwToolbar);
