// Hardly an HTTP client: as little JavaScript as gets a body with a Content-Length
// through a wsproxy relay, and so about the most that one can reach.
const PIECE = 64 << 10;
const AHEAD = 4 << 20;

export async function open({ relay }) {
	const socket = new WebSocket(relay + location.host);
	socket.binaryType = "arraybuffer";
	await new Promise((resolve, reject) => {
		socket.onopen = resolve;
		socket.onerror = () => reject(new Error("the relay refused the WebSocket"));
	});
	const decoder = new TextDecoder("latin1");
	let head = "";
	let left = -1; // bytes of the body to come; -1 in the head
	let size = 0;
	let text = "";
	let answered = () => {};
	socket.onmessage = ({ data }) => {
		let bytes = new Uint8Array(data);
		if (left < 0) {
			const before = head.length;
			head += decoder.decode(bytes.subarray(0, 16 << 10));
			const end = head.indexOf("\r\n\r\n");
			if (end < 0) return;
			size = left = Number(/content-length: *(\d+)/i.exec(head)[1]);
			bytes = bytes.subarray(end + 4 - before);
			text = "";
		}
		left -= bytes.length;
		if (size < 32) text += decoder.decode(bytes);
		if (left > 0) return;
		left = -1;
		head = "";
		answered();
	};
	const exchange = (start, fields = "") => new Promise((resolve) => {
		answered = resolve;
		socket.send(new TextEncoder().encode(`${start} HTTP/1.1\r\nHost: ${location.host}\r\n${fields}\r\n`));
	});
	const get = async (n) => {
		await exchange(`GET /bytes?n=${n}`);
		return size;
	};
	return {
		get,
		download: get,
		async upload(body) {
			const answer = exchange("POST /upload", `Content-Length: ${body.length}\r\n`);
			for (let at = 0; at < body.length; at += PIECE) {
				socket.send(body.subarray(at, at + PIECE));
				while (socket.bufferedAmount > AHEAD) await new Promise((resolve) => setTimeout(resolve));
			}
			await answer;
			return Number(text);
		},
	};
}
