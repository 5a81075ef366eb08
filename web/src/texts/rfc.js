// @ts-check
/** Links to the standards. */

/** Standards that are no RFCs, by the names they go by. @type {Record<string, string>} */
const ELSEWHERE = {
  "CSP": "https://www.w3.org/TR/CSP3/",
  "Fetch": "https://fetch.spec.whatwg.org/",
  "Fetch Metadata": "https://www.w3.org/TR/fetch-metadata/",
  "Permissions Policy": "https://www.w3.org/TR/permissions-policy/",
  "Referrer Policy": "https://www.w3.org/TR/referrer-policy/",
  "Server Timing": "https://www.w3.org/TR/server-timing/",
  "Trace Context": "https://www.w3.org/TR/trace-context/",
  "Upgrade Insecure Requests": "https://www.w3.org/TR/upgrade-insecure-requests/",
};

/** Where `9112 §5.1`, or `Fetch #origin-header`, can be read, or null when it names no section. @param {string | undefined} ref */
export function rfcLink(ref) {
  const [, name, anchor] = /^([A-Z][A-Za-z ]+) #([a-z-]+)$/.exec(ref ?? "") ?? [];
  if (Object.hasOwn(ELSEWHERE, name ?? "")) return { href: `${ELSEWHERE[name]}#${anchor}`, label: name };
  const m = /^(?:RFC\s*)?(\d{3,5})(?:\s*§\s*([0-9A-Z.]+))?$/.exec(ref ?? "");
  if (!m) return null;
  const [, n, section] = m;
  return {
    href: `https://www.rfc-editor.org/rfc/rfc${n}.html${section ? "#section-" + section : ""}`,
    label: `RFC ${n}${section ? " §" + section : ""}`,
  };
}
