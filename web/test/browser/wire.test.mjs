// @ts-check
/** TLS records beside the plaintext, linked both ways. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clean } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { PHONE, openPage } from "./page.mjs";

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
  await p.page.getByRole("button", { name: "Run all", disabled: false }).waitFor();
  await p.page.keyboard.press("Control+Enter");
  await p.hears(/Step 5 of 5: read\. Idle\./);
}

/** The hex that a row of the wire shows of its selected bytes, and where they are said to be. @param {Opened} p */
async function marked(p) {
  const cells = await wire(p).locator(".wx-on").allTextContents();
  const said = /wire (\d+)–(\d+)/.exec((await wire(p).getByText(/^The selection is in/).textContent()) ?? "");
  return { cells, from: Number(said?.[1]), to: Number(said?.[2]) };
}

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
      assert.equal(await wire(p).getByRole("listitem").count(), records, `records of step ${step}`);
    }
    await wire(p).getByText("client hello").waitFor();
    await wire(p).getByText("certificate, ").or(wire(p).getByText("certificate verify")).first().waitFor();
    await wire(p).getByRole("checkbox", { name: "every step" }).check();
    assert.equal(await wire(p).getByRole("listitem").count(), 9, "records that were still to come");
    await p.page.getByRole("slider", { name: "Timeline" }).fill("5");
    await p.hears("Step 5 of 5");
    assert.equal(await wire(p).getByRole("listitem").count(), 11);
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
    const host = await marked(p);
    assert.equal(host.to - host.from, end - start);
    assert.equal(host.cells.length, end - start + 1);
    // Ciphertext: none of it reads as the header does.
    assert.notEqual(Buffer.from(host.cells.join(""), "hex").toString("latin1").slice(0, 5), "Host:");
    await wire(p).getByRole("img", { name: new RegExp(`the selection is in bytes ${host.from}–${host.to}$`) }).waitFor();

    // Back from the third byte that is marked: it is the third letter of the name.
    await wire(p).locator(".wx-on").nth(2).click();
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
    await p.page.getByRole("button", { name: "Ciphertext", pressed: true }).waitFor();
    await wire(p).getByRole("checkbox", { name: "every step" }).focus();
    await p.page.keyboard.press("Space");
    // Past the buttons that show more of the handshake's records.
    const focused = () => p.page.evaluate(() => document.activeElement?.textContent ?? "");
    for (let i = 0; i < 12 && !(await focused()).includes("application data"); i++) await p.page.keyboard.press("Tab");
    assert.match(await focused(), /sent application data, record of \d+ bytes, carries 0–\d+: select the plaintext/);
    await p.page.keyboard.press("Enter");
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
    await grid.locator(".hx[tabindex='0']").focus();
    await p.page.keyboard.press("Control+End");
    await p.page.keyboard.press("Enter");
    const list = wire(p).getByRole("listitem");
    await wire(p).getByText(/^The selection is in wire/).waitFor();
    assert.ok(await list.count() > 1);
    await wire(p).locator(".wx-on").first().waitFor();
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
        const { scroll, client } = await p.page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
        assert.ok(scroll <= client, `the page is ${scroll - client}px wider than the window`);
        await p.close();
      }
    });
  }
});
