// @ts-check
/** What nearly every file of tests needs: Chromium, and the real server with the page. */
import { after } from "node:test";
import { launch } from "./chromium.mjs";
import { startServer } from "./server.mjs";

/** Both, until the file's tests have run. @param {string[]} [flags] the server's */
export async function start(flags) {
  const [browser, server] = await Promise.all([launch(), startServer(flags)]);
  after(async () => {
    await browser.close();
    await server.stop();
  });
  return { browser, server };
}
