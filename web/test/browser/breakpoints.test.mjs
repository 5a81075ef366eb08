// @ts-check
/** Breakpoints on a state, a call and bytes: live, in recorded steps, by keyboard, on a phone, after a reload. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cleanInBoth } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { PHONE, eventually, fits, openPage, ready, texts } from "./page.mjs";

const { browser, server } = await start();

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

/** @param {Opened} p */
const section = (p) => p.page.getByRole("region", { name: "Breakpoints" });

/** Opens the list, and gives the form. @param {Opened} p */
async function form(p) {
  const f = section(p).getByRole("form", { name: "New breakpoint" });
  if (!(await f.isVisible())) await section(p).getByText("Breakpoints", { exact: true }).click();
  return f;
}

/** @param {Opened} p @param {string} name of the choice @param {string} value */
async function on(p, name, value) {
  const f = await form(p);
  await f.getByLabel("Stop").selectOption(name === "State" ? "state" : "call");
  await f.getByLabel(name, { exact: true }).selectOption(value);
  await f.getByRole("button", { name: "Add" }).click();
}

/** @param {Opened} p @param {string} pattern @param {{ dir?: string, as?: string }} [how] */
async function onBytes(p, pattern, { dir = "received", as = "text" } = {}) {
  const f = await form(p);
  await f.getByLabel("Stop").selectOption("bytes");
  await f.getByLabel("Direction").selectOption(dir);
  await f.getByLabel("Pattern written as").selectOption(as);
  await f.getByLabel("Byte pattern").fill(pattern);
  await f.getByRole("button", { name: "Add" }).click();
}

/** Waits until those are the breakpoints that are listed. @param {Opened} p @param {string[]} rows */
const listed = (p, ...rows) => eventually(async () => assert.deepEqual(await texts(section(p).getByRole("listitem")), rows));

/** Waits until what has the focus is that. @param {Opened} p @param {(e: Element) => unknown} is @param {string} what */
const focused = (p, is, what) => eventually(async () => assert.equal(await p.page.locator(":focus").evaluate(is), what));

