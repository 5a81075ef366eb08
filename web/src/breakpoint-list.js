// @ts-check
/** The breakpoints that hold for every run, kept in this browser and in no link. */
import { MOST, checkBreakpoint, describe, sameBreakpoint } from "./model/breakpoints.js";
import { load, save } from "./preferences.js";

/** @import { Breakpoint } from "./model/breakpoints.js" */

export class BreakpointList {
  constructor() {
    /** @type {Breakpoint[]} */
    this.all = stored();
  }

  /** Adds one, or says why it cannot be. @param {any} given */
  add(given) {
    const b = checkBreakpoint(given);
    if (this.all.some((x) => sameBreakpoint(x, b))) throw new Error(`There is a breakpoint ${describe(b)} already.`);
    if (this.all.length >= MOST) throw new Error(`There are ${MOST} breakpoints; remove one first.`);
    this.#set([...this.all, b]);
    return b;
  }

  /** @param {Breakpoint} b @param {boolean} on */
  enable(b, on) {
    this.#set(this.all.map((x) => (x === b ? { ...x, on } : x)));
  }

  /** @param {Breakpoint} b */
  remove(b) {
    this.#set(this.all.filter((x) => x !== b));
  }

  /** @param {Breakpoint[]} all */
  #set(all) {
    this.all = all;
    save("breakpoints", JSON.stringify(all));
  }
}

/** @returns {Breakpoint[]} */
function stored() {
  try {
    const list = JSON.parse(load("breakpoints", "[]"));
    return Array.isArray(list) ? list.slice(0, MOST).flatMap((b) => { try { return [checkBreakpoint(b)]; } catch { return []; } }) : [];
  } catch {
    return [];
  }
}
