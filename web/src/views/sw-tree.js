// @ts-check
/** The field tree: messages › lines › fields. The primary accessible view of the bytes. */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { Element } from "./element.js";
import { RowWindow } from "./row-window.js";
import * as icons from "./icons.js";
import { visible } from "../model/bytes.js";
import { ofNode, nodeOf, rangeText } from "../model/select.js";
import { groupOf } from "../model/select.js";
import { failingRanges } from "./sw-hex.js";

/** @import { FieldNode, Selection } from "../types.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */

/** @typedef {{ node: FieldNode, index: number, of: number }} Row */

export class SwTree extends Element {
  static properties = { session: { attribute: false }, view: { attribute: false }, selection: { attribute: false }, pinned: { attribute: false }, active: { state: true }, rev: { state: true } };

  constructor() {
    super();
    /** @type {Session} */
    this.session = /** @type {any} */ (null);
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** @type {Selection | null} */
    this.selection = null;
    /** @type {Selection | null} */
    this.pinned = null;
    /** @type {string | null} */
    this.active = null;
    this.rev = 0;
    /** Nodes opened or closed by hand. @type {Map<string, boolean>} */
    this.open = new Map();
    this.window = new RowWindow(this, { box: ".tree", height: 24 });
    this.newest = "";
    /** @type {ReturnType<typeof failingRanges>} */
    this.failing = [];
    /** As last drawn. @type {Row[]} */
    this.rows = [];
    this.typed = "";
    this.typedAt = 0;
  }

