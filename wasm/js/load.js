// @ts-check
// Starts the worker and waits until its Go program is ready. Each way to fail
// has a code of its own and says what to do; the next load() starts afresh.

import { compile } from "./compile.js";
import { messages } from "./codec.js";
import { LoadError } from "./errors.js";
import { WORKER_URL } from "./urls.js";

/**
 * @typedef {object} Module a WebAssembly module of the build
 * @property {string} name
 * @property {"wasm" | "tlsWasm" | "inPageWasm" | "toolsWasm"} option names another address of it
 * @property {URL} url
 * @property {number} size in bytes, uncompressed; 0: not known
 *
 * @typedef {object} StartOptions
 * @property {string | URL} [wasm] another address of the module
 * @property {string | URL} [worker]
 * @property {string | URL} [relay]
 * @property {AbortSignal} [signal]
 * @property {(loaded: number, total: number) => void} [onProgress]
 */

/**
 * @param {string | URL | undefined} given
 * @param {URL} fallback
 * @param {string} option its name, for the error
 */
function resolve(given, fallback, option) {
	if (given === undefined) return fallback;
	try {
		return new URL(given, globalThis.document?.baseURI ?? globalThis.location?.href);
	} catch (cause) {
		throw new LoadError("option", `the option ${option} must be a URL, not ${JSON.stringify(String(given))}`, cause);
	}
}

/**
 * The relay's WebSocket address; by default the one beside this module.
 * @param {string | URL | undefined} given
 */
function relayURL(given) {
	const url = resolve(given, new URL("../relay/", import.meta.url), "relay");
	if (url.protocol === "http:") url.protocol = "ws:";
	if (url.protocol === "https:") url.protocol = "wss:";
	if (url.protocol !== "ws:" && url.protocol !== "wss:") {
		throw new LoadError("option", `the option relay must be a ws: or wss: address, not ${url.href}`);
	}
	return url.href;
}

/** @type {{createScriptURL(url: string): any} | undefined} */
let policy;

/**
 * The address of a script, as a page that requires Trusted Types takes it. The
 * policy's name, for its trusted-types directive, is "stepwire".
 * @param {string} url
 * @returns {string}
 */
function trusted(url) {
	const { trustedTypes } = /** @type {any} */ (globalThis);
	if (trustedTypes === undefined) return url;
	policy ??= /** @type {NonNullable<typeof policy>} */ (trustedTypes.createPolicy("stepwire", { createScriptURL: String }));
	return policy.createScriptURL(url);
}

/**
 * A worker script must have the page's origin; from another origin a script of
 * the page's own imports it.
 * @param {URL} url
 * @param {string} name for the developer's tools
 */
function makeWorker(url, name) {
	if (url.origin === globalThis.location?.origin || url.protocol === "blob:" || url.protocol === "data:") {
		return new Worker(trusted(url.href), { type: "module", name });
	}
	const script = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" }));
	try {
		return new Worker(trusted(script), { type: "module", name });
	} finally {
		// The worker fetches its script at once, but not before this task ends.
		setTimeout(() => URL.revokeObjectURL(script), 60_000);
	}
}

/**
 * @param {Module} module
 * @param {StartOptions} options
 * @returns {Promise<{worker: Worker, info: any, stop: () => void}>}
 */
export function startWorker(module, options) {
	const { signal, onProgress } = options;
	return new Promise((fulfil, reject) => {
		signal?.throwIfAborted();
		const relay = module.option === "toolsWasm" ? "" : relayURL(options.relay); // the tools reach nobody
		const wasm = resolve(options.wasm, module.url, module.option);
		const script = resolve(options.worker, WORKER_URL, "worker");
		if (typeof Worker === "undefined" || typeof WebAssembly === "undefined") {
			throw new LoadError("unsupported", "this browser has no module Workers or no WebAssembly; use a current browser, or switch them on");
		}

		// Compiling here, while the worker's script loads, takes the time of one
		// instead of both. Where it fails, be it for a policy that only the page
		// has, the worker tries itself and tells why.
		const size = options.wasm === undefined ? module.size : 0;
		const request = { wasm: wasm.href, option: module.option, size };
		const stopped = new AbortController();
		const compiled = compile(request, onProgress, stopped.signal).catch(() => undefined);

		/** @type {Worker | undefined} */
		let worker;
		let running = false; // the script said hello
		/** @type {SecurityPolicyViolationEvent | undefined} */
		let violation;
		const onViolation = (/** @type {SecurityPolicyViolationEvent} */ event) => {
			// What the policy says of compiling here is not about the worker.
			const ours = event.blockedURI === "wasm-eval" || event.effectiveDirective === "connect-src";
			if (event.disposition === "enforce" && !ours) violation ??= event;
		};
		const done = () => {
			signal?.removeEventListener("abort", onAbort);
			globalThis.document?.removeEventListener("securitypolicyviolation", onViolation);
		};
		const stop = () => {
			stopped.abort();
			worker?.terminate();
		};
		const fail = (/** @type {unknown} */ error) => {
			done();
			stop();
			reject(error);
		};
		const onAbort = () => fail(signal?.reason);
		const refused = (/** @type {unknown} */ cause) =>
			violation
				? new LoadError("csp", `the page's Content-Security-Policy refused the worker script ${script.href} (${violation.effectiveDirective}); allow it with worker-src ${script.origin}${script.origin === location.origin ? "" : " blob:"}`, cause)
				: new LoadError("worker-script", `the worker script ${script.href} did not load; check that it is served there as JavaScript${script.origin === location.origin ? "" : " with Access-Control-Allow-Origin"}, or give its address as the option worker`, cause);

		signal?.addEventListener("abort", onAbort, { once: true });
		globalThis.document?.addEventListener("securitypolicyviolation", onViolation);
		try {
			worker = makeWorker(script, module.name);
		} catch (cause) {
			// Some browsers throw for a policy that forbids the worker; the event
			// that tells so is not delivered before this task ends.
			setTimeout(() => fail(refused(cause)));
			return;
		}
		worker.onerror = (event) => {
			event.preventDefault();
			setTimeout(() => fail(running
				? new LoadError("worker", `the client's worker failed while it started: ${event.message}`, event.error)
				: refused(event.message || undefined)));
		};
		worker.onmessage = (event) => {
			const [data] = messages(event.data);
			switch (data[0]) {
				case "hello":
					running = true;
					compiled.then((module) => worker?.postMessage(["init", { ...request, relay, progress: onProgress !== undefined, module }]));
					return;
				case "progress":
					onProgress?.(data[1], data[2]);
					return;
				case "failed":
					fail(new LoadError(data[1], data[2]));
					return;
				case "exit":
					fail(new LoadError("worker", `the client's program ended while it started${data[1] ? `; it said: ${data[1]}` : ""}`));
					return;
				case "ready":
					done();
					fulfil({ worker: /** @type {Worker} */ (worker), info: data[1], stop });
					return;
			}
		};
	});
}
