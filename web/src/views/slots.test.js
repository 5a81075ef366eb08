// @ts-check
import { expect, test } from "vitest";
import { Slots } from "./slots.js";

/** The elements of these rows, in order. @param {Slots} slots @param {(string | number)[]} keys @param {string | number} [held] */
const assign = (slots, keys, held) => [...slots.assign(keys, held).values()];

test("a row keeps its element, and a new one takes that of a row that is gone", () => {
  const slots = new Slots();
  expect(assign(slots, [10, 11, 12])).toEqual([0, 1, 2]);
  // A row on: the first element shows the new last row.
  expect(assign(slots, [11, 12, 13])).toEqual([1, 2, 0]);
  expect(assign(slots, [11, 12, 13])).toEqual([1, 2, 0]);
});

test("of the elements that stay on the page none moves, and the others go from one end to the other", () => {
  const slots = new Slots();
  assign(slots, [1, 2, 3, 4, 5]);
  // As a list that swaps its ends while it compares them finds them: three elements are where they were.
  expect(assign(slots, [3, 4, 5, 6, 7])).toEqual([2, 3, 4, 1, 0]);
  expect(assign(slots, [1, 2, 3, 4, 5])).toEqual([0, 1, 2, 3, 4]);
});

test("rows that are all new stand in the elements as they are", () => {
  const slots = new Slots();
  assign(slots, [1, 2, 3]);
  assign(slots, [2, 3, 4]);
  expect(assign(slots, [70, 71, 72])).toEqual([1, 2, 0]);
});

test("more rows get more elements, fewer give them up", () => {
  const slots = new Slots();
  assign(slots, ["a", "b"]);
  expect(assign(slots, ["b", "c", "d"])).toEqual([1, 0, 2]);
  expect(assign(slots, ["d"])).toEqual([2]);
  // What was given up is off the page: it is not had again.
  expect(assign(slots, ["d", "e"])).toEqual([2, 3]);
});

test("the element that has the focus shows no other row", () => {
  const slots = new Slots();
  assign(slots, [1, 2, 3]);
  expect(assign(slots, [7, 8, 9], 2)).toEqual([0, 2, 3]);
});
