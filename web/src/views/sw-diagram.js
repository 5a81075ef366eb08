// @ts-check
/** The state diagram, drawn from the table that the core exports. */
import { html, svg, nothing } from "lit";
import { Element } from "./element.js";
import { TALL, WIDE } from "./diagram-layout.js";
import { EDGE_LABELS, INPUTS, STATES } from "../texts/states.js";

/** @import { Machine, Transition } from "../types.d.ts" */
/** @import { View } from "../model/view.js" */
/** @import { Layout, Route } from "./diagram-layout.js" */

const HEADS = ["plain", "taken", "legal", "quiet"];

export class SwDiagram extends Element {
  static properties = { machine: { attribute: false }, view: { attribute: false }, tall: { state: true }, selected: { attribute: false } };

  constructor() {
    super();
    /** @type {Machine | null} */
    this.machine = null;
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    this.tall = false;
    /** State chosen for explanation. @type {string | null} */
    this.selected = null;
    this.observer = new ResizeObserver(([e]) => { this.tall = e.contentRect.width < 440; });
  }

  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  /** @param {string} state */
  #pick(state) {
    this.dispatchEvent(new CustomEvent("pick-state", { detail: state, bubbles: true }));
  }

  render() {
    const m = this.machine, v = this.view, layout = this.tall ? TALL : WIDE;
    const states = m?.states ?? Object.keys(layout.boxes);
    const taken = new Set(v.taken.map((t) => t.from + "|" + t.input));
    // Words stand above every line: none is struck through.
    const edges = m?.transitions.filter((t) => t.input !== "close").map((t) => this.#edge(t, layout, taken, v));
    const path = v.taken.length ? v.taken.map((t) => `${t.input}: ${t.from} to ${t.to}`).join("; ") : "no edge taken in this step";
    return html`
      <section class="diagram" aria-label="State">
        <div class="section-head diagram-head"><h2 class="section-title">State</h2>
          <p class="diagram-now"><b class=${v.error ? "now-bad" : ""}>${v.state}</b>${v.taken.length ? html`<span> ← ${v.taken[v.taken.length - 1].input}</span>` : nothing}</p></div>
        <div class="diagram-frame">
        <svg viewBox="0 0 ${layout.width} ${layout.height}" role="group" aria-label=${`State diagram. Now: ${v.state}; ${path}.`} class=${this.tall ? "diagram-tall" : "diagram-wide"}>
          <defs>${HEADS.map((h) => svg`<marker id=${"head-" + h} class=${"head head-" + h} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0.5 0.8 7.5 4 0.5 7.2z"></path></marker>`)}</defs>
          <g class="edges">
            ${m?.transitions.filter((t) => t.input === "close").map((t) => this.#close(t, layout, taken))}
            ${edges?.map((e) => e.line)}
            ${m ? words(layout.busLabel, "edge-label-quiet") : nothing}
            ${edges?.map((e) => e.words)}
          </g>
          <g class="nodes">${states.map((s) => this.#node(s, layout, v))}</g>
        </svg></div>
      </section>`;
  }

  /** @param {Transition} t @param {Layout} layout @param {Set<string>} taken */
  #close(t, layout, taken) {
    const on = taken.has(t.from + "|close");
    return svg`<path class="edge ${on ? "edge-taken" : "edge-quiet"}" d=${layout.boxes[t.from] ? layout.bus(t.from) : ""} marker-end=${on ? "url(#head-taken)" : "url(#head-quiet)"}><title>${t.from}, close → ${t.to}</title></path>`;
  }

  /** @param {Transition} t @param {Layout} layout @param {Set<string>} taken @param {View} v */
  #edge(t, layout, taken, v) {
    const a = layout.boxes[t.from], b = layout.boxes[t.to];
    if (!a || !b) return { line: nothing, words: nothing };
    const on = taken.has(t.from + "|" + t.input), open = !on && t.from === v.state;
    /** @type {Route} */
    const route = layout.routes[t.from + "|" + t.input] ?? {
      d: `M${a.x + a.w / 2} ${a.y + a.h / 2}L${b.x + b.w / 2} ${b.y + b.h / 2}`,
      label: [(a.x + b.x + a.w) / 2, (a.y + b.y + a.h) / 2, "middle"],
    };
    return {
      line: svg`<path class="edge ${on ? "edge-taken" : open ? "edge-open" : ""}" d=${route.d} marker-end=${on ? "url(#head-taken)" : open ? "url(#head-legal)" : "url(#head-plain)"}><title>${t.from}, ${t.input} → ${t.to}. ${INPUTS[t.input] ?? ""}</title></path>`,
      words: words(route.label, on ? "is-taken" : open ? "is-open" : "", EDGE_LABELS[t.input] ?? t.input),
    };
  }

  /** @param {string} s @param {Layout} layout @param {View} v */
  #node(s, layout, v) {
    const b = layout.boxes[s];
    if (!b) return nothing;
    const now = s === v.state;
    return svg`<g class="node ${now ? "node-now" : ""} ${now && v.error ? "node-bad" : ""} ${this.selected === s ? "node-selected" : ""}" role="button" tabindex="0"
        aria-label=${`${s}${now ? ", current state" : ""}. ${STATES[s]?.text ?? ""}`} aria-pressed=${this.selected === s ? "true" : "false"}
        @click=${() => this.#pick(s)} @keydown=${(/** @type {KeyboardEvent} */ e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); this.#pick(s); } }}>
      <rect x=${b.x} y=${b.y} width=${b.w} height=${b.h} rx="8"></rect>
      ${now ? svg`<circle class="node-dot" cx=${b.x + 9} cy=${b.y + 9} r="3.5"></circle>` : nothing}
      <text text-anchor="middle">${b.lines.map((l, i) => svg`<tspan x=${b.x + b.w / 2} y=${b.y + b.h / 2 + 4.2 + (i - (b.lines.length - 1) / 2) * 15}>${l}</tspan>`)}</text>
    </g>`;
  }
}
customElements.define("sw-diagram", SwDiagram);

/** An edge's words, on one line where the layout breaks them nowhere. @param {Route["label"]} label @param {string} cls @param {string} [text] */
function words([x, y, anchor, ...lines], cls, text = "") {
  return svg`<text class="edge-label ${cls}" text-anchor=${anchor}>${(lines.length ? lines : [text]).map((w, i) => svg`<tspan x=${x} y=${y + 11 * i}>${w}</tspan>`)}</text>`;
}
