# The Worker on this machine: make worker-run. Each setting is the environment's
# variable of its name; one that is not there is not set.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "relay", worker = .relay),
    # What connect() may reach. Cloudflare refuses private addresses; here the
    # destinations are on this machine.
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "relay")],
);

const relay :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "../../bin/worker/worker.mjs"),
    (name = "wire.mjs", esModule = embed "../../bin/worker/wire.mjs"),
    (name = "wasm_exec.js", esModule = embed "../../bin/worker/wasm_exec.js"),
    (name = "relay.wasm", wasm = embed "../../bin/worker/relay.wasm"),
  ],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["no_web_socket_compression"],
  bindings = [
    (name = "ALLOW", fromEnvironment = "ALLOW"),
    (name = "ALLOW_INTERNET", fromEnvironment = "ALLOW_INTERNET"),
    (name = "DENY", fromEnvironment = "DENY"),
    (name = "ORIGIN", fromEnvironment = "ORIGIN"),
    (name = "HOST", fromEnvironment = "HOST"),
    (name = "TOKENS", fromEnvironment = "TOKENS"),
    (name = "RESOLVER", fromEnvironment = "RESOLVER"),
    (name = "LOCAL", fromEnvironment = "LOCAL"),
    (name = "LOG_LEVEL", fromEnvironment = "LOG_LEVEL"),
    (name = "MAX_STREAMS_PER_CONNECTION", fromEnvironment = "MAX_STREAMS_PER_CONNECTION"),
    (name = "MAX_DIALS", fromEnvironment = "MAX_DIALS"),
    (name = "MAX_BUFFERED", fromEnvironment = "MAX_BUFFERED"),
    (name = "DIAL_TIMEOUT", fromEnvironment = "DIAL_TIMEOUT"),
    (name = "WRITE_TIMEOUT", fromEnvironment = "WRITE_TIMEOUT"),
    (name = "IDLE_TIMEOUT", fromEnvironment = "IDLE_TIMEOUT"),
    (name = "LIFETIME", fromEnvironment = "LIFETIME"),
  ],
);
