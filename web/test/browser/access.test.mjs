// @ts-check
/** Accessible in every view, theme and size: axe finds nothing, and nothing is cut off. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { COLOURS, clean } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { DESKTOP, DEVICES, PHONE, drawn, eventually, inSight, openPage } from "./page.mjs";
import { manyExchanges } from "../bench/recordings.mjs";

const { browser, server } = await start();

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

/** Nothing makes the page wider than the window, and no control reaches out of it. @param {Opened} p @param {string} [where] */
const noSideways = (p, where = "the page") => eventually(async () => {
  const { over, out, cut } = await p.page.evaluate(() => ({
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    // What scrolls by itself may hold more than it shows.
    out: [...document.querySelectorAll("button, input, select, textarea, summary, a[href], stepwire-player")].flatMap((e) => [e, ...(e.shadowRoot?.querySelectorAll("button, input, select, .badge") ?? [])])
      .filter((e) => e.checkVisibility() && !e.closest(".tabs, sw-editor, sw-hex, .sr-only") && e.getBoundingClientRect().right > innerWidth + 1).map((e) => `${e.tagName} ${e.getAttribute("aria-label") ?? e.textContent?.trim().slice(0, 30)}`),
    // Words of a choice stand whole, on one line.
    cut: [...document.querySelectorAll(".segmented button")].filter((e) => {
      const words = document.createRange(), group = /** @type {Element} */ (e.parentElement).getBoundingClientRect();
      words.selectNodeContents(e);
      return e.checkVisibility() && (new Set([...words.getClientRects()].map((r) => r.top)).size > 1 || words.getBoundingClientRect().right > group.right);
    }).map((e) => e.textContent),
  }));
  assert.ok(over <= 0, `${where} is ${over}px wider than the window`);
  assert.deepEqual(out, [], `${where} has controls outside the window`);
  assert.deepEqual(cut, [], `${where} has choices that are cut off or broken`);
});

/** Nothing moves by itself for those who ask for that. @param {Opened} p @param {string} where */
async function still(p, where) {
  const moving = await p.page.evaluate(() => [...document.querySelectorAll("*")].filter((e) => { const s = getComputedStyle(e); return s.transitionDuration.split(", ").some((d) => parseFloat(d) > 0) || s.animationName !== "none"; }).map((e) => `${e.tagName}.${e.className}`));
  assert.deepEqual(moving, [], where);
}

/** Panes stand side by side or one below the other; the explanation alone may stick over them. @param {import("playwright-core").Page} page */
const noOverlap = (page) => eventually(async () => {
  /** @type {string[]} */
  const over = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".pane:not(.pane-explain)")].map((e) => ({ id: e.id, own: e.getBoundingClientRect(), inner: [...e.querySelectorAll("*")].filter((c) => !c.closest("sw-hex, sw-tree, .details-body, .sr-only, .pane-code")).map((c) => c.getBoundingClientRect().bottom) }));
    return boxes.filter((b) => b.id !== "pane-code" && Math.max(...b.inner) > b.own.bottom + 1).map((b) => `${b.id} runs ${Math.round(Math.max(...b.inner) - b.own.bottom)}px out of its place`);
  });
  assert.deepEqual(over, []);
});

/**
 * Goes through every view, and calls `see` in each.
 * @param {Opened} p @param {(where: string) => Promise<void>} see
 */
