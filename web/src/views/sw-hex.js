// @ts-check
/**
 * The wire view: offset, hex and ASCII of every byte, virtualised. Highlights are
 * an SVG layer behind the text, so hovering never touches the cells.
 */
import { html, svg, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { Element } from "./element.js";
import { byteName, glyph, hex2, hexNumber, sizeText, timeText } from "../model/bytes.js";
import { RowMap } from "../model/hexrows.js";
import { legend } from "./legend.js";
import { Slots } from "./slots.js";
import { groupOf, nodeOf, ofLeaf, ofRange } from "../model/select.js";
import { spanText } from "../texts/spans.js";

/** @import { Dir, FieldNode, Range, Selection } from "../types.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { View } from "../model/view.js" */
/** @import { Block } from "../model/wire.js" */

const ROW = 22, HEAD = 30;
/** Digits of an offset that fit beside the bytes. */
const OFFSET = 6;
/** Browsers clamp very tall elements; beyond this the scroll position is scaled. */
const MAX_HEIGHT = 8_000_000;

/** @typedef {{ perRow: number, hexW: number, ascW: number, hexX: number, ascX: number, gap: number }} Geometry */

export class SwHex extends Element {
  static properties = {
    session: { attribute: false }, view: { attribute: false }, selection: { attribute: false }, pinned: { attribute: false },
    width: { state: true }, top: { state: true }, viewport: { state: true }, cursorAt: { state: true },
  };

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
    this.width = 640;
    this.top = 0;
    this.viewport = 400;
    /** The byte that the keys go on from. @type {{ conn: number, dir: Dir, at: number } | null} */
    this.cursorAt = null;
    /** The byte that has the tab stop: that one or, while it is out of sight without the focus, the first in sight. @type {{ conn: number, dir: Dir, at: number } | null} */
    this.stop = null;
    /** Whether a byte had the focus before it was drawn anew. */
    this.held = false;
    /** @type {{ conn: number, dir: Dir, at: number } | null} */
    this.anchor = null;
    /** @type {ReturnType<typeof failingRanges>} */
    this.failing = [];
    this.dragged = false;
    /** Top of the first row drawn, px. */
    this.base = 0;
    this.follow = false;
    /** Whether `top` is where to scroll to, rather than where it is scrolled. */
    this.aimed = false;
    this.again = false;
    /** Whether something was brought into sight, and nobody has scrolled since. */
    this.sought = false;
    /** Whether `width` and `viewport` were measured, and not only assumed. */
    this.shown = false;
    /** Where a selection by keys began. @type {{ conn: number, dir: Dir, at: number } | null} */
    this.from = null;
    /** @type {Block[]} */
    this.blocks = [];
    /** @type {RowMap} */
    this.map = new RowMap([], 16, ROW, HEAD);
    this.slots = new Slots();
    /** @type {Geometry} */
    this.geo = geometry(640);
    this.observer = new ResizeObserver(([e]) => {
      // Out of sight it can be neither measured nor scrolled.
      if (!e.contentRect.height) return;
      // First shown, or at another width, the rows lie elsewhere, and of a lower view fewer are in sight: what is to be is looked for anew.
      this.again = !this.shown || (this.sought && e.contentRect.height < this.viewport) || (this.aimed && e.contentRect.width !== this.width) || (this.pinned !== null && geometry(e.contentRect.width).perRow !== this.geo.perRow);
      this.shown = true;
      this.width = e.contentRect.width;
      this.viewport = e.contentRect.height;
      if (this.aimed && !this.again) this.scrollTop = this.top;
      this.aimed = this.again;
    });
  }

  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this);
    this.addEventListener("scroll", this.#scrolled, { passive: true });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  /** It stands at whole pixels of the screen, where `top` need not: it was aimed at. */
  #scrolled = () => {
    if (Math.abs(this.scrollTop - this.top) < 1) return;
    this.top = this.scrollTop;
    this.sought = false;
  };

  /** px of rows for each px of scrolling. */
  get #scale() {
    const h = this.map.height;
    return h <= MAX_HEIGHT ? 1 : (h - this.viewport) / (MAX_HEIGHT - this.viewport);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    this.held = this.#focused() !== null;
    if (changed.has("view")) this.failing = failingRanges(this.view);
    if (changed.has("view") || changed.has("width")) {
      const before = this.map.rows;
      this.geo = geometry(this.width);
      this.blocks = this.view.blocks;
      this.map = new RowMap(this.blocks, this.geo.perRow, ROW, HEAD);
      if (changed.has("view") && this.map.rows !== before) this.follow = true;
      const c = this.cursorAt;
      if (c && this.map.blockOf(c.conn, c.dir, c.at) < 0) this.cursorAt = null;
    }
    // Where it will be scrolled to is known before it is drawn: it is drawn once.
    if (this.pinned && (this.again || (changed.has("pinned") && this.pinned.from !== "hex"))) {
      const { conn, dir, ranges: [[at]] } = this.pinned, row = this.map.rowOf(conn, dir, at);
      this.sought = true;
      if (row >= 0) this.#aim(this.map.describe(row).y, ROW);
      // The keys go on from what was selected.
      if (row >= 0 && changed.has("pinned")) this.cursorAt = { conn, dir, at };
    } else if (this.follow || this.again) {
      // New bytes come into sight: the head of the last block, not its end. What is shown whole begins at its beginning.
      const y = this.map.top[this.view.whole ? 0 : this.map.top.length - 1];
      this.sought = true;
      if (y != null) this.#aim(y, HEAD + 3 * ROW);
      // Whoever reads the bytes by keys goes with them.
      const last = this.blocks[this.blocks.length - 1];
      if (this.held && last && this.aimed) this.cursorAt = { conn: last.conn, dir: last.dir, at: last.start };
    }
    this.follow = this.again = false;
    // What stands here instead of bytes is shown from its beginning.
    if (!this.map.rows && this.top) this.aimed = true;
    this.top = Math.max(0, Math.min(this.top, Math.min(this.map.height, MAX_HEIGHT) - this.viewport));
  }

  updated() {
    this.#layout();
    if (this.held && this.#focused()?.tabIndex !== 0) this.#focusStop();
    // Observed anew it reports after the frame's layout: scrolling then costs none of its own.
    if (this.aimed) {
      this.observer.unobserve(this);
      this.observer.observe(this);
    }
  }

  /** Sizes go through the CSSOM: the page's policy refuses style attributes. */
  #layout() {
    const space = /** @type {HTMLElement | null} */ (this.querySelector(".hex-space"));
    const win = /** @type {HTMLElement | null} */ (this.querySelector(".hex-window"));
    if (!space || !win) return;
    const g = this.geo, k = this.#scale;
    space.style.height = Math.min(this.map.height, MAX_HEIGHT) + "px";
    const at = k === 1 ? this.base : this.top + this.base - this.top * k;
    win.style.transform = `translateY(${at}px)`;
    win.style.setProperty("--hex-w", g.hexW + "px");
    win.style.setProperty("--asc-w", g.ascW + "px");
    win.style.setProperty("--hex-gap", g.gap + "px");
    win.style.setProperty("--hex-pad", g.hexX - 46 + "px");
  }

  /** Scrolls only when the byte is out of sight. @param {number} conn @param {Dir} dir @param {number} at */
  #reveal(conn, dir, at) {
    const row = this.map.rowOf(conn, dir, at);
    if (row >= 0) this.#aim(this.map.describe(row).y, ROW);
  }

  /** Scrolls with the next drawing, when the rows at `y` are out of sight. @param {number} y @param {number} height */
  #aim(y, height) {
    const k = this.#scale, top = this.top * k;
    if (y >= top && y + height <= top + this.viewport) return;
    this.top = Math.max(0, y - Math.min(this.viewport / 3, 90)) / k;
    this.aimed = true;
  }

  render() {
    const map = this.map, g = this.geo;
    if (!map.rows) return html`<div class="hex-empty"><p>Nothing has been sent or received at this step.</p>
      <p class="hint">Each byte appears here as it goes over the wire, with its field above. Until then, headers wait in the client’s buffer.</p>
      <h3 class="section-title">How bytes are marked</h3>${legend()}</div>`;
    const k = this.#scale, y0 = this.top * k;
    const first = Math.max(0, map.rowAt(y0) - 2);
    let last = Math.min(map.rows - 1, map.rowAt(y0 + this.viewport) + 3);
    // A block's head is drawn with the first row of its bytes.
    if (map.describe(last).line < 0) last++;
    /** @type {ReturnType<RowMap["describe"]>[]} */
    const rows = [];
    for (let r = first; r <= last; r++) rows.push(map.describe(r));
    const base = rows[0].y, height = rows[rows.length - 1].y + rows[rows.length - 1].height - base;
    this.base = base;
    const lines = rows.map((_, i) => i).filter((i) => rows[i].line >= 0), away = this.#awayFrom(first, last);
    const indices = lines.map((i) => first + i);
    if (away >= 0) indices[away < first ? "unshift" : "push"](away);
    const slots = this.slots.assign(indices);
    const active = (this.stop = away < 0 ? this.#stopIn(rows, first, y0) : this.cursorAt);
    const shown = nodeOf(this.view, this.selection);
    return html`<div class="hex-space">
      <div class="hex-window" role="grid" aria-label="Bytes on the wire" aria-rowcount=${map.rows} aria-colcount=${g.perRow + 1} aria-multiselectable="true"
        @keydown=${this.#key} @focusin=${this.#entered} @focusout=${this.#left} @pointermove=${this.#move} @pointerdown=${this.#down} @pointerup=${this.#up} @pointerleave=${() => { if (!this.anchor) this.session.preview(null); }}>
        <svg class="hex-layer" width=${Math.ceil(this.width)} height=${height} aria-hidden="true" focusable="false">
          ${hatches}
          ${this.#classes(rows, base)}
          ${this.#marks(rows, base)}
          ${this.selection ? this.#highlight(this.selection, shown, rows, base) : nothing}
        </svg>
        ${repeat(indices, (row) => slots.get(row), (row) => this.#row(row === away ? map.describe(row) : rows[row - first], row, active, row !== away && rows[row - 1 - first]?.line < 0, row === away))}
      </div></div>`;
  }

  /** @param {Block} b @param {number} index */
  #head(b, index) {
    const many = this.view.conns.length > 1;
    return html`<div class="hex-head" role="row" aria-rowindex=${index + 1}><div role="rowheader" class="hex-head-text">
      <b class="dir-${b.dir}">${b.dir === "sent" ? "→ sent" : "← received"}</b>
      <span>${sizeText(b.end - b.start)}</span><span>${timeText(b.t)}${b.t2 - b.t > 0.5 ? html` – ${timeText(b.t2)}` : nothing}</span>
      ${b.pieces > 1 ? html`<span>${b.pieces} pieces</span>` : nothing}${many ? html`<span>connection ${b.conn}</span>` : nothing}
      ${b.eof ? html`<span class="hex-eof">end of stream</span>` : nothing}</div></div>`;
  }

  /** Bytes, with the head of their block where that is the row before. @param {ReturnType<RowMap["describe"]>} r @param {number} index @param {{ conn: number, dir: Dir, at: number } | null} active @param {boolean} head @param {boolean} away */
  #row({ block: b, offset }, index, active, head, away) {
    const g = this.geo, s = b.stream, cells = [];
    const failing = this.failing.filter((m) => m.conn === b.conn && m.dir === b.dir && m.start < offset + g.perRow && m.end > offset);
    /** Runs of characters drawn alike: half the elements of one for each. @type {{ look: string, text: string }[]} */
    const ascii = [];
    const character = (/** @type {string} */ look, /** @type {string} */ text) => {
      const run = ascii[ascii.length - 1];
      if (look === "ax-name" && text === "LF" && run?.text === "CR") { run.look += " ax-two"; run.text += text; }
      else if (run?.look === look && look !== "ax-name") run.text += text;
      else ascii.push({ look, text });
    };
    for (let i = 0; i < g.perRow; i++) {
      const at = offset + i, cell = i === 8 ? "hx hx-gap" : "hx";
      if (at < b.start || at >= b.end) {
        cells.push(this.#cell(cell, ""));
        character("", "\u00a0");
        continue;
      }
      const v = s.byte(at), hex = v < 0 ? "··" : hex2(v);
      const on = active?.at === at && active.conn === b.conn && active.dir === b.dir;
      const gl = v < 0 ? "?" : glyph(v);
      const name = this.#cellName(b, at, v) + (failing.some((m) => m.start <= at && at < m.end && !m.ended) ? ", failing" : failing.some((m) => m.ended && m.start === at) ? ", the last that came" : "");
      cells.push(this.#cell(on ? `${cell} hx-on` : cell, on ? hex : hex + " ", at, on ? 0 : -1, name, this.#isPinned(b, at) ? "true" : nothing));
      character(gl.length > 1 ? "ax-name" : v > 0x20 && v < 0x7f ? "" : "ax-faint", gl);
    }
    const at = offset.toString(16).padStart(4, "0");
    return html`${head ? this.#head(b, index - 1) : nothing}<div class=${away ? "hex-row hex-away" : "hex-row"} role="row" aria-rowindex=${index + 1}><span class=${at.length > OFFSET ? "hex-offset hex-far" : "hex-offset"} role="rowheader">${at.padEnd(OFFSET)}</span><span class="hex-bytes" role="presentation">${cells}</span><span class="hex-ascii" aria-hidden="true">${ascii.map((run) => html`<span class=${run.look}>${run.text}</span>`)}</span></div>`;
  }

  /** Of one template, with a byte or without: a row that shows others keeps its cells. @param {string} cell @param {string} text @param {number | symbol} [at] @param {number | symbol} [stop] @param {string | symbol} [name] @param {string | symbol} [pinned] */
  #cell(cell, text, at = nothing, stop = nothing, name = nothing, pinned = nothing) {
    return html`<span class=${cell} role="gridcell" aria-hidden=${text ? nothing : "true"} data-at=${at} tabindex=${stop} aria-label=${name} aria-selected=${pinned}>${text}</span>`;
  }

  /** @param {Block} b @param {number} at */
  #isPinned(b, at) {
    const p = this.pinned;
    return !!p && p.conn === b.conn && p.dir === b.dir && p.ranges.some(([s, e]) => s <= at && at < e);
  }

  /** `offset 0x1e, 0d, CR, ends Host`. @param {Block} b @param {number} at @param {number} v */
  #cellName(b, at, v) {
    const leaf = b.stream.leafAt(at, this.view.cursor);
    let what = "";
    if (leaf) {
      const item = this.view.tree.node(`c${leaf.conn}-${leaf.dir}-x${leaf.exchange}/` + leaf.path.slice(0, 2).join("/"));
      const label = item ? item.label : leaf.path[0];
      const ends = leaf.kind === "crlf" || leaf.kind === "chunk-crlf" || leaf.kind === "head-end";
      what = ends ? (leaf.kind === "head-end" ? ", ends the head" : `, ends ${label}`) : `, ${spanText(leaf.kind).label}${label && label !== spanText(leaf.kind).label ? " of " + label : ""}`;
    }
    return `offset ${hexNumber(at)}, ${v < 0 ? "not kept" : `${hex2(v)}, ${byteName(v)}`}${what}`;
  }

  // ---- the layer of highlights ----------------------------------------------

  /** The part of [start, end) in a row, as columns. @param {ReturnType<RowMap["describe"]>} r @param {number} start @param {number} end */
  #columns(r, start, end) {
    const a = Math.max(start, r.offset, r.block.start), z = Math.min(end, r.offset + this.geo.perRow, r.block.end);
    return a < z ? /** @type {[number, number]} */ ([a - r.offset, z - r.offset]) : null;
  }

  /** @param {number} col */
  #hexX(col) { return this.geo.hexX + col * this.geo.hexW + (col >= 8 && this.geo.perRow > 8 ? this.geo.gap : 0); }
  /** @param {number} col */
  #ascX(col) { return this.geo.ascX + col * this.geo.ascW; }

  /** Each leaf's class: framing hatched, names underlined, control words doubly, sizes dotted, lost bytes crossed. One shape a class. @param {ReturnType<RowMap["describe"]>[]} rows @param {number} base */
  #classes(rows, base) {
    /** @type {Record<string, string>} */
    const shapes = { framing: "", lost: "", name: "", control: "", size: "" };
    for (const r of rows) {
      if (r.line < 0) continue;
      const s = r.block.stream, y = r.y - base;
      for (let i = s.firstLeaf(Math.max(r.offset, r.block.start)); i < s.leaves.length; i++) {
        const leaf = s.leaves[i];
        if (leaf.start >= r.offset + this.geo.perRow) break;
        if (leaf.event >= this.view.cursor) continue;
        const c = this.#columns(r, leaf.start, leaf.end), g = groupOf(leaf.kind);
        if (!c || !(g in shapes)) continue;
        const x = this.#hexX(c[0]) + 2, w = this.#hexX(c[1] - 1) + this.geo.hexW - 2 - x;
        if (g === "framing" || g === "lost") shapes[g] += box(x, y + 2, w) + box(this.#ascX(c[0]), y + 2, (c[1] - c[0]) * this.geo.ascW);
        else shapes[g] += line(x, y + ROW - 2.5, w) + (g === "control" ? line(x, y + ROW - 0.5, w) : "");
      }
    }
    return Object.keys(shapes).map((g) => svg`<path class=${"cls-" + g} d=${shapes[g]}></path>`);
  }

  /** Failing bytes, from diagnostics of severity error and the exception's offset. @param {ReturnType<RowMap["describe"]>[]} rows @param {number} base */
  #marks(rows, base) {
    const out = [];
    for (const m of this.failing) {
      for (const r of rows) {
        if (r.line < 0 || r.block.conn !== m.conn || r.block.dir !== m.dir) continue;
        const c = this.#columns(r, m.start, m.end);
        if (!c) continue;
        const x = this.#hexX(c[0]) + 1, w = this.#hexX(c[1] - 1) + this.geo.hexW - 1 - x, y = r.y - base;
        out.push(svg`<rect class="mark-bad" x=${x} y=${y + 1} width=${w} height=${ROW - 2} rx="3"></rect><path class="mark-wave" d=${wave(x, y + ROW - 2, w)}></path>
          <rect class="mark-bad" x=${this.#ascX(c[0])} y=${y + 1} width=${(c[1] - c[0]) * this.geo.ascW} height=${ROW - 2} rx="3"></rect>`);
      }
    }
    return out;
  }

  /** @param {Selection} sel @param {FieldNode | null} node @param {ReturnType<RowMap["describe"]>[]} rows @param {number} base */
  #highlight(sel, node, rows, base) {
    const out = [], mine = rows.filter((r) => r.line >= 0 && r.block.conn === sel.conn && r.block.dir === sel.dir);
    const parent = node?.parent && node.parent.level > 1 ? node.parent : sel.node ? null : node;
    if (parent) for (const [s, e] of merged(parent.ranges)) out.push(...this.#outline(mine, s, e, base, `hl-parent hl-${sel.dir}`));
    const group = node && sel.node && node.children.length > 0;
    for (const [s, e] of group ? merged(sel.ranges) : sel.ranges) out.push(...this.#outline(mine, s, e, base, `${group ? "hl-group" : "hl-leaf"} hl-${sel.dir} ${this.session.hover ? "hl-hover" : ""}`));
    return out;
  }

  /** A text-selection shape around a range, in both columns. @param {ReturnType<RowMap["describe"]>[]} rows @param {number} start @param {number} end @param {number} base @param {string} cls */
  #outline(rows, start, end, base, cls) {
    /** @type {{ y: number, a: number, z: number }[]} */
    const parts = [];
    for (const r of rows) {
      const c = this.#columns(r, start, end);
      if (c) parts.push({ y: r.y - base, a: c[0], z: c[1] });
    }
    if (!parts.length) return [];
    const out = [];
    for (const column of /** @type {const} */ (["hex", "asc"])) {
      const left = (/** @type {number} */ c) => (column === "hex" ? this.#hexX(c) + 1 : this.#ascX(c) - 0.5);
      const right = (/** @type {number} */ c) => (column === "hex" ? this.#hexX(c - 1) + this.geo.hexW - 1 : this.#ascX(c) + 0.5);
      out.push(svg`<path class=${cls} d=${shape(parts.map((p) => ({ y: p.y, l: left(p.a), r: right(p.z) })))}></path>`);
    }
    return out;
  }

  // ---- pointer and keys -----------------------------------------------------

  /** The byte under the pointer. @param {PointerEvent} e */
  #hit(e) {
    const win = /** @type {Element | null} */ (/** @type {any} */ (this.querySelector(".hex-window")));
    if (!win) return null;
    const box = win.getBoundingClientRect(), g = this.geo;
    const x = e.clientX - box.left, y = e.clientY - box.top + this.base;
    if (y < 0 || y >= this.map.height) return null;
    const r = this.map.describe(this.map.rowAt(y));
    if (r.line < 0) return null;
    let col = -1;
    if (x >= g.ascX - 2) col = Math.floor((x - g.ascX) / g.ascW);
    else if (x >= g.hexX) {
      let hx = x - g.hexX;
      if (g.perRow > 8 && hx >= 8 * g.hexW) hx = Math.max(8 * g.hexW, hx - g.gap);
      col = Math.floor(hx / g.hexW);
    }
    const at = r.offset + col;
    if (col < 0 || col >= g.perRow || at < r.block.start || at >= r.block.end) return null;
    return { conn: r.block.conn, dir: r.block.dir, at };
  }

  /** @param {{ conn: number, dir: Dir, at: number }} p @returns {Selection} */
  #field(p) {
    const leaf = this.view.log.stream(p.conn, p.dir).leafAt(p.at, this.view.cursor);
    return leaf ? ofLeaf(this.view, leaf, "hex") : ofRange(p.conn, p.dir, [p.at, p.at + 1], "hex");
  }

  /** @param {PointerEvent} e */
  #move(e) {
    const p = this.#hit(e);
    if (this.anchor && e.buttons & 1) {
      if (p && p.conn === this.anchor.conn && p.dir === this.anchor.dir && (this.dragged || p.at !== this.anchor.at)) {
        this.dragged = true;
        this.session.preview(ofRange(p.conn, p.dir, [Math.min(p.at, this.anchor.at), Math.max(p.at, this.anchor.at) + 1], "hex"));
      }
      return;
    }
    if (e.pointerType !== "mouse") return;
    const s = p ? this.#field(p) : null;
    const h = this.session.hover;
    if (s?.node && h?.node === s.node) return;
    this.session.preview(s);
  }

  /** @param {PointerEvent} e */
  #down(e) {
    if (e.button !== 0) return;
    const p = this.#hit(e);
    if (!p) return;
    if (e.shiftKey && this.cursorAt && this.cursorAt.conn === p.conn && this.cursorAt.dir === p.dir) {
      e.preventDefault();
      this.session.pin(ofRange(p.conn, p.dir, [Math.min(p.at, this.cursorAt.at), Math.max(p.at, this.cursorAt.at) + 1], "hex"));
      return;
    }
    this.anchor = p;
    this.dragged = false;
    if (e.pointerType === "mouse") /** @type {any} */ (e.currentTarget).setPointerCapture(e.pointerId);
  }

  /** @param {PointerEvent} e */
  async #up(e) {
    const a = this.anchor;
    this.anchor = null;
    if (!a) return;
    if (this.dragged) { this.session.pin(this.session.hover); this.cursorAt = a; return; }
    const p = this.#hit(e);
    if (!p || p.at !== a.at || p.dir !== a.dir) return;
    this.cursorAt = p;
    this.session.pin(this.#field(p));
    if (e.pointerType === "mouse") await this.focusCell();
  }

  /** Keys of the ARIA grid pattern. @param {KeyboardEvent} e */
  async #key(e) {
    const map = this.map, g = this.geo;
    const first = map.blocks[0];
    const c = this.cursorAt ?? { conn: first.conn, dir: first.dir, at: first.start };
    let b = map.blockOf(c.conn, c.dir, c.at), at = c.at;
    const rows = Math.max(1, Math.floor(this.viewport / ROW) - 1);
    switch (e.key) {
      case "ArrowRight": at++; break;
      case "ArrowLeft": at--; break;
      case "ArrowDown": at += g.perRow; break;
      case "ArrowUp": at -= g.perRow; break;
      case "PageDown": at += g.perRow * rows; break;
      case "PageUp": at -= g.perRow * rows; break;
      case "Home": if (e.ctrlKey) { b = 0; at = map.blocks[0].start; } else at = Math.max(map.blocks[b].start, at - (at % g.perRow)); break;
      case "End": if (e.ctrlKey) { b = map.blocks.length - 1; at = map.blocks[b].end - 1; } else at = Math.min(map.blocks[b].end - 1, at - (at % g.perRow) + g.perRow - 1); break;
      case "Enter": case " ": if (e.ctrlKey || e.metaKey) return; e.preventDefault(); this.session.pin(this.#field(c)); return;
      case "Escape": this.session.pin(null); return;
      default: return;
    }
    if (e.metaKey || e.altKey || (e.ctrlKey && e.key !== "Home" && e.key !== "End")) return;
    e.preventDefault();
    const block = map.blocks[b];
    if (at >= block.end) {
      const next = map.blocks[b + 1];
      if (e.key === "PageDown" || e.shiftKey || !next) at = block.end - 1;
      else { b++; at = next.start; }
    } else if (at < block.start) {
      const prev = map.blocks[b - 1];
      if (e.key === "PageUp" || e.shiftKey || !prev) at = block.start;
      else { b--; at = prev.end - 1; }
    }
    const to = { conn: map.blocks[b].conn, dir: map.blocks[b].dir, at };
    if (e.shiftKey) {
      const from = this.from && this.from.conn === to.conn && this.from.dir === to.dir ? this.from : c;
      this.from = from;
      this.session.pin(ofRange(to.conn, to.dir, [Math.min(from.at, at), Math.max(from.at, at) + 1], "hex"));
    } else {
      this.from = null;
      this.session.preview(this.#field(to));
    }
    this.cursorAt = to;
    this.#reveal(to.conn, to.dir, at);
    await this.focusCell();
  }

  /** The row out of sight whose byte has the focus, or -1: scrolling leaves the focus where it is. @param {number} first drawn @param {number} last drawn */
  #awayFrom(first, last) {
    const c = this.held ? this.cursorAt : null, row = c ? this.map.rowOf(c.conn, c.dir, c.at) : -1;
    return row < first || row > last ? row : -1;
  }

  /** The byte that Tab leads to. @param {ReturnType<RowMap["describe"]>[]} rows those that are drawn @param {number} first @param {number} top of what is in sight, px */
  #stopIn(rows, first, top) {
    const c = this.cursorAt, row = c ? this.map.rowOf(c.conn, c.dir, c.at) : -1;
    if (row >= first && row < first + rows.length) return c;
    const bytes = rows.filter((r) => r.line >= 0), r = bytes.find((x) => x.y >= top) ?? bytes[bytes.length - 1];
    return r ? { conn: r.block.conn, dir: r.block.dir, at: Math.max(r.offset, r.block.start) } : null;
  }

  /** @param {FocusEvent} e */
  #entered(e) {
    if (/** @type {HTMLElement} */ (e.target).tabIndex === 0 && this.stop && this.cursorAt !== this.stop) this.cursorAt = this.stop;
  }

  /** Left out of sight, a byte is no longer where Tab leads. */
  #left() {
    if (this.querySelector(".hex-away")) this.requestUpdate();
  }

  /** The byte that has the focus. @returns {HTMLElement | null} */
  #focused() {
    const e = /** @type {Document | ShadowRoot} */ (this.getRootNode()).activeElement;
    return e instanceof HTMLElement && e.classList.contains("hx") && this.contains(e) ? e : null;
  }

  #focusStop() {
    /** @type {HTMLElement | null} */ (this.querySelector(".hx[tabindex='0']"))?.focus({ preventScroll: true });
  }

  async focusCell() {
    await this.updateComplete;
    this.#focusStop();
  }
}
customElements.define("sw-hex", SwHex);

