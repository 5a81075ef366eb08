// @ts-check
// A Go program in a Worker of its own, and one that starts when it is first
// needed.

import { Channel } from "./channel.js";
import { messages } from "./codec.js";
import { ClientClosedError } from "./errors.js";
import { startWorker } from "./load.js";

/**
 * @typedef {import("./load.js").Module} Module
 * @typedef {import("./load.js").StartOptions} StartOptions
 *
 * @typedef {object} Program
 * @property {Channel} channel
 * @property {any} info what it said of itself when it was ready
 * @property {(error: unknown) => void} close ends it; what is under way rejects with the error
 */

/**
 * @param {Module} module
 * @param {StartOptions} options
 * @returns {Promise<Program>}
 */
export async function startProgram(module, options) {
	const { worker, info, stop } = await startWorker(module, options);
	const channel = new Channel(worker, stop);
	worker.onmessage = ({ data }) => {
		for (const message of messages(data)) channel.receive(message);
	};
	worker.onerror = (event) => {
		event.preventDefault();
		stop();
		channel.fail(new ClientClosedError(`the client's worker failed, load() it again: ${event.message || "no reason was given"}`));
	};
	const close = (/** @type {unknown} */ error) => {
		stop();
		channel.fail(error);
	};
	return { channel, info, close };
}

/** A program that starts with the first call that needs it; all share it. */
export class LazyProgram {
	#module;
	#options;
	/** @type {Promise<Program> | undefined} */
	#started;
	/** @type {Set<NonNullable<StartOptions["onProgress"]>>} */
	#watching = new Set();
	#closing = new AbortController();

	/**
	 * @param {Module} module
	 * @param {StartOptions} options
	 */
	constructor(module, options) {
		this.#module = module;
		this.#options = options;
	}

	/**
	 * Gives the program. One that failed to start, or ended, is started anew. The
	 * signal ends only this wait: others may wait for the same.
	 * @param {{signal?: AbortSignal, onProgress?(loaded: number, total: number): void}} [options]
	 * @returns {Promise<Program>}
	 */
	async get({ signal, onProgress } = {}) {
		signal?.throwIfAborted();
		if (onProgress) this.#watching.add(onProgress);
		try {
			for (;;) {
				const started = (this.#started ??= this.#start());
				const program = await abortable(started, signal);
				if (!program.channel.ended || this.#closing.signal.aborted) return program;
				if (this.#started === started) this.#started = undefined;
			}
		} finally {
			if (onProgress) this.#watching.delete(onProgress);
		}
	}

	#start() {
		const started = startProgram(this.#module, {
			...this.#options,
			signal: this.#closing.signal,
			onProgress: (loaded, total) => {
				for (const watch of this.#watching) watch(loaded, total);
			},
		});
		started.catch(() => (this.#started = undefined));
		return started;
	}

	/** @param {unknown} error */
	close(error) {
		this.#closing.abort(error); // also what would start later
		this.#started?.then((program) => program.close(error), () => {});
	}
}

/**
 * Waits for a promise until the signal ends the wait.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
function abortable(promise, signal) {
	if (signal === undefined) return promise;
	return new Promise((resolve, reject) => {
		const onAbort = () => reject(signal.reason);
		signal.addEventListener("abort", onAbort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
	});
}
