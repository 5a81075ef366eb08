// An HTTP server to be a client of: Node's own, which nobody here wrote.

import { createHash } from "node:crypto";
import http from "node:http";
import { pipeline } from "node:stream/promises";
import { listen } from "./harness.mjs";

/** The byte at offset i of a large body. */
export function pattern(/** @type {number} */ offset, /** @type {number} */ length) {
	const bytes = Buffer.allocUnsafe(length);
	for (let i = 0; i < length; i++) bytes[i] = ((offset + i) * 31 + ((offset + i) >> 8)) & 255;
	return bytes;
}

export const sha256 = (/** @type {Buffer} */ bytes) => createHash("sha256").update(bytes).digest("hex");

export async function startOrigin() {
	/** What was not answered yet: a test can wait until a client has gone. */
	let waiting = 0;
	/** @type {http.ServerResponse[]} */
	const together = [];
	const server = http.createServer(async (request, response) => {
		const url = new URL(/** @type {string} */ (request.url), "http://x");
		switch (url.pathname) {
			case "/hello":
				response.writeHead(200, "Fine", [["X-Twice", "1"], ["x-twice", "2"], ["Content-Length", "5"]].flat());
				response.end("hello");
				return;
			case "/lines":
				response.end("one\ntwo\n\nlast");
				return;
			case "/big": {
				const size = Number(url.searchParams.get("n"));
				response.setHeader("content-length", size);
				const pieces = function* () {
					for (let at = 0; at < size; at += 1 << 20) yield pattern(at, Math.min(1 << 20, size - at));
				};
				await pipeline(pieces, response).catch(() => {}); // the client may leave
				return;
			}
			case "/begin-and-wait":
				waiting++;
				response.on("close", () => waiting--);
				response.setHeader("content-length", 10);
				response.write("begin");
				return;
			case "/silent":
				return;
			case "/cut":
				response.setHeader("content-length", 10);
				response.write("abc", () => response.destroy());
				return;
			case "/together":
				// Nobody is answered before all are here.
				together.push(response);
				if (together.length === Number(url.searchParams.get("n"))) for (const [i, one] of together.splice(0).entries()) one.end(String(i));
				return;
			case "/reset":
				response.setHeader("content-length", 1 << 20);
				response.write(pattern(0, 1 << 16), () => request.socket.resetAndDestroy());
				return;
			case "/echo": {
				const hash = createHash("sha256");
				let size = 0;
				try {
					for await (const piece of request) {
						hash.update(piece);
						size += piece.length;
					}
				} catch {
					return; // the client left in the middle of its body
				}
				response.setHeader("content-type", "application/json");
				response.end(JSON.stringify({ method: request.method, size, sha256: hash.digest("hex"), headers: request.rawHeaders }));
				return;
			}
			case "/waiting":
				response.end(String(waiting));
				return;
		}
		response.writeHead(404);
		response.end();
	});
	server.keepAliveTimeout = 60_000;
	/** The connections there are. @type {Set<import("node:net").Socket>} */
	const sockets = new Set();
	server.on("connection", (socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
	});
	return { ...await listen(server), sockets };
}
