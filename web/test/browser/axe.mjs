// @ts-check
/** What axe finds in the page as it stands. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is another in another theme. */
export const COLOURS = ["color-contrast", "link-in-text-block"];

/** In light with every rule, in dark with those of colours; in its frames, too. @param {import("playwright-core").Page} page @param {string} where */
export async function cleanInBoth(page, where) {
  for (const [colorScheme, rules] of /** @type {["light" | "dark", string[] | undefined][]} */ ([["light", undefined], ["dark", COLOURS]])) {
    await page.emulateMedia({ colorScheme });
    for (const frame of page.frames()) await clean(frame, `${where}, ${colorScheme}`, rules);
  }
}

/**
 * @param {import("playwright-core").Page | import("playwright-core").Frame} page @param {string} where for the message
 * @param {string[]} [rules] all of them, unless some are named
 */
export async function clean(page, where, rules) {
  // The debugger's evaluation is outside the page's policy.
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe);
  const { violations } = await page.evaluate((rules) => /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"], ...(rules ? { runOnly: rules } : {}) }), rules);
  const found = violations.flatMap((/** @type {any} */ v) => v.nodes.map((/** @type {any} */ n) => `${where}: ${v.id}: ${n.target.join(" ")}: ${n.failureSummary?.split("\n")[1]?.trim()}`));
  assert.deepEqual(found, []);
}
