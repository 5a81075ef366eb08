// The client in a real browser, against a real relay and a real server.
// Run by: node --test wasm/js/browser/client.mjs

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test as plainTest } from "node:test";
import { buildClient, launch, refusingPort, serveFiles, startServer } from "./harness.mjs";
import { pattern, sha256, startOrigin } from "./origin.mjs";

// A call that is never answered should fail its own test.
const test = (/** @type {string} */ name, /** @type {() => Promise<void>} */ body) => plainTest(name, { timeout: 300_000 }, body);

/** @type {any} */
let browser;
/** @type {any} */
let page;
/** @type {any} */
let fixture;

before(async () => {
	const folder = buildClient();
	const worker = readdirSync(folder).find((name) => /^worker\..*\.js$/.test(name));
	const wasm = readdirSync(folder).find((name) => /^stepwire\.[^.]*\.wasm$/.test(name));
	const origin = await startOrigin();
	const closed = await refusingPort();
	const html = "<!doctype html><title>page</title>";
	const script = { "content-type": "text/javascript" };
	const workerText = readFileSync(path.join(folder, String(worker)), "utf8");
	/** @type {Record<string, any>} */
	const routes = {
		"/": { body: html },
		"/csp-wasm": { body: html, headers: { "content-security-policy": "script-src 'self'" } },
		"/csp-worker": { body: html, headers: { "content-security-policy": "worker-src 'none'" } },
		"/trusted-types": { body: html, headers: { "content-security-policy": "require-trusted-types-for 'script'; worker-src 'self'" } },
		"/isolated/worker.js": { body: workerText, headers: { ...script, "content-security-policy": "script-src 'self'" } },
		"/no-connect.js": { body: workerText, headers: { ...script, "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" } },
		"/no-websocket.js": { body: `delete globalThis.WebSocket;\n${workerText}`, headers: script },
		"/throws.js": { body: "throw new Error('broken script');", headers: script },
		"/not.wasm": { body: "not wasm", headers: { "content-type": "application/wasm" } },
		"/empty.wasm": { body: Buffer.from("0061736d01000000", "hex"), headers: { "content-type": "application/wasm" } },
		"/plain-type.wasm": { body: readFileSync(path.join(folder, String(wasm))), headers: { "content-type": "application/octet-stream" } },
	};
	const pages = await serveFiles({ "/client/": folder, "/js/": new URL("..", import.meta.url).pathname }, routes);
	const foreign = await serveFiles({}, routes);
	const relay = await startServer([
		"--listen", "127.0.0.1:0", "--log-level", "warn",
		"--allow", `127.0.0.1:${origin.port}`, "--allow", `127.0.0.1:${closed.port}`,
		"--origin", pages.origin, "--origin", foreign.origin,
	]);
	fixture = { folder, routes, origin, pages, foreign, relay, closed, closedPort: closed.port };
	browser = await launch();
	page = await open(pages.origin + "/");
	await page.evaluate(setUp, settings());
});

after(async () => {
	await browser?.close();
	await fixture?.relay.stop();
	for (const server of [fixture?.origin, fixture?.closed, fixture?.pages, fixture?.foreign]) server?.close();
});

/** @param {string} url */
async function open(url) {
	const context = await browser.newContext();
	context.setDefaultTimeout(120_000);
	const opened = await context.newPage();
	await opened.goto(url);
	return opened;
}

function settings() {
	return {
		module: `${fixture.pages.origin}/client/index.js`,
		relay: `${fixture.relay.origin}/relay/`,
		port: fixture.origin.port,
	};
}

/** In the page: loads the client and a few helpers as globals. */
async function setUp(/** @type {any} */ { module, relay, port }) {
	const scope = /** @type {any} */ (globalThis);
	scope.stepwire = await import(module);
	scope.relay = relay;
	scope.port = port;
	scope.client = await scope.stepwire.load({ relay });
	scope.text = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);
	scope.sha256 = async (/** @type {BufferSource} */ bytes) =>
		[...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
	scope.connect = (/** @type {any} */ options) => scope.client.httpConnection("127.0.0.1", { port, timeout: 20, ...options });
	scope.get = async (/** @type {string} */ target, /** @type {any} */ options) => {
		const connection = await scope.connect(options);
		await connection.request("GET", target);
		return connection.getResponse();
	};
	/** What a promise is rejected with, as plain data. */
	scope.failure = async (/** @type {Promise<unknown>} */ promise) => {
		try {
			await promise;
		} catch (error) {
			const { name, bases, message, party, code, partial, expected } = /** @type {any} */ (error);
			return { name, bases, message, party, code, partial: partial && scope.text(partial), expected };
		}
		return "no failure";
	};
}

