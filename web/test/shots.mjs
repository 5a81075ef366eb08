// @ts-check
/**
 * Pictures of every view, desktop and phone, light and dark, in shots; and the one
 * that the README shows, shots/desktop-light.png. Named scenes alone are taken anew:
 *
 *   node test/shots.mjs [scene…]
 *
 * Run by: make shots
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "./browser/chromium.mjs";
import { DESKTOP, PHONE, openPage } from "./browser/page.mjs";
import { startServer } from "./browser/server.mjs";

const out = fileURLToPath(new URL("../shots/", import.meta.url));
mkdirSync(out, { recursive: true });

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
    // Whichever comes of it, the copy for use offline is kept, or it is not.
    await p.page.getByRole("dialog", { name: "Keys" }).getByText(/^(This browser keeps (a|no) copy|The copy could not be kept|This copy of the page was built)/).waitFor({ timeout: 60_000 });
  },
  code: async (p) => {
    await run(p, "fixed");
    await p.page.getByRole("group", { name: "Program as" }).getByRole("button", { name: "code" }).click();
    const code = p.page.getByRole("textbox", { name: "Program code" });
    await code.waitFor();
    await p.page.getByRole("heading", { name: "Breakpoints" }).or(p.page.locator("summary").filter({ hasText: "Breakpoints" })).first().scrollIntoViewIfNeeded();
  },
  "own-bytes": async (p) => {
    await p.page.getByRole("group", { name: "Write the program as" }).getByRole("button", { name: "bytes" }).click();
  },
  "in-page": async (p) => {
    await p.page.getByLabel("Network").selectOption("page");
    await p.page.locator("summary").filter({ hasText: "Faults of the line" }).click();
  },
  breakpoints: async (p) => {
    const summary = p.page.locator("summary").filter({ hasText: "Breakpoints" });
    await summary.click();
    const form = p.page.getByRole("form", { name: "New breakpoint" });
    await form.getByLabel("Stop", { exact: true }).selectOption("state");
    await form.getByRole("button").last().click();
    await form.getByLabel("Stop", { exact: true }).selectOption("call");
    await form.getByRole("button").last().click();
    await summary.scrollIntoViewIfNeeded();
  },
  compare: async (p, phone) => {
    await run(p, "fixed");
    await run(p, "chunked");
    if (phone) await tab(p, "State");
    await tab(p, "Compare");
  },
  tls: async (p, phone) => {
    await p.page.getByLabel("Scheme").selectOption("https");
    await p.hears("TLS is ready.");
    await run(p, "fixed");
    if (phone) await tab(p, "State");
    await tab(p, "TLS");
  },
  player: async (p) => {
    await p.page.goto(server.url + "example/");
    await p.page.getByRole("slider", { name: "Timeline" }).first().waitFor();
  },
  share: async (p) => {
    await run(p, "fixed");
    await p.page.getByRole("button", { name: "Share" }).click();
    await p.page.getByRole("button", { name: "Copy link" }).and(p.page.locator(":enabled")).waitFor();
  },
  open: async (p) => {
    await p.page.getByRole("button", { name: "Open a file" }).click();
  },
  decoded: async (p, phone) => {
    await p.page.getByRole("button", { name: "Open a file" }).click();
    await p.page.getByRole("textbox", { name: "Bytes or dump to decode" }).fill("HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\nX-Odd : 1\n\nok");
    await p.page.getByRole("button", { name: "Decode" }).click();
    await p.hears(/Opened the bytes of a response/);
    if (phone) await tab(p, "Explain");
  },
};

/**
 * A picture as WebP, a fifth of what PNG takes.
 * @param {import("playwright-core").Page} page @param {string} name
 */
async function take(page, name) {
  const wire = await page.context().newCDPSession(page);
  const { data } = await wire.send("Page.captureScreenshot", { format: "webp", quality: 82 });
  writeFileSync(`${out}${name}.webp`, Buffer.from(data, "base64"));
  await wire.detach();
}

const only = process.argv.slice(2);
for (const [name, scene] of Object.entries(scenes)) {
  if (only.length && !only.includes(name)) continue;
  for (const [device, options] of /** @type {const} */ ([["desktop", { viewport: DESKTOP }], ["phone", { viewport: PHONE, hasTouch: true, deviceScaleFactor: 1.5 }]])) {
    const p = await openPage(browser, server.url, { ...options, colorScheme: "light", serviceWorkers: "allow" });
    await scene(p, device === "phone");
    await p.page.evaluate(() => document.fonts.ready);
    await p.page.locator(".loading").first().waitFor({ state: "detached" });
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await p.page.emulateMedia({ colorScheme });
      await take(p.page, `${name}-${device}-${colorScheme}`);
    }
    await p.close();
  }
}

if (!only.length || only.includes("handout")) {
  const p = await openPage(browser, server.url, { viewport: { width: 794, height: 1123 } });
  await run(p, "chunked");
  await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
  await p.page.emulateMedia({ media: "print" });
  await take(p.page, "handout");
  await p.close();
}

if (!only.length || only.includes("page")) {
  const p = await openPage(browser, server.url, { viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  await run(p, "chunked");
  await p.page.getByRole("treeitem", { name: /^Transfer-Encoding/ }).click();
  await tab(p, "Response");
  await p.page.mouse.move(5, 5);
  await p.page.evaluate(() => document.fonts.ready);
  await p.page.screenshot({ path: out + "desktop-light.png" });
  await p.close();
}

await browser.close();
await server.stop();
