// @ts-check
// Where the other built files are. The build replaces this module by one with
// the names that carry hashes.

export const WORKER_URL = new URL("./worker.js", import.meta.url);
export const WASM_URL = new URL("./stepwire.wasm", import.meta.url);

/** Size of the wasm in bytes, uncompressed; 0: not known. */
export const WASM_SIZE = 0;
