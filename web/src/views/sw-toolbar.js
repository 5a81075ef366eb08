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

  /** What cannot be pressed now is said to be disabled, and keeps the focus that it has: the next step may give it back its use. */
  render() {
    const s = this.session, v = s.view, run = s.current;
    const recorded = run.log.steps.length, total = recorded + run.plan.length;
    const ready = s.status.phase === "ready";
    const canBack = v.steps > 0, canStep = s.inPast || (ready && !s.running && run.plan.length > 0);
    // In the past with nothing planned, what was recorded is walked through, up to a breakpoint.
    const play = s.inPast && !run.plan.length, word = play || run.source ? "Play" : run.plan.length || !recorded ? "Run all" : "Run again";
    const canRun = play || (ready && total > 0 && run.source === null);
    const press = s.running ? { name: "Pause", title: "Pause after this call (F8)", keys: "F8", icon: icons.pause, can: true, do: () => s.pause() }
      : s.busy ? { name: "Stop", title: "Stop (F8)", keys: "F8", icon: icons.stop, can: true, do: () => s.stop() }
      : { name: word, title: `${word} (Ctrl or ⌘ + Enter)`, keys: "Control+Enter Meta+Enter", icon: icons.runAll, can: canRun, do: () => s.run() };
    const text = v.step ? `${v.step.name}${v.error ? ` raised ${v.error.name}` : v.pending ? ", under way" : ""}, ${v.state}` : "before the first call";
    return html`
      <div class="transport" role="group" aria-label="Stepping">
        <button class="btn btn-icon" type="button" aria-label="Step back" title="Step back (F9)" aria-keyshortcuts="F9"
          aria-disabled=${canBack ? nothing : "true"} @click=${() => { if (canBack) s.back(); }}>${icons.stepBack}</button>
        <button class="btn" type="button" aria-label="Step" title="Step (F10)" aria-keyshortcuts="F10"
          aria-disabled=${canStep ? nothing : "true"} @click=${() => { if (canStep) void s.step(); }}>${icons.stepForward}<span class="btn-word">Step</span></button>
        <button class=${s.running || s.busy ? "btn" : "btn btn-primary"} type="button" aria-label=${press.name} title=${press.title} aria-keyshortcuts=${press.keys}
          aria-disabled=${press.can ? nothing : "true"} @click=${() => { if (press.can) void press.do(); }}>${press.icon}<span class="btn-word">${press.name}</span></button>
      </div>
      <div class="timeline">
        <input class="timeline-range" type="range" min="0" max=${recorded} step="1" .value=${String(v.steps)}
          aria-label="Timeline" aria-valuetext=${`${v.steps} of ${total}: ${text}`} aria-disabled=${recorded ? nothing : "true"}
          @input=${(/** @type {any} */ e) => s.seek(Number(e.target.value) - 1)}>
        <output class="timeline-count"><b>${v.steps}</b> of ${total}</output>
        ${s.inPast ? html`<span class="badge badge-past">recorded</span>` : nothing}
      </div>`;
  }
}
customElements.define("sw-toolbar", SwToolbar);
