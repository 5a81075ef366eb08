// @ts-check
/** Trusted Types: script URLs may only be those of the client module's own folder. */

/** @param {URL} folder */
export function allowClientScripts(folder) {
  const types = /** @type {any} */ (globalThis).trustedTypes;
  types?.createPolicy("default", {
    /** @param {string} url */
    createScriptURL(url) {
      const to = new URL(url, document.baseURI);
      if (to.protocol === "blob:" || !to.href.startsWith(folder.href)) throw new TypeError(`no script may be loaded from ${to.href}`);
      return to.href;
    },
  });
}
