// @ts-check
/**
 * Pictures of every view, desktop and phone, light and dark, in test-results/shots;
 * and the one that the README shows, in shots/desktop-light.png.
 * Run by: make shots
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "./browser/chromium.mjs";
import { DESKTOP, PHONE, openPage } from "./browser/page.mjs";
import { startServer } from "./browser/server.mjs";

const out = fileURLToPath(new URL("../test-results/shots/", import.meta.url));
const committed = fileURLToPath(new URL("../shots/", import.meta.url));
mkdirSync(out, { recursive: true });
mkdirSync(committed, { recursive: true });

const [browser, server] = await Promise.all([launch(), startServer()]);

/** @typedef {Awaited<ReturnType<typeof openPage>>} Opened */

/** Runs a demo to its end. @param {Opened} p @param {string} id */
async function run(p, id) {
  await p.demo(id);
  await p.page.keyboard.press("Control+Enter");
  await p.page.getByRole("button", { name: /^Run (again|all)$/ }).waitFor();
  await p.hears(/Step \d+ of \d+: (read|getresponse)/);
}

/** @param {Opened} p @param {string} name */
const tab = (p, name) => p.page.getByRole("tab", { name: new RegExp("^" + name) }).click();

/** Each scene, by name. @type {Record<string, (p: Opened, phone: boolean) => Promise<void>>} */
const scenes = {
  start: async () => {},
  buffer: async (p, phone) => {
    await p.demo("cookies");
    await p.page.keyboard.press("F10");
    await p.page.keyboard.press("F10");
    await p.hears("Step 2 of 5: putrequest.");
    if (phone) await tab(p, "State");
  },
  chunked: async (p, phone) => {
    await run(p, "chunked");
    if (phone) await tab(p, "Bytes");
    await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
    if (phone) await tab(p, "Explain");
  },
  response: async (p, phone) => {
    await run(p, "duplicates");
    if (phone) await tab(p, "State");
    await tab(p, "Response");
  },
  ladder: async (p, phone) => {
    await run(p, "drip");
    if (phone) await tab(p, "State");
    await tab(p, "Ladder");
  },
  changes: async (p, phone) => {
    await run(p, "early-hints");
    if (phone) await tab(p, "State");
    await tab(p, "Changes");
  },
  bytes: async (p, phone) => {
    await run(p, "bytes");
    if (phone) await tab(p, "Bytes");
    await p.page.getByRole("treeitem", { name: /^Content-Length/ }).click();
  },
  malformed: async (p, phone) => {
    await run(p, "chunk-size");
    if (phone) await tab(p, "Explain");
  },
  illegal: async (p, phone) => {
    await p.page.getByRole("button", { name: "getresponse", exact: true }).click();
    await p.hears("raised ResponseNotReady");
    if (phone) await tab(p, "Explain");
  },
  denied: async (p, phone) => {
    await p.page.getByRole("textbox", { name: "Server" }).fill("10.0.0.1:80");
    await p.page.keyboard.press("Control+Enter");
    await p.hears("connect raised OSError");
    if (phone) await tab(p, "Explain");
  },
  keys: async (p) => {
    await p.page.getByRole("button", { name: "Keys" }).click();
  },
};

const only = process.argv.slice(2);
for (const [name, scene] of Object.entries(scenes)) {
  if (only.length && !only.includes(name)) continue;
  for (const [device, options] of /** @type {const} */ ([["desktop", { viewport: DESKTOP }], ["phone", { viewport: PHONE, hasTouch: true, deviceScaleFactor: 2 }]])) {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      const p = await openPage(browser, server.url, { ...options, colorScheme });
      await scene(p, device === "phone");
      await p.page.evaluate(() => document.fonts.ready);
      await p.page.screenshot({ path: `${out}${name}-${device}-${colorScheme}.png` });
      await p.close();
    }
  }
}

if (!only.length || only.includes("page")) {
  const p = await openPage(browser, server.url, { viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  await run(p, "chunked");
  await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
  await tab(p, "Response");
  await p.page.mouse.move(5, 5);
  await p.page.evaluate(() => document.fonts.ready);
  await p.page.screenshot({ path: committed + "desktop-light.png" });
  await p.close();
}

await browser.close();
await server.stop();
