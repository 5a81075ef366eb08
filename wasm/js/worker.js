// @ts-check
// The worker: fetches the wasm, runs the Go program and carries messages
// between it and the page. wasm_exec.js of the Go that built the wasm is
// placed before this by the build.

import { pack, packedSize, transferables, unpack } from "./codec.js";

/** @typedef {{wasm: string, option: string, relay: string, progress: boolean, size: number}} InitOptions */

const scope = /** @type {any} */ (globalThis);

/** @type {(message: unknown, transfer?: Transferable[]) => void} */
const post = (message, transfer = []) => scope.postMessage(message, transfer);

/** A failure to load, with its code. */
class Failure extends Error {
	/**
	 * @param {string} code
	 * @param {string} message
	 */
	constructor(code, message) {
		super(message);
		this.code = code;
	}
}

/** Reports the bytes of the wasm as they arrive, and at last. */
async function report(/** @type {Response} */ response, /** @type {number} */ size) {
	const encoded = response.headers.get("content-encoding") !== null;
	const total = size || (encoded ? 0 : Number(response.headers.get("content-length") ?? 0));
	if (response.body === null) return;
	let loaded = 0;
	const reader = response.body.getReader();
	for (;;) {
		const { done, value } = await reader.read();
		if (done) break;
		loaded += value.byteLength;
		post(["progress", loaded, Math.max(total, loaded)]);
	}
}

/**
 * @param {InitOptions} options
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile({ wasm, option, progress, size }) {
	/** @type {Response} */
	let response;
	try {
		response = await fetch(wasm, { credentials: "same-origin" });
	} catch (error) {
		throw new Failure("wasm-fetch", `the WebAssembly module ${wasm} could not be fetched (${error}); check that the server runs, that the Content-Security-Policy allows it (connect-src) and, from another origin, that it is served with Access-Control-Allow-Origin`);
	}
	if (!response.ok) {
		throw new Failure("wasm-status", `the WebAssembly module ${wasm} could not be fetched: the server answered ${response.status} ${response.statusText}; check that the build was deployed whole, or give its address as the option ${option}`);
	}
	if (progress) report(response.clone(), size).catch(() => {}); // what fails here fails in the compilation, too
	try {
		if (response.headers.get("content-type")?.split(";")[0].trim() === "application/wasm") {
			return await WebAssembly.compileStreaming(response);
		}
		return await WebAssembly.compile(await response.arrayBuffer());
	} catch (error) {
		if (/Content Security Policy|unsafe-eval/i.test(String(error))) {
			throw new Failure("csp", `the Content-Security-Policy of the worker script forbids WebAssembly; allow it with script-src 'wasm-unsafe-eval' (${error})`);
		}
		if (error instanceof WebAssembly.CompileError) {
			throw new Failure("wasm-compile", `${wasm} is not a WebAssembly module that this browser can compile (${error.message}); check that the address leads to the built file`);
		}
		throw new Failure("wasm-fetch", `the WebAssembly module ${wasm} broke off while it was fetched (${error}); try again`);
	}
}

/** The last that the Go program printed on its standard error. */
function captureStderr() {
	let tail = "";
	const decoder = new TextDecoder();
	const { writeSync } = scope.fs;
	scope.fs.writeSync = (/** @type {number} */ fd, /** @type {Uint8Array} */ bytes) => {
		if (fd === 2) tail = (tail + decoder.decode(bytes, { stream: true })).slice(-2000);
		return writeSync.call(scope.fs, fd, bytes);
	};
	return () => tail.trim();
}

/**
 * Starts the Go program and returns what hands it a message.
 * @param {InitOptions} options
 */
async function start(options) {
	const module = await compile(options);
	const go = new scope.Go();
	const stderr = captureStderr();
	/** @type {any} */
	let exports;
	go.argv = ["stepwire", options.relay, String(typeof WebSocket === "function")];
	go.importObject.stepwire = {
		/**
		 * Go hands over one packed message.
		 * @param {number} address
		 * @param {number} length
		 */
		post(address, length) {
			const memory = exports.mem.buffer;
			const message = unpack(new Uint8Array(memory, address >>> 0, length), memory);
			post(message, transferables(message));
		},
	};
	/** @type {WebAssembly.Instance} */
	let instance;
	try {
		instance = await WebAssembly.instantiate(module, go.importObject);
		exports = instance.exports;
		for (const name of ["stepwire_buffer", "stepwire_push"]) {
			if (typeof exports[name] !== "function") throw new Error(`it exports no function ${name}`);
		}
	} catch (error) {
		throw new Failure("wasm-mismatch", `${options.wasm} does not fit this worker script (${error}); deploy the files of one build together`);
	}
	/** @param {any} [error] */
	const ended = (error) => {
		post(["exit", stderr() || (error ? String(error) : "")]);
		close();
	};
	go.run(instance).then(() => ended(), ended);

	return (/** @type {unknown} */ message) => {
		try {
			const size = packedSize(message);
			const address = exports.stepwire_buffer(size) >>> 0;
			// After stepwire_buffer, which can grow the memory.
			exports.stepwire_push(pack(message, new Uint8Array(exports.mem.buffer, address, size)));
			// The push only queues; resuming runs Go until it waits again.
			go._resume();
		} catch (error) {
			ended(error);
		}
	};
}

/** @type {((message: unknown) => void) | undefined} */
let deliver;

addEventListener("message", async ({ data }) => {
	if (deliver !== undefined) {
		deliver(data);
		return;
	}
	try {
		deliver = await start(data[1]);
	} catch (error) {
		const failure = error instanceof Failure ? error : new Failure("worker", `the client's worker failed while it started: ${error}`);
		post(["failed", failure.code, failure.message]);
	}
});
post(["hello"]);
