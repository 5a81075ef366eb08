// @ts-check
/** One request, from the composer to the last byte, on a desktop by mouse and on a phone by finger; keyboard.test.mjs does it by keys alone. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, describe, test } from "node:test";
import { start } from "./fixture.mjs";
import { DEVICES, eventually, inSight, openPage, texts } from "./page.mjs";

/** Answers when it is told to. */
const origin = createServer((_, response) => origin.emit("asked", () => response.end("at last")));
await new Promise((listening) => origin.listen(0, "127.0.0.1", () => listening(undefined)));
after(() => origin.close());
const at = `127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (origin.address()).port}`;

const { browser, server } = await start(["--allow", at]);
after(async () => assert.equal(await server.stop(), 0));

/** In the page: whether the ladder has rows, and those of its words that are drawn over a time. */
function wordsOnTimes() {
  const rows = [...document.querySelectorAll(".ladder-row")].map((row) => {
    const words = /** @type {HTMLElement} */ (row.querySelector(".ladder-text")), all = document.createRange();
    all.selectNodeContents(words);
    const room = words.getBoundingClientRect().right, end = getComputedStyle(words).overflowX === "visible" ? all.getBoundingClientRect().right : room;
    return { text: words.textContent, end, time: /** @type {Element} */ (row.querySelector(".ladder-time")).getBoundingClientRect().left };
  });
  return { rows: rows.length > 0, over: rows.filter((r) => r.end > r.time).map((r) => r.text) };
}

