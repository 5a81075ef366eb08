// npm's libcurl.js in Chromium, as it comes, through this project's relay.
// Run by: node --test netshim/peers/libcurl.test.mjs

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, refusingPort, serveFiles, startServer } from "../../wasm/js/browser/harness.mjs";
import { pattern, sha256, startOrigin } from "../../wasm/js/browser/origin.mjs";

const MiB = 1 << 20;

// What the relay says is noted on its way in: libcurl.js gives the same error
// for most of it. The WebSocket itself stays as it is.
const html = `<!doctype html><title>libcurl.js</title><script>
const told = [];
let heard = () => {};
const tell = (text) => {
	told.push(text);
	heard();
};
globalThis.WebSocket = class extends WebSocket {
	constructor(...args) {
		super(...args);
		this.addEventListener("message", ({ data }) => {
			const bytes = new Uint8Array(data);
			if (bytes.length === 6 && bytes[0] === 4) tell("CLOSE 0x" + bytes[5].toString(16)); // of a Wisp stream
		});
		// 1005 is the answer to a close by libcurl.js.
		this.addEventListener("close", ({ code }) => code !== 1005 && tell("closed with " + code));
	}
};
</script><script src="/libcurl/libcurl.js"></script>`;

/** @type {any} */
let fixture;

before(async () => {
	const origin = await startOrigin();
	const closed = await refusingPort();
	const folder = fileURLToPath(new URL("node_modules/libcurl.js/", import.meta.url));
	const pages = await serveFiles({ "/libcurl/": folder }, { "/": { body: html } });
	const relay = await startServer([
		"--listen", "127.0.0.1:0", "--log-level", "error", "--origin", pages.origin,
		"--allow", `127.0.0.1:${origin.port}`, "--allow", `127.0.0.1:${closed.port}`,
	]);
	fixture = { origin, pages, relay, closed, closedPort: closed.port, browser: await launch() };
});

after(async () => {
	await fixture?.browser.close();
	await fixture?.relay.stop();
	for (const server of [fixture?.origin, fixture?.closed, fixture?.pages]) server?.close();
});

/** In the page: prepares libcurl.js and a few helpers as globals. */
async function setUp(/** @type {any} */ { transport, relay, origin }) {
	libcurl.transport = transport;
	libcurl.set_websocket(relay);
	await libcurl.load_wasm("/libcurl/libcurl.wasm");
	const scope = /** @type {any} */ (globalThis);
	scope.fetched = (/** @type {string} */ target, /** @type {any} */ options = {}) => libcurl.fetch(new URL(target, origin).href, options);
	scope.sha256 = async (/** @type {BufferSource} */ bytes) =>
		[...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
	/** What a promise is rejected with, and what the relay tells. */
	scope.failure = async (/** @type {Promise<unknown>} */ promise) => {
		told.length = 0;
		const relay = new Promise((resolve) => { heard = () => resolve(undefined); });
		const text = await promise.then(() => "no failure", (error) => String(error?.message ?? error));
		await relay;
		return [text, told.join()];
	};
}

// In the functions given to run, these are globals of the page.
/** @type {any} */ let libcurl, told, heard, fetched, failure;

for (const transport of ["wisp", "wsproxy"]) {
	test(`libcurl.js over ${transport}`, { timeout: 600_000 }, async (t) => {
		const page = await fixture.browser.newPage();
		page.setDefaultTimeout(120_000);
		await page.goto(fixture.pages.origin);
		const relay = `${fixture.relay.origin.replace("http", "ws")}/relay/`;
		await page.evaluate(setUp, { transport, relay, origin: fixture.origin.origin });
		const run = (/** @type {any} */ f, /** @type {any} */ arg) => page.evaluate(f, arg);

		await t.test("is the version meant", async () => {
			assert.equal(await run(() => libcurl.version.lib), "0.7.4");
		});

		await t.test("GET", async () => {
			const got = await run(async () => {
				const response = await fetched("/hello");
				return [response.status, response.headers.get("content-length"), await response.text()];
			});
			assert.deepEqual(got, [200, "5", "hello"]);
		});

		await t.test("POST of 16 MiB", async () => {
			const got = await run(async (/** @type {number} */ size) => {
				const bytes = new Uint8Array(size).map((_, i) => (i * 31 + (i >> 8)) & 255);
				// libcurl.js chokes on a view of so many bytes.
				const response = await fetched("/echo", { method: "POST", body: bytes.buffer });
				const { method, size: arrived, sha256 } = await response.json();
				return { method, arrived, sha256 };
			}, 16 * MiB);
			assert.deepEqual(got, { method: "POST", arrived: 16 * MiB, sha256: sha256(pattern(0, 16 * MiB)) });
		});

		await t.test("download of 64 MiB", async () => {
			const got = await run(async (/** @type {number} */ size) => {
				const bytes = await (await fetched(`/big?n=${size}`)).arrayBuffer();
				return [bytes.byteLength, await sha256(bytes)];
			}, 64 * MiB);
			assert.deepEqual(got, [64 * MiB, sha256(pattern(0, 64 * MiB))]);
		});

		await t.test("20 at once", async () => {
			const got = await run(async (/** @type {string} */ origin) => {
				const session = new libcurl.HTTPSession();
				session.base_url = origin;
				session.set_connections(20, 20, 20); // in all, kept, per host
				// The server answers none before it has all.
				const numbers = await Promise.all(Array.from({ length: 20 }, async () => (await session.fetch("/together?n=20")).text()));
				const hashes = await Promise.all(Array.from({ length: 20 }, async (_, i) => sha256(await (await session.fetch(`/big?n=${300_000 + i}`)).arrayBuffer())));
				session.close();
				return [numbers.map(Number).sort((a, b) => a - b), hashes];
			}, fixture.origin.origin);
			const each = Array.from({ length: 20 }, (_, i) => i);
			assert.deepEqual(got, [each, each.map((i) => sha256(pattern(0, 300_000 + i)))]);
		});

		const reason = (/** @type {string} */ wisp, /** @type {string} */ wsproxy) => transport === "wisp" ? wisp : wsproxy;

		await t.test("refused by the target", async () => {
			const got = await run((/** @type {number} */ port) => failure(fetched(`http://127.0.0.1:${port}/`)), fixture.closedPort);
			assert.deepEqual(got, [got[0], reason("CLOSE 0x44", "closed with 4068")]);
			assert.match(got[0], /^Request failed with error code \d+/);
		});

		await t.test("denied by the relay", async () => {
			const got = await run(() => failure(fetched("http://127.0.0.1:9/")));
			assert.deepEqual(got, [got[0], reason("CLOSE 0x48", "closed with 1006")]);
			assert.match(got[0], /^Request failed with error code \d+/);
		});

		await t.test("reset in the middle of a body", async () => {
			const got = await run(async () => {
				const body = fetched("/reset").then(async (/** @type {Response} */ response) => {
					got = new Uint8Array(await response.arrayBuffer());
				});
				let got = new Uint8Array();
				// libcurl.js takes a cut body for a whole one. It is the relay that says
				// the truth, and only after what came before the reset.
				const [, told] = await failure(body);
				return [told, got.length, await sha256(got)];
			});
			assert.deepEqual(got, [reason("CLOSE 0x3", "closed with 4003"), got[1], sha256(pattern(0, got[1]))]);
			assert.ok(got[1] <= 1 << 16);
		});

		await t.test("goes on after failures", async () => {
			assert.equal(await run(async () => (await fetched("/hello")).text()), "hello");
		});
		await page.close();
	});
}
