// Joins what core.mjs, netshim/bench (both relays and the Worker) and browser.mjs
// measured:
//
//	node table.mjs FOLDER [README]
//
// reads core.json, relay.json, worker.json and browser.json of the folder (those
// that are there), prints one table, writes bench.json beside them, and puts the table into
// the README between its markers. A ratio is the median of the rounds' ratios, so
// that a slow minute of the machine falls on both sides.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { machine } from "./machine.mjs";

/** @param {number[]} values */
export function median(values) {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @param {number[]} ours
 * @param {number[]} theirs
 */
export function ratio(ours, theirs) {
	// A round that one of them lost has no ratio.
	if (ours.length !== theirs.length) return median(ours) / median(theirs);
	return median(ours.map((value, round) => value / theirs[round]));
}

/**
 * @typedef {Record<string, number[]>} Measures
 * @typedef {{what: string, goal: string, ratio: number, reached: boolean}} Verdict
 */

/** @param {number} value */
const round = (value) => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
/** @param {number[] | undefined} values */
const cell = (values) => values === undefined || values.length === 0 ? "–" : round(median(values));
/** @param {(string | number)[][]} rows */
const markdown = ([head, ...rows]) => [head, head.map((_, i) => i === 0 ? "---" : "---:"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/**
 * @param {string} what
 * @param {number[] | undefined} ours
 * @param {number[] | undefined} theirs
 * @param {"≥" | "≤"} sign
 * @param {number} bound
 * @returns {Verdict[]}
 */
function judge(what, ours, theirs, sign, bound) {
	if (!ours?.length || !theirs?.length) return [];
	const r = ratio(ours, theirs);
	return [{ what, goal: `${sign} ${bound}×`, ratio: r, reached: sign === "≥" ? r >= bound : r <= bound }];
}

/** @param {number[][]} rows one of each relay, the best of which counts */
const best = (rows) => rows.filter(Boolean).toSorted((a, b) => median(b) - median(a))[0];

/** @param {Record<string, Measures>} r of browser.json */
function judgeBrowser(r) {
	const libcurl = Object.keys(r).filter((name) => name.startsWith("libcurl"));
	const theirs = (/** @type {string} */ what) => best(libcurl.map((name) => r[name][what]));
	const quickest = libcurl.map((name) => r[name].first).filter(Boolean).toSorted((a, b) => median(a) - median(b))[0];
	const { stepwire, traced, ingo, fetch, plain } = r;
	return [
		judge("GET/s, body in Go : libcurl.js", ingo?.rate, theirs("rate"), "≥", 12),
		judge("GET/s, body to JavaScript : libcurl.js", stepwire?.rate, theirs("rate"), "≥", 8),
		judge("GET p50, body in Go : fetch", ingo?.p50, fetch?.p50, "≤", 0.2),
		judge("GET p50, body to JavaScript : fetch", stepwire?.p50, fetch?.p50, "≤", 0.2),
		judge("download, body in Go : libcurl.js", ingo?.down, theirs("down"), "≥", 2.7),
		judge("download, body to JavaScript : libcurl.js", stepwire?.down, theirs("down"), "≥", 2),
		judge("download, body in Go : plain JavaScript", ingo?.down, plain?.down, "≥", 0.85),
		judge("upload : libcurl.js", stepwire?.up, theirs("up"), "≥", 20),
		judge("upload : fetch", stepwire?.up, fetch?.up, "≥", 1),
		judge("fresh start to first GET : libcurl.js", stepwire?.first, quickest, "≤", 1),
		judge("GET/s traced : untraced", traced?.rate, stepwire?.rate, "≥", 0.5),
		judge("download traced : untraced", traced?.down, stepwire?.down, "≥", 0.5),
		judge("memory's peak, ten downloads : one", stepwire?.memory10, stepwire?.memory, "≤", 1.2),
	].flat();
}

/** @param {Record<string, Measures>} r of core.json */
function judgeCore(r) {
	const ns = (/** @type {string} */ name) => r[name]?.["ns/op"];
	return [
		judge("head parse : textproto (time)", ns("HeadParse/stepwire"), ns("HeadParse/textproto"), "≤", 0.3),
		judge("GET : fasthttp (time)", ns("Get/stepwire"), ns("Get/fasthttp"), "≤", 1),
		judge("GET : CPython (time)", ns("Get/stepwire"), ns("Get/cpython"), "≤", 0.4),
		judge("download : CPython's readinto (time)", ns("Download/stepwire"), ns("Download/cpython"), "≤", 1),
		judge("GET traced : untraced (time)", ns("Get/stepwire-traced"), ns("Get/stepwire"), "≤", 2),
	].flat();
}

/** @param {Record<string, Measures>} r of relay.json */
function judgeRelay({ stepwire, "wisp-js": theirs }) {
	return [
		judge("relay's download : wisp-js", stepwire.down, theirs.down, "≥", 4),
		judge("relay's processor time : wisp-js", stepwire.cpu, theirs.cpu, "≤", 0.2),
	].flat();
}

/** @param {any} all what bench.json has */
export function render(all) {
	const { browser, core, relay, worker } = all;
	const parts = [];
	if (browser) {
		const measures = ["rate", "p50", "p99", "down", "up", "first", "memory", "memory10"];
		parts.push(markdown([
			["in Chromium, over relays on loopback", "GET/s", "p50 ms", "p99 ms", "down MB/s", "up MB/s", "fresh start to first GET ms", "peak memory MiB", "over ten"],
			...Object.entries(browser.results).map(([name, r]) => [browser.labels[name], ...measures.map((measure) => cell(r[measure]))]),
		]));
	}
	if (core) {
		const names = { stepwire: "Stepwire", "stepwire-traced": "Stepwire, tracing", nethttp: "net/http", fasthttp: "fasthttp", textproto: "net/textproto", cpython: `CPython ${core.versions.cpython ?? ""}`.trim() };
		const of = (/** @type {string} */ what, /** @type {string} */ name) => core.results[`${what}/${name}`] ?? {};
		parts.push(markdown([
			["native", "GET/s", "down MB/s", "up MB/s", "ns for a head of 12 fields"],
			...Object.entries(names).map(([name, label]) => [
				label, cell(of("Get", name)["ns/op"]?.map((/** @type {number} */ ns) => 1e9 / ns)),
				cell(of("Download", name)["MB/s"]), cell(of("Upload", name)["MB/s"]), cell(of("HeadParse", name)["ns/op"]),
			]),
		]));
	}
	if (relay) {
		parts.push(markdown([
			["relay, same native client", "down MB/s", "up MB/s", "CPU ms per 64 MiB", "round trip p50 µs", "KiB an idle connection"],
			...Object.entries(relay).map(([name, r]) => [name === "stepwire" ? "Stepwire's" : name, ...["down", "up", "cpu", "p50", "idle"].map((measure) => cell(r[measure]))]),
		]));
	}
	if (worker) {
		const names = { stepwire: "native", worker: "as a Worker, on workerd" };
		parts.push(markdown([
			["Stepwire's relay, same native client", "down MB/s", "up MB/s", "CPU ms a MiB down", "round trip p50 µs", "a connection ms", "its CPU ms", "MiB an idle one"],
			...Object.entries(names).map(([name, label]) => {
				const { down, up, cpu, p50, start, startCPU, idle } = worker[name] ?? {};
				return [label, ...[down, up, cpu?.map((/** @type {number} */ ms) => ms / 64), p50, start, startCPU, idle].map(cell)];
			}),
		]));
	}
	parts.push(markdown([
		["ratio", "median of rounds", "goal", ""],
		...all.goals.map((/** @type {Verdict} */ { what, ratio, goal, reached }) => [what, `${ratio.toFixed(2)}×`, goal, reached ? "reached" : "missed"]),
	]));
	const m = browser?.machine ?? all.machine;
	const versions = { ...browser?.versions, ...core?.versions };
	parts.push(`${m.cores} cores (${m.processor}), ${m.memory}, ${m.system}, ${m.when.slice(0, 10)}; ${[
		...versions.chromium ? [versions.chromium.replace("Chrome/", "Chromium ")] : [],
		...versions.go ? [versions.go.replace("go", "Go ")] : [], `Node ${m.node.slice(1)}`,
		...versions["libcurl.js"] ? [`libcurl.js ${versions["libcurl.js"]}`, `wisp-js ${versions["wisp-js"]}`] : [],
	].join(", ")}. ${browser ? `${browser.rounds} rounds; ` : ""}the load average was ${m.load} when it began${browser ? ` and ${browser.loadAfter} when it ended` : ""}${m.load > 0.5 * m.cores ? ": the machine had other work, which moves the ratios, too" : ""}.`);
	return parts.join("\n\n");
}

/**
 * Puts text between the markers.
 * @param {string} readme
 * @param {string} text
 */
export function place(readme, text) {
	const marked = /(<!-- bench: written by make bench -->\n)[^]*?(<!-- end of bench -->)/;
	if (!marked.test(readme)) throw new Error("the README has no markers <!-- bench: written by make bench --> and <!-- end of bench -->");
	return readme.replace(marked, (_, start, end) => `${start}${text}\n${end}`);
}

/** @param {string} folder @param {string} [readme] */
function main(folder, readme) {
	/** @type {any} */
	const all = { machine: machine() };
	for (const part of ["browser", "core", "relay", "worker"]) {
		const file = path.join(folder, `${part}.json`);
		if (existsSync(file)) all[part] = JSON.parse(readFileSync(file, "utf8"));
	}
	if (!all.browser && !all.core && !all.relay) throw new Error(`${folder} has none of browser.json, core.json and relay.json; make bench writes them`);
	all.goals = [
		...all.browser ? judgeBrowser(all.browser.results) : [],
		...all.core ? judgeCore(all.core.results) : [],
		...all.relay ? judgeRelay(all.relay) : [],
	];
	const text = render(all);
	writeFileSync(path.join(folder, "bench.json"), `${JSON.stringify(all, null, "\t")}\n`);
	if (readme) writeFileSync(readme, place(readFileSync(readme, "utf8"), text));
	console.log(text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [folder, readme] = process.argv.slice(2);
	if (!folder) throw new Error("usage: node table.mjs FOLDER [README]");
	main(folder, readme);
}
