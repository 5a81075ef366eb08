// @ts-check
// Where the other built files are. The build replaces this module by one with
// the names that carry hashes.

export const WORKER_URL = new URL("./worker.js", import.meta.url);

// The WebAssembly modules: the option that names another address of each, and
// its size in bytes, uncompressed; 0: not known.
/** @type {import("./load.js").Module} */
export const PLAIN = { name: "stepwire", option: "wasm", url: new URL("./stepwire.wasm", import.meta.url), size: 0 };
/** @type {import("./load.js").Module} */
export const TLS = { name: "stepwire-tls", option: "tlsWasm", url: new URL("./stepwire-tls.wasm", import.meta.url), size: 0 };
/** @type {import("./load.js").Module} */
export const IN_PAGE = { name: "stepwire-inpage", option: "inPageWasm", url: new URL("./stepwire-inpage.wasm", import.meta.url), size: 0 };
/** @type {import("./load.js").Module} */
export const TOOLS = { name: "stepwire-tools", option: "toolsWasm", url: new URL("./stepwire-tools.wasm", import.meta.url), size: 0 };
