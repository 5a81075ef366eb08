// @ts-check
// The packed form in which messages cross between the page and Go; the Worker
// only passes them on. One packed message is one crossing: reading the same
// values through syscall/js costs several microseconds for each property, and a
// structured clone of them costs both threads more than bytes do. The Go side is
// wasm/bridge/value.go.

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
	address: 10, // u32 address in the wasm memory, u32 length; from Go only: the bytes are beside
	digits: 11, // u32 length, decimal digits of a BigInt
});

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** One character for each byte: a call of decode for each text costs more. */
const bytewise = new TextDecoder("latin1");

/** Texts up to this length are packed without the encoder, if they are ASCII. */
const SHORT = 64;

/** Room for as much is kept from one list to the next. */
const ROOM = 16 << 10;

/** Bytes from this number on are apart from the list, which spares moving them a second time. */
const APART = 64 << 10;

/** Bytes apart go in pieces of this size, so that they are sent on while others are copied. */
export const PIECE = 1 << 20;

/**
 * A copy in a buffer of its own, which slice() of the buffer makes without
 * clearing it first.
 * @param {Uint8Array} bytes
 */
function copy({ buffer, byteOffset, byteLength }) {
	const shared = !(buffer instanceof ArrayBuffer);
	return new Uint8Array(shared ? new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength)).buffer : buffer.slice(byteOffset, byteOffset + byteLength));
}

/** @param {Uint8Array[]} list */
function* piecesOf(list) {
	for (const bytes of list) {
		for (let at = 0; at < bytes.length; at += PIECE) yield copy(bytes.subarray(at, at + PIECE));
	}
}

/** Packs values into one list. */
export class Packer {
	#target = new Uint8Array(ROOM);
	#view = new DataView(this.#target.buffer);
	#at = 5;
	#count = 0;
	/** Bytes apart, each with where it belongs in what is packed; not copied yet. */
	/** @type {{at: number, bytes: Uint8Array}[]} */
	#apart = [];
	#apartSize = 0;

	/** The bytes packed so far. */
	get size() {
		return this.#at + this.#apartSize;
	}

	/**
	 * Adds a value to the list, or nothing where it cannot cross.
	 * @param {unknown} value
	 */
	add(value) {
		const before = this.#at;
		const apart = this.#apart.length;
		try {
			this.#put(value);
		} catch (error) {
			this.#at = before;
			for (const { bytes } of this.#apart.splice(apart)) this.#apartSize -= bytes.length;
			throw error;
		}
		this.#count++;
	}

	/**
	 * Gives the list in parts that follow each other, none if there is nothing in
	 * it, and begins another. Bytes of more than a PIECE are only their number
	 * there, and pieces gives copies of them, one after the other. As soon as size
	 * says that there are bytes apart, it is time to take them: they are not copied
	 * before, and their owner may write to them.
	 * @returns {{parts: (Uint8Array<ArrayBuffer> | number)[], pieces: Iterable<Uint8Array<ArrayBuffer>>}}
	 */
	take() {
		if (this.#count === 0) return { parts: [], pieces: [] };
		const list = this.#takeList();
		const apart = this.#apart;
		if (apart.length === 0) return { parts: [list], pieces: [] };
		/** @type {(Uint8Array<ArrayBuffer> | number)[]} */
		const parts = [];
		let from = 0;
		for (const { at, bytes } of apart) {
			parts.push(list.slice(from, at), bytes.length > PIECE ? bytes.length : copy(bytes));
			from = at;
		}
		parts.push(list.slice(from));
		this.#apart = [];
		this.#apartSize = 0;
		return { parts, pieces: piecesOf(apart.map(({ bytes }) => bytes).filter(({ length }) => length > PIECE)) };
	}

	#takeList() {
		const head = this.#view;
		head.setUint8(0, TAG.array);
		head.setUint32(1, this.#count, true);
		const list = this.#target.subarray(0, this.#at);
		this.#at = 5;
		this.#count = 0;
		if (list.length <= ROOM) return list.slice();
		this.#resize(ROOM);
		return list;
	}

	/** @param {number} size */
	#resize(size) {
		this.#target = new Uint8Array(size);
		this.#view = new DataView(this.#target.buffer);
	}

	/**
	 * Makes room for n bytes and gives where they begin.
	 * @param {number} n
	 */
	#room(n) {
		const before = this.#target;
		const at = this.#at;
		if (at + n > before.length) {
			this.#resize(Math.max(at + n, Math.min(2 * before.length, at + n + ROOM)));
			this.#target.set(before.subarray(0, at));
		}
		return at;
	}

