// Runs npm's @mercuryworkshop/wisp-js as relays for loopback, version 2 and
// version 1, and prints their ports on one line. The argument is a folder whose
// node_modules has it. It ends with its standard input.
import { createRequire } from "node:module";
import { once } from "node:events";
import http from "node:http";

const { server, logging } = createRequire(`${process.argv[2]}/`)("@mercuryworkshop/wisp-js/server");
logging.set_level(logging.NONE);
Object.assign(server.options, { allow_loopback_ips: true, allow_private_ips: true, wisp_motd: "mind the gap" });

const ports = [];
for (const version of [2, 1]) {
  const relay = http.createServer();
  relay.on("upgrade", (request, socket, head) => {
    server.options.wisp_version = version;
    server.routeRequest(request, socket, head, {});
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  ports.push(relay.address().port);
}
console.log(ports.join(" "));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