describe("breakpoints", () => {
  test("a state, a call and bytes stop a live run, and the page says which", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await on(p, "Call", "endheaders");
    await on(p, "State", "Unread-response");
    await onBytes(p, "\\r\\n\\r\\n", { dir: "sent" });
    await listed(p, "before endheaders()", "on state Unread-response", 'on sent bytes "\\r\\n\\r\\n"');
    const banner = p.page.getByRole("group", { name: "Stopped at a breakpoint" });

    await p.page.keyboard.press("Control+Enter");
    await p.hears("Breakpoint before endheaders().");
    await banner.getByText("before endheaders()").waitFor();
    await p.page.getByText("2 of 5", { exact: true }).waitFor();

    // The bytes that stopped it are selected.
    await banner.getByRole("button", { name: "Go on" }).click();
    await p.hears(/Breakpoint on sent bytes "\\r\\n\\r\\n" at \d+\./);
    await p.page.getByText("3 of 5", { exact: true }).waitFor();
    await p.page.getByRole("group", { name: "Selection" }).getByText(/^bytes \d+–\d+$/).waitFor();
    await section(p).getByRole("listitem").filter({ hasText: "sent bytes" }).getByText("stopped here").waitFor();

    await p.page.keyboard.press("F8");
    await p.hears("Breakpoint on state Unread-response.");
    await p.page.getByText("4 of 5", { exact: true }).waitFor();

    await p.page.keyboard.press("F8");
    await p.hears("Step 5 of 5: read. Idle.");
    await banner.waitFor({ state: "detached" });
    await p.close();
  });

  test("before the first call it stops once", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await on(p, "Call", "connect");
    await p.page.keyboard.press("F8");
    await p.hears("Breakpoint before connect().");
    await p.page.getByText("0 of 5", { exact: true }).waitFor();
    await p.page.keyboard.press("F8");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.close();
  });

  test("recorded steps are played up to a breakpoint, and nothing is sent", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await p.page.keyboard.press("F8");
    await p.hears("Step 5 of 5: read. Idle.");
    await onBytes(p, "48 54 54 50 2f 31 2e 31 20", { as: "hex" });
    await on(p, "Call", "read");
    await p.page.getByRole("slider", { name: "Timeline" }).fill("0");
    await p.hears("Recorded. Before the first call.");
    await p.page.getByRole("button", { name: "Play" }).click();
    await p.hears("Breakpoint on received bytes 48 54 54 50 2f 31 2e 31 20 at 0; before read().");
    await p.page.getByText("4 of 5", { exact: true }).waitFor();
    await p.page.getByText("recorded", { exact: true }).waitFor();
    await p.page.getByRole("gridcell", { name: /^offset 0x0, 48, H/, selected: true }).waitFor();
    await p.page.keyboard.press("F8");
    await p.hears("Step 5 of 5: read. Idle.");
    // All of it was looked at in the one run there is.
    assert.equal(await p.page.getByLabel("Run", { exact: true }).count(), 0);
    await p.close();
  });

  test("a file that was opened is played the same way", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("chunked");
    await p.page.keyboard.press("F8");
    await p.hears("Step 5 of 5: read. Idle.");
    await p.page.getByRole("button", { name: "Share" }).click();
    await p.page.getByRole("radio", { name: /^Recording/ }).check();
    const [download] = await Promise.all([p.page.waitForEvent("download"), p.page.getByRole("button", { name: "Save file" }).click()]);
    const path = await download.path();
    await p.page.getByRole("dialog", { name: "Share" }).getByRole("button", { name: "Close" }).click();
    await p.page.getByRole("button", { name: "Open a file" }).click();
    await p.page.getByLabel(/^File to open/).setInputFiles(path);
    await p.hears(/^Opened a recording/);
    await on(p, "State", "Request-sent");
    await p.page.getByRole("slider", { name: "Timeline" }).fill("0");
    await p.page.getByRole("button", { name: "Play" }).click();
    await p.hears("Breakpoint on state Request-sent.");
    await p.page.getByText("3 of 5", { exact: true }).waitFor();
    await p.close();
  });

  test("a bad pattern is refused by name; one that is there is not added twice", async () => {
    const p = await openPage(browser, server.url);
    await onBytes(p, "\\q");
    const alert = section(p).getByRole("alert");
    await alert.getByText(/^The pattern \\q cannot be read: "\\q" at character 1 is no escape/).waitFor();
    await onBytes(p, "0d 0", { as: "hex" });
    await alert.getByText(/^The pattern 0d 0 cannot be read: "0" at character 4 is no byte/).waitFor();
    await onBytes(p, "");
    await alert.getByText("The pattern is empty").waitFor();
    await listed(p);
    await on(p, "State", "Idle");
    await alert.waitFor({ state: "detached" });
    await on(p, "State", "Idle");
    await alert.getByText("There is a breakpoint on state Idle already.").waitFor();
    await p.close();
  });

  test("with the keyboard alone: added, switched off, switched on, removed", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    const key = (/** @type {string} */ k) => p.page.keyboard.press(k);
    const label = (/** @type {Element} */ e) => e.getAttribute("aria-label");
    await section(p).locator("summary").focus();
    await key("Enter");
    await key("Tab");
    await focused(p, label, "Stop");
    for (let i = 0; i < 3; i++) await key("Tab");
    await focused(p, label, "Byte pattern");
    await p.page.keyboard.type("HTTP/1.1 ");
    await key("Enter");
    await p.hears('Breakpoint added: on received bytes "HTTP/1.1 ".');
    const box = (/** @type {boolean} */ checked) => section(p).getByRole("checkbox", { name: 'on received bytes "HTTP/1.1 "', checked }).waitFor();
    // Back over the direction, the notation, the kind and the button that removes.
    for (let i = 0; i < 5; i++) await key("Shift+Tab");
    await key("Space");
    await p.hears('Breakpoint on received bytes "HTTP/1.1 " off.');
    await box(false);
    await key("F8");
    await p.hears("Step 5 of 5: read. Idle.");
    await key("Space");
    await p.hears('Breakpoint on received bytes "HTTP/1.1 " on.');
    await box(true);
    await key("F8");
    await p.hears('Breakpoint on received bytes "HTTP/1.1 " at 0.');
    await key("Tab");
    await key("Enter");
    await p.hears('Breakpoint removed: on received bytes "HTTP/1.1 ".');
    await focused(p, (e) => e.tagName, "SUMMARY");
    await listed(p);
    await p.close();
  });

  test("they stay after a reload, and are in no link", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await onBytes(p, "only-in-this-browser");
    await on(p, "Call", "read");
    await section(p).getByRole("checkbox", { name: "before read()" }).uncheck();
    await p.page.getByRole("button", { name: "Share" }).click();
    await p.page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById("share-link")).value !== "");
    const link = await p.page.getByRole("textbox", { name: "Link" }).inputValue();
    await p.page.getByRole("dialog", { name: "Share" }).getByRole("button", { name: "Close" }).click();
    await p.page.reload();
    await ready(p.page);
    await listed(p, 'on received bytes "only-in-this-browser"', "before read()");
    await section(p).getByRole("checkbox", { name: "before read()", checked: false }).waitFor();
    await p.close();

    const other = await openPage(browser, link, { expectReady: false });
    await other.page.getByRole("group", { name: "Opened link" }).waitFor();
    await listed(other);
    await other.close();
  });

  test("what is stored and makes no sense is passed over", async () => {
    const p = await openPage(browser, server.url, {
      before: (page) => page.addInitScript(() => localStorage.setItem("stepwire.breakpoints", JSON.stringify([7, { kind: "bytes", as: "hex", pattern: "0", dir: "sent" }, { kind: "state", state: "Idle" }]))),
    });
    await listed(p, "on state Idle");
    await p.close();
  });

  test("on a phone: stopped, and nothing for axe to find", async () => {
    const p = await openPage(browser, server.url, { viewport: PHONE, hasTouch: true });
    await p.demo("fixed");
    await onBytes(p, "Content-Length: ");
    await p.page.getByRole("button", { name: "Run all" }).tap();
    await p.hears('Breakpoint on received bytes "Content-Length: " at ');
    await p.page.getByRole("group", { name: "Stopped at a breakpoint" }).waitFor();
    await cleanInBoth(p.page, "code");
    await p.page.getByRole("tab", { name: "Bytes", exact: true }).tap();
    await p.page.getByRole("gridcell", { selected: true }).first().waitFor();
    await p.page.getByRole("group", { name: "Stopped at a breakpoint" }).getByRole("button", { name: "Go on" }).tap();
    await p.hears("Step 5 of 5: read. Idle.");
    await fits(p.page);
    await p.close();
  });

  test("on a desktop: nothing for axe to find", async () => {
    const p = await openPage(browser, server.url);
    await p.demo("fixed");
    await on(p, "State", "Request-sent");
    await p.page.getByRole("button", { name: "Breakpoint before step 2" }).click();
    await p.page.keyboard.press("F8");
    await p.hears("Breakpoint before step 2.");
    await onBytes(p, "\\q");
    await section(p).getByRole("alert").waitFor();
    await cleanInBoth(p.page, "list, banner and error");
    await p.close();
  });
});
