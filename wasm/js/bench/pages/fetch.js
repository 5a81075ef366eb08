// The browser's own client, which needs no relay.
import { drain } from "./drain.js";

export async function open() {
	const options = { cache: "no-store" };
	const bytes = (n) => fetch(`/bytes?n=${n}`, options);
	return {
		get: async (n) => (await (await bytes(n)).arrayBuffer()).byteLength,
		download: async (n) => drain((await bytes(n)).body),
		upload: async (body) => Number(await (await fetch("/upload", { ...options, method: "POST", body })).text()),
	};
}
