// @ts-check
// A loaded client: a worker with a Go program in it, and more of them for what
// is not always needed: TLS, servers in the page, and the tools.

import { HTTPConnection } from "./connection.js";
import { ClientClosedError } from "./errors.js";
import { LazyProgram, startProgram } from "./program.js";
import { Tools } from "./tools.js";
import { IN_PAGE, PLAIN, TLS, TOOLS } from "./urls.js";

/**
 * @typedef {import("./program.js").Program} Program
 * @typedef {{signal?: AbortSignal, onProgress?(loaded: number, total: number): void}} LoadingOptions
 */

export class Client {
	/** @type {Program} */
	#program;
	/** @type {{get(options?: LoadingOptions): Promise<Program>, close(error: unknown): void}} */
	#tls;
	/** Has TLS, too, for what talks to its servers. */
	#inPage;
	#tools;

	/**
	 * @param {Program} program
	 * @param {import("./index.d.ts").LoadOptions} options
	 */
	constructor(program, options) {
		this.#program = program;
		const { worker, relay } = options;
		// With the option tls, the one program does both.
		this.#tls = options.tls
			? { get: async () => program, close() {} }
			: new LazyProgram(TLS, { worker, relay, wasm: options.tlsWasm });
		this.#inPage = new LazyProgram(IN_PAGE, { worker, relay, wasm: options.inPageWasm });
		this.#tools = new LazyProgram(TOOLS, { worker, wasm: options.toolsWasm });
		this.version = program.info.version;
		this.machine = program.info.machine;
	}

	/**
	 * @param {string} host
	 * @param {import("./index.d.ts").HTTPConnectionOptions} [options]
	 */
	async httpConnection(host, options) {
		return HTTPConnection.open(options?.peer ? await this.#inPage.get(options) : this.#program, host, options);
	}

	/**
	 * @param {string} host
	 * @param {import("./index.d.ts").HTTPSConnectionOptions} [options]
	 */
	async httpsConnection(host, options) {
		return HTTPConnection.open(await (options?.peer ? this.#inPage : this.#tls).get(options), host, options, true);
	}

	/** @param {LoadingOptions} [options] */
	async loadTLS(options) {
		await this.#tls.get(options);
	}

	/** @param {LoadingOptions} [options] */
	async loadInPage(options) {
		await this.#inPage.get(options);
	}

	/** @param {LoadingOptions} [options] */
	async tools(options) {
		return new Tools(await this.#tools.get(options));
	}

	/**
	 * Python's names of the constructors.
	 * @type {Client["httpConnection"]}
	 */
	get HTTPConnection() {
		return this.httpConnection;
	}

	/** @type {Client["httpsConnection"]} */
	get HTTPSConnection() {
		return this.httpsConnection;
	}

	/**
	 * @param {unknown} doc
	 * @param {import("./index.d.ts").ScenarioOptions} [options]
	 */
	async runScenario(doc, options = {}) {
		const text = typeof doc === "string" ? doc : JSON.stringify(doc);
		const { channel } = await this.#inPage.get(options);
		const json = await channel.call(0, "runScenario", [text, options.host, options.port, options.peer, options.certificates], options);
		// Beside the steps, not among what a caller enumerates.
		return Object.defineProperty(JSON.parse(json), "json", { value: json });
	}

	close() {
		const error = new ClientClosedError("the client was closed");
		for (const program of [this.#program, this.#tls, this.#inPage, this.#tools]) program.close(error);
	}
}

/**
 * @param {import("./index.d.ts").LoadOptions} [options]
 * @returns {Promise<Client>}
 */
export async function load(options = {}) {
	const { worker, relay, signal, onProgress } = options;
	const program = options.tls
		? await startProgram(TLS, { worker, relay, signal, onProgress, wasm: options.tlsWasm })
		: await startProgram(PLAIN, { worker, relay, signal, onProgress, wasm: options.wasm });
	return new Client(program, options);
}

/**
 * @param {import("./index.d.ts").ToolsOptions} [options]
 * @returns {Promise<Tools>}
 */
export async function loadTools(options = {}) {
	const { worker, signal, onProgress } = options;
	return new Tools(await startProgram(TOOLS, { worker, signal, onProgress, wasm: options.toolsWasm }));
}