async function tour(p, see) {
  const { page } = p, tabs = page.getByRole("tablist", { name: "Panes" }), narrow = await tabs.isVisible();
  const open = async (/** @type {import("playwright-core").Locator | import("playwright-core").Page} */ among, /** @type {string} */ name) => {
    await among.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
    await among.getByRole("tab", { name: new RegExp(`^${name}`), selected: true }).waitFor();
  };
  const show = async (/** @type {string} */ pane) => { if (narrow) await open(tabs, pane); };
  const detail = async (/** @type {string} */ name) => { await show("State"); await open(page, name); };
  const style = (/** @type {string} */ name) => page.getByRole("group", { name: "Write the program as" }).getByRole("button", { name }).click();
  const run = async (/** @type {RegExp} */ end) => { await page.keyboard.press("Control+Enter"); await p.hears(end); };

  await see("start");
  await p.demo("chunked");
  await page.keyboard.press("F10");
  await page.keyboard.press("F10");
  await p.hears("Step 2 of 5: putrequest.");
  await detail("Buffer");
  await see("buffer");
  await run(/^Step 5 of 5: read\. Idle/);
  for (const name of ["Ladder", "Response", "Changes", "Compare"]) {
    await detail(name);
    await see(name);
  }
  await show("Bytes");
  await page.getByRole("treeitem", { name: /^status line/ }).click();
  await page.getByRole("group", { name: "Selection" }).getByText("status line", { exact: true }).waitFor();
  await see("a selection in the bytes");
  await show("Explain");
  await see("a selection explained");
  await show("Code");
  await page.getByRole("button", { name: "getresponse", exact: true }).click();
  await p.hears("getresponse raised ResponseNotReady");
  await see("a call that is not legal");

  await p.demo("chunk-size");
  await run(/raised IncompleteRead/);
  await show("Explain");
  await see("an error");
  await detail("Compare");
  await page.getByText(/fields differ\.$/).waitFor();
  await see("two runs");

  await show("Code");
  await page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "code" }).click();
  await page.getByRole("textbox", { name: "Program code" }).waitFor();
  await see("code");
  await page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "steps" }).click();
  await style("bytes");
  const bytes = page.getByRole("textbox", { name: "Bytes to send", exact: true });
  await bytes.fill("G{T / HTTP/1.1\\n\\q");
  await page.getByRole("alert").waitFor();
  await see("bytes of one's own, wrong");
  await bytes.fill("G{T / HTTP/1.1\\n");
  await page.getByRole("region", { name: "Remarks on the bytes" }).getByText("bare LF").waitFor();
  await see("bytes of one's own");
  await style("step by step");

  await page.locator("summary").filter({ hasText: "Breakpoints" }).click();
  await page.getByLabel("Network").selectOption("page");
  await page.locator("summary").filter({ hasText: "Faults of the line" }).click();
  await page.getByLabel("Bytes in a piece").fill("x");
  await page.getByRole("alert").waitFor();
  await see("the server in the page, breakpoints");
  await page.getByLabel("Network").selectOption("relay");
  await page.getByLabel("Scheme").selectOption("https");
  await p.hears("TLS is ready.");
  await page.getByLabel(/^Keep the keys/).first().check();
  await p.demo("fixed");
  await run(/read\. Idle/);
  await detail("TLS");
  await see("TLS");
  await show("Bytes");
  await page.getByRole("button", { name: "Ciphertext" }).click();
  await page.getByRole("region", { name: "On the wire" }).waitFor();
  await see("ciphertext beside plaintext");

  await page.getByRole("button", { name: "Share" }).click();
  const share = page.getByRole("dialog", { name: "Share" });
  await share.getByRole("button", { name: "Copy link", disabled: false }).waitFor();
  await share.getByRole("radio", { name: /^Key log/ }).check();
  await share.getByRole("button", { name: "Save file" }).click();
  await share.getByRole("alert").waitFor();
  await see("share");
  const link = await share.getByRole("textbox", { name: "Link" }).inputValue();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Keys" }).click();
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await see("keys");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Open a file" }).click();
  const text = page.getByRole("textbox", { name: "Bytes or dump to decode" }), decode = page.getByRole("button", { name: "Decode" });
  await text.fill("What is this?");
  await decode.click();
  await page.getByRole("dialog", { name: "Open" }).getByRole("alert").waitFor();
  await see("open");
  await text.fill("HTTP/1.1 200 OK\nContent-Length: 2\nX-Odd : 1\n\nok");
  await decode.click();
  await p.hears(/^Opened the bytes of a response/);
  await show("Explain");
  await see("decoded");

  await page.goto(new URL("example/", server.url).href);
  await page.getByRole("slider", { name: "Timeline" }).first().waitFor();
  await see("a recording in another page");
  await page.goto(link);
  await page.getByRole("group", { name: "Opened link" }).waitFor();
  await see("an opened link");
}

/** Another theme has other colours, and nothing else. @type {[theme: string, media: Parameters<import("playwright-core").Page["emulateMedia"]>[0], rules: string[] | undefined][]} */
const THEMES = [
  ["light", { colorScheme: "light", forcedColors: "none" }, undefined],
  ["dark", { colorScheme: "dark", forcedColors: "none" }, COLOURS],
  ["forced colours", { colorScheme: "dark", forcedColors: "active" }, COLOURS],
];

/** Where a phone shows what no desktop does: its tabs, a mark on one of them, its bar. The rest has the same colours on both. */
const OF_A_PHONE = new Set(["start", "an error"]);
/** Where a page of one pane may be looked at, besides a phone. @type {[what: string, viewport: { width: number, height: number }][]} */
const NARROW = [["200 % zoom of a laptop", { width: 683, height: 384 }], ["320 px wide", { width: 320, height: 640 }]];

