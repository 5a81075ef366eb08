// @ts-check
/**
 * Keeps a copy of the page, so that it works offline after one visit.
 *
 * Where the site is laid out, `self.stepwire = { version, files, page }` is put
 * before this script: the address and SHA-256 of every file that the page can ask
 * for, and which of them it names. A version is kept whole or not at all, and each
 * file is checked, so that a copy never mixes two builds. Everything else passes
 * by untouched: the relay, the demonstrations, other methods, other origins, and
 * reset.html, which takes the copy away.
 */

/**
 * @typedef {{ waitUntil(work: Promise<unknown>): void }} Extendable
 * @typedef {Extendable & { request: Request, respondWith(answer: Promise<Response>): void }} Fetching
 * @typedef {Extendable & { data: unknown, source: { id: string } | null }} Messaging
 */

/** @type {{ version: string, files: [address: string, sha256: string][], page: string[] }} */
const { version, files, page } = /** @type {any} */ (self).stepwire;
const worker = /** @type {any} */ (self);
/** @type {ServiceWorkerRegistration} */
const registration = worker.registration;
const scope = new URL(registration.scope);

// Other copies may live under other paths of the same origin.
const prefix = `stepwire ${scope.pathname} `;
const own = prefix + version;
const known = new Set(files.map(([address]) => address));

/** The page, and the page as other sites may frame it: its headers differ. */
const PAGE = "./", EMBED = "./?embed";
/** Copies kept for pages that are still open, beside this one. */
const OLDER = 2;

/** The window that asked this worker to take over: it loads itself again. */
let asker = "";

worker.addEventListener("install", (/** @type {Extendable} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {Extendable} */ event) => event.waitUntil(forgetOthers()));
worker.addEventListener("message", (/** @type {Messaging} */ event) => {
  if (event.data !== "take over") return;
  asker = event.source?.id ?? "";
  event.waitUntil(worker.skipWaiting());
});
worker.addEventListener("fetch", (/** @type {Fetching} */ event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const address = addressOf(request);
  if (address === null) return;
  event.respondWith(answer(address, request));
  if (request.mode === "navigate") event.waitUntil(lookAgain());
});

/**
 * The address of one of our own files, relative to the scope; null for all else.
 * @param {Request} request
 */
function addressOf(request) {
  const url = new URL(request.url);
  if (url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return null;
  const name = url.pathname.slice(scope.pathname.length);
  if (name === "" || name === "index.html") {
    if (request.mode !== "navigate") return null;
    // As the server has it: only this spelling may be framed.
    return url.search === "?embed" || url.search.startsWith("?embed&") ? EMBED : PAGE;
  }
  const address = "./" + name + url.search;
  // A page of an older version that is still open asks for files of its own.
  return known.has(address) || /^(assets|client)\/./.test(name) ? address : null;
}

/** @param {string} address @param {Request} request */
async function answer(address, request) {
  const url = new URL(address, scope).href;
  // Not by open(), which would make the cache anew after it was taken away.
  return await caches.match(url, { cacheName: own }) ?? await matchOlder(url) ?? fetch(request);
}

/** @param {string} url */
async function matchOlder(url) {
  for (const name of await others()) {
    const kept = await caches.match(url, { cacheName: name });
    if (kept) return kept;
  }
}

/** The names of our other copies, oldest first. */
const others = async () => (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== own);

async function install() {
  // What an interrupted installation left: the page itself is kept last.
  for (const name of await others()) {
    if (!await caches.match(new URL(PAGE, scope).href, { cacheName: name })) await caches.delete(name);
  }
  const cache = await caches.open(own);
  try {
    for (const [address, sha256] of files) {
      const url = new URL(address, scope).href;
      const older = await matchOlder(url), content = older && await checked(older, sha256);
      await cache.put(url, content || await fetched(url, sha256));
    }
    for (const address of [EMBED, PAGE]) await keepPage(cache, address);
  } catch (error) {
    await caches.delete(own);
    throw error;
  }
}

/** @param {string} url @param {string} sha256 */
async function fetched(url, sha256) {
  // What the page has just loaded is in the browser's cache; so may be an error,
  // or a file of that name from before.
  const cached = await fetch(url, { cache: "force-cache", redirect: "error" }).catch(() => null);
  const content = cached?.ok && await checked(cached, sha256) || await checked(await load(url), sha256);
  if (!content) throw new Error(`${url} is not the file of version ${version}: the site may be changing just now`);
  return content;
}

/**
 * The page may have been edited where it is hosted, and its headers are the
 * server's: it is of this version when it names the files of this version.
 * @param {Cache} cache
 * @param {string} address
 */
async function keepPage(cache, address) {
  const url = new URL(address, scope).href, response = await load(url);
  const body = await response.arrayBuffer(), text = new TextDecoder().decode(body);
  if (!page.every((name) => text.includes(name))) throw new Error(`${url} is not the page of version ${version}: the site may be changing just now`);
  await cache.put(url, whole(body, response));
}

/** @param {string} url */
async function load(url) {
  const response = await fetch(url, { cache: "reload", redirect: "error" });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response;
}

/**
 * The response as it is kept, when its content is what it must be.
 * @param {Response} response
 * @param {string} sha256
 */
async function checked(response, sha256) {
  const body = await response.arrayBuffer();
  const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", body))].map((b) => b.toString(16).padStart(2, "0")).join("");
  return digest === sha256 && whole(body, response);
}

/** @param {ArrayBuffer} body @param {Response} response */
function whole(body, response) {
  const headers = new Headers(response.headers);
  // They are of the transfer that is over.
  for (const name of ["Content-Encoding", "Content-Length", "Vary"]) headers.delete(name);
  return new Response(body, { headers });
}

/** Older copies go; those of pages that are still open stay, within a bound. */
async function forgetOthers() {
  const open = (await worker.clients.matchAll({ type: "window", includeUncontrolled: true })).some((/** @type {{ id: string }} */ c) => c.id !== asker);
  const names = await others();
  for (const name of open ? names.slice(0, -OLDER) : names) await caches.delete(name);
}

/** When the server was last asked, ms. */
let looked = 0;

/**
 * What a copy would hide: that the page or its headers changed on the server,
 * within this version; and that the server has no worker any more. Browsers keep
 * one whose script is gone, so it takes itself away.
 */
async function lookAgain() {
  if (Date.now() - looked < 60_000) return;
  looked = Date.now();
  const script = await fetch(worker.location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (script?.status === 404 || script?.status === 410) {
    for (const name of [...await others(), own]) await caches.delete(name);
    await registration.unregister();
    return;
  }
  if (!await caches.has(own)) return;
  const cache = await caches.open(own);
  // Offline, or of another version: the browser looks for that one.
  for (const address of [EMBED, PAGE]) await keepPage(cache, address).catch(() => {});
}
