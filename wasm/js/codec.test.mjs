import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PIECE, Packer, TAG, messages, unpack } from "./codec.js";

/**
 * A value's packed form, without the list around it.
 * @param {unknown} value
 */
function packed(value) {
	const packer = new Packer();
	packer.add(value);
	return taken(packer).slice(5);
}

/**
 * What a packer has, in one piece, as the worker puts it together.
 * @param {Packer} packer
 */
function taken(packer) {
	const { parts, pieces } = packer.take();
	const late = Buffer.concat([...pieces]);
	let at = 0;
	return new Uint8Array(Buffer.concat(parts.map((part) => typeof part === "number" ? late.subarray(at, at += part) : part)));
}

/** @param {Uint8Array} bytes */
const unpacked = (bytes) => unpack(bytes)[0];

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
		assert.deepEqual(unpacked(bytes), value, name);
	}
});

test("a lone surrogate is sent as the replacement character", () => {
	assert.equal(unpacked(packed("a\ud800b")), "a\ufffdb");
});

test("a list takes values of any size, and keeps nothing of one that cannot cross", () => {
	const packer = new Packer();
	const large = new Uint8Array(100_000).fill(7);
	const long = "é".repeat(30_000);
	packer.add(["a", large]);
	assert.throws(() => packer.add(["b", Symbol("s")]));
	packer.add(long);
	assert.deepEqual(unpacked(taken(packer)), [["a", large], long]);
	assert.deepEqual(packer.take().parts, []);
	packer.add(1);
	assert.deepEqual(unpacked(taken(packer)), [1]);
});

test("large bytes are apart: copied when they are taken, counted, and forgotten with a value that cannot cross", () => {
	const packer = new Packer();
	const whole = new Uint8Array(new SharedArrayBuffer(200_000)).fill(1);
	const large = whole.subarray(1000, 101_000);
	const other = new Uint8Array(300_000).fill(2).subarray(100_000);
	packer.add(1);
	const { size } = packer;
	assert.throws(() => packer.add([large, Symbol("s")]));
	assert.equal(packer.size, size);
	packer.add([large, "between", other]);
	assert.ok(packer.size >= large.length + other.length);
	const { parts, pieces } = packer.take();
	assert.deepEqual([...pieces], []);
	const copies = /** @type {Uint8Array[]} */ (parts);
	assert.deepEqual(copies.map(({ length }) => length >= 100_000), [false, true, false, true, false]);
	for (const part of copies) assert.ok(part.buffer instanceof ArrayBuffer && part.buffer.byteLength === part.length);
	large.fill(9);
	other.fill(9);
	assert.deepEqual(unpacked(new Uint8Array(Buffer.concat(copies))), [1, [new Uint8Array(100_000).fill(1), "between", new Uint8Array(200_000).fill(2)]]);
	assert.ok(packer.size < 100);
});

test("bytes of more than a piece follow the list, in pieces", () => {
	const packer = new Packer();
	const [first, second] = [2 * PIECE + 5, PIECE + 1].map((length) => new Uint8Array(length).map((_, i) => i * 7));
	packer.add([first, "between", second]);
	const { parts, pieces } = packer.take();
	assert.deepEqual(parts.map((part) => typeof part === "number" ? part : "list"), ["list", first.length, "list", second.length, "list"]);
	const all = [...pieces];
	assert.deepEqual(all.map(({ length }) => length), [PIECE, PIECE, 5, PIECE, 1]);
	for (const piece of all) assert.equal(piece.buffer.byteLength, piece.length);
	packer.add([first, "between", second]);
	assert.deepEqual(unpacked(taken(packer)), [[first, "between", second]]);
});

test("texts of every length around the short ones cross", () => {
	for (const end of ["", "x", "é"]) {
		for (let n = 0; n < 70; n++) {
			const text = "a".repeat(n) + end;
			assert.equal(unpacked(packed(text)), text);
		}
	}
});

test("bytes by address are the parts beside, in order", () => {
	const refer = [TAG.address, 1, 0, 0, 0, 3, 0, 0, 0];
	const message = new Uint8Array([TAG.array, 2, 0, 0, 0, ...refer, ...refer, ...packed("x")]);
	const parts = [new Uint8Array([8, 7, 6]).buffer, new Uint8Array([5]).buffer];
	const want = [[new Uint8Array([8, 7, 6]), new Uint8Array([5])], "x"];
	assert.deepEqual(unpack(message, parts), want);
	assert.deepEqual(messages([message, ...parts]), want);
	assert.throws(() => unpack(message, parts.slice(1)), /without a part/);
});

test("messages are the worker's own, or those that Go packed", () => {
	assert.deepEqual(messages(["hello"]), [["hello"]]);
	assert.deepEqual(messages(new Uint8Array([...packed(["ok", 1]), ...packed(["ok", 2])])), [["ok", 1], ["ok", 2]]);
});

test("what cannot cross is refused", () => {
	assert.throws(() => packed(() => 0), { name: "TypeError", message: "a function cannot be passed to the client" });
	assert.throws(() => packed([Symbol("s")]), /a symbol cannot be passed/);
	assert.throws(() => unpack(new Uint8Array([99])), /unknown tag 99/);
	assert.throws(() => unpack(new Uint8Array([TAG.string, 200])), RangeError);
});
