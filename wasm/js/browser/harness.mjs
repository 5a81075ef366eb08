// What the tests in a browser stand on: the built client, the relay, web
// servers for pages, and Chromium.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
// The page's dependencies serve here, too.
const { chromium } = createRequire(path.join(root, "web/package.json"))("playwright-core");

/** Runs a command to its end; it must succeed. */
function run(command, args, options = {}) {
	const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], ...options });
	if (error) throw error;
	if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with status ${status}`);
}

/** A folder that is gone after the tests. */
export function scratch() {
	const folder = mkdtempSync(path.join(tmpdir(), "stepwire-client-"));
	process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/**
 * Builds the client's files, unless CLIENT_DIR names a folder that has them.
 * @returns {string} the folder
 */
export function buildClient() {
	if (process.env.CLIENT_DIR) return process.env.CLIENT_DIR;
	const folder = scratch();
	const modules = [["--wasm", "./wasm"], ["--tls-wasm", "-tags=tls", "./wasm"], ["--inpage-wasm", "-tags=tls,inpage", "./wasm"], ["--tools-wasm", "./wasm/tools"]].flatMap(([option, ...build]) => {
		const wasm = path.join(folder, `${option.slice(2)}.wasm`);
		run("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", wasm, ...build], { env: { ...process.env, GOOS: "js", GOARCH: "wasm" } });
		return [option, wasm];
	});
	const goroot = spawnSync("go", ["env", "GOROOT"], { encoding: "utf8" }).stdout.trim();
	const out = path.join(folder, "client");
	run(process.execPath, ["wasm/js/build.mjs", ...modules, "--wasm-exec", path.join(goroot, "lib/wasm/wasm_exec.js"), "--out", out]);
	return out;
}

/**
 * Starts the native server, NETSHIM or one built here, and waits until it
 * prints its address.
 * @param {string[]} args
 */
export async function startServer(args) {
	let binary = process.env.NETSHIM;
	if (!binary) {
		binary = path.join(scratch(), "netshim");
		run("go", ["build", "-o", binary, "./netshim/cmd/netshim"]);
	}
	const child = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
	process.on("exit", () => child.kill("SIGKILL"));
	const stopped = new Promise((resolve) => child.on("exit", resolve));
	for await (const line of createInterface({ input: child.stdout })) {
		const found = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line);
		if (found) {
			child.stdout.resume();
			return {
				origin: found[1],
				pid: child.pid,
				async stop() {
					child.kill("SIGTERM");
					await stopped;
				},
			};
		}
	}
	throw new Error(`netshim ${args.join(" ")} ended before it served`);
}

/**
 * A program that answers each line with one line of JSON.
 * @param {string} command
 * @param {string[]} args
 */
export function converse(command, args) {
	const child = spawn(command, args, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return {
		async ask(/** @type {string} */ line) {
			child.stdin.write(`${line}\n`);
			const { done, value } = await lines.next();
			if (done) throw new Error(`${command} ${args.join(" ")} ended`);
			return JSON.parse(value);
		},
		end() {
			child.stdin.end();
		},
	};
}

const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".html": "text/html", ".json": "application/json" };

/**
 * A web server of files and of what `routes` answers; not the client's own, so
 * that pages of other origins and of other policies can be tried.
 * @param {Record<string, string>} folders path prefix to folder
 * @param {Record<string, {headers?: Record<string, string>, body?: string | Buffer, status?: number}>} routes
 */
export async function serveFiles(folders, routes) {
	const server = http.createServer((request, response) => {
		const { pathname } = new URL(/** @type {string} */ (request.url), "http://x");
		const route = routes[pathname];
		if (route) {
			response.writeHead(route.status ?? 200, { "content-type": "text/html", ...route.headers });
			response.end(route.body ?? "");
			return;
		}
		for (const [prefix, folder] of Object.entries(folders)) {
			const file = path.join(folder, pathname.slice(prefix.length));
			if (pathname.startsWith(prefix) && existsSync(file)) {
				response.writeHead(200, { "content-type": types[path.extname(file)] ?? "text/plain", "access-control-allow-origin": "*" });
				response.end(readFileSync(file));
				return;
			}
		}
		response.writeHead(404, { "access-control-allow-origin": "*" });
		response.end("not found");
	});
	return listen(server);
}

/**
 * Listens on a free port of the loopback.
 * @param {import("node:net").Server} server
 */
export async function listen(server) {
	await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
	const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
	return {
		port,
		origin: `http://127.0.0.1:${port}`,
		close() {
			server.close();
			if (server instanceof http.Server) server.closeAllConnections();
		},
	};
}

/** A port that refuses connections: it is the near end of one, so that nobody else comes to listen there. */
export async function refusingPort() {
	const far = net.createServer();
	const { port, close } = await listen(far);
	const near = net.connect(port, "127.0.0.1");
	await once(near, "connect");
	return {
		port: /** @type {number} */ (near.localPort),
		close() {
			near.destroy();
			close();
		},
	};
}

export function launch() {
	const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
		.find((file) => file && existsSync(file));
	if (!executablePath) throw new Error("no Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM");
	return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}
