// Draws how the cost of an exchange grows, and the relay's, one SVG for each thing
// that grows:
//
//	node plots.mjs TEST-BINARY RELAY-BENCH FOLDER
//
// Both axes are logarithmic; the dashed line is what costs in proportion to the
// last point, so that points above it on the left are a fixed cost.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [binary, relay, folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node plots.mjs TEST-BINARY RELAY-BENCH FOLDER");

// A line for each growth, with what each of its sizes took: they take turns.
const core = execFileSync(path.resolve(binary), [
	"-test.run=^$", "-test.bench=^BenchmarkGrowth$", "-test.benchtime=25x",
], { cwd: fileURLToPath(new URL("../../../core", import.meta.url)), encoding: "utf8" })
	.replace(/^(BenchmarkGrowth\/\w+?)(?:-\d+)?\s+\d+\s+[\d.]+ ns\/op(.*)$/gm, (_, name, sizes) =>
		[...sizes.matchAll(/([\d.]+) (\d+)-ns\/op/g)].sort((a, b) => a[2] - b[2]).map(([, ns, n]) => `${name}/${n} 1 ${ns} ns/op`).join("\n"));

mkdirSync(folder, { recursive: true });
drawAll("time of an exchange", core);
drawAll("relay's time for a round trip on each", execFileSync(path.resolve(relay), ["-growth"], { encoding: "utf8" }));

/**
 * @param {string} cost what the times are of
 * @param {string} text what Go's benchmarks print
 */
function drawAll(cost, text) {
	/** @type {Map<string, Map<number, number[]>>} what to how much to µs */
	const growths = new Map();
	for (const [, name, n, ns] of text.matchAll(/^BenchmarkGrowth\/(\w+)\/(\d+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns\/op/gm)) {
		const points = growths.get(name) ?? new Map();
		growths.set(name, points);
		points.set(Number(n), [...points.get(Number(n)) ?? [], Number(ns) / 1000]);
	}
	for (const [name, points] of growths) {
		// The fastest: what is slower had other work beside it.
		const all = [...points].map(([n, times]) => [n, Math.min(...times)]);
		writeFileSync(path.join(folder, `${name.replaceAll("_", "-")}.svg`), draw(cost, name.replaceAll("_", " "), all));
	}
}

/** @param {number} n */
function short(n) {
	if (n >= 2 ** 20 && n % 2 ** 20 === 0) return `${n / 2 ** 20} Mi`;
	if (n >= 2 ** 10 && n % 2 ** 10 === 0) return `${n / 2 ** 10} Ki`;
	return String(n);
}

/**
 * @param {string} cost
 * @param {string} what
 * @param {number[][]} points [how much, µs]
 */
function draw(cost, what, points) {
	const [width, height, left, right, top, bottom] = [480, 300, 64, 20, 36, 44];
	const [lastN, lastTime] = points[points.length - 1];
	const scale = (/** @type {number[]} */ values, /** @type {number} */ from, /** @type {number} */ to) => {
		const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
		return (/** @type {number} */ value) => from + (to - from) * (Math.log10(value) - low) / (high - low);
	};
	const times = points.map(([, time]) => time);
	const low = 10 ** Math.floor(Math.log10(Math.min(...times)));
	const high = 10 ** Math.ceil(Math.log10(Math.max(...times)));
	const x = scale(points.map(([n]) => n), left, width - right);
	const y = scale([low, high], height - bottom, top);
	const place = (/** @type {number} */ n, /** @type {number} */ time) => `${x(n).toFixed(1)},${y(time).toFixed(1)}`;
	// The dashed line starts where it enters the picture.
	const from = Math.max(points[0][0], lastN * low / lastTime);
	const grid = [];
	for (let time = low; time <= high * 1.01; time *= 10) {
		grid.push(`<path d="M${left} ${y(time).toFixed(1)}H${width - right}" stroke="#ccc"/><text x="${left - 6}" y="${(y(time) + 4).toFixed(1)}" text-anchor="end">${time >= 1000 ? `${time / 1000} ms` : `${time} µs`}</text>`);
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#333">
<title>${cost[0].toUpperCase() + cost.slice(1)} by ${what}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${left}" y="20" font-size="13">${cost} by ${what}</text>
${grid.join("\n")}
${points.map(([n]) => `<text x="${x(n).toFixed(1)}" y="${height - bottom + 16}" text-anchor="middle">${short(n)}</text>`).join("\n")}
<text x="${(width + left - right) / 2}" y="${height - 8}" text-anchor="middle">${what}</text>
<path d="M${place(from, lastTime * from / lastN)}L${place(lastN, lastTime)}" stroke="#888" stroke-dasharray="4 4" fill="none"/>
<path d="M${points.map(([n, time]) => place(n, time)).join("L")}" stroke="#06c" stroke-width="2" fill="none"/>
${points.map(([n, time]) => `<circle cx="${x(n).toFixed(1)}" cy="${y(time).toFixed(1)}" r="3" fill="#06c"><title>${short(n)}: ${time.toFixed(1)} µs</title></circle>`).join("\n")}
</svg>
`;
}
