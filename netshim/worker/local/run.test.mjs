// What is wrong with the flags is said in one line, before anything is started.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";

/** @param {string[]} args */
const run = (...args) => spawnSync(process.execPath, [path.join(import.meta.dirname, "run.mjs"), ...args], { encoding: "utf8" });

test("a wrong flag is named in one line, with those that there are", () => {
  for (const [args, what] of /** @type {[string[], RegExp][]} */ ([
    [["--nope"], /--nope/],
    [["stray"], /'stray'/],
    [["--listen"], /--listen/],
    [["--help=yes"], /--help/],
  ])) {
    const { status, stdout, stderr } = run(...args);
    assert.equal(status, 2, `${args}: ${stderr}`);
    assert.equal(stdout, "");
    assert.match(stderr, /^run\.mjs: [^\n]*; expected --listen, --allow, --origin, --log-level, --max-handshakes, --config, --help\n$/);
    assert.match(stderr.split("; expected")[0], what);
  }
});

test("--help lists the flags", () => {
  const { status, stdout, stderr } = run("--help");
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^usage: run\.mjs/);
  assert.match(stdout, /--listen HOST:PORT/);
});
