// The Worker's entry: one Go program for each WebSocket, which lives as long as
// the WebSocket does.

import { connect } from "cloudflare:sockets";
import "./wasm_exec.js";
import program from "./relay.wasm";
import { Wire } from "./wire.mjs";

const REFUSED = "Refused by this relay's rules. Its log says why.\n";

/** The same answer for every refusal: probing one thing tells nothing of another. */
function refuse(status) {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "x-content-type-options": "nosniff" };
  if (status === 426) headers.upgrade = "websocket";
  return new Response(REFUSED, { status, headers });
}

/** Starts Go, up to where it takes requests; `ended` settles when it is over. */
function start(context, wire) {
  const go = new globalThis.Go();
  let ready = false;
  const instance = new WebAssembly.Instance(program, {
    ...go.importObject,
    workers: { ready: () => (ready = true) },
    wire: wire.imports(),
  });
  wire.memory = instance.exports.mem;
  // Go reads it while its packages are initialised, before run returns: other
  // requests of the isolate cannot come in between.
  globalThis.context = context;
  const ended = go.run(instance);
  delete globalThis.context;
  if (!ready) throw new Error("the relay did not start");
  return ended;
}

export default {
  async fetch(request, env, ctx) {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return refuse(426);
    const [client, server] = Object.values(new WebSocketPair());
    const wire = new Wire(server, connect);
    const binding = {};
    const ended = start({ env, ctx, binding, wire }, wire);
    const answer = await binding.handleRequest(request);
    if (answer.status !== 204) return refuse(answer.status);
    // Closing takes a moment longer than the WebSocket: destinations are still
    // given what the client sent.
    ctx.waitUntil(ended.finally(() => wire.release()));
    const headers = new Headers();
    const protocol = answer.headers.get("sec-websocket-protocol");
    if (protocol) headers.set("sec-websocket-protocol", protocol);
    return new Response(null, { status: 101, webSocket: client, headers });
  },
};
