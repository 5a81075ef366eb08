// @ts-check
/**
 * The copy of the page that works offline: keeps it by a service worker, and
 * knows whether a newer version waits. Nothing is replaced under an open page:
 * the new version comes when it is asked for, or when no page is open any more.
 */

/** @typedef {"off" | "unsupported" | "saving" | "ready" | "update" | "failed"} OfflinePhase */

/** How often a page that stays open looks for a newer version, ms. */
const LOOK = 60 * 60 * 1000;

export class Offline extends EventTarget {
  /** @param {string | null} script the worker's address; null where the site was built without */
  constructor(script) {
    super();
    this.script = script;
    /** @type {OfflinePhase} */
    this.phase = script ? "saving" : "off";
    /** Why the copy could not be kept. */
    this.error = "";
    /** @type {ServiceWorkerRegistration | null} */
    this.registration = null;
    this.looked = Date.now();
    this.asked = false;
  }

  /** @param {OfflinePhase} phase @param {string} [error] */
  #enter(phase, error = "") {
    this.phase = phase;
    this.error = error;
    this.dispatchEvent(new Event("change"));
  }

  /** Begins to keep a copy: late, so that it takes nothing from what is looked at. */
  async start() {
    if (!this.script) return;
    if (!navigator.serviceWorker) { this.#enter("unsupported"); return; }
    try {
      const r = await navigator.serviceWorker.register(trusted(this.script), { updateViaCache: "none" });
      this.registration = r;
      r.addEventListener("updatefound", () => this.#watch(r));
      this.#watch(r);
      navigator.serviceWorker.addEventListener("controllerchange", () => { if (this.asked) location.reload(); });
      document.addEventListener("visibilitychange", () => this.#look());
    } catch (e) {
      this.#enter("failed", String(/** @type {any} */ (e)?.message ?? e));
    }
  }

  /** @param {ServiceWorkerRegistration} r */
  #watch(r) {
    if (r.waiting && r.active) this.#enter("update");
    else if (r.installing) {
      const worker = r.installing;
      if (!r.active) this.#enter("saving");
      worker.addEventListener("statechange", () => {
        if (worker.state === "redundant" && !r.active) this.#enter("failed", "The files did not all arrive as they were built.");
        else if (worker.state !== "redundant") this.#watch(r);
      });
    } else if (r.active) this.#enter("ready");
  }

  async #look() {
    if (document.visibilityState !== "visible" || Date.now() - this.looked < LOOK) return;
    this.looked = Date.now();
    // Offline, or a server that does not answer: the next time.
    await this.registration?.update().catch(() => {});
  }

  /** Loads the page again as its newer version. */
  update() {
    const waiting = this.registration?.waiting;
    if (!waiting) return;
    this.asked = true;
    waiting.postMessage("take over");
  }
}

/** The address as a page with Trusted Types takes it: it comes from the page itself. @param {string} address @returns {string} */
function trusted(address) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  const url = new URL(address, document.baseURI);
  if (url.origin !== location.origin) throw new Error(`the worker must come from ${location.origin}, not from ${url.origin}`);
  return trustedTypes ? trustedTypes.createPolicy("stepwire-offline", { createScriptURL: String }).createScriptURL(url.href) : url.href;
}
