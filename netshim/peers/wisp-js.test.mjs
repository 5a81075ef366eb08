// npm's wisp-js, as it comes: its relay under this project's client, and its
// client over this project's relay, both in Chromium.
// Run by: node --test netshim/peers/wisp-js.test.mjs

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildClient, launch, refusingPort, serveFiles, startServer } from "../../wasm/js/browser/harness.mjs";
import { pattern, sha256, startOrigin } from "../../wasm/js/browser/origin.mjs";

const MiB = 1 << 20;

/** @type {any} */
let fixture;

before(async () => {
	const origin = await startOrigin();
	const closed = await refusingPort();
	const dist = fileURLToPath(new URL("node_modules/@mercuryworkshop/wisp-js/dist/", import.meta.url));
	const pages = await serveFiles({ "/client/": buildClient(), "/wisp-js/": dist }, { "/": { body: "<!doctype html><title>wisp-js</title>" } });
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

/** A page of which `run` evaluates functions. */
async function open() {
	const page = await fixture.browser.newPage();
	page.setDefaultTimeout(120_000);
	await page.goto(fixture.pages.origin);
	return page;
}

/** Starts wisp-js's relay. */
async function startRelay(/** @type {string} */ version) {
	const child = spawn(process.execPath, [fileURLToPath(new URL("wisp-js.mjs", import.meta.url)), version], { stdio: ["pipe", "pipe", "inherit"] });
	const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
	return { url: `ws://${value.split(" ")[0]}/`, stop: () => child.stdin.end() };
}

/** In the page: loads this project's client and a few helpers as globals. */
async function setUp(/** @type {any} */ { relay, port }) {
	const scope = /** @type {any} */ (globalThis);
	// @ts-ignore: an address of the page
	const stepwire = await import("/client/index.js");
	const client = await stepwire.load({ relay });
	scope.text = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);
	scope.sha256 = async (/** @type {BufferSource} */ bytes) =>
		[...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
	scope.request = async (/** @type {string} */ method, /** @type {string} */ target, /** @type {any} */ options = {}) => {
		const connection = await client.httpConnection("127.0.0.1", { port, timeout: 30, trace: { limit: 1000 }, ...options });
		await connection.request(method, target, { body: options.body });
		scope.last = connection;
		return connection.getResponse();
	};
	/** What a promise is rejected with, as plain data. */
	scope.failure = (/** @type {Promise<unknown>} */ promise) => promise.then(() => "no failure", ({ name, message, party, partial, expected }) =>
		({ name, message, party, partial: partial?.byteLength, expected }));
}

// In the functions given to run, these are globals of the page.
/** @type {any} */ let text, request, failure, last;

for (const version of ["2", "1"]) {
	test(`this client over wisp-js's relay, version ${version}`, { timeout: 600_000 }, async (t) => {
		const relay = await startRelay(version);
		const page = await open();
		await page.evaluate(setUp, { relay: relay.url, port: fixture.origin.port });
		const run = (/** @type {any} */ f, /** @type {any} */ arg) => page.evaluate(f, arg);

		await t.test("GET, with what was agreed in the log", async () => {
			const got = await run(async () => {
				const response = await request("GET", "/hello");
				const body = text(await response.read());
				last.release();
				const told = [];
				for await (const event of last.trace()) if (event.type === "relay") told.push(event.what + ": " + event.detail);
				return [response.status, response.reason, body, told];
			});
			assert.deepEqual(got.slice(0, 3), [200, "Fine", "hello"]);
			assert.ok(got[3].includes(`negotiated: Wisp ${version}`), got[3].join());
			assert.ok(got[3].some((/** @type {string} */ line) => /^fallback: .*no half-close/.test(line)), got[3].join());
		});

		await t.test("POST of 16 MiB", async () => {
			const got = await run(async (/** @type {number} */ size) => {
				const body = new Uint8Array(size).map((_, i) => (i * 31 + (i >> 8)) & 255);
				const { size: arrived, sha256 } = JSON.parse(text(await (await request("POST", "/echo", { body })).read()));
				return [arrived, sha256];
			}, 16 * MiB);
			assert.deepEqual(got, [16 * MiB, sha256(pattern(0, 16 * MiB))]);
		});

		await t.test("download of 64 MiB", async () => {
			const got = await run(async (/** @type {number} */ size) => {
				const bytes = await (await request("GET", `/big?n=${size}`)).read();
				return [bytes.byteLength, await sha256(bytes)];
			}, 64 * MiB);
			assert.deepEqual(got, [64 * MiB, sha256(pattern(0, 64 * MiB))]);
		});

		await t.test("refused", async () => {
			// wisp-js has one reason for all that fails.
			const got = await run((/** @type {number} */ port) => failure(request("GET", "/", { port })), fixture.closedPort);
			assert.deepEqual([got.name, got.party], ["ConnectionResetError", "network"]);
		});

		await t.test("reset in the middle of a body", async () => {
			// wisp-js tells a reset as a voluntary close; Content-Length tells otherwise.
			const got = await run(async () => failure((await request("GET", "/reset")).read()));
			assert.deepEqual([got.name, got.partial + got.expected], ["IncompleteRead", MiB]);
			assert.ok(got.partial <= 1 << 16);
		});
		await page.close();
		relay.stop();
	});

	test(`wisp-js's client over this relay, version ${version}`, { timeout: 600_000 }, async (t) => {
		const page = await open();
		await page.evaluate(async (/** @type {any} */ { relay, version }) => {
			// @ts-ignore: an address of the page
			const { client } = await import("/wisp-js/wisp-client.mjs");
			const connection = new client.ClientConnection(relay, { wisp_version: Number(version) });
			await new Promise((resolve, reject) => {
				connection.onopen = resolve;
				connection.onerror = reject;
				connection.onclose = reject;
			});
			/** Sends bytes and gives what comes until the end, and its reason. */
			/** @type {any} */ (globalThis).exchange = (/** @type {number} */ port, /** @type {BlobPart[]} */ ...parts) => new Promise((resolve) => {
				const stream = connection.create_stream("127.0.0.1", port);
				/** @type {Uint8Array[]} */
				const got = [];
				stream.onmessage = (/** @type {Uint8Array} */ data) => got.push(data.slice());
				stream.onclose = async (/** @type {number} */ reason) => resolve({ bytes: new Uint8Array(await new Blob(got).arrayBuffer()), reason });
				new Blob(parts).arrayBuffer().then((bytes) => {
					for (let at = 0; at < bytes.byteLength; at += 65_536) stream.send(new Uint8Array(bytes.slice(at, at + 65_536)));
				});
			});
			/** @type {any} */ (globalThis).sha256 = async (/** @type {BufferSource} */ bytes) =>
				[...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
		}, { relay: `${fixture.relay.origin.replace("http", "ws")}/relay/`, version });
		/** @type {any} */ let exchange;
		const run = (/** @type {any} */ f, /** @type {any} */ arg) => page.evaluate(f, arg);
		const { port } = fixture.origin;

		await t.test("GET of 16 MiB", async () => {
			const got = await run(async (/** @type {any} */ { port, size }) => {
				const { bytes, reason } = await exchange(port, `GET /big?n=${size} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
				return [await sha256(bytes.subarray(bytes.length - size)), reason];
			}, { port, size: 16 * MiB });
			assert.deepEqual(got, [sha256(pattern(0, 16 * MiB)), 2]);
		});

		await t.test("POST of 16 MiB", async () => {
			const got = await run(async (/** @type {any} */ { port, size }) => {
				const body = new Uint8Array(size).map((_, i) => (i * 31 + (i >> 8)) & 255);
				const { bytes, reason } = await exchange(port, `POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`, body);
				return [/"sha256":"(\w+)"/.exec(new TextDecoder().decode(bytes))?.[1], reason];
			}, { port, size: 16 * MiB });
			assert.deepEqual(got, [sha256(pattern(0, 16 * MiB)), 2]);
		});

		await t.test("refused, denied, reset", async () => {
			const got = await run(async (/** @type {any} */ { port, closedPort }) => [
				(await exchange(closedPort)).reason,
				(await exchange(9)).reason,
				(await exchange(port, "GET /reset HTTP/1.1\r\nHost: a\r\n\r\n")).reason,
			], { port, closedPort: fixture.closedPort });
			assert.deepEqual(got, [0x44, 0x48, 0x03]);
		});
		await page.close();
	});
}
