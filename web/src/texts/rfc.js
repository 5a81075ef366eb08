// @ts-check
/** Links to the standards. */

/** Where `9112 §5.1` can be read, or null when it names no section. @param {string | undefined} ref */
export function rfcLink(ref) {
  const m = /^(?:RFC\s*)?(\d{3,5})(?:\s*§\s*([0-9A-Z.]+))?/.exec(ref ?? "");
  if (!m) return null;
  const [, n, section] = m;
  return {
    href: `https://www.rfc-editor.org/rfc/rfc${n}.html${section ? "#section-" + section : ""}`,
    label: `RFC ${n}${section ? " §" + section : ""}`,
  };
}
