// @ts-check
// A web server that nobody here wrote: Debian's nginx, started for a test on a
// loopback port with a folder of its own, and a log of every request's head
// exactly as it came off the wire (by its echo module, which comes with
// nginx-light).

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { constants, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { Socket, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/**
 * @typedef {object} LoggedRequest
 * @property {Buffer} head the request line and headers as received, blank line included
 *   (where a value ends in white space, the module gets that one byte wrong)
 * @property {Buffer} body what /echo-body received; empty for other paths
 * @property {number} length bytes of the whole request, as nginx counted them
 * @property {number} status
 * @property {number} sent bytes of the whole response
 * @property {number} connection nginx's number of the connection
 * @property {number} nth request on that connection, from 1
 */

/**
 * @typedef {object} Nginx
 * @property {string} origin "127.0.0.1:port"
 * @property {number} port
 * @property {string} version such as "nginx/1.22.1"
 * @property {Record<string, string>} sha256 of each file, by its path
 * @property {() => Promise<LoggedRequest>} nextRequest the oldest logged request that was not yet asked for; waits for one
 * @property {() => Promise<void>} stop
 */

const binary = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"].find((file) => existsSync(file));
const echoModule = ["/usr/lib/nginx/modules", "/usr/lib64/nginx/modules"]
  .map((folder) => `${folder}/ngx_http_echo_module.so`)
  .find((file) => existsSync(file));

/**
 * A port that was free a moment ago.
 * @returns {Promise<number>}
 */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * 256 KiB that compress badly and are the same every time.
 * @returns {Buffer}
 */
function noise() {
  const blocks = [];
  for (let i = 0; i < 8192; i++) blocks.push(createHash("sha256").update(`block ${i}`).digest());
  return Buffer.concat(blocks);
}

/** @type {Record<string, string | Buffer>} */
const defaultFiles = {
  "/index.html": "<!doctype html>\n<title>nginx</title>\n<p>From a server that nobody here wrote.\n",
  "/hello.txt": "Hello from nginx\n",
  "/noise.bin": noise(),
  "/long.txt": "A line that is sent compressed and in chunks.\n".repeat(2000),
};

/**
 * Starts nginx. Besides the files it serves:
 *   /echo-body    the request's body, in chunks, with its head and itself logged
 *   /redirect     302 to /hello.txt
 *   /no-content   204
 *   /kept         two requests on one connection, then close
 * @param {{files?: Record<string, string | Buffer>}} [options] files by their path; see defaultFiles
 * @returns {Promise<Nginx>}
 */
export async function startNginx({ files = defaultFiles } = {}) {
  for (let left = 3; ; left--) {
    const port = await freePort();
    try {
      return await startOn(port, files);
    } catch (e) {
      // Somebody else may have taken the port meanwhile.
      if (!left || !String(e).includes("Address already in use")) throw e;
    }
  }
}

/**
 * @param {number} port
 * @param {Record<string, string | Buffer>} files
 * @returns {Promise<Nginx>}
 */
async function startOn(port, files) {
  if (binary === undefined || echoModule === undefined) {
    throw new Error("nginx with its echo module is not installed; on Debian: apt-get install nginx-light libnginx-mod-http-echo");
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), "stepwire-nginx-"));
  /** @type {Record<string, string>} */
  const sha256 = {};
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, "www", name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    sha256[name] = createHash("sha256").update(content).digest("hex");
  }
  const temporary = ["client_body", "proxy", "fastcgi", "scgi", "uwsgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  writeFileSync(path.join(folder, "nginx.conf"), `
load_module ${echoModule};
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  ${temporary.join("\n  ")}
  types { text/html html; text/plain txt; application/octet-stream bin; }
  log_format bytes escape=json '{"head":"$echo_client_request_headers","body":"$request_body","length":$request_length,'
    '"status":$status,"sent":$bytes_sent,"connection":$connection,"nth":$connection_requests}';
  access_log ${folder}/requests bytes;
  gzip on;
  gzip_types text/plain;
  gzip_min_length 1000;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/www;
    location = /echo-body { client_body_buffer_size 1m; default_type application/octet-stream; echo_read_request_body; echo_request_body; }
    location = /redirect { return 302 /hello.txt; }
    location = /no-content { return 204; }
    location = /kept { keepalive_requests 2; return 200 "kept\\n"; }
  }
}
`);

  // A named pipe, so that a request is known of when it is logged.
  execFileSync("mkfifo", [path.join(folder, "requests")]);
  const requests = new Socket({
    fd: openSync(path.join(folder, "requests"), constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false,
  });
  const nginx = spawn(binary, ["-p", folder, "-c", path.join(folder, "nginx.conf"), "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] });
  /** @type {LoggedRequest[]} */
  const logged = [];
  /** @type {{resolve: (request: LoggedRequest) => void, reject: (error: Error) => void}[]} */
  const waiting = [];
  const messages = /** @type {string[]} */ ([]);
  let version = "nginx";
  let ended = false;

  // Latin-1 keeps every byte as it is.
  createInterface({ input: requests.setEncoding("latin1") }).on("line", (line) => {
    const entry = JSON.parse(line);
    const head = Buffer.from(entry.head, "latin1");
    const request = { ...entry, head, body: Buffer.from(entry.body, "latin1") };
    const waiter = waiting.shift();
    if (waiter) waiter.resolve(request);
    else logged.push(request);
  });
  const exited = new Promise((resolve) => nginx.once("close", resolve)).then(() => {
    ended = true;
    requests.destroy();
    rmSync(folder, { recursive: true, force: true });
    for (const { reject } of waiting.splice(0)) reject(new Error(`nginx ended: ${messages.join("\n")}`));
  });
  await /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
    // The sockets listen before nginx tells of its event method.
    createInterface({ input: nginx.stderr }).on("line", (line) => {
      messages.push(line);
      version = /\bnginx\/[0-9.]+/.exec(line)?.[0] ?? version;
      if (line.includes("event method")) waitForVersion();
    });
    // The version is told right after; any later line will do when it is not.
    const waitForVersion = () => (version === "nginx" ? setImmediate(resolve) : resolve());
    nginx.once("error", reject);
    exited.then(() => reject(new Error(`nginx did not start:\n${messages.join("\n")}`)));
  }));

  return {
    origin: `127.0.0.1:${port}`,
    port,
    get version() { return version; },
    sha256,
    nextRequest() {
      const request = logged.shift();
      if (request) return Promise.resolve(request);
      if (ended) return Promise.reject(new Error("nginx has ended; there will be no more requests"));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async stop() {
      nginx.kill("SIGTERM");
      await exited;
    },
  };
}
