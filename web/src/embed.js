// @ts-check
/**
 * The page in a frame of another one: `?embed`, with a recording of this origin
 * (`&src=recording.json`) or a link (`#v1.…`), and `&step=`, `&view=`, `&theme=`.
 *
 * Any site may frame it, and could lay it, unseen, under a button of its own: a
 * click meant for that button would land here. So nothing that is clicked here
 * sends anything. A link to a demonstration runs with the server in this page, and
 * the client behind it has that one to talk to and no other; what calls servers is
 * the whole page, a link away and in a window of its own, where nobody can lie
 * over it.
 */
import { callsText, isLink } from "./files.js";
import { composerOf } from "./model/compose.js";
import { checkCall } from "./model/guard.js";
import { IN_PAGE, faultsOf, isInPage } from "./model/line.js";
import { fetchRecording, playerSession, readStep, showRecording } from "./player-source.js";
import { PANES } from "./views/sw-player.js";

/** @import { Session } from "./session.js" */
/** @import { PlayerStatus, SwPlayer } from "./views/sw-player.js" */

/**
 * Whether this page must not send: it was asked for to be embedded, or it is in a
 * frame that no policy of its host has allowed. A host without headers lets any
 * site frame it, and then `?embed` is not for that site to leave out.
 */
export async function isEmbedded() {
  if (new URLSearchParams(location.search).has("embed")) return true;
  if (window.top === window.self) return false;
  const policy = await fetch(location.href, { method: "HEAD", cache: "no-store" }).then((r) => r.headers.get("Content-Security-Policy"), () => null);
  return !/(^|;)\s*frame-ancestors\s/i.test(policy ?? "");
}

/** Shows nothing but the player. @param {string} clientURL */
export function showEmbedded(clientURL) {
  const query = new URLSearchParams(location.search), theme = query.get("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.title = "Stepwire: a recording";
  const player = /** @type {SwPlayer} */ (document.createElement("sw-player"));
  const main = document.createElement("main");
  main.className = "embedded";
  const title = document.createElement("h1");
  title.className = "sr-only";
  title.textContent = "Stepwire";
  main.append(title, player);
  document.getElementById("skeleton")?.remove();
  document.body.append(main);

  const open = () => void load(player, playerSession(clientURL), query, clientURL);
  addEventListener("hashchange", () => { if (isLink(location.hash)) open(); });
  open();
}

/** @param {SwPlayer} player @param {Session} session @param {URLSearchParams} query @param {string} clientURL */
async function load(player, session, query, clientURL) {
  const src = query.get("src"), what = src ?? (isLink(location.hash) ? "a link" : "");
  /** @param {PlayerStatus["phase"]} phase @param {string} [error] @param {number} [pct] */
  const enter = (phase, error = "", pct = 0) => { player.status = { phase, what, error, pct }; };
  player.session = session;
  if (!what) { enter("failed", "The address names neither a recording (?embed&src=recording.json) nor a link (#v1.…)."); return; }
  enter("loading");
  try {
    const step = readStep(query.get("step")), view = query.get("view");
    if (view && !PANES.some(([id]) => id === view)) throw new Error(`view must be one of ${PANES.map(([id]) => id).join(", ")}, not ${JSON.stringify(view.slice(0, 40))}.`);
    player.only = view ?? "";
    if (src === null) await layOut(player, session, clientURL);
    else {
      const url = new URL(src, document.baseURI);
      if (url.origin !== location.origin) throw new Error(`A recording must come from ${location.origin}, where this page is.`);
      const data = await fetchRecording(url, { signal: new AbortController().signal, mode: "same-origin", progress: (n, of) => { if (of) enter("loading", "", Math.round((100 * n) / of)); } });
      await showRecording(session, data, url.pathname.split("/").pop() ?? "", step);
      player.name = `Recording ${url.pathname.split("/").pop()}`;
    }
    enter("ready");
  } catch (e) {
    enter("failed", String(/** @type {any} */ (e)?.message ?? e));
  }
}

/** Lists the calls of a link. @param {SwPlayer} player @param {Session} session @param {string} clientURL */
async function layOut(player, session, clientURL) {
  const fragment = location.hash;
  const link = await (await session.files.tools()).decodePermalink(fragment);
  const calls = (link.calls ?? []).map((/** @type {any} */ c, /** @type {number} */ i) => checkCall(c, `call ${i + 1}`));
  const { host = "", port = null, demo = "" } = link;
  // Every demonstration is in this page, whichever server the link has it from.
  const here = Boolean(demo) || isInPage(host);
  const origin = here ? IN_PAGE : `${host.includes(":") ? `[${host}]` : host}${port == null ? "" : `:${port}`}`;
  if (isInPage(host)) session.faults = faultsOf(link.line);
  session.open({ ...composerOf(calls), tls: link.tls === true, demo: "", origin }, calls);
  session.files.linked = { step: link.step || calls.length, range: link.range ?? null, left: [], where: origin, calls: calls.length };
  player.name = "Calls of a link";
  const text = `${callsText(calls.length)} to ${demo ? `the demonstration ${JSON.stringify(String(demo).slice(0, 60))}` : origin || "no server"}, not made yet.`;
  const href = new URL(`./${fragment}`, document.baseURI).href;
  player.note = here && calls.length
    ? { text, href, run: () => void runHere(player, session, clientURL) }
    : { text: `${text} They are not made from within another page, which could place your click.`, href };
}

/** Makes the calls of a link with the server in this page. @param {SwPlayer} player @param {Session} session @param {string} clientURL */
async function runHere(player, session, clientURL) {
  const note = /** @type {import("./views/sw-player.js").PlayerNote} */ (player.note);
  player.note = { ...note, text: "Loading the client and its server…", run: () => {} };
  try {
    session.client ??= inPageOnly(await (await import(/* @vite-ignore */ clientURL)).load());
    await session.inPage.load();
    if (session.inPage.status.phase !== "ready") throw new Error(session.notice?.text);
  } catch (e) {
    player.note = { ...note, text: `The server in this page could not be loaded: ${/** @type {any} */ (e)?.message ?? e}` };
    return;
  }
  if (player.session !== session) return; // another link was opened meanwhile
  session.status = { phase: "ready", loaded: 0, total: 0, error: null };
  const focused = player.querySelector(".player-note :focus") !== null;
  player.note = { text: "Made with the server in this page: nothing is sent.", href: note.href };
  await player.updateComplete;
  const toolbar = /** @type {import("./views/sw-toolbar.js").SwToolbar} */ (player.querySelector("sw-toolbar"));
  await toolbar.updateComplete;
  if (focused) /** @type {HTMLElement} */ (toolbar.querySelector("[aria-label=Step]")).focus();
  await session.files.runLinked();
}

/** A client that talks to servers in this page alone. @param {any} client */
function inPageOnly(client) {
  /** @param {any} options */
  const held = (options) => {
    if (!options?.peer) throw new Error("a frame reaches no server but the one in this page");
    return options;
  };
  return {
    machine: client.machine,
    version: client.version,
    loadTLS: (/** @type {any} */ options) => client.loadTLS(options),
    loadInPage: (/** @type {any} */ options) => client.loadInPage(options),
    httpConnection: (/** @type {string} */ host, /** @type {any} */ options) => client.httpConnection(host, held(options)),
    httpsConnection: (/** @type {string} */ host, /** @type {any} */ options) => client.httpsConnection(host, held(options)),
    close: () => client.close(),
  };
}
