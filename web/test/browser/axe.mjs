// @ts-check
/** What axe finds in the page as it stands. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @param {import("playwright-core").Page} page @param {string} where for the message */
export async function clean(page, where) {
  // The debugger's evaluation is outside the page's policy.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.flatMap((/** @type {any} */ v) => v.nodes.map((/** @type {any} */ n) => `${where}: ${v.id}: ${n.target.join(" ")}: ${n.failureSummary?.split("\n")[1]?.trim()}`));
  assert.deepEqual(found, []);
}
