// @ts-check
// The page's end of the one message protocol between page and worker. Messages
// are arrays whose first element names them:
//
//   page → worker
//     ["init", options]                         load and start the wasm; by itself
//     ["call", id, handle, method, args]        answered by ok, error or cancelled
//     ["cancel", id]                            overtakes queued calls
//     ["took", handle]                          read() of a response was answered by what came with its head
//     ["release", handle]                       the page forgot a connection or response
//     ["chunk", stream, bytes | null, failed]   answers pull; null: the end
//
//   worker → page
//     ["hello"]                                 the script runs
//     ["progress", loaded, total]
//     ["ready", info] or ["failed", code, message]
//     ["ok", id, value, state]
//     ["error", id, error, state]
//     ["cancelled", id, state]
//     ["trace", handle, bytes]                  events in JSON, one a line
//     ["debug", handle, text]
//     ["pull", stream] and ["stop", stream]     the worker wants a chunk, or no more
//     ["exit", text]                            the Go program ended
//
// Handles and ids are chosen by the page, so that a call can be made before an
// earlier one is answered. But for what the worker itself takes and says, messages
// are packed, and go together where they were made in one turn: each posting
// costs both threads as much as the exchange's HTTP.

import { ClientClosedError, toError } from "./errors.js";
import { Packer } from "./codec.js";

/**
 * The connection's state with a reply: name of the six, unread, and the legal
 * calls where they changed.
 * @typedef {[state: import("./index.d.ts").State, unread: boolean, legal: string[] | null]} StateInfo
 *
 * @typedef {object} CallOptions
 * @property {AbortSignal} [signal]
 * @property {(state: StateInfo) => void} [onState] runs before the call settles
 *
 * @typedef {object} Pending
 * @property {(value: any) => void} resolve
 * @property {(reason: unknown) => void} reject
 * @property {AbortSignal} [signal]
 * @property {() => void} [onAbort]
 * @property {(state: StateInfo) => void} [onState]
 *
 * @typedef {object} ChunkSource a request body that is read as it is sent
 * @property {() => Promise<Uint8Array | null>} next null: the end
 * @property {(reason?: unknown) => void} cancel
 *
 * @typedef {object} Port what both a Worker and a MessagePort have
 * @property {(message: unknown, transfer: Transferable[]) => void} postMessage
 */

/** So many packed bytes are posted at once. */
const ENOUGH = 64 << 10;

/** How many microtasks a message waits that is in no hurry, for a call that follows. */
const PATIENCE = 16;

export class Channel {
	/** @type {Port} */
	#port;
	#packer = new Packer();
	/** Whether a posting is due when this turn ends. */
	#due = false;
	/** @type {Map<number, Pending>} */
	#pending = new Map();
	/** @type {Map<number, (kind: string, payload: any) => void>} */
	#listeners = new Map();
	/** @type {Map<number, {source: ChunkSource, failure?: {reason: unknown}, last: Promise<void>}>} */
	#streams = new Map();
	#last = 0;
	/** @type {unknown} */
	#failure;

	#stop;

	/**
	 * @param {Port} port
	 * @param {() => void} [stop] ends the worker, of which nothing more is wanted
	 */
	constructor(port, stop) {
		this.#port = port;
		this.#stop = stop;
	}

	/** Whether it failed: every call is rejected. */
	get ended() {
		return this.#failure !== undefined;
	}

	/** A number for a handle, a stream or a call: none is used twice. */
	next() {
		return ++this.#last;
	}

	/**
	 * Posts a message with others of this turn.
	 * @param {unknown[]} message
	 * @param {number} [patience]
	 */
	post(message, patience = 0) {
		this.#packer.add(message);
		if (this.#packer.size > ENOUGH) {
			this.#flush();
		} else if (!this.#due || patience === 0) {
			this.#due = true;
			this.#wait(patience);
		}
	}

