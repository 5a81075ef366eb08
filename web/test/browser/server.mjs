// @ts-check
/** The real server: the built binary on a free port, with the page, the client and the demos inside. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * @param {string[]} [flags]
 * @returns {Promise<{ url: string, stop(): Promise<number | null>, demo: string }>}
 */
export async function startServer(flags = []) {
  const binary = process.env.NETSHIM ?? fileURLToPath(new URL("../../../bin/netshim", import.meta.url));
  if (!existsSync(binary)) throw new Error(`${binary} is not there: run make build first`);
  const child = spawn(binary, ["--listen", "127.0.0.1:0", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  /** @type {Promise<number | null>} */
  const ended = new Promise((r) => child.once("exit", (code) => r(code)));
  let said = "";
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said += line + "\n";
        const m = /http:\/\/127\.0\.0\.1:\d+\//.exec(line);
        if (m) resolve(m[0]);
      });
    }
    ended.then((code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const { origin } = /** @type {any} */ (await (await fetch(url + "demo.json")).json());
  return { url, demo: origin, stop: () => { child.kill("SIGTERM"); return ended; } };
}
