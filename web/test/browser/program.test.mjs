// @ts-check
/** The program: breakpoints, and the calls as code. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clean } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { eventually, openPage, texts } from "./page.mjs";

const { browser, server } = await start();

describe("breakpoints", () => {
  test("run stops before the call, and goes on from there", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await p.page.getByRole("button", { name: "Breakpoint before step 4" }).click();
    await p.page.getByRole("button", { name: "Breakpoint before step 4", pressed: true }).waitFor();
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Breakpoint before step 4.");
    await p.page.getByText("3 of 5", { exact: true }).waitFor();
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.close();
  });
});

describe("two runs", () => {
  test("are compared step by step and field by field", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("keep-alive");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.demo("connection-close");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 6 of 6: read. Idle.");
    await p.page.getByRole("tab", { name: "Compare" }).click();
    const fields = p.page.getByRole("table", { name: "Fields that differ" });
    const row = fields.getByRole("row").filter({ has: p.page.getByRole("rowheader", { name: /request › Connection/ }) });
    await eventually(async () => assert.deepEqual(await texts(row.getByRole("cell")), ["absent", "close"]));
    await row.getByRole("button").click();
    await p.page.getByRole("group", { name: "Selection" }).getByText("Connection", { exact: true }).waitFor();
    await p.close();
  });
});

describe("as code", () => {
  /** @param {Awaited<ReturnType<typeof openPage>>} p */
  async function code(p) {
    await p.page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "code" }).click();
    const editor = p.page.getByRole("textbox", { name: "Program code" });
    await editor.waitFor();
    return editor;
  }

  /** The editor with all of its text selected: what comes next takes its place. @param {Awaited<ReturnType<typeof openPage>>} p */
  async function selected(p) {
    const editor = await code(p);
    await editor.click();
    await p.page.keyboard.press("Control+a");
    return editor;
  }

  test("shows the composed program, is edited, and runs", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    const editor = await selected(p);
    await editor.getByText('conn.putrequest("GET", "/fixed")').waitFor();
    const [host, port] = server.demo.split(":");
    await p.page.keyboard.insertText(`# two requests on one connection\nconn = HTTPConnection("${host}", ${port})\nconn.request("GET", "/keep-alive")\nresp = conn.getresponse()\nresp.read()\nconn.request("GET", "/keep-alive")\nresp = conn.getresponse()\nresp.read(5)\n`);
    await p.page.getByText("0 of 6", { exact: true }).waitFor();
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 6 of 6: read.");
    // Two requests, one transport.
    await p.page.getByRole("treeitem", { name: /^sent request 2/ }).waitFor();
    const lit = (/** @type {string} */ line) => eventually(async () => assert.equal(await p.page.locator("sw-editor .line-now").textContent(), line));
    // What was typed is still there, and the line of the step is lit.
    await editor.getByText("# two requests on one connection").waitFor();
    await lit("resp.read(5)");
    await p.page.keyboard.press("F9");
    await p.hears("Recorded. Step 5 of 6");
    await lit("resp = conn.getresponse()");
    await p.close();
  });

  test("a fault points at its column, and the program stays as it was", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    const editor = await code(p);
    await editor.click();
    await p.page.keyboard.press("Control+End");
    await p.page.keyboard.insertText("\nconn.conect()");
    const mark = p.page.locator("sw-editor .cm-lintRange-error");
    await mark.waitFor();
    await eventually(async () => assert.equal(await mark.textContent(), "conect"));
    await mark.hover();
    await p.page.locator(".cm-tooltip").getByText("Column 6: conn has no call “conect”: there are connect, close").waitFor();
    await p.page.getByText(/^Line 7, column 6: conn has no call “conect”/).waitFor();
    await p.page.getByText("0 of 5", { exact: true }).waitFor();
    await clean(p.page, "program with a fault");
    await p.close();
  });

  /** As the clipboard hands it over. @param {import("playwright-core").Locator} editor @param {string} text */
  const paste = (editor, text) => editor.evaluate((e, data) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", data);
    e.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);

  test("takes what was copied from a Python session, and follows the palette in its words", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    const editor = await selected(p);
    const [host, port] = server.demo.split(":");
    await paste(editor, [
      ">>> import http.client, json", ">>> headers = {\"Content-Type\": \"application/json\",", "...            \"X\": \"1\"}",
      `>>> c = http.client.HTTPConnection("${host}", ${port}, timeout=20)`, '>>> c.request("POST", "/echo", json.dumps({"q": "é"}), headers)',
      ">>> r1 = c.getresponse()", ">>> print(r1.status, r1.reason)", "200 OK", ">>> data = r1.read()",
    ].join("\n"));
    const text = async () => (await p.page.locator("sw-editor .cm-line").allTextContents()).join("\n");
    await p.page.getByText("0 of 3", { exact: true }).waitFor();
    await p.page.getByText("Line 7 makes no call and is skipped", { exact: false }).waitFor();
    await p.page.getByRole("button", { name: "Step", exact: true }).click();
    await p.hears("Step 1 of 3: request.");
    await p.page.getByRole("button", { name: "Step", exact: true }).click();
    await p.hears("Step 2 of 3: getresponse.");
    // A call of the palette becomes a line before those that are still to come.
    await p.page.getByRole("button", { name: "peek", exact: true }).click();
    await p.hears("Step 3 of 4: peek.");
    const typed = [
      "import http.client, json", 'headers = {"Content-Type": "application/json",', '           "X": "1"}',
      `c = http.client.HTTPConnection("${host}", ${port}, timeout=20)`, 'c.request("POST", "/echo", json.dumps({"q": "é"}), headers)',
      "r1 = c.getresponse()", "r1.peek()", "print(r1.status, r1.reason)", "# 200 OK", "data = r1.read()",
    ].join("\n");
    await eventually(async () => assert.equal(await text(), typed));
    await eventually(async () => assert.equal(await p.page.locator("sw-editor .line-now").textContent(), "r1.peek()"));
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 4 of 4: read. Idle.");
    // What was typed is there when the editor comes back.
    await p.page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "steps" }).click();
    await code(p);
    await eventually(async () => assert.equal(await text(), typed));
    await p.close();
  });

  test("breakpoints keep to their lines, and a long program keeps its step in sight", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    const editor = await selected(p);
    const [host, port] = server.demo.split(":");
    await p.page.keyboard.insertText(`conn = HTTPConnection("${host}", ${port})\n${"conn.set_debuglevel(0)\n".repeat(40)}conn.connect()\nconn.close()`);
    await p.page.getByText("0 of 42", { exact: true }).waitFor();
    await p.page.keyboard.press("Control+b");
    await p.hears("Breakpoint set at step 42.");
    // A line more before it, and one that is broken for a while.
    await p.page.keyboard.press("Control+Home");
    await p.page.keyboard.press("End");
    await p.page.keyboard.insertText("\nconn.set_debuglevel(");
    await p.page.getByText(/^Line 2, column 20: “\(” is never closed/).waitFor();
    await p.page.keyboard.insertText("0)");
    await p.page.getByText("0 of 43", { exact: true }).waitFor();
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Breakpoint before step 43.");
    const now = p.page.locator("sw-editor .line-now");
    await eventually(async () => assert.equal(await now.textContent(), "conn.connect()"));
    await eventually(async () => assert.ok(await now.evaluate((line) => {
      const box = /** @type {Element} */ (line.closest(".cm-scroller")).getBoundingClientRect(), at = line.getBoundingClientRect();
      return at.top >= box.top && at.bottom <= box.bottom;
    }), "the line of the step is scrolled out of the editor"));
    // So does a call of the palette.
    await p.page.getByRole("button", { name: "putrequest", exact: true }).click();
    await p.hears("Step 43 of 44: putrequest.");
    // send() takes bytes, and no text: what is typed for it becomes bytes.
    await p.page.getByLabel("send: Bytes to send").fill("é\\r\\n");
    await p.page.getByRole("button", { name: "send", exact: true }).click();
    await p.hears("Step 44 of 45: send. Request-started.");
    await editor.getByText('conn.send(b"\\xc3\\xa9\\r\\n")').waitFor();
    await editor.getByText("conn.close()").click();
    await p.page.keyboard.press("Control+b");
    await p.hears("Breakpoint removed at step 45.");
    await p.close();
  });

  test("follows the palette, and goes on after edits of what is still to come", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    const editor = await code(p);
    await p.page.getByRole("button", { name: "Step", exact: true }).click();
    await p.page.getByRole("button", { name: "Step", exact: true }).click();
    await p.hears("Step 2 of 5: putrequest.");
    await p.page.getByRole("button", { name: "putheader", exact: true }).click();
    await p.hears("Step 3 of 6: putheader.");
    await editor.getByText('conn.putheader("Accept", "*/*")').waitFor();
    await editor.getByText("resp.read()").click();
    await p.page.keyboard.press("End");
    await p.page.keyboard.press("ArrowLeft");
    await p.page.keyboard.insertText("7");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("Step 6 of 6: read. Unread-response.");
    await p.close();
  });

  test("Tab leaves the editor", async () => {
    const p = await openPage(browser, server.url);
    const editor = await code(p);
    await editor.focus();
    await p.page.keyboard.press("Tab");
    await p.page.waitForFunction(() => document.activeElement?.tagName !== "SW-EDITOR");
    await p.close();
  });
});
