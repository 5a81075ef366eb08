// The modules that load when they are first used, in a real browser: TLS,
// servers in the page, and the tools for recordings.
// Run by: node --test wasm/js/browser/modules.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import https from "node:https";
import path from "node:path";
import { after, before, test as plainTest } from "node:test";
import { buildClient, launch, listen, root, serveFiles, startServer } from "./harness.mjs";
import { startOrigin } from "./origin.mjs";

const test = (/** @type {string} */ name, /** @type {() => Promise<void>} */ body) => plainTest(name, { timeout: 300_000 }, body);

/** @type {any} */
let browser;
/** @type {any} */
let page;
/** @type {any} */
let fixture;

const certificate = (/** @type {string} */ name) => readFileSync(path.join(root, "core/testdata/conformance/certs", name), "utf8");

before(async () => {
	const pem = certificate("server.pem");
	const secure = https.createServer({ key: pem, cert: pem }, (request, response) => {
		const { socket } = /** @type {any} */ (request);
		response.end(`${request.url} ${socket.getProtocol()} ${socket.alpnProtocol}`);
	});
	secure.on("tlsClientError", () => {}); // refused certificates are tried here
	const origin = { ...(await listen(secure)), server: secure };
	const plain = await startOrigin();
	const pages = await serveFiles({ "/client/": buildClient() }, { "/": { body: "<!doctype html><title>page</title>" } });
	/** @type {string[]} */
	const fetched = [];
	const relay = await startServer(["--listen", "127.0.0.1:0", "--log-level", "warn", "--allow", "127.0.0.1:*", "--origin", pages.origin]);
	fixture = { origin, plain, pages, relay, fetched };
	browser = await launch();
	page = await browser.newPage();
	page.context().on("request", (/** @type {any} */ request) => fetched.push(request.url()));
	await page.goto(pages.origin + "/");
	await page.evaluate(async (/** @type {any} */ settings) => {
		const stepwire = await import(settings.module);
		const failure = (/** @type {Promise<unknown>} */ promise) => promise.then(() => "no failure", ({ name, message, party, code, bases }) => ({ name, message, party, code, bases }));
		Object.assign(globalThis, settings, { stepwire, failure, client: await stepwire.load({ relay: settings.relay }) });
	}, {
		module: `${pages.origin}/client/index.js`, relay: `${relay.origin}/relay/`,
		securePort: origin.port, port: plain.port, ca: certificate("ca.pem"),
	});
});

after(async () => {
	await browser?.close();
	await fixture?.relay.stop();
	fixture?.origin.server.closeAllConnections();
	for (const server of [fixture?.origin, fixture?.plain, fixture?.pages]) server?.close();
});

// In the functions given to run, these are globals of the page.
/** @type {any} */ let client, stepwire, relay, securePort, port, ca, failure;
const run = (/** @type {any} */ f, /** @type {any} */ arg) => page.evaluate(f, arg);
test("a page that speaks no TLS loads none, and the first https connection does, with progress", async () => {
	const modules = () => fixture.fetched.map((/** @type {string} */ url) => /(stepwire[-a-z]*)\.[^/]*wasm$/.exec(url)?.[1]).filter(Boolean);
	assert.deepEqual(modules(), ["stepwire"]);
	const got = await run(async () => {
		const progress = /** @type {[number, number][]} */ ([]);
		const onProgress = (/** @type {number} */ loaded, /** @type {number} */ total) => progress.push([loaded, total]);
		const early = await failure(client.httpsConnection("127.0.0.1", { signal: AbortSignal.abort(new Error("stop")) }));
		const loading = client.loadTLS({ onProgress });
		const connection = await client.httpsConnection("127.0.0.1", { port: securePort, timeout: 20, context: { caData: ca } });
		await loading;
		await connection.request("GET", "/secret");
		const body = new TextDecoder().decode(await (await connection.getResponse()).read());
		const [loaded, total] = /** @type {[number, number]} */ (progress.at(-1));
		return { early: early.message, body, whole: loaded === total && total > 5_000_000, growing: progress.every(([n], i) => i === 0 || n >= progress[i - 1][0]) };
	});
	assert.deepEqual(got, { early: "stop", body: "/secret TLSv1.3 http/1.1", whole: true, growing: true });
	assert.deepEqual(modules(), ["stepwire", "stepwire-tls"]);
});

