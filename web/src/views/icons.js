// @ts-check
/** The icons, drawn on a 16-unit grid in the current colour. */
import { svg, html } from "lit";

/** @param {import("lit").TemplateResult<2>} body @param {number} [size] */
const icon = (body, size = 16) => html`<svg width=${size} height=${size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${body}</svg>`;

export const stepBack = icon(svg`<path d="M11 3.5 5.5 8l5.5 4.5z" fill="currentColor"></path>`);
export const stepForward = icon(svg`<path d="M5 3.5 10.5 8 5 12.5z" fill="currentColor"></path>`);
export const runAll = icon(svg`<path d="M2.5 3.5 8 8l-5.5 4.5zM8.5 3.5 14 8l-5.5 4.5z" fill="currentColor"></path>`);
export const pause = icon(svg`<path d="M5 3.5v9M11 3.5v9" stroke-width="2.6"></path>`);
export const stop = icon(svg`<rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor"></rect>`);
export const plus = icon(svg`<path d="M8 3.5v9M3.5 8h9"></path>`);
export const cross = icon(svg`<path d="m4 4 8 8M12 4l-8 8"></path>`);
export const help = icon(svg`<circle cx="8" cy="8" r="6.2"></circle><path d="M6.2 6.4a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.6-.8 1.2M8 11.6v.1"></path>`);
export const sun = icon(svg`<circle cx="8" cy="8" r="2.8"></circle><path d="M8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M12.5 3.5l-.8.8M4.3 11.7l-.8.8"></path>`);
export const moon = icon(svg`<path d="M13.2 9.7A5.6 5.6 0 0 1 6.3 2.8a5.6 5.6 0 1 0 6.9 6.9z"></path>`);
export const auto = icon(svg`<circle cx="8" cy="8" r="6.2"></circle><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor"></path>`);
export const link = icon(svg`<path d="M6.6 9.4a2.7 2.7 0 0 0 3.8 0l2.3-2.3a2.7 2.7 0 0 0-3.8-3.8l-.9.9M9.4 6.6a2.7 2.7 0 0 0-3.8 0L3.3 8.9a2.7 2.7 0 0 0 3.8 3.8l.9-.9"></path>`);
export const save = icon(svg`<path d="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.8 12.2v1.3h10.4v-1.3"></path>`);
export const open = icon(svg`<path d="M2 12.8V3.6h4l1.4 1.7h5.4v1.9M2 12.8l2-5.6h10.4l-2 5.6z"></path>`);
export const warn = icon(svg`<path d="M8 2.2 14.4 13.4H1.6zM8 6.4v3.2M8 11.6v.1"></path>`);
export const twisty = icon(svg`<path d="m6 4 4 4-4 4"></path>`, 12);

/** The mark: two wires, one each way. */
export const mark = html`<svg width="26" height="26" viewBox="0 0 26 26" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="M3 17h5V9h6v0h8m-3.2-3.2L22 9l-3.2 3.2"></path><path class="wire-b" stroke="currentColor" d="M23 17h-9m3.2-3.2L14 17l3.2 3.2"></path></svg>`;
