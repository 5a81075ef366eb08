import assert from "node:assert/strict";
import { test } from "node:test";
import { median, place, ratio } from "./table.mjs";

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
