import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundle, withoutComments } from "./bundle.mjs";
import * as module from "./index.js";

const here = (/** @type {string} */ name) => new URL(name, import.meta.url);

test("index.d.ts declares exactly what index.js exports", () => {
	const text = readFileSync(here("index.d.ts"), "utf8");
	const declared = [...text.matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
	for (const [, name] of text.matchAll(/^export \{ \w+ as (\w+) \};/gm)) declared.push(name);
	assert.deepEqual(declared.sort(), Object.keys(module).sort());
});

test("status codes and phrases are CPython's, and each name is declared", () => {
	/** @type {[name: string, code: number, phrase: string][]} */
	const python = JSON.parse(readFileSync(here("../../core/testdata/status_golden.json"), "utf8"));
	assert.deepEqual(module.HTTPStatus, Object.fromEntries(python.map(([name, code]) => [name, code])));
	assert.deepEqual(module.responses, Object.fromEntries(python.map(([, code, phrase]) => [code, phrase])));
	const [, declared] = /export type StatusName =([^;]*);/.exec(readFileSync(here("index.d.ts"), "utf8")) ?? [];
	assert.deepEqual([...(declared ?? "").matchAll(/"(\w+)"/g)].map(([, name]) => name), python.map(([name]) => name));
});

test("the bundle exports the same and imports nothing", async () => {
	const text = withoutComments("index.js", bundle(here("index.js").pathname, { "urls.js": "const WORKER_URL = 0, PLAIN = 0, TLS = 0, TOOLS = 0;" }));
	assert.doesNotMatch(text, /^import\b/m);
	const built = await import(`data:text/javascript,${encodeURIComponent(text)}`);
	assert.deepEqual(Object.keys(built).sort(), Object.keys(module).sort());
});

test("comments and indentation go, code stays", () => {
	const text = "\n// Copyright us\n// Licensed\n\n// about\n/** of\n * f */\nfunction f() {\n\t/* a */\n\t/** @type {any} */ (g)(); /* b */\n\n  return '// no' + `/*` // c\n}\n";
	assert.equal(withoutComments("x.js", text.slice(1)), "// Copyright us\n// Licensed\n\nfunction f() {\n/** @type {any} */ (g)(); /* b */\nreturn '// no' + `/*` // c\n}\n");
	assert.equal(withoutComments("x.js", "// about\nf();\n"), "\nf();\n");
	assert.throws(() => withoutComments("x.js", "f(`a\n  b`)"), /^Error: x\.js: a template spans lines: f\(`a$/);
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
