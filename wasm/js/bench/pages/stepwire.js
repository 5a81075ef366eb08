// This project's client as a page uses it: the module, with Go in its Worker and
// the body delivered to JavaScript.
import { load } from "/client/index.js";
import { drain } from "./drain.js";

export async function open({ relay, trace }) {
	const client = await load({ relay });
	const connection = await client.httpConnection(location.hostname, { port: Number(location.port), trace: trace === "on" ? { limit: 8 << 20 } : false });
	if (trace === "on") follow(connection);
	// Calls of a connection are made in order, so that the second need not wait
	// for the answer to the first.
	const exchange = async (method, target, options) => {
		const [, response] = await Promise.all([connection.request(method, target, options), connection.getResponse()]);
		return response;
	};
	return {
		get: async (n) => (await (await exchange("GET", `/bytes?n=${n}`)).read()).byteLength,
		download: async (n) => drain((await exchange("GET", `/bytes?n=${n}`)).body),
		upload: async (body) => Number(new TextDecoder().decode(await (await exchange("POST", "/upload", { body })).read())),
	};
}

/** Reads the events as they come, as a view does. */
async function follow(connection) {
	for await (const event of connection.trace()) globalThis.lastEvent = event;
}
