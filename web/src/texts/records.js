// @ts-check
/** What the parts of a TLS record are, RFC 8446 section 5. */

/** @type {Record<string, { label: string, text: string }>} */
export const PARTS = {
  header: { label: "header", text: "Type, version and length, readable by everybody on the way." },
  nonce: { label: "nonce", text: "A number used once, from which this record’s key stream is made." },
  content: { label: "content", text: "What the record carries." },
  "content-type": { label: "real type", text: "The type of the content, encrypted with it; the header says application data of every record." },
  padding: { label: "padding", text: "Zeros that hide how long the content is." },
  tag: { label: "tag", text: "Proves that nobody changed the record on its way." },
  ciphertext: { label: "ciphertext", text: "Bytes that could not be opened." },
};
