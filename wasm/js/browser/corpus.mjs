// Every case of the corpus in a real browser: against a scripted peer behind
// the relay, and against the peer inside the page. What the client shows must
// be what CPython showed, messages of errors included. CASES=FOLDER names a
// corpus of one's own.
// Run by: node --test wasm/js/browser/corpus.mjs

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { buildClient, converse, launch, root, serveFiles, startServer } from "./harness.mjs";

const own = path.join(root, "core/testdata/conformance");

const folder = process.env.CASES ? path.resolve(process.env.CASES) : path.join(own, "cases");

const cases = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json")).sort();
if (cases.length === 0) throw new Error(`no cases in ${folder}: files that end in .json were expected`);

/** What the cases over TLS need, beside them or else this corpus' own; a page has no files. */
const certs = /** @type {string} */ ([path.join(folder, "certs"), path.join(folder, "../certs"), path.join(own, "certs")].find((place) => existsSync(place)));
const certificates = Object.fromEntries(readdirSync(certs).map((name) => [name, readFileSync(path.join(certs, name), "utf8")]));

/** @type {any} */
let browser;
/** @type {any} */
let page;
/** @type {any} */
let fixture;

before(async () => {
	const pages = await serveFiles({ "/client/": buildClient() }, { "/": { body: "<!doctype html><title>page</title>" } });
	const relay = await startServer(["--listen", "127.0.0.1:0", "--log-level", "error", "--allow", "127.0.0.1:*", "--origin", pages.origin,
		"--max-handshakes", "100000"]);
	const checker = converse("go", ["run", "./wasm/js/browser/corpus", certs]);
	fixture = { pages, relay, checker };
	browser = await launch();
	page = await browser.newPage();
	await page.goto(pages.origin + "/");
	await page.evaluate(async (/** @type {any} */ { module, relay, certificates }) => {
		const { load } = await import(module);
		Object.assign(globalThis, { client: await load({ relay }), certificates });
	}, { module: `${pages.origin}/client/index.js`, relay: `${relay.origin}/relay/`, certificates });
});

after(async () => {
	await browser?.close();
	fixture?.checker.end();
	await fixture?.relay.stop();
	fixture?.pages.close();
});

/** @type {any} */ let client; // in the page, without TLS; it loads that for the cases that need it

for (const way of ["relay", "in-page"]) {
	test(`${cases.length} cases, ${way}`, { timeout: 60_000 + 2_000 * cases.length }, async () => {
		const { checker } = fixture;
		/** @type {string[]} */
		const differing = [];
		for (const [i, name] of cases.entries()) {
			if (process.env.CASES && i % 100 === 0) process.stderr.write(`${way}: ${i} of ${cases.length}\n`);
			const file = path.join(folder, name);
			const doc = readFileSync(file, "utf8");
			/** @type {string[]} */
			let differences;
			if (way === "relay") {
				const address = await checker.ask(`play ${file}`);
				const result = await page.evaluate((/** @type {any} */ { doc, address }) => client.runScenario(doc, { ...address, certificates }).then((/** @type {any} */ { json }) => json), { doc, address });
				differences = await checker.ask(result);
			} else {
				const result = await page.evaluate((/** @type {string} */ doc) => client.runScenario(doc, { peer: "in-page", certificates }).then((/** @type {any} */ { json }) => json), doc);
				differences = await checker.ask(`check ${file}\n${result}`);
			}
			if (differences.length > 0) differing.push(`${name}: ${differences.join("; ")}`);
		}
		assert.deepEqual(differing, []);
	});
}
