// Compiled by `npm run check`, never run: the modules fit what index.d.ts says.

import * as declared from "./index.js";
import type { Client, HTTPConnection, HTTPResponse, Tools } from "./index.js";
import * as client from "./client.js";
import * as errors from "./errors.js";

export const load: typeof declared.load = client.load;
export const loadTools: typeof declared.loadTools = client.loadTools;

// What the page throws has every field that is declared.
export const fields = (error: errors.PythonError): Omit<declared.PythonError, "party"> => error;

// What a caller writes.
export async function example(c: Client): Promise<Uint8Array | undefined> {
	const connection: HTTPConnection = await c.httpConnection("localhost:8080", { timeout: 5, trace: { limit: 1 << 20 } });
	try {
		await connection.request("POST", "/", { headers: { "X-Count": 3 }, body: new Blob(["x"]) });
		await using response: HTTPResponse = await connection.getresponse();
		if (response.status === declared.HTTPStatus.NOT_FOUND) throw new Error(declared.responses[response.status]);
		const charset: string = response.msg.getContentCharset("utf-8");
		const filled: number = await response.readInto(new Uint8Array(charset.length));
		for (const [name, value] of response.msg.get_params({ header: "Link" }) ?? []) console.log(name, typeof value === "string" ? value : value[2], filled);
		for await (const line of response) if (line.byteLength === 0) throw new Error("an empty line");
		for await (const event of connection.trace()) {
			if (event.type === "transition") return event.to === "Idle" ? new Uint8Array() : undefined;
			if (event.type === "send" && event.bytes) atob(event.bytes.b64);
		}
		const secure: HTTPConnection = await c.httpsConnection("localhost", { context: { minimumVersion: "TLSv1.3" } });
		await c.loadInPage();
		await c.httpConnection("a.example", { peer: { demo: true, pieceSize: 1, resetAfter: 0 } });
		const tools: Tools = await c.tools({ onProgress: console.log });
		const recording = await tools.decode(new Blob([await tools.exportRecording(secure.recording(), "pcapng")]), { keyLog: await secure.keyLog() });
		await tools.encodePermalink(await tools.linkOf(recording));
		for (const event of recording.events) if (event.type === "tls-certificate") console.log(event.subject);
		return await response.read(10, { signal: AbortSignal.timeout(1000) });
	} catch (error) {
		if (error instanceof declared.IncompleteRead) return error.partial;
		throw error;
	}
}
