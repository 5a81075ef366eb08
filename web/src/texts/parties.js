// @ts-check
/** Whose fault a failure is, in words. */

/** @type {Record<string, { label: string, text: string }>} */
export const PARTIES = {
  caller: { label: "the calling code", text: "The call does not fit the connection’s state, or its arguments are not usable. Nothing is wrong with the network or the server." },
  server: { label: "the server", text: "The request was legal and went out; what came back, or that nothing did, is not a usable response." },
  network: { label: "the network", text: "The transport to the server failed before or while bytes were exchanged. HTTP itself is not at fault." },
  relay: { label: "the relay", text: "The relay between this page and the server refused or could not be reached. The server was never asked." },
  client: { label: "the client module", text: "The page could not load or keep running what makes the calls. Neither the network nor the server is at fault." },
  page: { label: "this page", text: "The page could not load what it needs to run the client." },
};
