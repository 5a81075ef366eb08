// @ts-check
/** What nearly every file of tests needs: Chromium, and the real server with the page. */
import { after } from "node:test";
import { launch } from "./chromium.mjs";
import { startServer } from "./server.mjs";

/** Chromium, until the file's tests have run. */
export async function startBrowser() {
  const browser = await launch();
  after(() => browser.close());
  return browser;
}

/** Both, until the file's tests have run. @param {string[]} [flags] the server's */
export async function start(flags) {
  const [browser, server] = await Promise.all([startBrowser(), startServer(flags)]);
  after(() => server.stop());
  return { browser, server };
}
