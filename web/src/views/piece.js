// @ts-check
/** A view that is drawn in a frame of its own once it shows another step: with all others together the frame would take as long as all of them. */
import { Element } from "./element.js";
import { nextFrame } from "../frames.js";

/** @import { View } from "../model/view.js" */

export class Piece extends Element {
  static properties = { view: { attribute: false } };

  constructor() {
    super();
    /** @type {View} */
    this.view = /** @type {any} */ (null);
    /** As last drawn. @type {View | null} */
    this.drawn = null;
  }

  async scheduleUpdate() {
    if (this.drawn && this.drawn !== this.view) await new Promise((/** @type {(drawing?: any) => void} */ r) => nextFrame(r));
    super.scheduleUpdate();
  }

  /** @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    this.drawn = this.view;
  }
}

/**
 * Says a text in a live region once what it is about is shown: pieces are drawn after the rest.
 * @param {Element} host whose pieces they are
 * @param {HTMLElement | null} region
 * @param {string} text
 */
export async function say(host, region, text) {
  for (const piece of /** @type {NodeListOf<Piece>} */ (host.querySelectorAll("sw-details, sw-bytes"))) await piece.updateComplete;
  if (region && region.textContent !== text) region.textContent = text;
}
