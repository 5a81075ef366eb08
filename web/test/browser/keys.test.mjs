// @ts-check
/** The keys of TLS: kept on request alone, written on request alone, and never in a link or a recording. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { clean } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { PHONE, eventually, holds, openPage, ready } from "./page.mjs";

const { browser, server } = await start();

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

const KEEP = /Keep the keys of connections made from now on/;
const LINE = /^(CLIENT|SERVER)_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]{64,96}$/m;

/** @param {Opened} p @param {boolean} keep */
async function secure(p, keep) {
  await p.demo("fixed");
  await eventually(async () => assert.equal(await p.page.getByLabel(KEEP).count(), 0, "keys are asked about without TLS"));
  await p.page.getByLabel("Scheme").selectOption("https");
  // The button is enabled for a moment before TLS is asked for, too.
  await p.hears("TLS is ready.");
  const box = p.page.getByLabel(KEEP);
  assert.equal(await box.isChecked(), false);
  if (keep) {
    await box.focus();
    await p.page.keyboard.press("Space");
    await p.hears("The keys of connections made from now on are kept in memory.");
  }
  await p.page.keyboard.press("Control+Enter");
  await p.hears("Step 5 of 5: read. Idle.");
}

/** What is saved in a format. @param {Opened} p @param {RegExp} format @param {boolean} secrets */
async function saved(p, format, secrets) {
  await p.page.getByRole("button", { name: "Share" }).click();
  const sheet = p.page.getByRole("dialog", { name: "Share" });
  await sheet.getByRole("radio", { name: format }).check();
  if (secrets) await sheet.getByLabel(/Keep secrets in the file/).check();
  const [download] = await Promise.all([p.page.waitForEvent("download"), sheet.getByRole("button", { name: "Save file" }).click()]);
  const path = await download.path();
  await sheet.getByRole("button", { name: "Close" }).click();
  return { path, bytes: readFileSync(path) };
}