	/** @param {number} byte */
	#tag(byte) {
		const at = this.#room(1); // which can replace the target
		this.#target[at] = byte;
		this.#at++;
	}

	/**
	 * @param {number} tag
	 * @param {number} n
	 */
	#count32(tag, n) {
		const at = this.#room(5);
		this.#target[at] = tag;
		this.#view.setUint32(at + 1, n, true);
		this.#at += 5;
	}

	/** @param {number} value */
	#number(value) {
		const at = this.#room(9);
		this.#target[at] = Number.isSafeInteger(value) ? TAG.int : TAG.float;
		this.#view.setFloat64(at + 1, value, true);
		this.#at += 9;
	}

	/** @param {string} text */
	#text(text) {
		const { length } = text;
		const at = this.#room(4 + 3 * length) + 4;
		const target = this.#target;
		let n = 0;
		if (length <= SHORT) {
			for (let code; n < length && (code = text.charCodeAt(n)) < 128; n++) target[at + n] = code;
		}
		if (n < length) n = encoder.encodeInto(text, target.subarray(at)).written;
		this.#view.setUint32(at - 4, n, true);
		this.#at = at + n;
	}

	/** @param {unknown} value */
	#put(value) {
		switch (typeof value) {
			case "undefined":
				return this.#tag(TAG.undefined);
			case "boolean":
				return this.#tag(value ? TAG.true : TAG.false);
			case "number":
				this.#number(value);
				return;
			case "bigint":
				this.#tag(TAG.digits);
				return this.#text(String(value));
			case "string":
				this.#tag(TAG.string);
				return this.#text(value);
			case "object":
				if (value === null) return this.#tag(TAG.null);
				if (value instanceof Uint8Array) {
					this.#count32(TAG.bytes, value.byteLength);
					if (value.byteLength >= APART) {
						this.#apart.push({ at: this.#at, bytes: value });
						this.#apartSize += value.byteLength;
						return;
					}
					const at = this.#room(value.byteLength);
					this.#target.set(value, at);
					this.#at += value.byteLength;
				} else if (Array.isArray(value)) {
					this.#count32(TAG.array, value.length);
					for (const item of value) this.#put(item);
				} else {
					const entries = Object.entries(value);
					this.#count32(TAG.object, entries.length);
					for (const [key, item] of entries) {
						this.#text(key);
						this.#put(item);
					}
				}
				return;
			default:
				throw new TypeError(`a ${typeof value} cannot be passed to the client`);
		}
	}
}

/**
 * Unpacks the values that source holds one behind the other. Bytes are copied,
 * each into an ArrayBuffer of its own; those by address are the parts, in order.
 * @param {Uint8Array} source
 * @param {ArrayBuffer[]} [parts]
 * @returns {any[]}
 */
export function unpack(source, parts = []) {
	const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
	const characters = bytewise.decode(source);
	let at = 0;
	let part = 0;

	const text = () => {
		const start = at + 4;
		at = start + view.getUint32(at, true);
		if (at > source.length) throw new RangeError("a packed text is cut off");
		const ascii = characters.slice(start, at);
		return /[^\0-\x7f]/.test(ascii) ? decoder.decode(source.subarray(start, at)) : ascii;
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
			case TAG.address:
				at += 8;
				if (part === parts.length) throw new Error("packed bytes by address without a part");
				return new Uint8Array(parts[part++]);
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
	const values = [];
	while (at < source.length) values.push(get());
	return values;
}

/**
 * The messages in what a Worker posted: one of its own, whose first element is
 * its name, or packed ones, with their parts if there are some.
 * @param {any} data
 * @returns {any[][]}
 */
export function messages(data) {
	if (data instanceof Uint8Array) return unpack(data);
	if (typeof data[0] === "string") return [data];
	return unpack(data[0], data.slice(1));
}
