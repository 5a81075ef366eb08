// Builds the files that a web server hands out as the client:
//
//   node build.mjs --wasm FILE --tls-wasm FILE --inpage-wasm FILE --tools-wasm FILE --wasm-exec FILE [--socket FILE] --out FOLDER
//
//   index.js, index.d.ts      stable names
//   worker.HASH.js            the worker script with wasm_exec.js and netshim's
//                             socket.js before it
//   stepwire.HASH.wasm        what every page loads
//   stepwire-tls.HASH.wasm    the same with TLS, loaded for the first https target
//   stepwire-inpage.HASH.wasm the same with TLS and servers, loaded for the first server in the page
//   stepwire-tools.HASH.wasm  what reads and writes recordings, loaded when it is used
//   manifest.json             {"immutable": [names with a hash], "files": {name: bytes}}
//
// wasm-exec is lib/wasm/wasm_exec.js of the Go that built the wasm; a hash is
// of the file's content, so that what carries one can be cached for ever.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { bundle, withoutComments } from "./bundle.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
	options: {
		wasm: { type: "string" },
		"tls-wasm": { type: "string" },
		"inpage-wasm": { type: "string" },
		"tools-wasm": { type: "string" },
		"wasm-exec": { type: "string" },
		socket: { type: "string", default: path.join(here, "../../netshim/socket.js") },
		out: { type: "string" },
	},
});

/** @param {"wasm" | "tls-wasm" | "inpage-wasm" | "tools-wasm" | "wasm-exec" | "socket" | "out"} name */
function required(name) {
	const value = values[name];
	if (value === undefined) {
		console.error(`build.mjs: --${name} is missing; see the head of the file`);
		process.exit(2);
	}
	return value;
}

const wasmExec = readFileSync(required("wasm-exec"), "utf8");
const socket = readFileSync(required("socket"), "utf8");
const out = required("out");

/** @param {string | Buffer} content */
const hash = (content) => createHash("sha256").update(content).digest("hex").slice(0, 12);

const worker = [
	withoutComments("wasm_exec.js", wasmExec), withoutComments("socket.js", socket), withoutComments("worker.js", bundle(path.join(here, "worker.js"))),
].join("\n");
const workerName = `worker.${hash(worker)}.js`;

/** @type {[constant: string, option: string, name: string, content: Buffer][]} */
const modules = [
	["PLAIN", "wasm", "stepwire", readFileSync(required("wasm"))],
	["TLS", "tlsWasm", "stepwire-tls", readFileSync(required("tls-wasm"))],
	["IN_PAGE", "inPageWasm", "stepwire-inpage", readFileSync(required("inpage-wasm"))],
	["TOOLS", "toolsWasm", "stepwire-tools", readFileSync(required("tools-wasm"))],
];
let urls = `
const WORKER_URL = new URL("./${workerName}", import.meta.url);
`;
/** @type {[name: string, content: Buffer][]} */
const wasms = [];
for (const [constant, option, name, content] of modules) {
	const file = `${name}.${hash(content)}.wasm`;
	wasms.push([file, content]);
	urls += `const ${constant} = { name: "${name}", option: "${option}", url: new URL("./${file}", import.meta.url), size: ${content.byteLength} };
`;
}

mkdirSync(out, { recursive: true });
// What an earlier build left would be served for ever.
for (const name of readdirSync(out)) {
	if (/^(worker|stepwire(-tls|-inpage|-tools)?)\.[0-9a-f]{12}\.(js|wasm)(\.br|\.gz)?$/.test(name)) rmSync(path.join(out, name));
}
/** @type {Record<string, number>} */
const files = {};
/**
 * @param {string} name
 * @param {string | Buffer} content
 */
function emit(name, content) {
	writeFileSync(path.join(out, name), content);
	files[name] = Buffer.byteLength(content);
}
emit("index.js", withoutComments("index.js", bundle(path.join(here, "index.js"), { "urls.js": urls })));
emit("index.d.ts", readFileSync(path.join(here, "index.d.ts")));
emit(workerName, worker);
for (const [name, content] of wasms) emit(name, content);
emit("manifest.json", JSON.stringify({ immutable: [workerName, ...wasms.map(([name]) => name)], files }, null, "\t") + "\n");
