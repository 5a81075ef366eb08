// What is measured in Chromium: each client with the relays it can use. `mine`
// and `wisp-js` are the relays' base addresses, ws://host:port/….

/** @type {Record<string, {label: string, client: string, relay?: "mine" | "wisp-js", query?: (relay: string) => Record<string, string>}>} */
export const targets = {
	stepwire: { label: "Stepwire", client: "stepwire", relay: "mine", query: (relay) => ({ relay }) },
	traced: { label: "Stepwire, tracing", client: "stepwire", relay: "mine", query: (relay) => ({ relay, trace: "on" }) },
	ingo: { label: "Stepwire, body kept in Go", client: "ingo", relay: "mine", query: (relay) => ({ relay }) },
	"libcurl-wisp": { label: "libcurl.js, Wisp, this relay", client: "libcurl", relay: "mine", query: (relay) => ({ relay, transport: "wisp" }) },
	"libcurl-wsproxy": { label: "libcurl.js, wsproxy, this relay", client: "libcurl", relay: "mine", query: (relay) => ({ relay, transport: "wsproxy" }) },
	"libcurl-wispjs": { label: "libcurl.js, Wisp, wisp-js", client: "libcurl", relay: "wisp-js", query: (relay) => ({ relay, transport: "wisp" }) },
	fetch: { label: "the browser's fetch, no relay", client: "fetch" },
	plain: { label: "plain JavaScript, wsproxy, this relay", client: "plain", relay: "mine", query: (relay) => ({ relay }) },
};
