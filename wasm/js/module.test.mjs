import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundle } from "./bundle.mjs";
import * as module from "./index.js";

const here = (/** @type {string} */ name) => new URL(name, import.meta.url);

test("index.d.ts declares exactly what index.js exports", () => {
	const text = readFileSync(here("index.d.ts"), "utf8");
	const declared = [...text.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name);
	for (const [, name] of text.matchAll(/^export \{ \w+ as (\w+) \};/gm)) declared.push(name);
	assert.deepEqual(declared.sort(), Object.keys(module).sort());
});

test("the bundle exports the same and imports nothing", async () => {
	const text = bundle(here("index.js").pathname, { "urls.js": "const WORKER_URL = 0, PLAIN = 0, TLS = 0, TOOLS = 0;" });
	assert.doesNotMatch(text, /^import\b/m);
	const built = await import(`data:text/javascript,${encodeURIComponent(text)}`);
	assert.deepEqual(Object.keys(built).sort(), Object.keys(module).sort());
});

test("load refuses options that are no addresses", async () => {
	globalThis.location = /** @type {any} */ (new URL("http://page.example/"));
	try {
		await assert.rejects(module.load({ relay: "http://" }), { name: "LoadError", code: "option", party: "client", message: /option relay must be a URL, not "http:\/\/"/ });
		await assert.rejects(module.load({ relay: "ftp://x/" }), { code: "option", message: /must be a ws: or wss: address, not ftp:\/\/x\// });
		await assert.rejects(module.load({ relay: "/relay/" }), { code: "unsupported" }, "Node has no Worker of the web's kind");
		await assert.rejects(module.load({ signal: AbortSignal.abort(new Error("stop")) }), { message: "stop" });
	} finally {
		delete (/** @type {any} */ (globalThis).location);
	}
});
