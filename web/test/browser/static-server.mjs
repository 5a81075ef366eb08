// @ts-check
/** The built page with a client that replays recordings: for views without a network. */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };

export const demos = {
  origin: "127.0.0.1:41234",
  demos: [
    { id: "chunked", title: "Chunked, with a trailer", method: "GET", target: "/chunked", headers: [["Accept", "text/plain"]], shows: "A body in chunks of announced size, with an extension and a trailer." },
    { id: "bad-status", title: "No status line", method: "GET", target: "/bad-status", headers: [], shows: "An answer that is not HTTP at all." },
  ],
};

/** @returns {Promise<{ url: string, close(): Promise<void> }>} */
export async function serveRecorded() {
  const server = createServer(async (req, res) => {
    const path = normalize(decodeURIComponent(new URL(req.url ?? "/", "http://x").pathname));
    if (path === "/demo.json") { res.setHeader("content-type", "application/json"); res.end(JSON.stringify(demos)); return; }
    const file = path === "/client/index.js" ? join(web, "test/fixtures/fake-client.js")
      : path.startsWith("/client/") ? join(web, "test/fixtures", path.slice(8))
      : join(web, "dist", path === "/" ? "index.html" : path);
    try {
      const body = await readFile(file);
      res.setHeader("content-type", TYPES[/** @type {keyof typeof TYPES} */ (extname(file))] ?? "application/octet-stream");
      res.end(body);
    } catch {
      res.statusCode = 404;
      res.end("not found\n");
    }
  });
  await new Promise((/** @type {(v?: any) => void} */ r) => server.listen(0, "127.0.0.1", r));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((r) => { server.closeAllConnections(); server.close(() => r()); }),
  };
}