	/** @param {number} patience */
	async #wait(patience) {
		for (let turns = 0; turns <= patience; turns++) await undefined; // queueMicrotask costs several times as much
		this.#flush();
	}

	#flush() {
		this.#due = false;
		try {
			const { parts, pieces } = this.#packer.take();
			if (parts.length === 0 || this.#failure !== undefined) return;
			this.#port.postMessage(parts, parts.flatMap((part) => typeof part !== "number" && part.length > ENOUGH ? [part.buffer] : []));
			for (const piece of pieces) this.#port.postMessage(piece, [piece.buffer]);
		} catch (error) {
			// There is no memory for a copy: the worker would wait for the rest for good.
			this.#stop?.();
			this.fail(new ClientClosedError(`the client's worker could not be sent all of a call, load() it again: ${error}`));
		}
	}

	/**
	 * Calls a method of what the handle stands for; 0 is the client itself.
	 * @param {number} handle
	 * @param {string} method
	 * @param {unknown[]} args
	 * @param {CallOptions} [options]
	 * @returns {Promise<any>}
	 */
	call(handle, method, args, { signal, onState } = {}) {
		if (this.#failure !== undefined) return Promise.reject(this.#failure);
		if (signal?.aborted) return Promise.reject(signal.reason);
		const id = this.next();
		return new Promise((resolve, reject) => {
			this.post(["call", id, handle, method, args]);
			if (this.#failure !== undefined) return reject(this.#failure);
			/** @type {Pending} */
			const pending = { resolve, reject, signal, onState };
			if (signal) {
				pending.onAbort = () => this.post(["cancel", id]);
				signal.addEventListener("abort", pending.onAbort, { once: true });
			}
			this.#pending.set(id, pending);
		});
	}

	/**
	 * Offers a body that the worker pulls chunk by chunk while it sends it.
	 * @param {ChunkSource} source
	 */
	offer(source) {
		const id = this.next();
		this.#streams.set(id, { source, last: Promise.resolve() });
		return id;
	}

	/**
	 * Takes back an offer, and gives why its source failed, if it did.
	 * @param {number} id
	 * @returns {{reason: unknown} | undefined}
	 */
	withdraw(id) {
		const stream = this.#streams.get(id);
		this.#streams.delete(id);
		return stream?.failure;
	}

	/**
	 * Listens to what is said of a handle outside of calls ("trace", "debug").
	 * @param {number} handle
	 * @param {(kind: string, payload: any) => void} listener
	 */
	listen(handle, listener) {
		this.#listeners.set(handle, listener);
	}

	/**
	 * Tells that read() of a response was answered here.
	 * @param {number} handle
	 */
	took(handle) {
		this.post(["took", handle], PATIENCE);
	}

	/** @param {number} handle */
	release(handle) {
		const listener = this.#listeners.get(handle);
		this.#listeners.delete(handle);
		listener?.("end", undefined);
		this.post(["release", handle], PATIENCE); // many at a time, where the garbage is collected
	}

	/**
	 * Rejects all that is pending and all that will be called.
	 * @param {unknown} error
	 */
	fail(error) {
		if (this.#failure !== undefined) return;
		this.#failure = error;
		const pending = [...this.#pending.values()];
		this.#pending.clear();
		for (const call of pending) {
			if (call.onAbort) call.signal?.removeEventListener("abort", call.onAbort);
			call.reject(error);
		}
		for (const { source } of this.#streams.values()) source.cancel(error);
		this.#streams.clear();
		for (const listener of this.#listeners.values()) listener("end", undefined);
		this.#listeners.clear();
	}

	/**
	 * Takes a message from the worker.
	 * @param {any[]} message
	 */
	receive(message) {
		switch (message[0]) {
			case "ok":
			case "error":
			case "cancelled":
				this.#settle(message);
				return;
			case "trace":
			case "debug":
				this.#listeners.get(message[1])?.(message[0], message[2]);
				return;
			case "pull":
				this.#pull(message[1]);
				return;
			case "stop":
				this.#streams.get(message[1])?.source.cancel();
				return;
			case "exit":
				this.fail(new ClientClosedError(
					`the client's program ended, load() it again${message[1] ? `; it said: ${message[1]}` : ""}`));
				return;
			default:
				throw new Error(`unknown message ${JSON.stringify(message[0])} from the worker`);
		}
	}

	/** @param {any[]} message */
	#settle([kind, id, ...rest]) {
		const call = this.#pending.get(id);
		if (call === undefined) return;
		this.#pending.delete(id);
		if (call.onAbort) call.signal?.removeEventListener("abort", call.onAbort);
		const state = kind === "cancelled" ? rest[0] : rest[1];
		if (state) call.onState?.(state);
		if (kind === "ok") call.resolve(rest[0]);
		else if (kind === "error") call.reject(toError(rest[0]));
		else call.reject(call.signal?.reason ?? new ClientClosedError("the connection was released while the call was under way"));
	}

	/**
	 * Answers a pull, after those before it: chunks must not change places.
	 * @param {number} id
	 */
	#pull(id) {
		const stream = this.#streams.get(id);
		if (stream === undefined) return;
		stream.last = stream.last.then(async () => {
			let chunk = null;
			let failed = false;
			try {
				chunk = await stream.source.next();
			} catch (reason) {
				failed = true;
				stream.failure ??= { reason };
			}
			if (this.#failure !== undefined) return;
			this.post(["chunk", id, chunk, failed]);
		});
	}
}
