// @ts-check
/** Content codings undone for the eye, with a cap: a body is hostile input. */

const LIMIT = 1 << 20;

/** @type {Record<string, CompressionFormat>} */
const FORMATS = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate" };

/**
 * @param {string} coding a Content-Encoding value
 * @param {Uint8Array} bytes
 * @returns {Promise<{ bytes: Uint8Array | null, error: string, cut: boolean }>}
 */
export async function decompress(coding, bytes) {
  const format = FORMATS[coding];
  if (!format) return { bytes: null, error: `The coding “${coding}” cannot be undone here.`, cut: false };
  const out = new Uint8Array(LIMIT);
  let n = 0, error = "", cut = false;
  try {
    const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new DecompressionStream(format));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const part = value.subarray(0, LIMIT - n);
      out.set(part, n);
      n += part.length;
      if (part.length < value.length) { cut = true; await reader.cancel(); break; }
    }
  } catch (e) {
    error = n ? "The compressed data is damaged or not complete; this is what could be read." : "The bytes are not complete or not in that coding.";
  }
  return { bytes: out.subarray(0, n), error, cut };
}