/** Sizes for a width: 16 a row where they fit, else 8. @param {number} width @returns {Geometry} */
function geometry(width) {
  const pad = width < 420 ? 10 : 16, off = 46;
  const perRow = width >= 524 ? 16 : 8;
  const free = width - 2 * pad - off;
  const gap = perRow > 8 ? 8 : 0;
  const unit = (free - gap - 12) / perRow;
  const hexW = Math.max(18, Math.min(26, Math.floor(unit * 0.68)));
  const ascW = Math.max(8.5, Math.min(11, Math.floor(unit - hexW)));
  const hexX = pad + off, ascX = hexX + perRow * hexW + gap + 12;
  return { perRow, hexW, ascW, hexX, ascX, gap };
}

/** Neighbouring ranges as one, so that an outline runs around all of a group. @param {Range[]} ranges @returns {Range[]} */
function merged(ranges) {
  /** @type {Range[]} */
  const out = [];
  for (const [s, e] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = out[out.length - 1];
    if (last && last[1] >= s) last[1] = Math.max(last[1], e);
    else out.push([s, e]);
  }
  return out;
}

/** A closed path around rows of a range: down the right edge, up the left. @param {{ y: number, l: number, r: number }[]} p */
function shape(p) {
  let d = "";
  /** Rows that do not touch are outlined apart. @type {{ y: number, l: number, r: number }[][]} */
  const runs = [[p[0]]];
  for (let i = 1; i < p.length; i++) {
    const a = p[i - 1], b = p[i];
    if (b.y - a.y > ROW || b.l > a.r || b.r < a.l) runs.push([b]);
    else runs[runs.length - 1].push(b);
  }
  for (const run of runs) {
    d += `M${run[0].l} ${run[0].y + 1}H${run[0].r}`;
    for (let i = 0; i < run.length; i++) {
      const last = i === run.length - 1;
      d += `V${run[i].y + (last ? ROW - 1 : ROW)}`;
      if (!last) d += `H${run[i + 1].r}`;
    }
    d += `H${run[run.length - 1].l}`;
    for (let i = run.length - 1; i >= 0; i--) {
      d += `V${run[i].y + (i === 0 ? 1 : 0)}`;
      if (i > 0) d += `H${run[i - 1].l}`;
    }
    d += "z";
  }
  return d;
}

