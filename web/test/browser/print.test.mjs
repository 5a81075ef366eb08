// @ts-check
/** On paper: a handout of the run, with no controls. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "./fixture.mjs";
import { eventually, openPage, texts } from "./page.mjs";

const { browser, server } = await start();

describe("the handout", () => {
  test("steps, heads, the selected bytes and what they are; dark on white in every theme", async () => {
    const p = await openPage(browser, server.url, { colorScheme: "dark" });
    await p.demo("chunked");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
    await p.page.getByRole("group", { name: "Selection" }).getByText("Transfer-Encoding", { exact: true }).waitFor();
    await p.page.emulateMedia({ media: "print" });

    const steps = p.page.getByRole("table").filter({ has: p.page.getByRole("columnheader", { name: "What it changed" }) });
    await steps.waitFor();
    await eventually(async () => assert.deepEqual(await texts(steps.getByRole("rowheader")), ["1", "2", "3", "4", "5"]));
    await steps.getByRole("row", { name: /conn\.endheaders\(\).*Sent \d+ bytes/ }).waitFor();
    await steps.getByRole("row", { name: /conn\.putrequest\("GET", "\/chunked"\).*Idle → Request-started/ }).waitFor();
    const figures = p.page.getByRole("figure");
    await eventually(async () => {
      const [sent = "", received = ""] = await texts(figures);
      assert.match(sent, /→ sent request, \d+ bytes GET \/chunked HTTP\/1\.1 CR LF Host: /);
      assert.match(received, /← received response.* HTTP\/1\.1 200 OK CR LF .*Transfer-Encoding: chunked CR LF/);
    });
    await p.page.getByRole("heading", { name: "Selected: Transfer-Encoding" }).waitFor();
    await eventually(async () => {
      const hex = (await p.page.locator(".handout-hex").textContent()) ?? "";
      const shown = [...hex.matchAll(/^[0-9a-f]{6} {2}(.{47})/gm)].flatMap(([, row]) => row.trim().split(/\s+/)).map((h) => String.fromCharCode(parseInt(h, 16))).join("");
      assert.equal(shown, "Transfer-Encoding: chunked\r\n");
    });
    await p.page.getByRole("region", { name: "Explanation" }).getByRole("heading", { name: /Transfer-Encoding/ }).waitFor();

    await eventually(async () => {
      assert.equal(await p.page.locator("button:visible, input:visible, select:visible, textarea:visible").count() - await p.page.locator("sw-print button:visible").count(), 0, "controls are not printed");
      const [ink, paper] = await p.page.evaluate(() => [getComputedStyle(/** @type {Element} */ (document.querySelector(".handout"))).color, getComputedStyle(document.body).backgroundColor]);
      assert.ok(ink.match(/\d+/g)?.slice(0, 3).every((c) => Number(c) < 80), `the text is ${ink}`);
      assert.match(paper, /rgba\(0, 0, 0, 0\)|rgb\(255, 255, 255\)/);
    });

    await p.page.emulateMedia({ media: "screen" });
    await p.page.getByRole("group", { name: "Stepping" }).waitFor();
    await eventually(async () => assert.equal(await p.page.locator("sw-print *").count(), 0, "nothing of it is left on the screen"));
    await p.close();
  });

  test("an exception, and a PDF of it", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("chunk-size");
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/raised IncompleteRead/);
    const pdf = await p.page.pdf({ format: "A4" });
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert.ok(pages >= 1 && pages <= 4, `${pages} pages`);
    await p.page.emulateMedia({ media: "print" });
    await p.page.getByRole("heading", { name: /IncompleteRead/ }).waitFor();

    // Of a file: what it is, and when it was recorded.
    await p.page.emulateMedia({ media: "screen" });
    await p.page.getByRole("button", { name: "Open a file" }).click();
    const har = { log: { version: "1.2", entries: ["http://a.example/", "data:,x"].map((url) => ({ startedDateTime: "2026-01-02T03:04:05Z", request: { method: "GET", url }, response: { status: 204 } })) } };
    await p.page.getByLabel(/^File to open/).setInputFiles({ name: "page.har", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(har)) });
    await p.page.getByRole("group", { name: "Read from a file" }).getByText("page.har").waitFor();
    await p.page.emulateMedia({ media: "print" });
    await p.page.getByText("page.har · run 2, 2026-01-02 03:04 UTC · a HAR archive, in part: 1 entry that is not of HTTP is left out").waitFor();
    await p.close();
  });
});