describe("every view", () => {
  for (const [device, options] of DEVICES) {
    test(`${device}: axe finds nothing in light, in dark and in forced colours; nothing moves; nothing runs out sideways`, async () => {
      const p = await openPage(browser, server.url, options), { page } = p, narrow = options.viewport === PHONE;
      await tour(p, async (where) => {
        for (const [theme, media, rules] of THEMES) {
          if (narrow && rules && !OF_A_PHONE.has(where)) continue;
          await page.emulateMedia(media);
          await clean(page, `${where}, ${theme}`, rules);
        }
        await noSideways(p, where);
        await still(p, where);
        if (!narrow) return;
        for (const [what, viewport] of [...NARROW, /** @type {const} */ (["a phone again", PHONE])]) {
          await page.setViewportSize(viewport);
          await drawn(page);
          await noSideways(p, `${where}, ${what},`);
        }
      });
      await p.close();
    });
  }
});

describe("sizes", () => {
  for (const [what, viewport] of /** @type {[string, { width: number, height: number }][]} */ ([
    ["a tablet", { width: 820, height: 1180 }],
    ["a phone on its side", { width: 844, height: 390 }],
    ["the narrowest desktop", { width: 1100, height: 800 }],
    ["a small laptop", { width: 1280, height: 720 }],
    ["a large desktop", { width: 2200, height: 1300 }],
  ])) {
    test(`${what}: nothing runs out sideways`, async () => {
      const p = await openPage(browser, server.url, { viewport });
      await p.demo("cookies");
      await p.page.keyboard.press("Control+Enter");
      await p.hears("read. Idle.");
      await noSideways(p);
      await noOverlap(p.page);
      const explained = await p.page.getByRole("region", { name: "Explain", exact: true }).boundingBox();
      if (viewport.height < 480) assert.ok(explained && explained.y > viewport.height, "what explains leaves the window to the rest");
      if (viewport.width !== 1280) return p.close();
      // From here on there is room for 16 bytes a row, and for all that explains an exception.
      assert.equal(await p.page.getByRole("grid").getByRole("row").filter({ has: p.page.getByRole("gridcell") }).first().getByRole("gridcell").count(), 16);
      await p.page.getByRole("button", { name: "getresponse", exact: true }).click();
      await p.hears("getresponse raised ResponseNotReady");
      await eventually(async () => assert.deepEqual(await p.page.getByRole("region", { name: "Explain", exact: true }).evaluate((e) => e.scrollHeight - e.clientHeight), 0));
      await p.close();
    });
  }

  test("phone: eight bytes a row, the bar at the bottom, the panes by tabs", async () => {
    const p = await openPage(browser, server.url, { viewport: PHONE, hasTouch: true });
    await p.demo("fixed");
    const name = await p.page.getByRole("heading", { name: "Stepwire" }).boundingBox();
    assert.ok(name && name.width > 50, "it says what it is");
    const bar = await p.page.getByRole("group", { name: "Stepping" }).boundingBox();
    assert.ok(bar && bar.y > PHONE.height - 70, "the bar is at the bottom");
    const tabs = p.page.getByRole("tablist", { name: "Panes" });
    await tabs.getByRole("tab", { name: "Code" }).focus();
    await p.page.keyboard.press("ArrowRight");
    await tabs.getByRole("tab", { name: "State", selected: true }).waitFor();
    for (const n of [1, 2, 3, 4, 5]) {
      await p.page.getByRole("button", { name: "Step", exact: true }).tap();
      await p.hears(`Step ${n} of 5`);
    }
    await p.page.getByText("5 of 5", { exact: true }).waitFor();
    await tabs.getByRole("tab", { name: "Bytes" }).tap();
    const row = p.page.getByRole("grid").getByRole("row").filter({ has: p.page.getByRole("gridcell") }).first();
    await eventually(async () => assert.equal(await row.getByRole("gridcell").count(), 8));
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
    await eventually(async () => assert.notEqual(await canvas(), light));
    await p.page.reload();
    await p.page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await p.close();
  });

  test("the bare key can be turned off", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByRole("button", { name: "Keys" }).click();
    const keys = p.page.getByRole("dialog", { name: "Keys" });
    await keys.getByRole("checkbox").uncheck();
    // The way out is in sight at the end of the list, too.
    await p.page.setViewportSize({ width: 390, height: 500 });
    await keys.getByRole("heading", { name: "Offline" }).scrollIntoViewIfNeeded();
    await inSight(keys.getByRole("button", { name: "Close" }));
    await keys.getByRole("button", { name: "Close" }).click();
    await keys.waitFor({ state: "hidden" });
    await p.page.keyboard.press("?");
    await p.page.getByRole("button", { name: "Keys" }).focus();
    await p.page.keyboard.press("?");
    assert.equal(await keys.count(), 0);
    await p.close();
  });

  test("forced colours keep the current state and the selection apart", async () => {
    const p = await openPage(browser, server.url, { forcedColors: "active" });
    await p.page.keyboard.press("F10");
    await p.page.keyboard.press("F10");
    await p.hears("putrequest.");
    await eventually(async () => {
      const fills = await p.page.evaluate(() => [".node-now rect", ".node:not(.node-now) rect"].map((s) => getComputedStyle(/** @type {any} */ (document.querySelector(s))).fill));
      assert.notEqual(fills[0], fills[1]);
    });
    // The marks below the bytes are seen, and the selection among them; so is what cannot be pressed.
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.page.getByRole("treeitem", { name: /^Host/ }).click();
    await eventually(async () => {
      const { plate, marked, chosen, off, on } = await p.page.evaluate(() => {
        const of = (/** @type {string} */ s) => getComputedStyle(/** @type {Element} */ (document.querySelector(s)));
        const probe = document.createElement("i");
        probe.style.color = "Highlight";
        document.body.append(probe);
        const chosen = getComputedStyle(probe).color;
        probe.remove();
        return { plate: of(".hex-row").forcedColorAdjust, marked: of(".hl-group").stroke, chosen, off: of("[aria-label=Step]").color, on: of("[aria-label='Step back']").color };
      });
      assert.deepEqual([plate, marked], ["none", chosen]);
      assert.notEqual(off, on);
    });
    await p.close();
  });
});

