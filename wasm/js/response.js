// @ts-check
// The response: Python's HTTPResponse, every call a promise.

import { bytes } from "./body.js";
import { UnsupportedOperation } from "./errors.js";
import { HTTPMessage } from "./message.js";

/**
 * @typedef {import("./channel.js").Channel} Channel
 * @typedef {{signal?: AbortSignal}} SignalOption
 * @typedef {(handle: number, method: string, args: unknown[], options?: SignalOption) => Promise<any>} Call
 */

/** How many bytes a read of `body` asks for: fewer crossings for large bodies. */
const BODY_READ = 512 << 10;

/** Bytes of `body` that are fetched ahead of its reader. */
const BODY_AHEAD = 512 << 10;

/** A response that nobody holds any more is forgotten by the worker, too. */
/** @type {FinalizationRegistry<{channel: Channel, handle: number}>} */
const forgottenResponses = new FinalizationRegistry(({ channel, handle }) => channel.release(handle));

export class HTTPResponse {
	#handle;
	#callOf;
	#reads;
	/** Gives the body if that has arrived and is to be read next. */
	#take;
	/** @type {ReadableStream<Uint8Array<ArrayBuffer>> | undefined} */
	#body;
	/** @type {HTTPMessage | undefined} */
	#msg;
	/** The connection, which must not be forgotten while its response is held. */
	#connection;

	/**
	 * @param {Channel} channel
	 * @param {number} handle
	 * @param {import("./connection.js").HTTPConnection} connection
	 * @param {Call} callOf
	 * @param {any} head what getresponse gave
	 * @param {number} reads how many reads of `body` may be under way
	 * @param {() => Uint8Array<ArrayBuffer> | undefined} [take]
	 */
	constructor(channel, handle, connection, callOf, head, reads, take) {
		this.#handle = handle;
		this.#connection = connection;
		this.#callOf = callOf;
		this.#reads = reads;
		this.#take = take;
		/** @type {number} */
		this.status = head.status;
		/** @type {string} */
		this.reason = head.reason;
		/** @type {10 | 11} */
		this.version = head.version;
		/** @type {[string, string][]} */
		this.headers = head.headers;
		/** @type {boolean} */
		this.willClose = head.willClose;
		/** @type {number | null} */
		this.length = head.length;
		/** @type {boolean} */
		this.chunked = head.chunked;
		/** @type {number} */
		this.debuglevel = head.debuglevel ?? 0;
		forgottenResponses.register(this, { channel, handle }, this);
	}

	get will_close() {
		return this.willClose;
	}

	get msg() {
		return (this.#msg ??= new HTTPMessage(this.headers));
	}

	/**
	 * @param {string} method
	 * @param {unknown[]} args
	 * @param {SignalOption} [options]
	 */
	#call(method, args, options) {
		return this.#callOf(this.#handle, method, args, options);
	}

	/**
	 * @param {number | bigint | null | SignalOption} [amt]
	 * @param {SignalOption} [options]
	 * @returns {Promise<Uint8Array<ArrayBuffer>>}
	 */
	async read(amt, options) {
		if (typeof amt === "object" && amt !== null) [amt, options] = [undefined, amt];
		const body = amt == null && !options?.signal?.aborted ? this.#take?.() : undefined;
		return body ?? this.#call("read", [amt], options);
	}

	/**
	 * @param {number | ArrayBuffer | ArrayBufferView} to
	 * @param {SignalOption} [options]
	 * @returns {Promise<any>}
	 */
	async readInto(to, options) {
		if (typeof to !== "object") return this.#call("readInto", [to], options);
		const buffer = bytes(to, "the buffer");
		const data = await this.#call("readInto", [buffer.byteLength], options);
		buffer.set(data);
		return data.byteLength;
	}

	/**
	 * @param {number} [n]
	 * @param {SignalOption} [options]
	 * @returns {Promise<Uint8Array<ArrayBuffer>>}
	 */
	read1(n, options) {
		return this.#call("read1", [n], options);
	}

