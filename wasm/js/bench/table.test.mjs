import assert from "node:assert/strict";
import { test } from "node:test";
import { median, place, ratio, render } from "./table.mjs";

test("a ratio is taken within each round", () => {
	assert.equal(median([3, 1, 2]), 2);
	assert.equal(median([4, 1, 2, 3]), 2.5);
	// The machine was ten times slower in the second round, for both.
	assert.equal(ratio([200, 20, 300], [100, 10, 100]), 2);
	assert.equal(ratio([200, 100], [100]), 1.5);
});

test("the table replaces what is between the markers", () => {
	const readme = "before\n<!-- bench: written by make bench -->\nold $& table\n<!-- end of bench -->\nafter\n";
	assert.equal(place(readme, "new $1"), "before\n<!-- bench: written by make bench -->\nnew $1\n<!-- end of bench -->\nafter\n");
	assert.throws(() => place("no markers", "text"), /has no markers/);
});

test("the Worker's rows are there where it was measured, and only there", () => {
	const machine = { cores: 2, processor: "p", memory: "m", system: "s", when: "2026-01-01T00:00:00Z", node: "v20", load: 0.1 };
	const measures = { down: [100, 300, 200], up: [50], cpu: [640], p50: [70], start: [1.5], startCPU: [0.5] };
	const text = render({ machine, goals: [], worker: { stepwire: measures, worker: { ...measures, startCPU: [12], idle: [6.5] } } });
	assert.match(text, /\| native \| 200 \| 50\.0 \| 10\.0 \| 70\.0 \| 1\.50 \| 0\.50 \| – \|/);
	assert.match(text, /\| as a Worker, on workerd \| .* \| 12\.0 \| 6\.50 \|/);
	assert.doesNotMatch(render({ machine, goals: [] }), /Worker/);
});
