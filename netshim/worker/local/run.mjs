// Serves the built Worker on this machine's loopback address, with a token made
// for this run. Settings come from the environment; those that are missing get
// values that fit this machine.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";

const room = path.dirname(import.meta.dirname);
const packages = path.join(room, "node_modules", "@cloudflare");
const runtime = readdirSync(packages).find((name) => name.startsWith("workerd-"));
if (!runtime) {
  console.error(`run.mjs: no workerd for this machine in ${packages}`);
  process.exit(1);
}

const address = process.env.WORKER_ADDR || "127.0.0.1:8787";
const settings = {
  LOCAL: "true",
  HOST: address,
  ORIGIN: "http://127.0.0.1:8080",
  TOKENS: randomBytes(16).toString("hex"),
};
const env = { ...process.env };
for (const [name, value] of Object.entries(settings)) env[name] ||= value;

const workerd = spawn(
  path.join(packages, runtime, "bin", "workerd"),
  ["serve", `--socket-addr=http=${address}`, path.join(room, "workerd.capnp")],
  { env, stdio: "inherit" },
);
console.log(`Serving the Worker; connections go to ${env.ALLOW}.`);
console.log(`Relay for pages of ${env.ORIGIN}: ws://${address}/relay/${env.TOKENS.split(/[\s,]/)[0]}/`);

// It does not end on SIGTERM while a WebSocket is open.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => workerd.kill("SIGKILL"));
workerd.on("error", (error) => {
  console.error(`run.mjs: ${error.message}`);
  process.exit(1);
});
workerd.on("exit", (code) => process.exit(code ?? 0));
