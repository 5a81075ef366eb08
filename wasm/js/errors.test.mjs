import assert from "node:assert/strict";
import { test } from "node:test";
import * as errors from "./errors.js";

const { toError } = errors;

// http.client's hierarchy in method resolution order, as CPython 3.11 prints it.
const hierarchy = {
	HTTPException: [],
	NotConnected: ["HTTPException"],
	InvalidURL: ["HTTPException"],
	UnknownProtocol: ["HTTPException"],
	UnknownTransferEncoding: ["HTTPException"],
	UnimplementedFileMode: ["HTTPException"],
	IncompleteRead: ["HTTPException"],
	ImproperConnectionState: ["HTTPException"],
	CannotSendRequest: ["ImproperConnectionState", "HTTPException"],
	CannotSendHeader: ["ImproperConnectionState", "HTTPException"],
	ResponseNotReady: ["ImproperConnectionState", "HTTPException"],
	BadStatusLine: ["HTTPException"],
	LineTooLong: ["HTTPException"],
	RemoteDisconnected: ["ConnectionResetError", "ConnectionError", "OSError", "BadStatusLine", "HTTPException"],
	OSError: [],
	TimeoutError: ["OSError"],
	gaierror: ["OSError"],
	ConnectionRefusedError: ["ConnectionError", "OSError"],
	BrokenPipeError: ["ConnectionError", "OSError"],
	UnsupportedOperation: ["OSError", "ValueError"],
	SSLError: ["OSError"],
	SSLCertVerificationError: ["SSLError", "OSError", "ValueError"],
	SSLEOFError: ["SSLError", "OSError"],
	UnicodeEncodeError: ["UnicodeError", "ValueError"],
};

test("each class is an instance of exactly its Python bases", () => {
	for (const [name, bases] of Object.entries(hierarchy)) {
		for (const error of [
			toError({ name, bases, message: "m", party: "server" }),
			new errors[name]({ message: "m" }),
		]) {
			assert.equal(error.name, name);
			assert.equal(error.message, "m");
			assert.deepEqual(error.bases, bases, name);
			assert.ok(error instanceof Error && error instanceof errors.PythonError);
			for (const other of Object.keys(hierarchy)) {
				assert.equal(error instanceof errors[other], other === name || bases.includes(other), `${name} instanceof ${other}`);
			}
		}
	}
});

test("error is Python's alias", () => {
	assert.equal(errors.error, errors.HTTPException);
});

test("what only some errors have crosses, and is absent elsewhere", () => {
	const partial = new Uint8Array([1]);
	const short = toError({ name: "IncompleteRead", bases: ["HTTPException"], message: "m", party: "server", offset: 7, partial, expected: null });
	assert.equal(short.partial, partial);
	assert.equal(short.expected, null);
	assert.equal(short.offset, 7);
	assert.equal(short.party, "server");
	const strict = toError({ name: "StrictError", bases: ["HTTPException"], message: "m", party: "server", code: "obs-fold", section: "9112 §5.2" });
	assert.deepEqual([strict.code, strict.section], ["obs-fold", "9112 §5.2"]);
	const plain = toError({ name: "ValueError", bases: [], message: "m", party: "caller" });
	assert.ok(!("partial" in plain) && !("expected" in plain) && !("offset" in plain));
});

test("an unknown class becomes its nearest known base under its own name", () => {
	const error = toError({ name: "SSLCertVerificationError", bases: ["SSLError", "OSError"], message: "m", party: "server" });
	assert.ok(error instanceof errors.OSError);
	assert.equal(error.name, "SSLCertVerificationError");
	const stranger = toError({ name: "SystemError", bases: [], message: "m", party: "client" });
	assert.equal(Object.getPrototypeOf(stranger), errors.PythonError.prototype);
	assert.equal(toError({ name: "toString", bases: [], message: "m", party: "client" }).name, "toString");
});

test("Python's TypeError keeps its name", () => {
	const error = toError({ name: "TypeError", bases: [], message: "m", party: "caller" });
	assert.ok(error instanceof errors.PyTypeError);
	assert.ok(!(error instanceof TypeError));
	assert.equal(error.name, "TypeError");
});

test("a caller's own subclass is its own", () => {
	class Mine extends errors.BadStatusLine {}
	const mine = new Mine({ message: "m" });
	assert.ok(mine instanceof Mine && mine instanceof errors.BadStatusLine && mine instanceof errors.HTTPException);
	assert.ok(!(toError({ name: "BadStatusLine", bases: ["HTTPException"], message: "m", party: "server" }) instanceof Mine));
	for (const value of [null, undefined, 3, {}, { name: "HTTPException", bases: [] }, new Error("x")]) {
		assert.ok(!(value instanceof errors.HTTPException));
	}
});
