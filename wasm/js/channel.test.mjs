import assert from "node:assert/strict";
import { test } from "node:test";
import { packBody, packHeaders, packValue } from "./body.js";
import { Channel } from "./channel.js";
import { unpack } from "./codec.js";
import { ClientClosedError, ConnectionRefusedError } from "./errors.js";
import { TraceLog } from "./trace.js";

/** A channel whose other end is an array of the messages that were posted. */
function open() {
	/** @type {any[]} */
	const posted = [];
	/** How many messages went together, and whether their bytes were handed over. */
	/** @type {{count: number, transferred: boolean}[]} */
	const postings = [];
	const channel = new Channel({
		postMessage(parts, transfer) {
			const [messages] = unpack(new Uint8Array(Buffer.concat(/** @type {Uint8Array[]} */ (parts))));
			posted.push(...messages);
			postings.push({ count: messages.length, transferred: transfer.length > 0 });
		},
	});
	return { channel, posted, postings };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("replies find their calls in any order", async () => {
	const { channel, posted, postings } = open();
	const first = channel.call(7, "read", [1]);
	const second = channel.call(7, "read", [2]);
	await settled();
	assert.deepEqual(posted, [["call", 1, 7, "read", [1]], ["call", 2, 7, "read", [2]]]);
	assert.deepEqual(postings, [{ count: 2, transferred: false }], "calls of one turn go together");
	channel.receive(["ok", 2, "b", null]);
	channel.receive(["error", 1, { name: "ConnectionRefusedError", bases: ["ConnectionError", "OSError"], message: "no", party: "network" }, null]);
	assert.equal(await second, "b");
	await assert.rejects(first, ConnectionRefusedError);
	channel.receive(["ok", 2, "again", null]); // answers nothing
});

test("the state is known before the call settles", async () => {
	const { channel } = open();
	/** @type {string[]} */
	const order = [];
	const call = channel.call(1, "connect", [], { onState: ([state]) => order.push(state) }).then(() => order.push("settled"));
	channel.receive(["ok", 1, undefined, ["Idle", false, []]]);
	await call;
	assert.deepEqual(order, ["Idle", "settled"]);
});

test("an abort cancels and rejects with the signal's reason", async () => {
	const { channel, posted } = open();
	const abort = new AbortController();
	const call = channel.call(1, "read", [], { signal: abort.signal });
	abort.abort(new Error("enough"));
	await settled();
	assert.deepEqual(posted[1], ["cancel", 1]);
	channel.receive(["cancelled", 1, null]);
	await assert.rejects(call, { message: "enough" });
	await assert.rejects(channel.call(1, "read", [], { signal: abort.signal }), { message: "enough" });
	await settled();
	assert.equal(posted.length, 2, "an aborted call is not sent");
});

test("an abort after the answer sends nothing", async () => {
	const { channel, posted } = open();
	const abort = new AbortController();
	const call = channel.call(1, "read", [], { signal: abort.signal });
	channel.receive(["ok", 1, "x", null]);
	abort.abort();
	assert.equal(await call, "x");
	await settled();
	assert.equal(posted.length, 1);
});

test("the end of the program rejects what waits and what comes", async () => {
	const { channel } = open();
	const log = new TraceLog();
	channel.listen(5, (kind) => kind === "end" && log.end());
	const call = channel.call(5, "read", []);
	channel.receive(["exit", "panic: boom"]);
	await assert.rejects(call, (error) => error instanceof ClientClosedError && /load\(\) it again; it said: panic: boom/.test(error.message));
	await assert.rejects(channel.call(5, "read", []), ClientClosedError);
	for await (const _ of log) assert.fail("the log is empty");
});

test("a value that cannot cross rejects and leaves nothing behind", async () => {
	const { channel, posted } = open();
	await assert.rejects(channel.call(1, "send", ["before", () => 0]), { name: "TypeError" });
	channel.call(1, "close", []);
	await settled();
	assert.deepEqual(posted, [["call", 2, 1, "close", []]]);
});

test("bytes of which there is no memory to send the rest end the program", async () => {
	let posted = 0;
	let stopped = 0;
	const channel = new Channel({
		postMessage() {
			if (++posted === 3) throw new RangeError("Array buffer allocation failed");
		},
	}, () => stopped++);
	const before = channel.call(1, "connect", []);
	const call = channel.call(1, "send", [new Uint8Array(4 << 20)]);
	const after = channel.call(1, "close", []);
	for (const each of [before, call, after]) {
		await assert.rejects(each, (/** @type {any} */ error) => error instanceof ClientClosedError && /Array buffer allocation failed/.test(error.message));
	}
	assert.deepEqual([posted, stopped, channel.ended], [3, 1, true]);
});

test("what is in no hurry goes with the next call", async () => {
	const { channel, posted, postings } = open();
	channel.took(3);
	await Promise.resolve();
	channel.call(1, "request", []);
	await settled();
	assert.deepEqual(posted, [["took", 3], ["call", 1, 1, "request", []]]);
	assert.equal(postings.length, 1);
	channel.release(3); // without a call that follows
	await settled();
	assert.deepEqual(posted[2], ["release", 3]);
});

test("a streamed body is pulled chunk by chunk and its failure kept", async () => {
	const { channel, posted } = open();
	let cancelled = false;
	const { value, stream } = packBody(
		new ReadableStream({
			start: (c) => c.enqueue(new Uint8Array([1, 2])),
			pull: () => Promise.reject(new Error("disk gone")),
			cancel: () => { cancelled = true; },
		}, { highWaterMark: 0 }), channel, "body");
	assert.deepEqual(value, { stream, kind: "iterable" });
	channel.receive(["pull", stream]);
	await settled();
	assert.deepEqual(posted.pop(), ["chunk", stream, new Uint8Array([1, 2]), false]);
	channel.receive(["pull", stream]);
	await settled();
	assert.deepEqual(posted.pop(), ["chunk", stream, null, true]);
	assert.equal(channel.withdraw(/** @type {number} */ (stream))?.reason.message, "disk gone");
	channel.receive(["pull", stream]); // of a stream that is gone
	assert.equal(cancelled, false);
});

test("a Blob is a file, read in pieces that are handed over", async () => {
	const { channel, posted, postings } = open();
	const { value, stream } = packBody(new Blob([new Uint8Array(1_500_000)]), channel, "body");
	assert.deepEqual(value, { stream, kind: "file" });
	for (let i = 0; i < 3; i++) channel.receive(["pull", stream]); // all at once
	while (posted.length < 3) await settled();
	const sizes = posted.map((message) => message[2]?.byteLength ?? null);
	assert.deepEqual(sizes, [1 << 20, 1_500_000 - (1 << 20), null]);
	assert.deepEqual(postings.map(({ transferred }) => transferred), [true, true, false]);
});

test("bodies cross as the kind that Python would be given", () => {
	const { channel } = open();
	const pack = (/** @type {unknown} */ body) => packBody(body, channel, "body").value;
	assert.equal(pack(undefined), undefined);
	assert.equal(pack(null), null);
	assert.equal(pack("text"), "text");
	assert.equal(pack({ text: "text" }), "text");
	assert.deepEqual(pack(new Uint8Array([1]).buffer), new Uint8Array([1]));
	assert.deepEqual(pack(new Uint16Array([258])), new Uint8Array([2, 1]));
	assert.deepEqual(pack({ textfile: "t" }), { textfile: "t" });
	assert.deepEqual(pack({ file: new Uint8Array([1]) }), { file: new Uint8Array([1]) });
	assert.deepEqual(pack({ iterable: [new Uint8Array([1])] }), { iterable: [new Uint8Array([1])] });
	assert.deepEqual(pack(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)), new Uint8Array([2, 3]));
	for (const [bad, message] of [
		[5, /body must be .* not a number/],
		[{}, /not Object/],
		[[1], /not Array/],
		[{ iterable: ["x"] }, /body\.iterable\[0\] must be bytes .* not a string/],
	]) assert.throws(() => pack(bad), { name: "TypeError", message: /** @type {RegExp} */ (message) });
});