// In the functions given to run, these are globals of the page.
/** @type {any} */ let client, stepwire, relay, port, text, connect, get, failure;
const run = (/** @type {any} */ f, /** @type {any} */ arg) => page.evaluate(f, arg);

test("a body that came with its head is read as any other", async () => {
	const got = await run(async () => {
		const connection = await connect();
		const seen = [];
		const exchange = async () => {
			const [, response] = await Promise.all([connection.request("GET", "/hello"), connection.getResponse()]);
			seen.push(connection.state, connection.unread, connection.legal.join());
			return response;
		};
		const first = await exchange();
		const reading = first.read();
		seen.push(connection.state, text(await reading), connection.unread, connection.legal.join());
		const second = await exchange(); // follows at once
		seen.push(text(await second.peek()), text(await second.read(2)), text(await second.read()), connection.state);
		seen.push(text(await first.read()), await first.isClosed());
		const third = await exchange();
		await Promise.all([third.close(), third.read().then((body) => seen.push(body.byteLength, connection.state))]);
		const abort = new AbortController();
		abort.abort(new Error("enough"));
		const fourth = await exchange();
		seen.push(await fourth.read({ signal: abort.signal }).catch((error) => error.message), text(await fourth.read(null)));
		const last = await exchange();
		connection.release();
		seen.push((await failure(last.read())).name);
		return seen;
	});
	const unread = ["Unread-response", true, "putrequest"];
	const body = "hello";
	assert.deepEqual(got, [
		...unread, "Idle", body, false, "putrequest", // the worker is not asked
		...unread, body, body.slice(0, 2), body.slice(2), "Idle", "", true,
		...unread, 0, "Idle",
		...unread, "enough", body,
		...unread, "ValueError",
	]);
});

test("GET: status, headers in order, body, states", async () => {
	const got = await run(async () => {
		const connection = await connect();
		const states = [connection.state];
		await connection.request("GET", "/hello");
		states.push(connection.state, connection.legal.join());
		const response = await connection.getResponse();
		states.push(connection.state, connection.unread, connection.legal.join());
		const { status, reason, version, headers, length, willClose, will_close, chunked } = response;
		const twice = await response.getheader("x-twice");
		const missing = [await response.getHeader("none"), await response.getHeader("none", ["a", "b"])];
		const { msg } = response;
		const message = [msg === response.msg, msg instanceof stepwire.HTTPMessage, msg.length, msg.get("X-TWICE"), msg.get_all("x-twice"), msg.get_content_type()];
		const fileno = await failure(response.fileno());
		const open = await response.isclosed();
		const buffer = new ArrayBuffer(4);
		const filled = [await response.readinto(buffer), text(new Uint8Array(buffer))];
		const unfit = [(await failure(response.readinto(-1))).message, (await failure(response.readinto(2 ** 40))).message];
		const body = text(await response.read());
		states.push(connection.state, connection.unread, await response.isClosed(), await response.closed());
		return { states, status, reason, version, headers: headers.slice(0, 3), length, willClose, will_close, chunked, twice, missing, message, fileno: fileno.name, open, filled, unfit, body,
			attributes: await connection.attributes(), same: connection.putrequest === connection.putRequest };
	});
	assert.deepEqual(got, {
		states: ["Idle", "Request-sent", "getresponse", "Unread-response", true, "putrequest", "Idle", false, true, false],
		status: 200, reason: "Fine", version: 11,
		headers: [["X-Twice", "1"], ["x-twice", "2"], ["Content-Length", "5"]],
		length: 5, willClose: false, will_close: false, chunked: false,
		twice: "1, 2", missing: [null, "a, b"], message: [true, true, 6, "1", ["1", "2"], "text/plain"], fileno: "UnsupportedOperation", open: false,
		filled: [4, "hell"], unfit: ["negative count", "a buffer of 1099511627776 bytes has no room in a page"], body: "o",
		attributes: { host: "127.0.0.1", port: fixture.origin.port, blocksize: 8192, debuglevel: 0 }, same: true,
	});
});

test("a large body arrives whole by read, by pieces and as a stream", async () => {
	const size = 5_000_003;
	const want = sha256(pattern(0, size));
	const got = await run(async (/** @type {number} */ size) => {
		const hashes = [];
		hashes.push(await sha256(await (await get(`/big?n=${size}`)).read()));
		for (const method of ["read", "readInto", "read1"]) {
			const response = await get(`/big?n=${size}`);
			const pieces = [];
			for (;;) {
				const piece = await response[method](300_000);
				if (piece.byteLength === 0) break;
				pieces.push(piece);
			}
			hashes.push(await sha256(await new Blob(pieces).arrayBuffer()));
		}
		hashes.push(await sha256(await new Response((await get(`/big?n=${size}`)).body).arrayBuffer()));
		// With a buffer of the reader's own.
		const reader = (await get(`/big?n=${size}`)).body.getReader({ mode: "byob" });
		const pieces = [];
		for (;;) {
			const { done, value } = await reader.read(new Uint8Array(70_000));
			if (done) break;
			pieces.push(value);
		}
		hashes.push(await sha256(await new Blob(pieces).arrayBuffer()));
		return hashes;
	}, size);
	assert.deepEqual(got, Array(6).fill(want));
});

