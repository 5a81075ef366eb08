// @ts-check
/** What the marks on the bytes mean: shown where there are no bytes yet, and with the keys. */
import { html } from "lit";

/** A mark, by class; a byte that may have it; what it says. @type {[marks: string[], byte: string, text: string][]} */
const MARKS = [
  [["control"], "47", "method, version, status code"],
  [["name"], "48", "name of a field"],
  [["plain"], "6f", "target, value or body"],
  [["framing"], "0d", "framing: line ends, blanks, colons"],
  [["size"], "2f", "size of a chunk"],
  [["lost"], "58", "dropped by the client"],
  [["bad"], "78", "what failed or is not valid"],
  [["sent", "received"], "32", "selected, sent → or received ←"],
  [["parent"], "3a", "what the selected part belongs to"],
];

export function legend() {
  return html`<dl class="legend">${MARKS.map(([marks, byte, text]) => html`<div><dt aria-hidden="true">${marks.map((m) => html`<span class="key-${m}">${byte}</span>`)}</dt><dd>${text}</dd></div>`)}</dl>`;
}
