// @ts-check
// The worker: fetches the wasm, runs the Go program and carries packed messages
// between it and the page. wasm_exec.js of the Go that built the wasm is
// placed before this by the build.

import { Failure, compile } from "./compile.js";

/** @typedef {{wasm: string, option: string, relay: string, progress: boolean, size: number, module?: WebAssembly.Module}} InitOptions */

const scope = /** @type {any} */ (globalThis);

/** @type {(message: unknown, transfer?: Transferable[]) => void} */
const post = (message, transfer = []) => scope.postMessage(message, transfer);

/** How many ms a message waits for those that are coming, and at most twice as many. */
const MOMENT = 4;

/**
 * What Go posts in one turn goes to the page together: waking the page's thread
 * costs more than all else that a small answer needs.
 */
let outbox = new Uint8Array(16 << 10);
let filled = 0;
/** Whether what is there goes out when this turn ends. */
let due = false;
/** Whether a timer is running. Setting and clearing one costs as much as a small answer, so it is let run. */
let watched = false;
/** Whether what is there was there already when the timer was set. */
let late = false;

function watch() {
	watched = true;
	setTimeout(() => {
		watched = false;
		if (filled === 0) return;
		if (late) return flush();
		late = true;
		watch();
	}, MOMENT);
}

const settled = Promise.resolve();

/**
 * @param {Uint8Array} message
 * @param {boolean} more
 */
function collect(message, more) {
	const size = filled + message.length;
	if (size > outbox.length) {
		const before = outbox;
		outbox = new Uint8Array(2 * size);
		outbox.set(before.subarray(0, filled));
	}
	outbox.set(message, filled);
	filled = size;
	if (more) {
		if (!watched) watch();
	} else if (!due) {
		due = true;
		settled.then(flush); // a call of queueMicrotask costs more
	}
}

/** @param {ArrayBuffer[]} parts bytes that the last message refers to */
function send(parts) {
	due = late = false;
	if (filled === 0) return;
	const packed = outbox.slice(0, filled);
	filled = 0;
	if (parts.length > 0) post([packed, ...parts], parts);
	else post(packed);
}

const flush = () => send([]);

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
	const progress = options.progress ? (/** @type {number} */ loaded, /** @type {number} */ total) => post(["progress", loaded, total]) : undefined;
	const module = options.module ?? await compile(options, progress);
	const go = new scope.Go();
	const stderr = captureStderr();
	/** @type {any} */
	let exports;
	go.argv = ["stepwire", options.relay, String(typeof WebSocket === "function")];
	scope.stepwireSocket.imports(go);
	go.importObject.stepwire = {
		/**
		 * Go hands over one packed message, and count parts by address and length.
		 * @param {number} address
		 * @param {number} length
		 * @param {number} list
		 * @param {number} count
		 * @param {number} more whether another message is coming soon
		 */
		post(address, length, list, count, more) {
			const memory = exports.mem.buffer;
			collect(new Uint8Array(memory, address >>> 0, length), more !== 0);
			if (count === 0) return;
			const parts = [];
			const places = new Uint32Array(memory, list >>> 0, 2 * count);
			for (let i = 0; i < 2 * count; i += 2) parts.push(memory.slice(places[i], places[i] + places[i + 1]));
			send(parts);
		},
	};
	/** @type {WebAssembly.Instance} */
	let instance;
	try {
		instance = await WebAssembly.instantiate(module, go.importObject);
		exports = instance.exports;
		for (const name of ["stepwire_buffer", "stepwire_push", "stepwire_arrived"]) {
			if (typeof exports[name] !== "function") throw new Error(`it exports no function ${name}`);
		}
	} catch (error) {
		throw new Failure("wasm-mismatch", `${options.wasm} does not fit this worker script (${error}); deploy the files of one build together`);
	}
	/** @param {any} [error] */
	const ended = (error) => {
		flush();
		post(["exit", stderr() || (error ? String(error) : "")]);
		close();
	};
	go.run(instance).then(() => ended(), ended);

	/** Where the bytes belong that still arrive, and how far they are from the list's beginning. */
	/** @type {{address: number, offset: number, left: number}[]} */
	const missing = [];
	let length = 0;
	const receive = (/** @type {(Uint8Array | number)[] | Uint8Array} */ data) => {
		if (data instanceof Uint8Array) { // a piece
			const [place] = missing;
			new Uint8Array(exports.mem.buffer, place.address, data.length).set(data);
			place.address += data.length;
			place.offset += data.length;
			place.left -= data.length;
			if (place.left === 0) missing.shift();
			exports.stepwire_arrived(missing.length === 0 ? length : missing[0].offset);
			return;
		}
		length = 0;
		for (const part of data) length += typeof part === "number" ? part : part.length;
		const address = exports.stepwire_buffer(length) >>> 0;
		let offset = 0;
		for (const part of data) {
			if (typeof part === "number") {
				missing.push({ address: address + offset, offset, left: part });
				offset += part;
				continue;
			}
			// After stepwire_buffer, which can grow the memory.
			new Uint8Array(exports.mem.buffer, address + offset, part.length).set(part);
			offset += part.length;
		}
		exports.stepwire_push(length, missing.length > 0);
	};
	return (/** @type {(Uint8Array | number)[] | Uint8Array} */ data) => {
		try {
			receive(data);
			// The push only queues; resuming runs Go until it waits again.
			go._resume();
		} catch (error) {
			ended(error);
		}
	};
}

/** @type {((data: (Uint8Array | number)[] | Uint8Array) => void) | undefined} */
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