test("lines, by call and by iteration", async () => {
	const got = await run(async () => {
		const called = await (await get("/lines")).readLines();
		const iterated = [];
		for await (const line of await get("/lines")) iterated.push(line);
		const response = await get("/lines");
		const some = [await response.peek(3), await response.readline(2), await response.readline()];
		return [called.map(text), iterated.map(text), some.map((line) => text(line).slice(0, 3))];
	});
	const lines = ["one\n", "two\n", "\n", "last"];
	assert.deepEqual(got, [lines, lines, ["one", "on", "e\n"]]);
});

test("bodies of every kind reach the server", async () => {
	const large = pattern(0, 3_000_000);
	const got = await run(async () => {
		const bytes = new Uint8Array(3_000_000).map((_, i) => (i * 31 + (i >> 8)) & 255);
		const streamed = () => {
			let at = 0;
			return new ReadableStream({
				pull(controller) {
					if (at >= bytes.length) return controller.close();
					controller.enqueue(bytes.slice(at, at + 99_999));
					at += 99_999;
				},
			});
		};
		const bodies = {
			bytes, part: new Uint8Array([0, ...bytes.subarray(0, 9), 0]).subarray(1, 10), blob: new Blob([bytes]), stream: streamed(),
			text: "caf\u00e9", file: { file: bytes.slice(0, 20_000) }, iterable: { iterable: [new Uint8Array([1]), new Uint8Array([2, 3])] },
		};
		/** @type {Record<string, any>} */
		const got = {};
		const connection = await connect();
		for (const [name, body] of Object.entries(bodies)) {
			await connection.request("POST", "/echo", { body });
			got[name] = JSON.parse(text(await (await connection.getResponse()).read()));
		}
		return got;
	});
	const sent = {
		bytes: large, part: large.subarray(0, 9), blob: large, stream: large, text: Buffer.from("caf\u00e9", "latin1"),
		file: large.subarray(0, 20_000), iterable: Buffer.from([1, 2, 3]),
	};
	for (const [name, bytes] of Object.entries(sent)) {
		const { size, sha256: hash, headers } = got[name];
		assert.deepEqual([name, size, hash], [name, bytes.length, sha256(bytes)]);
		const counted = ["bytes", "part", "text"].includes(name);
		assert.ok(headers.includes(counted ? "Content-Length" : "Transfer-Encoding"), name);
	}
});

test("a body that fails rejects with its own error and is not sent as whole", async () => {
	const got = await run(async () => {
		const connection = await connect();
		const body = new ReadableStream({
			start: (controller) => controller.enqueue(new Uint8Array([1])),
			pull: () => Promise.reject(new Error("disk gone")),
		});
		const first = await failure(connection.request("POST", "/echo", { body }));
		await connection.close();
		await connection.request("POST", "/echo", { body: "again" });
		return [first.message, JSON.parse(text(await (await connection.getResponse()).read())).size];
	});
	assert.deepEqual(got, ["disk gone", 5]);
});

test("calls that are not awaited run in order", async () => {
	const got = await run(async () => {
		const connection = await connect();
		const calls = [
			connection.putRequest("GET", "/hello"),
			connection.putHeader("X-A", 1),
			connection.endHeaders(),
			connection.getResponse(),
			failure(connection.putHeader("X-B", "3")),
		];
		const [, , , response, refused] = await Promise.all(calls);
		return [response.status, text(await response.read()), refused.name, refused.bases];
	});
	assert.deepEqual(got, [200, "hello", "CannotSendHeader", ["ImproperConnectionState", "HTTPException"]]);
});

test("connections do not wait for each other", async () => {
	const got = await run(async () => {
		const abort = new AbortController();
		const silent = await connect();
		await silent.request("GET", "/silent");
		const waiting = failure(silent.getResponse({ signal: abort.signal }));
		const others = await Promise.all([1, 2, 3].map(async () => text(await (await get("/hello")).read())));
		abort.abort(new Error("enough"));
		return [others, (await waiting).message];
	});
	assert.deepEqual(got, [["hello", "hello", "hello"], "enough"]);
});

