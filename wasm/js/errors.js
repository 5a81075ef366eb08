// @ts-check
// Python's exception classes for the page. A call rejects with the most
// derived class; `instanceof` follows Python's hierarchy, several bases
// included, because it asks the error for its Python bases.

/**
 * What crosses from Go: core's description of an error.
 * @typedef {object} ErrorInfo
 * @property {string} name the Python class
 * @property {string[]} bases its ancestors in method resolution order, without Exception
 * @property {string} message Python's str(exception)
 * @property {number} [offset] absolute offset of the failing bytes in the received stream
 * @property {string} party "caller", "server", "network", "relay" or "client"
 * @property {Uint8Array} [partial] IncompleteRead: what had been read
 * @property {number | null} [expected] IncompleteRead: bytes still expected, null for None
 * @property {string} [code] StrictError: the diagnostic that it refuses
 * @property {string} [section] StrictError: RFC number and section
 */

/** The Python name of each class below; user subclasses are not in it. */
const pythonNames = new WeakMap();

/** Base of every error that stands for a Python exception. */
export class PythonError extends Error {
	/** @param {Partial<ErrorInfo> & {message: string}} info */
	constructor(info) {
		super(info.message);
		const name = info.name ?? pythonNames.get(new.target) ?? "PythonError";
		Object.defineProperty(this, "name", { value: name, configurable: true, writable: true });
		/** @type {string[]} */
		this.bases = info.bases ?? basesOf(new.target);
		this.party = info.party ?? "caller";
		if (info.offset !== undefined) this.offset = info.offset;
		if (info.partial !== undefined) this.partial = info.partial;
		if (info.expected !== undefined) this.expected = info.expected;
		if (info.code !== undefined) this.code = info.code;
		if (info.section !== undefined) this.section = info.section;
	}

	/** @param {unknown} value */
	static [Symbol.hasInstance](value) {
		if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
		const name = pythonNames.get(this);
		if (name === undefined || !Function.prototype[Symbol.hasInstance].call(PythonError, value)) return false;
		const error = /** @type {PythonError} */ (value);
		return error.name === name || error.bases.includes(name);
	}
}

export class HTTPException extends PythonError {}
export class NotConnected extends HTTPException {}
export class InvalidURL extends HTTPException {}
export class UnknownProtocol extends HTTPException {}
export class UnknownTransferEncoding extends HTTPException {}
export class UnimplementedFileMode extends HTTPException {}
export class IncompleteRead extends HTTPException {}
export class ImproperConnectionState extends HTTPException {}
export class CannotSendRequest extends ImproperConnectionState {}
export class CannotSendHeader extends ImproperConnectionState {}
export class ResponseNotReady extends ImproperConnectionState {}
export class BadStatusLine extends HTTPException {}
export class LineTooLong extends HTTPException {}
// Python: class RemoteDisconnected(ConnectionResetError, BadStatusLine).
export class RemoteDisconnected extends BadStatusLine {}
/** Strict mode refused what the default only reports. */
export class StrictError extends HTTPException {}

/** Python: socket and relay errors. */
export class OSError extends PythonError {}
export class TimeoutError extends OSError {}
export class BlockingIOError extends OSError {}
export class PermissionError extends OSError {}
export class gaierror extends OSError {}
export class ConnectionError extends OSError {}
export class ConnectionResetError extends ConnectionError {}
export class ConnectionRefusedError extends ConnectionError {}
export class ConnectionAbortedError extends ConnectionError {}
export class BrokenPipeError extends ConnectionError {}
// Python: class UnsupportedOperation(OSError, ValueError).
export class UnsupportedOperation extends OSError {}
export class FileNotFoundError extends OSError {}
/** Python: ssl.SSLError and its classes. */
export class SSLError extends OSError {}
// Python: class SSLCertVerificationError(SSLError, ValueError).
export class SSLCertVerificationError extends SSLError {}
export class SSLEOFError extends SSLError {}
export class SSLZeroReturnError extends SSLError {}

export class ValueError extends PythonError {}
export class UnicodeError extends ValueError {}
export class UnicodeEncodeError extends UnicodeError {}
export class UnicodeDecodeError extends UnicodeError {}
/** Python's TypeError; prefixed, since JavaScript has one of its own. */
export class PyTypeError extends PythonError {}
export class AssertionError extends PythonError {}
export class AttributeError extends PythonError {}
export class RuntimeError extends PythonError {}
export class OverflowError extends PythonError {}
export class KeyError extends PythonError {}

/** Every class by its Python name. */
/** @type {Record<string, typeof PythonError>} */
const classes = {
	HTTPException, NotConnected, InvalidURL, UnknownProtocol, UnknownTransferEncoding, UnimplementedFileMode,
	IncompleteRead, ImproperConnectionState, CannotSendRequest, CannotSendHeader, ResponseNotReady,
	BadStatusLine, LineTooLong, RemoteDisconnected, StrictError,
	OSError, TimeoutError, BlockingIOError, PermissionError, gaierror, ConnectionError, ConnectionResetError,
	ConnectionRefusedError, ConnectionAbortedError, BrokenPipeError, UnsupportedOperation, FileNotFoundError,
	SSLError, SSLCertVerificationError, SSLEOFError, SSLZeroReturnError,
	ValueError, UnicodeError, UnicodeEncodeError, UnicodeDecodeError,
	TypeError: PyTypeError, AssertionError, AttributeError, RuntimeError, OverflowError, KeyError,
};
// Bundlers may rename the classes, so their names are kept apart from them.
for (const [name, type] of Object.entries(classes)) pythonNames.set(type, name);

/** Further bases, where Python has more than one. */
/** @type {Record<string, string[]>} */
const mixed = {
	RemoteDisconnected: ["ConnectionResetError", "ConnectionError", "OSError", "BadStatusLine", "HTTPException"],
	UnsupportedOperation: ["OSError", "ValueError"],
	SSLCertVerificationError: ["SSLError", "OSError", "ValueError"],
	OverflowError: ["ArithmeticError"],
	KeyError: ["LookupError"],
};

/**
 * The bases of an error that was made in the page.
 * @param {Function} type
 */
function basesOf(type) {
	const names = [];
	for (let base = type; base !== PythonError && base !== null; base = Object.getPrototypeOf(base)) {
		const name = pythonNames.get(base);
		if (name === undefined) continue;
		if (base !== type) names.push(name);
		if (mixed[name]) return [...names, ...mixed[name]];
	}
	return names;
}

/** Python: http.client.error, an alias. */
export { HTTPException as error };

/**
 * The class for what crossed from Go: its own, else that of its nearest known
 * base.
 * @param {ErrorInfo} info
 */
export function toError(info) {
	for (const name of [info.name, ...info.bases]) {
		if (Object.hasOwn(classes, name)) return new classes[name](info);
	}
	return new PythonError(info);
}

/** The client could not be loaded; no Python counterpart. */
export class LoadError extends Error {
	/**
	 * @param {string} code what failed, see index.d.ts
	 * @param {string} message what failed and what to do
	 * @param {unknown} [cause]
	 */
	constructor(code, message, cause) {
		super(message, cause === undefined ? undefined : { cause });
		this.code = code;
		this.party = "client";
	}
}
Object.defineProperty(LoadError.prototype, "name", { value: "LoadError", configurable: true, writable: true });

/** The client was closed, or its worker ended, while a call was under way. */
export class ClientClosedError extends Error {
	/** @param {string} message */
	constructor(message) {
		super(message);
		this.party = "client";
	}
}
Object.defineProperty(ClientClosedError.prototype, "name", { value: "ClientClosedError", configurable: true, writable: true });
