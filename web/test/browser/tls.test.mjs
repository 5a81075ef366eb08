// @ts-check
/** HTTPS from the composer: agreed in the page, opaque to the relay. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clean } from "./axe.mjs";
import { start } from "./fixture.mjs";
import { PHONE, eventually, fits, holds, openPage } from "./page.mjs";

const { browser, server } = await start();

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

/** A demonstration over TLS, to its end. @param {Opened} p */
async function secure(p) {
  await p.demo("fixed");
  await p.page.getByLabel("Scheme").selectOption("https");
  await p.page.getByText(/^conn = HTTPSConnection\(/).first().waitFor();
  await p.hears("TLS is ready.");
  await p.page.keyboard.press("Control+Enter");
  await p.hears("Step 5 of 5: read. Idle.");
}

describe("https", () => {
  test("the module loads when it is chosen; handshake, certificates and records are shown", async () => {
    /** @type {string[]} */
    const fetched = [];
    const p = await openPage(browser, server.url, { before: async (page) => { page.context().on("request", (r) => fetched.push(r.url())); } });
    assert.ok(!fetched.some((u) => u.includes("stepwire-tls")), "TLS was loaded before it was needed");
    await secure(p);
    await p.page.getByRole("tab", { name: "Ladder" }).click();
    const ladder = p.page.getByRole("tabpanel", { name: "Ladder" });
    await ladder.getByText("TLS handshake").waitFor();
    await ladder.getByText("certificate", { exact: false }).first().waitFor();
    await ladder.getByText(/verified/).waitFor();
    await clean(p.page, "ladder");
    await p.page.getByRole("tab", { name: "TLS" }).click();
    const panel = p.page.getByRole("tabpanel", { name: "TLS" });
    await panel.getByText(/^TLS 1\.3/).waitFor();
    const who = panel.getByRole("row", { name: /^Request and response/ });
    await eventually(async () => assert.deepEqual(await who.getByRole("cell").allTextContents(), ["reads", "ciphertext", "ciphertext"]));
    await clean(p.page, "tls");
    // A record, the ciphertext in it, and the plaintext that it carried.
    await panel.getByRole("button", { name: /^sent plaintext 0–/ }).click();
    await p.page.getByRole("group", { name: "Selection" }).getByText(/^bytes 0–/).waitFor();
    await p.page.getByRole("gridcell", { name: /^offset 0x0, 47, G/ }).waitFor();
    await p.close();
  });

  test("an address with its scheme chooses it; a certificate that nobody vouches for is refused", async () => {
    const { secure: at } = /** @type {any} */ (await (await fetch(server.url + "demo.json")).json());
    const p = await openPage(browser, server.url);
    // Under another name than its own, the demonstrations' authority is not trusted.
    await p.page.getByRole("textbox", { name: "Server" }).fill(`https://localhost:${at.origin.split(":")[1]}`);
    await p.hears("TLS is ready.");
    await holds(p.page.getByLabel("Scheme"), "https");
    await p.page.keyboard.press("Control+Enter");
    await p.hears(/connect raised/);
    await p.close();
  });

  test("a module that does not load is said, and asked for again", async () => {
    let broken = true;
    const p = await openPage(browser, server.url, {
      tolerate: /503|Failed to load/,
      before: (page) => page.context().route("**/stepwire-tls*.wasm", (r) => (broken ? r.fulfill({ status: 503, body: "" }) : r.continue())),
    });
    await p.page.getByLabel("Scheme").selectOption("https");
    await p.page.getByRole("alert").getByText("TLS could not be loaded.").waitFor();
    broken = false;
    await p.page.getByLabel("Scheme").selectOption("http");
    await secure(p);
    await p.close();
  });

  test("on a phone", async () => {
    const p = await openPage(browser, server.url, { viewport: PHONE, hasTouch: true });
    await secure(p);
    await p.page.getByRole("tab", { name: "State", exact: true }).tap();
    await p.page.getByRole("tab", { name: "TLS" }).tap();
    await p.page.getByRole("heading", { name: "Who can read what" }).waitFor();
    await fits(p.page);
    await clean(p.page, "phone");
    await p.close();
  });
});
