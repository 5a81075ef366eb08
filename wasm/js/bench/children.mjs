// Starts programs that print their address and end with their standard input.

import { spawn } from "node:child_process";

/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();
process.on("exit", () => {
	for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<{address: string, stop: () => void}>} address: host:port
 */
export function start(command, args) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
		children.add(child);
		let out = "";
		child.stdout.on("data", (data) => {
			out += data;
			const address = /127\.0\.0\.1:\d+/.exec(out)?.[0];
			if (address) resolve({ address, stop: () => child.kill("SIGKILL") });
		});
		child.once("error", reject);
		child.once("exit", (code) => {
			children.delete(child);
			reject(new Error(`${command} ended with ${code} before it gave its address`));
		});
	});
}
