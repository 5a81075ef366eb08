// @ts-check
/** The page as a person meets it: found by role and name. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { slowDown } from "./slow.mjs";

/** @import { Browser, BrowserContextOptions, Locator, Page } from "playwright-core" */

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
/** What a test is done on that must hold for both. @type {[string, BrowserContextOptions][]} */
export const DEVICES = [["desktop", {}], ["phone", { viewport: PHONE, hasTouch: true }]];

/**
 * Opens the page, ready to call. No copy is kept for offline use: that is 26 MB, for each page that a test opens. Any uncaught error or refused resource fails the test at close().
 * @param {Browser} browser
 * @param {string} url
 * @param {BrowserContextOptions & { before?: (page: Page) => Promise<unknown>, expectReady?: boolean, tolerate?: RegExp }} [options]
 */
export async function openPage(browser, url, { before, expectReady = true, tolerate, ...options } = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", serviceWorkers: "block", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  /** @type {string[]} */
  const faults = [];
  page.on("pageerror", (e) => faults.push(String(e)));
  page.on("console", (m) => { if (m.type() === "error" && !tolerate?.test(m.text())) faults.push(m.text()); });
  await slowDown(page);
  await before?.(page);
  await page.goto(url);
  if (expectReady) await page.getByText("The client is ready.").waitFor({ state: "attached" });
  return {
    page,
    /** What the live region says now. */
    said: () => page.getByRole("status").textContent(),
    /** Waits until the live region says so. @param {string | RegExp} text */
    hears: (text) => page.getByRole("status").filter({ hasText: text }).waitFor({ state: "attached" }),
    /** Where panes come by tabs, opens one; elsewhere all are there. @param {"Code" | "State" | "Bytes" | "Explain"} pane */
    show: async (pane) => {
      if (options.hasTouch) await page.getByRole("tablist", { name: "Panes" }).getByRole("tab", { name: pane }).tap();
    },
    /** By finger or by mouse. @param {Locator} what */
    press: (what) => (options.hasTouch ? what.tap() : what.click()),
    /** @param {string} id */
    demo: (id) => page.getByLabel("Demonstration").selectOption(id),
    async close() {
      await context.close();
      assert.deepEqual(faults, [], "the page reported errors");
    },
  };
}

/** Asks again until an assertion holds: the page shows the effect of a click a frame later, or some. @param {() => Promise<unknown>} assertion */
export async function eventually(assertion) {
  for (const end = Date.now() + 15_000; ;) {
    try {
      await assertion();
      return;
    } catch (e) {
      if (Date.now() > end) throw e;
      await pause(20);
    }
  }
}

/** The text of all matches, trimmed. @param {import("playwright-core").Locator} locator */
export async function texts(locator) {
  return (await locator.allTextContents()).map((t) => t.replace(/\s+/g, " ").trim());
}

/** Waits until nothing hides the middle of an element, and it is in the window. @param {Locator} what */
export async function inSight(what) {
  await what.page().waitForFunction((e) => {
    const { left, top, width, height } = /** @type {Element} */ (e).getBoundingClientRect();
    const at = /** @type {Document | ShadowRoot} */ (/** @type {Element} */ (e).getRootNode()).elementFromPoint(left + width / 2, top + height / 2);
    return at !== null && (/** @type {Element} */ (e).contains(at) || at.contains(/** @type {Element} */ (e)));
  }, await what.elementHandle());
}
