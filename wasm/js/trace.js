// @ts-check
// The event log of one connection, as it reached the page.

const utf8 = new TextDecoder();

export class TraceLog {
	/** @type {any[]} */
	#events = [];
	/** Batches of JSON text that nobody has looked at yet. */
	/** @type {Uint8Array[]} */
	#unparsed = [];
	/** @type {(() => void)[]} */
	#waiting = [];
	#ended = false;

	/** @param {Uint8Array} batch events in JSON, one a line */
	add(batch) {
		this.#unparsed.push(batch);
		this.#wake();
	}

	end() {
		this.#ended = true;
		this.#wake();
	}

	#wake() {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const resume of waiting) resume();
	}

	/** What has happened so far; parsed on first use, then kept. */
	get events() {
		for (const batch of this.#unparsed) {
			for (const event of JSON.parse(`[${utf8.decode(batch).replaceAll("\n", ",")}]`)) this.#events.push(event);
		}
		this.#unparsed = [];
		return this.#events;
	}

	/**
	 * All events from the first, then those to come. Each iterator has its own
	 * place in the log.
	 */
	async *[Symbol.asyncIterator]() {
		for (let at = 0; ; ) {
			const { events } = this;
			if (at < events.length) {
				yield events[at++];
			} else if (this.#ended) {
				return;
			} else {
				await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
			}
		}
	}
}