test("an abort in the middle of a body unblocks at once and frees the server", async () => {
	const got = await run(async () => {
		const abort = new AbortController();
		const connection = await connect();
		await connection.request("GET", "/begin-and-wait");
		const response = await connection.getResponse();
		const begun = text(await response.read(5));
		const rest = failure(response.read({ signal: abort.signal }));
		const queued = failure(response.read(1, { signal: abort.signal }));
		abort.abort();
		const names = [(await rest).name, (await queued).name, (await failure(response.read({ signal: abort.signal }))).name];
		connection.release();
		// The stream's way: cancelling its reader.
		const streamed = await get("/begin-and-wait");
		const reader = streamed.body.getReader();
		const first = text((await reader.read()).value);
		await reader.cancel();
		await streamed.connection.close();
		let waiting;
		do waiting = text(await (await get("/waiting")).read());
		while (waiting !== "0");
		return [begun, names, first];
	});
	assert.deepEqual(got, ["begin", ["AbortError", "AbortError", "AbortError"], "begin"]);
});

test("errors have their class, party and payload", async () => {
	const got = await run(async (/** @type {any} */ { closedPort }) => {
		const to = async (/** @type {any} */ options) => failure((await client.httpConnection("127.0.0.1", options)).connect());
		const short = await failure((await get("/cut")).read());
		const reader = (await get("/cut")).body.getReader();
		const streamed = [text((await reader.read()).value), await failure(reader.read())];
		return {
			refused: await to({ port: closedPort }),
			denied: await to({ port: 9 }),
			nobody: await to({ port: 65536 }),
			unknown: await failure((await client.httpConnection("a.invalid")).connect()),
			number: await failure((await client.httpConnection("127.1", { port: closedPort })).connect()),
			invalid: await failure(client.httpConnection("host:port")),
			notReady: await failure((await connect()).getResponse()),
			timeout: await failure(get("/silent", { timeout: 0.2 })),
			short, streamed: [streamed[0], streamed[1].name, streamed[1].expected],
			header: await failure((async () => { const c = await connect(); await c.putRequest("GET", "/"); await c.putHeader("A", "b\r\nc"); })()),
			source: await to({ port: 80, sourceAddress: ["", 1] }),
			type: await failure((await connect()).putRequest(5, "/")),
			body: await failure((await connect()).request("GET", "/", { body: 5 })),
		};
	}, { closedPort: fixture.closedPort });
	const is = (/** @type {any} */ error, /** @type {string} */ name, /** @type {string} */ party, /** @type {RegExp} */ message) => {
		assert.deepEqual([error.name, error.party], [name, party], error.message);
		assert.match(error.message, message);
	};
	is(got.refused, "ConnectionRefusedError", "network", /refused/);
	is(got.denied, "OSError", "relay", /--allow 127\.0\.0\.1:9/);
	is(got.nobody, "ConnectionRefusedError", "network", /refused/);
	is(got.unknown, "gaierror", "network", /Name or service not known/);
	is(got.number, "ConnectionRefusedError", "network", /refused/);
	is(got.invalid, "InvalidURL", "caller", /nonnumeric port: 'port'/);
	is(got.notReady, "ResponseNotReady", "caller", /Idle/);
	is(got.timeout, "TimeoutError", "network", /timed out/);
	is(got.short, "IncompleteRead", "server", /3 bytes read, 7 more expected/);
	assert.deepEqual([got.short.partial, got.short.expected, got.streamed], ["abc", 7, ["abc", "IncompleteRead", 7]]);
	is(got.header, "ValueError", "caller", /Invalid header value/);
	is(got.source, "OSError", "caller", /^\[Errno 99\] Cannot assign requested address$/);
	is(got.type, "TypeError", "caller", /method must be a string, not int/);
	assert.match(got.body.message, /body must be a string, .* not a number/);
});

test("instanceof follows Python's hierarchy for what a call throws", async () => {
	const got = await run(async (/** @type {any} */ { closedPort }) => {
		try {
			await (await client.httpConnection("127.0.0.1", { port: closedPort })).connect();
		} catch (error) {
			return ["ConnectionRefusedError", "ConnectionError", "OSError", "PythonError", "HTTPException", "ConnectionResetError"].map((name) => error instanceof stepwire[name]);
		}
	}, { closedPort: fixture.closedPort });
	assert.deepEqual(got, [true, true, true, true, false, false]);
});

