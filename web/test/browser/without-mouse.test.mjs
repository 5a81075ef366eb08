// @ts-check
/** With the keyboard alone, on a desktop and on a phone: the exchange, its errors, TLS, the server in the page, bytes of one's own, files, links, exports, two runs, paper, and no network. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { choose, demo, details, has, pane, pick, press, reach, write } from "./by-key.mjs";
import { start } from "./fixture.mjs";
import { DEVICES, eventually, openPage } from "./page.mjs";

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

const { browser, server } = await start();

/** On a phone the bytes that were asked for come to the front, and the focus with them. @param {Opened} p @param {boolean} phone @param {RegExp} cell the first of them */
async function bytesShown(p, phone, cell) {
  await p.hears(/^Selected: /);
  if (phone) await p.page.locator("[role=gridcell]:focus").and(p.page.getByRole("gridcell", { name: cell })).waitFor();
  else await p.page.getByRole("gridcell", { name: cell, selected: true }).first().waitFor();
}

for (const [device, options] of DEVICES) {
  const phone = device === "phone";

  describe(device, () => {
    test("the ladder, an error of the server, one of the relay, two runs, paper", async () => {
      const p = await openPage(browser, server.url, options), { page } = p;
      await page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read. Idle.");

      const ladder = await details(p, "Ladder");
      await ladder.getByRole("list", { name: "Sequence ladder" }).getByRole("listitem").filter({ hasText: "relay: Stream 1" }).first().waitFor();
      await press(p, ladder.getByRole("button", { name: /^received \d+ bytes, at .*: show the bytes/ }));
      await bytesShown(p, phone, /^offset 0x0, 48, H, /);
      await p.hears(/^Selected: received bytes 0–\d+, response/);

      await demo(p, "chunk-size");
      await page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read raised IncompleteRead. Idle.");
      await pane(p, "Explain");
      const card = page.getByRole("region", { name: "Explanation" });
      await card.getByRole("heading", { name: "IncompleteRead" }).waitFor();
      await eventually(async () => assert.deepEqual(await card.getByRole("term").allTextContents(), ["At fault", "Call", "State now", "Failing bytes", "Smallest fix"]));
      await card.getByRole("definition").first().filter({ hasText: /^the server\./ }).waitFor();
      await card.getByRole("link", { name: "RFC 9112 §8" }).waitFor();
      await press(p, card.getByRole("button", { name: /^received \d+–\d+$/ }));
      await bytesShown(p, phone, /^offset 0x6b, 78, x, chunk size of chunk 1, failing$/);
      await pane(p, "Bytes and fields");
      await page.getByRole("treeitem", { name: /^chunk size xyz failing bytes 107–109$/ }).waitFor();
      await eventually(async () => assert.equal(await page.getByRole("gridcell", { name: /, failing$/ }).count(), 3, "those bytes, and no others, are told as failing"));
      // What was parsed before is there.
      const response = await details(p, "Response");
      await response.getByRole("region", { name: "Body as text" }).getByText("A good chunk.").waitFor();

      const compare = await details(p, "Compare");
      await compare.getByText(/^2 of 5 steps and \d+ of \d+ fields differ\.$/).waitFor();
      const line = compare.getByRole("row", { name: /^sent request › request line/ });
      await eventually(async () => assert.deepEqual(await line.getByRole("cell").locator("mark").allTextContents(), ["ixed", "aulty/chunk-size"]));
      await compare.getByRole("row", { name: /^received response › Content-Length 47 absent$/ }).waitFor();
      await press(p, line.getByRole("button"));
      await bytesShown(p, phone, /^offset 0x6, 61, a, target/);

      await pane(p, "Code");
      await write(p, page.getByRole("textbox", { name: "Server" }), "10.0.0.1:80");
      await page.keyboard.press("Control+Enter");
      await p.hears("Step 1 of 5: connect raised OSError. Idle.");
      await pane(p, "Explain");
      await card.getByRole("definition").filter({ hasText: /^the relay\./ }).waitFor();
      await (await details(p, "Ladder")).getByRole("listitem").filter({ hasText: "relay: OSError" }).waitFor();

      // What the browser prints is the handout of what is shown.
      await page.emulateMedia({ media: "print" });
      await page.getByRole("table").filter({ has: page.getByRole("columnheader", { name: "What it changed" }) }).getByRole("row", { name: /conn\.connect\(\)/ }).waitFor();
      await page.getByRole("heading", { name: /OSError/ }).waitFor();
      await eventually(async () => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), "the handout is wider than its paper"));
      await p.close();
    });

    test("TLS, its keys, exports, and a link", async () => {
      const p = await openPage(browser, server.url, { ...options, permissions: ["clipboard-read", "clipboard-write"] }), { page } = p;
      await pane(p, "Code");
      await choose(p, page.getByLabel("Scheme"), "https");
      await p.hears("TLS is ready.");
      const keep = page.getByRole("checkbox", { name: "Keep the keys of connections made from now on", exact: true });
      await page.locator(`#${await keep.first().getAttribute("aria-describedby")}`).filter({ hasText: /^In this page’s memory only/ }).waitFor();
      await press(p, keep.first(), "Space");
      await p.hears("The keys of connections made from now on are kept in memory.");
      await page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read. Idle.");
      const tls = await details(p, "TLS");
      await eventually(async () => assert.deepEqual(await tls.getByRole("row", { name: /^Request and response/ }).getByRole("cell").allTextContents(), ["reads", "ciphertext", "ciphertext"]));
      await press(p, tls.getByRole("button", { name: /^sent plaintext 0–\d+: GET/ }));
      await bytesShown(p, phone, /^offset 0x0, 47, G, method/);
      await pane(p, "Bytes and fields");
      const both = page.getByRole("button", { name: "Ciphertext" });
      await press(p, both, "Space");
      await page.getByRole("region", { name: "On the wire" }).getByText(/\d+ records?, /).first().waitFor();
      await has(both.and(page.getByRole("button", { pressed: true })));

      const opener = page.getByRole("button", { name: "Share" }), sheet = page.getByRole("dialog", { name: "Share" });
      await press(p, opener);
      await sheet.getByRole("button", { name: "Copy link", disabled: false }).waitFor();
      await press(p, sheet.getByRole("button", { name: "Copy link" }));
      await sheet.getByRole("region", { name: "Link to what is shown" }).getByRole("status").getByText("Link copied.").waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());

      await pick(p, sheet, /^Key log/);
      const save = sheet.getByRole("button", { name: "Save file" }), outcome = sheet.getByRole("region", { name: /^Export run/ });
      await press(p, save);
      await outcome.getByRole("alert").getByText("ask for secrets to write it").waitFor();
      await has(save); // still
      await press(p, sheet.getByRole("checkbox", { name: /^Keep secrets in the file/ }), "Space");
      await reach(p, save);
      const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
      assert.match(readFileSync(await download.path(), "utf8"), /^CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} /m);
      await outcome.getByRole("status").getByText("Saved as ").waitFor();
      await has(save); // still
      await page.keyboard.press("Escape");
      await sheet.waitFor({ state: "hidden" });
      await has(opener); // The sheet gives the focus back.
      await p.close();

      const q = await openPage(browser, link, { ...options, expectReady: false });
      await q.page.getByRole("group", { name: "Opened link" }).getByText("nothing was sent").waitFor();
      const run = q.page.getByRole("button", { name: "Run to step 5", disabled: false });
      await run.waitFor();
      await press(q, run);
      await q.hears(/^Step 5 of 5: read\. Idle\. Selected: sent bytes 0–\d+, request/);
      // The notice is gone, and Tab goes on from where it was.
      await q.page.waitForFunction(() => document.activeElement !== document.body);
      await q.close();
    });

    test("the server in the page and its faults, bytes of one's own, pasted bytes", async () => {
      const p = await openPage(browser, server.url, options), { page } = p;
      await pane(p, "Code");
      await choose(p, page.getByLabel("Network"), "page");
      await p.hears("The server in this page is ready.");
      await press(p, page.locator("summary").filter({ hasText: "Faults of the line" }));
      const faults = page.getByRole("group", { name: "Faults of the line" });
      await write(p, faults.getByLabel("Bytes in a piece"), "x");
      await page.getByRole("alert").getByText("A whole number up to").waitFor();
      await page.keyboard.press("Backspace");
      await choose(p, faults.getByLabel("The server’s bytes"), "cut");
      await write(p, faults.getByLabel("Bytes before the cut"), "100");
      await page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read raised IncompleteRead. Idle.");

      const style = page.getByRole("group", { name: "Write the program as" });
      await press(p, style.getByRole("button", { name: "bytes" }));
      const box = page.getByRole("textbox", { name: "Bytes to send", exact: true });
      await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("HTTP/1.1"));
      await write(p, box, "G{T /fixed HTTP/1.1\\n\n\\r\\n");
      const remark = page.getByRole("region", { name: "Remarks on the bytes" }).getByRole("listitem").filter({ hasText: "A method is a token" }).getByRole("button");
      await remark.waitFor();
      await press(p, remark);
      await eventually(async () => assert.deepEqual(await box.evaluate((/** @type {HTMLTextAreaElement} */ t) => [document.activeElement === t, t.value.slice(t.selectionStart, t.selectionEnd)]), [true, "G{T"]));
      await page.keyboard.press("Control+Enter");
      await p.hears(/^Step 4 of 4: read/);
      await pane(p, "Bytes and fields");
      await page.getByRole("treeitem", { name: /^request line G\{T \/fixed HTTP\/1\.1/ }).waitFor();

      const opener = page.getByRole("button", { name: "Open a file" }), sheet = page.getByRole("dialog", { name: "Open" });
      await press(p, opener);
      const text = sheet.getByRole("textbox", { name: "Bytes or dump to decode" }), decode = sheet.getByRole("button", { name: "Decode" });
      await write(p, text, "What is this?");
      await press(p, decode);
      await sheet.getByRole("alert").getByText("is nothing known here").waitFor();
      await has(decode); // still
      await write(p, text, "HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\nX-Odd : 1\n\nok");
      await press(p, decode);
      await p.hears(/^Opened the bytes of a response/);
      await has(opener); // The sheet gives the focus back.
      await pane(p, "Explain");
      const remarks = page.getByRole("region", { name: "Explanation" });
      const second = remarks.getByRole("listitem").filter({ hasText: "more than once" }).getByRole("button");
      await press(p, remarks.getByRole("listitem").filter({ hasText: "No blank is allowed" }).getByRole("button"));
      await bytesShown(p, phone, /^offset 0x37, 58, X, dropped bytes, failing$/);
      // The remarks are still there, the next within reach.
      if (phone) await pane(p, "Explain");
      await press(p, second);
      await bytesShown(p, phone, /^offset 0x34, 32, 2, value of Content-Length$/);
      await p.close();
    });

    test("the copy for use without a network, and the one to take away", async () => {
      const p = await openPage(browser, server.url, { ...options, serviceWorkers: "allow", tolerate: /404|net::ERR|Failed to load resource/ }), { page } = p;
      await press(p, page.getByRole("button", { name: "Keys" }));
      const keys = page.getByRole("dialog", { name: "Keys" });
      await keys.getByText("This browser keeps a copy").waitFor();
      const zip = keys.getByRole("link", { name: "Download the page as a zip" });
      await reach(p, zip);
      const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
      assert.equal(readFileSync(await download.path()).subarray(0, 2).toString(), "PK");
      await page.keyboard.press("Escape");
      await page.context().setOffline(true);
      await page.reload();
      await p.hears("The server in this page is ready.");
      await page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read. Idle.");
      await p.close();
    });
  });
}
