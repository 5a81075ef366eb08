// @ts-check
/** Requests written byte by byte: prefilled, looked at, sent, answered; by keyboard, on a phone, in links. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, describe, test } from "node:test";
import { start } from "./fixture.mjs";
import { eventually, holds, openPage } from "./page.mjs";

/** Notes what it gets, and answers each time that something came. */
const origin = { got: "", connections: 0, answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" };
const listener = createServer((socket) => {
  origin.connections++;
  socket.on("data", (d) => { origin.got += d.toString("latin1"); socket.write(origin.answer); });
  socket.on("error", () => {});
});

await new Promise((r) => listener.listen(0, "127.0.0.1", () => r(undefined)));
after(() => listener.close());
const at = `127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (listener.address()).port}`;

const { browser, server } = await start(["--allow", at]);

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

/** @param {Opened} p */
const box = (p) => p.page.getByRole("textbox", { name: "Bytes to send", exact: true });
/** @param {Opened} p */
const remarks = (p) => p.page.getByRole("region", { name: "Remarks on the bytes" });

/** @param {Opened} p */
async function bytes(p) {
  await p.page.getByRole("group", { name: "Write the program as" }).getByRole("button", { name: "bytes" }).click();
  await box(p).waitFor();
}

/** It may answer the beginning of a request before the rest is there. @param {string | RegExp} bytes */
const got = (bytes) => eventually(async () => (typeof bytes === "string" ? assert.equal(origin.got, bytes) : assert.match(origin.got, bytes)));

/** Points the page at the origin of this test. @param {Opened} p */
async function toOrigin(p) {
  origin.got = "";
  await p.page.getByRole("textbox", { name: "Server" }).fill(at);
}

describe("bytes by hand", () => {
  for (const style of ["step by step", "request()"]) {
    test(`are prefilled with exactly what ${style} sends`, async () => {
      const p = await openPage(browser, server.url);
      await toOrigin(p);
      await p.page.getByRole("combobox", { name: "Method" }).fill("POST");
      await p.page.getByRole("textbox", { name: "Target" }).fill("/a?b");
      await p.page.getByRole("button", { name: "Add header" }).click();
      await p.page.getByLabel("Name of header 1").fill("X-A");
      await p.page.getByLabel("Value of header 1").fill("b\tc");
      await p.page.getByText("Body", { exact: true }).click();
      await p.page.getByRole("textbox", { name: "Body" }).fill("é\\");
      await p.page.getByRole("group", { name: "Write the program as" }).getByRole("button", { name: style }).click();
      await p.page.keyboard.press("F8");
      await p.hears(/: read\. Idle\./);
      await got(/^POST \/a\?b HTTP\/1\.1\r\nHost: .*\r\n\r\n.+\\$/s);
      const composed = origin.got;
      const { connections } = origin;
      await bytes(p);
      await holds(box(p), composed.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\r\n", "\\r\\n\n").replace("é", "\\xc3\\xa9").replace("\xc3\xa9", "\\xc3\\xa9"));
      await remarks(p).getByText("A request as the RFCs have it").waitFor();
      assert.equal(origin.connections, connections, "writing the request out opened a connection");

      origin.got = "";
      await p.page.keyboard.press("F8");
      await p.hears("Step 4 of 4: read. Idle.");
      await got(composed);
      await p.close();
    });
  }

  test("may be invalid: remarks say so beforehand, and they are sent all the same", async () => {
    const p = await openPage(browser, server.url);
    await toOrigin(p);
    await bytes(p);
    await box(p).fill("G{T /a b HTTP/1.1\\n\nHost : x\\r\\n\nX: \\x00\\xff\\r\\n\n\\r\\n");
    const said = remarks(p);
    for (const words of ["A method is a token", "one space between them", "bare LF", "No blank is allowed", "no NUL"]) await said.getByText(words).waitFor();
    assert.equal(origin.got, "");
    // A remark shows its bytes in the text.
    await said.getByRole("listitem").filter({ hasText: "No blank is allowed" }).getByRole("button", { name: /^byte \d+$/ }).click();
    await eventually(async () => assert.deepEqual(await box(p).evaluate((/** @type {HTMLTextAreaElement} */ t) => [document.activeElement === t, t.value.slice(t.selectionStart - 4, t.selectionEnd)]), [true, "Host "]));

    await p.page.keyboard.press("F8");
    await p.hears("Step 4 of 4: read. Idle.");
    await got("G{T /a b HTTP/1.1\nHost : x\r\nX: \x00\xff\r\n\r\n");
    // The same views: what was sent has its fields, the answer its own.
    await p.page.getByRole("treeitem", { name: /^Host/ }).click();
    await p.page.getByRole("group", { name: "Selection" }).getByText("Host", { exact: true }).waitFor();
    await p.page.getByRole("treeitem", { name: /^status line/ }).waitFor();
    await p.page.getByText("No blank is allowed between a field name and its colon", { exact: false }).nth(1).waitFor();
    await p.page.getByRole("tab", { name: "Response" }).click();
    await p.page.getByRole("tabpanel", { name: "Response" }).getByText("200", { exact: true }).first().waitFor();
    await p.close();
  });

  test("are answered by the method they name, or the one that is chosen", async () => {
    const p = await openPage(browser, server.url);
    await toOrigin(p);
    await bytes(p);
    await box(p).fill("HEAD / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
    await p.page.getByText('resp = HTTPResponse(conn.sock, method="HEAD"); resp.begin()', { exact: true }).waitFor();
    await p.page.getByRole("combobox", { name: "Answer read as the one to" }).fill("GET");
    await p.page.getByText('resp = HTTPResponse(conn.sock, method="GET"); resp.begin()', { exact: true }).waitFor();
    await p.page.keyboard.press("F8");
    await p.hears("Step 4 of 4: read. Idle.");
    // An answer to GET has a body; one to HEAD would have none.
    await p.page.getByRole("tab", { name: "Response" }).click();
    await p.page.getByText("2 bytes read").waitFor();
    await p.close();
  });

  test("as hex, with the keyboard alone; what is no byte is named", async () => {
    const p = await openPage(browser, server.url);
    await toOrigin(p);
    const key = (/** @type {string} */ k) => p.page.keyboard.press(k);
    await p.page.getByRole("button", { name: "request()" }).focus();
    await key("Tab");
    await key("Enter");
    await p.page.waitForFunction(() => document.querySelector("textarea")?.value.includes("HTTP/1.1"));
    await p.page.getByRole("group", { name: "Bytes written as" }).getByRole("button", { name: "text" }).focus();
    await key("Tab");
    await key("Space");
    await p.page.waitForFunction(() => /^47 45 54 20/.test(document.querySelector("textarea")?.value ?? ""));
    await key("Tab");
    await key("Control+a");
    await p.page.keyboard.insertText("47 45 5");
    await p.page.getByRole("alert").getByText('"5" at character 7 is no byte: two hex digits were expected').waitFor();
    await p.page.keyboard.insertText("4 0a");
    await p.page.getByRole("alert").waitFor({ state: "detached" });
    await key("Control+Enter");
    await p.hears("Step 4 of 4: read. Idle.");
    await got("GET\n");
    // The composed request comes back when it is asked for.
    await p.page.getByRole("button", { name: "As composed" }).focus();
    await key("Enter");
    await p.page.waitForFunction(() => /^47 45 54 20/.test(document.querySelector("textarea")?.value ?? ""));
    await p.close();
  });

  test("two requests by hand on one connection are two exchanges", async () => {
    const p = await openPage(browser, server.url);
    await toOrigin(p);
    await bytes(p);
    await box(p).fill("GET /1 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
    await p.page.keyboard.press("F8");
    await p.hears("Step 4 of 4: read. Idle.");
    await p.page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "code" }).click();
    const editor = p.page.getByRole("textbox", { name: "Program code" });
    await editor.click();
    await p.page.keyboard.press("Control+End");
    await p.page.keyboard.insertText('\nconn.send(b"GET /2 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")\nresp = HTTPResponse(conn.sock, method="GET"); resp.begin()\nresp.read()');
    await p.page.getByText("4 of 7", { exact: true }).waitFor();
    await p.page.keyboard.press("F8");
    await p.hears("Step 7 of 7: read. Idle.");
    await p.page.getByRole("treeitem", { name: /^sent request 2/ }).waitFor();
    await p.page.getByRole("treeitem", { name: /^received response 2/ }).waitFor();
    await p.close();
  });

  test("in a link they are left out, unless asked for; it never sends", async () => {
    const p = await openPage(browser, server.url);
    await toOrigin(p);
    await bytes(p);
    await box(p).fill("GET / HTTP/1.1\\r\\nHost: x\\r\\nCookie: hunter2\\r\\nX: kept-when-asked\\r\\n\\r\\n");
    await p.page.getByText("kept-when-asked").first().waitFor();
    await p.page.getByRole("button", { name: "Share" }).click();
    const sheet = p.page.getByRole("dialog", { name: "Share" }), field = sheet.getByRole("textbox", { name: "Link" });
    await sheet.getByText("Left out: the bodies of requests").waitFor();
    const bare = await field.inputValue();
    await sheet.getByLabel("Put request bodies into the link").check();
    await sheet.getByText("Left out: the values of Authorization and cookies.").waitFor();
    const full = await field.inputValue();
    const { connections } = origin;
    await p.close();

    for (const [link, want] of [[bare, ""], [full, "GET / HTTP/1.1\\r\\n\nHost: x\\r\\n\nCookie: REDACTED\\r\\n\nX: kept-when-asked\\r\\n\n\\r\\n"]]) {
      const other = await openPage(browser, link, { expectReady: false });
      await other.page.getByRole("group", { name: "Opened link" }).waitFor();
      await other.page.getByRole("button", { name: "Run all", disabled: false }).waitFor();
      await holds(box(other), want);
      await other.page.getByText("0 of 4", { exact: true }).waitFor();
      await other.close();
    }
    assert.equal(origin.connections, connections, "a link sent something");
  });

  test("become the same bytes in exported Python", async () => {
    const p = await openPage(browser, server.url);
    await toOrigin(p);
    await bytes(p);
    await box(p).fill("OPTIONS * HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
    await p.page.keyboard.press("F8");
    await p.hears("Step 4 of 4: read. Idle.");
    await p.page.getByRole("button", { name: "Share" }).click();
    await p.page.getByRole("radio", { name: /^Python/ }).check();
    const [download] = await Promise.all([p.page.waitForEvent("download"), p.page.getByRole("button", { name: "Save file" }).click()]);
    const code = readFileSync(await download.path(), "utf8");
    assert.match(code, /conn\.send\(b'OPTIONS \* HTTP\/1\.1\\r\\nHost: x\\r\\n\\r\\n'\)\nresp = http\.client\.HTTPResponse\(conn\.sock, method='OPTIONS'\)\nresp\.begin\(\)/);
    await p.close();
  });
});