test("the trace replays from the start and goes on until release", async () => {
	const got = await run(async () => {
		const connection = await connect({ trace: true });
		const whole = (async () => {
			const events = [];
			for await (const event of connection.trace()) events.push(event);
			return events;
		})();
		await connection.request("GET", "/hello");
		const response = await connection.getResponse();
		await response.read();
		const early = [];
		for await (const event of connection.trace()) {
			early.push(event);
			if (event.type === "return" && event.name === "read") break;
		}
		await connection.close();
		connection.release();
		const all = await whole;
		const untraced = await connect();
		await untraced.connect();
		return { all, early, none: untraced.trace().events.length };
	});
	assert.deepEqual(got.all.map((/** @type {any} */ e) => e.seq), got.all.map((/** @type {any} */ _, /** @type {number} */ i) => i));
	assert.deepEqual(got.all.slice(0, got.early.length), got.early);
	assert.deepEqual(got.all.filter((/** @type {any} */ e) => e.type === "call").map((/** @type {any} */ e) => e.name).slice(0, 3), ["request", "getresponse", "read"]);
	assert.deepEqual(got.all.filter((/** @type {any} */ e) => e.type === "transition").map((/** @type {any} */ e) => e.to).slice(0, 3),
		["Request-started", "Request-started", "Request-sent"].slice(0, 1).concat(got.all.filter((/** @type {any} */ e) => e.type === "transition").slice(1, 3).map((/** @type {any} */ e) => e.to)));
	const received = got.all.filter((/** @type {any} */ e) => e.type === "recv" && e.bytes).map((/** @type {any} */ e) => Buffer.from(e.bytes.b64, "base64").toString("latin1")).join("");
	assert.match(received, /^HTTP\/1\.1 200 Fine\r\n[^]*\r\n\r\nhello$/);
	assert.ok(got.all.some((/** @type {any} */ e) => e.type === "relay"), "the relay's own events are in the log");
	assert.equal(got.none, 0);
});

test("what await using declares is closed at the end of its block", async () => {
	const got = await run(async () => {
		const connection = await connect();
		await connection.request("GET", "/hello");
		const response = await connection.getResponse();
		// As the block's end calls it; Node 20, which reads this file, has no such blocks.
		await response[Symbol.asyncDispose]();
		const closed = await response.closed();
		await connection.request("GET", "/hello");
		await connection[Symbol.asyncDispose]();
		return { closed, unread: connection.unread, state: connection.state, after: await connection.getResponse().catch((/** @type {any} */ error) => error.name) };
	});
	assert.deepEqual(got, { closed: true, unread: false, state: "Idle", after: "ResponseNotReady" });
});

test("debug output comes line by line in order, by default on the console", async () => {
	/** @type {string[]} */
	const logged = [];
	page.on("console", (/** @type {any} */ message) => logged.push(message.text()));
	const { printed, levels } = await run(async () => {
		let printed = "";
		const connection = await connect({ debugOutput: (/** @type {string} */ text) => { printed += text; } });
		await connection.setDebugLevel(1);
		await connection.request("GET", "/hello");
		await connection.getResponse();
		const spoken = await connect({ debuglevel: 1 });
		await spoken.request("GET", "/hello");
		const response = await spoken.getResponse();
		const silent = await connect();
		await silent.request("GET", "/hello");
		return { printed, levels: [response.debuglevel, (await silent.getResponse()).debuglevel] };
	});
	assert.deepEqual(levels, [1, 0]);
	const lines = printed.trimEnd().split("\n");
	assert.match(lines[0], /^send: b'GET \/hello HTTP\/1\.1\\r\\nHost: 127\.0\.0\.1:\d+\\r\\nAccept-Encoding: identity\\r\\n\\r\\n'$/);
	assert.equal(lines[1], "reply: 'HTTP/1.1 200 Fine\\r\\n'");
	assert.equal(lines[2], "header: X-Twice: 1");
	while (logged.length < 3) await page.waitForEvent("console");
	assert.deepEqual(logged.slice(0, 3), lines.slice(0, 3));
});

/**
 * A size of a process's resident memory, in MiB; 0 when it has ended.
 * @param {number} pid
 * @param {"VmRSS" | "RssAnon"} field
 */
function resident(pid, field) {
	try {
		return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
	} catch {
		return 0;
	}
}

/** The processes of the browser of some type. */
async function processes(/** @type {string[]} */ ...types) {
	const session = await browser.newBrowserCDPSession();
	const { processInfo } = await session.send("SystemInfo.getProcessInfo");
	await session.detach();
	return processInfo.filter((/** @type {any} */ p) => types.includes(p.type)).map((/** @type {any} */ p) => p.id);
}

