// This project's client as a Go program in a Worker uses it: see ../ingo.
export function open({ relay }) {
	const worker = new Worker("ingo-worker.js");
	let last = 0;
	const waiting = new Map();
	return new Promise((resolve, reject) => {
		worker.onerror = (event) => reject(new Error(event.message));
		worker.onmessage = ({ data: [id, value, error] }) => {
			if (id === 0) {
				resolve({
					measure: (what, n) => new Promise((done, fail) => {
						waiting.set(++last, { done, fail });
						worker.postMessage([last, what, n]);
					}),
				});
				return;
			}
			const { done, fail } = waiting.get(id);
			waiting.delete(id);
			if (error === undefined) done(value);
			else fail(new Error(error));
		};
		worker.postMessage([0, relay, location.hostname, location.port]);
	});
}
