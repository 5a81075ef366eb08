// @ts-check
/** Accessible in every view, theme and size: axe finds nothing, and nothing is cut off. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { DESKTOP, PHONE, openPage } from "./page.mjs";
import { startServer } from "./server.mjs";
import { manyExchanges } from "../bench/recordings.mjs";

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

    for (const [device, options] of /** @type {const} */ ([["desktop", {}], ["phone", { viewport: PHONE, hasTouch: true }]])) {
      test(`${device}: sheets, code, bytes of one's own, the server in the page, TLS`, async () => {
        const p = await openPage(browser, server.url, { colorScheme, ...options });
        const show = (/** @type {string} */ pane) => (device === "phone" ? p.page.getByRole("tab", { name: pane, exact: true }).click() : undefined);
        const escape = () => p.page.keyboard.press("Escape");
        await p.page.getByRole("button", { name: "Open a file" }).click();
        await p.page.getByRole("dialog", { name: "Open" }).waitFor();
        await clean(p.page, "open");
        await escape();
        await p.page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "code" }).click();
        await p.page.getByRole("textbox", { name: "Program code" }).waitFor();
        await clean(p.page, "code");
        await p.page.getByRole("group", { name: "Write the program as" }).getByRole("button", { name: "bytes" }).click();
        await p.page.getByRole("region", { name: "Request" }).getByRole("textbox").nth(1).waitFor();
        await clean(p.page, "bytes of one's own");
        await noSideways(p);
        await p.page.getByRole("group", { name: "Write the program as" }).getByRole("button", { name: "step by step" }).click();
        await p.page.locator("summary").filter({ hasText: "Breakpoints" }).click();
        await p.page.getByLabel("Network").selectOption("page");
        await p.page.locator("summary").filter({ hasText: "Faults of the line" }).click();
        await clean(p.page, "the server in the page, breakpoints");
        await noSideways(p);
        await p.page.getByLabel("Network").selectOption("relay");
        await p.page.getByLabel("Scheme").selectOption("https");
        await p.hears("TLS is ready.");
        await p.page.keyboard.press("Control+Enter");
        await p.hears("read. Idle.");
        await show("State");
        await p.page.getByRole("tab", { name: "TLS" }).click();
        await clean(p.page, "TLS");
        await noSideways(p);
        await p.page.getByRole("button", { name: "Share" }).click();
        await p.page.getByRole("button", { name: "Copy link" }).and(p.page.locator(":enabled")).waitFor();
        await clean(p.page, "share");
        await escape();
        await p.page.getByRole("button", { name: "Open a file" }).click();
        await p.page.getByRole("textbox", { name: "Bytes or dump to decode" }).fill("HTTP/1.1 200 OK\nContent-Length: 2\nX-Odd : 1\n\nok");
        await p.page.getByRole("button", { name: "Decode" }).click();
        await p.hears(/Opened the bytes of a response/);
        await show("Explain");
        await clean(p.page, "decoded");
        await noSideways(p);
        await p.close();
      });
    }

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

  test("forced colours: axe finds nothing", async () => {
    const p = await openPage(browser, server.url, { forcedColors: "active" });
    await p.demo("chunked");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
    for (const tab of ["Ladder", "Response", "Changes"]) {
      await p.page.getByRole("tab", { name: new RegExp("^" + tab) }).click();
      await clean(p.page, tab);
    }
    await p.close();
  });

  test("reduced motion: nothing moves by itself", async () => {
    const p = await openPage(browser, server.url, { reducedMotion: "reduce" });
    await p.page.keyboard.press("Control+Enter");
    await p.hears("read. Idle.");
    const moving = await p.page.evaluate(() => [...document.querySelectorAll("*")].filter((e) => { const s = getComputedStyle(e); return s.transitionDuration.split(", ").some((d) => parseFloat(d) > 0) || s.animationName !== "none"; }).map((e) => e.tagName + "." + e.className));
    assert.deepEqual(moving, []);
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

describe("names for those who do not see the page", () => {
  test("tree, grid, diagram and live region", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    assert.match(await p.page.getByRole("tree", { name: "Fields" }).ariaSnapshot(), /treeitem "sent request bytes 0–\d+" \[expanded\] \[level=1\]/);
    assert.match(await p.page.getByRole("grid", { name: "Bytes on the wire" }).ariaSnapshot(), /gridcell "offset 0x10, 31, 1, version of request line"|gridcell "offset 0x0, 47, G, method of request line"/);
    await p.page.getByRole("group", { name: /^State diagram\. Now: Idle; response closed: Unread-response to Idle\.$/ }).waitFor();
    const live = p.page.getByRole("status").filter({ hasText: "Step 5 of 5" });
    assert.equal(await live.getAttribute("aria-live"), "polite");
    await p.close();
  });
});

describe("a long run", () => {
  test("10,000 events are stepped through with few elements on the page", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByRole("button", { name: "Open a file" }).click();
    await p.page.getByLabel(/File to open/).setInputFiles({ name: "long.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(manyExchanges(10_000))) });
    await p.hears(/^Opened a recording/);
    const count = () => p.page.evaluate(() => ({ all: document.querySelectorAll("*").length, fields: document.querySelectorAll("[role=treeitem]").length, lines: document.querySelectorAll(".program-lines > li").length }));
    for (const key of ["F9", "F9", "F9"]) {
      await p.page.keyboard.press(key);
      await p.hears(/^Recorded\. Step \d+ of \d+/);
      const { all, fields, lines } = await count();
      assert.ok(all < 6000 && fields < 150 && lines < 150, `${all} elements, ${fields} fields, ${lines} lines`);
    }
    // What is far away is reached all the same: by keys in the tree, and by the timeline.
    await p.page.getByRole("treeitem").first().focus();
    await p.page.keyboard.press("Home");
    await p.page.locator("[role=treeitem]:focus").filter({ hasText: "request 1" }).waitFor();
    await p.page.getByRole("slider", { name: "Timeline" }).press("Home");
    await p.hears("Recorded. Before the first call.");
    await p.page.getByRole("button", { name: /^Step 1 conn\.connect/ }).waitFor();
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
