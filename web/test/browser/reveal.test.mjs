// @ts-check
/** What was received while the bytes were out of sight is in sight when they are opened. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "./fixture.mjs";
import { PHONE, eventually, openPage } from "./page.mjs";

const { browser, server } = await start();

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
    await eventually(async () => {
      const box = await p.page.locator("sw-hex").boundingBox(), row = await head.boundingBox();
      assert.ok(box && row && row.y >= box.y - 1 && row.y + row.height <= box.y + box.height + 1, `the head of what was received is at ${row?.y}, the view at ${box?.y}`);
    });
    await p.close();
  });
}