test("headers cross as pairs in order", () => {
	const pairs = [["A", "1"], ["B", 2], ["C", new Uint8Array([3])]];
	assert.deepEqual(packHeaders(pairs), pairs);
	assert.deepEqual(packHeaders({ A: "1", B: 2 }), [["A", "1"], ["B", 2]]);
	assert.deepEqual(packHeaders(new Map([["A", 10n]])), [["A", 10n]]);
	assert.deepEqual(packHeaders(new Headers({ a: "1" })), [["a", "1"]]);
	assert.deepEqual(packHeaders(undefined), []);
	assert.throws(() => packHeaders("A: 1"), /headers must be a list .* not a string/);
	assert.throws(() => packHeaders([["A"]]), /headers\[0\] must be a pair/);
	assert.throws(() => packHeaders({ A: null }), /the value of header A must be bytes .* not null/);
	assert.throws(() => packValue({}, "x"), TypeError);
});

test("a log replays from its start to each consumer, then goes on live", async () => {
	const log = new TraceLog();
	const json = (/** @type {unknown[]} */ events) => new TextEncoder().encode(events.map((event) => JSON.stringify(event)).join("\n"));
	log.add(json([{ seq: 0 }, { seq: 1 }]));
	/** @type {number[][]} */
	const seen = [[], []];
	const consume = async (/** @type {number} */ i) => {
		for await (const { seq } of log) seen[i].push(seq);
	};
	const first = consume(0);
	await settled();
	log.add(json([{ seq: 2 }]));
	const second = consume(1);
	await settled();
	assert.deepEqual(seen, [[0, 1, 2], [0, 1, 2]]);
	assert.equal(log.events.length, 3);
	log.add(json([{ seq: 3 }]));
	log.end();
	await Promise.all([first, second]);
	assert.deepEqual(seen, [[0, 1, 2, 3], [0, 1, 2, 3]]);
});
