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

/** How much of each list was last in sight, px: one that comes back is drawn as it was. @type {Map<string, number>} */
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
    /** Where the box was in what scrolls it when it was last looked, px: what is above it and below, how much of it is out of sight at the top, and how much is in sight at once. */
    this.place = { above: 0, below: 0, top: 0, room: rooms.get(box) ?? 28 * height };
    /** Rows drawn. */
    this.drawn = { first: 0, last: 0 };
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
    /** The tree that the host is in. @type {Node | null} */
    this.root = null;
    this.observer = new ResizeObserver(() => this.#look());
    host.addController(this);
  }

  hostConnected() {
    // Whatever scrolls that the list is in; in a shadow tree that is heard there alone.
    this.root = this.host.getRootNode();
    this.root.addEventListener("scroll", this.#scrolled, { capture: true, passive: true });
    addEventListener("resize", this.#resized);
    this.observer.observe(this.host);
  }

  hostDisconnected() {
    this.root?.removeEventListener("scroll", this.#scrolled, { capture: true });
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
    // Where it will be scrolled to is known before it is drawn: it is drawn once.
    this.#draw(this.target ? this.#reach(this.target) : this.place.top);
    const span = this.drawn.last - this.drawn.first, first = Math.max(0, Math.min(this.drawn.first, count - span)), last = Math.min(count, first + span);
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
    this.#look();
  }

  /** Where the list stands once a row is in sight, scrolled no further than needed. @param {{ index: number, share: number }} target */
  #reach({ index, share }) {
    const { above, below, top, room } = this.place, y = index * this.height;
    if (y >= top && y + this.height <= top + room) return top;
    const to = share >= 0 ? y - share * room : y < top ? y : y + this.height - room;
    return Math.max(-above, Math.min(to, this.count * this.height + below - room));
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

  /** @param {Event} e */
  #scrolled = (e) => {
    if (this.box && /** @type {Node} */ (e.target).contains(this.box)) this.#look();
  };

  /** Takes other rows to be drawn, unless all those are drawn that are in sight from `top` on; whether it does. @param {number} top px */
  #draw(top) {
    const first = Math.max(0, Math.floor(top / this.height)), last = Math.ceil(Math.max(0, top + this.place.room) / this.height);
    if (first >= this.drawn.first && Math.min(last, this.count) <= this.drawn.last) return false;
    this.drawn = { first: Math.max(0, first - SPARE), last: last + SPARE };
    return true;
  }

  /** Looks what of the box is in sight, once the target is. */
  #look = () => {
    const { box, target } = this, scroller = this.#scroller();
    const room = scroller ? scroller.clientHeight : innerHeight;
    // A list that is hidden is looked at when it is shown.
    if (!box?.isConnected || !room) return;
    const height = /** @type {HTMLElement | null} */ (box.querySelector(":scope > [data-row]"))?.offsetHeight || this.height;
    if (height !== this.height) {
      // Laid out anew it is looked at anew: what is aimed at is aimed at then.
      this.height = height;
      this.host.requestUpdate();
      return;
    }
    const top = (scroller ? scroller.getBoundingClientRect().top + scroller.clientTop : 0) - box.getBoundingClientRect().top;
    const above = (scroller?.scrollTop ?? 0) - top;
    this.place = { above, below: (scroller?.scrollHeight ?? 0) - above - box.offsetHeight, top, room };
    this.target = null;
    const to = target && scroller ? this.#reach(target) : top;
    if (scroller && to !== top) {
      scroller.scrollTop = to + above;
      this.place.top = scroller.scrollTop - above;
    }
    rooms.set(this.selector, room);
    if (!this.#draw(this.place.top)) return;
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
