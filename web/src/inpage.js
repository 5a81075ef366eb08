// @ts-check
/**
 * The server in this page: chosen by a person, or standing in where no server
 * with demonstrations answers beside the page. The module that has it is loaded
 * when it is first needed.
 */
import { IN_PAGE, isInPage, peerOf } from "./model/line.js";
import { errorView } from "./model/exception.js";

/** @import { Run } from "./run.js" */
/** @import { Session } from "./session.js" */

export class InPage {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    /** @type {{ phase: "none" | "loading" | "ready" | "failed", loaded: number, total: number }} */
    this.status = { phase: "none", loaded: 0, total: 0 };
    /** Whether nothing beside the page has demonstrations, so that they are here. */
    this.standsIn = false;
    /** Whether that is still to be told. */
    this.news = false;
    /** Which client has the module. @type {unknown} */
    this.client = null;
  }

  /** Whether the request that is composed goes to it. */
  get chosen() { return isInPage(this.session.composer.origin); }

  /** Whether the bytes of the run that is shown never left the page. */
  get shown() { return isInPage(this.session.current.host); }

  /** What a connection of the run is given, beside what others are. @param {Run} run */
  options(run) {
    return isInPage(run.host) ? { peer: peerOf(run.faults) } : {};
  }

  /** Lists the demonstrations that the page has itself. */
  async standIn() {
    const s = this.session;
    try {
      const { default: list } = await import("./texts/demos.json");
      s.demos = { phase: "ready", origin: IN_PAGE, secure: { origin: IN_PAGE, ca: "" }, list: /** @type {any} */ (list), error: "" };
      this.standsIn = this.news = true;
      s.announce("No server answers beside this page, so it runs the demonstrations’ server itself.");
    } catch (e) {
      s.demos = { phase: "failed", origin: "", secure: null, list: [], error: errorView(e, "page").message };
    }
  }

  /** Goes over to the server in the page, or back through the relay. @param {boolean} chosen */
  choose(chosen) {
    const s = this.session, { composer, demos } = s;
    if (chosen === this.chosen) return;
    if (chosen) s.compose({ origin: IN_PAGE });
    // Without demonstrations there is nothing to go back to but an empty field.
    else if (this.standsIn || !demos.origin) s.compose({ origin: "", demo: "" });
    else s.compose({ origin: composer.tls && demos.secure ? demos.secure.origin : demos.origin, tls: composer.tls && demos.secure !== null });
  }

  /** Loads the module ahead of the first connection. */
  async load() {
    const s = this.session, { client } = s;
    if (!client || (client === this.client && this.status.phase !== "failed")) return;
    this.client = client;
    this.status = { phase: "loading", loaded: 0, total: 0 };
    s.changed();
    try {
      await client.loadInPage({
        onProgress: (/** @type {number} */ loaded, /** @type {number} */ total) => {
          if (client === this.client) this.status = { ...this.status, loaded, total };
          s.changed();
        },
      });
      if (client !== this.client) return;
      this.status = { phase: "ready", loaded: 0, total: 0 };
      s.announce("The server in this page is ready.");
    } catch (e) {
      if (client !== s.client) return; // closed for another relay's
      this.status = { phase: "failed", loaded: 0, total: 0 };
      s.notice = { title: "The server in this page could not be loaded.", text: errorView(e, "page").message, fix: "Check the network, then choose it again: it is loaded once.", party: "page" };
      s.announce("The server in this page could not be loaded.");
    }
  }
}