/** Around bytes of one row, its corners rounded. @param {number} x @param {number} y @param {number} w */
const box = (x, y, w) => `M${x + 2} ${y}h${w - 4}q2 0 2 2v${ROW - 8}q0 2 -2 2h${4 - w}q-2 0 -2 -2v${8 - ROW}q0 -2 2 -2z`;

/** Under bytes of one row. @param {number} x @param {number} y @param {number} w */
const line = (x, y, w) => `M${x + 1} ${y}H${x + w - 1}`;

/** @param {number} x @param {number} y @param {number} w */
function wave(x, y, w) {
  let d = `M${x} ${y}`;
  for (let i = 0; i + 4 <= w; i += 4) d += `q1 -2.4 2 0t2 0`;
  return d;
}

/**
 * The bytes an error or a diagnostic of severity error points at; `ended`: nothing is wrong with them but that they were the last.
 * @param {View} view
 * @returns {{ conn: number, dir: Dir, start: number, end: number, ended?: boolean }[]}
 */
export function failingRanges(view) {
  /** @type {ReturnType<typeof failingRanges>} */
  const out = view.diagnostics.filter((d) => d.severity === "error" && d.end > d.start).map((d) => ({ conn: d.conn ?? 1, dir: d.dir, start: d.start, end: d.end }));
  const e = view.error;
  if (e && e.offset != null && e.offset >= 0) {
    const conn = view.step?.ret?.conn ?? view.conns.at(-1)?.conn ?? 1;
    const s = view.log.stream(conn, "received"), n = s.length(view.cursor);
    const leaf = s.leafAt(e.offset, view.cursor);
    if (leaf) out.push({ conn, dir: "received", start: leaf.start, end: leaf.end });
    // What no field was made of goes on to the end: a line that is too long.
    else if (e.offset < n) out.push({ conn, dir: "received", start: e.offset, end: n });
    else if (n > 0) out.push({ conn, dir: "received", start: n - 1, end: n, ended: true });
  }
  return out;
}

const hatches = svg`<defs>
  <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch-line" x1="0" y1="0" x2="0" y2="5"></line></pattern>
  <pattern id="cross" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="cross-line" d="M0 0V5M0 0H5"></path></pattern>
</defs>`;
