// Prints what the client's files weigh and fails above the budget:
//
//   node size.mjs FOLDER
//
// FOLDER is the placed client with its compressed siblings. The budget, for
// wasm and scripts together in brotli, is what a page visitor waits for.

import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

const budget = 700_000;
const folder = process.argv[2];
if (folder === undefined || !existsSync(folder)) {
  console.error("size.mjs: give the folder of the placed client; make build places it");
  process.exit(2);
}

/** @param {string} name */
const size = (name) => (existsSync(path.join(folder, name)) ? statSync(path.join(folder, name)).size : undefined);
/** @param {number} n */
const shown = (n) => n.toLocaleString("en").padStart(12);

let total = 0;
console.log(`${"file".padEnd(30)}${"bytes".padStart(12)}${"gzip".padStart(12)}${"brotli".padStart(12)}`);
for (const name of readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name))) {
  const raw = size(name) ?? 0;
  const gz = size(`${name}.gz`) ?? raw;
  const br = size(`${name}.br`) ?? raw;
  total += br;
  console.log(name.padEnd(30) + shown(raw) + shown(gz) + shown(br));
}
console.log(`${shown(total).trim()} bytes in brotli of ${shown(budget).trim()} allowed`);
if (total > budget) process.exit(1);