for (const [device, options] of DEVICES) {
  describe(`${device}: a request, step by step`, () => {
    test("each step says what it did; the state, the buffer and the bytes follow", async () => {
      const p = await openPage(browser, server.url, options);
      await p.demo("chunked");
      const step = p.page.getByRole("button", { name: "Step", exact: true });
      const tab = (/** @type {RegExp} */ name) => p.press(p.page.getByRole("tab", { name }));
      const now = p.page.getByRole("listitem").and(p.page.locator("[aria-current=step]"));
      await p.press(step);
      await p.hears("Step 1 of 5: connect. Idle.");
      await p.press(step);
      await p.hears("Step 2 of 5: putrequest. Request-started.");
      // Written, not sent.
      await p.show("State");
      await tab(/^Buffer/);
      await p.page.getByText(/^\d+ bytes not sent yet\.$/).waitFor();
      await p.page.getByRole("listitem").filter({ hasText: "GET /chunked HTTP/1.1 CR LF" }).waitFor();
      await p.show("Bytes");
      await p.page.getByText("Nothing has been sent or received at this step.").waitFor();
      await p.press(step);
      await p.hears("Step 3 of 5: endheaders. Request-sent.");
      await inSight(p.page.getByRole("gridcell", { name: "offset 0x0, 47, G, method of request line" }));
      await p.page.getByRole("rowheader", { name: /^→ sent 75 bytes \d.* m?s$/ }).waitFor();
      await p.show("State");
      await p.page.getByText("The client’s buffer is empty.").waitFor();
      // The call, its state, what it changed, and its bytes, each in its pane.
      await p.page.getByRole("group", { name: /^State diagram\. Now: Request-sent; endheaders: Request-started to Request-sent\.$/ }).waitFor();
      await tab(/^Changes/);
      const changes = p.page.getByRole("tabpanel", { name: "Changes" }).getByRole("listitem");
      await eventually(async () => assert.deepEqual(await texts(changes), ["State: Request-started → Request-sent.", "Sent 75 bytes.", "Buffer: emptied, 73 bytes before.", "Now legal: getresponse.", "No longer legal: putheader, endheaders."]));
      await tab(/^Ladder/);
      await p.page.getByRole("button", { name: /^sent 75 bytes, at \d.* m?s: show the bytes$/ }).waitFor();
      await p.show("Code");
      await now.filter({ hasText: /3\s*conn\.endheaders\(\)/ }).waitFor();
      await p.press(step);
      await p.hears("Step 4 of 5: getresponse. Unread-response.");
      await p.press(step);
      await p.hears("Step 5 of 5: read. Idle.");
      await p.show("State");
      await tab(/^Response/);
      await p.page.getByRole("region", { name: "Body as text" }).getByText("First chunk.").waitFor();
      await p.page.getByRole("button", { name: "Step", exact: true, disabled: true }).waitFor();
      await p.close();
    });

    test("run all, then back: nothing is sent again", async () => {
      const p = await openPage(browser, server.url, options);
      await p.demo("keep-alive");
      await p.press(p.page.getByRole("button", { name: "Run all" }));
      await p.hears("Step 5 of 5: read.");
      const line = p.page.getByText(/→ \d+ sent/);
      const sent = await line.textContent();
      const back = p.page.getByRole("button", { name: "Step back" });
      await p.press(back);
      await p.hears("Recorded. Step 4 of 5: getresponse. Unread-response.");
      await p.press(back);
      await p.press(back);
      await p.hears("Recorded. Step 2 of 5: putrequest. Request-started.");
      await p.page.getByText("recorded", { exact: true }).waitFor();
      // The timeline is a native range: at its right end is the last step, in its middle one between.
      const range = p.page.getByRole("slider", { name: "Timeline" });
      const slide = async (/** @type {number} */ share) => {
        const box = /** @type {{ width: number, height: number }} */ (await range.boundingBox());
        await range.click({ position: { x: 8 + share * (box.width - 16), y: box.height / 2 } });
      };
      await slide(1);
      await p.hears("Step 5 of 5: read. Idle.");
      await eventually(async () => assert.equal(await line.textContent(), sent));
      await slide(0.4);
      await p.hears("Recorded. Step 2 of 5: putrequest. Request-started.");
      await slide(0);
      await p.hears("Before the first call. Idle.");
      await p.close();
    });

    test("calling while in the past forks a new run", async () => {
      const p = await openPage(browser, server.url, options);
      await p.demo("fixed");
      await p.page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read.");
      await p.press(p.page.getByRole("button", { name: /^Step 2 conn.putrequest/ }));
      await p.hears("Recorded. Step 2 of 5");
      await p.press(p.page.getByRole("button", { name: "putheader", exact: true }));
      await p.hears("Step 3 of 3: putheader. Request-started.");
      await p.page.getByText("fork of run 1 after step 2").waitFor();
      // The first run is still there.
      await p.page.getByLabel("Run", { exact: true }).selectOption("1");
      await p.hears("Run 1.");
      await p.page.getByRole("button", { name: /^Step 5 resp.read/ }).waitFor();
      await p.close();
    });

    test("a run pauses after the call under way, and goes on from there", async () => {
      const p = await openPage(browser, server.url, options);
      await p.page.getByRole("textbox", { name: "Server" }).fill(at);
      await p.press(p.page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "code" }));
      const editor = p.page.getByRole("textbox", { name: "Program code" });
      await p.press(editor);
      await p.page.keyboard.press("Control+End");
      await p.page.keyboard.insertText("\nconn.close()");
      await p.page.getByText("0 of 6", { exact: true }).waitFor();
      const asked = once(origin, "asked");
      await p.press(p.page.getByRole("button", { name: "Run all" }));
      const [answer] = await asked;
      // The request is there before the call that sent it has ended: what is paused after is the next one.
      await p.hears("Step 3 of 6: endheaders.");
      await p.press(p.page.getByRole("button", { name: "Pause" }));
      await p.hears("Paused after the call under way.");
      answer();
      await p.hears("Step 4 of 6: getresponse. Unread-response.");
      await p.press(p.page.getByRole("button", { name: "Run all" }));
      await p.hears("Step 6 of 6: close. Idle.");
      await p.close();
    });
  });

  describe(`${device}: fields and bytes`, () => {
    test("a byte names its field, and a field its bytes", async () => {
      const p = await openPage(browser, server.url, options);
      await p.demo("fixed");
      await p.page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read.");
      const grid = p.page.getByRole("grid", { name: "Bytes on the wire" });
      const readout = p.page.getByRole("group", { name: "Selection" });
      const explanation = p.page.getByRole("region", { name: "Explanation" });
      await p.show("Bytes");
      await p.press(p.page.getByRole("treeitem", { name: /^sent request/ }));
      await inSight(grid.getByRole("gridcell", { name: "offset 0x0, 47, G, method of request line" }));
      await p.press(grid.getByRole("gridcell", { name: "offset 0x0, 47, G, method of request line" }));
      await readout.getByText("request line › method").waitFor();
      await eventually(async () => assert.deepEqual(await texts(readout), ["→sentbytes 0–2·3 (0x3)·request line › method"]));
      await p.hears("Selected: sent bytes 0–2, request line › method.");
      await inSight(p.page.getByRole("treeitem", { name: /^method GET/, level: 3, selected: true }));
      // What it is, why it is there, where it is specified, and which call sent it.
      await p.show("Explain");
      await explanation.getByRole("heading", { name: /request › request line › method/ }).waitFor();
      await explanation.getByText(/^What the client asks the server to do/).waitFor();
      assert.match((await explanation.getByRole("link", { name: "RFC 9110 §9.1" }).first().getAttribute("href")) ?? "", /rfc9110\.html#section-9\.1$/);
      await p.press(explanation.getByRole("button", { name: /^step 3, conn\.endheaders\(\)$/ }));
      await p.hears("Recorded. Step 3 of 5: endheaders. Request-sent.");
      await explanation.getByRole("heading", { name: /request › request line › method/ }).waitFor();
      await p.press(p.page.getByRole("button", { name: "Step", exact: true }));
      await p.hears("Recorded. Step 4 of 5");
      await p.press(p.page.getByRole("button", { name: "Step", exact: true }));
      await p.hears("Step 5 of 5");
      // From the tree to the bytes.
      await p.show("Bytes");
      await p.press(p.page.getByRole("treeitem", { name: /^Host/ }));
      await readout.getByText("Host", { exact: true }).waitFor();
      await inSight(grid.locator("[aria-selected='true']").first());
      await eventually(async () => {
        const cells = await grid.locator("[aria-selected='true']").allTextContents();
        assert.equal(cells.map((h) => String.fromCharCode(parseInt(h, 16))).join(""), `Host: ${server.demo}\r\n`);
      });
      // From the ladder and from the headers to the bytes.
      await p.show("State");
      await p.press(p.page.getByRole("tab", { name: /^Ladder/ }));
      await eventually(async () => assert.deepEqual(await p.page.evaluate(wordsOnTimes), { rows: true, over: [] }));
      await p.press(p.page.getByRole("button", { name: /^received \d+ bytes, at \d.* m?s: show the bytes$/ }).first());
      await p.hears("Selected: received bytes 0–");
      await inSight(grid.getByRole("gridcell", { name: /^offset 0x0, 48, H, version/, selected: true }));
      await p.show("State");
      await p.press(p.page.getByRole("tab", { name: /^Response/ }));
      await p.press(p.page.getByRole("table", { name: "Response headers in wire order" }).getByRole("button", { name: "Content-Length" }));
      await inSight(grid.getByRole("gridcell", { name: /^offset 0x.*, 43, C, name of Content-Length/, selected: true }));
      await p.close();
    });

    test("headers stand in wire order, duplicates and case kept", async () => {
      const p = await openPage(browser, server.url, options);
      await p.demo("duplicates");
      await p.page.keyboard.press("Control+Enter");
      await p.hears("Step 5 of 5: read.");
      await p.show("State");
      await p.press(p.page.getByRole("tab", { name: /^Response/ }));
      const rows = p.page.getByRole("table", { name: "Response headers in wire order" }).getByRole("rowheader");
      await rows.first().waitFor();
      const shown = (await texts(rows)).map((t) => t.replace(/ again$/, ""));
      await p.show("Bytes");
      // Rows out of sight are not on the page: it is scrolled to the last.
      /** @type {string[]} */
      const tree = [];
      for (const field = p.page.getByRole("treeitem"); ;) {
        for (const [row, label] of await field.evaluateAll((list) => list.map((e) => /** @type {const} */ ([Number(/** @type {HTMLElement} */ (e).dataset.row), e.querySelector(".tree-label")?.textContent ?? ""])))) tree[row] = label;
        if (tree.indexOf("end of head", tree.lastIndexOf("status line")) > 0) break;
        await field.last().scrollIntoViewIfNeeded();
        await p.page.locator(`[role=treeitem][data-row="${tree.length}"]`).waitFor();
      }
      const from = tree.lastIndexOf("status line") + 1, names = tree.slice(from, tree.indexOf("end of head", from));
      assert.deepEqual(shown, names);
      assert.equal(new Set(shown.map((n) => n.toLowerCase())).size, shown.length - 2, "one name three times, in three spellings");
      await p.close();
    });

    test("body: raw, dechunked and decompressed", async () => {
      const p = await openPage(browser, server.url, options);
      const region = p.page.getByRole("region", { name: "Body", exact: true });
      const look = (/** @type {string} */ name) => p.press(region.getByRole("button", { name, exact: true }));
      const shown = region.getByRole("region", { name: /^Body as/ });
      await p.demo("chunked");
      await p.page.keyboard.press("Control+Enter");
      await p.hears(/Step 5 of 5: read/);
      await p.show("State");
      await p.press(p.page.getByRole("tab", { name: /^Response/ }));
      await shown.getByText(/^First chunk\./).waitFor();
      await look("raw");
      await shown.getByText(/^d\s+First chunk\./).waitFor();
      await look("dechunked");
      await shown.getByText(/^First chunk\./).waitFor();
      await p.show("Code");
      await p.demo("gzip");
      await p.page.keyboard.press("Control+Enter");
      await p.hears(/Step 6 of 6: read/);
      await p.show("State");
      // What is no text is shown as hex until somebody chooses, and what became of it as text.
      await shown.getByText(/^0000 {2}1f 8b/).waitFor();
      await look("decompressed");
      await shown.getByText(/compress/i).first().waitFor();
      // Where there is none, why.
      for (const [id, why] of [["fixed", "None of the body has been read yet."], ["head", "The response to a HEAD has no body."], ["early-hints", "A 103 response has no body."]]) {
        await p.show("Code");
        await p.demo(id);
        for (let i = 0; i < 4; i++) await p.page.keyboard.press("F10");
        await p.show("State");
        await region.getByText(why).waitFor();
      }
      await p.close();
    });
  });

  describe(`${device}: legal and illegal calls`, () => {
    test("an illegal call can be pressed and its exception is explained", async () => {
      const p = await openPage(browser, server.url, options);
      const call = p.page.getByRole("button", { name: "getresponse", exact: true });
      assert.match((await call.evaluate((b) => document.getElementById(b.getAttribute("aria-describedby") ?? "")?.textContent)) ?? "", /Not legal in Idle: would raise ResponseNotReady/);
      await p.press(call);
      await p.hears("Step 1 of 6: getresponse raised ResponseNotReady. Idle.");
      await p.show("Explain");
      const card = p.page.getByRole("region", { name: "Explanation" });
      await card.getByRole("heading", { name: /ResponseNotReady/ }).waitFor();
      await card.getByText("the calling code").waitFor();
      await card.getByText("Send a request first").waitFor();
      // The page goes on from where it was.
      await p.press(p.page.getByRole("button", { name: "Run all" }));
      await p.hears("Step 6 of 6: read. Idle.");
      await p.close();
    });

    test("each call by its button, in a legal order", async () => {
      const p = await openPage(browser, server.url, options);
      /** @param {string} name @param {string | RegExp} said */
      const press = async (name, said) => {
        await p.press(p.page.getByRole("button", { name, exact: true }));
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
      await p.show("Bytes");
      await p.page.getByRole("treeitem", { name: /^X-Note by hand/ }).waitFor();
      await p.close();
    });

    test("the diagram is the core's table, with the taken edge lit", async () => {
      const p = await openPage(browser, server.url, options);
      await p.page.keyboard.press("F10");
      await p.hears("connect. Idle.");
      await p.page.keyboard.press("F10");
      await p.hears("putrequest. Request-started.");
      await p.show("State");
      await p.page.getByRole("group", { name: "State diagram. Now: Request-started; putrequest: Idle to Request-started; putheader: Request-started to Request-started; putheader: Request-started to Request-started." }).waitFor();
      await eventually(async () => {
        assert.equal(await p.page.locator(".edge > title").count(), 19);
        assert.equal(await p.page.locator(".edge-taken").count(), 2);
      });
      // Its words can be read: they are large enough, and neither other words, a state nor the line of an edge is over them.
      const { small, over } = await p.page.evaluate(() => {
        const words = [...document.querySelectorAll(".edge-label")], svg = /** @type {SVGSVGElement} */ (words[0].closest("svg")), k = svg.getScreenCTM()?.a ?? 0;
        const box = (/** @type {Element} */ e) => { const { left, right, top, bottom } = e.getBoundingClientRect(); return { e, left: left + 1, right: right - 1, top: top + 2, bottom: bottom - 3 }; };
        /** @param {ReturnType<typeof box>} a @param {ReturnType<typeof box>} b */
        const meet = (a, b) => a.e !== b.e && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        const boxes = words.map(box), nodes = [...svg.querySelectorAll(".node rect")].map(box);
        const over = boxes.filter((w) => [...boxes, ...nodes].some((o) => meet(w, o))).map((w) => w.e.textContent);
        for (const path of /** @type {NodeListOf<SVGPathElement>} */ (svg.querySelectorAll(".edge"))) {
          const at = /** @type {DOMMatrix} */ (path.getScreenCTM()), under = words.filter((w) => path.compareDocumentPosition(w) & Node.DOCUMENT_POSITION_PRECEDING).map(box);
          for (let i = 0; i < path.getTotalLength(); i += 3) {
            const { x, y } = path.getPointAtLength(i).matrixTransform(at);
            over.push(...under.filter((w) => w.left < x && x < w.right && w.top < y && y < w.bottom).map((w) => `${w.e.textContent} below a line`));
          }
        }
        return { small: words.filter((w) => parseFloat(getComputedStyle(w).fontSize) * k < 9.5).map((w) => w.textContent), over };
      });
      assert.deepEqual([small, over], [[], []]);
      // On a phone that leads to the pane that explains.
      await p.press(p.page.getByRole("button", { name: /^Unread-response\./ }));
      await p.page.getByRole("region", { name: "Explanation" }).getByText("The head of a response was read").waitFor();
      await p.close();
    });
  });
}
