// @ts-check
// The packed form in which values cross between JavaScript and Go. One packed
// message is one crossing: reading the same values through syscall/js costs
// several microseconds for each property. The Go side is wasm/bridge/value.go.

export const TAG = Object.freeze({
	undefined: 0,
	null: 1,
	false: 2,
	true: 3,
	int: 4, // float64 that is integral
	float: 5, // float64
	string: 6, // u32 length, UTF-8
	bytes: 7, // u32 length, bytes
	array: 8, // u32 count, values
	object: 9, // u32 count, (string without tag, value) pairs
	address: 10, // u32 address in the wasm memory, u32 length; from Go only
	digits: 11, // u32 length, decimal digits of a BigInt
});

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * An upper bound of a value's packed size in bytes.
 * @param {unknown} value
 * @returns {number}
 */
export function packedSize(value) {
	switch (typeof value) {
		case "string":
			return 5 + 3 * value.length;
		case "number":
			return 9;
		case "bigint":
			return 5 + String(value).length;
		case "object": {
			if (value === null) return 1;
			if (value instanceof Uint8Array) return 5 + value.byteLength;
			let size = 5;
			if (Array.isArray(value)) {
				for (const item of value) size += packedSize(item);
				return size;
			}
			for (const [key, item] of Object.entries(value)) size += 4 + 3 * key.length + packedSize(item);
			return size;
		}
		default:
			return 1;
	}
}

/**
 * Packs a value into target, which has at least packedSize(value) bytes, and
 * returns how many it took.
 * @param {unknown} value
 * @param {Uint8Array} target
 */
export function pack(value, target) {
	const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
	let at = 0;

	/** @param {string} text */
	const text = (text) => {
		const { written } = encoder.encodeInto(text, target.subarray(at + 4));
		view.setUint32(at, written, true);
		at += 4 + written;
	};
	/** @param {unknown} value */
	const put = (value) => {
		switch (typeof value) {
			case "undefined":
				view.setUint8(at++, TAG.undefined);
				return;
			case "boolean":
				view.setUint8(at++, value ? TAG.true : TAG.false);
				return;
			case "number":
				view.setUint8(at++, Number.isSafeInteger(value) ? TAG.int : TAG.float);
				view.setFloat64(at, value, true);
				at += 8;
				return;
			case "bigint":
				view.setUint8(at++, TAG.digits);
				text(String(value));
				return;
			case "string":
				view.setUint8(at++, TAG.string);
				text(value);
				return;
			case "object":
				if (value === null) {
					view.setUint8(at++, TAG.null);
				} else if (value instanceof Uint8Array) {
					view.setUint8(at++, TAG.bytes);
					view.setUint32(at, value.byteLength, true);
					target.set(value, at + 4);
					at += 4 + value.byteLength;
				} else if (Array.isArray(value)) {
					view.setUint8(at++, TAG.array);
					view.setUint32(at, value.length, true);
					at += 4;
					for (const item of value) put(item);
				} else {
					const entries = Object.entries(value);
					view.setUint8(at++, TAG.object);
					view.setUint32(at, entries.length, true);
					at += 4;
					for (const [key, item] of entries) {
						text(key);
						put(item);
					}
				}
				return;
			default:
				throw new TypeError(`a ${typeof value} cannot be passed to the client`);
		}
	};
	put(value);
	return at;
}

/**
 * Unpacks one value. Bytes are copied, each into an ArrayBuffer of its own, so
 * that they can be transferred; those by address come out of memory.
 * @param {Uint8Array} source
 * @param {ArrayBuffer} [memory]
 * @returns {unknown}
 */
export function unpack(source, memory) {
	const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
	let at = 0;

	const text = () => {
		const length = view.getUint32(at, true);
		at += 4 + length;
		return decoder.decode(source.subarray(at - length, at));
	};
	/** @returns {unknown} */
	const get = () => {
		const tag = view.getUint8(at++);
		switch (tag) {
			case TAG.undefined:
				return undefined;
			case TAG.null:
				return null;
			case TAG.false:
				return false;
			case TAG.true:
				return true;
			case TAG.int:
			case TAG.float:
				at += 8;
				return view.getFloat64(at - 8, true);
			case TAG.string:
				return text();
			case TAG.digits:
				return BigInt(text());
			case TAG.bytes: {
				const length = view.getUint32(at, true);
				at += 4 + length;
				return source.slice(at - length, at);
			}
			case TAG.address: {
				const address = view.getUint32(at, true);
				const length = view.getUint32(at + 4, true);
				at += 8;
				if (memory === undefined) throw new Error("packed bytes by address without a memory");
				return new Uint8Array(memory, address, length).slice();
			}
			case TAG.array: {
				const count = view.getUint32(at, true);
				at += 4;
				const list = [];
				for (let i = 0; i < count; i++) list.push(get());
				return list;
			}
			case TAG.object: {
				const count = view.getUint32(at, true);
				at += 4;
				/** @type {Record<string, unknown>} */
				const object = {};
				for (let i = 0; i < count; i++) {
					const key = text();
					object[key] = get();
				}
				return object;
			}
			default:
				throw new Error(`unknown tag ${tag} in a packed value at ${at - 1}`);
		}
	};
	return get();
}

/**
 * The buffers worth transferring with a message: copying a small one is
 * cheaper than handing it over.
 * @param {unknown} value
 * @param {ArrayBuffer[]} [found]
 */
export function transferables(value, found = []) {
	if (value instanceof Uint8Array) {
		if (value.byteLength >= 4096 && value.byteLength === value.buffer.byteLength) found.push(/** @type {ArrayBuffer} */ (value.buffer));
	} else if (Array.isArray(value)) {
		for (const item of value) transferables(item, found);
	} else if (typeof value === "object" && value !== null) {
		for (const item of Object.values(value)) transferables(item, found);
	}
	return found;
}
