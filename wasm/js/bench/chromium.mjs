// Chromium, driven over the DevTools protocol with its domains Target and Runtime
// only. Drivers that switch on the domain Network, as most do, have the browser
// copy every WebSocket frame to them, which slows the page 4 to 15 times.

import { spawn } from "node:child_process";
import { accessSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

function find() {
	if (process.env.CHROMIUM) return process.env.CHROMIUM;
	const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
	const places = names.flatMap((name) => (process.env.PATH ?? "").split(":").map((folder) => path.join(folder, name)));
	for (const file of [...places, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]) {
		try {
			accessSync(file);
			return file;
		} catch { /* look further */ }
	}
	throw new Error("Chromium was not found; CHROMIUM=/path/to/it names it");
}

const flags = [
	"--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync",
	"--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
	...process.getuid?.() === 0 ? ["--no-sandbox"] : [],
];

export async function launch() {
	const profile = mkdtempSync(path.join(tmpdir(), "stepwire-bench-"));
	const child = spawn(find(), [...flags, `--user-data-dir=${profile}`, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: true });
	const kill = () => {
		try {
			process.kill(-(/** @type {number} */ (child.pid)), "SIGKILL");
		} catch { /* it has ended */ }
	};
	process.on("exit", kill);
	const ended = new Promise((resolve) => child.once("exit", resolve));
	child.once("error", () => {});

	/** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
	const waiting = new Map();
	let last = 0;
	ended.then(() => {
		for (const { reject } of waiting.values()) reject(new Error("Chromium ended"));
	});
	const [, , , input, output] = /** @type {any} */ (child.stdio);
	input.on("error", () => {});
	let rest = "";
	output.setEncoding("utf8");
	output.on("data", (/** @type {string} */ data) => {
		const messages = (rest + data).split("\0");
		rest = /** @type {string} */ (messages.pop());
		for (const text of messages) {
			const { id, error, result } = JSON.parse(text);
			const call = waiting.get(id);
			if (call === undefined) continue; // an event
			waiting.delete(id);
			if (error) call.reject(new Error(error.message));
			else call.resolve(result);
		}
	});
	/**
	 * @param {string} method
	 * @param {object} params
	 * @param {string} [sessionId]
	 * @returns {Promise<any>}
	 */
	const send = (method, params, sessionId) => new Promise((resolve, reject) => {
		waiting.set(++last, { resolve, reject });
		input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
	});

	return {
		version: async () => (await send("Browser.getVersion", {})).product,
		/** The process ids of its renderers. */
		renderers: () => descendants(/** @type {number} */ (child.pid)).filter((pid) => /--type=renderer/.test(read(`/proc/${pid}/cmdline`))),
		/**
		 * @param {string} url
		 */
		async open(url) {
			const { targetId } = await send("Target.createTarget", { url });
			const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
			/**
			 * @param {string} expression
			 * @returns {Promise<any>}
			 */
			const evaluate = async (expression) => {
				const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true }, sessionId);
				if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
				return result.value;
			};
			for (const end = Date.now() + 20_000; !await evaluate("typeof bench === 'object'").catch(() => false);) {
				if (Date.now() > end) throw new Error(`${url} did not load`);
				await new Promise((resolve) => setTimeout(resolve, 10));
			}
			return { evaluate };
		},
		async close() {
			send("Browser.close", {}).catch(() => {});
			await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000))]);
			kill();
			await ended;
			process.off("exit", kill);
			rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
		},
	};
}

/** @param {string} file */
function read(file) {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return ""; // the process has ended
	}
}

/** @param {number} root */
function descendants(root) {
	/** @type {Map<number, number[]>} */
	const children = new Map();
	for (const name of readdirSync("/proc")) {
		const parent = Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1] ?? NaN);
		if (/^\d+$/.test(name)) children.set(parent, [...children.get(parent) ?? [], Number(name)]);
	}
	const all = [];
	for (const queue = [root]; queue.length > 0;) {
		const pid = /** @type {number} */ (queue.pop());
		all.push(pid);
		queue.push(...children.get(pid) ?? []);
	}
	return all;
}

/**
 * The most private memory that any of the processes has while f runs, in MiB.
 * @param {number[]} pids
 * @param {() => Promise<unknown>} f
 */
export async function peakMemory(pids, f) {
	let most = 0;
	const look = () => {
		for (const pid of pids) {
			most = Math.max(most, Number(/^RssAnon:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0));
		}
	};
	look();
	const timer = setInterval(look, 10);
	try {
		await f();
	} finally {
		clearInterval(timer);
	}
	look();
	return most / 1024;
}
