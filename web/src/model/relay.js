// @ts-check
/** Which relay the page reaches servers through: the one beside it, or another that a person or this copy of the page names. */

/** What this copy of the page names in its HTML; empty for the relay beside it. @param {ParentNode} document */
export const namedRelay = (document) => document.querySelector('meta[name="stepwire-relay"]')?.getAttribute("content")?.trim() ?? "";

/**
 * Reads what was typed as a relay's address. Empty stands for the page's own.
 * @param {string} text
 * @param {string} page the page's own address
 * @returns {{ address: string, error: string }} one of them is empty
 */
export function readRelay(text, page) {
  const typed = text.trim();
  if (!typed) return { address: "", error: "" };
  /** @param {string} error */
  const bad = (error) => ({ address: "", error });
  const url = parse(typed);
  if (!url) return bad(`“${typed}” is no address; expected one such as ${EXAMPLE}`);
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") return bad(`A relay’s address begins with wss:// or ws://, not with ${url.protocol}`);
  if (url.username || url.password || url.hash) return bad("A relay’s address has no user, password or fragment; a token is part of its path.");
  if (url.protocol === "ws:" && page.startsWith("https:") && !LOOPBACK.test(url.hostname)) return bad("This page came over https, so that the browser reaches no relay with ws://; use its wss:// address.");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return { address: url.href, error: "" };
}

export const EXAMPLE = "wss://relay.example/relay/TOKEN/";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What may be shown of an address: its path may hold a token. @param {string} address */
export const relayName = (address) => parse(address)?.host ?? address;

/** @param {string} text */
function parse(text) {
  try { return new URL(text); } catch { return null; }
}
