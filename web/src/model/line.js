// @ts-check
/** The server in this page, and the line to it, which can be made faulty. */

/** @import { Faults } from "../types.d.ts" */

/** The name under which programs reach it. Names that end in test lead nowhere else (RFC 6761 §6.2). */
export const IN_PAGE = "in-page.test";

/** Whether a host, with a port or without, is the server in this page. @param {string} host */
export const isInPage = (host) => host.replace(/:\d*$/, "").toLowerCase() === IN_PAGE;

/** A line without faults. @type {Readonly<Faults>} */
export const NO_FAULTS = Object.freeze({ pieceSize: 0, pauseMs: 0, end: "", endAfter: 0, spoilSize: 0, spoilAt: 0 });

/** What each number may be; the client refuses others. @type {Record<"pieceSize" | "pauseMs" | "endAfter" | "spoilSize" | "spoilAt", number>} */
export const MOST = { pieceSize: 1 << 20, pauseMs: 60_000, endAfter: 2 ** 40, spoilSize: 2 ** 40, spoilAt: 2 ** 40 };

/**
 * What the client module is asked for.
 * @param {Faults} f
 * @returns {import("../../../wasm/js/index.d.ts").DemoPeer}
 */
export function peerOf(f) {
  return { demo: true, ...linkOf(f) };
}

/** What a link keeps of faults: those that there are. @param {Faults} f */
export function linkOf(f) {
  return {
    ...(f.pieceSize ? { pieceSize: f.pieceSize } : {}),
    ...(f.pauseMs ? { pauseMs: f.pauseMs } : {}),
    ...(f.end ? { [f.end === "cut" ? "cutAfter" : "resetAfter"]: f.endAfter } : {}),
    ...(f.spoilSize ? { spoilAt: f.spoilAt, spoilSize: f.spoilSize } : {}),
  };
}

/**
 * Faults as a link has them. A number that cannot be is an error.
 * @param {any} l
 * @returns {Faults}
 */
export function faultsOf(l) {
  /** @param {keyof typeof MOST} name @param {unknown} n */
  const number = (name, n) => {
    if (typeof n !== "number" || !Number.isInteger(n) || n < 0 || n > MOST[name]) throw new Error(`${name} must be a whole number up to ${MOST[name]}, not ${String(n).slice(0, 20)}`);
    return n;
  };
  if (!l) return { ...NO_FAULTS };
  const end = l.cutAfter != null ? "cut" : l.resetAfter != null ? "reset" : "";
  return {
    pieceSize: number("pieceSize", l.pieceSize ?? 0), pauseMs: number("pauseMs", l.pauseMs ?? 0),
    end, endAfter: number("endAfter", l.cutAfter ?? l.resetAfter ?? 0),
    spoilAt: number("spoilAt", l.spoilAt ?? 0), spoilSize: number("spoilSize", l.spoilSize ?? (l.spoilAt == null ? 0 : 1)),
  };
}

/** The faults in words, each a few; none: an empty list. @param {Faults} f @returns {string[]} */
export function faultWords(f) {
  const out = [];
  if (f.pieceSize) out.push(`pieces of ${f.pieceSize}`);
  if (f.pauseMs) out.push(`${f.pauseMs} ms each`);
  if (f.end) out.push(`${f.end} after ${f.endAfter}`);
  if (f.spoilSize) out.push(`${f.spoilSize} spoilt at ${f.spoilAt}`);
  return out;
}