describe("the key log", () => {
  test("is off, and then there is nothing to write", async () => {
    const p = await openPage(browser, server.url);
    await secure(p, false);
    await p.page.getByRole("button", { name: "Share" }).click();
    const sheet = p.page.getByRole("dialog", { name: "Share" });
    await sheet.getByRole("radio", { name: /^pcapng/ }).waitFor();
    assert.equal(await sheet.getByRole("radio", { name: /^Key log/ }).count(), 0);
    await sheet.getByRole("button", { name: "Close" }).click();
    assert.doesNotMatch((await saved(p, /^pcapng/, true)).bytes.toString("latin1"), /TRAFFIC_SECRET/);
    // Said afterwards, it is too late for this run.
    await p.page.getByRole("tab", { name: "TLS" }).click();
    const panel = p.page.getByRole("tabpanel", { name: "TLS" });
    await panel.getByLabel(KEEP).check();
    await panel.getByText("Keys: not kept for this run.").waitFor();
    await p.page.reload();
    await ready(p.page);
    await p.page.getByLabel("Scheme").selectOption("https");
    assert.equal(await p.page.getByLabel(KEEP).isChecked(), false, "the choice outlived the page");
    await p.close();
  });

  test("asked for, it is written when that is asked for, too; the capture with it inside opens in plain text", async () => {
    const p = await openPage(browser, server.url);
    await secure(p, true);
    await p.page.getByRole("tab", { name: "TLS" }).click();
    await p.page.getByRole("tabpanel", { name: "TLS" }).getByText("Keys: kept in memory for this run.").waitFor();
    await clean(p.page, "tls");

    await p.page.getByRole("button", { name: "Share" }).click();
    const sheet = p.page.getByRole("dialog", { name: "Share" });
    await sheet.getByRole("radio", { name: /^Key log/ }).check();
    await sheet.getByRole("button", { name: "Save file" }).click();
    await sheet.getByRole("alert").getByText("ask for secrets to write it").waitFor();
    await clean(p.page, "share");
    await sheet.getByRole("button", { name: "Close" }).click();

    assert.match((await saved(p, /^Key log/, true)).bytes.toString(), LINE);
    assert.doesNotMatch((await saved(p, /^pcapng/, false)).bytes.toString("latin1"), /TRAFFIC_SECRET/);
    const capture = await saved(p, /^pcapng/, true);
    assert.match(capture.bytes.toString("latin1"), /CLIENT_TRAFFIC_SECRET_0 /);
    await p.page.getByRole("button", { name: "Open a file" }).click();
    await p.page.getByLabel(/^File to open/).setInputFiles(capture.path);
    await p.hears(/^Opened a packet capture/);
    await p.page.getByRole("treeitem", { name: /^request line/ }).waitFor();
    await p.page.getByRole("treeitem", { name: /^status line/ }).waitFor();
    await p.close();
  });

  test("is in no link, no recording, and nothing that the browser stores", async () => {
    const p = await openPage(browser, server.url);
    await secure(p, true);
    const key = LINE.exec((await saved(p, /^Key log/, true)).bytes.toString())?.[0].split(" ")[2] ?? "";
    assert.ok(key.length >= 64);
    for (const format of [/^Recording/, /^HAR/, /^curl --trace/, /^Python/]) {
      const text = (await saved(p, format, true)).bytes.toString();
      assert.ok(!text.includes(key) && !text.includes("TRAFFIC_SECRET"), `${format} has the key`);
      assert.ok(!text.includes(Buffer.from(key, "hex").toString("base64").slice(0, 40)), `${format} has the key in base64`);
    }
    await p.page.getByRole("button", { name: "Share" }).click();
    const sheet = p.page.getByRole("dialog", { name: "Share" });
    await sheet.getByLabel("Put request bodies into the link").check();
    await sheet.getByLabel(/Put secrets into the link/).check();
    await p.page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById("share-link")).value !== "");
    const link = await sheet.getByRole("textbox", { name: "Link" }).inputValue();
    const inside = inflateRawSync(Buffer.from(link.split("#v1.")[1], "base64url")).toString();
    assert.match(inside, /"tls":true/);
    assert.ok(!inside.includes(key) && !/secret|keyLog|keys/i.test(inside), inside);
    assert.ok(!(await p.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes(key.slice(0, 20)));
    await p.close();
  });

  test("on a phone, in the dark", async () => {
    const p = await openPage(browser, server.url, { viewport: PHONE, hasTouch: true, colorScheme: "dark" });
    await secure(p, true);
    await clean(p.page, "composer");
    await p.page.getByRole("tab", { name: "State", exact: true }).tap();
    await p.page.getByRole("tab", { name: "TLS" }).tap();
    await p.page.getByText("Keys: kept in memory for this run.").waitFor();
    await clean(p.page, "tls");
    await p.close();
  });
});

describe("a link to an exchange over TLS", () => {
  test("opens it with nothing sent, and runs when it is told to", async () => {
    const p = await openPage(browser, server.url);
    await secure(p, false);
    await p.page.getByRole("button", { name: "Share" }).click();
    await p.page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById("share-link")).value !== "");
    const link = await p.page.getByRole("textbox", { name: "Link" }).inputValue();
    await p.close();

    const other = await openPage(browser, link, { expectReady: false });
    const banner = other.page.getByRole("group", { name: "Opened link" });
    await banner.getByText("nothing was sent").waitFor();
    await banner.getByText(/https:\/\//).waitFor();
    await holds(other.page.getByLabel("Scheme"), "https");
    assert.equal(await other.page.getByLabel(KEEP).isChecked(), false);
    await other.page.getByText("0 of 5", { exact: true }).waitFor();
    const run = banner.getByRole("button", { name: "Run to step 5", disabled: false });
    await run.waitFor();
    await other.page.getByRole("tab", { name: "Ladder" }).click();
    await other.page.getByRole("tabpanel", { name: "Ladder" }).waitFor();
    assert.equal(await other.page.getByText("TLS handshake").count(), 0);
    await run.click();
    await other.hears("Step 5 of 5: read. Idle.");
    await other.page.getByText("TLS handshake").first().waitFor();
    await other.close();
  });
});
