// @ts-check
/** Accessible in every view, theme and size: axe finds nothing, and nothing is cut off. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { DESKTOP, PHONE, openPage } from "./page.mjs";
import { startServer } from "./server.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;

before(async () => {
  [browser, server] = await Promise.all([launch(), startServer()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What axe finds, as one line a fault. @param {import("playwright-core").Page} page @param {string} where */
async function clean(page, where) {
  // The debugger's evaluation is outside the page's policy.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.flatMap((/** @type {any} */ v) => v.nodes.map((/** @type {any} */ n) => `${where}: ${v.id}: ${n.target.join(" ")}: ${n.failureSummary?.split("\n")[1]?.trim()}`));
  assert.deepEqual(found, []);
}

/** @param {Awaited<ReturnType<typeof openPage>>} p */
async function noSideways(p) {
  const { scroll, client } = await p.page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
  assert.ok(scroll <= client, `the page is ${scroll - client}px wider than the window`);
}

/** Panes stand side by side or one below the other; the explanation alone may stick over them. @param {import("playwright-core").Page} page */
async function noOverlap(page) {
  /** @type {string[]} */
  const over = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".pane:not(.pane-explain)")].map((e) => ({ id: e.id, own: e.getBoundingClientRect(), inner: [...e.querySelectorAll("*")].filter((c) => !c.closest("sw-hex, sw-tree, .details-body, .sr-only, .pane-code")).map((c) => c.getBoundingClientRect().bottom) }));
    return boxes.filter((b) => b.id !== "pane-code" && Math.max(...b.inner) > b.own.bottom + 1).map((b) => `${b.id} runs ${Math.round(Math.max(...b.inner) - b.own.bottom)}px out of its place`);
  });
  assert.deepEqual(over, []);
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  describe(`axe, ${colorScheme}`, () => {
    test("desktop: start, each detail, an error, the keys", async () => {
      const p = await openPage(browser, server.url, { colorScheme });
      await clean(p.page, "start");
      await p.demo("chunked");
      await p.page.keyboard.press("F10");
      await p.page.keyboard.press("F10");
      await p.hears("Step 2 of 5: putrequest.");
      await clean(p.page, "buffer");
      await p.page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read. Idle.");
      for (const tab of ["Ladder", "Response", "Buffer", "Changes", "Compare"]) {
        await p.page.getByRole("tab", { name: new RegExp("^" + tab) }).click();
        await clean(p.page, tab);
      }
      await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
      await p.page.getByRole("group", { name: "Selection" }).getByText("Transfer-Encoding", { exact: true }).waitFor();
      await clean(p.page, "selection");
      await p.page.getByRole("button", { name: "getresponse", exact: true }).click();
      await p.hears("getresponse raised ResponseNotReady");
      await clean(p.page, "error");
      await p.page.getByRole("button", { name: "Keys" }).click();
      await p.page.getByRole("dialog", { name: "Keys" }).waitFor();
      await clean(p.page, "keys");
      await p.close();
    });

    test("phone: each pane", async () => {
      const p = await openPage(browser, server.url, { colorScheme, viewport: PHONE, hasTouch: true });
      await p.page.getByRole("button", { name: "Run all" }).click();
      await p.hears("Step 5 of 5: read. Idle.");
      for (const tab of ["Code", "State", "Bytes", "Explain"]) {
        await p.page.getByRole("tab", { name: tab, exact: true }).click();
        await clean(p.page, tab);
        await noSideways(p);
      }
      await p.close();
    });
  });
}

