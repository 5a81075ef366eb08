// Runs the core's Go benchmarks once a round, each with its clients in turns:
//
//	node core.mjs TEST-BINARY OUT [ROUNDS]

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [binary, out, rounds = "7"] = process.argv.slice(2);
if (!out || !(Number(rounds) >= 1)) throw new Error("usage: node core.mjs TEST-BINARY OUT [ROUNDS]");

/** @type {Record<string, Record<string, number[]>>} benchmark to {unit: values} */
const results = {};
for (let round = 1; round <= Number(rounds); round++) {
	const text = execFileSync(path.resolve(binary), [
		"-test.run=^$", "-test.bench=^Benchmark(HeadParse|Get|Download|Upload)$/^turns$", "-test.benchtime=500ms",
	], { cwd: fileURLToPath(new URL("../../../core", import.meta.url)), encoding: "utf8" });
	for (const [, name, values] of text.matchAll(/^Benchmark(\w+)\/turns(?:-\d+)?\s+\d+\s+(.*)$/gm)) {
		for (const [, value, client, unit] of values.matchAll(/([\d.]+) ([\w-]+)-(\S+)/g)) ((results[`${name}/${client}`] ??= {})[unit] ??= []).push(Number(value));
	}
	process.stderr.write(`core ${round} of ${rounds}\n`);
}
let python = null;
try {
	python = execFileSync("python3", ["-c", "import platform; print(platform.python_version())"], { encoding: "utf8" }).trim();
} catch { /* CPython is left out */ }
const go = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).trim();
writeFileSync(out, `${JSON.stringify({ versions: { go, cpython: python }, results }, null, "\t")}\n`);
