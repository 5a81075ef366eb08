// The measuring loops that all clients share. ?client= names the module here that
// knows one: open(query) gives {get, download, upload}, each from a number of
// bytes to the number that came (get, download) or that the server saw (upload);
// or measure, where the loops run elsewhere. Times are in ms.

const query = Object.fromEntries(new URLSearchParams(location.search));

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

function expect(what, got, want) {
	if (got !== want) throw new Error(`${what} of ${want} bytes: ${got} came`);
}

const loops = {
	async latency(client, n) {
		const times = new Float64Array(n);
		const start = performance.now();
		for (let i = 0; i < n; i++) {
			const one = performance.now();
			expect("GET", await client.get(1024), 1024);
			times[i] = performance.now() - one;
		}
		const total = performance.now() - start;
		times.sort();
		return { rate: n * 1000 / total, p50: at(times, 0.5), p99: at(times, 0.99) };
	},
	async download(client, n) {
		const start = performance.now();
		expect("download", await client.download(n), n);
		return { ms: performance.now() - start };
	},
	async upload(client, n) {
		const bytes = noise(n);
		const start = performance.now();
		expect("upload", await client.upload(bytes), n);
		return { ms: performance.now() - start };
	},
};

/** Made before the time is taken, once a size. */
let made = new Uint8Array();
function noise(n) {
	if (made.length !== n) {
		made = new Uint8Array(n);
		for (let at = 0; at < n; at += 65536) crypto.getRandomValues(made.subarray(at, at + 65536));
	}
	return made;
}

const opened = import(`./${query.client}.js`).then(({ open }) => open(query));

globalThis.bench = {
	/** From navigation to the end of the first GET. */
	async first() {
		const client = await opened;
		if (client.measure) await client.measure("latency", 1);
		else expect("GET", await client.get(1024), 1024);
		return { ms: performance.now() };
	},
	async run(what, n) {
		const client = await opened;
		return client.measure ? client.measure(what, n) : loops[what](client, n);
	},
};
