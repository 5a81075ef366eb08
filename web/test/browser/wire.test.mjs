// @ts-check
/** TLS records beside the plaintext, linked both ways. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clean } from "./axe.mjs";
import { has, keys, press, reach } from "./by-key.mjs";
import { start } from "./fixture.mjs";
import { PHONE, eventually, fits, openPage } from "./page.mjs";

const { browser, server } = await start();

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

/** @param {Opened} p */
const wire = (p) => p.page.getByRole("region", { name: "On the wire" });
/** @param {Opened} p */
const readout = (p) => p.page.getByRole("group", { name: "Selection" });

/** A demonstration over TLS, to its end, or another target of its server. @param {Opened} p @param {string} [target] */
async function secure(p, target = "") {
  await p.demo("fixed");
  if (target) await p.page.getByRole("textbox", { name: "Target" }).fill(target);
  await p.page.getByLabel("Scheme").selectOption("https");
  await p.hears("TLS is ready.");
  await p.page.keyboard.press("Control+Enter");
  await p.hears(/Step 5 of 5: read\. Idle\./);
}

/** How many records are listed. @param {Opened} p @param {number} records @param {string} of */
const listed = (p, records, of) => eventually(async () => assert.equal(await wire(p).getByRole("listitem").count(), records, of));

describe("the wire", () => {
  test("is offered where there was TLS, and shows the records of the step", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    assert.equal(await p.page.getByRole("button", { name: "Ciphertext" }).count(), 0);
    await secure(p);
    await p.page.getByRole("button", { name: "Ciphertext" }).click();
    await wire(p).getByText("This step sent and received nothing.").waitFor();
    for (const [step, records] of /** @type {const} */ ([[4, 1], [3, 1], [2, 0], [1, 9]])) {
      await p.page.keyboard.press("F9");
      await p.hears(`Recorded. Step ${step} of 5`);
      await listed(p, records, `records of step ${step}`);
    }
    await wire(p).getByText("client hello").waitFor();
    await wire(p).getByText("certificate, ").or(wire(p).getByText("certificate verify")).first().waitFor();
    await wire(p).getByRole("checkbox", { name: "every step" }).check();
    await listed(p, 9, "records that were still to come");
    await p.page.getByRole("slider", { name: "Timeline" }).fill("5");
    await p.hears("Step 5 of 5");
    await listed(p, 11, "records of all steps");
    await p.close();
  });

  test("a field marks its ciphertext, and ciphertext its field", async () => {
    const p = await openPage(browser, server.url);
    await secure(p);
    await p.page.getByRole("button", { name: "Ciphertext" }).click();
    // The plaintext that is selected is of an earlier step: its record comes with it.
    await p.page.getByRole("treeitem", { name: /^Host/ }).click();
    await readout(p).getByText("Host", { exact: true }).waitFor();
    const [start, end] = /bytes (\d+)–(\d+)/.exec((await readout(p).textContent()) ?? "")?.slice(1).map(Number) ?? [];
    const said = wire(p).getByText(/^The selection is in wire/), cells = wire(p).locator(".wx-on");
    await said.waitFor();
    const [from, to] = /wire (\d+)–(\d+)/.exec((await said.textContent()) ?? "")?.slice(1).map(Number) ?? [];
    assert.equal(to - from, end - start);
    await cells.nth(end - start).waitFor();
    const marked = await cells.allTextContents();
    assert.equal(marked.length, end - start + 1);
    // Ciphertext: none of it reads as the header does.
    assert.notEqual(Buffer.from(marked.join(""), "hex").toString("latin1").slice(0, 5), "Host:");
    await wire(p).getByRole("img", { name: new RegExp(`the selection is in bytes ${from}–${to}$`) }).waitFor();

    // Back from the third byte that is marked: it is the third letter of the name.
    await cells.nth(2).click();
    await readout(p).getByText(/Host › name/).waitFor();
    await p.page.getByRole("gridcell", { name: /, 73, s, .*Host/, selected: true }).waitFor();
    // A byte of the record's header carries nothing.
    await wire(p).locator(".wx-header").first().click();
    await readout(p).getByText(/Host › name/).waitFor();
    await p.close();
  });

  test("with the keyboard alone, a record selects its plaintext", async () => {
    const p = await openPage(browser, server.url);
    await secure(p);
    const toggle = p.page.getByRole("button", { name: "Ciphertext" });
    await toggle.focus();
    await p.page.keyboard.press("Enter");
    await has(p.page.getByRole("button", { name: "Ciphertext", pressed: true }));
    await press(p, wire(p).getByRole("checkbox", { name: "every step" }), "Space");
    // Past the buttons that show more of the handshake's records.
    await reach(p, wire(p).getByRole("button", { name: /^sent application data ?, record of \d+ bytes, carries 0–\d+: select the plaintext/ }));
    await keys(p, "Enter");
    await readout(p).getByText(/^bytes 0–\d+$/).waitFor();
    await p.page.getByRole("gridcell", { name: /^offset 0x0, 47, G/, selected: true }).waitFor();
    // The choice stays, from one visit to the next.
    await p.page.reload();
    await secure(p);
    await p.page.getByRole("button", { name: "Ciphertext", pressed: true }).waitFor();
    await p.close();
  });

  test("a long body lies in many records: those that carry the selection are found", async () => {
    const p = await openPage(browser, server.url);
    await secure(p, "/bytes?n=100000");
    await p.page.getByRole("button", { name: "Ciphertext" }).click();
    const grid = p.page.getByRole("grid", { name: "Bytes on the wire" });
    await reach(p, grid.locator(".hx[tabindex='0']"));
    await keys(p, "Control+End");
    await has(grid.getByRole("gridcell", { name: /^offset 0x18/ }));
    await keys(p, "Enter");
    await wire(p).getByText(/^The selection is in wire/).waitFor();
    await wire(p).getByRole("listitem").nth(1).waitFor();
    await wire(p).locator(".wx-on").first().waitFor();
    // Scrolling leaves the focus on its byte, and the keys go on from there.
    const focused = () => p.page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    const last = /^offset (0x18[0-9a-f]+),/.exec(await focused());
    assert.ok(last, await focused());
    await grid.hover();
    await p.page.mouse.wheel(0, -400_000);
    await grid.getByRole("gridcell", { name: /^offset 0x0, 47, G/ }).waitFor();
    assert.equal(/^offset (\w+),/.exec(await focused())?.[1], last[1]);
    await keys(p, "ArrowLeft");
    await p.page.waitForFunction((at) => document.activeElement?.getAttribute("aria-label")?.startsWith(`offset 0x${at},`), (Number(last[1]) - 1).toString(16));
    const more = wire(p).getByRole("button", { name: /^Show more of/ }).first(), rows = wire(p).locator("li").first().locator(".wire-row");
    const before = await rows.count();
    await more.click();
    await p.page.waitForFunction((n) => document.querySelectorAll("sw-wire li:first-child .wire-row").length > n, before);
    await p.close();
  });

  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`${colorScheme}: nothing for axe to find, on a desktop and on a phone`, async () => {
      for (const phone of [false, true]) {
        const p = await openPage(browser, server.url, { colorScheme, ...(phone ? { viewport: PHONE, hasTouch: true } : {}) });
        await secure(p);
        if (phone) await p.page.getByRole("tab", { name: "Bytes", exact: true }).tap();
        await p.page.getByRole("button", { name: "Ciphertext" }).click();
        await wire(p).getByRole("checkbox", { name: "every step" }).check();
        await wire(p).getByRole("button", { name: /^received application data/ }).click();
        await wire(p).getByText(/^The selection is in wire/).waitFor();
        await clean(p.page, phone ? "phone" : "desktop");
        await fits(p.page);
        await p.close();
      }
    });
  }
});
