// @ts-check
/** Content codings undone for the eye, with a cap: a body is hostile input. */

const LIMIT = 1 << 20;

/** @type {Record<string, CompressionFormat>} */
const FORMATS = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate" };

/** The codings of a body in the order they were applied, from all Content-Encoding fields together (RFC 9110 §8.4). @param {{ name: string, value: string }[]} headers */
export function codingsOf(headers) {
  return headers.filter((h) => h.name.toLowerCase() === "content-encoding").flatMap((h) => h.value.toLowerCase().split(",")).map((c) => c.trim()).filter((c) => c && c !== "identity");
}

/**
 * @param {string[]} codings in the order they were applied
 * @param {Uint8Array} bytes
 * @returns {Promise<{ bytes: Uint8Array | null, note: string, cut: boolean }>}
 */
export async function decompress(codings, bytes) {
  let note = "", cut = false;
  for (const coding of codings.toReversed()) {
    const format = FORMATS[coding];
    if (!format) return { bytes: null, note: `The coding “${coding}” cannot be undone here.`, cut: false };
    let out = await inflate(format, bytes);
    if (coding === "deflate" && out.failed && !out.bytes.length) {
      const bare = await inflate("deflate-raw", bytes);
      if (bare.bytes.length) {
        out = bare;
        note = "The data lacks the zlib format around it that deflate stands for (RFC 9110 §8.4.1.2); many clients take it all the same. ";
      }
    }
    if (out.failed) {
      return out.bytes.length ? { bytes: out.bytes, note: `${note}The compressed data is damaged or not complete; this is what could be read.`, cut: false }
        : { bytes: null, note: "The bytes are not complete or not in that coding.", cut: false };
    }
    cut ||= out.cut;
    bytes = out.bytes;
  }
  return { bytes, note: note.trim(), cut };
}

/** @param {CompressionFormat} format @param {Uint8Array} bytes */
async function inflate(format, bytes) {
  const out = new Uint8Array(LIMIT);
  let n = 0, failed = false, cut = false;
  try {
    const reader = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new DecompressionStream(format)).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const part = value.subarray(0, LIMIT - n);
      out.set(part, n);
      n += part.length;
      if (part.length < value.length) { cut = true; await reader.cancel(); break; }
    }
  } catch {
    failed = true;
  }
  return { bytes: out.subarray(0, n), failed, cut };
}