test("TLS: events, key log, recording", async () => {
	const got = await run(async () => {
		const connection = await client.HTTPSConnection("127.0.0.1", { port: securePort, timeout: 20, trace: true, context: { caData: ca, keyLog: true, maximumVersion: "TLSv1.2" } });
		await connection.request("GET", "/traced");
		const body = new TextDecoder().decode(await (await connection.getResponse()).read());
		const keys = await connection.keyLog();
		const recording = connection.recording();
		const types = new Set(recording.events.map((/** @type {any} */ e) => e.type));
		const silent = await client.httpsConnection("127.0.0.1", { port: securePort });
		const tools = await client.tools();
		const har = JSON.parse(await tools.exportRecording(recording, "har"));
		const capture = await tools.exportRecording(recording, "pcapng", { secrets: true, keyLog: keys });
		return {
			body, keys, format: recording.format, tls: ["tls-handshake", "tls-certificate", "tls-record"].map((type) => types.has(type)),
			refused: await failure(silent.keyLog()), untraced: await failure((async () => silent.recording())()),
			url: har.log.entries[0].request.url, again: (await tools.decode(capture)).events.length > 0,
		};
	});
	assert.equal(got.body, "/traced TLSv1.2 http/1.1");
	assert.match(got.keys, /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}\n$/);
	assert.deepEqual([got.format, got.tls, got.url, got.again], ["stepwire-recording", [true, true, true], `https://127.0.0.1:${fixture.origin.port}/traced`, true]);
	assert.match(got.refused.message, /keyLog: true/);
	assert.match(got.untraced.message, /option trace/);
});

test("what is not trusted is refused with Python's exception, or asked for", async () => {
	const got = await run(async () => {
		const untrusted = await client.httpsConnection("127.0.0.1", { port: securePort, timeout: 20 });
		const error = await untrusted.connect().catch((/** @type {unknown} */ e) => e);
		const careless = await client.httpsConnection("127.0.0.1", { port: securePort, timeout: 20, context: { verify: false } });
		await careless.request("GET", "/");
		return {
			name: error.name, party: error.party, message: error.message,
			is: [stepwire.SSLCertVerificationError, stepwire.SSLError, stepwire.OSError, stepwire.ValueError].map((type) => error instanceof type),
			status: (await careless.getResponse()).status,
			option: await failure(client.httpsConnection("127.0.0.1", { context: { minimumVersion: "1.2" } })),
		};
	});
	assert.deepEqual([got.name, got.is, got.status], ["SSLCertVerificationError", [true, true, true, true], 200]);
	assert.match(got.message, /CERTIFICATE_VERIFY_FAILED/);
	assert.equal(got.option.name, "ValueError");
});

