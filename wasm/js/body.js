// @ts-check
// Request bodies: each kind of JavaScript value as the Python kind that
// http.client would be given.

/**
 * @typedef {import("./channel.js").Channel} Channel
 * @typedef {import("./channel.js").ChunkSource} ChunkSource
 */

/** Blobs are read in pieces of this many bytes. */
const BLOB_PIECE = 1 << 20;

/**
 * @param {unknown} value
 * @param {string} what the argument's name, for the error
 * @returns {Uint8Array}
 */
export function bytes(value, what) {
	if (value instanceof ArrayBuffer) return new Uint8Array(value);
	if (ArrayBuffer.isView(value)) {
		return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
	}
	throw new TypeError(`${what} must be bytes (a Uint8Array or ArrayBuffer), not ${describe(value)}`);
}

/** @param {unknown} value */
function describe(value) {
	if (value === null) return "null";
	if (typeof value !== "object") return `a ${typeof value}`;
	return Object.getPrototypeOf(value)?.constructor?.name ?? "an object";
}

/**
 * The body in the form that crosses to Go, and the stream it offered, if any.
 * @param {unknown} body
 * @param {Channel} channel
 * @param {string} what the argument's name, for the error
 * @returns {{value: unknown, stream?: number}}
 */
export function packBody(body, channel, what) {
	if (body === undefined || body === null || typeof body === "string") return { value: body };
	if (body instanceof ReadableStream) {
		const stream = channel.offer(streamSource(body));
		return { value: { stream, kind: "iterable" }, stream };
	}
	if (body instanceof Blob) {
		const stream = channel.offer(blobSource(body));
		return { value: { stream, kind: "file" }, stream };
	}
	if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { value: bytes(body, what) };
	if (typeof body === "object") {
		const form = /** @type {Record<string, unknown>} */ (body);
		if (typeof form.text === "string") return { value: form.text };
		if (typeof form.textfile === "string") return { value: { textfile: form.textfile } };
		if (form.file !== undefined) return { value: { file: bytes(form.file, `${what}.file`) } };
		if (Array.isArray(form.iterable)) {
			return { value: { iterable: form.iterable.map((item, i) => bytes(item, `${what}.iterable[${i}]`)) } };
		}
	}
	throw new TypeError(
		`${what} must be a string, Uint8Array, ArrayBuffer, Blob, ReadableStream, {text}, {textfile}, {file} or {iterable}, not ${describe(body)}`);
}

/**
 * @param {ReadableStream} stream of bytes
 * @returns {ChunkSource}
 */
function streamSource(stream) {
	const reader = stream.getReader();
	return {
		async next() {
			const { done, value } = await reader.read();
			if (done) return null;
			return bytes(value, "a chunk of the body's stream");
		},
		cancel(reason) {
			reader.cancel(reason).catch(() => {}); // its own failure was already reported by next
		},
	};
}

/**
 * @param {Blob} blob
 * @returns {ChunkSource}
 */
function blobSource(blob) {
	let at = 0;
	return {
		async next() {
			if (at >= blob.size) return null;
			const piece = blob.slice(at, at + BLOB_PIECE);
			at += piece.size;
			return new Uint8Array(await piece.arrayBuffer());
		},
		cancel() {
			at = blob.size;
		},
	};
}

/**
 * Headers as a list of [name, value].
 * @param {unknown} headers
 * @returns {[unknown, unknown][]}
 */
export function packHeaders(headers) {
	if (headers === undefined || headers === null) return [];
	if (typeof headers !== "object") throw new TypeError(`headers must be a list of [name, value], an object, a Map or Headers, not ${describe(headers)}`);
	const pairs = Symbol.iterator in headers ? [.../** @type {Iterable<unknown>} */ (headers)] : Object.entries(headers);
	return pairs.map((pair, i) => {
		if (!Array.isArray(pair) || pair.length !== 2) throw new TypeError(`headers[${i}] must be a pair [name, value], not ${describe(pair)}`);
		return /** @type {[unknown, unknown]} */ ([pair[0], packValue(pair[1], `the value of header ${String(pair[0])}`)]);
	});
}

/**
 * A header's value: string, integer or bytes, as Python takes them.
 * @param {unknown} value
 * @param {string} what
 */
export function packValue(value, what) {
	if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
	return bytes(value, what);
}
