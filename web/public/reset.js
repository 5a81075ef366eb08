// @ts-check
/**
 * Takes the offline copy away: the workers of this site's scope and the caches
 * they filled. It needs nothing of the built page, so that it works when that is
 * broken, and runs again as often as one likes. Preferences stay.
 */
(async () => {
  const scope = new URL("./", location.href).href, path = new URL(scope).pathname;
  const outcome = /** @type {HTMLElement} */ (document.getElementById("outcome"));
  try {
    let removed = 0;
    if (navigator.serviceWorker) {
      for (const registration of await navigator.serviceWorker.getRegistrations()) {
        if (registration.scope === scope && await registration.unregister()) removed++;
      }
    }
    if (globalThis.caches) {
      for (const name of await caches.keys()) {
        if (name.startsWith(`stepwire ${path} `) && await caches.delete(name)) removed++;
      }
    }
    outcome.textContent = removed ? "The copy of Stepwire that this browser kept is removed. The page comes from the server again." : "This browser keeps no copy of Stepwire: there was nothing to remove.";
  } catch (error) {
    outcome.textContent = `The copy could not be removed: ${error}. Clear the data of this site in the browser’s settings.`;
  }
})();