describe("sizes", () => {
  for (const [what, viewport] of /** @type {[string, { width: number, height: number }][]} */ ([
    ["320 px wide", { width: 320, height: 640 }],
    ["200 % zoom of a laptop", { width: 683, height: 384 }],
    ["a tablet", { width: 820, height: 1180 }],
    ["the narrowest desktop", { width: 1100, height: 800 }],
    ["a large desktop", { width: 2200, height: 1300 }],
  ])) {
    test(`${what}: nothing runs out sideways`, async () => {
      const p = await openPage(browser, server.url, { viewport });
      await p.demo("cookies").catch(() => {});
      await p.page.keyboard.press("Control+Enter");
      await p.hears("read. Idle.");
      await noSideways(p);
      if (viewport.width >= 760) await noOverlap(p.page);
      if (viewport.width < 760) {
        for (const tab of ["State", "Bytes", "Explain"]) {
          await p.page.getByRole("tab", { name: tab, exact: true }).click();
          await noSideways(p);
        }
      }
      await p.close();
    });
  }

  test("phone: eight bytes a row, the bar at the bottom, the panes by tabs", async () => {
    const p = await openPage(browser, server.url, { viewport: PHONE, hasTouch: true });
    await p.demo("fixed");
    const bar = await p.page.getByRole("group", { name: "Stepping" }).boundingBox();
    assert.ok(bar && bar.y > PHONE.height - 70, "the bar is at the bottom");
    const tabs = p.page.getByRole("tablist", { name: "Panes" });
    await tabs.getByRole("tab", { name: "Code" }).focus();
    await p.page.keyboard.press("ArrowRight");
    assert.equal(await tabs.getByRole("tab", { name: "State" }).getAttribute("aria-selected"), "true");
    for (const n of [1, 2, 3, 4, 5]) {
      await p.page.getByRole("button", { name: "Step", exact: true }).tap();
      await p.hears(`Step ${n} of 5`);
    }
    await p.page.getByText("5 of 5", { exact: true }).waitFor();
    await tabs.getByRole("tab", { name: "Bytes" }).tap();
    const row = p.page.getByRole("grid").getByRole("row").filter({ has: p.page.getByRole("gridcell") }).first();
    assert.equal(await row.getByRole("gridcell").count(), 8);
    await p.page.getByRole("gridcell", { name: /^offset 0x4, 2f, \/, target/ }).tap();
    await p.page.getByRole("group", { name: "Selection" }).getByText("request line › target").waitFor();
    await tabs.getByRole("tab", { name: "Explain" }).tap();
    await p.page.getByRole("heading", { name: /target/ }).waitFor();
    await p.close();
  });
});

describe("preferences", () => {
  test("the theme is chosen by hand and kept", async () => {
    const p = await openPage(browser, server.url, { colorScheme: "light" });
    const canvas = () => p.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await canvas();
    await p.page.getByRole("button", { name: "Theme: auto" }).click();
    await p.page.getByRole("button", { name: "Theme: light" }).click();
    await p.page.getByRole("button", { name: "Theme: dark" }).waitFor();
    assert.notEqual(await canvas(), light);
    await p.page.reload();
    await p.page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await p.close();
  });

  test("the bare key can be turned off", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByRole("button", { name: "Keys" }).click();
    await p.page.getByRole("checkbox").uncheck();
    await p.page.keyboard.press("Escape");
    await p.page.keyboard.press("?");
    await p.page.getByRole("button", { name: "Keys" }).focus();
    await p.page.keyboard.press("?");
    assert.equal(await p.page.getByRole("dialog", { name: "Keys" }).count(), 0);
    await p.close();
  });

  test("forced colours keep the current state and the selection apart", async () => {
    const p = await openPage(browser, server.url, { forcedColors: "active" });
    await p.page.keyboard.press("F10");
    await p.page.keyboard.press("F10");
    await p.hears("putrequest.");
    const fills = await p.page.evaluate(() => [".node-now rect", ".node:not(.node-now) rect"].map((s) => getComputedStyle(/** @type {any} */ (document.querySelector(s))).fill));
    assert.notEqual(fills[0], fills[1]);
    await p.close();
  });
});

describe("a large exchange", () => {
  test("1 MiB and more is drawn by its visible rows alone", async () => {
    const p = await openPage(browser, server.url, { viewport: DESKTOP });
    await p.demo("bytes");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    const grid = p.page.getByRole("grid", { name: "Bytes on the wire" });
    assert.ok(Number(await grid.getAttribute("aria-rowcount")) > 65_536);
    assert.ok((await grid.getByRole("row").count()) < 80);
    await grid.getByRole("gridcell", { name: /^offset 0x0, 47, G/ }).click();
    await p.page.keyboard.press("Control+End");
    await p.page.locator(":focus").filter({ hasText: /^[0-9a-f]{2}$/ }).waitFor();
    const last = await p.page.locator(":focus").getAttribute("aria-label");
    const at = Number(/offset (0x[0-9a-f]+)/.exec(last ?? "")?.[1]);
    assert.ok(at >= 1_048_576, `the last byte is at ${at}`);
    assert.ok((await grid.getByRole("row").count()) < 80);
    await p.close();
  });
});