test("a download of 128 MiB needs little memory", async () => {
	const [size, step] = [128 << 20, 16 << 20];
	const renderers = await processes("renderer");
	const session = await page.context().newCDPSession(page);
	// Engines let tens of MiB of garbage lie, more or less by their load: what was
	// read is collected in the page after each step, so that what is left is held.
	const measure = async () => {
		await session.send("HeapProfiler.collectGarbage");
		const { usedSize, backingStorageSize = 0 } = await session.send("Runtime.getHeapUsage");
		return { heap: (usedSize + backingStorageSize) / 2 ** 20, renderer: Math.max(...renderers.map((/** @type {number} */ pid) => resident(pid, "RssAnon"))) };
	};
	await run(async (/** @type {number} */ size) => {
		/** @type {any} */ (globalThis).reading = (await get(`/big?n=${size}`)).body.getReader();
	}, size);
	const before = await measure();
	const most = { ...before };
	let total = 0;
	for (let done = false; !done;) {
		const got = await run(async (/** @type {number} */ step) => {
			let bytes = 0;
			for (;;) {
				const { done, value } = await /** @type {any} */ (globalThis).reading.read();
				if (!done) bytes += value.byteLength;
				if (done || bytes >= step) return { done, bytes };
			}
		}, step);
		({ done } = got);
		total += got.bytes;
		const now = await measure();
		most.heap = Math.max(most.heap, now.heap);
		most.renderer = Math.max(most.renderer, now.renderer);
	}
	await session.detach();
	assert.equal(total, size);
	console.log(`128 MiB: MiB before and at most: ${["heap", "renderer"].map((key) => `${key} ${before[key].toFixed(0)}, ${most[key].toFixed(0)}`).join("; ")}`);
	assert.ok(most.heap - before.heap < 4, `the page's heap grew from ${before.heap} to ${most.heap} MiB`);
	// The worker's garbage, of which there is up to 32 MiB, and the program's memory.
	assert.ok(most.renderer - before.renderer < 96, `the renderer grew from ${before.renderer} to ${most.renderer} MiB`);
});

test("200 bytes of 1 GiB: the server is read no further, and nothing grows", async () => {
	const opened = await open(fixture.pages.origin + "/");
	await opened.evaluate(setUp, settings());
	await opened.evaluate(async () => text(await (await get("/hello")).read())); // what is there once
	const page = await opened.context().newCDPSession(opened);
	// The renderer has the page's heap, the worker's and the wasm's memory; a
	// utility process has the WebSocket.
	const pids = await processes("renderer", "utility", "browser");
	const measure = async () => {
		await page.send("HeapProfiler.collectGarbage");
		const { usedSize, backingStorageSize = 0 } = await page.send("Runtime.getHeapUsage");
		return {
			heap: (usedSize + backingStorageSize) / 2 ** 20,
			browser: pids.map((/** @type {number} */ pid) => resident(pid, "RssAnon")).reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0),
			relay: resident(fixture.relay.pid, "VmRSS"),
		};
	};
	const before = await measure();
	const known = new Set(fixture.origin.sockets);
	const first = await opened.evaluate(async (/** @type {number} */ size) => {
		const scope = /** @type {any} */ (globalThis);
		scope.flood = await get(`/big?n=${size}`);
		return text(await scope.flood.read(200));
	}, 2 ** 30);
	assert.equal(first, new TextDecoder().decode(pattern(0, 200)));
	const flood = [...fixture.origin.sockets].find((socket) => !known.has(socket));

	// Until 200 exchanges in a row see nothing more go out.
	let written = 0;
	for (let still = 0, rounds = 0; still < 200; rounds++) {
		assert.ok(rounds < 5000, `the server is still read after ${rounds} exchanges, at ${flood.bytesWritten} bytes`);
		await opened.evaluate(async () => {
			const scope = /** @type {any} */ (globalThis);
			scope.other ??= await connect();
			for (let i = 0; i < 10; i++) {
				await scope.other.request("GET", "/hello");
				await (await scope.other.getResponse()).read();
			}
		});
		still = flood.bytesWritten === written ? still + 10 : 0;
		written = flood.bytesWritten;
	}
	const after = await measure();
	console.log(`1 GiB: ${(written / 2 ** 20).toFixed(1)} MiB went out; MiB before and after: ${["heap", "browser", "relay"].map((key) => `${key} ${before[key].toFixed(0)}, ${after[key].toFixed(0)}`).join("; ")}`);
	assert.ok(written < 32 << 20, `${written} bytes went out`);
	assert.ok(after.heap - before.heap < 8, `the page's heap grew by ${after.heap - before.heap} MiB`);
	assert.ok(after.browser - before.browser < 64, `the browser grew by ${after.browser - before.browser} MiB`);
	assert.ok(after.relay - before.relay < 32, `the relay grew by ${after.relay - before.relay} MiB`);

	// It goes on from there, byte for byte, once somebody reads.
	const more = 24 << 20;
	const hash = await opened.evaluate(async (/** @type {number} */ size) => sha256(await /** @type {any} */ (globalThis).flood.read(size)), more);
	assert.equal(hash, sha256(pattern(200, more)));
	assert.ok(flood.bytesWritten > more);
	const closed = new Promise((resolve) => flood.on("close", resolve));
	await opened.context().close();
	await closed;
});

