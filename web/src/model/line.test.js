// @ts-check
import { expect, test } from "vitest";
import { IN_PAGE, NO_FAULTS, faultWords, faultsOf, isInPage, linkOf, peerOf } from "./line.js";

test("the server in the page is known by its name alone", () => {
  for (const host of [IN_PAGE, "IN-PAGE.test", "in-page.test:80"]) expect(isInPage(host), host).toBe(true);
  for (const host of ["", "in-page.test.example", "test", "127.0.0.1"]) expect(isInPage(host), host).toBe(false);
});

test("what the client is asked for", () => {
  expect(peerOf(NO_FAULTS)).toEqual({ demo: true });
  expect(peerOf({ pieceSize: 7, pauseMs: 20, end: "reset", endAfter: 0, spoilSize: 2, spoilAt: 0 })).toEqual({ demo: true, pieceSize: 7, pauseMs: 20, resetAfter: 0, spoilAt: 0, spoilSize: 2 });
});

test("a link carries faults and nothing that is none", () => {
  expect(linkOf({ ...NO_FAULTS, endAfter: 9, spoilAt: 9 })).toEqual({});
  for (const f of [NO_FAULTS, { ...NO_FAULTS, end: /** @type {const} */ ("cut"), endAfter: 12 }, { ...NO_FAULTS, pieceSize: 1, pauseMs: 5, spoilSize: 3, spoilAt: 4 }]) {
    expect(faultsOf(linkOf(f))).toEqual(f);
  }
  expect(faultsOf(undefined)).toEqual(NO_FAULTS);
  for (const l of [{ pieceSize: -1 }, { pauseMs: 60_001 }, { cutAfter: "9" }, { spoilAt: 1.5 }]) expect(() => faultsOf(l)).toThrow("must be a whole number up to");
});

test("in words", () => {
  expect(faultWords(NO_FAULTS)).toEqual([]);
  expect(faultWords({ pieceSize: 7, pauseMs: 20, end: "cut", endAfter: 0, spoilSize: 1, spoilAt: 3 })).toEqual(["pieces of 7", "20 ms each", "cut after 0", "1 spoilt at 3"]);
});
