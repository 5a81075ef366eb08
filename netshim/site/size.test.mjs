import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./size.mjs", import.meta.url));

/**
 * Runs size.mjs on files of these sizes.
 * @param {Record<string, number>} files
 */
function weigh(files) {
  const folder = mkdtempSync(path.join(tmpdir(), "stepwire-size-"));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), Buffer.alloc(bytes));
    return spawnSync(process.execPath, [script, folder], { encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const fits = {
  "index.js": 50_000, "index.js.br": 10_000, "worker.00.js": 1_000, "index.d.ts": 5_000_000,
  "stepwire.00.wasm": 5_000_000, "stepwire.00.wasm.br": 689_000, "stepwire-tls.00.wasm": 1_600_000, "stepwire-inpage.00.wasm": 1_700_000, "stepwire-tools.00.wasm": 1_600_000,
};

test("each module and the scripts together stay within a budget, in brotli where there is any", () => {
  const { status, stdout } = weigh(fits);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^plain: 700,000 bytes in brotli of 700,000 allowed$/m);
  assert.match(stdout, /^with TLS: 1,611,000 bytes in brotli of 1,650,000 allowed$/m);
});

for (const [name, module] of [["plain", "stepwire.00.wasm.br"], ["with TLS", "stepwire-tls.00.wasm"], ["with servers", "stepwire-inpage.00.wasm"], ["tools", "stepwire-tools.00.wasm"]]) {
  test(`above the budget of ${name} it fails`, () => {
    const { status, stdout } = weigh({ ...fits, [module]: 1_800_000 });
    assert.equal(status, 1);
    assert.equal(stdout.match(/TOO MUCH/g)?.length, 1);
    assert.match(stdout, new RegExp(`^${name}: .* TOO MUCH$`, "m"));
  });
}

test("a module that is missing is an error that names it", () => {
  const { "stepwire-tls.00.wasm": _, ...rest } = fits;
  const { status, stderr } = weigh(rest);
  assert.equal(status, 2);
  assert.match(stderr, /0 modules for with TLS/);
});
