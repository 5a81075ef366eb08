// @ts-check
// Fetches and compiles a module of the build. The page and its worker both can:
// the page begins while the worker's script still loads.

/** A failure to load, with its code. */
export class Failure extends Error {
	/**
	 * @param {string} code
	 * @param {string} message
	 */
	constructor(code, message) {
		super(message);
		this.code = code;
	}
}

/** @typedef {(loaded: number, total: number) => void} Progress */

/**
 * Reports the bytes of the wasm as they arrive, and at last.
 * @param {Response} response
 * @param {number} size
 * @param {Progress} onProgress
 */
async function report(response, size, onProgress) {
	const encoded = response.headers.get("content-encoding") !== null;
	const total = size || (encoded ? 0 : Number(response.headers.get("content-length") ?? 0));
	if (response.body === null) return;
	let loaded = 0;
	const reader = response.body.getReader();
	for (;;) {
		const { done, value } = await reader.read();
		if (done) break;
		loaded += value.byteLength;
		onProgress(loaded, Math.max(total, loaded));
	}
}

/**
 * @param {{wasm: string, option: string, size: number}} options the module's
 *   address, the option's name for errors, and its bytes, 0 where not known
 * @param {Progress} [onProgress]
 * @param {AbortSignal} [signal]
 * @returns {Promise<WebAssembly.Module>}
 * @throws {Failure}
 */
export async function compile({ wasm, option, size }, onProgress, signal) {
	/** @type {Response} */
	let response;
	try {
		response = await fetch(wasm, { credentials: "same-origin", signal });
	} catch (error) {
		throw new Failure("wasm-fetch", `the WebAssembly module ${wasm} could not be fetched (${error}); check that the server runs, that the Content-Security-Policy allows it (connect-src) and, from another origin, that it is served with Access-Control-Allow-Origin`);
	}
	if (!response.ok) {
		throw new Failure("wasm-status", `the WebAssembly module ${wasm} could not be fetched: the server answered ${response.status} ${response.statusText}; check that the build was deployed whole, or give its address as the option ${option}`);
	}
	if (onProgress) report(response.clone(), size, onProgress).catch(() => {}); // what fails here fails in the compilation, too
	try {
		if (response.headers.get("content-type")?.split(";")[0].trim() === "application/wasm") {
			return await WebAssembly.compileStreaming(response);
		}
		return await WebAssembly.compile(await response.arrayBuffer());
	} catch (error) {
		if (/Content Security Policy|unsafe-eval/i.test(String(error))) {
			throw new Failure("csp", `the Content-Security-Policy of the worker script forbids WebAssembly; allow it with script-src 'wasm-unsafe-eval' (${error})`);
		}
		if (error instanceof WebAssembly.CompileError) {
			throw new Failure("wasm-compile", `${wasm} is not a WebAssembly module that this browser can compile (${error.message}); check that the address leads to the built file`);
		}
		throw new Failure("wasm-fetch", `the WebAssembly module ${wasm} broke off while it was fetched (${error}); try again`);
	}
}

