// @ts-check
/** A host of files and nothing else, under a path of its own: no relay, no demonstrations, no headers. */
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "../../../netshim/site/assemble.mjs";

const at = (/** @type {string} */ name) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const TYPES = /** @type {Record<string, string>} */ ({ ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json", ".wasm": "application/wasm" });

/** The built site, file by file. */
export const builtSite = () => assemble(at("web/dist"), process.env.CLIENT_DIR ?? at("bin/client"));

/**
 * @param {Map<string, Buffer>} files
 * @param {string} [prefix] the path that they are under, with slashes
 */
export async function serveFiles(files, prefix = "/stepwire/") {
  const host = {
    /** What is served; may be replaced at any time. */
    files,
    /** As many hosts have it: kept for ten minutes without asking. */
    cacheControl: "max-age=600",
    url: "",
    /** Names that were asked for, with their query. @type {string[]} */
    asked: [],
    close: () => new Promise((/** @type {(v?: any) => void} */ done) => { server.closeAllConnections(); server.close(done); }),
  };
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? "/", "http://host");
    const name = url.pathname.startsWith(prefix) ? decodeURIComponent(url.pathname.slice(prefix.length)) : null;
    if (name !== null) host.asked.push(name + url.search);
    const content = name === null ? undefined : host.files.get(name.endsWith("/") || name === "" ? `${name}index.html` : name);
    res.statusCode = content ? 200 : 404;
    res.setHeader("cache-control", host.cacheControl);
    res.setHeader("access-control-allow-origin", "*");
    res.setHeader("content-type", content && name !== null ? TYPES[extname(name)] ?? TYPES[".html"] : "text/plain");
    res.end(req.method === "HEAD" ? undefined : content ?? "not found\n");
  });
  await new Promise((/** @type {(v?: any) => void} */ r) => server.listen(0, "127.0.0.1", r));
  host.url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}${prefix}`;
  return host;
}
