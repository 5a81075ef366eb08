importScripts("/go/wasm_exec.js", "/netshim/socket.js");

globalThis.started = () => postMessage([0]);

onmessage = async ({ data: [id, ...args] }) => {
	if (id === 0) {
		const go = new Go();
		go.argv = ["ingo", ...args];
		stepwireSocket.imports(go);
		const { instance } = await WebAssembly.instantiateStreaming(fetch("/built/ingo.wasm"), go.importObject);
		go.run(instance);
		return;
	}
	try {
		postMessage([id, await measure(...args)]);
	} catch (error) {
		postMessage([id, null, String(error)]);
	}
};
