// @ts-check
/**
 * <stepwire-player src="recording.json">: a recording in any page, from this one
 * script. It stands in a shadow tree of its own, so that neither page nor player
 * sees the other's styles and ids.
 *
 *   src     address of a recording, or of anything that decodes into one: HAR, pcapng, …
 *   step    how many calls have been made when it opens; all of them if it is left out
 *   view    one pane alone: calls, state, bytes or explain
 *   height  in CSS pixels; or give the element a height by CSS (480 px if neither does)
 *   theme   light or dark; else as the reader's system has it
 *   label   what a screen reader calls it
 *
 * As with an img, the events load and error tell how it went.
 */
import tokens from "./styles/tokens.css?inline";
import base from "./styles/base.css?inline";
import app from "./styles/app.css?inline";
import toolbar from "./styles/toolbar.css?inline";
import program from "./styles/program.css?inline";
import diagram from "./styles/diagram.css?inline";
import tree from "./styles/tree.css?inline";
import hex from "./styles/hex.css?inline";
import explain from "./styles/explain.css?inline";
import player from "./styles/player.css?inline";
import { fetchRecording, playerSession, readStep, seekTo, showRecording } from "./player-source.js";
import { PANES } from "./views/sw-player.js";

/** @import { SwPlayer } from "./views/sw-player.js" */

const HOST = `
:host { all: initial; display: block; box-sizing: border-box; height: 480px; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
:host([hidden]) { display: none; }
@media print { :host { height: auto; } }
`;

/** What the styles say of the page's root is said of the element. */
const scoped = [tokens, base, app, toolbar, program, diagram, tree, hex, explain, player]
  .map((css) => css.replace(/:root(\[[^\]]*\]|:not\([^)]*\))/g, ":host($1)").replaceAll(":root", ":host")).join("\n") + HOST;

/** @type {CSSStyleSheet | null} */
let sheet = null;

// Beside this script: the tools, which read the recordings.
const clientURL = new URL(/* @vite-ignore */ "./client/index.js", import.meta.url).href;

export class StepwirePlayer extends HTMLElement {
  static observedAttributes = ["src", "step", "view", "height", "theme", "label"];

  /** @type {AbortController | null} */
  #loading = null;
  #session = playerSession(clientURL);
  #view = /** @type {SwPlayer} */ (document.createElement("sw-player"));
  #announced = -1;

  constructor() {
    super();
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(scoped);
    }
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#view.session = this.#session;
    root.append(this.#view);
    this.#session.addEventListener("change", () => this.#changed());
  }

  connectedCallback() {
    if (this.#view.status.phase === "empty") void this.#load();
  }

  disconnectedCallback() {
    this.#loading?.abort();
    if (this.#view.status.phase === "loading") this.#view.status = { phase: "empty", what: "", error: "", pct: 0 };
  }

  /** @param {string} name @param {string | null} before @param {string | null} value */
  attributeChangedCallback(name, before, value) {
    if (before === value) return;
    switch (name) {
      case "src":
        if (this.isConnected) void this.#load();
        break;
      case "step":
        if (this.#view.status.phase !== "ready") break;
        try {
          const step = readStep(value);
          if (step !== null) seekTo(this.#session, step);
        } catch (e) {
          this.#fail(e);
        }
        break;
      case "view": this.#view.only = PANES.some(([id]) => id === value) ? String(value) : ""; break;
      case "height": this.style.height = value && /^\d+$/.test(value) ? `${value}px` : ""; break;
      case "theme":
        if (value === "light" || value === "dark") this.dataset.theme = value;
        else delete this.dataset.theme;
        break;
      case "label": this.#view.name = value || "Recording"; break;
    }
  }

  get src() { return this.getAttribute("src") ?? ""; }
  set src(value) { this.setAttribute("src", value); }

  /** How many calls have been made at what is shown. */
  get step() { return this.#session.view.steps; }
  set step(value) { seekTo(this.#session, Math.max(0, Math.trunc(value))); }

  /** Shows a recording that the page has already. @param {string | Blob | object} recording */
  async show(recording) {
    this.#loading?.abort();
    const data = typeof recording === "string" || recording instanceof Blob ? recording : JSON.stringify(recording);
    await this.#decode(data, "", new AbortController());
  }

  async #load() {
    this.#loading?.abort();
    const { src } = this;
    if (!src) { this.#view.status = { phase: "empty", what: "", error: "", pct: 0 }; return; }
    const loading = (this.#loading = new AbortController());
    this.#view.status = { phase: "loading", what: src, error: "", pct: 0 };
    try {
      const url = new URL(src, document.baseURI);
      const data = await fetchRecording(url, { signal: loading.signal, progress: (n, of) => {
        if (of && loading === this.#loading) this.#view.status = { phase: "loading", what: src, error: "", pct: Math.round((100 * n) / of) };
      } });
      await this.#decode(data, url.pathname.split("/").pop() ?? "", loading);
    } catch (e) {
      if (!loading.signal.aborted) this.#fail(e);
    }
  }

  /** @param {string | Blob} data @param {string} name @param {AbortController} loading */
  async #decode(data, name, loading) {
    this.#loading = loading;
    try {
      const step = readStep(this.getAttribute("step")), view = this.getAttribute("view");
      if (view && !PANES.some(([id]) => id === view)) throw new Error(`view must be one of ${PANES.map(([id]) => id).join(", ")}, not ${JSON.stringify(view.slice(0, 40))}.`);
      await showRecording(this.#session, data, name, step);
      if (loading.signal.aborted) return;
      this.#view.status = { phase: "ready", what: name, error: "", pct: 0 };
      this.dispatchEvent(new Event("load"));
    } catch (e) {
      if (!loading.signal.aborted) this.#fail(e);
    }
  }

  /** @param {unknown} e */
  #fail(e) {
    this.#view.status = { phase: "failed", what: this.src, error: String(/** @type {any} */ (e)?.message ?? e), pct: 0 };
    this.dispatchEvent(new Event("error"));
  }

  /** Tells the page of each step, once. */
  #changed() {
    const { step } = this;
    if (this.#view.status.phase !== "ready" || step === this.#announced) return;
    this.#announced = step;
    this.dispatchEvent(new Event("step"));
  }
}

if (!customElements.get("stepwire-player")) customElements.define("stepwire-player", StepwirePlayer);
