// @ts-check
/** The base of all views: Lit in the light DOM, so that ARIA ids reach across views. */
import { LitElement } from "lit";

export class Element extends LitElement {
  createRenderRoot() {
    return this;
  }
}
