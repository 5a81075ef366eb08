// Prints what the client's files weigh and fails above a budget:
//
//   node size.mjs FOLDER
//
// FOLDER is the placed client with its compressed siblings. The budgets, for a
// module and the scripts together in brotli, are what a page's visitor waits
// for: at first, for the first https target, for the first server in the page,
// and for the tools.

import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

const parts = [
  { name: "plain", module: /^stepwire\.[^.]+\.wasm$/, budget: 700_000 },
  { name: "with TLS", module: /^stepwire-tls\.[^.]+\.wasm$/, budget: 1_650_000 },
  { name: "with servers", module: /^stepwire-inpage\.[^.]+\.wasm$/, budget: 1_750_000 },
  { name: "tools", module: /^stepwire-tools\.[^.]+\.wasm$/, budget: 1_650_000 },
];

const folder = process.argv[2];
if (folder === undefined || !existsSync(folder)) {
  console.error("size.mjs: give the folder of the placed client; make build places it");
  process.exit(2);
}

/** @param {string} name */
const size = (name) => (existsSync(path.join(folder, name)) ? statSync(path.join(folder, name)).size : undefined);
/** @param {number} n */
const shown = (n) => n.toLocaleString("en").padStart(12);
/** @param {string} name */
const transferred = (name) => size(`${name}.br`) ?? size(name) ?? 0;

const names = readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name));
console.log(`${"file".padEnd(36)}${"bytes".padStart(12)}${"gzip".padStart(12)}${"brotli".padStart(12)}`);
for (const name of names) {
  const raw = size(name) ?? 0;
  console.log(name.padEnd(36) + shown(raw) + shown(size(`${name}.gz`) ?? raw) + shown(transferred(name)));
}

const scripts = names.filter((name) => name.endsWith(".js")).reduce((sum, name) => sum + transferred(name), 0);
let over = false;
for (const { name, module, budget } of parts) {
  const found = names.filter((file) => module.test(file));
  if (found.length !== 1) {
    console.error(`size.mjs: ${folder} holds ${found.length} modules for ${name}, expected one; make build places it`);
    process.exit(2);
  }
  const total = scripts + transferred(found[0]);
  over ||= total > budget;
  console.log(`${name}: ${shown(total).trim()} bytes in brotli of ${shown(budget).trim()} allowed${total > budget ? ", TOO MUCH" : ""}`);
}
if (over) process.exitCode = 1;