describe("names for those who do not see the page", () => {
  test("tree, grid, diagram and live region", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await eventually(async () => assert.match(await p.page.getByRole("tree", { name: "Fields" }).ariaSnapshot(), /treeitem "sent request bytes 0–\d+" \[expanded\] \[level=1\]/));
    await eventually(async () => assert.match(await p.page.getByRole("grid", { name: "Bytes on the wire" }).ariaSnapshot(), /gridcell "offset 0x10, 31, 1, version of request line"|gridcell "offset 0x0, 47, G, method of request line"/));
    await p.page.getByRole("group", { name: /^State diagram\. Now: Idle; response closed: Unread-response to Idle\.$/ }).waitFor();
    const live = p.page.getByRole("status").filter({ hasText: "Step 5 of 5" });
    assert.equal(await live.getAttribute("aria-live"), "polite");
    await p.close();
  });
});

/** In the page: how often each view is drawn from now on. @param {string[]} names */
function countDrawings(names) {
  const drawn = Object.fromEntries(names.map((name) => [name, 0]));
  for (const name of names) {
    const { prototype } = /** @type {any} */ (customElements.get(name)), { update } = prototype;
    prototype.update = function (/** @type {unknown[]} */ ...of) {
      drawn[name]++;
      return update.apply(this, of);
    };
  }
  return drawn;
}

describe("a long run", () => {
  test("10,000 events are stepped through with few elements on the page", async () => {
    const p = await openPage(browser, server.url);
    await p.page.getByRole("button", { name: "Open a file" }).click();
    await p.page.getByLabel(/File to open/).setInputFiles({ name: "long.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(manyExchanges(10_000))) });
    await p.hears(/^Opened a recording/);
    const count = () => p.page.evaluate(() => ({ all: document.querySelectorAll("*").length, fields: document.querySelectorAll("[role=treeitem]").length, lines: document.querySelectorAll(".program-lines > li").length }));
    const steps = Number(/ of (\d+)/.exec(await p.page.getByRole("slider", { name: "Timeline" }).getAttribute("aria-valuetext") ?? "")?.[1]);
    await drawn(p.page);
    const drawings = await p.page.evaluateHandle(countDrawings, ["sw-program", "sw-details", "sw-tree", "sw-hex"]);
    const path = [1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1];
    for (const [i, back] of path.entries()) {
      await p.page.keyboard.press(back > (path[i - 1] ?? 0) ? "F9" : "F10");
      await p.hears(`Recorded. Step ${steps - back} of ${steps}`);
      const { all, fields, lines } = await count();
      assert.ok(all < 6000 && fields < 150 && lines < 150, `${all} elements, ${fields} fields, ${lines} lines`);
    }
    // What a list scrolls to for a step is known before it is drawn.
    await drawn(p.page);
    assert.deepEqual(await drawings.jsonValue(), { "sw-program": path.length, "sw-details": path.length, "sw-tree": path.length, "sw-hex": path.length });
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
    await eventually(async () => assert.ok(Number(await grid.getAttribute("aria-rowcount")) > 65_536));
    assert.ok((await grid.getByRole("row").count()) < 80);
    await grid.getByRole("gridcell", { name: /^offset 0x0, 47, G/ }).click();
    await p.page.keyboard.press("Control+End");
    await eventually(async () => {
      const last = await grid.getByRole("gridcell").and(p.page.locator(":focus")).getAttribute("aria-label");
      const at = Number(/offset (0x[0-9a-f]+)/.exec(last ?? "")?.[1]);
      assert.ok(at >= 1_048_576, `the last byte is at ${at}`);
    });
    assert.ok((await grid.getByRole("row").count()) < 80);
    await p.close();
  });
});
