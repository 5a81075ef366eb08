import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), "utf8");

test("the README shows the example page as it is, which a test in a browser runs", () => {
	const shown = /<!-- example: wasm\/js\/example\.html -->\n```html\n([\s\S]*?)```\n<!-- end of example -->/.exec(read("../../README.md"));
	assert.ok(shown, "README.md has no example: wasm/js/example.html");
	assert.equal(shown[1], read("example.html"));
});
