#!/usr/bin/env node
// Serves the built Worker on this machine's loopback address. Settings come from
// the environment, or from flags of the native server's form (--allow HOST:PORT),
// so that what tests the native relay can start this one instead. Those that are
// missing get values that fit this machine; without flags that includes a token.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";

const usage = `usage: run.mjs [flags]

  --listen HOST:PORT     where to serve (WORKER_ADDR, or 127.0.0.1:8787); port 0: a free one
  --allow HOST:PORT      a destination that connections may go to (ALLOW); repeatable
  --origin ORIGIN        whose pages may connect (ORIGIN, or http://127.0.0.1:8080); repeatable
  --log-level LEVEL      what is logged (LOG_LEVEL)
  --max-handshakes N     taken, for the native server has it; the platform has limits of its own
  --config FILE          workerd's configuration (workerd.capnp)
  --help                 show this
`;

const room = path.dirname(import.meta.dirname);
const flags = read(process.argv.slice(2));
if (flags.help) {
  process.stdout.write(usage);
  process.exit(0);
}

const packages = path.join(room, "node_modules", "@cloudflare");
const installed = existsSync(packages) && readdirSync(packages).find((name) => name.startsWith("workerd-"));
const binary = process.env.WORKERD || (installed && path.join(packages, installed, "bin", "workerd"));
if (!binary) {
  console.error("run.mjs: no workerd here: make worker-run installs it, on Linux; WORKERD=/path/to/it names another");
  process.exit(1);
}

/**
 * The flags, or the end of the program with what is wrong with them.
 * @param {string[]} args
 */
function read(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        listen: { type: "string", default: process.env.WORKER_ADDR || "127.0.0.1:8787" },
        allow: { type: "string", multiple: true },
        origin: { type: "string", multiple: true },
        "log-level": { type: "string" },
        "max-handshakes": { type: "string" }, // the platform's business, if anybody's
        config: { type: "string", default: path.join(room, "workerd.capnp") },
        help: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    // What Node says further is how to write other command lines.
    const [what] = String(error instanceof Error ? error.message : error).split(/\.\s|\n/);
    const names = [...usage.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, name]) => name);
    console.error(`run.mjs: ${what}; expected ${names.join(", ")}`);
    process.exit(2);
  }
}

/** The relay checks the Host header, so that its port has to be known before it runs. */
async function address() {
  if (!flags.listen.endsWith(":0")) return flags.listen;
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

const host = await address();
const env = { ...process.env };
/** @param {string} name @param {string | undefined} value */
const set = (name, value) => {
  if (value) env[name] = value;
};
set("ALLOW", flags.allow?.join(" "));
set("ORIGIN", flags.origin?.join(" "));
set("LOG_LEVEL", flags["log-level"]);
env.LOCAL ||= "true";
env.HOST ||= host;
env.ORIGIN ||= "http://127.0.0.1:8080";
if (!flags.allow) env.TOKENS ||= randomBytes(16).toString("hex");

// workerd does not end on SIGTERM while a WebSocket is open. The shell kills it
// when this process is gone, however that happens: its input ends then.
const script = '"$@" </dev/null & exec 3>&-; cat >/dev/null; kill -9 $!';
const command = [binary, "serve", "--control-fd=3", `--socket-addr=http=${host}`, flags.config];
const shell = spawn("/bin/sh", ["-c", script, "sh", ...command], { env, stdio: ["pipe", "inherit", "inherit", "pipe"] });
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    stopping = true;
    shell.stdin.end();
  });
}
shell.on("exit", () => process.exit(0));

const control = /** @type {import("node:stream").Readable} */ (shell.stdio[3]);
control.once("data", () => {
  const token = env.TOKENS ? `${env.TOKENS.split(/[\s,]/)[0]}/` : "";
  console.log(`serving the Worker on http://${host}; connections go to ${env.ALLOW || "nowhere: give --allow or ALLOW"}`);
  console.log(`relay for pages of ${env.ORIGIN}: ws://${host}/relay/${token}`);
});
control.once("end", () => {
  if (stopping) return;
  console.error("run.mjs: workerd has ended");
  process.exit(1);
});