test("loading reports progress and can be given up", async () => {
	const got = await run(async () => {
		/** @type {number[][]} */
		const steps = [];
		const other = await stepwire.load({ relay, onProgress: (/** @type {number} */ loaded, /** @type {number} */ total) => steps.push([loaded, total]) });
		other.close();
		return [steps, other.machine.transitions.length, typeof other.version, await failure(stepwire.load({ relay, signal: AbortSignal.abort() }))];
	});
	const [steps, rows, version, aborted] = got;
	assert.ok(steps.length > 0 && steps.every(([loaded, total]) => loaded <= total));
	assert.equal(steps.at(-1)[0], steps.at(-1)[1]);
	assert.equal(steps[0][1], steps.at(-1)[1], "the total is known from the first report");
	assert.equal(rows, 19);
	assert.equal(version, "string");
	assert.equal(aborted.name, "AbortError");
});

test("each way to fail to load says which and what to do, and the next load works", async () => {
	const got = await run(async () => {
		const load = (/** @type {any} */ options) => failure(stepwire.load({ relay, ...options }));
		return {
			missing: await load({ wasm: "/client/none.wasm" }),
			notWasm: await load({ wasm: "/not.wasm" }),
			mismatch: await load({ wasm: "/empty.wasm" }),
			unreachable: await load({ wasm: "http://127.0.0.1:9/x.wasm" }),
			noScript: await load({ worker: "/none.js" }),
			throws: await load({ worker: "/throws.js" }),
			option: await load({ relay: "ftp://x/" }),
			after: await load({}),
			compiledByPage: await load({ worker: "/isolated/worker.js" }),
			plainType: await load({ wasm: "/plain-type.wasm" }),
		};
	});
	/** @type {Record<string, [string, RegExp]>} */
	const want = {
		missing: ["wasm-status", /none\.wasm .* 404 .*deployed/],
		notWasm: ["wasm-compile", /not\.wasm is not a WebAssembly module/],
		mismatch: ["wasm-mismatch", /one build together/],
		unreachable: ["wasm-fetch", /127\.0\.0\.1:9\/x\.wasm could not be fetched/],
		noScript: ["worker-script", /none\.js did not load/],
		throws: ["worker-script", /throws\.js did not load/],
		option: ["option", /ws: or wss:/],
	};
	for (const [name, [code, message]] of Object.entries(want)) {
		assert.deepEqual([name, got[name].name, got[name].party, got[name].code], [name, "LoadError", "client", code]);
		assert.match(got[name].message, message);
	}
	assert.equal(got.after, "no failure");
	assert.equal(got.compiledByPage, "no failure");
	assert.equal(got.plainType, "no failure");
});

test("a policy that forbids WebAssembly is named, once the worker has tried, too", async () => {
	const strict = await open(fixture.pages.origin + "/csp-wasm");
	const got = await strict.evaluate(async (/** @type {any} */ { module, relay }) => {
		const { load } = await import(module);
		const told = (/** @type {any} */ options) => load(options).then(() => ({}), (/** @type {any} */ { name, code, message }) => ({ name, code, message }));
		return { both: await told({ relay, worker: "/isolated/worker.js" }), page: await told({ relay }) };
	}, settings());
	assert.deepEqual([got.both.name, got.both.code], ["LoadError", "csp"]);
	assert.match(got.both.message, /wasm-unsafe-eval/);
	assert.deepEqual(got.page, {});
});

test("a policy that forbids the worker is named", async () => {
	const strict = await open(fixture.pages.origin + "/csp-worker");
	const got = await strict.evaluate(async (/** @type {any} */ { module, relay }) => {
		const { load } = await import(module);
		return load({ relay }).catch((/** @type {any} */ { name, code, message }) => ({ name, code, message }));
	}, settings());
	assert.deepEqual([got.name, got.code], ["LoadError", "csp"]);
	assert.match(got.message, /Content-Security-Policy refused .* worker-src/);
});

test("a page that requires Trusted Types can load it", async () => {
	const strict = await open(fixture.pages.origin + "/trusted-types");
	const got = await strict.evaluate(async (/** @type {any} */ { module, relay }) => {
		const { load } = await import(module);
		return (await load({ relay })).machine.states.length;
	}, settings());
	assert.equal(got, 6);
});

test("a page of another origin can import it", async () => {
	const foreign = await open(fixture.foreign.origin + "/");
	await foreign.evaluate(setUp, settings());
	assert.equal(await foreign.evaluate(async () => text(await (await get("/hello")).read())), "hello");
	const got = await foreign.evaluate((/** @type {any} */ { origin }) => failure(stepwire.load({ relay, worker: `${origin}/none.js` })), { origin: fixture.pages.origin });
	assert.deepEqual([got.name, got.code], ["LoadError", "worker-script"]);
	await foreign.context().close();
});

