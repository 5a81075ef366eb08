import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";

const script = fileURLToPath(new URL("place.mjs", import.meta.url));

/** A folder with a page and a client to place. @param {import("node:test").TestContext} t */
function setUp(t) {
  const root = mkdtempSync(path.join(os.tmpdir(), "stepwire-place-"));
  t.after(() => rmSync(root, { recursive: true }));
  const at = (/** @type {string} */ name) => path.join(root, name);
  const put = (/** @type {string} */ name, /** @type {string | Buffer} */ content) => {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), content);
  };
  const place = () => spawnSync(process.execPath, [script, "--page", at("page"), "--client", at("client"), "--out", at("out"), "--cache", at("cache")], { encoding: "utf8" });
  put("page/index.html", "<p>page</p>".repeat(100));
  put("page/assets/font-12345678.woff2", Buffer.alloc(1000));
  put("client/index.js", "export {};");
  put("client/stepwire.0123456789ab.wasm", Buffer.alloc(10_000, "wasm"));
  put("out/PLACEHOLDER.md", "a note");
  return { at, put, place };
}

/** @param {string} folder */
const listing = (folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

test("files are laid out with siblings that decompress to them", (t) => {
  const { at, place } = setUp(t);
  const { status, stderr } = place();
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.deepEqual(listing(at("out")), [
    "PLACEHOLDER.md", "assets", "assets/font-12345678.woff2", "client", "client/index.js",
    "client/stepwire.0123456789ab.wasm", "client/stepwire.0123456789ab.wasm.br", "client/stepwire.0123456789ab.wasm.gz",
    "index.html", "index.html.br", "index.html.gz",
  ]); // index.js is too short to shrink, the font is no text
  for (const name of ["index.html", "client/stepwire.0123456789ab.wasm"]) {
    const content = readFileSync(at(`out/${name}`));
    assert.deepEqual(zlib.brotliDecompressSync(readFileSync(at(`out/${name}.br`))), content);
    assert.deepEqual(zlib.gunzipSync(readFileSync(at(`out/${name}.gz`))), content);
  }
});

test("what is no longer built goes, and its compressed contents with it", (t) => {
  const { at, put, place } = setUp(t);
  place();
  rmSync(at("client/stepwire.0123456789ab.wasm"));
  put("client/stepwire.ba9876543210.wasm", Buffer.alloc(10_000, "other"));
  assert.equal(place().status, 0);
  assert.deepEqual(listing(at("out/client")), [
    "index.js", "stepwire.ba9876543210.wasm", "stepwire.ba9876543210.wasm.br", "stepwire.ba9876543210.wasm.gz",
  ]);
  assert.equal(listing(at("cache")).length, 2 * 3); // index.html, index.js and the new wasm
});

test("an unchanged file is neither compressed nor written again", (t) => {
  const { at, put, place } = setUp(t);
  place();
  const file = at("out/index.html.br");
  const old = new Date(0);
  utimesSync(file, old, old);
  // What is in the cache is believed: had the page been compressed again, this would not show.
  const cached = listing(at("cache")).find((name) => name.endsWith(".br") && readFileSync(at(`cache/${name}`)).equals(readFileSync(file)));
  place();
  assert.equal(statSync(file).mtimeMs, 0);
  put(`cache/${cached}`, "from the cache");
  place();
  assert.equal(readFileSync(file, "utf8"), "from the cache");
});

test("the page names its client, and the worker lists every file the page can ask for, with its digest", (t) => {
  const { at, put, place } = setUp(t);
  put("page/index.html", '<head>\n<script src="./assets/index-12345678.js"></script></head>');
  put("page/favicon.svg", "<svg/>");
  put("page/player.js", "for other pages");
  put("page/service-worker.js", "const { version, files } = self.stepwire;");
  put("client/index.d.ts", "export {};");
  place();
  /** @returns {{ version: string, files: [string, string][], page: string[] }} */
  const listed = () => {
    const self = /** @type {any} */ ({});
    new Function("self", readFileSync(at("out/service-worker.js"), "utf8"))(self);
    return self.stepwire;
  };
  const first = listed();
  const client = /content="\.\/(client\/index\.js\?[0-9a-f]{12})"/.exec(readFileSync(at("out/index.html"), "utf8"))?.[1];
  assert.ok(client);
  assert.deepEqual(first.files.map(([address]) => address), [
    "./assets/font-12345678.woff2", `./${client}`, "./client/stepwire.0123456789ab.wasm", "./favicon.svg",
  ]);
  assert.deepEqual(first.page, ["./assets/index-12345678.js", `./${client}`]);
  for (const [address, digest] of first.files) {
    const name = address.replace(/\?.*/, "").slice(2);
    assert.equal(createHash("sha256").update(readFileSync(at(`out/${name}`))).digest("hex"), digest, name);
  }
  place();
  assert.deepEqual(listed(), first);
  put("client/index.js", "export { };");
  place();
  assert.notEqual(listed().version, first.version);
  assert.ok(!readFileSync(at("out/index.html"), "utf8").includes(client));
});

test("a folder that is missing is named", (t) => {
  const { at, place } = setUp(t);
  rmSync(at("page"), { recursive: true });
  const { status, stderr } = place();
  assert.equal(status, 1);
  assert.match(stderr, /page does not exist; build it first/);
  assert.ok(!existsSync(at("out/client")));
  assert.match(spawnSync(process.execPath, [script], { encoding: "utf8" }).stderr, /--out FOLDER is missing/);
});
