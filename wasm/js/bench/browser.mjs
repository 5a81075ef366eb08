// Measures clients in Chromium, each in its own, all over relays on loopback:
//
//	node browser.mjs --built bin/bench --out FILE [--rounds 7] [--gets 300]
//	    [--targets a,b] [--only latency,download,upload,fresh,memory]
//
// The targets take turns, one measurement a round each, in another order every
// round; see table.mjs for the ratios. bin/netshim, bin/client and what
// `make bench` builds have to be there.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { launch, peakMemory } from "./chromium.mjs";
import { start } from "./children.mjs";
import { machine } from "./machine.mjs";
import { targets } from "./targets.mjs";

const MiB = 1 << 20;
const root = fileURLToPath(new URL("../../../", import.meta.url));
const { values: options } = parseArgs({
	options: {
		built: { type: "string", default: path.join(root, "bin/bench") },
		server: { type: "string", default: path.join(root, "bin/netshim") },
		client: { type: "string", default: path.join(root, "bin/client") },
		out: { type: "string", default: path.join(root, "bin/bench/browser.json") },
		rounds: { type: "string", default: "7" },
		gets: { type: "string", default: "300" },
		targets: { type: "string", default: Object.keys(targets).join() },
		only: { type: "string", default: "latency,download,upload,fresh,memory" },
	},
});

/**
 * @param {"rounds" | "gets"} name
 * @param {number} most
 */
function count(name, most) {
	const n = Number(options[name]);
	if (!Number.isInteger(n) || n < 1 || n > most) throw new Error(`--${name} must be a number from 1 to ${most}, not ${options[name]}`);
	return n;
}
const rounds = count("rounds", 100);
const gets = count("gets", 100_000);
const names = options.targets.split(",");
for (const name of names) {
	if (!(name in targets)) throw new Error(`there is no target ${name}; there are ${Object.keys(targets).join(", ")}`);
}
const kinds = options.only.split(",");

const before = machine();
const origin = await start(path.join(options.built, "origin"), [
	`/pages/=${path.join(root, "wasm/js/bench/pages")}`, `/client/=${options.client}`, `/built/=${options.built}`,
	`/netshim/=${path.join(root, "netshim")}`, `/go/=${options.built}`, `/peers/=${path.join(root, "netshim/peers/node_modules")}`,
]);
const relays = {
	mine: await start(options.server, [
		"--listen", "127.0.0.1:0", "--log-level", "error", "--origin", `http://${origin.address}`, "--allow", origin.address,
	]),
	"wisp-js": await start("node", [path.join(root, "netshim/peers/wisp-js.mjs")]),
};
const bases = { mine: `ws://${relays.mine.address}/relay/`, "wisp-js": `ws://${relays["wisp-js"].address}/` };

/** @param {string} name */
async function open(name) {
	const { client, relay, query } = targets[name];
	const parameters = new URLSearchParams({ client, ...relay && query?.(bases[relay]) });
	const browser = await launch();
	const page = await browser.open(`http://${origin.address}/pages/page.html?${parameters}`);
	/** @param {string} expression */
	const ask = (expression) => {
		/** @type {ReturnType<typeof setTimeout> | undefined} */
		let timer;
		const late = new Promise((_, reject) => {
			timer = setTimeout(() => reject(new Error(`${name}: ${expression} took longer than a minute`)), 60_000);
		});
		return Promise.race([page.evaluate(expression), late]).finally(() => clearTimeout(timer));
	};
	return {
		browser,
		first: () => ask("bench.first()"),
		run: (/** @type {string} */ what, /** @type {number} */ n) => ask(`bench.run(${JSON.stringify(what)}, ${n})`),
	};
}

/** @typedef {Awaited<ReturnType<typeof open>>} Opened */

/** @type {Record<string, Record<string, number[]>>} */
const results = Object.fromEntries(names.map((name) => [name, {}]));
const note = (/** @type {string} */ name, /** @type {string} */ what, /** @type {number} */ value) => {
	(results[name][what] ??= []).push(value);
};
const speed = (/** @type {number} */ n, /** @type {number} */ ms) => n / 1e3 / ms; // MB/s

/** @type {Record<string, (opened: Opened, name: string) => Promise<void>>} */
const steps = {
	async latency(opened, name) {
		const { rate, p50, p99 } = await opened.run("latency", gets);
		note(name, "rate", rate);
		note(name, "p50", p50);
		note(name, "p99", p99);
	},
	async download(opened, name) {
		note(name, "down", speed(64 * MiB, (await opened.run("download", 64 * MiB)).ms));
	},
	async upload(opened, name) {
		note(name, "up", speed(16 * MiB, (await opened.run("upload", 16 * MiB)).ms));
	},
};

const { version: libcurl } = JSON.parse(readFileSync(path.join(root, "netshim/peers/node_modules/libcurl.js/package.json"), "utf8"));
const { version: wispJS } = JSON.parse(readFileSync(path.join(root, "netshim/peers/node_modules/@mercuryworkshop/wisp-js/package.json"), "utf8"));
let version = "";

/** Writes what there is: a run that is broken off keeps its finished parts. */
const save = () => writeFileSync(options.out, `${JSON.stringify({
	machine: before, loadAfter: machine().load, versions: { chromium: version, "libcurl.js": libcurl, "wisp-js": wispJS },
	rounds, gets, labels: Object.fromEntries(names.map((name) => [name, targets[name].label])), results,
}, null, "\t")}\n`);

const taken = kinds.filter((kind) => kind in steps);
if (taken.length > 0) {
	/** @type {Record<string, Opened>} */
	const live = {};
	for (const name of names) {
		live[name] = await open(name);
		await live[name].first();
	}
	version = await live[names[0]].browser.version();
	for (let round = 0; round <= rounds; round++) {
		for (const kind of taken) {
			for (const [i] of names.entries()) {
				const name = names[(i + round) % names.length];
				await steps[kind](live[name], name);
			}
		}
		// In the first the engines still compile what is hot.
		if (round === 0) for (const name of names) results[name] = {};
		process.stderr.write(`round ${round} of ${rounds}\n`);
	}
	await Promise.all(names.map((name) => live[name].browser.close()));
	save();
}
if (kinds.includes("fresh")) {
	for (let round = 0; round < rounds; round++) {
		for (const [i] of names.entries()) {
			const name = names[(i + round) % names.length];
			const opened = await open(name);
			version ||= await opened.browser.version();
			note(name, "first", (await opened.first()).ms);
			await opened.browser.close();
		}
		save();
		process.stderr.write(`fresh start ${round + 1} of ${rounds}\n`);
	}
}
if (kinds.includes("memory")) {
	for (const name of names) {
		const opened = await open(name);
		version ||= await opened.browser.version();
		await opened.first();
		const renderers = opened.browser.renderers();
		const download = () => opened.run("download", 64 * MiB);
		note(name, "memory", await peakMemory(renderers, download));
		note(name, "memory10", await peakMemory(renderers, async () => {
			for (let i = 0; i < 9; i++) await download();
		}));
		await opened.browser.close();
		save();
	}
	process.stderr.write("memory\n");
}
process.exit();
