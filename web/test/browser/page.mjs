// @ts-check
/** The page as a person meets it: found by role and name. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { PATIENCE, slowDown } from "./slow.mjs";

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
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on("pageerror", (e) => faults.push(String(e)));
  page.on("console", (m) => { if (m.type() === "error" && !tolerate?.test(m.text())) faults.push(m.text()); });
  await slowDown(page);
  await page.addInitScript(listen);
  await before?.(page);
  await page.goto(url);
  if (expectReady) await ready(page);
  return {
    page,
    /** Waits until a live region says so, or has since the last key, click or entry. @param {string | RegExp} text */
    hears: (text) => hears(page, text),
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

/** Waits until a program can be run: the client is there, and what is composed as well. @param {Page} page */
export async function ready(page) {
  await page.getByRole("button", { name: /^Run (all|again)$/, disabled: false }).waitFor();
  await page.getByLabel("Demonstration").locator("option", { hasText: "Loading…" }).waitFor({ state: "detached" });
}

/** In the page: keeps what its live regions say, as the next announcement may follow at once. What somebody does begins it anew. */
function listen() {
  /** @type {string[]} */
  const heard = [];
  Object.assign(globalThis, { heard });
  for (const event of ["keydown", "pointerdown", "input", "drop"]) addEventListener(event, () => { heard.length = 0; }, true);
  new MutationObserver((records) => {
    for (const { target } of records) {
      const region = (target instanceof Element ? target : target.parentElement)?.closest("[role=status]");
      if (region) heard.push(region.textContent ?? "");
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

/** @param {Page} page @param {string | RegExp} text */
async function hears(page, text) {
  const spoken = page.waitForFunction((wanted) => {
    const now = [...document.querySelectorAll("[role=status]")].filter((e) => e.checkVisibility()).map((e) => e.textContent ?? "");
    const said = [...now, .../** @type {{ heard: string[] }} */ (/** @type {unknown} */ (globalThis)).heard].map((s) => s.replace(/\s+/g, " ").trim());
    return said.some((s) => (typeof wanted === "string" ? s.toLowerCase().includes(wanted.toLowerCase()) : wanted.test(s)));
  }, text);
  await spoken.catch(async (e) => {
    throw new Error(`${text} was not heard, but ${JSON.stringify(await page.getByRole("status").allTextContents())}`, { cause: e });
  });
}

/** Asks again until an assertion holds: the page shows the effect of a click a frame later, or some. @param {() => Promise<unknown>} assertion */
export async function eventually(assertion) {
  for (const end = Date.now() + PATIENCE; ;) {
    try {
      await assertion();
      return;
    } catch (e) {
      if (Date.now() > end) throw e;
      await pause(20);
    }
  }
}

/** Waits until a field or a choice holds a value. @param {Locator} field @param {string} value */
export function holds(field, value) {
  return eventually(async () => assert.equal(await field.inputValue(), value));
}

/** Waits until the page has drawn what follows from what happened to it: a report of its layout, too. @param {Page} page */
export const drawn = (page) => page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));

/** Waits until nothing makes the page wider than the window. @param {Page} page */
export function fits(page) {
  return eventually(async () => {
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `the page is ${over}px wider than the window`);
  });
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