	/**
	 * @param {number} [n]
	 * @param {SignalOption} [options]
	 * @returns {Promise<Uint8Array<ArrayBuffer>>}
	 */
	peek(n, options) {
		return this.#call("peek", [n], options);
	}

	/**
	 * @param {number} [limit]
	 * @param {SignalOption} [options]
	 * @returns {Promise<Uint8Array<ArrayBuffer>>}
	 */
	readLine(limit, options) {
		return this.#call("readLine", [limit], options);
	}

	/**
	 * @param {SignalOption} [options]
	 * @returns {Promise<Uint8Array<ArrayBuffer>[]>}
	 */
	readLines(options) {
		return this.#call("readLines", [], options);
	}

	async *[Symbol.asyncIterator]() {
		for (;;) {
			const line = await this.readLine();
			if (line.byteLength === 0) return;
			yield line;
		}
	}

	/**
	 * @param {string} name
	 * @param {string | string[] | null} [fallback]
	 * @returns {Promise<string | null>}
	 */
	getHeader(name, fallback) {
		return this.#call("getHeader", [name, fallback]);
	}

	/** @returns {Promise<[string, string][]>} */
	getHeaders() {
		return this.#call("getHeaders", []);
	}

	/** @returns {Promise<boolean>} */
	isClosed() {
		return this.#call("isClosed", []);
	}

	/** @returns {Promise<boolean>} */
	closed() {
		return this.#call("closed", []);
	}

	/** @returns {Promise<never>} */
	async fileno() {
		throw new UnsupportedOperation({ message: "fileno" });
	}

	/** @returns {Promise<void>} */
	close() {
		return this.#call("close", []);
	}

	// Where a browser has no such symbol, it has no `await using` either.
	[Symbol.asyncDispose]() {
		return this.close();
	}

	/**
	 * The rest of the body; made on first use. One read is under way at a time, or two
	 * where one has given all that it may, so that neither thread waits for the other.
	 * No more than BODY_AHEAD bytes wait, so a slow reader slows the server.
	 * @returns {ReadableStream<Uint8Array<ArrayBuffer>>}
	 */
	get body() {
		if (this.#body === undefined) {
			const abort = new AbortController();
			/** @type {Promise<Uint8Array<ArrayBuffer>>[]} */
			const asked = [];
			const ask = () => {
				const answer = this.#call("bodyChunk", [BODY_READ], abort);
				answer.catch(() => {}); // told by the pull that waits for it, if one does
				asked.push(answer);
			};
			this.#body = new ReadableStream(
				{
					type: "bytes",
					pull: async (controller) => {
						if (asked.length === 0) ask();
						const chunk = await /** @type {(typeof asked)[0]} */ (asked[0]);
						asked.shift();
						if (chunk.byteLength > 0) {
							while (chunk.byteLength === BODY_READ && asked.length < this.#reads) ask();
							controller.enqueue(chunk);
						} else {
							controller.close();
							// A reader that brought its own buffer gets it back.
							controller.byobRequest?.respond(0);
						}
					},
					cancel: async (reason) => {
						abort.abort(reason);
						await this.close();
					},
				},
				{ highWaterMark: BODY_AHEAD },
			);
		}
		return this.#body;
	}

	get connection() {
		return this.#connection;
	}
}

// Python's names, where they differ.
HTTPResponse.prototype.readinto = HTTPResponse.prototype.readInto;
HTTPResponse.prototype.readline = HTTPResponse.prototype.readLine;
HTTPResponse.prototype.readlines = HTTPResponse.prototype.readLines;
HTTPResponse.prototype.getheader = HTTPResponse.prototype.getHeader;
HTTPResponse.prototype.getheaders = HTTPResponse.prototype.getHeaders;
HTTPResponse.prototype.isclosed = HTTPResponse.prototype.isClosed;
