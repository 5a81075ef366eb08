// Runs npm's wisp-js relay as it comes, on a free loopback port, for the
// comparison in bench-relay. It ends with its standard input.
import http from "node:http";
import { logging, server as wisp } from "@mercuryworkshop/wisp-js/server";

logging.set_level(logging.NONE);
wisp.options.allow_loopback_ips = true;
wisp.options.allow_private_ips = true;

const server = http.createServer((_, response) => response.writeHead(404).end());
server.on("upgrade", (request, socket, head) => wisp.routeRequest(request, socket, head));
server.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port} 0`));
process.stdin.resume().on("end", () => process.exit(0));
