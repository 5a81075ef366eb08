// @ts-check
/** One request, from the composer to the last byte, by mouse and by keys. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { openPage, texts } from "./page.mjs";
import { startServer } from "./server.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;

before(async () => {
  [browser, server] = await Promise.all([launch(), startServer()]);
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

describe("a request, step by step", () => {
  test("each step says what it did; the state, the buffer and the bytes follow", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("chunked");
    const step = p.page.getByRole("button", { name: "Step", exact: true });
    await step.click();
    await p.hears("Step 1 of 5: connect. Idle.");
    await step.click();
    await p.hears("Step 2 of 5: putrequest. Request-started.");
    // Written, not sent.
    await p.page.getByRole("tab", { name: /^Buffer/ }).click();
    await p.page.getByText(/^\d+ bytes not sent yet\.$/).waitFor();
    await p.page.getByText("Nothing has been sent or received at this step.").waitFor();
    await step.click();
    await p.hears("Step 3 of 5: endheaders. Request-sent.");
    await p.page.getByText("The client’s buffer is empty.").waitFor();
    await p.page.getByRole("grid", { name: "Bytes on the wire" }).waitFor();
    await step.click();
    await p.hears("Step 4 of 5: getresponse. Unread-response.");
    await step.click();
    await p.hears("Step 5 of 5: read. Idle.");
    await p.page.getByRole("tab", { name: /^Response/ }).click();
    await p.page.getByRole("region", { name: "Body as text" }).getByText("First chunk.").waitFor();
    assert.ok(await p.page.getByRole("button", { name: "Step", exact: true }).isDisabled());
    await p.close();
  });

  test("run all, then back: nothing is sent again", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("keep-alive");
    await p.page.getByRole("button", { name: "Run all" }).click();
    await p.hears("Step 5 of 5: read.");
    const line = p.page.getByText(/→ \d+ sent/);
    const sent = await line.textContent();
    const back = p.page.getByRole("button", { name: "Step back" });
    await back.click();
    await p.hears("Recorded. Step 4 of 5: getresponse. Unread-response.");
    await back.click();
    await back.click();
    await p.hears("Recorded. Step 2 of 5: putrequest. Request-started.");
    await p.page.getByText("recorded", { exact: true }).waitFor();
    // The timeline is a native range.
    const range = p.page.getByRole("slider", { name: "Timeline" });
    await range.press("End");
    await p.hears("Step 5 of 5: read. Idle.");
    assert.equal(await line.textContent(), sent);
    await range.press("Home");
    await p.hears("Before the first call. Idle.");
    await p.close();
  });

  test("by keys alone", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await p.page.keyboard.press("F10");
    await p.hears("Step 1 of 5: connect.");
    await p.page.keyboard.press("F10");
    await p.hears("Step 2 of 5: putrequest.");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.page.keyboard.press("F9");
    await p.hears("Recorded. Step 4 of 5");
    await p.page.keyboard.press("F10");
    await p.hears("Step 5 of 5: read.");
    // Into the tree, down to a field, pin it, and let go.
    const tree = p.page.getByRole("tree", { name: "Fields" });
    await tree.getByRole("treeitem").first().focus();
    await p.page.keyboard.press("Home");
    await p.page.keyboard.type("host");
    await p.page.keyboard.press("ArrowRight");
    await p.page.keyboard.press("ArrowRight");
    await p.page.keyboard.press("End");
    await p.page.keyboard.press("Home");
    await p.page.keyboard.type("host");
    await p.page.keyboard.press("Enter");
    const readout = p.page.getByRole("group", { name: "Selection" });
    await readout.getByText("Host", { exact: true }).waitFor();
    await p.page.keyboard.press("Escape");
    await readout.getByText("Point at a byte").waitFor();
    // ? lists the keys.
    await p.page.getByRole("button", { name: "Keys" }).focus();
    await p.page.keyboard.press("?");
    await p.page.getByRole("dialog", { name: "Keys" }).waitFor();
    await p.page.keyboard.press("Escape");
    await p.page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
    await p.close();
  });

  test("calling while in the past forks a new run", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read.");
    await p.page.getByRole("button", { name: /^Step 2 conn.putrequest/ }).click();
    await p.hears("Recorded. Step 2 of 5");
    await p.page.getByRole("button", { name: "putheader", exact: true }).click();
    await p.hears("Step 3 of 3: putheader. Request-started.");
    await p.page.getByText("fork of run 1 after step 2").waitFor();
    // The first run is still there.
    await p.page.getByLabel("Run", { exact: true }).selectOption("1");
    await p.hears("Run 1.");
    await p.page.getByRole("button", { name: /^Step 5 resp.read/ }).waitFor();
    await p.close();
  });
});

describe("fields and bytes", () => {
  test("a byte names its field, and a field its bytes", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read.");
    const grid = p.page.getByRole("grid", { name: "Bytes on the wire" });
    const readout = p.page.getByRole("group", { name: "Selection" });
    await grid.getByRole("gridcell", { name: "offset 0x0, 47, G, method of request line" }).click();
    await readout.getByText("bytes 0–2").waitFor();
    await readout.getByText("3 (0x3)").waitFor();
    await readout.getByText("request line › method").waitFor();
    await p.page.getByRole("heading", { name: /request › request line › method/ }).waitFor();
    assert.equal(await p.page.getByRole("treeitem", { name: /^method GET/ }).getAttribute("aria-selected"), "true");
    assert.match((await p.page.getByRole("link", { name: "RFC 9110 §9.1" }).first().getAttribute("href")) ?? "", /rfc9110\.html#section-9\.1$/);
    // Arrow keys go on from there; Enter pins.
    await p.page.keyboard.press("ArrowRight");
    await p.page.keyboard.press("ArrowRight");
    await p.page.keyboard.press("ArrowRight");
    await readout.getByText("request line › space").waitFor();
    await p.page.keyboard.press("ArrowRight");
    await p.page.keyboard.press("Enter");
    await readout.getByText("bytes 4–9").waitFor();
    // From the tree to the bytes.
    await p.page.getByRole("treeitem", { name: /^Content-Length/ }).click();
    await readout.getByText("Content-Length", { exact: true }).waitFor();
    await grid.locator("[aria-selected='true']").first().waitFor();
    const cells = await grid.locator("[aria-selected='true']").allTextContents();
    assert.equal(cells.map((h) => String.fromCharCode(parseInt(h, 16))).join(""), "Content-Length: 47\r\n");
    // A range by shift and arrows is what it is.
    await grid.getByRole("gridcell", { name: /^offset 0x0, 48, H, version/ }).click();
    await p.page.keyboard.press("Shift+ArrowRight");
    await readout.getByText("bytes 0–1").waitFor();
    await p.close();
  });

  test("headers stand in wire order, duplicates and case kept", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("duplicates");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read.");
    await p.page.getByRole("tab", { name: /^Response/ }).click();
    const rows = p.page.getByRole("table", { name: "Response headers in wire order" }).getByRole("rowheader");
    const shown = (await texts(rows)).map((t) => t.replace(/ again$/, ""));
    const tree = (await texts(p.page.getByRole("treeitem", { level: 2 }).locator(".tree-label")));
    const names = tree.slice(tree.indexOf("status line") + 1, tree.lastIndexOf("end of head"));
    assert.deepEqual(shown, names);
    assert.equal(new Set(shown.map((n) => n.toLowerCase())).size, shown.length - 2, "one name three times, in three spellings");
    await p.close();
  });

  test("body: raw, dechunked and decompressed", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("gzip");
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/Step 6 of 6: read/);
    await p.page.getByRole("tab", { name: /^Response/ }).click();
    const body = p.page.getByRole("region", { name: "Body", exact: true });
    await body.getByRole("button", { name: "hex" }).click();
    await body.getByText(/^0000 {2}1f 8b/).waitFor();
    await body.getByRole("button", { name: "decompressed" }).click();
    await body.getByRole("button", { name: "text" }).click();
    await body.getByText(/compress/i).first().waitFor();
    await p.close();
  });
});

describe("legal and illegal calls", () => {
  test("an illegal call can be pressed and its exception is explained", async () => {
    const p = await openPage(browser, server.url);
    const call = p.page.getByRole("button", { name: "getresponse", exact: true });
    assert.match((await call.evaluate((b) => document.getElementById(b.getAttribute("aria-describedby") ?? "")?.textContent)) ?? "", /Not legal in Idle: would raise ResponseNotReady/);
    await call.click();
    await p.hears("Step 1 of 6: getresponse raised ResponseNotReady. Idle.");
    const card = p.page.getByRole("region", { name: "Explanation" });
    await card.getByRole("heading", { name: /ResponseNotReady/ }).waitFor();
    await card.getByText("the calling code").waitFor();
    await card.getByText("Send a request first").waitFor();
    // The page goes on from where it was.
    await p.page.getByRole("button", { name: "Run all" }).click();
    await p.hears("Step 6 of 6: read. Idle.");
    await p.close();
  });

  test("each call by its button, in a legal order", async () => {
    const p = await openPage(browser, server.url);
    /** @param {string} name @param {string | RegExp} said */
    const press = async (name, said) => {
      await p.page.getByRole("button", { name, exact: true }).click();
      await p.hears(said);
    };
    await press("connect", /connect\. Idle/);
    await press("putrequest", /putrequest\. Request-started/);
    await p.page.getByLabel("putheader: Header name").fill("X-Note");
    await p.page.getByLabel("putheader: Header value").fill("by hand");
    await press("putheader", /putheader\. Request-started/);
    await press("endheaders", /endheaders\. Request-sent/);
    await press("getresponse", /getresponse\. Unread-response/);
    await p.page.getByLabel("read(n): Bytes to read at most").fill("5");
    await press("read(n)", /read\. Unread-response/);
    await press("peek", /peek\. Unread-response/);
    await press("getheader", /getheader\. Unread-response/);
    await press("resp.close", /response_close\. Idle/);
    await press("request", /request\. Request-sent/);
    await press("close", /close\. Idle/);
    await p.page.getByRole("treeitem", { name: /^X-Note by hand/ }).waitFor();
    await p.close();
  });

  test("the diagram is the core's table, with the taken edge lit", async () => {
    const p = await openPage(browser, server.url);
    await p.page.keyboard.press("F10");
    await p.page.keyboard.press("F10");
    await p.hears("putrequest. Request-started.");
    await p.page.getByRole("group", { name: "State diagram. Now: Request-started; putrequest: Idle to Request-started; putheader: Request-started to Request-started; putheader: Request-started to Request-started." }).waitFor();
    const titles = await p.page.locator(".edge > title").evaluateAll((list) => list.map((t) => t.textContent ?? ""));
    assert.equal(titles.length, 19);
    assert.equal(await p.page.locator(".edge-taken").count(), 2);
    await p.page.getByRole("button", { name: /^Unread-response\./ }).click();
    await p.page.getByRole("region", { name: "Explanation" }).getByText("The head of a response was read").waitFor();
    await p.close();
  });
});