test("the demo origin in the page needs no relay, speaks TLS, and is as faulty as it is asked to be", async () => {
	const got = await run(async () => {
		const alone = await stepwire.load({ relay: "ws://127.0.0.1:9/relay/" });
		let loaded = 0;
		await alone.loadInPage({ onProgress: (/** @type {number} */ n) => (loaded = n) });
		const secure = await alone.httpsConnection("in-page.test", { timeout: 20, peer: { demo: true }, trace: true });
		await secure.request("GET", "/fixed");
		const response = await secure.getResponse();
		const events = secure.recording().events;
		const faulty = async (/** @type {object} */ faults) => {
			const connection = await alone.httpConnection("in-page.test", { timeout: 20, peer: { demo: true, ...faults }, trace: true });
			const error = await failure(connection.request("GET", "/fixed").then(() => connection.getResponse()).then((/** @type {any} */ r) => r.read()));
			return [error.name ?? error, connection.recording().events.filter((/** @type {any} */ e) => e.type === "recv" && e.size).map((/** @type {any} */ e) => e.size)];
		};
		const results = {
			loaded, status: response.status, verified: events.find((/** @type {any} */ e) => e.type === "tls-handshake" && e.phase === "done").verified,
			relayed: events.some((/** @type {any} */ e) => e.type === "relay"),
			pieces: await faulty({ pieceSize: 60, pauseMs: 1 }), cut: await faulty({ cutAfter: 0 }), reset: await faulty({ resetAfter: 30 }), spoilt: await faulty({ spoilAt: 0 }),
			wrong: await failure(alone.httpConnection("x", { peer: { demo: true, pauseMs: -1 } })),
		};
		// A pause is no reason to wait for one who gives up.
		const slow = await alone.httpConnection("in-page.test", { peer: { demo: true, pauseMs: 60_000 } });
		await slow.request("GET", "/fixed");
		const gone = await failure(slow.getResponse({ signal: AbortSignal.timeout(10) }));
		alone.close();
		return { ...results, gone };
	});
	assert.ok(got.loaded > 5_000_000);
	assert.deepEqual([got.status, got.verified, got.relayed], [200, true, false]);
	assert.equal(got.pieces[0], "no failure");
	assert.ok(got.pieces[1].length > 1 && got.pieces[1].every((/** @type {number} */ n, /** @type {number} */ i, /** @type {number[]} */ all) => n === 60 || i === all.length - 1), String(got.pieces[1]));
	assert.deepEqual([got.cut, got.reset, got.spoilt[0]], [["RemoteDisconnected", []], ["ConnectionResetError", [30]], "BadStatusLine"]);
	assert.match(got.wrong.message, /^peer\.pauseMs must be/);
	assert.equal(got.gone.name, "TimeoutError");
});

test("load({tls: true}) does everything in one Worker", async () => {
	const got = await run(async () => {
		const both = await stepwire.load({ relay, tls: true });
		const plain = await both.httpConnection("127.0.0.1", { port });
		await plain.request("GET", "/hello");
		const secure = await both.httpsConnection("127.0.0.1", { port: securePort, context: { caData: ca } });
		await secure.request("GET", "/");
		const statuses = [(await plain.getResponse()).status, (await secure.getResponse()).status];
		both.close();
		return { statuses, closed: await failure(secure.connect()), later: await failure(both.httpsConnection("127.0.0.1")), tools: await failure(both.tools()) };
	});
	assert.deepEqual(got.statuses, [200, 200]);
	for (const error of [got.closed, got.later, got.tools]) assert.equal(error.name, "ClientClosedError");
});

test("a module that is not there says so, and loads when it is there again", async () => {
	const got = await run(async () => {
		const other = await stepwire.load({ relay, tlsWasm: "/none.wasm", toolsWasm: "/none.wasm" });
		const errors = [await failure(other.httpsConnection("127.0.0.1")), await failure(other.tools()), await failure(stepwire.loadTools({ toolsWasm: "http://" }))];
		other.close();
		return errors;
	});
	assert.deepEqual(got.map((/** @type {any} */ e) => [e.name, e.code]), [["LoadError", "wasm-status"], ["LoadError", "wasm-status"], ["LoadError", "option"]]);
	assert.match(got[0].message, /option tlsWasm/);
	assert.match(got[1].message, /option toolsWasm/);
});

test("tools that were closed start again", async () => {
	const got = await run(async () => {
		const first = await client.tools();
		const same = await client.tools();
		first.close();
		const closed = await failure(same.decode("HTTP/1.1 200 OK\r\n\r\n"));
		return { closed: closed.name, again: (await (await client.tools()).decode("HTTP/1.1 200 OK\r\n\r\n")).kind };
	});
	assert.deepEqual(got, { closed: "ClientClosedError", again: "response" });
});

