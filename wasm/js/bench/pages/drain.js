/**
 * Counts the bytes of a stream without joining its chunks.
 * @param {ReadableStream<Uint8Array>} stream
 */
export async function drain(stream) {
	const reader = stream.getReader();
	let n = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return n;
		n += value.byteLength;
	}
}
