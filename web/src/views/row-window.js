// @ts-check
/**
 * Long lists of rows of one height: only those in sight are on the page, and the
 * one that has the focus. Rows stand in a box as high as all of them.
 *
 * A row out of sight lends its element to one that comes into sight.
 *
 * Nothing here asks the browser for a layout of its own: what is measured is
 * measured after the frame's layout, when a ResizeObserver reports.
 */

import { Slots } from "./slots.js";

/** @import { ReactiveController, ReactiveControllerHost } from "lit" */

/** Rows drawn beyond those in sight, so that a scroll finds some. */
const SPARE = 3;

/** Rows that were last in sight of each list: one that comes back is drawn as it was. @type {Map<string, number>} */
const rooms = new Map();

/** @implements {ReactiveController} */
export class RowWindow {
  /**
   * @param {ReactiveControllerHost & HTMLElement} host
   * @param {{ box: string, height: number }} options the selector of the box; a row's height in px, until one is measured
   */
  constructor(host, { box, height }) {
    this.host = host;
    this.selector = box;
    this.height = height;
    this.count = 0;
    const room = rooms.get(box) ?? 28;
    /** Rows in sight when it was last looked. */
    this.seen = { first: 0, last: room };
    /** Rows drawn. */
    this.drawn = { first: 0, last: room + 2 * SPARE };
    this.slots = new Slots();
    /** What the rows drawn show, and with which element. @type {Map<number, { key: string | number, slot: number }>} */
    this.shown = new Map();
    /** A row to bring into sight, and where in the scroller; a share less than 0 is the nearest edge. @type {{ index: number, share: number } | null} */
    this.target = null;
    /** What scrolls the list. @type {HTMLElement | null} */
    this.scroller = null;
    /** The box that is observed. @type {HTMLElement | null} */
    this.box = null;
    this.looked = false;
    this.observer = new ResizeObserver(() => this.#settle());
    host.addController(this);
  }

  hostConnected() {
    // Whatever scrolls, the list may have moved.
    document.addEventListener("scroll", this.#look, { capture: true, passive: true });
    addEventListener("resize", this.#resized);
    this.observer.observe(this.host);
  }

  hostDisconnected() {
    document.removeEventListener("scroll", this.#look, { capture: true });
    removeEventListener("resize", this.#resized);
    this.observer.disconnect();
    this.box = null;
  }

  hostUpdated() {
    const box = /** @type {HTMLElement | null} */ (this.host.querySelector(this.selector));
    if (this.box !== box && this.box) this.observer.unobserve(this.box);
    this.box = box;
    if (!box) return;
    set(box, "height", this.count * this.height + "px");
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll(":scope > [data-row]"))) set(row, "top", Number(row.dataset.row) * this.height + "px");
    // Observed anew it reports once more, after this frame's layout; but not for what a report led to.
    if (this.looked) this.looked = false;
    else {
      this.observer.unobserve(box);
      this.observer.observe(box);
    }
  }

  /**
   * The rows to draw, of so many.
   * @param {number} count
   * @param {number} [keep] one that is drawn wherever it is
   * @param {(index: number) => string | number} [key] what a row shows, where its place alone does not say so
   * @returns {number[]}
   */
  rows(count, keep = -1, key = (i) => i) {
    this.count = count;
    const t = this.target, room = Math.max(1, this.seen.last - this.seen.first);
    if (t && (t.index < this.seen.first || t.index >= this.seen.last)) {
      const top = t.share >= 0 ? t.index - t.share * room : t.index < this.seen.first ? t.index : t.index - room;
      this.#draw(Math.floor(top), Math.ceil(top) + room);
    }
    const span = this.drawn.last - this.drawn.first, first = Math.max(0, Math.min(this.drawn.first, count - span)), last = Math.min(count, first + span);
    // At the end of the list there are more rows before the target than were asked for.
    this.drawn = { first, last: first + span };
    const out = [];
    if (keep >= 0 && keep < first) out.push(keep);
    for (let i = first; i < last; i++) out.push(i);
    if (keep >= last && keep < count) out.push(keep);
    const keys = out.map(key), slots = this.slots.assign(keys, this.#held());
    this.shown = new Map(out.map((i, n) => [i, { key: keys[n], slot: /** @type {number} */ (slots.get(keys[n])) }]));
    return out;
  }

  /** Which element a row is drawn with. @param {number} index */
  slot = (index) => this.shown.get(index)?.slot;

  /** What the row shows that has the focus. */
  #held() {
    const at = /** @type {Document | ShadowRoot} */ (this.host.getRootNode()).activeElement;
    const row = at && this.host.contains(at) ? /** @type {HTMLElement | null} */ (at.closest("[data-row]")) : null;
    return row ? this.shown.get(Number(row.dataset.row))?.key : undefined;
  }

  /** Shows a row with the next drawing, if it is out of sight. @param {number} index @param {number} [share] */
  aim(index, share = -1) { this.target = { index, share }; }

  /** Shows a row now. @param {number} index @param {number} [share] */
  reveal(index, share = -1) {
    this.aim(index, share);
    this.#settle();
  }

  /** Scrolls to the target, as far as needed. */
  #settle() {
    const t = this.target, box = this.box, scroller = this.#scroller();
    this.target = null;
    if (t && box && scroller) {
      const top = box.getBoundingClientRect().top - scroller.getBoundingClientRect().top - scroller.clientTop + scroller.scrollTop + t.index * this.height;
      const room = scroller.clientHeight;
      if (top < scroller.scrollTop || top + this.height > scroller.scrollTop + room) {
        scroller.scrollTop = t.share >= 0 ? top - t.share * room : top < scroller.scrollTop ? top : top + this.height - room;
      }
    }
    this.#look();
  }

  #scroller() {
    // The list may have been drawn anew, in another box.
    if (this.box && !this.scroller?.contains(this.box)) this.scroller = scrollerOf(this.box);
    return this.scroller;
  }

  #resized = () => {
    this.scroller = null;
    this.#look();
  };

  /** @param {number} first @param {number} last rows in sight */
  #draw(first, last) {
    this.drawn = { first: Math.max(0, first - SPARE), last: last + SPARE };
  }

  /** What of the box is in sight. */
  #look = () => {
    const box = this.box;
    if (!box?.isConnected) return;
    const height = /** @type {HTMLElement | null} */ (box.querySelector(":scope > [data-row]"))?.offsetHeight || this.height;
    const room = this.#scroller()?.getBoundingClientRect(), { top } = box.getBoundingClientRect();
    const first = Math.floor(Math.max(0, Math.max(0, room?.top ?? 0) - top) / height);
    const last = Math.ceil(Math.max(0, Math.min(innerHeight, room?.bottom ?? innerHeight) - top) / height);
    this.seen = { first, last };
    if (last > first) rooms.set(this.selector, last - first);
    if (height === this.height && first >= this.drawn.first && Math.min(last, this.count) <= this.drawn.last) return;
    this.height = height;
    this.#draw(first, last);
    this.looked = true;
    this.host.requestUpdate();
  };
}

/** Sizes go through the CSSOM: the page's policy refuses style attributes. @param {HTMLElement} e @param {"height" | "top"} property @param {string} value */
function set(e, property, value) {
  if (e.style[property] !== value) e.style[property] = value;
}

/** The nearest ancestor that scrolls upwards and downwards. @param {HTMLElement} e @returns {HTMLElement | null} */
function scrollerOf(e) {
  for (let p = e.parentElement; p; p = p.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(p).overflowY)) return p;
  }
  return null;
}
