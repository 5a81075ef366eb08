// @ts-check
/** The entry: styles, policies, the session, the shell. */
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/app.css";
import "./styles/toolbar.css";
import "./styles/composer.css";
import "./styles/relay.css";
import "./styles/line.css";
import "./styles/program.css";
import "./styles/palette.css";
import "./styles/breakpoints.css";
import "./styles/raw.css";
import "./styles/diagram.css";
import "./styles/ladder.css";
import "./styles/response.css";
import "./styles/tree.css";
import "./styles/hex.css";
import "./styles/explain.css";
import "./styles/files.css";
import "./styles/tls.css";
import "./styles/wire.css";
import "./styles/print.css";
import "./styles/player.css";
import { namedRelay } from "./model/relay.js";
import { load, save } from "./preferences.js";
import { isEmbedded, showEmbedded } from "./embed.js";
import { Offline } from "./offline.js";
import { isLink } from "./files.js";
import { Session } from "./session.js";
import "./views/sw-app.js";

/** @import { SwApp } from "./views/sw-app.js" */

// The client is not bundled: other pages import the same file.
const clientURL = new URL(named("stepwire-client") ?? "client/index.js", document.baseURI);

/** How long the server beside the page may take to list its demonstrations, ms; then the page has them itself. */
const PATIENCE = 10_000;

const session = new Session({
  importClient: () => import(/* @vite-ignore */ clientURL.href),
  fetchDemos: async () => {
    const response = await fetch(new URL("demo.json", document.baseURI), { signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(`demo.json: ${response.status} ${response.statusText}`);
    return response.json();
  },
  relay: { chosen: load("relay", ""), named: namedRelay(document), keep: (address) => save("relay", address) },
});

if (await isEmbedded()) showEmbedded(clientURL.href);
else showAll();

function showAll() {
  const app = /** @type {SwApp} */ (document.createElement("sw-app"));
  const offline = new Offline(named("stepwire-offline"));
  app.session = session;
  app.offline = offline;
  document.getElementById("skeleton")?.remove();
  document.body.append(app);
  void session.start(location.hash).then(() => offline.start());
  addEventListener("hashchange", () => { if (isLink(location.hash)) void session.files.openLink(location.hash); });
}

/** What the finished site says in its page; null in one that is not laid out. @param {string} name */
function named(name) {
  return /** @type {HTMLMetaElement | null} */ (document.querySelector(`meta[name="${name}"]`))?.content ?? null;
}
