// Prints what the Worker weighs and fails above what the platform's free plan
// takes:
//
//   node size.mjs FOLDER
//
// The platform counts all modules together, compressed by gzip.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

const budget = 3 << 20;
const folder = process.argv[2];
if (folder === undefined || !existsSync(folder)) {
  console.error("size.mjs: give the folder of the built Worker; make worker builds it");
  process.exit(2);
}

/** @param {number} n */
const shown = (n) => n.toLocaleString("en").padStart(12);

let total = 0;
console.log(`${"file".padEnd(30)}${"bytes".padStart(12)}${"gzip".padStart(12)}`);
for (const name of readdirSync(folder).filter((name) => /\.(js|mjs|wasm)$/.test(name))) {
  const bytes = readFileSync(path.join(folder, name));
  const compressed = gzipSync(bytes, { level: 9 }).length;
  total += compressed;
  console.log(name.padEnd(30) + shown(bytes.length) + shown(compressed));
}
console.log(`${shown(total).trim()} bytes in gzip of ${shown(budget).trim()} allowed`);
if (total > budget) {
  console.error("the Worker is too large for the platform's free plan");
  process.exit(1);
}