  /** @param {FieldNode} n */
  #isOpen(n) {
    return this.open.get(n.id) ?? n.level === 1;
  }

  /** @param {FieldNode} n @param {boolean} open */
  #toggle(n, open) {
    this.open.set(n.id, open);
    this.rev++;
  }

  /** Rows in reading order. @returns {Row[]} */
  #rows() {
    /** @type {Row[]} */
    const rows = [];
    /** @param {FieldNode[]} list */
    const walk = (list) => {
      for (let i = 0; i < list.length; i++) {
        const node = list[i];
        rows.push({ node, index: i, of: list.length });
        if (node.children.length && this.#isOpen(node)) walk(node.children);
      }
    };
    walk(this.view.tree.roots);
    return rows;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("view")) this.failing = failingRanges(this.view);
    // A selection made elsewhere opens the way to its node.
    if (changed.has("pinned") && this.pinned && this.pinned.from !== "tree") {
      const n = nodeOf(this.view, this.pinned);
      for (let p = n?.parent; p; p = p.parent) if (!this.#isOpen(p)) this.open.set(p.id, true);
      if (n) this.active = n.id;
    }
    const rows = (this.rows = this.#rows()), newest = this.view.tree.roots.at(this.view.whole ? 0 : -1)?.id ?? "";
    if (changed.has("pinned") && this.pinned && this.pinned.from !== "tree") this.#aim(nodeOf(this.view, this.pinned)?.id ?? "", 0.4);
    // A new message comes into sight with its first lines; of what is shown whole, the first.
    else if (newest !== this.newest && !this.pinned && rows.length) this.#aim(newest, 0.1);
    this.newest = newest;
  }

  heir() {
    return /** @type {HTMLElement | null} */ (this.querySelector("[tabindex='0']")) ?? super.heir();
  }

  /** @param {string} id @param {number} share */
  #aim(id, share) {
    const i = this.rows.findIndex((r) => r.node.id === id);
    if (i >= 0) this.window.aim(i, share);
  }


  render() {
    const rows = this.rows;
    const shown = nodeOf(this.view, this.selection);
    const pinned = nodeOf(this.view, this.pinned);
    const active = Math.max(0, rows.findIndex((r) => r.node.id === this.active));
    if (!rows.length) return nothing;
    return html`<div class="tree" role="tree" aria-label="Fields" @keydown=${this.#key} @pointerleave=${() => this.session.preview(null)}>
      ${repeat(this.window.rows(rows.length, active, (i) => rows[i].node.id), this.window.slot, (i) => {
        const { node: n, index, of } = rows[i], parents = n.children.length > 0;
        const bad = n.level > 1 && this.failing.some((m) => m.conn === n.conn && m.dir === n.dir && m.start < n.end && m.end > n.start);
        return html`<div class="tree-row lv${Math.min(n.level, 5)} ${parents ? "is-group" : `leaf-${groupOf(n.kind)}`} ${shown === n ? "is-shown" : ""} ${shown?.parent === n ? "is-parent" : ""}"
            role="treeitem" id=${"f-" + n.id} data-id=${n.id} data-row=${i} aria-level=${n.level} aria-setsize=${of} aria-posinset=${index + 1}
            aria-expanded=${parents ? String(this.#isOpen(n)) : nothing} aria-selected=${pinned === n ? "true" : "false"} tabindex=${i === active ? "0" : "-1"}
            @click=${(/** @type {Event} */ e) => this.#click(e, n)} @pointerenter=${(/** @type {PointerEvent} */ e) => { if (e.pointerType === "mouse") this.session.preview(ofNode(n, "tree")); }}>
          <span class="tree-twisty ${parents ? "" : "is-leaf"} ${parents && this.#isOpen(n) ? "is-open" : ""}" aria-hidden="true">${parents ? icons.twisty : nothing}</span>
          ${n.level === 1 ? html`<span class="tree-dir dir-${n.dir}"><span aria-hidden="true">${n.dir === "sent" ? "→" : "←"}</span><span class="sr-only">${n.dir}</span></span>` : nothing}
          <span class="tree-label">${n.label}</span>
          <span class="tree-value">${n.level === 1 ? "" : visible(n.value, 160)}</span>
          ${bad ? html`<span class="tree-bad" aria-hidden="true" title="Failing bytes">!</span>` : nothing}
          <span class="tree-range"><span class="sr-only">${bad ? "failing bytes " : "bytes "}</span>${rangeText(n.ranges.length > 1 ? [[n.start, n.end]] : n.ranges)}</span>
        </div>`;
      })}
    </div>`;
  }

  /** @param {Event} e @param {FieldNode} n */
  #click(e, n) {
    const onTwisty = /** @type {Element} */ (/** @type {any} */ (e.target)).closest?.(".tree-twisty");
    this.active = n.id;
    if (onTwisty && n.children.length) { this.#toggle(n, !this.#isOpen(n)); return; }
    this.session.pin(ofNode(n, "tree"));
  }

  /** Keys of the ARIA tree pattern. @param {KeyboardEvent} e */
  #key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const rows = this.#rows();
    let i = rows.findIndex((r) => r.node.id === this.active);
    if (i < 0) i = 0;
    const n = rows[i].node;
    let to = -1;
    if (e.key.length > 1) this.typed = "";
    switch (e.key) {
      case "ArrowDown": to = i + 1; break;
      case "ArrowUp": to = i - 1; break;
      case "Home": to = 0; break;
      case "End": to = rows.length - 1; break;
      case "ArrowRight":
        if (n.children.length && !this.#isOpen(n)) this.#toggle(n, true);
        else if (n.children.length) to = i + 1;
        break;
      case "ArrowLeft":
        if (n.children.length && this.#isOpen(n)) this.#toggle(n, false);
        else if (n.parent) to = rows.findIndex((r) => r.node === n.parent);
        break;
      case "*":
        for (const s of n.parent ? n.parent.children : this.view.tree.roots) if (s.children.length) this.open.set(s.id, true);
        this.rev++;
        break;
      case "Enter": case " ": this.session.pin(ofNode(n, "tree")); break;
      case "Escape": this.session.pin(null); break;
      case "Tab": return;
      default:
        if (e.key.length !== 1) return;
        to = this.#find(rows, i, e);
    }
    e.preventDefault();
    if (to >= 0 && to < rows.length) this.#focus(rows[to].node);
  }

  /** Typing letters moves to the next row whose label begins so. @param {{ node: FieldNode }[]} rows @param {number} i @param {KeyboardEvent} e */
  #find(rows, i, e) {
    // When it was typed, not when a busy page came to it.
    this.typed = e.timeStamp - this.typedAt > 700 ? e.key : this.typed + e.key;
    this.typedAt = e.timeStamp;
    const want = this.typed.toLowerCase();
    for (let k = 0; k < rows.length; k++) {
      const at = (i + k + (this.typed.length > 1 ? 0 : 1)) % rows.length;
      if (rows[at].node.label.toLowerCase().startsWith(want)) return at;
    }
    return -1;
  }

  /** @param {FieldNode} n */
  async #focus(n) {
    this.active = n.id;
    this.session.preview(ofNode(n, "tree"));
    await this.updateComplete;
    this.window.reveal(this.rows.findIndex((r) => r.node === n));
    /** @type {HTMLElement | null} */ (this.querySelector(`[data-id="${CSS.escape(n.id)}"]`))?.focus({ preventScroll: true });
  }
}
customElements.define("sw-tree", SwTree);