test("tools: every format is written, and what has bytes is read again", async () => {
	const got = await run(async () => {
		const tools = await stepwire.loadTools();
		const utf8 = new TextDecoder();
		const connection = await client.httpConnection("127.0.0.1", { port, trace: true });
		await connection.request("GET", "/hello", { headers: { Authorization: "Bearer secret" } });
		await (await connection.getResponse()).read();
		const recording = connection.recording();
		/** @type {Record<string, string>} */
		const texts = {};
		for (const format of ["har", "pcapng", "curl-trace", "curl", "python", "go", "raw-sent", "raw-received"]) {
			const written = await tools.exportRecording(recording, format);
			texts[format] = typeof written === "string" ? written : `${written.constructor.name} ${utf8.decode(written)}`;
		}
		/** @type {Record<string, any>} */
		const read = {};
		for (const format of ["har", "pcapng", "curl-trace", "raw-received"]) {
			const decoded = await tools.decode(new Blob([await tools.exportRecording(recording, format)]));
			const value = (/** @type {string} */ kind) => decoded.events.find((/** @type {any} */ e) => e.type === "span" && e.kind === kind)?.value;
			read[format] = [decoded.kind, value("status-code"), value("reason")];
		}
		const scenario = JSON.parse(await tools.exportRecording(recording, "scenario", { secrets: true, name: "hello" }));
		const played = await client.runScenario(scenario, { peer: "in-page" });
		const link = await tools.linkOf(recording);
		const fragment = await tools.encodePermalink(link);
		const results = {
			texts, read, link, fragment, name: scenario.name, played: played.steps.every((/** @type {any} */ step) => "ok" in step),
			back: await tools.decodePermalink(fragment),
			whole: await tools.exportRecording(recording, "recording", { secrets: true }),
			bytes: (await tools.decode(utf8.decode(new TextEncoder().encode("HTTP/1.1 204 None\r\n\r\n")))).kind,
			refusals: [await failure(tools.decode("?")), await failure(tools.exportRecording(recording, "zip")), await failure(tools.exportRecording(recording, "scenario")), await failure(tools.decodePermalink("#v9.x")), await failure(tools.decode(5))],
			events: recording.events.length,
		};
		tools.close();
		return { ...results, closed: await failure(tools.decode("?")) };
	});
	for (const [format, begin] of Object.entries({ har: "{", pcapng: "Uint8Array \n\r\r\n", "curl-trace": "== Info:", curl: "curl ", python: "", go: "", "raw-sent": "Uint8Array GET /hello HTTP/1.1\r\n", "raw-received": "Uint8Array HTTP/1.1 200 Fine\r\n" })) {
		assert.ok(got.texts[format].includes(begin), `${format}: ${got.texts[format].slice(0, 200)}`);
		assert.doesNotMatch(got.texts[format], /Bearer secret/, format);
	}
	assert.match(got.texts.python, /http\.client/);
	assert.match(got.texts.go, /^package main/m);
	assert.deepEqual(got.read, {
		har: ["har", "200", "Fine"], pcapng: ["capture", "200", "Fine"], "curl-trace": ["curl-trace", "200", "Fine"], "raw-received": ["response", "200", "Fine"],
	});
	assert.deepEqual([got.name, got.played, got.bytes], ["hello", true, "response"]);
	assert.match(got.fragment, /^#v1\.[\w-]+$/);
	assert.deepEqual(got.back, got.link);
	assert.deepEqual(got.link.left, ["secrets"]);
	assert.equal(JSON.parse(got.whole).events.length, got.events);
	const messages = [/nothing known here/, /no format/, /Authorization/, /#v9|begins with/, /must be a string, bytes or a Blob/];
	for (const [i, pattern] of messages.entries()) assert.match(got.refusals[i].message, pattern);
	assert.deepEqual(got.refusals.map((/** @type {any} */ e) => e.name), ["Error", "Error", "Error", "Error", "TypeError"]);
	assert.equal(got.closed.name, "ClientClosedError");
});
