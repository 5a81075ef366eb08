// @ts-check
/** Lists in ascending order, searched by halves. */

/**
 * How many items of a list come before `x`.
 * @template T
 * @param {T[]} list ascending in what `of` gives
 * @param {number} x
 * @param {(item: T) => number} of
 */
export function countBelow(list, x, of) {
  let lo = 0, hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (of(list[mid]) < x) lo = mid + 1; else hi = mid;
  }
  return lo;
}

/** How many items a cursor has seen. @param {{ event: number }[]} list in the order of events @param {number} cursor */
export const countAt = (list, cursor) => countBelow(list, cursor, (item) => item.event);
