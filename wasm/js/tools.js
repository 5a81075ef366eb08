// @ts-check
// What reads and writes recordings, in a worker of its own.

import { ClientClosedError, PythonError } from "./errors.js";

/** @typedef {import("./index.d.ts").Recording} Recording */

/** What is bytes rather than text. */
const binary = new Set(["pcapng", "raw-sent", "raw-received"]);

const asText = (/** @type {unknown} */ value) => (typeof value === "string" ? value : JSON.stringify(value));

/**
 * @param {unknown} data
 * @param {string} what its name, for the error
 */
async function asBytes(data, what) {
	if (data === undefined || data === null || typeof data === "string" || data instanceof Uint8Array) return data;
	if (data instanceof Blob) return new Uint8Array(await data.arrayBuffer());
	if (data instanceof ArrayBuffer) return new Uint8Array(data);
	if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	throw new TypeError(`${what} must be a string, bytes or a Blob`);
}

export class Tools {
	#program;

	/** @param {import("./program.js").Program} program */
	constructor(program) {
		this.#program = program;
		this.version = program.info.version;
		this.machine = program.info.machine;
	}

	/**
	 * @param {string} method
	 * @param {unknown[]} args
	 */
	async #call(method, args) {
		try {
			return await this.#program.channel.call(0, method, args);
		} catch (error) {
			// What a tool says is about a file: no Python exception stands for it.
			throw error instanceof PythonError ? new Error(error.message) : error;
		}
	}

	/**
	 * @param {unknown} data
	 * @param {{keyLog?: unknown, limit?: number}} [options]
	 * @returns {Promise<Recording & {readonly kind: import("./index.d.ts").RecordedKind}>}
	 */
	async decode(data, options = {}) {
		const [kind, text] = await this.#call("decode", [await asBytes(data, "data"), await asBytes(options.keyLog, "keyLog"), options.limit]);
		return Object.defineProperty(JSON.parse(text), "kind", { value: kind });
	}

	/**
	 * @param {unknown} data
	 * @returns {Promise<Recording>}
	 */
	async request(data) {
		return JSON.parse(await this.#call("request", [await asBytes(data, "data")]));
	}

	/**
	 * @param {unknown} recording
	 * @param {string} format
	 * @param {{secrets?: boolean, keyLog?: unknown, conn?: number, name?: string, about?: string}} [options]
	 * @returns {Promise<any>}
	 */
	async exportRecording(recording, format, options = {}) {
		const bytes = await this.#call("export", [
			asText(recording), format, options.secrets, await asBytes(options.keyLog, "keyLog"), options.conn, options.name, options.about,
		]);
		return binary.has(format) ? bytes : new TextDecoder().decode(bytes);
	}

	/**
	 * @param {unknown} link
	 * @returns {Promise<string>}
	 */
	encodePermalink(link) {
		return this.#call("encodePermalink", [asText(link)]);
	}

	/** @param {string} fragment */
	async decodePermalink(fragment) {
		return JSON.parse(await this.#call("decodePermalink", [fragment]));
	}

	/**
	 * @param {unknown} recording
	 * @param {{secrets?: boolean, bodies?: boolean}} [options]
	 */
	async linkOf(recording, options = {}) {
		return JSON.parse(await this.#call("linkOf", [asText(recording), options.secrets, options.bodies]));
	}

	close() {
		this.#program.close(new ClientClosedError("the tools were closed"));
	}
}
