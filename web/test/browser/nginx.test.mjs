// @ts-check
/** The page against a server that nobody here wrote, allowed by a flag of the relay. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { startNginx } from "../nginx.mjs";
import { start } from "./fixture.mjs";
import { eventually, openPage, texts } from "./page.mjs";

const nginx = await startNginx();
after(() => nginx.stop());
const { browser, server } = await start(["--allow", nginx.origin]);

/** @param {Awaited<ReturnType<typeof openPage>>} p */
async function savedBody(p) {
  await p.page.getByRole("tab", { name: /^Response/ }).click();
  const [download] = await Promise.all([p.page.waitForEvent("download"), p.page.getByRole("button", { name: "Save" }).click()]);
  return readFile(/** @type {string} */ (await download.path()));
}

/** Waits until the wire view shows these bytes as sent. @param {Awaited<ReturnType<typeof openPage>>} p @param {Buffer} bytes */
async function showsSent(p, bytes) {
  await p.page.getByRole("treeitem", { name: /^sent request/ }).click();
  await eventually(async () => {
    const hex = await texts(p.page.getByRole("grid").locator("[role='gridcell'][aria-selected='true']"));
    assert.deepEqual(Buffer.from(hex.join(""), "hex"), bytes);
  });
}

test("status, headers, body and the exact bytes sent, as nginx logged them", async () => {
  const p = await openPage(browser, server.url);
  await p.page.getByRole("textbox", { name: "Server" }).fill(nginx.origin);
  await p.page.getByRole("textbox", { name: "Target" }).fill("/hello.txt");
  await p.page.getByRole("button", { name: "Add header" }).click();
  // The new row takes the focus.
  await p.page.locator(":focus[aria-label='Name of header 1']").waitFor();
  await p.page.keyboard.type("X-Step");
  await p.page.getByLabel("Value of header 1").fill("one: two");
  await p.page.keyboard.press("Control+Enter");
  await p.hears("Step 6 of 6: read. Idle.");

  const logged = await nginx.nextRequest();
  assert.equal(logged.head.toString("latin1"), `GET /hello.txt HTTP/1.1\r\nHost: ${nginx.origin}\r\nAccept-Encoding: identity\r\nX-Step: one: two\r\n\r\n`);
  await showsSent(p, logged.head);

  await p.page.getByRole("tab", { name: /^Response 200/ }).click();
  const table = p.page.getByRole("table", { name: "Response headers in wire order" });
  await eventually(async () => assert.deepEqual(await texts(table.getByRole("rowheader")), ["Server", "Date", "Content-Type", "Content-Length", "Last-Modified", "Connection", "ETag", "Accept-Ranges"]));
  const values = await texts(table.getByRole("cell"));
  assert.deepEqual([values[0], values[2], values[3]], [nginx.version, "text/plain", "17"]);
  const body = await savedBody(p);
  assert.equal(createHash("sha256").update(body).digest("hex"), nginx.sha256["/hello.txt"]);
  await p.close();
});

test("a large body arrives whole", async () => {
  const p = await openPage(browser, server.url);
  await p.page.getByRole("textbox", { name: "Server" }).fill(nginx.origin);
  await p.page.getByRole("textbox", { name: "Target" }).fill("/noise.bin");
  await p.page.keyboard.press("Control+Enter");
  await p.hears("Step 5 of 5: read. Idle.");
  const body = await savedBody(p);
  assert.equal(createHash("sha256").update(body).digest("hex"), nginx.sha256["/noise.bin"]);
  assert.equal((await nginx.nextRequest()).status, 200);
  await p.close();
});

test("a POST: the body goes out as composed and comes back in chunks", async () => {
  const p = await openPage(browser, server.url);
  await p.page.getByRole("textbox", { name: "Server" }).fill(nginx.origin);
  await p.page.getByRole("button", { name: "request()", exact: true }).click();
  await p.page.getByLabel("Method", { exact: true }).fill("POST");
  await p.page.getByRole("textbox", { name: "Target" }).fill("/echo-body");
  await p.page.getByText("Body", { exact: true }).first().click();
  await p.page.getByLabel("Body", { exact: true }).fill("Grüße, 世界");
  await p.page.keyboard.press("Control+Enter");
  await p.hears("Step 3 of 3: read. Idle.");
  const logged = await nginx.nextRequest();
  assert.equal(logged.body.toString("utf8"), "Grüße, 世界");
  await showsSent(p, Buffer.concat([logged.head, logged.body]));
  await p.page.getByRole("tab", { name: /^Response 200/ }).click();
  await p.page.getByRole("button", { name: "dechunked" }).waitFor();
  await p.page.getByRole("region", { name: "Body as text" }).getByText("Grüße, 世界").waitFor();
  await p.close();
});
