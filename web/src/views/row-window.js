// @ts-check
/**
 * Long lists of rows of one height: only those in the window are on the page, and
 * the one that has the focus. Rows stand in a box as high as all of them.
 */

/** @import { ReactiveController, ReactiveControllerHost } from "lit" */

/** Rows drawn beyond those in sight, so that a scroll finds some. */
const SPARE = 12;

/** @implements {ReactiveController} */
export class RowWindow {
  /**
   * @param {ReactiveControllerHost & HTMLElement} host
   * @param {{ box: string, height: number }} options the selector of the box; a row's height in px, until one is measured
   */
  constructor(host, { box, height }) {
    this.host = host;
    this.box = box;
    this.height = height;
    this.first = 0;
    this.last = 60;
    this.count = 0;
    this.pending = 0;
    this.observer = new ResizeObserver(() => this.#look());
    host.addController(this);
  }

  hostConnected() {
    // Whatever scrolls, the list may have moved.
    document.addEventListener("scroll", this.#look, { capture: true, passive: true });
    addEventListener("resize", this.#look);
    this.observer.observe(this.host);
  }

  hostDisconnected() {
    document.removeEventListener("scroll", this.#look, { capture: true });
    removeEventListener("resize", this.#look);
    this.observer.disconnect();
    cancelAnimationFrame(this.pending);
  }

  hostUpdated() {
    const box = this.#box();
    if (!box) return;
    box.style.height = this.count * this.height + "px";
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll(":scope > [data-row]"))) row.style.top = Number(row.dataset.row) * this.height + "px";
    // What stands above may have changed its height in the same frame.
    cancelAnimationFrame(this.pending);
    this.pending = requestAnimationFrame(this.#look);
  }

  /** The rows to draw, of so many. @param {number} count @param {number} [keep] one that is drawn wherever it is @returns {number[]} */
  rows(count, keep = -1) {
    this.count = count;
    const span = this.last - this.first, first = Math.max(0, Math.min(this.first, count - span)), last = Math.min(count, first + span);
    const out = [];
    if (keep >= 0 && keep < first) out.push(keep);
    for (let i = first; i < last; i++) out.push(i);
    if (keep >= last && keep < count) out.push(keep);
    return out;
  }

  /** Scrolls the list's scroller as far as needed to show a row. @param {number} index @param {number} [share] where in the scroller it comes to stand when it was out of sight; less than 0: the nearest edge */
  reveal(index, share = -1) {
    const box = this.#box(), scroller = box && scrollerOf(box);
    if (!box || !scroller) return;
    const top = box.getBoundingClientRect().top - scroller.getBoundingClientRect().top - scroller.clientTop + scroller.scrollTop + index * this.height;
    const room = scroller.clientHeight;
    if (top >= scroller.scrollTop && top + this.height <= scroller.scrollTop + room) return;
    scroller.scrollTop = share >= 0 ? top - share * room : top < scroller.scrollTop ? top : top + this.height - room;
    this.#look();
  }

  #box() { return /** @type {HTMLElement | null} */ (this.host.querySelector(this.box)); }

  /** What of the box is in the window. */
  #look = () => {
    const box = this.#box();
    if (!box) return;
    const row = /** @type {HTMLElement | null} */ (box.querySelector(":scope > [data-row]"));
    const height = row?.offsetHeight || this.height;
    const { top, bottom } = box.getBoundingClientRect();
    const first = Math.max(0, Math.floor((Math.max(0, top * -1)) / height) - SPARE);
    const last = Math.ceil(Math.max(0, Math.min(bottom, innerHeight) - top) / height) + SPARE;
    // A few rows more or less are no reason to draw anew.
    const near = first >= this.first && last <= this.last && last - first >= this.last - this.first - 2 * SPARE;
    if (height === this.height && near) return;
    Object.assign(this, { height, first: Math.max(0, first - SPARE), last: last + SPARE });
    this.host.requestUpdate();
  };
}

/** The nearest ancestor that scrolls upwards and downwards. @param {HTMLElement} e @returns {HTMLElement | null} */
function scrollerOf(e) {
  for (let p = e.parentElement; p; p = p.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(p).overflowY)) return p;
  }
  return null;
}
