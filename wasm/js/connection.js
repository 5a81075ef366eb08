// @ts-check
// The connection: Python's HTTPConnection, every call a promise.

import { packBody, packHeaders, packValue } from "./body.js";
import { HTTPResponse } from "./response.js";
import { TraceLog } from "./trace.js";

/**
 * @typedef {import("./channel.js").Channel} Channel
 * @typedef {import("./channel.js").StateInfo} StateInfo
 * @typedef {import("./index.d.ts").State} State
 * @typedef {{signal?: AbortSignal}} SignalOption
 */

/** Closes the transport of a connection that nobody holds any more. */
/** @type {FinalizationRegistry<{channel: Channel, handle: number}>} */
const forgottenConnections = new FinalizationRegistry(({ channel, handle }) => channel.release(handle));

/** Prints whole lines on the console, as Python prints debug output on stdout. */
function consoleLines() {
	let rest = "";
	return (/** @type {string} */ text) => {
		const lines = (rest + text).split("\n");
		rest = /** @type {string} */ (lines.pop());
		for (const line of lines) console.log(line);
	};
}

export class HTTPConnection {
	#channel;
	#handle;
	#log;
	/** What a recording says of itself; undefined: nothing is recorded. */
	/** @type {{creator: string, created: string, limit?: number} | undefined} */
	#header;
	/** @type {State} */
	#state = "Idle";
	#unread = false;
	/** @type {readonly string[]} */
	#legal = [];

	/**
	 * @param {Channel} channel
	 * @param {number} handle
	 * @param {TraceLog} log
	 */
	constructor(channel, handle, log) {
		this.#channel = channel;
		this.#handle = handle;
		this.#log = log;
		forgottenConnections.register(this, { channel, handle }, this);
	}

