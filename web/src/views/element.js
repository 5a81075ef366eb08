// @ts-check
/** The base of all views: Lit in the light DOM, so that ARIA ids reach across views. */
import { LitElement } from "lit";

export class Element extends LitElement {
  createRenderRoot() {
    return this;
  }

  /** Drawing may take away what has the focus: whoever works with keys alone goes on from what stands in its place. @param {Map<PropertyKey, unknown>} changed */
  update(changed) {
    const at = /** @type {Document | ShadowRoot} */ (this.getRootNode()).activeElement, held = at instanceof HTMLElement && this.contains(at) ? at : null;
    super.update(changed);
    if (held && !held.isConnected) this.heir(held)?.focus({ preventScroll: true });
  }

  /** What has the focus after what had it is gone: what is around it, unless a view knows better. @param {HTMLElement} [_lost] @returns {HTMLElement | null} */
  heir(_lost) {
    return this.closest("[tabindex]");
  }
}
