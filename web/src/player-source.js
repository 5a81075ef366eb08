// @ts-check
/**
 * Where a player's recording comes from. A player has the tools, which reach
 * nobody, and no client: there is nothing in it that could open a connection.
 */
import { MAX_FILE } from "./files.js";
import { Session } from "./session.js";

/** One set of tools for all players of a page. @type {Promise<any> | null} */
let tools = null;

/**
 * A session that only shows.
 * @param {string} clientURL the client module, which has the tools
 */
export function playerSession(clientURL) {
  const session = new Session({
    importClient: async () => ({
      load: () => Promise.reject(new Error("a player makes no calls")),
      loadTools: async (/** @type {any} */ options) => {
        tools ??= import(/* @vite-ignore */ clientURL).then((module) => module.loadTools(options));
        tools.catch(() => { tools = null; }); // the next player tries again
        const loaded = await tools;
        session.machine = loaded.machine;
        return loaded;
      },
    }),
    fetchDemos: () => Promise.reject(new Error("a player has no demonstrations")),
  });
  return session;
}

/**
 * The bytes at an address, as many as are read at all.
 * @param {URL} url
 * @param {{ signal: AbortSignal, mode?: RequestMode, progress?(loaded: number, total: number): void }} options
 */
export async function fetchRecording(url, { signal, mode, progress }) {
  const response = await fetch(url, { signal, mode }).catch((e) => {
    throw signal.aborted ? e : new Error(`It could not be fetched${url.origin === location.origin || mode === "same-origin" ? "" : "; a file of another site needs that site’s leave (Access-Control-Allow-Origin)"}.`);
  });
  if (!response.ok) throw new Error(`The server answered ${response.status} ${response.statusText}.`.replace(" .", "."));
  const total = response.headers.has("Content-Encoding") ? 0 : Number(response.headers.get("Content-Length"));
  /** @type {BlobPart[]} */
  const parts = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (!part || part.done) break;
    size += part.value.length;
    if (size > MAX_FILE) {
      void reader?.cancel();
      throw new Error(`It has more than ${MAX_FILE >> 20} MiB, which is the most that is read.`);
    }
    parts.push(part.value);
    progress?.(size, total);
  }
  return new Blob(parts);
}

/**
 * Shows a recording, or anything that decodes into one, from step `step` on.
 * @param {Session} session
 * @param {string | Blob} data
 * @param {string} name
 * @param {number | null} step null: all of it
 */
export async function showRecording(session, data, name, step) {
  await session.files.decode(data, { name });
  session.runs = [session.current]; // what was shown before is gone
  if (step !== null) seekTo(session, step);
}

/** @param {Session} session @param {number} step steps made: 0 is before the first */
export function seekTo(session, step) {
  const { length } = session.current.log.steps;
  if (length) session.seek(Math.min(step, length) - 1); // bytes without calls are shown whole
}

/** A step as an attribute or a query gives it; null when it gives none. @param {string | null} text */
export function readStep(text) {
  if (text === null || text === "") return null;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`step must be a whole number from 0, not ${JSON.stringify(text.slice(0, 40))}.`);
  return Number(text);
}