	/**
	 * @param {{channel: Channel, info: {version: string}}} program
	 * @param {string} host
	 * @param {import("./index.d.ts").HTTPSConnectionOptions} [options] context is for a secure one
	 * @param {boolean} [secure] HTTPSConnection
	 */
	static async open({ channel, info }, host, options = {}, secure = false) {
		const handle = channel.next();
		const log = new TraceLog();
		const print = options.debugOutput ?? consoleLines();
		// The listener holds the log, not the connection, which may be forgotten
		// while the worker still knows it.
		channel.listen(handle, (kind, payload) => {
			if (kind === "trace") log.add(payload);
			else if (kind === "debug") print(payload);
			else log.end();
		});
		const connection = new HTTPConnection(channel, handle, log);
		const trace = options.trace === true ? {} : options.trace || null;
		if (trace) {
			connection.#header = { creator: `stepwire ${info.version}`, created: new Date().toISOString() };
			if (trace.limit) connection.#header.limit = trace.limit;
		}
		try {
			await connection.#call(secure ? "httpsConnection" : "httpConnection", [
				host, options.port, options.timeout, options.blocksize, options.debuglevel, options.autoOpen,
				options.strict, options.sourceAddress, trace && [trace.limit],
				options.context, options.peer && JSON.stringify(options.peer), options.certificates,
			], options);
		} catch (error) {
			connection.release();
			throw error;
		}
		return connection;
	}

	/** How many calls were made on the connection and its responses. */
	#calls = 0;

	/** @type {(state: StateInfo) => void} */
	#onState = ([state, unread, legal]) => {
		this.#state = state;
		this.#unread = unread;
		if (legal !== null) this.#legal = Object.freeze(legal);
	};

	get state() {
		return this.#state;
	}

	/** How many reads of a body may be under way: the log has one after the other. */
	get #reads() {
		return this.#header === undefined ? 2 : 1;
	}

	get unread() {
		return this.#unread;
	}

	get legal() {
		return this.#legal;
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
	 * A call of the connection or one of its responses.
	 * @type {import("./response.js").Call}
	 */
	#callOf = (handle, method, args, options) => {
		this.#calls++;
		return this.#channel.call(handle, method, args, { signal: options?.signal, onState: this.#onState });
	};

	/**
	 * A call with a body, which may be a stream that the worker pulls.
	 * @param {string} method
	 * @param {(body: unknown) => unknown[]} args
	 * @param {unknown} body
	 * @param {string} what
	 * @param {SignalOption} [options]
	 */
	async #callWithBody(method, args, body, what, options) {
		const { value, stream } = packBody(body, this.#channel, what);
		try {
			return await this.#call(method, args(value), options);
		} catch (error) {
			// Python lets what a body's iterator raises through as it is.
			const failure = stream === undefined ? undefined : this.#channel.withdraw(stream);
			throw failure ? failure.reason : error;
		} finally {
			if (stream !== undefined) this.#channel.withdraw(stream);
		}
	}

	/** @param {SignalOption} [options] */
	connect(options) {
		return this.#call("connect", [], options);
	}

	close() {
		return this.#call("close", []);
	}

	// Where a browser has no such symbol, it has no `await using` either.
	[Symbol.asyncDispose]() {
		return this.close();
	}

	/**
	 * @param {string} host
	 * @param {{port?: number | null, headers?: unknown}} [options]
	 */
	async setTunnel(host, options = {}) {
		return this.#call("setTunnel", [host, options.port, packHeaders(options.headers)]);
	}

	/** @param {number} level */
	setDebugLevel(level) {
		return this.#call("setDebugLevel", [level]);
	}

	attributes() {
		return this.#call("attributes", []);
	}

	/**
	 * @param {string} method
	 * @param {string} url
	 * @param {{skipHost?: boolean, skipAcceptEncoding?: boolean}} [options]
	 */
	putRequest(method, url, options = {}) {
		return this.#call("putRequest", [method, url, options.skipHost, options.skipAcceptEncoding]);
	}

	/**
	 * @param {string} name
	 * @param {...unknown} values
	 */
	async putHeader(name, ...values) {
		return this.#call("putHeader", [name, values.map((value) => packValue(value, `a value of header ${name}`))]);
	}

	/** @param {{messageBody?: unknown, encodeChunked?: boolean} & SignalOption} [options] */
	endHeaders(options = {}) {
		return this.#callWithBody("endHeaders", (body) => [body, options.encodeChunked], options.messageBody, "messageBody", options);
	}

	/**
	 * @param {unknown} data
	 * @param {SignalOption} [options]
	 */
	send(data, options) {
		return this.#callWithBody("send", (body) => [body], data, "data", options);
	}

	/**
	 * @param {string} method
	 * @param {string} url
	 * @param {{headers?: unknown, body?: unknown, encodeChunked?: boolean} & SignalOption} [options]
	 */
	async request(method, url, options = {}) {
		const headers = packHeaders(options.headers);
		return this.#callWithBody("request", (body) => [method, url, headers, body, options.encodeChunked], options.body, "body", options);
	}

	/**
	 * @param {SignalOption} [options]
	 * @returns {Promise<HTTPResponse>}
	 */
	async getResponse(options) {
		const channel = this.#channel;
		const handle = channel.next();
		const answer = this.#call("getResponse", [handle], options);
		const calls = this.#calls;
		const head = await answer;
		// The body that came with the head is what read() gives, as long as that is
		// the next call.
		const take = () => {
			if (this.#calls !== calls || channel.ended) return undefined;
			this.#calls++;
			channel.took(handle);
			this.#onState(head.after);
			return head.body;
		};
		return new HTTPResponse(channel, handle, this, this.#callOf, head, this.#reads, head.body && take);
	}

	/**
	 * @param {string} method
	 * @param {SignalOption} [options]
	 * @returns {Promise<HTTPResponse>}
	 */
	async beginResponse(method, options) {
		const handle = this.#channel.next();
		const head = await this.#call("beginResponse", [handle, method], options);
		return new HTTPResponse(this.#channel, handle, this, this.#callOf, head, this.#reads);
	}

	trace() {
		return this.#log;
	}

	/** @returns {import("./index.d.ts").Recording} */
	recording() {
		if (this.#header === undefined) throw new Error("the connection records nothing; make it with the option trace");
		return { format: "stepwire-recording", version: 1, ...this.#header, events: this.#log.events.slice() };
	}

	/** @returns {Promise<string>} */
	keyLog() {
		return this.#call("keyLog", []);
	}

	release() {
		this.#calls++;
		forgottenConnections.unregister(this);
		this.#channel.release(this.#handle);
	}
}

// Python's names, where they differ.
HTTPConnection.prototype.set_tunnel = HTTPConnection.prototype.setTunnel;
HTTPConnection.prototype.set_debuglevel = HTTPConnection.prototype.setDebugLevel;
HTTPConnection.prototype.putrequest = HTTPConnection.prototype.putRequest;
HTTPConnection.prototype.putheader = HTTPConnection.prototype.putHeader;
HTTPConnection.prototype.endheaders = HTTPConnection.prototype.endHeaders;
HTTPConnection.prototype.getresponse = HTTPConnection.prototype.getResponse;
