// @ts-check
/** What was received comes into sight: while the bytes were out of sight, or where there were none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "./fixture.mjs";
import { PHONE, eventually, openPage } from "./page.mjs";

/** @import { Locator, Page } from "playwright-core" */

const { browser, server } = await start();

/** Waits until a row of bytes is in sight, whole. @param {Page} page @param {Locator} row */
const seen = (page, row) => eventually(async () => {
  const box = await page.locator("sw-hex").boundingBox(), at = await row.boundingBox();
  assert.ok(box && at && at.y >= box.y - 1 && at.y + at.height <= box.y + box.height + 1, `the row is at ${at?.y}, the view at ${box?.y}, ${box?.height} high`);
});

for (const id of ["status-line", "chunked", "bytes"]) {
  test(`on a phone, after ${id}`, async () => {
    const p = await openPage(browser, server.url, { viewport: PHONE, hasTouch: true });
    await p.demo(id);
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/: read\. |raised/);
    await p.page.getByRole("tab", { name: "Bytes", exact: true }).tap();
    const head = p.page.getByRole("rowheader").filter({ hasText: "received" }).last();
    await head.waitFor();
    // What is drawn is where it was scrolled to: no row of it is missing at the upper edge.
    await p.page.waitForFunction(() => {
      const box = document.querySelector("sw-hex")?.getBoundingClientRect();
      return box?.height && document.elementFromPoint(box.left + 20, box.top + 6)?.closest(".hex-row, .hex-head");
    });
    await seen(p.page, head);
    await p.close();
  });
}

test("where there were no bytes, and no fields above them", async () => {
  const p = await openPage(browser, server.url, { viewport: { width: 1280, height: 560 } });
  await p.demo("chunked");
  await p.page.keyboard.press("Control+Enter");
  await p.hears("Step 5 of 5: read. Idle.");
  const timeline = p.page.getByRole("slider", { name: "Timeline" });
  await timeline.focus();
  await p.page.keyboard.press("Home");
  await p.page.getByRole("heading", { name: "How bytes are marked" }).waitFor();
  // All of them at once, in a view that is lower from then on.
  await p.page.keyboard.press("End");
  await p.hears("Step 5 of 5: read. Idle.");
  await seen(p.page, p.page.getByRole("gridcell", { name: /^offset 0x0, 48, H/ }));
  await p.close();
});
