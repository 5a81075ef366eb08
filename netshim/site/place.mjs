// Lays the built files out as package site serves them, and compresses them:
//
//   node place.mjs --page FOLDER --client FOLDER --out FOLDER --cache FOLDER [--brotli QUALITY]
//
// The page's files come to stand at the top of the out folder and the client's
// under client/. Each that shrinks gets the siblings name.br (brotli, at its
// best quality, 11, unless another is asked for) and name.gz (gzip 9). Whatever
// else is in the out folder is removed, but for PLACEHOLDER.md. The cache keeps
// compressed contents by the hash of what they were made from, so that an
// unchanged file costs nothing the next time.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import zlib from "node:zlib";
import { assemble, filesUnder } from "./assemble.mjs";

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

const compressible = /\.(html|js|mjs|css|json|svg|wasm|ts|map|txt|md|ico|webmanifest)$/;

const { values } = parseArgs({
  options: { page: { type: "string" }, client: { type: "string" }, out: { type: "string" }, cache: { type: "string" }, brotli: { type: "string", default: "11" } },
});
const quality = Number(values.brotli);
if (!Number.isInteger(quality) || quality < 0 || quality > 11) {
  console.error(`place.mjs: --brotli must be a whole number from 0 to 11, not ${values.brotli}`);
  process.exit(2);
}

/** @param {"page" | "client" | "out" | "cache"} name */
function required(name) {
  const value = values[name];
  if (value === undefined) {
    console.error(`place.mjs: --${name} FOLDER is missing; see the head of the file`);
    process.exit(2);
  }
  return value;
}

/**
 * Writes only what differs, so that times of unchanged files stay.
 * @param {string} file
 * @param {Buffer} content
 */
function write(file, content) {
  if (existsSync(file) && readFileSync(file).equals(content)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/**
 * @param {string} cache
 * @param {string} suffix
 * @param {Buffer} content
 * @param {() => Promise<Buffer>} compress
 * @param {Set<string>} used names in the cache that are still of use
 */
async function cached(cache, suffix, content, compress, used) {
  const name = createHash("sha256").update(content).digest("hex") + suffix;
  used.add(name);
  const file = path.join(cache, name);
  if (existsSync(file)) return readFileSync(file);
  const compressed = await compress();
  writeFileSync(`${file}.part`, compressed);
  renameSync(`${file}.part`, file); // whole or not at all, even when interrupted
  return compressed;
}

const out = required("out");
const cache = required("cache");
mkdirSync(cache, { recursive: true });

/** @type {Map<string, Buffer>} */
let site;
try {
  site = assemble(required("page"), required("client"));
} catch (error) {
  console.error(`place.mjs: ${/** @type {Error} */ (error).message}`);
  process.exit(1);
}

/** @type {Map<string, Buffer>} */
const result = new Map();
/** @type {Set<string>} */
const used = new Set();
await Promise.all([...site].map(async ([name, content]) => {
  result.set(name, content);
  if (!compressible.test(name)) return;
  const params = {
    [zlib.constants.BROTLI_PARAM_QUALITY]: quality,
    [zlib.constants.BROTLI_PARAM_LGWIN]: 24,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const [br, gz] = await Promise.all([
    cached(cache, `.${quality}.br`, content, () => brotli(content, { params }), used),
    cached(cache, ".gz", content, () => gzip(content, { level: 9 }), used),
  ]);
  if (br.length < content.length) result.set(`${name}.br`, br);
  if (gz.length < content.length) result.set(`${name}.gz`, gz);
}));

mkdirSync(out, { recursive: true });
for (const name of filesUnder(out)) {
  if (name !== "PLACEHOLDER.md" && !result.has(name)) rmSync(path.join(out, name));
}
for (const [name, content] of result) write(path.join(out, name), content);
for (const name of readdirSync(cache)) {
  if (!used.has(name)) rmSync(path.join(cache, name));
}