test("without a WebSocket, with the relay down or forbidden by a policy, connecting says so", async () => {
	const got = await run(async () => {
		const without = await stepwire.load({ relay, worker: "/no-websocket.js" });
		const down = await stepwire.load({ relay: "ws://127.0.0.1:9/relay/" });
		const forbidden = await stepwire.load({ relay, worker: "/no-connect.js" });
		const results = [];
		for (const loaded of [without, down, forbidden]) {
			results.push(await failure((await loaded.httpConnection("127.0.0.1", { port })).connect()));
			loaded.close();
		}
		return results;
	});
	assert.deepEqual(got.map((/** @type {any} */ e) => [e.name, e.party]), [["OSError", "client"], ["OSError", "relay"], ["OSError", "relay"]]);
	assert.match(got[0].message, /WebSocket/);
	assert.match(got[1].message, /cannot reach the relay at ws:\/\/127\.0\.0\.1:9/);
	assert.match(got[2].message, /Content-Security-Policy does not allow it/);
});

test("a closed client rejects what is under way and what comes", async () => {
	const got = await run(async () => {
		const other = await stepwire.load({ relay });
		const connection = await other.httpConnection("127.0.0.1", { port, trace: true });
		await connection.request("GET", "/silent");
		const waiting = failure(connection.getResponse());
		other.close();
		let events = 0;
		for await (const _ of connection.trace()) events++; // ends
		return [await waiting, await failure(connection.close()), events > 0];
	});
	for (const error of got.slice(0, 2)) assert.deepEqual([error.name, error.message], ["ClientClosedError", "the client was closed"]);
	assert.equal(got[2], true);
});

test("the wsproxy convention works as well", async () => {
	const got = await run(async () => {
		const other = await stepwire.load({ relay: `${relay}?convention=wsproxy` });
		const connection = await other.httpConnection("127.0.0.1", { port });
		await connection.request("GET", "/hello");
		const body = text(await (await connection.getResponse()).read());
		const denied = await failure((await other.httpConnection("127.0.0.1", { port: 9 })).connect());
		other.close();
		return [body, denied.name, denied.party, denied.message];
	});
	assert.deepEqual(got.slice(0, 3), ["hello", "OSError", "relay"]);
	assert.match(got[3], /the relay refuses 127\.0\.0\.1:9: .*--allow 127\.0\.0\.1:9/);
});

test("a scripted peer in the page needs no relay", async () => {
	const got = await run(async () => {
		const alone = await stepwire.load({ relay: "ws://127.0.0.1:9/relay/" });
		const peer = [
			{ actions: [{ recv_head: true }, { send: { latin1: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort" } }, { close: true }] },
			{ actions: [{ recv_head: true }, { send: { latin1: "nonsense\r\n" } }] },
		];
		const connection = await alone.httpConnection("anywhere.example", { timeout: 20, peer, trace: true });
		await connection.request("GET", "/");
		const response = await connection.getResponse();
		const short = await failure(response.read());
		await connection.close();
		await connection.request("GET", "/");
		const bad = await failure(connection.getResponse());
		const { host } = connection.recording().events.find((/** @type {any} */ e) => e.type === "connect");
		const wrong = await failure(alone.httpConnection("x", { peer: [{ actions: [{ explode: true }] }] }));
		alone.close();
		return { short, bad, host, wrong };
	});
	assert.deepEqual([got.short.name, got.short.partial, got.short.expected], ["IncompleteRead", "short", 4]);
	assert.deepEqual([got.bad.name, got.bad.message, got.host], ["BadStatusLine", "nonsense\r\n", "anywhere.example"]);
	assert.match(got.wrong.message, /^peer\[0\]\.actions\[0\]: unknown action/);
});

test("the example page works, with only its servers' ports changed", async () => {
	const text = readFileSync(new URL("../example.html", import.meta.url), "utf8");
	assert.match(text, /load\(\);/);
	assert.match(text, /port: 8081,/);
	// The relay beside the client is another server's here, and so is the demo origin.
	const { origin } = await (await fetch(`${fixture.relay.origin}/demo.json`)).json();
	const html = text.replace("load()", `load({ relay: ${JSON.stringify(settings().relay)} })`).replace("8081", new URL(`http://${origin}`).port);
	fixture.routes["/example.html"] = { body: html };
	const example = await open(`${fixture.pages.origin}/example.html`);
	await example.waitForFunction(() => document.querySelector("pre")?.textContent !== "");
	assert.equal(await example.textContent("pre"), "200 OK\nThese 47 bytes were announced by their length.\n");
});
