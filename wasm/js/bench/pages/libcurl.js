// npm's libcurl.js as its documentation uses it.
import { libcurl } from "/peers/libcurl.js/libcurl.mjs";
import { drain } from "./drain.js";

export async function open({ relay, transport }) {
	libcurl.transport = transport;
	libcurl.set_websocket(relay);
	await libcurl.load_wasm("/peers/libcurl.js/libcurl.wasm");
	const bytes = (n) => libcurl.fetch(`${location.origin}/bytes?n=${n}`);
	return {
		get: async (n) => (await (await bytes(n)).arrayBuffer()).byteLength,
		download: async (n) => drain((await bytes(n)).body),
		// An ArrayBuffer: a view of 16 MiB ends in a RangeError there. Without
		// "Expect" libcurl would wait a round trip for leave to send.
		upload: async (body) => Number(await (await libcurl.fetch(`${location.origin}/upload`, {
			method: "POST", body: body.buffer, headers: { "Content-Type": "application/octet-stream", Expect: "" },
		})).text()),
	};
}
