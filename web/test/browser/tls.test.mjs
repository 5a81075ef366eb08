// @ts-check
/** HTTPS from the composer: agreed in the page, opaque to the relay. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { start } from "./fixture.mjs";
import { PHONE, openPage } from "./page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

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

/** @param {Opened} p @param {string} where */
async function clean(p, where) {
  await p.page.evaluate(axe);
  const { violations } = await p.page.evaluate(() => /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.flatMap((/** @type {any} */ v) => v.nodes.map((/** @type {any} */ n) => `${where}: ${v.id}: ${n.target.join(" ")}`)), []);
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
    await clean(p, "ladder");
    await p.page.getByRole("tab", { name: "TLS" }).click();
    const panel = p.page.getByRole("tabpanel", { name: "TLS" });
    await panel.getByText(/^TLS 1\.3/).waitFor();
    const who = panel.getByRole("row", { name: /^Request and response/ });
    assert.deepEqual(await who.getByRole("cell").allTextContents(), ["reads", "ciphertext", "ciphertext"]);
    await clean(p, "tls");
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
    assert.equal(await p.page.getByLabel("Scheme").inputValue(), "https");
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
    const { scroll, client } = await p.page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
    assert.ok(scroll <= client, `the page is ${scroll - client}px wider than the window`);
    await clean(p, "phone");
    await p.close();
  });
});
