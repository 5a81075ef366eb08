import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TAG, pack, packedSize, transferables, unpack } from "./codec.js";

/** @param {unknown} value */
function packed(value) {
	const target = new Uint8Array(packedSize(value) + 1);
	target[target.length - 1] = 0xa5;
	const size = pack(value, target.subarray(0, -1));
	assert.equal(target.at(-1), 0xa5);
	return target.slice(0, size);
}

const values = {
	undefined: undefined,
	null: null,
	false: false,
	true: true,
	zero: 0,
	"minus one": -1,
	"two to 53 less one": 2 ** 53 - 1,
	half: 0.5,
	"a large number": 2 ** 60,
	empty: "",
	text: "Grüße, 世界 \u{1F600}",
	bytes: new Uint8Array([0, 255, 10]),
	"no bytes": new Uint8Array(0),
	array: [1, [2, "x"], []],
	object: { a: 1, "é": [null] },
	digits: 123456789012345678901234567890n,
};

// The same file is read by the Go side's test.
const vectors = new Map(
	readFileSync(new URL("../bridge/testdata/values.txt", import.meta.url), "utf8")
		.trim().split("\n").map((line) => /** @type {[string, string]} */ (line.split(": "))),
);

test("values pack as the vectors say and come back", () => {
	assert.deepEqual([...vectors.keys()], Object.keys(values));
	for (const [name, value] of Object.entries(values)) {
		const bytes = packed(value);
		assert.equal(Buffer.from(bytes).toString("hex"), vectors.get(name), name);
		assert.deepEqual(unpack(bytes), value, name);
	}
});

test("a lone surrogate is sent as the replacement character", () => {
	assert.equal(unpack(packed("a\ud800b")), "a\ufffdb");
});

test("bytes by address come out of the memory, copied", () => {
	const memory = new Uint8Array([9, 8, 7, 6, 5]);
	const message = new Uint8Array([TAG.address, 1, 0, 0, 0, 3, 0, 0, 0]);
	const got = /** @type {Uint8Array} */ (unpack(message, memory.buffer));
	assert.deepEqual([...got], [8, 7, 6]);
	assert.equal(got.buffer.byteLength, 3);
	memory.fill(0);
	assert.deepEqual([...got], [8, 7, 6]);
	assert.throws(() => unpack(message), /without a memory/);
});

test("what cannot cross is refused", () => {
	assert.throws(() => packed(() => 0), { name: "TypeError", message: "a function cannot be passed to the client" });
	assert.throws(() => packed([Symbol("s")]), /a symbol cannot be passed/);
	assert.throws(() => unpack(new Uint8Array([99])), /unknown tag 99/);
	assert.throws(() => unpack(new Uint8Array([TAG.string, 200])), RangeError);
});

test("only whole, large buffers are transferred", () => {
	const large = new Uint8Array(5000);
	const part = new Uint8Array(new ArrayBuffer(9000), 0, 5000);
	assert.deepEqual(transferables(["ok", 1, { a: [large, part, new Uint8Array(10)] }]), [large.buffer]);
});
