// Runs the core's Go benchmarks once a round, so that the clients take turns:
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
		"-test.run=^$", "-test.bench=^Benchmark(HeadParse|Get|Download|Upload)$", "-test.benchtime=200ms",
	], { cwd: fileURLToPath(new URL("../../../core", import.meta.url)), encoding: "utf8" });
	for (const [, name, values] of text.matchAll(/^Benchmark(\w+\/[\w-]+?)(?:-\d+)?\s+\d+\s+(.*)$/gm)) {
		for (const [, value, unit] of values.matchAll(/([\d.]+) (\S+)/g)) ((results[name] ??= {})[unit] ??= []).push(Number(value));
	}
	process.stderr.write(`core ${round} of ${rounds}\n`);
}
let python = null;
try {
	python = execFileSync("python3", ["-c", "import platform; print(platform.python_version())"], { encoding: "utf8" }).trim();
} catch { /* CPython is left out */ }
const go = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).trim();
writeFileSync(out, `${JSON.stringify({ versions: { go, cpython: python }, results }, null, "\t")}\n`);
