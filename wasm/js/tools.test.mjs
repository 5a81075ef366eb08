import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientClosedError, PythonError } from "./errors.js";
import { LazyProgram } from "./program.js";
import { Tools } from "./tools.js";

/** A program that answers each call with what `answer` gives, and keeps the calls. */
function programOf(/** @type {(method: string, args: any[]) => unknown} */ answer) {
	/** @type {any[]} */
	const calls = [];
	return {
		calls, /** @type {unknown} */ closed: undefined, info: { version: "1" },
		channel: /** @type {any} */ ({
			async call(/** @type {number} */ handle, /** @type {string} */ method, /** @type {any[]} */ args) {
				calls.push([handle, method, args]);
				return answer(method, args);
			},
		}),
		close(/** @type {unknown} */ error) {
			this.closed = error;
		},
	};
}

test("decode takes text, bytes of any kind and Blobs, and tells what it was", async () => {
	const program = programOf(() => ["har", '{"format":"stepwire-recording","version":1,"events":[]}']);
	const tools = new Tools(program);
	const bytes = new Uint8Array([1, 2, 3]);
	for (const data of ["text", bytes, bytes.buffer, new DataView(bytes.buffer, 1, 2), new Blob([bytes])]) {
		const recording = await tools.decode(data, { keyLog: "keys", limit: 5 });
		assert.equal(recording.kind, "har");
		assert.deepEqual(Object.keys(recording), ["format", "version", "events"]);
	}
	assert.deepEqual(program.calls.map(([, , [data]]) => data), ["text", bytes, bytes, bytes.subarray(1), bytes]);
	assert.deepEqual(program.calls[0], [0, "decode", ["text", "keys", 5]]);
	await assert.rejects(tools.decode(5), { name: "TypeError", message: "data must be a string, bytes or a Blob" });
	await assert.rejects(tools.decode("", { keyLog: {} }), { name: "TypeError", message: "keyLog must be a string, bytes or a Blob" });
});

test("request asks for a recording of bytes about to be sent", async () => {
	const program = programOf(() => '{"events":[]}');
	assert.deepEqual(await new Tools(program).request(new Uint8Array([1])), { events: [] });
	assert.deepEqual(program.calls, [[0, "request", [new Uint8Array([1])]]]);
	await assert.rejects(new Tools(program).request({}), { name: "TypeError", message: "data must be a string, bytes or a Blob" });
});

test("exportRecording gives text, or bytes for what is none", async () => {
	const written = new TextEncoder().encode("é");
	const program = programOf(() => written);
	const tools = new Tools(program);
	assert.equal(await tools.exportRecording({ events: [] }, "har", { secrets: true, conn: 2, name: "n", about: "a" }), "é");
	for (const format of ["pcapng", "raw-sent", "raw-received"]) assert.equal(await tools.exportRecording("{}", format), written);
	assert.deepEqual(program.calls[0][2], ['{"events":[]}', "har", true, undefined, 2, "n", "a"]);
	assert.equal(program.calls[1][2][0], "{}");
});

test("what a tool refuses is an Error with its text", async () => {
	const refusing = (/** @type {Error} */ error) => new Tools(programOf(() => { throw error; }));
	await assert.rejects(refusing(new PythonError({ name: "Error", bases: [], message: "bad file" })).decode("x"),
		(/** @type {any} */ error) => error.constructor === Error && error.message === "bad file");
	const closed = new ClientClosedError("closed");
	await assert.rejects(refusing(closed).linkOf("{}"), closed);
});

test("close ends the program", () => {
	const program = programOf(() => null);
	new Tools(program).close();
	assert.ok(program.closed instanceof ClientClosedError);
});

test("a program that starts when it is needed reports why it cannot, each time anew", async () => {
	const lazy = new LazyProgram({ name: "x", option: "toolsWasm", url: new URL("http://page.example/x.wasm"), size: 0 }, {});
	globalThis.location = /** @type {any} */ (new URL("http://page.example/"));
	try {
		await assert.rejects(lazy.get({ signal: AbortSignal.abort(new Error("stop")) }), { message: "stop" });
		await assert.rejects(lazy.get(), { name: "LoadError", code: "unsupported" }, "Node has no Worker of the web's kind");
		await assert.rejects(lazy.get(), { name: "LoadError", code: "unsupported" });
		lazy.close(new ClientClosedError("closed"));
		await assert.rejects(lazy.get(), { name: "ClientClosedError", message: "closed" });
	} finally {
		delete (/** @type {any} */ (globalThis).location);
	}
});
