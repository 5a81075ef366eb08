// Puts the built page and the built client together into one site: every file
// by its name. Two things are added that only the whole can know:
//
//   index.html          names the client it was built with, so that no cache can
//                       give it another, and the script that keeps a copy offline
//   service-worker.js   gets the list of what to keep

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

const PAGE = "index.html", WORKER = "service-worker.js", CLIENT = "client/index.js";

/** What the page never asks for: declarations, lists, and what stands beside it. */
const kept = (/** @type {string} */ name) =>
  name === "favicon.svg" || name.startsWith("assets/") || /^client\/.*\.(js|wasm)$/.test(name) && name !== CLIENT;

/** @param {string | Buffer} content */
const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/**
 * The files under folder, relative to it.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(path.join(folder, name)).isFile());
}

/**
 * @param {string} page the folder of the built page
 * @param {string} client the folder of the built client
 * @returns {Map<string, Buffer>}
 */
export function assemble(page, client) {
  /** @type {Map<string, Buffer>} */
  const site = new Map();
  for (const [folder, prefix] of [[page, ""], [client, "client/"]]) {
    if (!existsSync(folder)) throw new Error(`${folder} does not exist; build it first`);
    for (const name of filesUnder(folder).sort()) site.set(prefix + name.split(path.sep).join("/"), readFileSync(path.join(folder, name)));
  }
  complete(site);
  return site;
}

/**
 * Names the client in the page, and lists the files in the worker's script.
 * @param {Map<string, Buffer>} site
 */
export function complete(site) {
  const page = site.get(PAGE), client = site.get(CLIENT), worker = site.get(WORKER);
  if (!page || !client || !worker) return; // a part of a site, which says nothing of the rest

  const address = `${CLIENT}?${sha256(client).slice(0, 12)}`;
  const html = page.toString().replace("</head>", `<meta name="stepwire-client" content="./${address}">\n<meta name="stepwire-offline" content="./${WORKER}">\n</head>`);
  site.set(PAGE, Buffer.from(html));

  /** @type {[address: string, sha256: string][]} */
  const files = [...site].filter(([name]) => kept(name)).map(([name, content]) => [`./${name}`, sha256(content)]);
  files.push([`./${address}`, sha256(client)]);
  files.sort(([a], [b]) => (a < b ? -1 : 1));
  const named = [...new Set(html.match(/\.\/(assets|client)\/[^"]+/g))];
  const version = sha256(JSON.stringify(files) + html + worker).slice(0, 12);
  site.set(WORKER, Buffer.from(`self.stepwire = ${JSON.stringify({ version, files, page: named })};\n${worker}`));
}
