// Joins the module's own files into one, in the order of their imports. It
// knows only what these files use: named imports and exports from relative
// paths, declarations exported where they stand, and no two top-level names
// alike. What it does not know, it refuses.

import { readFileSync } from "node:fs";
import path from "node:path";

const importForm = /^import \{([^}]*)\} from "(\.\/[^"]+)";$/gm;
const reexportForm = /^export \{([^}]*)\} from "(\.\/[^"]+)";$/gm;

/**
 * @param {string} entry path of the file whose exports are kept
 * @param {Record<string, string>} [replaced] texts for modules, by file name
 * @returns {string}
 */
export function bundle(entry, replaced = {}) {
	entry = path.resolve(entry);
	/** @type {Map<string, string>} */
	const done = new Map();
	/** @type {Map<string, string>} */
	const topLevel = new Map();

	/** @param {string} file */
	const add = (file) => {
		if (done.has(file)) return;
		done.set(file, "");
		const name = path.basename(file);
		let text = replaced[name] ?? readFileSync(file, "utf8");
		for (const form of [importForm, reexportForm]) {
			for (const [, names, from] of text.matchAll(form)) {
				if (/\bas\b/.test(names)) throw new Error(`${name}: a renaming import of ${from} cannot be bundled`);
				add(path.resolve(path.dirname(file), from));
			}
		}
		text = text.replace(importForm, "").replace("// @ts-check\n", "");
		if (file === entry) {
			text = text.replace(reexportForm, "export {$1};");
		} else {
			text = text.replace(/^export \{ (\w+) as (\w+) \};$/gm, "const $2 = $1;");
			text = text.replace(/^export (?=(async )?(class|function|const|let)\b)/gm, "");
		}
		if (/^import\b/m.test(text) || (file !== entry && /^export\b/m.test(text))) {
			throw new Error(`${name}: has an import or export of a form that cannot be bundled`);
		}
		for (const [, declared] of text.matchAll(/^(?:async )?(?:class|function|const|let) (\w+)/gm)) {
			const other = topLevel.get(declared);
			if (other !== undefined) throw new Error(`${name} and ${other} both declare ${declared}`);
			topLevel.set(declared, name);
		}
		done.delete(file); // after those it imports
		done.set(file, text.trim());
	};
	add(entry);
	return [...done.values()].join("\n\n") + "\n";
}

/**
 * A script without the lines that are comments only and without indentation,
 * which are a third of what a page would load. A notice of copyright at its
 * head stays. It does not take a script apart, so it refuses a template that
 * spans lines.
 * @param {string} name
 * @param {string} text
 * @returns {string}
 */
export function withoutComments(name, text) {
	const notice = /^(?:\/\/.*\n)*\/\/ Copyright.*\n(?:\/\/.*\n)*/.exec(text)?.[0] ?? "";
	const code = text.slice(notice.length)
		.replace(/^[ \t]*\/\*(?:(?!\*\/)[^])*\*\/[ \t]*$/gm, "")
		.replace(/^[ \t]*\/\/.*$/gm, "")
		.replace(/^[ \t]+/gm, "")
		.replace(/\n{2,}/g, "\n");
	for (const line of code.split("\n")) {
		if (line.split("`").length % 2 === 0) throw new Error(`${name}: a template spans lines: ${line}`);
	}
	return notice + code;
}
