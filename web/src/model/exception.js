// @ts-check
/** What was thrown, as the views show exceptions. */

/** @import { ErrorView } from "../types.d.ts" */

/**
 * Any thrown value as an exception view.
 * @param {any} e
 * @param {string} party whose fault it is when the value does not say
 * @returns {ErrorView}
 */
export function errorView(e, party) {
  return { name: e?.name ?? "Error", bases: e?.bases ?? [], message: String(e?.message ?? e), party: e?.party ?? party };
}
