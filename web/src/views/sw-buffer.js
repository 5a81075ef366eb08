// @ts-check
/** What the client holds back: lines written by putrequest and putheader, unsent until endheaders. */
import { html, nothing } from "lit";
import { Element } from "./element.js";
import { latin1, sizeText } from "../model/bytes.js";
import { unrecordedText } from "../texts/left-out.js";

/** @import { View } from "../model/view.js" */

export class SwBuffer extends Element {
  static properties = { view: { attribute: false } };

  constructor() {
    super();
    /** @type {View} */
    this.view = /** @type {any} */ (null);
  }

  render() {
    const v = this.view, missing = v.bufferSize - v.buffer.reduce((n, item) => n + item.bytes.length, 0);
    if (!v.bufferSize) return html`<p class="empty">The client’s buffer is empty. Lines written by <code>putrequest()</code> and <code>putheader()</code> wait here, and <code>endheaders()</code> sends them all at once.</p>`;
    return html`<div class="buffer">
      <p class="hint"><b>${sizeText(v.bufferSize)} not sent yet.</b> The server has seen none of it; <code>endheaders()</code> sends it in one piece.</p>
      <ol class="buffer-lines">${v.buffer.flatMap((item) => lines(item.bytes)).map((l) => html`<li><span>${l.text}<span class="mark">${l.end}</span></span><span class="buffer-size">${l.size}</span></li>`)}</ol>
      ${!v.buffer.length ? html`<p class="hint">The bytes themselves were not recorded.</p>` : missing > 0 ? html`<p class="hint">${unrecordedText(missing)}</p>` : nothing}
    </div>`;
  }
}
customElements.define("sw-buffer", SwBuffer);

/** Lines with their endings named. @param {Uint8Array} b */
function lines(b) {
  const text = latin1(b);
  return (text.match(/[^\r\n]*(?:\r\n|\r|\n|$)/g) ?? []).filter((l) => l !== "").map((l) => {
    const end = /(\r\n|\r|\n)$/.exec(l)?.[0] ?? "";
    return { text: l.slice(0, l.length - end.length), end: end.replace("\r", " CR").replace("\n", " LF"), size: l.length };
  });
}
