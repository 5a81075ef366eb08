// @ts-check
/** How a remark on bytes is headed. No call failed for it: where one did, the exception says so. */

/** @import { DiagnosticEvent } from "../types.d.ts" */

/** @param {Pick<DiagnosticEvent, "severity" | "dir">} d */
export const remarkWord = ({ severity, dir }) => (severity === "error" ? "Not valid" : severity === "note" ? "Note" : dir === "sent" ? "Warning" : "Lenient");
