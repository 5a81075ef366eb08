// @ts-check
/**
 * Which of the elements already drawn shows which row. A row keeps its element for as
 * long as it is drawn; an element whose row is gone shows a new row, instead of being
 * removed for another one that is built, styled and laid out from nothing.
 */

export class Slots {
  constructor() {
    /** The elements by what they show, in the order in which they stand. @type {Map<string | number, number>} */
    this.taken = new Map();
    this.made = 0;
  }

  /**
   * An element, as a number, for each row. @template {string | number} K
   * @param {K[]} keys the rows to draw, each once, in order
   * @param {K} [held] a row whose element shows no other: it has the focus
   * @returns {Map<K, number>}
   */
  assign(keys, held) {
    const wanted = new Set(/** @type {(string | number)[]} */ (keys));
    const free = [...this.taken].filter(([key]) => !wanted.has(key) && key !== held).map(([, slot]) => slot);
    // Given out from the front, elements that are all given new rows stay where they are; where some
    // keep theirs, the others go one by one from one end to the other, and those that stay do not move.
    if (keys.some((key) => this.taken.has(key))) free.reverse();
    let next = 0;
    /** @type {Map<K, number>} */
    const out = new Map();
    for (const key of keys) out.set(key, this.taken.get(key) ?? free[next++] ?? this.made++);
    this.taken = out;
    return out;
  }
}
