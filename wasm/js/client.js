// @ts-check
// A loaded client: one worker with one Go program in it.

import { Channel } from "./channel.js";
import { HTTPConnection } from "./connection.js";
import { ClientClosedError } from "./errors.js";
import { startWorker } from "./load.js";

export class Client {
	#channel;
	#stop;

	/**
	 * @param {Channel} channel
	 * @param {() => void} stop
	 * @param {{version: string, machine: import("./index.d.ts").Machine}} info
	 */
	constructor(channel, stop, info) {
		this.#channel = channel;
		this.#stop = stop;
		this.version = info.version;
		this.machine = info.machine;
	}

	/**
	 * @param {string} host
	 * @param {import("./index.d.ts").HTTPConnectionOptions} [options]
	 */
	httpConnection(host, options) {
		return HTTPConnection.open(this.#channel, host, options);
	}

	/**
	 * Python's name of the constructor.
	 * @type {Client["httpConnection"]}
	 */
	get HTTPConnection() {
		return this.httpConnection;
	}

	/**
	 * @param {unknown} doc
	 * @param {{host?: string, port?: number, peer?: "in-page", signal?: AbortSignal}} [options]
	 */
	async runScenario(doc, options = {}) {
		const text = typeof doc === "string" ? doc : JSON.stringify(doc);
		const json = await this.#channel.call(0, "runScenario", [text, options.host, options.port, options.peer], options);
		// Beside the steps, not among what a caller enumerates.
		return Object.defineProperty(JSON.parse(json), "json", { value: json });
	}

	close() {
		this.#stop();
		this.#channel.fail(new ClientClosedError("the client was closed"));
	}
}

/**
 * @param {import("./index.d.ts").LoadOptions} [options]
 * @returns {Promise<Client>}
 */
export async function load(options = {}) {
	const { worker, info, stop } = await startWorker(options);
	const channel = new Channel(worker);
	worker.onmessage = ({ data }) => channel.receive(data);
	worker.onerror = (event) => {
		event.preventDefault();
		stop();
		channel.fail(new ClientClosedError(`the client's worker failed, load() it again: ${event.message || "no reason was given"}`));
	};
	return new Client(channel, stop, info);
}
