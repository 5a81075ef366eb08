// What a run was measured on.

import { cpus, loadavg, release, totalmem, type } from "node:os";

/** load: the processes that wanted to run, on average over the last minute. */
export function machine() {
	return {
		when: new Date().toISOString(),
		processor: cpus()[0].model.trim(),
		cores: cpus().length,
		memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
		system: `${type()} ${release()}`,
		node: process.version,
		load: Number(loadavg()[0].toFixed(2)),
	};
}
