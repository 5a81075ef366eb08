// Runs npm's wisp-js as it comes, as a relay to loopback, and prints its address
// and a 0. It ends with its standard input.
//
//	node wisp-js.mjs [VERSION [MOTD]]
import http from "node:http";
import { logging, server as wisp } from "@mercuryworkshop/wisp-js/server";

const [version = "2", motd = null] = process.argv.slice(2);
logging.set_level(logging.NONE);
Object.assign(wisp.options, { allow_loopback_ips: true, allow_private_ips: true, wisp_version: Number(version), wisp_motd: motd });

const server = http.createServer((_, response) => response.writeHead(404).end());
server.on("upgrade", (request, socket, head) => wisp.routeRequest(request, socket, head));
server.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port} 0`));
process.stdin.resume().on("end", () => process.exit(0));
