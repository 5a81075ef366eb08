// @ts-check
/** What a browser keeps of the page from one visit to the next. It is a comfort: a page that may not store works all the same. */

/** @param {string} key @param {string} fallback */
export function load(key, fallback) {
  try { return localStorage.getItem("stepwire." + key) ?? fallback; } catch { return fallback; }
}

/** @param {string} key @param {string} value */
export function save(key, value) {
  try { localStorage.setItem("stepwire." + key, value); } catch { /* storage is off, or full */ }
}
